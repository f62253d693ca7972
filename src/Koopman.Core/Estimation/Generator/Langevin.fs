namespace Koopman

open System
open TorchSharp

/// The observables with the gradient sᵀ∇ψ in place of ∇ψ, for a square root s of the diffusion, s sᵀ = a/2: their Dirichlet form at T = 1 is
/// that of the diffusion a. The inner functions belong to the caller.
[<Sealed>]
type internal StretchedObservables(inner: Observables, root: Tensor -> Tensor) =
    inherit Observables(inner.Dimension, inner.Count, inner.Description)

    override _.LengthScale: Nullable<float> = inner.LengthScale

    interface IAxisLengths with
        member _.AxisLengths: float[] option = AxisLengths.ofObservables inner

    override _.Coarser: int[] = inner.Coarser

    override _.Values(points: Tensor) : Tensor = inner.Values points

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let column = (root points).select(2L, int64 axis)
            let sum = Tensors.zeros [| points.shape[0]; int64 inner.Count |] points

            for along in 0 .. inner.Dimension - 1 do
                let weight = column.narrow (1L, int64 along, 1L)

                if weight.count_nonzero().ToInt64() > 0L then
                    sum.addcmul_ (inner.Partial(points, along), weight, Tensors.num 1.0) |> ignore

            sum)

/// <summary>Settings of the Langevin generator's estimator.</summary>
type LangevinOptions =
    {
        /// <summary>The temperature T of dX = -∇V dt + √(2T) dW. Default 1.</summary>
        Temperature: float
        /// <summary>The number of leading modes with residuals and error bars. Default 10.</summary>
        Modes: int
        /// <summary>Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. Default 1e-10.</summary>
        RankTolerance: float
    }

/// <summary>
/// The generator L = -TΔ + ∇V·∇ of Langevin dynamics from samples of its invariant law alone: neither the potential nor time is
/// needed, because ⟨f, L g⟩ = T ⟨∇f, ∇g⟩ in L²(π) (generator EDMD in Dirichlet form; Klus et al. 2020). The noise is the same in all directions: in other units of single
/// coordinates, x' = Sx, the same process has the diffusion 2T S Sᵀ, for which there is <c>fitWithDiffusion</c>.
/// </summary>
[<RequireQualifiedAccess>]
module Langevin =

    /// <summary>T = 1, ten modes, cut 1e-10.</summary>
    let defaults: LangevinOptions =
        {
            Temperature = 1.0
            Modes = 10
            RankTolerance = 1e-10
        }

    let private check (options: LangevinOptions) (observables: Observables) (samples: Samples) : Outcome<unit> =
        Require.all {
            Require.positive "Temperature" options.Temperature
            |> Require.advise
                "Give T of dX = -∇V dt + √(2T) dW; SnapshotPairs.estimateTemperature estimates it from pairs at a short lag"

            Require.settings "Langevin.defaults" {
                Require.atLeast 1 "Modes" options.Modes
                Require.share "RankTolerance" options.RankTolerance
            }

            Fitting.checkDifferentiable observables
            Fitting.check observables samples
        }

    /// The pencil S v = η G v for the Dirichlet form of the observables at this temperature.
    let private solve
        (options: LangevinOptions)
        (temperature: float)
        (measured: Observables -> Observables)
        (observables: Observables)
        (samples: Samples)
        : Outcome<struct (Fitting.Fit * Mode[] * (int[] -> Uncertainty.Bar))> =
        result {
            let! merged, copies = Repetition.mergeSamples samples
            use samples = merged
            do! Fitting.check observables samples
            let form = measured observables

            let parts =
                Blocks.even Residuals.folds samples.Count
                |> Array.map (fun (struct (start, length)) ->
                    Moments.ofSamples form temperature (start, length) samples)

            use _ = Fitting.disposeAll parts
            let! fit = Fitting.solve options.RankTolerance Fitting.Ascending parts
            let count = min options.Modes fit.Values.Length

            let bars =
                match samples.Sampling with
                | Quadrature -> Uncertainty.exact
                | Drawn ->
                    Scores.ofSamples
                        (Fitting.values form fit)
                        (Fitting.slope form fit)
                        temperature
                        fit.Values
                        count
                        samples

            use! test = Residuals.testFunctions observables.Count samples

            let! refits =
                match samples.Sampling with
                | Quadrature -> Ok [| Fitting.leading form count fit |]
                | Drawn -> Fitting.refits options.RankTolerance Fitting.Ascending form count fit parts

            let! residuals = Residuals.ofSamples (measured test) temperature refits samples

            let convention = PositiveGenerator temperature

            let modes =
                Array.init count (fun i ->
                    Uncertainty.mode convention (i + 1) fit.Values[i] residuals[i] (bars [| i |]))
                |> Evidence.judge
                    { Evidence.none with
                        IsSelfAdjoint = true
                        Successors = Stochastic(fit.Values.Length, infinity)
                        Copies = copies
                        Richer =
                            Fitting.richerOfSamples
                                measured
                                (Fitting.values form (Fitting.take count fit))
                                (Fitting.slope form (Fitting.take count fit))
                                temperature
                                samples
                        Own = Fitting.lost true form fit.Vectors samples.Points
                        Coarser =
                            Fitting.coarser
                                convention
                                (Fitting.eigenvalues options.RankTolerance Fitting.Ascending)
                                form
                                parts
                    }

            return struct (fit, modes, bars)
        }

    let private residualNorm =
        "dual energy norm ‖(L+η)^(-1/2)(L-η)φ‖/√η over test functions: relative error of η, to leading order at most √2 times this"

    /// <summary>
    /// Solves S v = η G v with S = T⟨∇ψ·∇ψᵀ⟩ and G = ⟨ψψᵀ⟩ of the centred observables; η converges to the true rates from above.
    /// Intervals: delta method with bias, block means for correlated samples, extended downwards by the change from a nested dictionary.
    /// Residuals: cross-fitted, in the dual energy norm.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="observables">The dictionary; a constant is not needed.</param>
    /// <param name="samples">Samples of the invariant law, weighted or not. Samples of another law give the generator of that law.</param>
    let fit (options: LangevinOptions) (observables: Observables) (samples: Samples) : Outcome<Spectrum> =
        result {
            do! check options observables samples
            use _ = Tensors.scope ()

            let! struct (fit, modes, bars) =
                solve options options.Temperature id observables samples

            return
                Fitting.spectrum
                    (Uncertainty.clusters (PositiveGenerator options.Temperature) bars modes)
                    observables
                    fit
                    modes
                    (PositiveGenerator options.Temperature)
                    ($"the empirical measure of {samples.Count} samples, taken as invariant"
                     + Fitting.droppedOf fit.Gram fit.Values.Length options.RankTolerance
                     + Fitting.apartOf samples)
                    residualNorm
        }

    /// Σ_k s_k s_kᵀ = a/2 at the points, as (n, d, d) or (1, d, d), with the columns s_k along the last axis.
    let private root (dimension: int) (diffusion: Tensor -> Diffusion) (points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let half (values: Tensor) =
                (0.5 * values).clamp_min(Tensors.num 0.0).sqrt()

            let factor (matrices: Tensor) =
                let struct (values, vectors) = torch.linalg.eigh matrices
                vectors * (half values).unsqueeze -2L

            match diffusion points with
            | Diffusion.Absent -> torch.zeros (1L, int64 dimension, int64 dimension, dtype = torch.float64)
            | Diffusion.Constant matrix -> (factor matrix).unsqueeze 0L
            | Diffusion.Diagonal entries -> torch.diag_embed (half entries)
            | Diffusion.Full matrices -> factor matrices)

    /// The observables with their gradients measured in a diffusion: their form at T = 1 is ½⟨∇ψ, a ∇ψᵀ⟩.
    let internal stretched (dimension: int) (diffusion: Tensor -> Diffusion) (inner: Observables) : Observables =
        new StretchedObservables(inner, root dimension diffusion)

    /// A diffusion at the samples must have their shape, no negative direction, and not vanish.
    let internal checkDiffusion (diffusion: Tensor -> Diffusion) (samples: Samples) : Outcome<unit> =
        result {
            use _ = Tensors.scope ()
            use! still = DriftDiffusion.ofDrift (torch.zeros_like samples.Points)
            use! motion = DriftDiffusion.withDiffusion (diffusion samples.Points) still

            if motion.IsDeterministic then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "Without diffusion there is no Dirichlet form"
                        "Use GeneratorEdmd.fit for an equation of motion without noise"
        }

    /// <summary>
    /// The same for a diffusion that depends on direction or position: S = ½⟨∇ψ, a∇ψᵀ⟩, the Dirichlet form of the generator
    /// 𝓛f = b·∇f + ½ a:∇²f of a reversible process with this diffusion, whose drift is not needed. <c>Temperature</c> is not used.
    /// The eigenvalues are μ = -η of 𝓛, and η converges from above.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="diffusion">a = σσᵀ at points (n, d). It is called with batches of the data.</param>
    /// <param name="observables">The dictionary; a constant is not needed.</param>
    /// <param name="samples">Samples of the invariant law, weighted or not.</param>
    let fitWithDiffusion
        (options: LangevinOptions)
        (diffusion: Tensor -> Diffusion)
        (observables: Observables)
        (samples: Samples)
        : Outcome<Spectrum> =
        result {
            do! check options observables samples
            use _ = Tensors.scope ()
            do! checkDiffusion diffusion samples

            let! struct (fit, modes, bars) =
                solve options 1.0 (stretched samples.Dimension diffusion) observables samples

            let negative (values: float[]) =
                values |> Array.map (fun value -> 0.0 - value)

            return
                Fitting.spectrum
                    (Uncertainty.clusters (PositiveGenerator 1.0) bars modes)
                    observables
                    { fit with
                        Values = negative fit.Values
                    }
                    (modes
                     |> Array.map (fun mode ->
                         { mode with
                             Eigenvalue = -mode.Eigenvalue
                         }))
                    InfinitesimalGenerator
                    ($"the empirical measure of {samples.Count} samples, taken as invariant"
                     + Fitting.droppedOf fit.Gram fit.Values.Length options.RankTolerance
                     + Fitting.apartOf samples)
                    residualNorm
        }
