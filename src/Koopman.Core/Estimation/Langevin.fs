namespace Koopman

open System
open TorchSharp

/// <summary>Settings of the Langevin generator's estimator.</summary>
type LangevinOptions =
    {
        /// <summary>The temperature T of dX = -∇V dt + √(2T) dW. Default 1.</summary>
        Temperature: float
        /// <summary>How many leading modes get residuals and error bars. Default 10.</summary>
        Modes: int
        /// <summary>Directions of the Gram matrix below this share of its largest eigenvalue are dropped. Default 1e-10.</summary>
        Cut: float
    }

/// <summary>
/// The generator L = -TΔ + ∇V·∇ of Langevin dynamics from samples of its invariant law alone: neither the potential nor time is
/// needed, because ⟨f, L g⟩ = T ⟨∇f, ∇g⟩ in L²(π) (generator EDMD in Dirichlet form; Klus et al. 2020).
/// </summary>
[<RequireQualifiedAccess>]
module Langevin =

    /// <summary>T = 1, ten modes, cut 1e-10.</summary>
    let defaults: LangevinOptions =
        {
            Temperature = 1.0
            Modes = 10
            Cut = 1e-10
        }

    let private check
        (options: LangevinOptions)
        (observables: Observables)
        (samples: Samples)
        : Result<unit, KoopmanError> =
        if not (Double.IsFinite options.Temperature) || options.Temperature <= 0.0 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The temperature must be positive, but is {options.Temperature}"
                "Give T of dX = -∇V dt + √(2T) dW; SnapshotPairs.estimateTemperature estimates it from pairs at a short lag"
        elif options.Modes < 1 || options.Cut < 0.0 || options.Cut >= 1.0 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The estimator needs Modes ≥ 1 and 0 ≤ Cut < 1"
                "Start from Langevin.defaults"
        else
            Fitting.check observables samples

    /// <summary>
    /// Solves S v = η G v with S = T⟨∇ψ·∇ψᵀ⟩ and G = ⟨ψψᵀ⟩ of the centred observables; η converges to the true rates from above.
    /// Intervals: delta method with bias, block means for correlated samples. Residuals: cross-fitted, in the dual energy norm.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="observables">The dictionary; it must outlive the spectrum. A constant is not needed.</param>
    /// <param name="samples">Samples of the invariant law, weighted or not. From another law the result is that law's generator.</param>
    let fit (options: LangevinOptions) (observables: Observables) (samples: Samples) : Result<Spectrum, KoopmanError> =
        result {
            do! check options observables samples
            use _ = torch.NewDisposeScope()

            let parts =
                Uncertainty.blocks Residuals.folds samples.Count
                |> Array.map (fun (struct (start, length)) ->
                    Moments.ofSamples observables options.Temperature (start, length) samples)

            use _ = Fitting.disposeAll parts
            let! fit = Fitting.solve options.Cut Fitting.Ascending parts
            let count = min options.Modes fit.Values.Length

            let bars =
                match samples.Origin with
                | Quadrature -> Uncertainty.exact count
                | Drawn ->
                    Uncertainty.ofSamples
                        (Fitting.values observables fit)
                        (Fitting.slope observables fit)
                        options.Temperature
                        fit.Values
                        count
                        samples

            use! test = Residuals.testFunctions observables.Count samples

            let! refits =
                match samples.Origin with
                | Quadrature -> Ok [| Fitting.leading observables count fit |]
                | Drawn -> Fitting.refits options.Cut Fitting.Ascending observables count fit parts

            let! residuals = Residuals.ofSamples test options.Temperature refits samples
            let convention = PositiveGenerator options.Temperature

            let modes =
                Array.init count (fun i -> Uncertainty.mode convention (i + 1) fit.Values[i] residuals[i] bars[i])

            return
                Fitting.spectrum
                    observables
                    fit
                    fit.Values
                    modes
                    convention
                    $"the empirical measure of {samples.Count} samples, taken as invariant"
                    "dual energy norm ‖(L+η)^(-1/2)(L-η)φ‖/√η over test functions: relative error of η, to leading order at most √2 times this"
        }
