namespace Koopman

open System.Numerics
open TorchSharp

/// <summary>Shared by estimators of operators that need not be self-adjoint: from moments to eigenpairs with error bars and warnings.</summary>
[<RequireQualifiedAccess>]
module internal GeneralFitting =

    /// K = G⁺A with its eigenpairs, in the dispose scope of the caller.
    [<NoComparison; NoEquality>]
    type Fit =
        {
            /// Per unit weight (N, N).
            Gram: Tensor
            /// W (N, r) with Wᵀ G W = 1.
            Basis: Tensor
            /// K (N, N).
            Matrix: Tensor
            Eigen: GeneralEigen
            /// v and u in columns (N, r), complex, with uᴴGv = 1.
            Right: Tensor
            Left: Tensor
            /// B (m, N) of pairs with inputs.
            Input: Tensor option
        }

    /// The settings by which modes are judged.
    [<NoComparison; NoEquality>]
    type Rules =
        {
            Modes: int
            RankTolerance: float
            Noise: Noise
            Tolerance: float
        }

    /// The fit whose regression, in the orthonormal basis W, is P (r, N) with K = W P.
    let private solveBy
        (regress: Tensor -> Tensor -> Outcome<struct (Tensor * Tensor option)>)
        (cut: float)
        (convention: Convention)
        (moments: Moments)
        : Outcome<Fit> =
        result {
            let per = 1.0 / moments.Weight
            let gram = per * moments.C00
            let! basis = LinearAlgebra.whiten cut gram
            let! struct (projected, input) = regress basis (per * moments.C01)
            let! eigen = OperatorMatrix.eigen convention (projected.times basis)

            let lift = LinearAlgebra.timesComplex basis

            return
                {
                    Gram = gram
                    Basis = basis
                    Matrix = basis.times projected
                    Eigen = eigen
                    Right = lift eigen.Right
                    Left = lift eigen.Left
                    Input = input
                }
        }

    let solve: float -> Convention -> Moments -> Outcome<Fit> =
        solveBy (fun basis form -> Ok(struct (basis.t().times form, None)))

    /// Includes the inputs of the pairs in the regression.
    let solveWithInputs
        (cut: float)
        (convention: Convention)
        (observables: Observables)
        (pairs: SnapshotPairs)
        (moments: Moments)
        : Outcome<Fit> =
        solveBy (fun basis form -> InputRegression.solve observables basis form pairs) cut convention moments

    /// The exponents on the smaller dictionary nested in this one.
    let coarser (cut: float) (convention: Convention) : Observables -> Moments[] -> Complex[] option =
        Fitting.coarser convention (fun moments -> solve cut convention moments |> Result.map _.Eigen.Values)

    let private leading (count: int) (tensor: Tensor) : Tensor = tensor.narrow (1L, 0L, int64 count)

    /// The fit of part of the data, its modes matched to the leading ones of the whole fit by |uᴴ G v|, which is 1 for the same
    /// mode, and by eigenvalue. The vectors survive the dispose scope of this call.
    let matched
        (cut: float)
        (convention: Convention)
        (count: int)
        (whole: Fit)
        (rest: Moments)
        : Outcome<struct (Tensor * Complex[])> =
        use scope = Tensors.scope ()

        solve cut convention rest
        |> Result.map (fun fit ->
            let dual = leading count whole.Left
            let image = LinearAlgebra.timesComplex whole.Gram fit.Right

            let overlap = Tensors.toArray (dual.conj().t().resolve_conj().times(image).abs())

            let lengths =
                (fit.Right.real * image.real + fit.Right.imag * image.imag).sum(0L).sqrt()
                |> Tensors.toArray

            let places =
                OperatorMatrix.matching whole.Eigen.Values count overlap lengths fit.Eigen.Values

            let index = Tensors.ofIndices (Array.map int64 places)

            struct (scope.MoveToOuter(fit.Right.index_select (1L, index)),
                    places |> Array.map (fun i -> fit.Eigen.Values[i])))

    /// The held-out residuals of the leading modes, NaN where the data without a fold cannot be fitted.
    let private residuals
        (rules: Rules)
        (stochastic: bool)
        (trialOf: Tensor -> Tensor -> Complex[] -> EigenpairTest)
        (count: int)
        (whole: Fit)
        (parts: Moments[])
        (pairs: SnapshotPairs)
        : Outcome<float[]> =
        let convention = PropagatorAtLag pairs.Lag

        let refits =
            match whole.Input with
            | None -> Jackknife.without parts (matched rules.RankTolerance convention count whole)
            // Moments do not contain inputs: the folds are evaluated with the whole fit.
            | Some _ ->
                Ok(Array.create parts.Length (struct (leading count whole.Right, Array.take count whole.Eigen.Values)))

        match refits with
        | Error _ -> Ok(Array.create count nan)
        | Ok refits ->
            let models =
                refits
                |> Array.map (fun (struct (vectors, values)) -> trialOf vectors vectors values)

            if stochastic then
                Residuals.testFunctions (int whole.Gram.shape[0]) pairs.From
                |> Result.map (fun test ->
                    use test = test
                    Residuals.ofTrials (Some test) models pairs)
            else
                Ok(Residuals.ofTrials None models pairs)

    /// The modes with residuals, error bars and warnings, and the norm of the residuals in words.
    let judge
        (rules: Rules)
        (observables: Observables)
        (copies: float)
        (whole: Fit)
        (parts: Moments[])
        (pairs: SnapshotPairs)
        : Outcome<struct (Mode[] * string)> =
        use _ = Tensors.scope ()
        let input = whole.Input
        let convention = PropagatorAtLag pairs.Lag
        let rank = whole.Eigen.Values.Length
        let count = min rules.Modes rank
        let centre = torch.zeros (int64 observables.Count, dtype = torch.float64)

        let trialOf (right: Tensor) (left: Tensor) (values: Complex[]) =
            EigenpairTest(observables, centre, right, left, values, pairs.Lag, input)

        let trial =
            trialOf (leading count whole.Right) (leading count whole.Left) (Array.take count whole.Eigen.Values)

        let noise = Noise.level rules.Noise pairs
        let stochastic = noise.IsStochastic

        residuals rules stochastic trialOf count whole parts pairs
        |> Result.map (fun residuals ->
            let errors = Scores.ofTrial trial pairs

            let modes =
                Array.init count (fun k ->
                    { OperatorMatrix.bareMode convention whole.Eigen k with
                        Residual = residuals[k]
                    }
                    |> Uncertainty.withErrors errors[k])

            let known =
                { Memory.evidence copies trial pairs with
                    Own = Fitting.lost false observables whole.Basis pairs.From.Points
                }

            let judged =
                modes
                |> Evidence.judge (
                    if stochastic then
                        { known with
                            Successors = Stochastic(rank, Blocks.effective pairs)
                            // Moments do not contain inputs.
                            Coarser =
                                if whole.Input.IsNone then
                                    coarser rules.RankTolerance convention observables parts
                                else
                                    None
                        }
                    else
                        // A residual within its tolerance is stronger evidence than a smaller dictionary.
                        { known with
                            Successors = Deterministic(rules.Tolerance, trial.Sensitivity pairs, noise.Relative)
                        }
                )

            let on = if whole.Input.IsSome then "in sample" else "held out"

            let norm =
                if stochastic then
                    $"L2 of the states x, {on}, projected on test functions and free of the noise of y"
                else
                    $"L2 of the states x, {on}, ‖φ(y) - λφ(x)‖/‖φ‖"

            struct (judged, norm))

    /// The public object; it owns copies of the tensors.
    let model
        (observables: Observables)
        (fit: Fit)
        (modes: Mode[])
        (lag: float)
        (moments: Moments)
        (measure: string)
        (residualNorm: string)
        : LinearModel =
        use _ = Tensors.scope ()
        let state = 1.0 / moments.Weight * moments.State

        let spectrum =
            OperatorMatrix.spectrum observables fit.Basis fit.Eigen modes (PropagatorAtLag lag) measure residualNorm

        new LinearModel(
            new Propagator(observables, Tensors.copy fit.Matrix, lag, Tensors.copy fit.Gram, measure),
            spectrum,
            Tensors.copy (fit.Basis.times (fit.Basis.t().times state)),
            Option.map Tensors.copy fit.Input
        )
