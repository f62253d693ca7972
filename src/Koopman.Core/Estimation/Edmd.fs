namespace Koopman

open System
open TorchSharp

/// <summary>Settings of extended dynamic mode decomposition.</summary>
type EdmdOptions =
    {
        /// <summary>How many leading modes get residuals and error bars. Default 10.</summary>
        Modes: int
        /// <summary>Modes with λ at or below this are dropped: their rates are noise. Default .05.</summary>
        Floor: float
        /// <summary>Directions of the Gram matrix below this share of its largest eigenvalue are dropped. Default 1e-10.</summary>
        Cut: float
    }

/// <summary>
/// Extended dynamic mode decomposition: the propagator K_τ represented on observables by regression from snapshot pairs
/// (Williams, Kevrekidis and Rowley 2015).
/// </summary>
[<RequireQualifiedAccess>]
module Edmd =

    /// <summary>Ten modes, floor .05, cut 1e-10.</summary>
    let defaults: EdmdOptions =
        {
            Modes = 10
            Floor = 0.05
            Cut = 1e-10
        }

    let private check
        (options: EdmdOptions)
        (observables: Observables)
        (pairs: SnapshotPairs)
        : Result<unit, KoopmanError> =
        if
            options.Modes < 1
            || options.Cut < 0.0
            || options.Cut >= 1.0
            || options.Floor < 0.0
            || options.Floor >= 1.0
        then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "EDMD needs Modes ≥ 1, 0 ≤ Cut < 1 and 0 ≤ Floor < 1"
                "Start from Edmd.defaults"
        else
            Fitting.check observables pairs.From

    /// <summary>
    /// The reversible propagator: G = ½⟨ψψᵀ⟩_x + ½⟨ψψᵀ⟩_y and A = sym ⟨ψ(x)ψ(y)ᵀ⟩, A v = λ G v, rates η = -log(λ)/τ. Right for
    /// reversible processes (such as Langevin dynamics) in equilibrium, where K_τ is self-adjoint; λ is then real and at most 1.
    /// Intervals: martingale delta method with bias. Residuals: cross-fitted, ‖P(Kφ - λφ)‖ in L².
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="observables">The dictionary; it must outlive the spectrum. A constant is not needed.</param>
    /// <param name="pairs">The data, in time order if from a trajectory.</param>
    let reversible
        (options: EdmdOptions)
        (observables: Observables)
        (pairs: SnapshotPairs)
        : Result<Spectrum, KoopmanError> =
        result {
            do! check options observables pairs
            use _ = torch.NewDisposeScope()

            let parts =
                Uncertainty.blocks Residuals.folds pairs.Count
                |> Array.map (fun (struct (start, length)) -> Moments.ofPairs observables (start, length) pairs)

            use _ = Fitting.disposeAll parts
            let! fit = Fitting.solve options.Cut Fitting.Descending parts
            let kept = fit.Values |> Array.filter (fun lambda -> lambda > options.Floor)

            if kept.Length = 0 then
                return!
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        $"No eigenvalue of the propagator exceeds {options.Floor}: at lag {pairs.Lag} everything has decayed"
                        "Use pairs at a shorter lag, or observables that follow the slow motion"
            else
                let fit = Fitting.take kept.Length fit
                let count = min options.Modes kept.Length
                let bars = Uncertainty.ofPairs (Fitting.values observables fit) kept count pairs
                use! test = Residuals.testFunctions observables.Count pairs.From

                let! refits =
                    Fitting.refits options.Cut Fitting.Descending observables count fit parts

                let residuals = Residuals.ofPairs test refits pairs
                let convention = PropagatorAtLag pairs.Lag

                let modes =
                    Array.init count (fun i -> Uncertainty.mode convention (i + 1) kept[i] residuals[i] bars[i])

                return
                    Fitting.spectrum
                        observables
                        fit
                        (kept |> Array.map (fun lambda -> max 0.0 (-(log lambda) / pairs.Lag)))
                        modes
                        convention
                        $"the empirical measure of {pairs.Count} pairs, counted both ways"
                        "L2 of the data, projected on test functions, relative to the norm of the eigenfunction"
        }
