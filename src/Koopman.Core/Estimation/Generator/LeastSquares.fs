namespace Koopman

open TorchSharp

/// <summary>
/// Least squares by an orthogonal factorisation of the data: the condition number is not squared, as it is with the Gram matrix, and
/// memory is needed for only one piece of the rows.
/// </summary>
[<RequireQualifiedAccess>]
module internal LeastSquares =

    /// The triangular factor R of the rows √w [functions, targets], which is sufficient for any regression of targets on functions.
    let factor (columns: int -> int -> Tensor) (rows: int) (weights: Tensor) (width: int) : Tensor =
        use scope = Tensors.scope ()
        let mutable r = torch.zeros (0L, int64 width, dtype = torch.float64)

        for struct (start, size) in Tensors.pieces (max (4 * width) (Tensors.pieceRows width)) rows do
            use inner = Tensors.scope ()
            let share = (Tensors.rows start size weights).sqrt().unsqueeze 1L
            let stacked = torch.cat ([| r; columns start size * share |], 0L)
            let struct (_, next) = torch.linalg.qr (stacked, torch.linalg.QRMode.R)
            r <- inner.MoveToOuter next

        scope.MoveToOuter r

    /// Coefficients of the target (a column of R) on some of the functions, and the root mean square of the residual.
    let solve (factor: Tensor) (functions: int[]) (target: int) : struct (float[] * float) =
        use _ = Tensors.scope ()
        let right = factor.narrow (1L, int64 target, 1L)

        if functions.Length = 0 then
            struct ([||], right.norm().ToDouble())
        else
            let index = Tensors.ofIndices (Array.map int64 functions)
            let left = factor.index_select (1L, index)
            // Columns of unit length, so that the rank does not depend on the units of the functions.
            let length = left.square().sum(0L, true).sqrt()

            let scale =
                torch.where (length.gt (Tensors.num 0.0), length, torch.ones_like length)

            let struct (found, _, _, _) = torch.linalg.lstsq (left / scale, right)
            let left = right - (left / scale).times found
            struct (Tensors.toArray (found / scale.t ()), left.norm().ToDouble())
