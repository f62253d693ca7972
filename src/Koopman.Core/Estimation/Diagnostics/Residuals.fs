namespace Koopman

open System
open TorchSharp

/// <summary>
/// Residuals of eigenpairs, cross-fitted: the mode is fitted without a fold of the data and evaluated on it, against a richer family
/// of test functions. A U-statistic removes the sampling noise, so that an exact pair has mean residual 0.
/// </summary>
[<RequireQualifiedAccess>]
module internal Residuals =

    /// A fit without one fold: eigenfunctions at points (n, K), their slopes along an axis, and the eigenvalues (K).
    [<NoComparison; NoEquality>]
    type Refit =
        {
            Values: Tensor -> Tensor
            Slope: Tensor -> int -> Tensor
            Eigenvalues: Tensor
        }

    /// The number of folds; each is a contiguous piece of the data.
    let folds = 5

    /// <summary>
    /// Test functions: Gaussians on twice the number of centres, at most 200, and no more than a quarter of a fold. Every coordinate is measured in its own scale,
    /// and outliers are not centres.
    /// </summary>
    let testFunctions (count: int) (samples: Samples) : Outcome<Observables> =
        let most = min 199 (samples.Count / (4 * folds))
        let lengths = Centres.scales samples

        if Array.forall (fun length -> length = 0.0) lengths then
            use centres = Centres.farthest 2 samples
            Observables.gaussians 1e-300 centres
        else
            result {
                use! scaled = Centres.scaled lengths samples
                use _ = Tensors.scope ()
                let rows = Centres.spread (max 2 (min most (2 * count))) scaled |> Array.map int64

                let at (points: Tensor) =
                    points.index_select (0L, Tensors.ofIndices rows)

                let width = max (1.6 * Centres.spacing (at scaled.Points)) 1e-300
                return Observables.stretchedGaussians width lengths (at samples.Points)
            }

    /// Σ over the folds, weighted by their size, of an estimate for each of K modes; the square root, or 0 if noise made it negative.
    let private average (perFold: (float * float[])[]) : float[] =
        let total = perFold |> Array.sumBy fst

        Array.init (snd perFold[0]).Length (fun k ->
            perFold
            |> Array.sumBy (fun (weight, values) -> weight * values[k])
            |> fun s -> sqrt (max 0.0 (s / total)))

    /// Sums over rows of pairs for each of K modes: weighted squares of φ(x), of the defect e, and of its projection without noise.
    [<NoComparison; NoEquality>]
    type Sums =
        {
            Norm: float[]
            Pair: float[]
            Projected: float[]
            /// The number of test functions, 0 without a projection.
            Tests: int
        }

    let private squares (t: Tensor) : Tensor =
        if t.is_complex () then
            t.real.square () + t.imag.square ()
        else
            t.square ()

    /// |Qᵀe|² without the diagonal terms: those of rows that overlap in time, fewer than `stride` apart.
    let private unbiased (stride: int) (q: Tensor) (e: Tensor) : Tensor =
        let length = q.shape[0]
        let mutable sum = q.t().times(e).square().sum 0L

        for shift in 0L .. int64 (min stride (int length)) - 1L do
            let meet (t: Tensor) =
                t.narrow (0L, 0L, length - shift) * t.narrow (0L, shift, length - shift)

            let twice = if shift = 0L then 1.0 else 2.0
            let self = (meet q).sum(1L).unsqueeze(0L).times(meet e).squeeze 0L
            sum <- sum - twice * self

        sum

    /// The sums over rows start to start+length-1 for eigenfunctions f = φ(x) and defects e = φ(y) - λ φ(x), real or complex (n, K).
    let sums
        (test: Observables option)
        (pairs: SnapshotPairs)
        (start: int, length: int)
        (f: Tensor)
        (e: Tensor)
        : Sums =
        use _ = Tensors.scope ()
        let root = (Blocks.weights pairs.From start length).sqrt()
        let f, e = f * root, e * root
        let pair = (squares e).sum 0L

        let projected, tests =
            match test with
            | None -> pair, 0
            | Some test ->
                let one = torch.ones (int64 length, 1L, dtype = torch.float64)
                let values = test.Values(Tensors.rows start length pairs.From.Points)
                let struct (q, _) = torch.linalg.qr (torch.cat ([| one; values |], 1L) * root)

                let sum =
                    if e.is_complex () then
                        unbiased pairs.Stride q e.real + unbiased pairs.Stride q e.imag
                    else
                        unbiased pairs.Stride q e

                sum, int q.shape[1]

        {
            Norm = Tensors.toArray ((squares f).sum 0L)
            Pair = Tensors.toArray pair
            Projected = Tensors.toArray projected
            Tests = tests
        }

    /// <summary>
    /// With test functions ‖P(Kφ - λφ)‖/‖φ‖ in L²(data), P the projection on them: with e = φ(y) - λ φ(x) and Q orthonormal test
    /// functions, (|Qᵀe|² - Σ_t |Q_t|² e_t²)/n is free of the noise of e. Without them the plain ‖φ(y) - λφ(x)‖/‖φ‖, correct if y
    /// is a function of x. The model fitted without each fold gives φ(x) and e on its rows.
    /// </summary>
    let private ofFolds
        (test: Observables option)
        (models: (int * int -> struct (Tensor * Tensor))[])
        (pairs: SnapshotPairs)
        : float[] =
        Blocks.ofPairs folds pairs
        |> Array.mapi (fun fold rows ->
            use _ = Tensors.scope ()
            let struct (start, length) = Blocks.apart pairs rows
            let struct (f, e) = models[fold](start, length)
            let sums = sums test pairs (start, length) f e
            let weight = (Blocks.weights pairs.From start length).sum().ToDouble()
            // A fold without weight is skipped.
            weight, Array.map2 (fun s n -> if n > 0.0 then s / n else 0.0) sums.Projected sums.Norm)
        |> average

    /// The residuals of real eigenfunctions.
    let ofPairs (test: Observables) (refits: Refit[]) (pairs: SnapshotPairs) : float[] =
        let models =
            refits
            |> Array.map (fun model (start, length) ->
                let f = model.Values(Tensors.rows start length pairs.From.Points)
                let h = model.Values(Tensors.rows start length pairs.To.Points)
                struct (f, h - f * model.Eigenvalues))

        ofFolds (Some test) models pairs

    /// The residuals of complex eigenfunctions, projected or plain.
    let ofTrials (test: Observables option) (trials: EigenpairTest[]) (pairs: SnapshotPairs) : float[] =
        let models =
            trials
            |> Array.map (fun trial (start, length) ->
                let rows = trial.Rows(pairs, start, length)
                struct (rows.Values, rows.Defect))

        ofFolds test models pairs

    /// <summary>
    /// The relative residual of L φ = η φ in the dual of the energy norm, ‖(L+η)^{-1/2}(L-η)φ‖/√η, over the test functions χ: if
    /// it is ρ, some eigenvalue η' has |η'-η| ≤ ρ √(η (η'+η)). The weak form T⟨∇φ,∇χ⟩ - η⟨φ,χ⟩ needs first derivatives only.
    /// </summary>
    let ofSamples (test: Observables) (temperature: float) (refits: Refit[]) (samples: Samples) : Outcome<float[]> =
        // Quadrature nodes have no noise to remove: one fold of all nodes, and the full square.
        let drawn = samples.Sampling = Drawn

        use _ = Tensors.scope ()
        use moments = Moments.ofSamples test temperature (0, samples.Count) samples
        let per = 1.0 / moments.Weight

        LinearAlgebra.symmetricPencil 1e-10 (per * moments.C00) (per * moments.C01)
        |> Result.map (fun energy ->
            (if drawn then
                 Blocks.even folds samples.Count
             else
                 [| struct (0, samples.Count) |])
            |> Array.mapi (fun fold (struct (start, length)) ->
                use _ = Tensors.scope ()
                let points = Tensors.rows start length samples.Points

                let weights = float samples.Count * Tensors.rows start length samples.Weights

                let total = weights.sum().ToDouble()
                let share = (1.0 / total * weights).unsqueeze 1L

                let left =
                    if drawn then
                        1.0 - (share * share).sum().ToDouble()
                    else
                        1.0

                let model = refits[fold]
                let f = model.Values points
                let basis = (test.Values points).times energy.Vectors

                let slopes =
                    [|
                        for axis in 0 .. samples.Dimension - 1 ->
                            struct (model.Slope points axis, test.Partial(points, axis).times energy.Vectors)
                    |]

                let ofMode (k: int) =
                    use _ = Tensors.scope ()
                    let eta = model.Eigenvalues[int64 k].ToDouble()
                    let column (t: Tensor) = t.narrow (1L, int64 k, 1L)
                    let score = basis * ((-eta) * column f)

                    for struct (slope, testSlope) in slopes do
                        score.addcmul_ (testSlope, column slope, Tensors.num temperature) |> ignore

                    let score = score.mul_ ((energy.Values + eta).rsqrt().unsqueeze 0L)
                    let weighted = score.mul_ share
                    let sum = weighted.sum 0L

                    let noise =
                        if drawn then
                            (weighted * weighted).sum().ToDouble()
                        else
                            0.0

                    let norm = (column f * column f * share).sum().ToDouble()
                    (sum.dot(sum).ToDouble() - noise) / (left * eta * norm)

                total, Array.init (int model.Eigenvalues.shape[0]) ofMode)
            |> average)
