namespace Koopman.Learning

open TorchSharp
open Koopman

/// <summary>Settings of a network of dense layers with a nonlinearity between them.</summary>
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

/// [t, x] through layers. Each class adds a row to the pre-activations of the first layer.
[<Sealed>]
type internal MlpNet(dimension: int, layers: Layers, classRows: Tensor option) =
    inherit
        Net(
            dimension,
            layers.Outputs,
            (match classRows with
             | Some rows -> int rows.shape[0]
             | None -> 0)
        )

    let weights, biases = Array.ofList layers.Weights, Array.ofList layers.Biases

    let parameters =
        [
            yield! layers.Named(fun i part -> $"layer{i}.{part}")
            match classRows with
            | Some rows -> "classes.weight", rows
            | None -> ()
        ]

    /// The rows of the classes, added to the pre-activations of the first layer.
    let shift (classes: Tensor option) : Tensor option =
        (classes, classRows)
        ||> Option.map2 (fun classes rows -> ClassRows.pick rows classes)

    let joined (time: Dual) (point: Dual) : Dual = Dual.concat 1L [ time; point ]

    /// The settings that make such a network.
    member this.Options: MlpOptions =
        {
            Widths = layers.Sizes |> List.take (weights.Length - 1)
            Activation = layers.Activation
            Classes = this.Classes
            DoublePrecision = (weights[0].dtype = torch.float64)
            Device = string weights[0].device
        }

    override _.RowSize = List.max layers.Sizes

    override _.AllowsNoClass = true

    override _.Parameters = parameters

    override _.Forward(time: Dual, point: Dual, classes: Tensor option) : Dual =
        layers.Forward(joined time point, shift classes)

    override _.Project(time: Tensor, point: Tensor, classes: Tensor option, columns: Tensor) : Tensor =
        let last =
            layers.Hidden(joined (Dual.constant time) (Dual.constant point), shift classes).Value

        let across = columns.t ()
        torch.nn.functional.linear (last, across.times (Array.last weights), across.times (Array.last biases))

    // The chain rule written out: libtorch's recording and its second evaluation of the exponentials cost as much as the products.
    override _.SquaredError(time: Tensor, point: Tensor, classes: Tensor option, target: Tensor) =
        use _ = torch.no_grad ()
        let last = weights.Length - 1
        let inputs = Array.zeroCreate<Tensor> weights.Length
        let slopes = Array.zeroCreate<Tensor> weights.Length
        let mutable value = torch.cat ([| time; point |], 1L)
        let shift = shift classes

        for i in 0..last do
            inputs[i] <- value
            let z = torch.nn.functional.linear (value, weights[i], biases[i])

            let z =
                match shift with
                | Some shift when i = 0 -> z.add_ shift
                | _ -> z

            if i = last then
                value <- z
            else
                match layers.Activation with
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
            gradients[gradients.Length - 1] <-
                (torch.zeros_like rows)
                    .index_add(0L, ClassRows.index classes, back * ClassRows.known back classes, Tensors.num 1.0)
        | None, Some rows -> gradients[gradients.Length - 1] <- torch.zeros_like rows
        | _ -> ()

        struct (error.square().mean(), gradients)

    override _.With(values: Tensor list) : Net =
        let stack, rows = Leaves.copy values |> List.splitAt (2 * weights.Length)
        new MlpNet(dimension, layers.With stack, List.tryHead rows)

    override _.Free() : unit =
        for _, parameter in parameters do
            parameter.Dispose()
