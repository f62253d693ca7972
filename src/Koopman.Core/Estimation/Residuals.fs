namespace Koopman

open System
open TorchSharp

/// <summary>
/// Residuals of eigenpairs, cross-fitted: the mode is fitted without a fold of the data and tried on it, against a richer family
/// of test functions. A U-statistic takes the sampling noise out, so that an exact pair has residual 0 in the mean.
/// </summary>
[<RequireQualifiedAccess>]
module internal Residuals =

    /// What a fit without a fold gives: eigenfunctions at points (n, K), their slopes along an axis, and the eigenvalues (K).
    [<NoComparison; NoEquality>]
    type Refit =
        {
            Values: Tensor -> Tensor
            Slope: Tensor -> int -> Tensor
            Eigenvalues: Tensor
        }

    /// The number of folds; each is a contiguous piece of the data.
    let folds = 5

    /// <summary>Test functions: Gaussians on twice the number of centres, at most 200, and no more than a quarter of a fold.</summary>
    let testFunctions (count: int) (samples: Samples) : Result<Observables, KoopmanError> =
        let most = min 199 (samples.Count / (4 * folds))
        use centres = Centres.farthest (max 2 (min most (2 * count))) samples
        Observables.gaussians (max (1.6 * Centres.spacing centres) 1e-300) centres

    /// Σ over the folds, weighted by their size, of an estimate for each of K modes; the root, or 0 where noise made it negative.
    let private average (perFold: (float * float[])[]) : float[] =
        let total = perFold |> Array.sumBy fst

        Array.init (snd perFold[0]).Length (fun k ->
            perFold
            |> Array.sumBy (fun (weight, values) -> weight * values[k])
            |> fun s -> sqrt (max 0.0 (s / total)))

    /// <summary>
    /// ‖P(Kφ - λφ)‖/‖φ‖ in L²(data), P the projection on the test functions: with e = φ(y) - λ φ(x) and Q orthonormal test
    /// functions, (|Qᵀe|² - Σ_t |Q_t|² e_t²)/n is free of the noise of e, for stochastic and deterministic data alike.
    /// </summary>
    let ofPairs (test: Observables) (refits: Refit[]) (pairs: SnapshotPairs) : float[] =
        Uncertainty.blocks folds pairs.Count
        |> Array.mapi (fun fold (struct (start, length)) ->
            use _ = torch.NewDisposeScope()
            let x = Tensors.rows start length pairs.From.Points
            let y = Tensors.rows start length pairs.To.Points
            let model = refits[fold]
            let f = model.Values x
            let e = (model.Values y).sub(f.mul model.Eigenvalues)
            let one = torch.ones (int64 length, 1L, dtype = torch.float64)
            let struct (q, _) = torch.linalg.qr (torch.cat ([| one; test.Values x |], 1L))
            let projected = q.t().matmul e
            let square (t: Tensor) = t.mul t
            let noise = (square q).sum(1L).unsqueeze(0L).matmul(square e).squeeze 0L
            let u = (square projected).sum(0L).sub(noise).div((square f).sum 0L)
            float length, Tensors.toArray u)
        |> average

    /// <summary>
    /// The relative residual of L φ = η φ in the dual of the energy norm, ‖(L+η)^{-1/2}(L-η)φ‖/√η, over the test functions χ: if
    /// it is ρ, some eigenvalue η' has |η'-η| ≤ ρ √(η (η'+η)). The weak form T⟨∇φ,∇χ⟩ - η⟨φ,χ⟩ needs first derivatives only.
    /// </summary>
    let ofSamples
        (test: Observables)
        (temperature: float)
        (refits: Refit[])
        (samples: Samples)
        : Result<float[], KoopmanError> =
        // Nodes of a quadrature have no noise to take out: one fold, all nodes, and the full square.
        let drawn = samples.Origin = Drawn

        use _ = torch.NewDisposeScope()
        use moments = Moments.ofSamples test temperature (0, samples.Count) samples
        let per = Tensors.num (1.0 / moments.Weight)

        LinearAlgebra.symmetricPencil 1e-10 (moments.Gram.mul per) (moments.Form.mul per)
        |> Result.map (fun energy ->
            (if drawn then
                 Uncertainty.blocks folds samples.Count
             else
                 [| struct (0, samples.Count) |])
            |> Array.mapi (fun fold (struct (start, length)) ->
                use _ = torch.NewDisposeScope()
                let points = Tensors.rows start length samples.Points

                let weights =
                    (Tensors.rows start length samples.Weights).mul(Tensors.num (float samples.Count))

                let total = weights.sum().ToDouble()
                let share = weights.mul(Tensors.num (1.0 / total)).unsqueeze 1L

                let left =
                    if drawn then
                        1.0 - share.mul(share).sum().ToDouble()
                    else
                        1.0

                let model = refits[fold]
                let f = model.Values points
                let basis = (test.Values points).matmul energy.Vectors

                let slopes =
                    [|
                        for axis in 0 .. samples.Dimension - 1 ->
                            struct (model.Slope points axis, test.Partial(points, axis).matmul energy.Vectors)
                    |]

                let ofMode (k: int) =
                    use _ = torch.NewDisposeScope()
                    let eta = model.Eigenvalues[int64 k].ToDouble()
                    let column (t: Tensor) = t.narrow (1L, int64 k, 1L)
                    let score = basis.mul ((column f).mul(Tensors.num -eta))

                    for struct (slope, testSlope) in slopes do
                        score.addcmul_ (testSlope, column slope, Tensors.num temperature) |> ignore

                    let score = score.mul_ (energy.Values.add(Tensors.num eta).rsqrt().unsqueeze 0L)
                    let weighted = score.mul_ share
                    let sum = weighted.sum 0L

                    let noise =
                        if drawn then
                            weighted.mul(weighted).sum().ToDouble()
                        else
                            0.0

                    let norm = (column f).mul(column f).mul(share).sum().ToDouble()
                    (sum.dot(sum).ToDouble() - noise) / (left * eta * norm)

                total, Array.init (int model.Eigenvalues.shape[0]) ofMode)
            |> average)
