namespace Koopman.Learning

open TorchSharp
open Koopman

/// The description of a network in a file. The outputs of a U-Net are its channels.
[<NoComparison>]
type internal StoredNet =
    | StoredMlp of options: MlpOptions * dimension: int * outputs: int
    | StoredUNet of options: UNetOptions * channels: int

/// Networks in files: settings as JSON, parameters by name.
[<RequireQualifiedAccess>]
module internal NetFiles =

    let private layers: Codec<MlpOptions * int * int, MlpOptions * int * int> =
        let option (get: MlpOptions -> 'F) (options: MlpOptions, _: int, _: int) : 'F = get options

        codec {
            let! dimension = Codec.int "dimension" (fun (_, dimension, _) -> dimension)
            and! outputs = Codec.int "outputs" (fun (_, _, outputs) -> outputs)
            and! widths = Codec.ints "widths" (option _.Widths)
            and! activation = Codec.choice<_, Activation> "activation" (option _.Activation)
            and! classes = Codec.int "classes" (option _.Classes)
            and! double = Codec.flag "double" (option _.DoublePrecision)

            return
                {
                    Widths = widths
                    Activation = activation
                    Classes = classes
                    DoublePrecision = double
                    Device = "cpu"
                },
                dimension,
                outputs
        }

    let private uNet: Codec<UNetOptions * int, UNetOptions * int> =
        let option (get: UNetOptions -> 'F) (options: UNetOptions, _: int) : 'F = get options

        codec {
            let! (channels, rows, columns) =
                Codec.triple
                    "image"
                    (option (fun options ->
                        let struct (channels, rows, columns) = options.Image
                        channels, rows, columns))

            and! outputs = Codec.int "outputs" snd
            and! width = Codec.int "width" (option _.Width)
            and! multipliers = Codec.ints "multipliers" (option _.Multipliers)
            and! attention = Codec.flag "attention" (option _.Attention)
            and! classes = Codec.int "classes" (option _.Classes)
            and! double = Codec.flag "double" (option _.DoublePrecision)

            return
                {
                    Image = struct (channels, rows, columns)
                    Width = width
                    Multipliers = multipliers
                    Attention = attention
                    Classes = classes
                    DoublePrecision = double
                    Device = "cpu"
                },
                outputs
        }

    /// The encoding of the settings of a network.
    let settings: Codec<StoredNet, StoredNet> =
        Codec.union
            "type"
            [
                Codec.case
                    "layers"
                    (function
                    | StoredMlp(options, dimension, outputs) -> Some(options, dimension, outputs)
                    | StoredUNet _ -> None)
                    StoredMlp
                    layers
                Codec.case
                    "u-net"
                    (function
                    | StoredUNet(options, channels) -> Some(options, channels)
                    | StoredMlp _ -> None)
                    StoredUNet
                    uNet
            ]

    /// The settings of a network, or an error if it is user-supplied.
    let describe (net: Net) : Outcome<StoredNet> =
        match net with
        | :? MlpNet as net -> Ok(StoredMlp(net.Options, net.Dimension, net.Outputs))
        | :? UNetNet as net ->
            let struct (_, rows, columns) = net.Options.Image
            Ok(StoredUNet(net.Options, net.Outputs / (rows * columns)))
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The network is a user-supplied module or function, whose layers are unknown to the library"
                "Save the module by its own methods, or use a network described by settings"

    /// The network as a fact of a run: its settings, or names and shapes of the parameters of a user-supplied one.
    let fact (net: Net) : string =
        match describe net with
        | Ok stored -> Fact.settings settings stored
        | Error _ ->
            net.Parameters
            |> List.map (fun (name, parameter) -> $"{name} {Tensors.shape parameter}")
            |> String.concat ", "

    let precision (stored: StoredNet) : torch.ScalarType =
        match stored with
        | StoredMlp(options, _, _) when options.DoublePrecision -> torch.float64
        | StoredUNet(options, _) when options.DoublePrecision -> torch.float64
        | _ -> torch.float32

    /// The dimension and the number of outputs.
    let sizes (stored: StoredNet) : int * int =
        match stored with
        | StoredMlp(_, dimension, outputs) -> dimension, outputs
        | StoredUNet(options, channels) ->
            let struct (inputs, rows, columns) = options.Image
            inputs * rows * columns, channels * rows * columns

    /// Names and shapes of the parameters of such a network.
    let private shapes (stored: StoredNet) : (string * int64 list) list =
        match stored with
        | StoredMlp(options, dimension, outputs) ->
            [
                for i, (from, into) in List.indexed (List.pairwise (1 + dimension :: options.Widths @ [ outputs ])) do
                    $"layer{i}.weight", [ int64 into; int64 from ]
                    $"layer{i}.bias", [ int64 into ]
                if options.Classes > 0 && not options.Widths.IsEmpty then
                    "classes.weight", [ int64 options.Classes; int64 options.Widths.Head ]
            ]
        | StoredUNet(options, _) when options.Multipliers.IsEmpty -> []
        | StoredUNet(options, channels) ->
            [
                for name, shape, _ in UNetLayers.parameters true options channels do
                    name, shape |> Array.map int64 |> List.ofArray
            ]

    /// The stored tensors of parameters with these names and shapes, if all are present.
    let tensorsOf
        (precision: torch.ScalarType)
        (prefix: string)
        (shapes: (string * int64 list) list)
        (checkpoint: Checkpoint)
        : Outcome<Tensor list> =
        shapes
        |> Outcome.collect (fun (name, shape) ->
            checkpoint.Tensor(prefix + name)
            |> Result.bind (Checkpoint.fitAs precision (prefix + name) shape))

    /// A network from stored settings and tensors, whose names begin with a prefix. Nothing is made unless all tensors match the settings.
    let load (prefix: string) (checkpoint: Checkpoint) (stored: StoredNet) : Outcome<Net> =
        result {
            let shapes = shapes stored
            let! values = tensorsOf (precision stored) prefix shapes checkpoint

            match stored with
            | StoredMlp(options, dimension, outputs) ->
                do! Net.checkMlp options dimension outputs

                let stack, rows =
                    Leaves.copy values |> List.splitAt (2 * (options.Widths.Length + 1))

                return new MlpNet(dimension, Layers.OfTensors(options.Activation, stack), List.tryHead rows) :> Net
            | StoredUNet(options, channels) ->
                do! Net.checkUNet options channels
                return new UNetNet(options, List.zip (List.map fst shapes) (Leaves.copy values))
        }
