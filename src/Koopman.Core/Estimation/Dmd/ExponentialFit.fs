namespace Koopman

open System
open System.Numerics
open System.Threading
open TorchSharp

/// <summary>
/// Sums of exponentials fitted to series by variable projection (Golub and Pereyra 1973; Askham and Kutz 2018): the amplitudes are
/// the least-squares solution given the exponents, and the exponents are found by the Levenberg-Marquardt method.
/// </summary>
[<RequireQualifiedAccess>]
module internal ExponentialFit =

    /// One stretch of data: times (n), values (n, p), and the square roots of the row weights (n).
    [<NoComparison; NoEquality>]
    type Series =
        {
            Times: float[]
            Values: Tensor
            Share: Tensor
        }

    /// <summary>The result of an iteration.</summary>
    [<NoComparison; NoEquality>]
    type Solution =
        {
            /// (s, D) of each pair of exponents, then the single real one if their number is odd.
            Parameters: float[]
            /// The weighted residual sum of squares.
            Left: float
            /// JᵀJ of the residuals with respect to the parameters.
            Curvature: float[,]
            Iterations: int
            Converged: bool
        }

    let private matrix (columns: float[][]) : Tensor =
        (Tensors.ofRows columns.Length (Array.concat columns)).t()

    /// <summary>
    /// The correlation between the residuals of consecutive states over all coordinates, and its distance from 0
    /// in standard errors of white noise; 0 if the residuals are only rounding errors.
    /// </summary>
    let correlation (count: int) (series: Series[]) (parameters: float[]) : struct (float * float) =
        use _ = Tensors.scope ()

        let lefts =
            series
            |> Array.map (fun one ->
                let struct (columns, _) = ExponentialBasis.columns count parameters one.Times
                let share = one.Share.unsqueeze 1L
                let struct (q, _) = torch.linalg.qr (matrix columns * share)
                let data = one.Values * share
                data - q.times (q.t().times data))

        let total (part: Tensor -> Tensor) =
            lefts |> Array.sumBy (fun left -> (part left).sum().ToDouble())

        let square = total _.square()

        let size =
            series
            |> Array.sumBy (fun one -> (one.Values * one.Share.unsqueeze 1L).square().sum().ToDouble())

        let steps = series |> Array.sumBy (fun one -> one.Times.Length - 1)

        let next =
            total (fun left ->
                left.narrow (0L, 0L, left.shape[0] - 1L)
                * left.narrow (0L, 1L, left.shape[0] - 1L))

        if square <= 1e-20 * size then
            struct (0.0, 0.0)
        else
            struct (next / square, next / square * sqrt (float steps))

    /// The residual of the data at the best amplitudes, JᵀJ and Jᵀr. Kaufman's form of J: its gradient is exact.
    let private evaluate (count: int) (series: Series[]) (parameters: float[]) : struct (float * float[,] * float[]) =
        let size = parameters.Length
        let curvature, gradient = Array2D.zeroCreate size size, Array.zeroCreate size
        let mutable left = 0.0

        for one in series do
            use _ = Tensors.scope ()
            let struct (columns, slopes) = ExponentialBasis.columns count parameters one.Times
            let share = one.Share.unsqueeze 1L
            let struct (q, r) = torch.linalg.qr (matrix columns * share)
            let data = one.Values * share
            let outside (m: Tensor) = m - q.times (q.t().times m)
            let rest = outside data

            let amplitudes = torch.linalg.pinv(r, rtol = Nullable 1e-13).times(q.t().times data)

            let moved =
                slopes
                |> Array.map (fun (struct (first, columns)) ->
                    let here = amplitudes.narrow (0L, int64 first, int64 columns.Length)
                    (outside ((matrix columns * share).times here)).reshape -1L)
                |> fun all -> torch.stack (all, 1L)

            left <- left + rest.square().sum().ToDouble()
            let jj = Tensors.toArray (moved.t().times moved)
            let jr = Tensors.toArray (moved.t().mv(rest.reshape -1L))

            for i in 0 .. size - 1 do
                gradient[i] <- gradient[i] + jr[i]

                for j in 0 .. size - 1 do
                    curvature[i, j] <- curvature[i, j] + jj[i * size + j]

        struct (left, curvature, gradient)

    /// The weighted residual sum of squares for given exponents.
    let misfit (count: int) (series: Series[]) (parameters: float[]) : float =
        let struct (left, _, _) = evaluate count series parameters

        if Double.IsFinite left then
            left
        else
            Double.PositiveInfinity

    /// True if no mode grows or decays by more than e¹⁰ within a mean step: such a mode would fit the noise of single states.
    let private resolvable (count: int) (series: Series[]) (parameters: float[]) : bool =
        let spans = series |> Array.sumBy (fun one -> Array.last one.Times - one.Times[0])
        let steps = series |> Array.sumBy (fun one -> one.Times.Length - 1)
        let limit = 10.0 * float steps / spans

        ExponentialBasis.exponents count parameters
        |> Array.forall (fun exponent -> abs exponent.Real <= limit && Double.IsFinite exponent.Imaginary)

    /// The solution of (H + damping diag H) x = g.
    let private damped (damping: float) (curvature: float[,]) (gradient: float[]) : float[] =
        Tensors.within (fun () ->
            let h = Tensors.ofMatrix curvature
            let diagonal = h.diagonal().clamp_min(Tensors.num 1e-300)
            let scale = diagonal.sqrt ()
            // Scaled to unit diagonal, so that large and small exponents have equal weight.
            let unit =
                h / scale.unsqueeze 0L / scale.unsqueeze 1L
                + damping * torch.eye (h.shape[0], dtype = torch.float64)

            let g = Tensors.ofVector gradient / scale

            torch.linalg.pinv(unit, rtol = Nullable 1e-14, hermitian = true).mv(g) / scale
            |> Tensors.toArray)

    /// <summary>The best-fitting exponents, from a starting point.</summary>
    /// <param name="most">The maximum number of iterations.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
    /// <param name="count">The number of exponents, r.</param>
    /// <param name="series">The data; every stretch has more than r states.</param>
    /// <param name="start">Initial parameters.</param>
    let solve
        (most: int)
        (cancellation: CancellationToken)
        (count: int)
        (series: Series[])
        (start: float[])
        : Solution =
        let total =
            series
            |> Array.sumBy (fun one ->
                Tensors.within (fun () -> (one.Values * one.Share.unsqueeze 1L).square().sum().ToDouble()))

        let rec iterate (done': int) (damping: float) (here: float[]) (struct (left, curvature, gradient)) =
            cancellation.ThrowIfCancellationRequested()

            let answer converged =
                {
                    Parameters = here
                    Left = left
                    Curvature = curvature
                    Iterations = done'
                    Converged = converged
                }

            // A residual of the size of rounding errors cannot be improved.
            if left <= 1e-28 * total then
                answer true
            elif done' >= most then
                answer false
            else
                let step = damped damping curvature gradient
                let there = Array.map2 (+) here step

                let found =
                    if resolvable count series there then
                        evaluate count series there
                    else
                        struct (Double.PositiveInfinity, curvature, gradient)

                let struct (next, _, _) = found
                let promised = Array.fold2 (fun sum s g -> sum + s * g) 0.0 step gradient

                if Double.IsFinite next && next <= left then
                    // The predicted decrease is below rounding: this is the minimum.
                    if promised <= 1e-13 * left || left - next <= 1e-13 * left then
                        { answer true with
                            Parameters = there
                            Left = next
                            Iterations = done' + 1
                        }
                    else
                        iterate (done' + 1) (max 1e-12 (damping / 5.0)) there found
                elif promised <= 1e-12 * left then
                    answer true
                elif damping > 1e12 then
                    answer false
                else
                    iterate (done' + 1) (damping * 4.0) here (struct (left, curvature, gradient))

        iterate 0 1e-3 start (evaluate count series start)

    /// The best amplitudes (r, p) of each stretch in complex exponentials e^{α(t - t₀)} from its first time t₀.
    let amplitudes (exponents: Complex[]) (one: Series) : Tensor =
        Tensors.keep (fun () ->
            let times = one.Times |> Array.map (fun t -> t - one.Times[0])

            let part (take: Complex -> float) =
                times
                |> Array.collect (fun t -> exponents |> Array.map (fun a -> take (Complex.Exp(a * Complex(t, 0.0)))))
                |> Tensors.ofRows times.Length

            let share = one.Share.unsqueeze 1L
            let basis = torch.complex (part _.Real * share, part _.Imaginary * share)
            let values = one.Values * share
            let data = torch.complex (values, torch.zeros_like values)
            // Columns are normalised, so that a mode that grows or decays by orders of magnitude is resolved like the others.
            let length = basis.abs().square().sum(0L, true).sqrt()
            let scaled = basis / length
            torch.linalg.pinv(scaled, rtol = Nullable 1e-13).times(data) / length.t ())
