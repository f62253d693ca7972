namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>A number estimated from random data.</summary>
[<Struct>]
type Estimate =
    {
        /// <summary>The estimate.</summary>
        Value: float
        /// <summary>Its standard error.</summary>
        StandardError: float
    }

/// <summary>
/// The distance of an eigenpair from Kφ = λφ, separated from the noise of the successors. All numbers are squared and relative to ⟨|φ|²⟩, so
/// that they add up; estimates of small ones may come out negative.
/// </summary>
[<NoComparison>]
type ResidualReport =
    {
        /// <summary>The mode, as in <c>Mode.Index</c>.</summary>
        Index: int
        /// <summary>⟨|φ(y) - λφ(x)|²⟩: the sum of the residual and the variance of φ(y) given x. For a deterministic system it is the residual.</summary>
        Pair: float
        /// <summary>‖P(Kφ - λφ)‖² with P the projection on test functions, free of noise; a lower bound of the residual.</summary>
        Projected: Estimate
        /// <summary>‖Kφ - λφ‖² from two independent successors, ⟨(φ(y) - λφ(x)) (φ(y') - λφ(x))*⟩; null if the pairs have none.</summary>
        TwoSuccessors: Nullable<Estimate>
        /// <summary>
        /// ‖Kφ - λφ‖² of a reversible spectrum along trajectories: the state one lag before x serves as a second successor. Null otherwise.
        /// </summary>
        TwoLags: Nullable<Estimate>
    }

    /// <summary>The least noisy available estimate of ‖Kφ - λφ‖²: from two successors, from two lags, else the projected one, which is a lower bound.</summary>
    member this.Squared: Estimate =
        if this.TwoSuccessors.HasValue then this.TwoSuccessors.Value
        elif this.TwoLags.HasValue then this.TwoLags.Value
        else this.Projected

    /// <summary>The variance of φ(y) given x: the part of <c>Pair</c> that is not residual.</summary>
    member this.Variance: float = this.Pair - this.Squared.Value

/// <summary>Tests any spectrum on pairs: fresh ones, or those it was fitted to.</summary>
[<RequireQualifiedAccess>]
module Diagnostics =

    let private countOf (spectrum: Spectrum) : int =
        if spectrum.Modes.Length > 0 then
            spectrum.Modes.Length
        else
            min 10 spectrum.Rank

    let private check (spectrum: Spectrum) (pairs: SnapshotPairs) : Outcome<unit> =
        Require.dimension spectrum.Observables.Dimension "the pairs" pairs.Dimension
        |> Require.advise "Give pairs of the states that the spectrum was fitted to"
        |> Result.bind (fun () ->
            if pairs.Count < 40 then
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"{pairs.Count} pairs are too few for a residual"
                    "Give at least 40 pairs; thousands are usual"
            else
                Ok())

    /// The index of the k-th mode: reversible spectra leave the constant out.
    let private indexOf (spectrum: Spectrum) (k: int) : int =
        if k < spectrum.Modes.Length then spectrum.Modes[k].Index
        elif spectrum.IsReversible then k + 1
        else k

    /// Mean and standard error of the columns of a product, relative to the norms.
    let private mean (pairs: SnapshotPairs) (norms: float[]) (product: Tensor) : Estimate[] =
        let batches = Blocks.even 25 (int product.shape[0])
        let n = float pairs.Count

        Uncertainty.columns product
        |> Array.map2
            (fun (norm: float) series ->
                let scale = n / norm

                {
                    Value = scale * Array.average series
                    StandardError =
                        scale
                        * max (Uncertainty.independentError series) (Uncertainty.blockError batches series)
                })
            norms

    /// Re (a conj(b)), real.
    let private real (a: Tensor) (b: Tensor) : Tensor = a.real * b.real + a.imag * b.imag

    /// Rows t whose x was the y of the pair one lag before, and those pairs' rows.
    let private chained (pairs: SnapshotPairs) : struct (int64[] * int64[]) =
        let ends = Array.append (Array.tail pairs.Starts) [| pairs.Count |]

        let later =
            Array.zip pairs.Starts ends
            |> Array.collect (fun (start, next) -> [| for t in start + pairs.Stride .. next - 1 -> int64 t |])

        struct (later, later |> Array.map (fun t -> t - int64 pairs.Stride))

    let private pick (tensor: Tensor) (rows: int64[]) : Tensor =
        tensor.index_select (0L, Tensors.ofIndices rows)

    let private report (test: Observables) (spectrum: Spectrum) (pairs: SnapshotPairs) : ResidualReport[] =
        use _ = Tensors.scope ()
        let n = pairs.Count
        let count = countOf spectrum
        let trial = EigenpairTest.OfSpectrum(count, pairs.Lag, spectrum)
        let rows = trial.Rows(pairs, 0, n)
        let f, e = rows.Values, rows.Defect
        let w = Blocks.weights pairs.From 0 n
        let sums = Residuals.sums (Some test) pairs (0, n) f e
        let pair = Array.map2 (/) sums.Pair sums.Norm

        let second =
            pairs.Second
            |> Option.map (fun second ->
                let other = trial.Values second.Points - f * trial.Lambda()
                mean pairs sums.Norm (real e other * w))

        let twoLags =
            let struct (later, earlier) = chained pairs

            if not spectrum.IsReversible || 2 * later.Length < n then
                None
            else
                let before = pick f earlier
                let back = before - pick f later * trial.Lambda()
                Some(mean pairs sums.Norm (real (pick e later) back * pick w later))

        Array.init count (fun k ->
            {
                Index = indexOf spectrum k
                Pair = pair[k]
                Projected =
                    {
                        Value = sums.Projected[k] / sums.Norm[k]
                        // The noise of M test functions together: each adds the variance of a square.
                        StandardError = sqrt (2.0 * float sums.Tests) * pair[k] / Blocks.effective pairs
                    }
                TwoSuccessors = second |> Option.map (fun estimates -> estimates[k]) |> Option.toNullable
                TwoLags = twoLags |> Option.map (fun estimates -> estimates[k]) |> Option.toNullable
            })

    /// <summary>
    /// The residuals of the leading modes of any spectrum on pairs, by every estimator that the pairs allow. The lag may differ from
    /// that of the fit: λ is then e^{μτ}. On the data of the fit residuals are biased low; on fresh data they are unbiased.
    /// </summary>
    /// <param name="test">Test functions of the projection. Default: Gaussians on twice as many centres as the spectrum has observables.</param>
    /// <param name="spectrum">The spectrum of a propagator or a generator.</param>
    /// <param name="pairs">At least 40 pairs, weighted or not.</param>
    let residuals (test: Observables option) (spectrum: Spectrum) (pairs: SnapshotPairs) : Outcome<ResidualReport[]> =
        check spectrum pairs
        |> Result.bind (fun () ->
            match test with
            | Some test when test.Dimension <> pairs.Dimension ->
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"The test functions take points of {test.Dimension} dimensions, but the pairs have {pairs.Dimension}"
                    "Make the test functions for the dimension of the data"
            | Some test -> Ok(report test spectrum pairs)
            | None ->
                Residuals.testFunctions spectrum.Observables.Count pairs.From
                |> Result.map (fun test ->
                    use test = test
                    report test spectrum pairs))

    /// <summary>
    /// The same spectrum with diagnostics of its leading modes from pairs: residuals, the standard errors of a propagator estimated from
    /// this many pairs (for spectra without them, at the lag of the pairs), and warnings. For estimators that give no such numbers, and for models
    /// from other sources. Warnings about the dictionary and the measure are kept.
    /// </summary>
    /// <param name="noise">Whether successors are random.</param>
    /// <param name="spectrum">The spectrum of a propagator or a generator.</param>
    /// <param name="pairs">Preferably fresh ones: on the data of the fit, residuals are biased low.</param>
    let assess (noise: Noise) (spectrum: Spectrum) (pairs: SnapshotPairs) : Outcome<Spectrum> =
        residuals None spectrum pairs
        |> Result.map (fun reports ->
            use _ = Tensors.scope ()
            let level = Noise.level noise pairs
            let stochastic = level.IsStochastic
            let trial = EigenpairTest.OfSpectrum(reports.Length, pairs.Lag, spectrum)
            let errors = Scores.ofTrial trial pairs

            let isOfLag = spectrum.Convention = PropagatorAtLag pairs.Lag

            let modes =
                Array.init reports.Length (fun k ->
                    let report = reports[k]
                    let squared = if stochastic then report.Projected.Value else report.Pair

                    let known =
                        if k < spectrum.Modes.Length then
                            spectrum.Modes[k]
                        else
                            Mode.Bare(spectrum.Convention, report.Index, spectrum.Eigenvalues[k], nan)

                    let mode =
                        { known with
                            Residual = sqrt (max 0.0 squared)
                            Warnings = [||]
                        }

                    if Double.IsNaN mode.StandardError && isOfLag then
                        Uncertainty.withErrors errors[k] mode
                    else
                        mode)

            // Warnings about the dictionary and the measure are kept; those that depend on pairs are replaced.
            let stands (mode: Mode) : Warning list =
                spectrum.Modes
                |> Array.tryFind (fun known -> known.Index = mode.Index)
                |> Option.map _.Warnings
                |> Option.defaultValue [||]
                |> Array.filter (fun warning -> not (Evidence.ofPairs.Contains warning.Kind))
                |> List.ofArray

            let judged =
                modes
                |> Evidence.judge
                    { Evidence.none with
                        IsSelfAdjoint = spectrum.IsReversible
                        Balance =
                            if spectrum.IsReversible then
                                Some(DetailedBalance.ofPropagator pairs)
                            else
                                None
                        Constants =
                            if spectrum.IsReversible then
                                [||]
                            else
                                trial.Constants pairs
                        Memory = Memory.ofTrial trial pairs
                        Successors =
                            if not stochastic then
                                Deterministic(Evidence.tolerance, trial.Sensitivity pairs, level.Relative)
                            else
                                Stochastic(spectrum.Rank, (if isOfLag then Blocks.effective pairs else infinity))
                        Own = stands
                    }

            let norm =
                if stochastic then
                    $"L2 of {pairs.Count} pairs, projected on test functions and free of the noise of y"
                else
                    $"L2 of {pairs.Count} pairs, ‖φ(y) - λφ(x)‖/‖φ‖"

            Spectrum.withModes norm judged spectrum)
