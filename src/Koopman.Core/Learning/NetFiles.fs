namespace Koopman.Learning

open System
open System.Text.Json.Nodes
open Koopman

/// Networks and operators in files: settings as JSON, parameters by name.
[<RequireQualifiedAccess>]
module internal NetFiles =

    /// Settings or tensors that this version cannot have written.
    let wrong (what: string) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.CheckpointMismatch
            $"The stored settings have {what}"
            "The file was written by another version of the library: write it again with this one"

    /// The settings of a plain network.
    let describe (net: Net) : Outcome<JsonNode> =
        match net with
        | :? MlpNet as mlp ->
            let options = mlp.Options

            Ok(
                Fields.ofList
                    [
                        "type", Fields.ofText "layers"
                        "dimension", Fields.ofInt net.Dimension
                        "outputs", Fields.ofInt net.Outputs
                        "widths", Fields.ofInts options.Widths
                        "activation", Fields.ofText (string options.Activation)
                        "classes", Fields.ofInt options.Classes
                        "double", Fields.ofFlag options.DoublePrecision
                    ]
            )
        | :? UNetNet as net ->
            let options = net.Options
            let struct (channels, rows, columns) = options.Image

            Ok(
                Fields.ofList
                    [
                        "type", Fields.ofText "u-net"
                        "image", Fields.ofInts [ channels; rows; columns ]
                        "outputs", Fields.ofInt (net.Outputs / (rows * columns))
                        "width", Fields.ofInt options.Width
                        "multipliers", Fields.ofInts options.Multipliers
                        "attention", Fields.ofFlag options.Attention
                        "classes", Fields.ofInt options.Classes
                        "double", Fields.ofFlag options.DoublePrecision
                    ]
            )
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The network is made of a user's module or function, whose layers are not known here"
                "Save the module by its own means, or use a network of settings"

    let private readLayers (fields: JsonObject) : Outcome<Net> =
        result {
            let! dimension = Fields.int "dimension" fields
            let! outputs = Fields.int "outputs" fields
            let! widths = Fields.ints "widths" fields
            let! name = Fields.text "activation" fields
            let! classes = Fields.int "classes" fields
            let! double = Fields.flag "double" fields

            let! activation =
                match Enum.TryParse<Activation> name with
                | true, found -> Ok found
                | _ -> wrong $"an unknown activation '{name}'"

            return!
                Net.mlp
                    {
                        Widths = widths
                        Activation = activation
                        Classes = classes
                        DoublePrecision = double
                        Device = "cpu"
                    }
                    (Seed.ofInt 0)
                    dimension
                    outputs
        }

    let private readUNet (fields: JsonObject) : Outcome<Net> =
        result {
            let! image = Fields.ints "image" fields
            let! outputs = Fields.int "outputs" fields
            let! width = Fields.int "width" fields
            let! multipliers = Fields.ints "multipliers" fields
            let! attention = Fields.flag "attention" fields
            let! classes = Fields.int "classes" fields
            let! double = Fields.flag "double" fields

            match image with
            | [ channels; rows; columns ] ->
                return!
                    Net.uNet
                        {
                            Image = struct (channels, rows, columns)
                            Width = width
                            Multipliers = multipliers
                            Attention = attention
                            Classes = classes
                            DoublePrecision = double
                            Device = "cpu"
                        }
                        (Seed.ofInt 0)
                        outputs
            | _ -> return! wrong "an image that is not channels, rows and columns"
        }

    /// A plain network of stored settings, with other parameters.
    let read (fields: JsonObject) : Outcome<Net> =
        result {
            match! Fields.text "type" fields with
            | "layers" -> return! readLayers fields
            | "u-net" -> return! readUNet fields
            | other -> return! wrong $"an unknown network '{other}'"
        }

    /// The stored values of these parameters, owned by the checkpoint.
    let valuesOf (checkpoint: Checkpoint) (parameters: (string * Tensor) list) : Outcome<Tensor list> =
        parameters
        |> Outcome.collect (fun (name, parameter) ->
            checkpoint.Tensor name
            |> Result.bind (fun tensor ->
                if tensor.shape = parameter.shape && tensor.dtype = parameter.dtype then
                    Ok tensor
                else
                    wrong $"a tensor '{name}' that does not fit them"))
