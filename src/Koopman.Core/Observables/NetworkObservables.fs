namespace Koopman

open System
open TorchSharp
open Koopman.Learning

/// Layers applied to points of R^d in scaled coordinates, x ↦ (x - shift)/scale. They own their tensors.
[<Sealed>]
type internal ScaledLayers(shift: Tensor, scale: Tensor, layers: Layers) =

    member _.Shift: Tensor = shift
    member _.Scale: Tensor = scale
    member _.Layers: Layers = layers

    /// The dimension d of the points.
    member _.Dimension: int = int shift.shape[0]

    /// The scaled coordinates of points.
    member _.Inner(points: Tensor) : Tensor = (points - shift) / scale

    /// One direction in scaled coordinates, as (1, d).
    member this.Axis(axis: int) : Tensor =
        let unit = torch.zeros_like shift
        unit[int64 axis] <- scale[int64 axis].reciprocal()
        unit.unsqueeze 0L

    /// The values and their 𝓛 for the motion at the points.
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

        layers.Forward(
            {
                Value = this.Inner points
                Slopes = (if second.Length = 0 then [||] else Array.init d this.Axis)
                Change = Some(motion.Drift / scale)
            },
            second
        )

    interface IDisposable with
        member _.Dispose() =
            shift.Dispose()
            scale.Dispose()
            (layers :> IDisposable).Dispose()

/// The dictionary [1, x, network(x)]. It owns the network.
[<Sealed>]
type internal NetworkObservables(network: ScaledLayers) =
    inherit
        Observables(
            network.Dimension,
            1 + network.Dimension + network.Layers.Outputs,
            $"1, {network.Dimension} coordinates and {network.Layers.Outputs} outputs of a network"
        )

    let d = int64 network.Dimension

    let constants (tensors: Tensor list) : Constant list =
        tensors |> List.map (fun tensor -> new Constant(tensor))

    let shift, scale = new Constant(network.Shift), new Constant(network.Scale)

    let weights, biases =
        constants network.Layers.Weights, constants network.Layers.Biases

    /// The network in the dtype and on the device of the points.
    let at (points: Tensor) : ScaledLayers =
        if Tensors.isLike points network.Shift then
            network
        else
            let all = List.map (fun (constant: Constant) -> constant.For points)
            let layers = new Layers(network.Layers.Activation, all weights, all biases)
            new ScaledLayers(shift.For points, scale.For points, layers)

    /// The constant's and the coordinates' part, then the network's.
    let join (points: Tensor) (constant: float) (coordinates: Tensor) (outputs: Tensor) =
        let first =
            (Tensors.zeros [| points.shape[0]; 1L |] points).fill_(Tensors.num constant)

        torch.cat (
            [|
                first
                coordinates
                outputs.expand (points.shape[0], int64 network.Layers.Outputs)
            |],
            1L
        )

    let still (points: Tensor) =
        Tensors.zeros [| points.shape[0]; d |] points

    let plain (network: ScaledLayers) (points: Tensor) : Jet =
        {
            Value = network.Inner points
            Slopes = [||]
            Change = None
        }

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let network = at points
            join points 1.0 points (network.Layers.Forward(plain network points, [||])).Value)

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let network = at points

            let jet =
                { plain network points with
                    Slopes = [| network.Axis axis |]
                }

            let coordinates = still points
            coordinates.select(1L, int64 axis).fill_(Tensors.num 1.0) |> ignore
            join points 0.0 coordinates (network.Layers.Forward(jet, [||])).Slopes[0])

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        Tensors.keep (fun () ->
            let network = at points

            let jet =
                { plain network points with
                    Slopes = [| network.Axis first; network.Axis second |]
                    Change = Some(Tensors.zeros [| 1L; d |] points)
                }

            let mixed = [| struct (0, 1, Tensors.ones [| 1L |] points) |]
            join points 0.0 (still points) (network.Layers.Forward(jet, mixed)).Change.Value)

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

    static member private Settings: Codec<Layers, int * Activation> =
        codec {
            let! layers = Codec.count<Layers> "layers" _.Weights.Length
            and! activation = Codec.choice<Layers, Activation> "activation" _.Activation
            return layers, activation
        }

    static member private Name (layer: int) (part: string) : string = $"{part}{layer}"

    interface IRecipe with
        member _.Recipe() =
            Ok(
                Recipe.leaf
                    NetworkObservables.Kind
                    (NetworkObservables.Settings.Put network.Layers)
                    ([ "shift", network.Shift; "scale", network.Scale ]
                     @ network.Layers.Named NetworkObservables.Name)
            )

    static member OfRecipe(recipe: Recipe) : Outcome<Observables> =
        result {
            let! count, activation = NetworkObservables.Settings.Take recipe.Settings
            let! shift = Recipe.vector "shift" recipe
            let d = shift.shape[0]
            let! scale = Recipe.like shift [ d ] "scale" recipe
            let! layers = Recipe.layers activation count NetworkObservables.Name shift d recipe

            return
                new NetworkObservables(
                    new ScaledLayers(Tensors.copy shift, Tensors.copy scale, layers.Map Tensors.copy)
                )
        }
