namespace Koopman

open TorchSharp

/// The leading eigenpairs of a large symmetric matrix that is given by its products: restarted block Lanczos with full
/// reorthogonalisation. Every product is with a block of vectors, so the cost is that of matrix products.
[<RequireQualifiedAccess>]
module internal LeadingEigen =

    /// Blocks in a basis before the iteration restarts from its best vectors.
    let private depth = 8

    /// The maximum number of restarts; closely clustered eigenvalues may need more.
    let private restarts = 25

    /// Up to this many rows the dense eigenproblem is solved if the iteration stalls.
    let private whole = 4000

    /// Vectors in a block: a few more than wanted, so that the last wanted one converges.
    let private block (rank: int) : int = rank + max 8 (rank / 3)

    /// <summary>The memory of the iteration besides the matrix, in numbers, for n rows.</summary>
    let work (n: int) (rank: int) : float =
        float n * float (block rank) * float (2 * depth + 4)

    /// An orthonormal basis of W without its part in the span of Q.
    let private extend (q: Tensor) (w: Tensor) : Tensor =
        let without (m: Tensor) = m - q.times (q.t().times m)

        let orthonormal (m: Tensor) =
            let struct (q, _) = torch.linalg.qr m
            q

        // Twice, because the remainder of Q in W after rounding can be as large as W's new directions.
        w |> without |> without |> orthonormal |> without |> orthonormal

    /// <summary>
    /// The <paramref name="rank"/> largest eigenvalues, descending, with orthonormal eigenvectors in columns (n, rank), both in the
    /// dispose scope of the caller. Residuals are below the tolerance times the largest eigenvalue.
    /// </summary>
    let solve (rank: int) (tolerance: float) (n: int) (apply: Tensor -> Tensor) : Outcome<struct (Tensor * Tensor)> =
        let width = block rank

        let descending (struct (values: Tensor, vectors: Tensor)) =
            struct (values.flip(0L).narrow(0L, 0L, int64 rank), vectors.flip(1L).narrow(1L, 0L, int64 rank))

        let direct () =
            let matrix = apply (torch.eye (int64 n, dtype = torch.float64))
            LinearAlgebra.eigh (LinearAlgebra.symmetrise matrix) |> Result.map descending

        if n <= max 600 (2 * width * (depth + 1)) then
            direct ()
        else
            /// One basis from a starting block: Ritz values and vectors, the largest residual among the wanted ones, and the next starting block.
            let sweep (start: Tensor) : Outcome<struct (Tensor * Tensor * float * Tensor)> =
                use scope = Tensors.scope ()
                let struct (first, _) = torch.linalg.qr start
                let mutable basis, image = first, apply first
                let mutable last = image

                for _ in 2..depth do
                    let next = extend basis last
                    last <- apply next
                    basis <- torch.cat ([| basis; next |], 1L)
                    image <- torch.cat ([| image; last |], 1L)

                LinearAlgebra.eigh (LinearAlgebra.symmetrise (basis.t().times image))
                |> Result.map (fun (struct (values, vectors)) ->
                    let best = vectors.flip(1L).narrow(1L, 0L, int64 width)
                    let values = values.flip(0L).narrow(0L, 0L, int64 rank)
                    let ritz = basis.times best
                    let leading = ritz.narrow (1L, 0L, int64 rank)

                    let residual =
                        (image.times (best.narrow (1L, 0L, int64 rank)) - leading * values)
                            .square()
                            .sum(0L)
                            .max()
                            .ToDouble()

                    struct (scope.MoveToOuter values, scope.MoveToOuter leading, sqrt residual, scope.MoveToOuter ritz))

            let mutable outcome = None
            // A fixed starting block: equal data give equal bits.
            let mutable start = Seed.normal [| int64 n; int64 width |] (Seed.ofInt 0)
            let mutable round = 0

            while outcome.IsNone do
                match sweep start with
                | Error error -> outcome <- Some(Error error)
                | Ok(struct (values, vectors, residual, next)) ->
                    start.Dispose()
                    start <- next
                    round <- round + 1

                    if residual <= tolerance * abs (values[0].ToDouble()) then
                        outcome <- Some(Ok(struct (values, vectors)))
                    elif round = restarts && n <= whole then
                        outcome <- Some(direct ())
                    elif round = restarts then
                        outcome <-
                            Some(
                                KoopmanError.fail
                                    ErrorKind.NotConverged
                                    $"The {rank} leading eigenvectors of a matrix of {n} rows did not converge: residual {residual:G2}"
                                    "Request fewer modes: closely spaced eigenvalues at the end of the requested range converge slowly"
                            )

            outcome.Value
