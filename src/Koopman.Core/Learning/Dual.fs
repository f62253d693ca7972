namespace Koopman.Learning

open System
open TorchSharp
open Koopman

/// <summary>
/// A value and its rate of change along one direction, propagated together: f(x + ε ẋ) = Value + ε Tangent. Both are computed by ordinary tensor
/// operations, so the tangent can also be differentiated in reverse mode.
/// </summary>
[<NoComparison; NoEquality>]
type Dual =
    {
        /// <summary>The value.</summary>
        Value: Tensor
        /// <summary>The rate of change, of the value's shape; none for constants, which then have no extra cost.</summary>
        Tangent: Tensor option
    }

/// <summary>
/// The layers of networks on values and tangents together: a Jacobian-vector product at the cost of about two forward passes. Results belong to the
/// enclosing dispose scope.
/// </summary>
[<RequireQualifiedAccess>]
module Dual =

    /// <summary>A constant.</summary>
    let constant (value: Tensor) : Dual = { Value = value; Tangent = None }

    /// <summary>A value with this rate of change.</summary>
    let create (value: Tensor) (tangent: Tensor) : Dual =
        {
            Value = value
            Tangent = Some tangent
        }

    /// <summary>The rate of change; zeros for constants.</summary>
    let tangent (x: Dual) : Tensor =
        x.Tangent |> Option.defaultWith (fun () -> torch.zeros_like x.Value)

    /// <summary>A linear map without a constant, such as reshape, narrow, pooling or upsampling.</summary>
    let linearly (f: Tensor -> Tensor) (x: Dual) : Dual =
        {
            Value = f x.Value
            Tangent = Option.map f x.Tangent
        }

    /// <summary>An elementwise function: its value, and its derivative from argument and value.</summary>
    let elementwise (f: Tensor -> Tensor) (derivative: Tensor -> Tensor -> Tensor) (x: Dual) : Dual =
        let value = f x.Value

        {
            Value = value
            Tangent = x.Tangent |> Option.map (fun rate -> derivative x.Value value * rate)
        }

    let private either (f: Tensor -> Tensor -> Tensor) (left: Tensor option) (right: Tensor option) : Tensor option =
        match left, right with
        | Some a, Some b -> Some(f a b)
        | Some a, None -> Some a
        | None, b -> b

    /// <summary>x + y; shapes are broadcast if both or neither are constant.</summary>
    let add (x: Dual) (y: Dual) : Dual =
        let value = x.Value + y.Value

        {
            Value = value
            Tangent =
                either (fun a b -> a + b) x.Tangent y.Tangent
                |> Option.map (fun rate -> rate.expand_as value)
        }

    /// <summary>Any bilinear product, by Leibniz' rule.</summary>
    let product (times: Tensor -> Tensor -> Tensor) (x: Dual) (y: Dual) : Dual =
        {
            Value = times x.Value y.Value
            Tangent =
                either
                    (fun a b -> a + b)
                    (x.Tangent |> Option.map (fun rate -> times rate y.Value))
                    (y.Tangent |> Option.map (fun rate -> times x.Value rate))
        }

    /// <summary>x·y, elementwise.</summary>
    let mul (x: Dual) (y: Dual) : Dual = product (fun a b -> a * b) x y

    /// <summary>The matrix product, also of batches of matrices.</summary>
    let matmul (x: Dual) (y: Dual) : Dual = product (fun a b -> a.times b) x y

    /// <summary>The product with a number.</summary>
    let scale (factor: float) (x: Dual) : Dual = linearly (fun v -> factor * v) x

    /// <summary>A residual block: x + f(x).</summary>
    let residual (block: Dual -> Dual) (x: Dual) : Dual = add x (block x)

    /// <summary>Concatenation along an axis.</summary>
    let concat (axis: int64) (parts: Dual list) : Dual =
        let join (tensors: Tensor list) = torch.cat (ResizeArray tensors, axis)

        {
            Value = join (parts |> List.map _.Value)
            Tangent =
                if parts |> List.forall (fun part -> part.Tangent.IsNone) then
                    None
                else
                    Some(join (parts |> List.map tangent))
        }

    /// <summary>x Wᵀ + b with W (outputs, inputs) and b (outputs).</summary>
    let linear (weight: Tensor) (bias: Tensor) (x: Dual) : Dual =
        {
            Value = torch.nn.functional.linear (x.Value, weight, bias)
            Tangent = x.Tangent |> Option.map (fun rate -> torch.nn.functional.linear (rate, weight))
        }

    /// <summary>A convolution of images (n, channels, rows, columns) with a kernel (outputs, channels, k, k) and one bias per output.</summary>
    let conv2d (stride: int64) (padding: int64) (weight: Tensor) (bias: Tensor) (x: Dual) : Dual =
        let run (input: Tensor) =
            torch.nn.functional.conv2d (input, weight, null, [| stride; stride |], [| padding; padding |])

        let out = linearly run x

        { out with
            Value = out.Value + bias.reshape (1L, -1L, 1L, 1L)
        }

    let private complement (x: Tensor) : Tensor = 1.0 - x

    /// <summary>The hyperbolic tangent.</summary>
    let tanh (x: Dual) : Dual =
        elementwise (fun z -> z.tanh ()) (fun _ y -> complement (y.square ())) x

    /// <summary>1/(1 + e^-z).</summary>
    let sigmoid (x: Dual) : Dual =
        elementwise (fun z -> z.sigmoid ()) (fun _ y -> y * complement y) x

    /// <summary>z/(1 + e^-z).</summary>
    let silu (x: Dual) : Dual =
        match x.Tangent with
        | None -> constant (torch.nn.functional.silu x.Value)
        | Some rate ->
            let s = x.Value.sigmoid ()
            let y = x.Value * s
            // s + y (1 - s)
            create y ((s + y - y * s) * rate)

    /// <summary>max(z, 0); at 0 the derivative is taken as 0.</summary>
    let relu (x: Dual) : Dual =
        elementwise (fun z -> z.relu ()) (fun z _ -> z.gt(Tensors.num 0.0).to_type z.dtype) x

    /// <summary>z Φ(z) with the normal distribution function Φ.</summary>
    let gelu (x: Dual) : Dual =
        let distribution (z: Tensor) = 0.5 * ((sqrt 0.5 * z).erf() + 1.0)

        elementwise
            (fun z -> z * distribution z)
            (fun z _ ->
                let density = 1.0 / sqrt (2.0 * Math.PI) * (-0.5 * z.square ()).exp()

                distribution z + z * density)
            x

    /// <summary>log(1 + e^z).</summary>
    let softplus (x: Dual) : Dual =
        elementwise (fun z -> torch.nn.functional.softplus z) (fun z _ -> z.sigmoid ()) x

    /// <summary>e^z.</summary>
    let exp (x: Dual) : Dual =
        elementwise (fun z -> z.exp ()) (fun _ y -> y) x

    /// <summary>The sine.</summary>
    let sin (x: Dual) : Dual =
        elementwise (fun z -> z.sin ()) (fun z _ -> z.cos ()) x

    /// <summary>The cosine.</summary>
    let cos (x: Dual) : Dual =
        elementwise (fun z -> z.cos ()) (fun z _ -> -z.sin()) x

    /// <summary>The nonlinearity of this name.</summary>
    let activate (activation: Activation) (x: Dual) : Dual =
        match activation with
        | Activation.SiLU -> silu x
        | _ -> tanh x

    /// <summary>The softmax along the last axis.</summary>
    let softmax (x: Dual) : Dual =
        let y = x.Value.softmax -1L

        {
            Value = y
            Tangent =
                x.Tangent
                |> Option.map (fun rate -> y * (rate - (y * rate).sum([| -1L |], true)))
        }

    /// <summary>Mean 0 and variance 1 along the last axis; a small number is added to the variance.</summary>
    let normalise (epsilon: float) (x: Dual) : Dual =
        let centred (v: Tensor) = v - v.mean ([| -1L |], true)
        let c = centred x.Value

        let inverse = (c.square().mean([| -1L |], true) + epsilon).rsqrt()

        let y = c * inverse

        {
            Value = y
            Tangent =
                x.Tangent
                |> Option.map (fun rate ->
                    let shared = y * (y * rate).mean([| -1L |], true)
                    (centred rate - shared) * inverse)
        }

    /// <summary>Scaling and shifting by constant tensors.</summary>
    let affine (weight: Tensor) (bias: Tensor) (x: Dual) : Dual =
        let out = linearly (fun v -> v * weight) x
        { out with Value = out.Value + bias }

    /// <summary>Layer normalisation along the last axis with weight and bias of its length.</summary>
    let layerNorm (weight: Tensor) (bias: Tensor) (x: Dual) : Dual =
        x |> normalise 1e-5 |> affine weight bias

    /// <summary>Group normalisation of images (n, channels, rows, columns), one weight and bias per channel.</summary>
    let groupNorm (groups: int) (weight: Tensor) (bias: Tensor) (x: Dual) : Dual =
        let shape = x.Value.shape
        let perChannel (v: Tensor) = v.reshape (1L, -1L, 1L, 1L)

        x
        |> linearly (fun v -> v.reshape (shape[0], int64 groups, -1L))
        |> normalise 1e-5
        |> linearly (fun v -> v.reshape shape)
        |> affine (perChannel weight) (perChannel bias)

    /// <summary>softmax(q kᵀ/√c) v for queries (…, n, c), keys (…, k, c) and values (…, k, e).</summary>
    let attention (query: Dual) (key: Dual) (value: Dual) : Dual =
        let width = float query.Value.shape[int (query.Value.dim ()) - 1]

        matmul query (key |> linearly (fun v -> v.transpose (-2L, -1L)))
        |> scale (1.0 / sqrt width)
        |> softmax
        |> fun weights -> matmul weights value

    /// <summary>
    /// Value and tangent of any differentiable function of tensors, by differentiating twice in reverse mode: J u is the derivative of Jᵀw by w
    /// along u. It costs about three times as much as the layers above.
    /// </summary>
    let ofFunction (f: Tensor -> Tensor) (x: Dual) : Dual =
        match x.Tangent with
        | None -> constant (f x.Value)
        | Some rate ->
            let recording = torch.is_grad_enabled ()

            let value, along =
                use _ = torch.enable_grad ()

                let input =
                    if x.Value.requires_grad then
                        x.Value
                    else
                        x.Value.detach().requires_grad_ true

                let value = f input

                if not value.requires_grad then
                    value, torch.zeros_like value
                else
                    let dual = torch.zeros_like(value).requires_grad_ true

                    match Guarded.gradient value input dual with
                    | None -> value, torch.zeros_like value
                    | Some back ->
                        value,
                        Guarded.gradient back dual rate
                        |> Option.defaultWith (fun () -> torch.zeros_like value)

            if recording then
                create value along
            else
                create (value.detach ()) (along.detach ())
