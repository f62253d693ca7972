namespace Koopman.Cli

open System
open System.Globalization
open System.IO
open TorchSharp
open Koopman
open Koopman.Learning
open Koopman.Flows
open Koopman.Latents

/// <summary>The classes of samples.</summary>
type ClassLabels =
    {
        /// <summary>The class of each sample, counted from 0.</summary>
        Numbers: int[]
        /// <summary>The label of each class, ascending.</summary>
        Names: float[]
    }

/// <summary>Reads classes.</summary>
[<RequireQualifiedAccess>]
module Labels =

    /// Classes have at least two rows each on average; a coordinate does not.
    let private fewest = 2

    let private ofValues (what: string) (values: float[]) : Outcome<ClassLabels> =
        let names = values |> Array.distinct |> Array.sort

        if names.Length < 2 || fewest * names.Length > values.Length then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"'{what}' holds {names.Length} different values in {values.Length} rows"
                "Give a column with at least two classes, and at least two rows for each"
        else
            Ok
                {
                    Numbers = values |> Array.map (fun value -> Array.BinarySearch(names, value))
                    Names = names
                }

    /// <summary>
    /// The data without a column of labels, and the labels; of a file with one number per row, the data as they are. Without a name there are no classes.
    /// </summary>
    let read (name: string option) (loaded: Loaded) : Outcome<Loaded * ClassLabels option> =
        match name with
        | None -> Ok(loaded, None)
        | Some file when File.Exists file ->
            result {
                let! array =
                    match Files.ending file with
                    | ".npy" -> Npy.read file
                    | ".csv" -> Csv.read file |> Result.map _.Values
                    | _ -> Idx.read file

                let count = (Dataset.samples loaded.Dataset).Count

                do!
                    Require.sameCount ($"numbers in {file}", array.Values.Length) ("rows of data", count)
                    |> Require.advise "Give one label for each row"

                let! classes = ofValues file array.Values
                return loaded, Some classes
            }
        | Some column ->
            result {
                let! rest, values = Inputs.split column loaded
                let! classes = ofValues column values
                return rest, Some classes
            }

    /// <summary>The number of classes; 0 for none.</summary>
    let count (classes: ClassLabels option) : int =
        classes |> Option.map _.Names.Length |> Option.defaultValue 0

    /// <summary>The class of each sample.</summary>
    let numbers (classes: ClassLabels option) : int[] option =
        classes |> Option.map (fun classes -> classes.Numbers)

    /// <summary>What the classes are called.</summary>
    let describe (classes: ClassLabels) : string =
        let sizes = classes.Numbers |> Array.countBy id |> Map.ofArray

        String.Join(
            ", ",
            classes.Names
            |> Array.mapi (fun k name -> $"{k} is {name.ToString CultureInfo.InvariantCulture} ({sizes[k]} rows)")
        )

    /// <summary>The classes of so many new samples, in the proportions of the data; none without classes.</summary>
    let drawn (count: int) (seed: Seed) (classes: ClassLabels option) : int[] option =
        classes
        |> Option.map (fun classes ->
            let order = Seed.permutation classes.Numbers.Length (Seed.derive "classes" seed)
            Array.init count (fun i -> classes.Numbers[order[i % order.Length]]))

/// <summary>The networks of a field and of a linear flow.</summary>
[<NoComparison; NoEquality>]
type FlowNetworks =
    {
        /// <summary>Of the velocity field.</summary>
        Field: Network
        /// <summary>Of the features, if it is not that of the recipe.</summary>
        Features: Network option
        /// <summary>The number of classes, 0 for none.</summary>
        Classes: int
        /// <summary>The device.</summary>
        Device: string
    }

/// <summary>The data of a flow in its own space.</summary>
[<NoComparison; NoEquality>]
type FlowData =
    {
        /// <summary>The points; the caller frees them.</summary>
        Samples: Samples
        /// <summary>Their classes.</summary>
        Classes: ClassLabels option
        /// <summary>The map from the data.</summary>
        Latent: LatentMap option
        /// <summary>The networks for them.</summary>
        Networks: FlowNetworks
    }

/// <summary>Networks as a user types them: <c>96,96,96</c> for dense layers, <c>unet:32</c> for images.</summary>
[<RequireQualifiedAccess>]
module NetworkSpec =

    /// <summary>The accepted forms, for help and messages.</summary>
    let grammar: string =
        "widths of dense layers, as in 128,128,128, or unet:CHANNELS for images"

    /// <summary>A network before the data are known.</summary>
    type Spec =
        /// That of the defaults.
        | Usual
        | Dense of widths: int list
        | Convolutional of channels: int

    let private widths (text: string) : Outcome<int list> =
        text.Split ','
        |> List.ofArray
        |> Outcome.collect (fun part ->
            match Int32.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, width when width > 0 && width <= 100_000 -> Ok width
            | _ -> KoopmanError.fail ErrorKind.InvalidSetting $"'{text}' is not a network" $"Give {grammar}")

    /// <summary>The network of this text.</summary>
    let parse (text: string option) : Outcome<Spec> =
        match text |> Option.map (fun text -> text, text.Split ':') with
        | None -> Ok Usual
        | Some(_, [| "unet"; channels |]) -> widths channels |> Result.map (fun channels -> Convolutional channels.Head)
        | Some(text, _) -> widths text |> Result.map Dense

    /// <summary>True for a network of images.</summary>
    let isImage (spec: Spec) : bool =
        match spec with
        | Convolutional _ -> true
        | _ -> false

    let private dense (classes: int) (device: string) (widths: int list) : Network =
        Mlp
            { Net.mlpDefaults with
                Widths = widths
                Classes = classes
                Device = device
            }

    /// <summary>The networks for these data.</summary>
    let networks (spec: Spec) (image: struct (int * int * int) option) (classes: int) (device: string) : FlowNetworks =
        let network =
            match spec, image with
            | Convolutional channels, Some image ->
                UNet
                    { Net.uNetDefaults with
                        Image = image
                        Width = channels
                        Classes = classes
                        Device = device
                    }
            | Dense widths, _ -> dense classes device widths
            | _ -> dense classes device Net.mlpDefaults.Widths

        {
            Field = network
            Features = (if spec = Usual then None else Some network)
            Classes = classes
            Device = device
        }

    /// <summary>The settings of a recipe with these networks, features and decoder.</summary>
    let lift
        (features: int option)
        (decoder: string option)
        (networks: FlowNetworks)
        (options: DistillationOptions)
        : Outcome<DistillationOptions> =
        result {
            let! decoder =
                match decoder with
                | None -> Ok None
                | Some text -> widths text |> Result.map (dense 0 networks.Device >> Some)

            // Dense networks of a recipe keep their widths.
            let placed (network: Network) : Network =
                match network with
                | Mlp plain ->
                    Mlp
                        { plain with
                            Classes = networks.Classes
                            Device = networks.Device
                        }
                | other -> other

            match options.Lift with
            | Existing _ -> return options
            | Fresh plain ->
                let decoder =
                    match decoder, plain.Decoder with
                    | Some _, _ -> decoder
                    | None, Some(Mlp own) -> Some(Mlp { own with Device = networks.Device })
                    | None, own -> own

                return
                    { options with
                        Lift =
                            Fresh
                                { plain with
                                    Network = Option.defaultWith (fun () -> placed plain.Network) networks.Features
                                    Features = Option.defaultValue plain.Features features
                                    Decoder = decoder
                                }
                        // A decoder learns only the end points unless the loss asks for reconstruction.
                        Loss =
                            if decoder.IsSome && plain.Decoder.IsNone then
                                Distillation.decoding.Loss
                            else
                                options.Loss
                    }
        }
