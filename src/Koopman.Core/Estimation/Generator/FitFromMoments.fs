namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>
/// Fits from blocks of moments, as <c>Streaming.moments</c> returns them; the data are no longer needed. Error bars are those of
/// the block jackknife; residuals come from the moments of the block that was left out.
/// </summary>
[<RequireQualifiedAccess>]
module FitFromMoments =

    let private check (kind: MomentKind) (observables: Observables) (blocks: Moments[]) : Outcome<unit> =
        if blocks.Length < 5 then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{blocks.Length} block(s) of moments are too few for an error bar"
                "Give at least 5 contiguous blocks of the data; 20 are usual"
        elif blocks |> Array.exists (fun block -> block.Kind <> kind) then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The moments are not of the kind that this fit needs"
                "Use Moments.ofPairs for propagators and Moments.ofSamples for the Langevin generator"
        elif
            blocks
            |> Array.exists (fun block -> block.Sum0.shape[0] <> int64 observables.Count)
        then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The moments are not those of {observables.Count} observables"
                "Give the observables with which the moments were made"
        elif
            blocks
            |> Array.exists (fun block -> not (Double.IsFinite block.Weight && block.Weight > 0.0))
        then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "A block of moments has no weight"
                "Leave out blocks whose samples all have weight 0"
        else
            Ok()

    let private countOf (blocks: Moments[]) : string =
        $"{blocks |> Array.sumBy _.Weight:G6} samples in {blocks.Length} blocks"

    /// A self-adjoint operator: eigenvalues without each block, matched by rank, and the modes with jackknife error bars.
    let private selfAdjoint
        (order: Fitting.Order)
        (cut: float)
        (wanted: int)
        (convention: Convention)
        (keep: float -> bool)
        (observables: Observables)
        (blocks: Moments[])
        (measure: string)
        : Outcome<Spectrum> =
        result {
            use _ = Tensors.scope ()
            let! whole = Fitting.solve cut order blocks

            let! without =
                Jackknife.without blocks (fun rest -> Fitting.solve cut order [| rest |] |> Result.map _.Values)

            let kept = whole.Values |> Array.filter keep

            if kept.Length = 0 then
                return!
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        $"None of {whole.Values.Length} eigenvalues exceeds the floor: at this lag everything has decayed"
                        "Use pairs at a shorter lag, or observables that follow the slow motion"
            else
                let count =
                    without |> Array.map _.Length |> Array.min |> min kept.Length |> min wanted

                let weights = blocks |> Array.map _.Weight

                let bars (group: int[]) : Uncertainty.Bar =
                    let mean (values: float[]) =
                        group |> Array.averageBy (fun i -> values[i])

                    {
                        Error = Jackknife.error weights (mean whole.Values) (without |> Array.map mean)
                        Bias = 0.0
                    }

                let modes =
                    Array.init count (fun i -> Uncertainty.mode convention (i + 1) kept[i] nan (bars [| i |]))
                    |> Evidence.judge
                        { Evidence.none with
                            IsSelfAdjoint = true
                            Successors = Stochastic(whole.Values.Length, blocks |> Array.sumBy _.Weight)
                            Balance =
                                if blocks[0].Kind = Lagged then
                                    let leading = whole.Vectors.narrow (1L, 0L, int64 (min count 6))
                                    Some(DetailedBalance.ofMoments whole.Mean leading blocks)
                                else
                                    None
                            Coarser = Fitting.coarser convention (Fitting.eigenvalues cut order) observables blocks
                        }

                return
                    Fitting.spectrum
                        (Uncertainty.clusters convention bars modes)
                        observables
                        (Fitting.take kept.Length whole)
                        modes
                        convention
                        measure
                        "not estimated: moments cannot separate the residual from noise; Diagnostics.residuals on held-out pairs can"
        }

    /// <summary>
    /// As <c>Edmd.reversible</c>, from blocks of pairs' moments at a lag. Residuals are not estimated: moments do not separate the
    /// residual from the noise of the successors.
    /// </summary>
    let reversible
        (options: EdmdOptions)
        (observables: Observables)
        (lag: float)
        (blocks: Moments[])
        : Outcome<Spectrum> =
        check Lagged observables blocks
        |> Result.bind (fun () ->
            selfAdjoint
                Fitting.Descending
                options.RankTolerance
                options.Modes
                (PropagatorAtLag lag)
                (fun lambda -> lambda > options.SmallestEigenvalue)
                observables
                blocks
                $"the empirical measure of {countOf blocks}, counted both ways")

    /// Re v* M v for the columns of V, multiplied first by the phase `turn` (K) if given.
    let private forms (matrix: Tensor) (turn: Tensor option) (vectors: Tensor) : Tensor =
        let image = LinearAlgebra.timesComplex matrix vectors

        let sum = (vectors.conj () * image).sum 0L

        match turn with
        | Some factor -> (sum * factor.conj ()).real
        | None -> sum.real

    /// <summary>
    /// As <c>Edmd.fit</c>, from blocks of pairs' moments at a lag. Residuals are those of residual DMD (Colbrook and Townsend 2024) on the
    /// block that was left out, ‖φ(y) - λφ(x)‖/‖φ‖: for a stochastic process they include the variance of the successors;
    /// values below about 1e-8 are rounding errors.
    /// </summary>
    let general
        (options: EdmdOptions)
        (observables: Observables)
        (lag: float)
        (blocks: Moments[])
        : Outcome<LinearModel> =
        result {
            do! check Lagged observables blocks
            use _ = Tensors.scope ()
            use moments = Moments.merge blocks
            let convention = PropagatorAtLag lag
            let! fit = GeneralFitting.solve options.RankTolerance convention moments
            let count = min options.Modes fit.Eigen.Values.Length

            let! refits =
                Jackknife.without blocks (GeneralFitting.matched options.RankTolerance convention count fit)

            let weights = blocks |> Array.map _.Weight

            // Squares of the defect and of the eigenfunction on the blocks left out.
            let struct (defects, norms) =
                let perBlock =
                    Array.map2
                        (fun (block: Moments) (struct (vectors: Tensor, values: Complex[])) ->
                            use _ = Tensors.scope ()
                            let lambda = Tensors.complexVector values
                            let norm = forms block.C00 None vectors
                            let size = lambda.real.square () + lambda.imag.square ()

                            let defect =
                                forms block.C11 None vectors - 2.0 * forms block.C01 (Some lambda) vectors
                                + size * norm

                            struct (Tensors.toArray defect, Tensors.toArray norm))
                        blocks
                        refits

                let total pick =
                    perBlock |> Array.map pick |> Array.reduce (Array.map2 (+))

                struct (total (fun (struct (d, _)) -> d), total (fun (struct (_, n)) -> n))

            let modes =
                Array.init count (fun k ->
                    let value = fit.Eigen.Values[k]

                    let ratios = refits |> Array.map (fun (struct (_, values)) -> values[k] / value)

                    let error (part: Complex -> float) =
                        Jackknife.error weights (part Complex.One) (ratios |> Array.map part) / lag

                    { OperatorMatrix.bareMode convention fit.Eigen k with
                        Residual = sqrt (max 0.0 (defects[k] / norms[k]))
                    }
                    |> Uncertainty.withErrors (struct (error _.Real, error _.Imaginary)))

            let judged =
                modes
                |> Evidence.judge (
                    if options.Noise = Noise.Deterministic then
                        { Evidence.none with
                            Successors = Deterministic(options.Tolerance, Array.zeroCreate count, infinity)
                        }
                    else
                        { Evidence.none with
                            Successors = Stochastic(fit.Eigen.Values.Length, moments.Weight)
                            Coarser = GeneralFitting.coarser options.RankTolerance convention observables blocks
                        }
                )

            return
                GeneralFitting.model
                    observables
                    fit
                    judged
                    lag
                    moments
                    $"the empirical measure of {countOf blocks}"
                    "L2 of the states x, block by block held out, ‖φ(y) - λφ(x)‖/‖φ‖"
        }
