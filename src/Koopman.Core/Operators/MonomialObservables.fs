namespace Koopman

open TorchSharp

/// All products x_1^e1 ... x_d^ed up to a total degree.
[<Sealed>]
type internal MonomialObservables(dimension: int, exponents: int[][], description: string) =
    inherit Observables(dimension, exponents.Length, description)

    let degree = exponents |> Array.map Array.max |> Array.max

    let column (axis: int) (shift: int) =
        torch.tensor (exponents |> Array.map (fun e -> int64 (max 0 (e[axis] + shift))), dtype = torch.int64)

    /// x_axis to the powers 0..degree, as (n, degree+1).
    let powers (points: Tensor) (axis: int) =
        let x = points.select (1L, int64 axis)
        let all = Array.create (degree + 1) (torch.ones_like x)

        for p in 1..degree do
            all[p] <- all[p - 1].mul x

        torch.stack (all, 1L)

    let product (factor: int -> Tensor) =
        Tensors.keep (fun () ->
            let mutable value = factor 0

            for axis in 1 .. dimension - 1 do
                value <- value.mul (factor axis)

            value)

    override _.Values(points: Tensor) : Tensor =
        product (fun axis -> (powers points axis).index_select(1L, column axis 0))

    override _.Partial(points: Tensor, along: int) : Tensor =
        product (fun axis ->
            if axis = along then
                let slopes = Tensors.ofVector (exponents |> Array.map (fun e -> float e[axis]))
                (powers points axis).index_select(1L, column axis -1).mul slopes
            else
                (powers points axis).index_select(1L, column axis 0))
