namespace Koopman

open TorchSharp

/// <summary>Settings of extended dynamic mode decomposition.</summary>
type EdmdOptions =
    {
        /// <summary>The number of leading modes with residuals and error bars. Default 10.</summary>
        Modes: int
        /// <summary>Modes with λ at or below this are dropped: their rates are noise. Default .05.</summary>
        SmallestEigenvalue: float
        /// <summary>Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. Default 1e-10.</summary>
        RankTolerance: float
        /// <summary>The randomness of the successors, which determines how <c>Edmd.fit</c> measures residuals. Default: determined from the data.</summary>
        Noise: Noise
        /// <summary>Deterministic data: modes whose residual exceeds this carry a warning. Default 1e-6.</summary>
        Tolerance: float
    }

/// <summary>
/// Extended dynamic mode decomposition: the propagator K_τ represented on observables by regression from snapshot pairs
/// (Williams, Kevrekidis and Rowley 2015).
/// </summary>
[<RequireQualifiedAccess>]
module Edmd =

    /// <summary>Ten modes, floor .05, cut 1e-10, noise determined from the data, tolerance 1e-6.</summary>
    let defaults: EdmdOptions =
        {
            Modes = 10
            SmallestEigenvalue = 0.05
            RankTolerance = 1e-10
            Noise = Noise.Automatic
            Tolerance = 1e-6
        }

    let private check (options: EdmdOptions) (observables: Observables) (pairs: SnapshotPairs) : Outcome<unit> =
        Require.settings "Edmd.defaults" {
            Require.atLeast 1 "Modes" options.Modes
            Require.share "RankTolerance" options.RankTolerance
            Require.share "SmallestEigenvalue" options.SmallestEigenvalue
            Require.limit "Tolerance" options.Tolerance
        }
        |> Result.bind (fun () -> Fitting.check observables pairs.From)

    /// The moments of the folds, which are contiguous and do not split short runs.
    let private foldMoments (observables: Observables) (pairs: SnapshotPairs) : Moments[] =
        Blocks.ofPairs Residuals.folds pairs
        |> Array.map (fun (struct (start, length)) -> Moments.ofPairs observables (start, length) pairs)

    /// As <c>reversible</c>, with the test of detailed balance on these pairs if it is known.
    let internal reversibleTested
        (balance: BalanceTest option)
        (options: EdmdOptions)
        (observables: Observables)
        (pairs: SnapshotPairs)
        : Outcome<Spectrum> =
        result {
            let! merged, copies = Repetition.merge pairs

            // Merged copies are other data, which must be tested again.
            let balance = if copies > 1.0 then None else balance
            use pairs = merged
            do! check options observables pairs
            use _ = Tensors.scope ()

            let parts = foldMoments observables pairs
            use _ = Fitting.disposeAll parts
            let! whole = Fitting.solve options.RankTolerance Fitting.Descending parts

            let kept =
                whole.Values |> Array.filter (fun lambda -> lambda > options.SmallestEigenvalue)

            if kept.Length = 0 then
                return!
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        $"No eigenvalue of the propagator exceeds {options.SmallestEigenvalue}: at lag {pairs.Lag} everything has decayed"
                        "Use pairs at a shorter lag, or observables that follow the slow motion"
            else
                let fit = Fitting.take kept.Length whole
                let count = min options.Modes kept.Length
                let bars = Scores.ofPairs (Fitting.values observables fit) kept count pairs
                use! test = Residuals.testFunctions observables.Count pairs.From

                let! refits =
                    Fitting.refits options.RankTolerance Fitting.Descending observables count fit parts

                let residuals = Residuals.ofPairs test refits pairs
                let convention = PropagatorAtLag pairs.Lag
                let leading = fit.Vectors.narrow (1L, 0L, int64 count)

                let trial =
                    EigenpairTest(
                        observables,
                        fit.Mean,
                        leading,
                        leading,
                        Array.init count (fun k -> System.Numerics.Complex(kept[k], 0.0)),
                        pairs.Lag,
                        None
                    )

                let rows = lazy (trial.AllRows pairs)

                let modes =
                    Array.init count (fun i -> Uncertainty.mode convention (i + 1) kept[i] residuals[i] (bars [| i |]))
                    |> Evidence.judge
                        { Evidence.none with
                            IsSelfAdjoint = true
                            Successors = Stochastic(whole.Values.Length, Blocks.effective pairs)
                            Balance = Some(balance |> Option.defaultWith (fun () -> DetailedBalance.ofPropagator pairs))
                            Memory = Memory.ofRows trial rows pairs
                            Copies = copies
                            Richer = Fitting.richerOfRows trial rows.Value pairs
                            Own = Fitting.lost true observables whole.Vectors pairs.From.Points
                            Coarser =
                                Fitting.coarser
                                    convention
                                    (Fitting.eigenvalues options.RankTolerance Fitting.Descending)
                                    observables
                                    parts
                        }

                return
                    Fitting.spectrum
                        (Uncertainty.clusters convention bars modes)
                        observables
                        fit
                        modes
                        convention
                        ($"the empirical measure of {pairs.Count} pairs, counted both ways"
                         + Fitting.droppedOf whole.Gram whole.Values.Length options.RankTolerance
                         + Fitting.apartOf pairs.From)
                        "L2 of the data, projected on test functions, relative to the norm of the eigenfunction"
        }

    /// <summary>
    /// The reversible propagator: G = ½⟨ψψᵀ⟩_x + ½⟨ψψᵀ⟩_y and A = sym ⟨ψ(x)ψ(y)ᵀ⟩, A v = λ G v, rates η = -log(λ)/τ. Valid for
    /// reversible processes (such as Langevin dynamics) in equilibrium, where K_τ is self-adjoint; λ is then real and at most 1.
    /// Intervals: martingale delta method with bias, extended downwards by the change from a nested dictionary. Residuals:
    /// cross-fitted, ‖P(Kφ - λφ)‖ in L².
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="observables">The dictionary; a constant is not needed.</param>
    /// <param name="pairs">The data, in time order if from a trajectory.</param>
    let reversible (options: EdmdOptions) (observables: Observables) (pairs: SnapshotPairs) : Outcome<Spectrum> =
        reversibleTested None options observables pairs

    /// <summary>
    /// The propagator K = G⁺A with G = ⟨ψ(x)ψ(x)ᵀ⟩ and A = ⟨ψ(x)ψ(y)ᵀ⟩, for any process: eigenvalues may be complex, and the constant
    /// is a mode if the observables span it. A forecast needs observables that the state can be read from. Inputs that the pairs carry
    /// enter the regression, ψ(y) ≈ Kᵀψ(x) + Bᵀu, and the model (Korda and Mezić 2018); those that are functions of the state are an error.
    /// Intervals: martingale delta method. Residuals are cross-fitted (in-sample with inputs): plain for deterministic data, with the
    /// noise of y removed for stochastic data. Nothing is assumed of time reversal: a parity that the pairs declare is not used.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="observables">The dictionary.</param>
    /// <param name="pairs">The data, in time order if from a trajectory.</param>
    let fit (options: EdmdOptions) (observables: Observables) (pairs: SnapshotPairs) : Outcome<LinearModel> =
        result {
            let! merged, copies = Repetition.merge pairs
            use pairs = merged
            do! check options observables pairs
            use _ = Tensors.scope ()
            let parts = foldMoments observables pairs
            use _ = Fitting.disposeAll parts
            use moments = Moments.merge parts
            let convention = PropagatorAtLag pairs.Lag

            let! fit =
                GeneralFitting.solveWithInputs options.RankTolerance convention observables pairs moments

            let rules: GeneralFitting.Rules =
                {
                    Modes = options.Modes
                    RankTolerance = options.RankTolerance
                    Noise = options.Noise
                    Tolerance = options.Tolerance
                }

            let! struct (modes, norm) =
                GeneralFitting.judge rules observables copies fit parts pairs


            return
                GeneralFitting.model
                    observables
                    fit
                    modes
                    pairs.Lag
                    moments
                    ($"the empirical measure of {pairs.Count} states x"
                     + Fitting.droppedOf fit.Gram fit.Eigen.Values.Length options.RankTolerance
                     + Fitting.apartOf pairs.From)
                    norm
        }
