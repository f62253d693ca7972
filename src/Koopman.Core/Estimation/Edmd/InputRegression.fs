namespace Koopman

open TorchSharp

/// <summary>
/// Regression of later observables on earlier ones and on the inputs between them, ψ(y) ≈ Kᵀψ(x) + Bᵀu. The part explained by the inputs
/// is first removed from both sides (Frisch-Waugh-Lovell theorem), so that K is the regression of the residuals and zero inputs have no effect.
/// </summary>
[<RequireQualifiedAccess>]
module internal InputRegression =

    /// The fraction of a direction's variance that the inputs must leave unexplained for its operator to be determined.
    let private identifiable = 1e-8

    /// The error for inputs that are functions of the state; takes the smallest fraction of variance not explained by them.
    let checkIdentifiable (left: float) : Outcome<unit> =
        if left >= identifiable then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.IllConditioned
                $"The inputs are functions of the state: in one direction they leave only a fraction {max 0.0 left:G2} of the variance unexplained"
                "Add excitation that is independent of the state, or give the input matrix if it is known (Dmd.fitWithInput)"

    /// ⟨uuᵀ⟩ (m, m), ⟨ψ(x)uᵀ⟩ (N, m) and ⟨uψ(y)ᵀ⟩ (m, N).
    let private moments
        (observables: Observables)
        (inputs: Tensor)
        (pairs: SnapshotPairs)
        : struct (Tensor * Tensor * Tensor) =
        let n, m = int64 observables.Count, inputs.shape[1]
        let gram = torch.zeros (m, m, dtype = torch.float64)
        let overlap = torch.zeros (n, m, dtype = torch.float64)
        let driven = torch.zeros (m, n, dtype = torch.float64)

        for struct (start, size) in Tensors.pieces (Tensors.pieceRows observables.Count) pairs.Count do
            use _ = Tensors.scope ()
            let rows (tensor: Tensor) = Tensors.rows start size tensor
            let u = rows inputs
            let wu = u * (rows pairs.From.Weights).unsqueeze 1L
            gram.addmm_ (wu.t (), u) |> ignore

            overlap.addmm_ (observables.Values(rows pairs.From.Points).t(), wu) |> ignore

            driven.addmm_ (wu.t (), observables.Values(rows pairs.To.Points)) |> ignore

        struct (gram, overlap, driven)

    /// <summary>
    /// P (r, N) with K = W P for the orthonormal basis W (N, r) of the span, and B (m, N) if the pairs carry inputs. For linearly
    /// dependent inputs B is the solution with the smallest coefficients.
    /// </summary>
    /// <param name="observables">ψ.</param>
    /// <param name="basis">W with Wᵀ⟨ψψᵀ⟩W = 1.</param>
    /// <param name="form">⟨ψ(x)ψ(y)ᵀ⟩ (N, N).</param>
    /// <param name="pairs">The data.</param>
    let solve
        (observables: Observables)
        (basis: Tensor)
        (form: Tensor)
        (pairs: SnapshotPairs)
        : Outcome<struct (Tensor * Tensor option)> =
        let plain = basis.t().times form

        match pairs.Inputs with
        | None -> Ok(struct (plain, None))
        | Some inputs ->
            let struct (gram, overlap, driven) = moments observables inputs pairs

            if gram.diagonal().max().ToDouble() = 0.0 then
                Ok(struct (plain, Some driven))
            else
                result {
                    let! scale = LinearAlgebra.whiten 1e-10 gram
                    let shared = basis.t().times(overlap).times scale
                    let effect = scale.t().times driven

                    let left =
                        torch.eye (basis.shape[1], dtype = torch.float64) - shared.times (shared.t ())

                    do! checkIdentifiable (torch.linalg.eigvalsh(left).min().ToDouble())
                    let matrix = torch.linalg.solve (left, plain - shared.times effect)
                    return struct (matrix, Some(scale.times (effect - shared.t().times matrix)))
                }
