namespace Koopman.Learning

open System
open TorchSharp
open Koopman

/// Values h at n points with derivatives: h, its derivatives along some directions, and one second-order operator applied to it.
[<NoComparison; NoEquality>]
type internal Jet =
    {
        Value: Tensor
        Slopes: Tensor[]
        /// None if no operator is requested.
        Change: Tensor option
    }

/// Dense layers, each with a weight (outputs, inputs) and a bias, with an activation function between them and none after the last: the basis of all
/// plain networks in the library. They own their tensors.
[<Sealed>]
type internal Layers(activation: Activation, weights: Tensor list, biases: Tensor list) =

    let last = weights.Length - 1

    let linear (i: int) (x: Dual) : Dual = Dual.linear weights[i] biases[i] x

    /// The activation with its first two derivatives.
    let bent (z: Tensor) : struct (Tensor * Tensor * Tensor) =
        match activation with
        | Activation.SiLU ->
            let s = z.sigmoid ()
            let rest = 1.0 - s
            let first = (z * rest + 1.0) * s
            let inner = (1.0 - 2.0 * s) * z + 2.0
            struct (z * s, first, s * rest * inner)
        | _ ->
            let f = z.tanh ()
            let first = 1.0 - f.square ()
            struct (f, first, f * first * (-2.0))

    member _.Activation: Activation = activation
    member _.Weights: Tensor list = weights
    member _.Biases: Tensor list = biases

    /// The numbers of outputs of the layers.
    member _.Sizes: int list = biases |> List.map (fun b -> int b.shape[0])

    /// The number of outputs of the last layer.
    member _.Outputs: int = int biases[last].shape[0]

    /// All tensors, layer by layer, named as the weight or bias of a layer.
    member _.Named(name: int -> string -> string) : (string * Tensor) list =
        List.zip weights biases
        |> List.indexed
        |> List.collect (fun (i, (weight, bias)) -> [ name i "weight", weight; name i "bias", bias ])

    /// The input of the last layer; a term may be added to the pre-activations of the first layer.
    member _.Hidden(x: Dual, shift: Tensor option) : Dual =
        (x, [ 0 .. last - 1 ])
        ||> List.fold (fun x i ->
            let sums = linear i x

            match shift with
            | Some shift when i = 0 -> { sums with Value = sums.Value + shift }
            | _ -> sums
            |> Dual.activate activation)

    /// The outputs, and their rate of change along the input's tangent.
    member this.Forward(x: Dual, shift: Tensor option) : Dual = this.Hidden(x, shift) |> linear last

    /// The outputs.
    member this.Values(x: Tensor) : Tensor =
        this.Forward(Dual.constant x, None).Value

    /// The outputs, with the derivatives that the input has. The second-order part of an operator is Σ c D_i·D_j over the slopes.
    member _.Forward(input: Jet, second: struct (int * int * Tensor)[]) : Jet =
        let linear (i: int) (jet: Jet) : Jet =
            let times (t: Tensor) = t.times (weights[i].t())

            {
                Value = times jet.Value + biases[i]
                Slopes = Array.map times jet.Slopes
                Change = Option.map times jet.Change
            }

        let bend (jet: Jet) : Jet =
            let struct (value, first, curvature) = bent jet.Value

            {
                Value = value
                Slopes = jet.Slopes |> Array.map first.mul
                // Itô's formula: 𝓛f(z) = f' 𝓛z + f'' Σ c D_i z D_j z.
                Change =
                    jet.Change
                    |> Option.map (fun change ->
                        (change * first, second)
                        ||> Array.fold (fun sum (struct (i, j, c)) ->
                            sum + curvature * jet.Slopes[i] * jet.Slopes[j] * c))
            }

        (linear 0 input, [ 1..last ]) ||> List.fold (fun jet i -> linear i (bend jet))

    /// The same layers with other tensors.
    member _.Map(f: Tensor -> Tensor) : Layers =
        new Layers(activation, List.map f weights, List.map f biases)

    /// Layers of tensors in the order of <c>Named</c>, which they take over.
    static member OfTensors(activation: Activation, tensors: Tensor list) : Layers =
        let pairs = List.chunkBySize 2 tensors
        new Layers(activation, pairs |> List.map List.head, pairs |> List.map List.last)

    /// The same layers of such tensors.
    member _.With(tensors: Tensor list) : Layers = Layers.OfTensors(activation, tensors)

    interface IDisposable with
        member _.Dispose() : unit =
            for tensor in weights @ biases do
                tensor.Dispose()

/// Makes layers.
[<RequireQualifiedAccess>]
module internal Layers =

    /// Uniform on ±1/√inputs.
    let spread (seed: Seed) (inputs: int) (shape: int64[]) : Tensor =
        let bound = 1.0 / sqrt (float inputs)
        2.0 * bound * Seed.uniform shape seed - bound

    /// Layers with these widths, with tensors made by layer number and shape.
    let create
        (activation: Activation)
        (sizes: int list)
        (weight: int -> int64[] -> Tensor)
        (bias: int -> int64[] -> Tensor)
        : Layers =
        use _ = Tensors.scope ()

        let each (make: int -> int * int -> Tensor) = List.pairwise sizes |> List.mapi make

        new Layers(
            activation,
            each (fun i (from, into) -> weight i [| int64 into; int64 from |]),
            each (fun i (_, into) -> bias i [| int64 into |])
        )

    /// Layers with weights and biases uniform on ±1/√inputs, recording gradients; the seeds are derived by the names "weight 0", "bias 0" and so on.
    let uniform
        (activation: Activation)
        (precision: torch.ScalarType)
        (device: string)
        (seed: string -> Seed)
        (sizes: int list)
        : Layers =
        let start (name: string) (i: int) (shape: int64[]) =
            spread (seed $"{name} {i}") sizes[i] shape |> Leaves.place precision device

        create activation sizes (start "weight") (start "bias")
