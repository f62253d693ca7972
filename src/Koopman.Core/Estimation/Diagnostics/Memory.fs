namespace Koopman

open System.Numerics
open TorchSharp

/// <summary>
/// The Chapman-Kolmogorov test on single modes: if φ evolves as e^{μt}, then ⟨u(x_0) φ(x_t)⟩ falls by the same factor λ in every lag. An
/// eigenfunction outside the dictionary, a hidden variable and measurement noise all make the decay faster at first than later.
/// </summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal Memory =

    /// 1 for rows t whose row t - `back` is in the same run, 0 for others (n).
    let private continued (pairs: SnapshotPairs) (back: int) : float[] =
        let n = pairs.Count
        let ends = Array.append (Array.tail pairs.Starts) [| n |]
        let mask = Array.zeroCreate n

        Array.iter2
            (fun start next ->
                for t in start + back .. next - 1 do
                    mask[t] <- 1.0)
            pairs.Starts
            ends

        mask

    /// The longest run, in lags.
    let private longest (pairs: SnapshotPairs) : int =
        Array.append pairs.Starts [| pairs.Count |]
        |> Array.pairwise
        |> Array.map (fun (start, next) -> (next - start) / pairs.Stride)
        |> Array.max

    /// The number of lags over which the pairs can be followed; 0 without trajectories of several lags.
    let private reach (pairs: SnapshotPairs) : int =
        let longest = longest pairs
        max (min 1 (longest - 1)) (longest / 10)

    /// For each mode the later factor that contradicts it most, from the rows of all pairs; none without trajectories of several lags.
    let ofRows (trial: EigenpairTest) (rows: Lazy<TrialRows>) (pairs: SnapshotPairs) : Memory option[] =
        let count = trial.Eigenvalues.Length
        let reach = reach pairs

        if reach < 1 then
            Array.create count None
        else
            let rows = rows.Value
            use _ = Tensors.scope ()
            let n = pairs.Count
            let f, defect = rows.Values, rows.Defect
            let dual = rows.Dual.conj () * Blocks.weights pairs.From 0 n
            let norm = (dual * f).sum 0L
            let lambda = trial.Lambda()

            // At the next lag, and after half and 1.5 times the time in which the mode decays to 1/e.
            let within (share: float) (value: Complex) : int =
                let rate = -log(max 1e-300 (Complex.Abs value))
                let lags = if rate > 0.0 then int (min (share / rate) 1e6) else reach
                max 1 (min reach lags)

            let wanted =
                trial.Eigenvalues
                |> Array.map (fun value -> Array.distinct [| 1; within 0.5 value; within 1.5 value |])

            let after (lags: int) (modes: int[]) : Memory option[] =
                use _ = Tensors.scope ()
                let back = int64 (lags * pairs.Stride)
                let mask = continued pairs (int back)
                let kept = Array.sum mask
                let chosen = Tensors.ofIndices (modes |> Array.map int64)
                let some (t: Tensor) = t.index_select (t.dim () - 1L, chosen)

                let dual, f, defect, norm, lambda =
                    some dual, some f, some defect, some norm, some lambda

                let none = torch.zeros (back, int64 modes.Length, dtype = torch.complex128)

                let earlier =
                    torch.cat ([| none; dual.narrow (0L, 0L, int64 n - back) |], 0L)
                    * (Tensors.ofVector mask).unsqueeze 1L

                // ⟨u(x_0) φ(x_k)⟩ over rows of the same run, and the score of its decay over the next lag, less the contribution of the error of λ.
                let share = float n / kept
                let correlation = share * (earlier * f).sum 0L / norm
                let power = lambda.pow (Tensors.num (float lags))
                let score = (share * earlier - power * dual) * defect
                let relative = score / (norm * correlation * lambda) * float n

                let isReal (k: int) : bool =
                    trial.Eigenvalues[modes[k]].Imaginary = 0.0

                let decay = Uncertainty.columns relative.real

                // A real mode does not turn.
                let turn =
                    if Seq.forall isReal (seq { 0 .. modes.Length - 1 }) then
                        [||]
                    else
                        Uncertainty.columns relative.imag

                let batches = Blocks.ofPairs 25 pairs

                Array.init modes.Length (fun k ->
                    let part (series: float[]) : struct (float * float) =
                        let mean = Array.average series

                        let error =
                            max (Uncertainty.martingaleError pairs series) (Uncertainty.blockError batches series)

                        struct (mean,
                                (if abs mean > 1e-10 && error > 0.0 then
                                     abs mean / error
                                 else
                                     0.0))

                    let struct (real, zReal) = part decay[k]

                    let struct (imaginary, zImaginary) =
                        if isReal k then struct (0.0, 0.0) else part turn[k]

                    let factor = Complex(1.0 + real, imaginary)

                    if kept < 100.0 || not (System.Double.IsFinite(real + imaginary)) then
                        None
                    else
                        Some
                            {
                                Lags = lags
                                Later =
                                    (Complex.Log trial.Eigenvalues[modes[k]] + Complex.Log factor)
                                    / Complex(trial.Lag, 0.0)
                                Statistic = max zReal zImaginary
                            })

            let found =
                wanted
                |> Array.concat
                |> Array.distinct
                |> Array.collect (fun lags ->
                    let modes =
                        [| 0 .. count - 1 |] |> Array.filter (fun k -> Array.contains lags wanted[k])

                    Array.map2 (fun k memory -> (lags, k), memory) modes (after lags modes))
                |> Map.ofArray

            Array.init count (fun k ->
                wanted[k]
                |> Array.choose (fun lags -> found[lags, k])
                |> function
                    | [||] -> None
                    | some -> Some(some |> Array.maxBy _.Statistic))

    /// The same from pairs.
    let ofTrial (trial: EigenpairTest) (pairs: SnapshotPairs) : Memory option[] =
        use _ = Tensors.scope ()
        ofRows trial (lazy (trial.AllRows pairs)) pairs

    /// What trying the eigenpairs out on pairs shows of the modes, to be completed by the estimator.
    let evidence (copies: float) (trial: EigenpairTest) (pairs: SnapshotPairs) : Evidence =
        { Evidence.none with
            Constants = trial.Constants pairs
            Copies = copies
            Memory = ofTrial trial pairs
        }
