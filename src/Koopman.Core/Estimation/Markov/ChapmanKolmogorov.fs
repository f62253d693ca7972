namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>One mode over one multiple of the lag: the prediction of the model and the estimate from the data.</summary>
[<NoComparison>]
type ChapmanKolmogorovPoint =
    {
        /// <summary>The place of the mode in the spectrum, as in <c>Mode.Index</c>.</summary>
        Mode: int
        /// <summary>The time kτ.</summary>
        Time: float
        /// <summary>λ^k of the model.</summary>
        Predicted: Complex
        /// <summary>⟨u, K_kτ φ⟩/⟨u, φ⟩ from pairs at lag kτ, with the mode's dual function u (φ itself if reversible).</summary>
        Estimated: Complex
        /// <summary>The standard error of the difference, both errors taken as independent.</summary>
        StandardError: float
    }

    /// <summary>|predicted - estimated| in standard errors.</summary>
    member this.Deviation: float =
        let gap = Complex.Abs(this.Predicted - this.Estimated)
        // Rounding is not a deviation, and data without error give no unit for one.
        if gap <= 1e-12 then 0.0 else gap / this.StandardError

/// <summary>The Chapman-Kolmogorov test of a model: whether K_kτ = K_τ^k.</summary>
[<NoComparison>]
type ChapmanKolmogorov =
    {
        /// <summary>All modes over all times.</summary>
        Points: ChapmanKolmogorovPoint[]
    }

    /// <summary>The largest deviation in standard errors; for m points of a correct model about √(2 log m).</summary>
    member this.MaxDeviation: float = this.Points |> Array.map _.Deviation |> Array.max

/// <summary>Tests a model at multiples of its lag (Prinz et al. 2011).</summary>
[<RequireQualifiedAccess>]
module ChapmanKolmogorov =

    /// The real and imaginary parts of the dual and of the right functions of mode k at points, (n, 2) each.
    let private functions (spectrum: Spectrum) (points: Tensor) (k: int) : struct (Tensor * Tensor) =
        let values = spectrum.Observables.Values points

        let parts (coefficients: Tensor) =
            let column = coefficients.select (1L, int64 k)

            if spectrum.IsReversible then
                let f = (values - spectrum.Centre).mv column
                torch.stack ([| f; torch.zeros_like f |], 1L)
            else
                torch.stack ([| values.mv column.real; values.mv column.imag |], 1L)

        struct (parts spectrum.Dual, parts spectrum.Coefficients)

    /// conj(a) b for complex columns (n, 2), times weights.
    let private products (weights: Tensor) (a: Tensor) (b: Tensor) : Complex[] =
        let column (t: Tensor) (k: int64) = t.select (1L, k)
        let ar, ai, br, bi = column a 0L, column a 1L, column b 0L, column b 1L
        let re = (ar * br + ai * bi) * weights
        let im = (ar * bi - ai * br) * weights
        Array.map2 (fun x y -> Complex(x, y)) (Tensors.toArray re) (Tensors.toArray im)

    /// The estimate of λ(kτ) from pairs at this lag, with its standard error.
    let private direct (spectrum: Spectrum) (pairs: SnapshotPairs) (k: int) : struct (Complex * float) =
        use _ = Tensors.scope ()
        let weights = (Blocks.weights pairs.From 0 pairs.Count).squeeze 1L
        let struct (dual, here) = functions spectrum pairs.From.Points k
        let struct (_, later) = functions spectrum pairs.To.Points k
        let now, next = products weights dual here, products weights dual later
        let sum (values: Complex[]) = values |> Array.fold (+) Complex.Zero
        let norm = sum now / Complex(float pairs.Count, 0.0)
        let value = sum next / sum now
        let scores = Array.map2 (fun a b -> (b - value * a) / norm) now next

        let error (part: Complex -> float) =
            let series = Array.map part scores
            // The martingale accounts for overlap in time, the blocks for what the mode leaves unresolved.
            max (Uncertainty.martingaleError pairs series) (Uncertainty.batchError 25 series)

        struct (value, sqrt (error _.Real ** 2.0 + error _.Imaginary ** 2.0))

    /// The error of λ^k: every part of the exponent's error times k.
    let private predictedError (mode: Mode) (multiple: int) (lag: float) : float =
        let known (error: float) =
            if Double.IsNaN error then 0.0 else error

        float multiple
        * lag
        * Complex.Abs(mode.Eigenvalue) ** float multiple
        * sqrt (known mode.StandardError ** 2.0 + known mode.FrequencyError ** 2.0)

    /// <summary>
    /// Compares λ^k of every mode that has an error bar with the estimate from pairs at k lags. A model whose observables miss slow
    /// motion, or whose lag is too short, decays too fast.
    /// </summary>
    /// <param name="spectrum">The model, from pairs <paramref name="steps"/> rows apart.</param>
    /// <param name="pairsAt">The pairs a number of rows apart: <c>fun steps -> Trajectories.pairs steps trajectories</c>.</param>
    /// <param name="steps">The lag of the model in rows.</param>
    /// <param name="multiples">The multiples k, 2 or more.</param>
    let test
        (spectrum: Spectrum)
        (pairsAt: int -> Outcome<SnapshotPairs>)
        (steps: int)
        (multiples: int list)
        : Outcome<ChapmanKolmogorov> =
        match spectrum.Convention with
        | PropagatorAtLag lag ->
            let offset = if spectrum.IsReversible then 1 else 0

            let at (multiple: int) : Outcome<ChapmanKolmogorovPoint[]> =
                result {
                    use! pairs = pairsAt (multiple * steps)
                    do! Fitting.check spectrum.Observables pairs.From

                    if not (abs (pairs.Lag - float multiple * lag) <= 1e-9 * pairs.Lag) then
                        do!
                            KoopmanError.fail
                                ErrorKind.ShapeMismatch
                                $"Pairs of {multiple * steps} rows have lag {pairs.Lag}, but {multiple} lags of the model are {float multiple * lag}"
                                "Give the number of rows of the model's own lag"

                    return
                        spectrum.Modes
                        |> Array.map (fun mode ->
                            let struct (estimated, error) = direct spectrum pairs (mode.Index - offset)
                            let own = predictedError mode multiple lag

                            {
                                Mode = mode.Index
                                Time = pairs.Lag
                                Predicted = Complex.Pow(mode.Eigenvalue, float multiple)
                                Estimated = estimated
                                StandardError = sqrt (error * error + own * own)
                            })
                }

            Require.all {
                Require.atLeast 1 "the lag of the model in rows" steps
                Require.notEmpty "the list of multiples" multiples
                Require.each (Require.atLeast 1) "multiples" multiples
            }
            |> Result.bind (fun () -> Outcome.collect at multiples)
            |> Result.map (fun found -> { Points = Array.concat found })
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The Chapman-Kolmogorov test needs a propagator, but this spectrum holds {spectrum.Convention}"
                "Fit the spectrum from pairs"
