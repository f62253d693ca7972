namespace Koopman.Learning

open TorchSharp
open Koopman

/// <summary>A network of layers with a nonlinearity between them, as a list of settings.</summary>
type MlpOptions =
    {
        /// <summary>The widths of the layers between input and output. Default three of 96.</summary>
        Widths: int list
        /// <summary>The activation function. Default SiLU.</summary>
        Activation: Activation
        /// <summary>The number of classes it is conditioned on; 0, the default, for none.</summary>
        Classes: int
        /// <summary>float64 instead of float32 parameters. Default false.</summary>
        DoublePrecision: bool
        /// <summary>The device: "cpu" (the default) or a CUDA device such as "cuda".</summary>
        Device: string
    }

/// [t, x] through layers. A class adds its own row to the first layer's sums.
[<Sealed>]
type internal Mlp
    (dimension: int, activation: Activation, weights: Tensor list, biases: Tensor list, classRows: Tensor option) =
    inherit
        Net(
            dimension,
            int (List.last biases).shape[0],
            (match classRows with
             | Some rows -> int rows.shape[0]
             | None -> 0)
        )

    let parameters =
        [
            for i, (weight, bias) in List.indexed (List.zip weights biases) do
                $"layer{i}.weight", weight
                $"layer{i}.bias", bias
            match classRows with
            | Some rows -> "classes.weight", rows
            | None -> ()
        ]

    let layer (i: int) (x: Dual) : Dual = Dual.linear weights[i] biases[i] x

    /// The input of the last layer.
    let hidden (time: Dual) (point: Dual) (classes: Tensor option) : Dual =
        let first = layer 0 (Dual.concat 1L [ time; point ])

        let first =
            match classes, classRows with
            | Some classes, Some rows ->
                { first with
                    Value = first.Value + rows.index_select (0L, classes)
                }
            | _ -> first

        (Dual.activate activation first, [ 1 .. weights.Length - 2 ])
        ||> List.fold (fun x i -> layer i x |> Dual.activate activation)

    /// The settings that make such a network.
    member _.Options: MlpOptions =
        {
            Widths = weights |> List.take (weights.Length - 1) |> List.map (fun w -> int w.shape[0])
            Activation = activation
            Classes =
                (match classRows with
                 | Some rows -> int rows.shape[0]
                 | None -> 0)
            DoublePrecision = (weights.Head.dtype = torch.float64)
            Device = "cpu"
        }

    override _.RowSize = weights |> List.map (fun w -> int w.shape[0]) |> List.max

    override _.Parameters = parameters

    override _.Forward(time: Dual, point: Dual, classes: Tensor option) : Dual =
        hidden time point classes |> layer (weights.Length - 1)

    override _.Project(time: Tensor, point: Tensor, classes: Tensor option, columns: Tensor) : Tensor =
        let last = (hidden (Dual.constant time) (Dual.constant point) classes).Value
        let across = columns.t ()
        torch.nn.functional.linear (last, across.times (List.last weights), across.times (List.last biases))

    // The chain rule written out: libtorch's own record keeping and its second look at the exponentials cost as much as the products.
    override _.SquaredError(time: Tensor, point: Tensor, classes: Tensor option, target: Tensor) =
        use _ = torch.no_grad ()
        let last = weights.Length - 1
        let inputs = Array.zeroCreate<Tensor> weights.Length
        let slopes = Array.zeroCreate<Tensor> weights.Length
        let mutable value = torch.cat ([| time; point |], 1L)

        for i in 0..last do
            inputs[i] <- value
            let z = torch.nn.functional.linear (value, weights[i], biases[i])

            let z =
                match classes, classRows with
                | Some classes, Some rows when i = 0 -> z.add_ (rows.index_select (0L, classes))
                | _ -> z

            if i = last then
                value <- z
            else
                match activation with
                | Activation.SiLU ->
                    let s = z.sigmoid ()
                    value <- z.mul_ s
                    // s + y (1 - s) = (s - y s) + y
                    slopes[i] <- s.addcmul(value, s, Tensors.num -1.0).add_ value
                | _ ->
                    value <- z.tanh_ ()
                    slopes[i] <- value.square().neg_().add_(Tensors.num 1.0)

        let error = value - target
        let mutable back = 2.0 / float (error.numel ()) * error
        let gradients = Array.zeroCreate<Tensor> parameters.Length

        for i in last .. -1 .. 0 do
            gradients[2 * i] <- back.t().times inputs[i]
            gradients[2 * i + 1] <- back.sum 0L

            if i > 0 then
                back <- back.times(weights[i]).mul_ slopes[i - 1]

        match classes, classRows with
        | Some classes, Some rows ->
            gradients[gradients.Length - 1] <- (torch.zeros_like rows).index_add(0L, classes, back, Tensors.num 1.0)
        | None, Some rows -> gradients[gradients.Length - 1] <- torch.zeros_like rows
        | _ -> ()

        struct (error.square().mean(), gradients)

    override _.With(values: Tensor list) : Net =
        let fresh = Leaves.copy values

        let layers = weights.Length

        new Mlp(
            dimension,
            activation,
            List.init layers (fun i -> fresh[2 * i]),
            List.init layers (fun i -> fresh[2 * i + 1]),
            classRows |> Option.map (fun _ -> List.last fresh)
        )

    override _.Dispose() : unit =
        for _, parameter in parameters do
            parameter.Dispose()
