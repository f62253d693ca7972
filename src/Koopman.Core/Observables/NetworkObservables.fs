namespace Koopman

open System
open TorchSharp
open Koopman.Learning

/// A layer's values h at n points with derivatives: h itself, its derivatives along some directions, and one operator of second order on it.
[<NoComparison; NoEquality>]
type internal Jet =
    {
        Value: Tensor
        Slopes: Tensor[]
        /// Nothing if no operator is asked for.
        Change: Tensor option
    }

/// <summary>
/// A network R^d → R^m: x ↦ (x - shift)/scale, then layers with a nonlinearity between them. Derivatives are carried forward with the values in one
/// pass, and the whole can be differentiated backwards by its parameters.
/// </summary>
[<Sealed>]
type internal Network(shift: Tensor, scale: Tensor, weights: Tensor[], biases: Tensor[], activation: Activation) =

    /// The nonlinearity with its first two derivatives.
    let activate (z: Tensor) : struct (Tensor * Tensor * Tensor) =
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

    member _.Shift: Tensor = shift
    member _.Scale: Tensor = scale
    member _.Weights: Tensor[] = weights
    member _.Biases: Tensor[] = biases
    member _.Activation: Activation = activation

    /// The dimension d of the points.
    member _.Dimension: int = int shift.shape[0]

    /// The number m of outputs.
    member _.Count: int = int biases[biases.Length - 1].shape[0]

    /// The values, and whatever derivatives the input carries. The second-order part of an operator is Σ c D_i·D_j over the slopes.
    member _.Forward(input: Jet, second: struct (int * int * Tensor)[]) : Jet =
        let linear (layer: int) (jet: Jet) : Jet =
            let times (t: Tensor) = t.times (weights[layer].t())

            {
                Value = times jet.Value + biases[layer]
                Slopes = Array.map times jet.Slopes
                Change = Option.map times jet.Change
            }

        let bend (jet: Jet) : Jet =
            let struct (value, first, curvature) = activate jet.Value

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

        let mutable jet = linear 0 input

        for layer in 1 .. weights.Length - 1 do
            jet <- linear layer (bend jet)

        jet

    /// The inner coordinates of points.
    member _.Inner(points: Tensor) : Tensor = (points - shift) / scale

    /// One direction in inner coordinates, as (1, d).
    member this.Axis(axis: int) : Tensor =
        let unit = torch.zeros_like shift
        unit[int64 axis] <- scale[int64 axis].reciprocal()
        unit.unsqueeze 0L

    /// The values and 𝓛 of them for the motion at the points.
    member this.Generator(points: Tensor, motion: DriftDiffusion) : Jet =
        let d = this.Dimension

        let second =
            [|
                for i in 0 .. d - 1 do
                    for j in i .. d - 1 do
                        match motion.Entry(i, j) with
                        | None -> ()
                        | Some a -> struct (i, j, (if i = j then 0.5 * a else a))
            |]

        this.Forward(
            {
                Value = this.Inner points
                Slopes = (if second.Length = 0 then [||] else Array.init d this.Axis)
                Change = Some(motion.Drift / scale)
            },
            second
        )

    interface IDisposable with
        member _.Dispose() =
            for tensor in Seq.append [ shift; scale ] (Seq.append weights biases) do
                tensor.Dispose()

/// The dictionary [1, x, network(x)]. It owns the network.
[<Sealed>]
type internal NetworkObservables(network: Network) =
    inherit
        Observables(
            network.Dimension,
            1 + network.Dimension + network.Count,
            $"1, {network.Dimension} coordinates and {network.Count} outputs of a network"
        )

    let d = int64 network.Dimension

    let constants (tensors: Tensor[]) : Constant[] =
        tensors |> Array.map (fun tensor -> new Constant(tensor))

    let shift, scale = new Constant(network.Shift), new Constant(network.Scale)
    let weights, biases = constants network.Weights, constants network.Biases

    /// The network in the type of the points and on their device.
    let at (points: Tensor) : Network =
        if Tensors.isLike points network.Shift then
            network
        else
            let all = Array.map (fun (constant: Constant) -> constant.For points)
            new Network(shift.For points, scale.For points, all weights, all biases, network.Activation)

    /// The constant's and the coordinates' part, then the network's.
    let join (points: Tensor) (constant: float) (coordinates: Tensor) (outputs: Tensor) =
        let first =
            (Tensors.zeros [| points.shape[0]; 1L |] points).fill_(Tensors.num constant)

        torch.cat ([| first; coordinates; outputs.expand (points.shape[0], int64 network.Count) |], 1L)

    let still (points: Tensor) =
        Tensors.zeros [| points.shape[0]; d |] points

    let plain (points: Tensor) : Jet =
        {
            Value = (at points).Inner points
            Slopes = [||]
            Change = None
        }

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> join points 1.0 points ((at points).Forward(plain points, [||])).Value)

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let network = at points

            let jet =
                { plain points with
                    Slopes = [| network.Axis axis |]
                }

            let coordinates = still points
            coordinates.select(1L, int64 axis).fill_(Tensors.num 1.0) |> ignore
            join points 0.0 coordinates (network.Forward(jet, [||])).Slopes[0])

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        Tensors.keep (fun () ->
            let network = at points

            let jet =
                { plain points with
                    Slopes = [| network.Axis first; network.Axis second |]
                    Change = Some(Tensors.zeros [| 1L; d |] points)
                }

            let mixed = [| struct (0, 1, Tensors.ones [| 1L |] points) |]
            join points 0.0 (still points) (network.Forward(jet, mixed)).Change.Value)

    override _.GeneratorOf(points: Tensor, motion: DriftDiffusion) : Tensor =
        Tensors.keep (fun () ->
            let motion = motion.For points
            join points 0.0 motion.Drift ((at points).Generator(points, motion)).Change.Value)

    override _.NameOf(index: int) : string =
        if index = 0 then "1"
        elif index <= network.Dimension then $"x{index - 1}"
        else $"network{index - 1 - network.Dimension}"

    override _.Free() : unit =
        for constant in Seq.append [ shift; scale ] (Seq.append weights biases) do
            constant.Dispose()

    static member Kind: string = "network"

    interface IRecipe with
        member _.Recipe() =
            let layers (name: string) (tensors: Tensor[]) =
                tensors |> Array.mapi (fun i tensor -> $"{name}{i}", tensor) |> List.ofArray

            Ok(
                Recipe.leaf
                    NetworkObservables.Kind
                    [
                        "layers", Fields.ofInt network.Weights.Length
                        "activation", Fields.ofText (string network.Activation)
                    ]
                    ([ "shift", network.Shift; "scale", network.Scale ]
                     @ layers "weight" network.Weights
                     @ layers "bias" network.Biases)
            )

    static member OfRecipe(recipe: Recipe) : Outcome<Observables> =
        result {
            let! layers = Fields.int "layers" recipe.Settings
            let! activation = Fields.choice<Activation> "activation" recipe.Settings
            let! shift = Recipe.tensor "shift" recipe
            let! scale = Recipe.tensor "scale" recipe

            let all (name: string) =
                [ 0 .. layers - 1 ]
                |> Outcome.collect (fun i -> Recipe.tensor $"{name}{i}" recipe)

            let! weights = all "weight"
            let! biases = all "bias"
            let copies = List.map Tensors.copy >> Array.ofList

            return
                new NetworkObservables(
                    new Network(Tensors.copy shift, Tensors.copy scale, copies weights, copies biases, activation)
                )
        }
