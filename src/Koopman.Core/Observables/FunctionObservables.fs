namespace Koopman

open System.Runtime.InteropServices
open TorchSharp

/// Derivatives of y(x) from the recorded graph, for y (n, N) of x (n, d) whose rows depend on their own row of x only.
[<RequireQualifiedAccess>]
module internal Autograd =

    /// ∇(Σ_j a_j y_j) as (n, d) for weights a (n, N).
    let pullback (x: Tensor) (y: Tensor) (weights: Tensor) : Tensor =
        Guarded.gradient y x weights
        |> Option.defaultWith (fun () -> torch.zeros_like x)

    /// ∂y/∂x_axis as (n, N), itself differentiable. The pullback u ↦ uᵀ∂y/∂x is linear in u: its own pullback of a direction is the derivative along
    /// it, so that N functions cost two passes instead of N.
    let along (x: Tensor) (axis: int) (y: Tensor) : Tensor =
        let weights = torch.zeros_like(y).requires_grad_ true

        Guarded.gradient y x weights
        |> Option.bind (fun pulled ->
            let direction = torch.zeros_like pulled
            direction.select(1L, int64 axis).fill_(Tensors.num 1.0) |> ignore
            Guarded.gradient pulled weights direction)
        |> Option.defaultWith (fun () -> torch.zeros_like y)

/// Functions given by a function of tensors. isTrained: true if they have trainable parameters, to which derivatives then stay connected. held: the
/// objects they depend on.
[<Sealed>]
type internal FunctionObservables
    (
        dimension: int,
        count: int,
        description: string,
        values: Tensor -> Tensor,
        isTrained: unit -> bool,
        held: System.IDisposable option
    ) =
    inherit Observables(dimension, count, description)

    /// A separate handle, as the function may return the points themselves, or a tensor that it keeps.
    let evaluate (points: Tensor) : Tensor =
        let answer = values points

        if
            answer.shape = [| points.shape[0]; int64 count |]
            && (answer.dtype = points.dtype || answer.dtype = torch.float64)
        then
            Tensors.like points (answer.alias ())
        else
            invalidOp
                $"The function of the observables \"{description}\" must return {points.dtype} of shape ({points.shape[0]}, {count}), but returned {answer.dtype} of shape {Tensors.shape answer}"

    /// A derivative computed from the graph, or from values alone if the function records no graph.
    let derive (points: Tensor) (ofGraph: Tensor -> Tensor -> Tensor) (ofValues: unit -> Tensor) : Tensor =
        Tensors.keep (fun () ->
            let keepGraph = torch.is_grad_enabled () && isTrained ()
            use _ = torch.enable_grad ()
            let x = points.detach().clone().requires_grad_ true
            let y = evaluate x

            if y.requires_grad then
                let derivative = ofGraph x y
                if keepGraph then derivative else derivative.detach ()
            else
                ofValues ())

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> evaluate points)

    override _.Partial(points: Tensor, axis: int) : Tensor =
        derive points (fun x y -> Autograd.along x axis y) (fun () ->
            Differences.along Differences.first axis evaluate points)

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        derive points (fun x y -> y |> Autograd.along x first |> Autograd.along x second) (fun () ->
            points
            |> Differences.along Differences.second second (Differences.along Differences.second first evaluate))

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        derive points (fun x y -> coefficients.unsqueeze(0L).expand(y.shape) |> Autograd.pullback x y) (fun () ->
            torch.stack (
                [|
                    for axis in 0 .. dimension - 1 ->
                        (Differences.along Differences.first axis evaluate points).mv coefficients
                |],
                1L
            ))

    override _.Free() : unit = held |> Option.iter _.Dispose()
