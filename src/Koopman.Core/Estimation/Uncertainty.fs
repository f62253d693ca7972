namespace Koopman

open System
open TorchSharp

/// <summary>
/// Error bars of eigenvalues by the delta method: the first-order effect of sampling noise on an eigenvalue is the mean of a
/// score over the samples; its second-order effect is a bias that block means of the scores estimate.
/// </summary>
[<RequireQualifiedAccess>]
module internal Uncertainty =

    /// The standard error and the bias of an eigenvalue.
    [<Struct>]
    type Bar = { Error: float; Bias: float }

    /// Contiguous blocks of nearly equal length over n rows, at most `wanted`, each of at least two rows.
    let blocks (wanted: int) (n: int) : struct (int * int)[] =
        let count = max 2 (min wanted (n / 2))

        [|
            for b in 0 .. count - 1 ->
                let start = int (int64 n * int64 b / int64 count)
                struct (start, int (int64 n * int64 (b + 1) / int64 count) - start)
        |]

    /// Standard error of the mean of a series from the means of contiguous blocks.
    let batchError (wanted: int) (series: float[]) : float =
        let means =
            blocks wanted series.Length
            |> Array.map (fun (struct (start, length)) -> Array.sum (Array.sub series start length) / float length)

        MathNet.Numerics.Statistics.ArrayStatistics.StandardDeviation means
        / sqrt (float means.Length)

    /// Standard error of the mean of a series of independent values.
    let independentError (series: float[]) : float =
        MathNet.Numerics.Statistics.ArrayStatistics.StandardDeviation series
        / sqrt (float series.Length)

    /// <summary>
    /// The second-order bias b_k = Σ_{j≠k} Var(mean q_jk)/(λ_k-λ_j) - Cov(mean q_kk, mean g_kk). Block means: q (B, r+1, K) with
    /// the constant mode in row 0, g (B, K); lambda has r+1 entries in the order of the rows.
    /// </summary>
    let bias (lambda: float[]) (q: Tensor) (g: Tensor) : float[] =
        use _ = torch.NewDisposeScope()
        let b = float q.shape[0]
        let k = int q.shape[2]
        let variance = q.var(0L, true, false).mul(Tensors.num (1.0 / b))
        let variance = Tensors.toArray variance

        let diagonal =
            torch.stack ([| for i in 0 .. k - 1 -> q.select(2L, int64 i).select(1L, int64 (i + 1)) |], 1L)

        let centre (t: Tensor) = t.sub (t.mean ([| 0L |], true))

        let covariance =
            (centre diagonal).mul(centre g).sum(0L).mul(Tensors.num (1.0 / ((b - 1.0) * b)))

        let covariance = Tensors.toArray covariance

        [|
            for i in 0 .. k - 1 ->
                let mutable sum = -covariance[i]

                for j in 0 .. lambda.Length - 1 do
                    if j <> i + 1 then
                        let v = variance[j * k + i]
                        let gap = lambda[i + 1] - lambda[j]
                        // Two levels repel by no more than the size of their coupling, however close they are.
                        sum <- sum + v / (float (sign gap) * max (abs gap) (max (sqrt v) Double.Epsilon))

                sum
        |]

    /// The columns of a matrix as arrays.
    let columns (matrix: Tensor) : float[][] =
        let n, k = int matrix.shape[0], int matrix.shape[1]
        let values = Tensors.toArray matrix
        [| for i in 0 .. k - 1 -> Array.init n (fun t -> values[t * k + i]) |]

    /// <summary>
    /// Bars of the eigenvalues λ_1..λ_K of reversible EDMD. phi evaluates all r eigenfunctions. The first-order score is the
    /// martingale m = f (h - λ f), whose long-run variance needs no block length; the symmetrised score q sees in addition
    /// what the dictionary leaves unresolved, by 25 block means.
    /// </summary>
    let ofPairs (phi: Tensor -> Tensor) (lambda: float[]) (count: int) (pairs: SnapshotPairs) : Bar[] =
        use _ = torch.NewDisposeScope()
        let k = int64 count
        let leading = Tensors.ofVector (Array.take count lambda)
        let half = Tensors.num 0.5

        let qs, gs, martingale, score =
            ResizeArray(), ResizeArray(), ResizeArray(), ResizeArray()

        for struct (start, length) in blocks 50 pairs.Count do
            use inner = torch.NewDisposeScope()
            let f = phi (Tensors.rows start length pairs.From.Points)
            let h = phi (Tensors.rows start length pairs.To.Points)
            let one = torch.ones (int64 length, 1L, dtype = torch.float64)
            let f1, h1 = torch.cat ([| one; f |], 1L), torch.cat ([| one; h |], 1L)
            let fk, hk = f.narrow (1L, 0L, k), h.narrow (1L, 0L, k)
            let cross = f1.t().matmul(hk).add(h1.t().matmul fk)
            let gram = f1.t().matmul(fk).add(h1.t().matmul hk)
            let per = Tensors.num (0.5 / float length)
            inner.MoveToOuter(cross.sub(gram.mul leading).mul per) |> qs.Add
            inner.MoveToOuter(fk.mul(fk).add(hk.mul hk).mean([| 0L |]).mul half) |> gs.Add
            inner.MoveToOuter(fk.mul (hk.sub (fk.mul leading))) |> martingale.Add
            let own = fk.mul(hk).sub(fk.mul(fk).add(hk.mul hk).mul(leading).mul half)
            inner.MoveToOuter own |> score.Add

        let bias = bias (Array.append [| 1.0 |] lambda) (torch.stack qs) (torch.stack gs)
        let martingale = columns (torch.cat (martingale, 0L))
        let score = columns (torch.cat (score, 0L))

        Array.init count (fun i ->
            {
                Error = max (independentError martingale[i]) (batchError 25 score[i])
                Bias = bias[i]
            })

    /// <summary>
    /// Bars of the eigenvalues η_1..η_K of the Dirichlet form. phi evaluates all r eigenfunctions (n, r), slope their derivative
    /// along an axis. The score q_jk = T ∇φ_j·∇φ_k - η_k φ_j φ_k is no martingale: 20 block means guard against correlated samples.
    /// </summary>
    let ofSamples
        (phi: Tensor -> Tensor)
        (slope: Tensor -> int -> Tensor)
        (temperature: float)
        (eta: float[])
        (count: int)
        (samples: Samples)
        : Bar[] =
        use _ = torch.NewDisposeScope()
        let k = int64 count
        let leading = Tensors.ofVector (Array.take count eta)
        let heat = Tensors.num temperature
        let qs, gs, score = ResizeArray(), ResizeArray(), ResizeArray()

        for struct (start, length) in blocks 100 samples.Count do
            use inner = torch.NewDisposeScope()
            let points = Tensors.rows start length samples.Points

            let weights =
                (Tensors.rows start length samples.Weights).mul(Tensors.num (float samples.Count)).unsqueeze 1L

            let f = phi points

            let f1 =
                torch.cat ([| torch.ones (int64 length, 1L, dtype = torch.float64); f |], 1L)

            let fk = f.narrow (1L, 0L, k)
            let mass = f1.t().matmul(fk.mul weights)
            let mutable stiffness = torch.zeros_like mass
            let mutable own = fk.mul(fk).mul(leading).neg()

            for axis in 0 .. samples.Dimension - 1 do
                let df = slope points axis
                let dk = df.narrow (1L, 0L, k)
                let inside = df.t().matmul(dk.mul weights)
                stiffness <- stiffness.add (torch.cat ([| torch.zeros (1L, k, dtype = torch.float64); inside |], 0L))
                own <- own.add (dk.mul(dk).mul heat)

            let per = Tensors.num (1.0 / float length)
            inner.MoveToOuter(stiffness.mul(heat).sub(mass.mul leading).mul per) |> qs.Add
            inner.MoveToOuter(fk.mul(fk).mul(weights).mean [| 0L |]) |> gs.Add
            inner.MoveToOuter(own.mul weights) |> score.Add

        let bias = bias (Array.append [| 0.0 |] eta) (torch.stack qs) (torch.stack gs)
        let score = columns (torch.cat (score, 0L))
        // 2.093 and 1.96 are the 97.5 % points of Student's law with 19 degrees of freedom and of the normal law.
        Array.init count (fun i ->
            {
                Error = max (independentError score[i]) (batchError 20 score[i] * 2.093 / 1.96)
                Bias = bias[i]
            })

    /// No sampling error: for the nodes of a quadrature rule.
    let exact (count: int) : Bar[] =
        Array.create count { Error = 0.0; Bias = 0.0 }

    /// <summary>The mode with rate, error bar and interval, from an eigenvalue and its bar.</summary>
    let mode (convention: Convention) (index: int) (eigenvalue: float) (residual: float) (bar: Bar) : Mode =
        let corrected = eigenvalue - bar.Bias
        let width = sqrt (bar.Error * bar.Error + bar.Bias * bar.Bias)
        let low, high = corrected - 1.96 * width, corrected + 1.96 * width

        let rate, error, lower, upper =
            match convention with
            | PositiveGenerator _ -> eigenvalue, width, max 0.0 low, high
            | PropagatorAtLag lag ->
                let rateOf lambda =
                    if lambda <= 0.0 then
                        Double.PositiveInfinity
                    else
                        max 0.0 (-(log lambda) / lag)

                rateOf eigenvalue, width / (eigenvalue * lag), rateOf (min 1.0 high), rateOf low

        {
            Index = index
            Eigenvalue = eigenvalue
            Rate = rate
            StandardError = error
            Lower = lower
            Upper = upper
            Residual = residual
            NearDegenerate = false
        }
