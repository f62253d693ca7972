namespace Koopman.Flows

open TorchSharp
open Koopman
open Koopman.Learning

/// An operator L with arbitrary columns of x and F, applied by products of rows with the matrix.
[<Sealed>]
type internal MatrixGenerator
    (
        shape: OperatorShape,
        dimension: int,
        features: int,
        parameters: (string * Tensor) list,
        columns: Tensor list -> Tensor
    ) =
    inherit LiftOperator(dimension, features)

    let tensors = parameters |> List.map snd

    /// L (D, D) from its columns of x and F (D, d+m).
    let assemble () : Tensor =
        let free = columns tensors
        let size = free.shape[0]
        let first = torch.zeros (size, 2L, dtype = free.dtype, device = free.device)
        first[0L, 1L] <- torch.ones ([||], dtype = free.dtype, device = free.device)
        torch.cat ([| first; free |], 1L)

    let split (constant: float) (rows: Tensor) : LiftedState =
        let part start count = rows.narrow (-1L, start, count)
        let d = int64 dimension

        {
            Constant = constant
            Time = part 1L 1L
            Point = part 2L d
            Features = part (2L + d) (int64 features)
        }

    /// z e^{τL} by the Taylor series in steps short enough for its terms to decrease from the start: only products of rows with L, and
    /// differentiable.
    let act (matrix: Tensor) (rows: Tensor) (tau: Tensor) : Tensor =
        let norm =
            use _ = torch.no_grad ()

            Tensors.within (fun () -> (matrix.abs().sum(0L).max().ToDouble()) * (tau.abs().max().ToDouble()))

        let steps = max 1 (int (ceil (norm / 2.0)))
        // 2^k/k! is below the rounding of the type.
        let terms = if matrix.dtype = torch.float64 then 26 else 16
        let tau = 1.0 / float steps * tau
        let mutable sum = rows

        for _ in 1..steps do
            let mutable term = sum

            for k in 1..terms do
                term <- term.times (matrix) * (1.0 / float k * tau)
                sum <- sum + term

        sum

    override _.Shape = shape

    override _.Parameters = parameters

    override _.Matrix() : Tensor = Tensors.keep assemble

    override _.Rate(z: LiftedState) : LiftedState = split 0.0 (z.Rows.times (assemble ()))

    override _.Advance(z: LiftedState, tau: Tensor) : LiftedState =
        split z.Constant (act (assemble ()) z.Rows tau)

    override this.Position(z: LiftedState, tau: Tensor) : Tensor = this.Advance(z, tau).Point

    override _.Speed(z: LiftedState, tau: Tensor) : Tensor =
        let matrix = assemble ()
        (act matrix z.Rows tau).times(matrix.narrow (1L, 2L, int64 dimension))

    override _.With(values: Tensor list) : LiftOperator =
        let fresh = Leaves.copy values

        new MatrixGenerator(shape, dimension, features, List.zip (List.map fst parameters) fresh, columns)
