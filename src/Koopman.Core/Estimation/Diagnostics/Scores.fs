namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>The scores of the delta method for each kind of estimator, and the error bars computed from them.</summary>
[<RequireQualifiedAccess>]
module internal Scores =

    let private whole (tensors: ResizeArray<Tensor>) : float[][] =
        Uncertainty.columns (torch.cat (tensors, 0L))

    /// The mean of a group of series, row by row.
    let private together (series: float[][]) (group: int[]) : float[] =
        if group.Length = 1 then
            series[group[0]]
        else
            Array.init series[0].Length (fun t -> group |> Array.averageBy (fun i -> series[i][t]))

    let private withConstant (functions: Tensor) : Tensor =
        torch.cat ([| torch.ones (functions.shape[0], 1L, dtype = torch.float64); functions |], 1L)

    /// <summary>
    /// Bars of the eigenvalues λ_1..λ_K of reversible EDMD, or of the mean of a group. phi evaluates all r eigenfunctions. The
    /// first-order score is the martingale m = f (h - λ f), whose long-run variance needs no block length; the symmetrised score q
    /// also includes what the dictionary leaves unresolved, by 25 block means.
    /// </summary>
    let ofPairs
        (phi: Tensor -> Tensor)
        (lambda: float[])
        (count: int)
        (pairs: SnapshotPairs)
        : int[] -> Uncertainty.Bar =
        use _ = Tensors.scope ()
        let k = int64 count
        let leading = Tensors.ofVector (Array.take count lambda)
        let half = 0.5
        let blocks = Blocks.ofPairs 50 pairs

        let qs, gs, martingale, score =
            ResizeArray(), ResizeArray(), ResizeArray(), ResizeArray()

        for struct (start, length) in blocks do
            use inner = Tensors.scope ()
            let w = Blocks.weights pairs.From start length
            let f = phi (Tensors.rows start length pairs.From.Points)
            let h = phi (Tensors.rows start length pairs.To.Points)
            let f1, h1 = withConstant f, withConstant h
            let fk, hk = f.narrow (1L, 0L, k), h.narrow (1L, 0L, k)
            let wf, wh = fk * w, hk * w
            let cross = f1.t().times(wh) + h1.t().times wf
            let gram = f1.t().times(wf) + h1.t().times wh
            // The contribution of this block to the mean over all pairs, times the number of blocks.
            let share = float blocks.Length / float pairs.Count

            inner.MoveToOuter(0.5 * share * (cross - gram * leading)) |> qs.Add

            // The norm minus its mean 1, so that blocks of different weight are comparable.
            inner.MoveToOuter(share * ((fk * wf + hk * wh) * half - w).sum([| 0L |]))
            |> gs.Add

            inner.MoveToOuter(wf * (hk - fk * leading)) |> martingale.Add

            inner.MoveToOuter(wf * hk - (fk * wf + hk * wh) * leading * half) |> score.Add

        let bias =
            Uncertainty.bias (Array.append [| 1.0 |] lambda) (torch.stack qs) (torch.stack gs)

        let martingale, score = whole martingale, whole score
        let batches = Blocks.ofPairs 25 pairs

        fun group ->
            {
                Error =
                    max
                        (Uncertainty.martingaleError pairs (together martingale group))
                        (Uncertainty.blockError batches (together score group))
                Bias = bias group
            }

    /// <summary>
    /// Bars of the eigenvalues η_1..η_K of the Dirichlet form, or of the mean of a group. phi evaluates all r eigenfunctions (n, r),
    /// slope their derivative along an axis. The score q_jk = T ∇φ_j·∇φ_k - η_k φ_j φ_k is not a martingale: 20 block means account for
    /// correlated samples.
    /// </summary>
    let ofSamples
        (phi: Tensor -> Tensor)
        (slope: Tensor -> int -> Tensor)
        (temperature: float)
        (eta: float[])
        (count: int)
        (samples: Samples)
        : int[] -> Uncertainty.Bar =
        use _ = Tensors.scope ()
        let k = int64 count
        let leading = Tensors.ofVector (Array.take count eta)
        let heat = temperature
        let qs, gs, score = ResizeArray(), ResizeArray(), ResizeArray()
        let blocks = Blocks.even 100 samples.Count

        for struct (start, length) in blocks do
            use inner = Tensors.scope ()
            let points = Tensors.rows start length samples.Points
            let w = Blocks.weights samples start length
            let f = phi points
            let fk = f.narrow (1L, 0L, k)
            let wf = fk * w
            let mass = (withConstant f).t().times wf
            let mutable stiffness = torch.zeros_like mass
            let mutable own = -(fk * wf * leading)

            for axis in 0 .. samples.Dimension - 1 do
                let df = slope points axis
                let dk = df.narrow (1L, 0L, k)
                let inside = df.t().times(dk * w)

                stiffness <-
                    stiffness
                    + torch.cat ([| torch.zeros (1L, k, dtype = torch.float64); inside |], 0L)

                own <- own + dk * dk * w * heat

            let share = float blocks.Length / float samples.Count
            inner.MoveToOuter((heat * stiffness - mass * leading) * share) |> qs.Add
            inner.MoveToOuter((fk * wf - w).sum([| 0L |]) * share) |> gs.Add
            inner.MoveToOuter own |> score.Add

        let bias =
            Uncertainty.bias (Array.append [| 0.0 |] eta) (torch.stack qs) (torch.stack gs)

        let score = whole score

        fun group ->
            let series = together score group

            {
                Error = Uncertainty.seriesError series
                Bias = bias group
            }

    /// <summary>
    /// Standard errors of decay rate and frequency for eigenvalues λ (K) of a propagator that need not be self-adjoint. The score
    /// q = conj(uᴴψ(x)) (vᵀψ(y) - λ vᵀψ(x)) / uᴴGv is a martingale; block means account for what the dictionary leaves unresolved.
    /// Returns the standard errors of Re(q/λ)/τ and Im(q/λ)/τ.
    /// </summary>
    let ofTrial (trial: EigenpairTest) (pairs: SnapshotPairs) : struct (float * float)[] =
        use _ = Tensors.scope ()
        let scores = ResizeArray()
        let norm = torch.zeros (int64 trial.Eigenvalues.Length, dtype = torch.complex128)

        for struct (start, length) in Tensors.pieces 2048 pairs.Count do
            use inner = Tensors.scope ()
            let rows = trial.Rows(pairs, start, length)
            let w = Blocks.weights pairs.From start length
            let dual = rows.Dual.conj () * w
            norm.add_ ((dual * rows.Values).sum 0L) |> ignore
            inner.MoveToOuter(dual * rows.Defect) |> scores.Add

        let scale = norm * trial.Lambda() * (trial.Lag / float pairs.Count)

        let relative = torch.cat (scores, 0L) / scale

        let decay, turn =
            Uncertainty.columns relative.real, Uncertainty.columns relative.imag

        let batches = Blocks.ofPairs 25 pairs

        let error (series: float[]) =
            max (Uncertainty.martingaleError pairs series) (Uncertainty.blockError batches series)

        Array.init trial.Eigenvalues.Length (fun k ->
            if trial.Eigenvalues[k] = Complex.Zero then
                struct (Double.PositiveInfinity, Double.PositiveInfinity)
            else
                struct (error decay[k], error turn[k]))
