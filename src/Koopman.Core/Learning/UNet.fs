namespace Koopman.Learning

open System
open TorchSharp
open Koopman

/// <summary>Settings of a convolutional network for images.</summary>
type UNetOptions =
    {
        /// <summary>Channels, rows and columns of an image; a point is a flattened image, channel by channel. Rows and columns are halved at each
        /// level after the first.</summary>
        Image: struct (int * int * int)
        /// <summary>Channels at the first level. Default 32.</summary>
        Width: int
        /// <summary>Channels of each level in multiples of Width. Default 1, 2, 2.</summary>
        Multipliers: int list
        /// <summary>True if pixels attend to each other at the last level. Default true.</summary>
        Attention: bool
        /// <summary>The number of classes it is conditioned on; 0, the default, for none.</summary>
        Classes: int
        /// <summary>float64 instead of float32 parameters. Default false.</summary>
        DoublePrecision: bool
        /// <summary>The device: "cpu" (the default) or a CUDA device such as "cuda".</summary>
        Device: string
    }

/// The layers of a U-Net by name, and its evaluation.
[<RequireQualifiedAccess>]
module internal UNetLayers =

    /// The initial value of a parameter.
    type Start =
        /// Uniform on ±1/√inputs.
        | Spread of inputs: int
        | Constant of float

    /// The length of the embedding of a time or class.
    let embedding (options: UNetOptions) : int = 4 * options.Width

    /// Pairs of sine and cosine for a time.
    let private waves = 16

    let private conv (name: string) (size: int) (from: int) (into: int) =
        [
            $"{name}.weight", [| into; from; size; size |], Spread(from * size * size)
            $"{name}.bias", [| into |], Spread(from * size * size)
        ]

    let private linear (name: string) (from: int) (into: int) =
        [
            $"{name}.weight", [| into; from |], Spread from
            $"{name}.bias", [| into |], Spread from
        ]

    let private norm (name: string) (channels: int) =
        [
            $"{name}.weight", [| channels |], Constant 1.0
            $"{name}.bias", [| channels |], Constant 0.0
        ]

    let private block (options: UNetOptions) (name: string) (from: int) (into: int) =
        [
            yield! norm $"{name}.norm1" from
            yield! conv $"{name}.conv1" 3 from into
            yield! linear $"{name}.time" (embedding options) into
            yield! norm $"{name}.norm2" into
            yield! conv $"{name}.conv2" 3 into into
            if from <> into then
                yield! conv $"{name}.skip" 1 from into
        ]

    /// Channels of every level.
    let channels (options: UNetOptions) : int list =
        options.Multipliers |> List.map (fun m -> m * options.Width)

    /// Names, shapes and initial values of all parameters of a network with this number of output channels, whose outputs start at 0 or not.
    let parameters (fromZero: bool) (options: UNetOptions) (outputs: int) : (string * int[] * Start) list =
        let struct (inputs, _, _) = options.Image
        let levels = channels options
        let last = List.last levels

        [
            yield! linear "time1" (2 * waves) (embedding options)
            yield! linear "time2" (embedding options) (embedding options)
            if options.Classes > 0 then
                "classes.weight", [| options.Classes; embedding options |], Constant 0.0
            yield! conv "first" 3 inputs levels.Head
            for i, (from, into) in List.indexed (List.pairwise (levels.Head :: levels)) do
                yield! block options $"down{i}" from into
            if options.Attention then
                yield! norm "attention.norm" last
                yield! conv "attention.all" 1 last (3 * last)
                yield! conv "attention.out" 1 last last
            yield! block options "middle" last last
            for i, (into, from) in List.indexed (List.pairwise (levels.Head :: levels)) |> List.rev do
                yield! block options $"up{i}" (2 * from) into
            yield! norm "last.norm" levels.Head
            if fromZero then
                "last.weight", [| outputs; levels.Head; 3; 3 |], Constant 0.0
                "last.bias", [| outputs |], Constant 0.0
            else
                yield! conv "last" 3 levels.Head outputs
        ]

    /// sin and cos of t times frequencies from 1 to 1,000.
    let private timeWaves (time: Dual) : Dual =
        let frequencies =
            Tensors.ofVector (Array.init waves (fun k -> 1000.0 ** (float k / float (waves - 1))))
            |> fun f -> f.to_type(time.Value.dtype).``to``(time.Value.device).unsqueeze 0L

        let angles = time |> Dual.linearly (fun t -> t.times frequencies)
        Dual.concat 1L [ Dual.sin angles; Dual.cos angles ]

    let private halve (x: Dual) : Dual =
        let s = x.Value.shape

        x
        |> Dual.linearly (fun v -> v.reshape(s[0], s[1], s[2] / 2L, 2L, s[3] / 2L, 2L).mean [| 3L; 5L |])

    let private enlarge (x: Dual) : Dual =
        let s = x.Value.shape

        x
        |> Dual.linearly (fun v ->
            v
                .reshape(s[0], s[1], s[2], 1L, s[3], 1L)
                .expand(s[0], s[1], s[2], 2L, s[3], 2L)
                .reshape(s[0], s[1], 2L * s[2], 2L * s[3]))

    /// The outputs, rows (n, outputs·rows·columns).
    let run (options: UNetOptions) (p: string -> Tensor) (time: Dual) (point: Dual) (classes: Tensor option) : Dual =
        let struct (inputs, height, width) = options.Image
        let rows = point.Value.shape[0]
        let levels = channels options

        let linear name =
            Dual.linear (p $"{name}.weight") (p $"{name}.bias")

        let conv (size: int) name =
            Dual.conv2d 1L (int64 (size / 2)) (p $"{name}.weight") (p $"{name}.bias")

        let norm name (x: Dual) =
            let count = int x.Value.shape[1]

            // At least four channels per group: normalised alone, a channel would lose the shift by time and class.
            let rec divisor g =
                if count % g = 0 then g else divisor (g - 1)

            Dual.groupNorm (divisor (count / 4 |> min 8 |> max 1)) (p $"{name}.weight") (p $"{name}.bias") x

        let told = timeWaves time |> linear "time1" |> Dual.silu |> linear "time2"

        let told =
            match classes with
            | Some classes when options.Classes > 0 ->
                { told with
                    Value = told.Value + ClassRows.pick (p "classes.weight") classes
                }
            | _ -> told
            |> Dual.silu

        let block name (from: int) (into: int) (x: Dual) =
            let shift =
                told
                |> linear $"{name}.time"
                |> Dual.linearly (fun v -> v.unsqueeze(2L).unsqueeze 3L)

            let first = x |> norm $"{name}.norm1" |> Dual.silu |> conv 3 $"{name}.conv1"

            let shift = shift |> Dual.linearly (fun v -> v.expand_as first.Value)

            let second =
                Dual.add first shift
                |> norm $"{name}.norm2"
                |> Dual.silu
                |> conv 3 $"{name}.conv2"

            Dual.add second (if from = into then x else conv 1 $"{name}.skip" x)

        let attend (x: Dual) =
            let s = x.Value.shape

            let sites (v: Tensor) =
                v.reshape(s[0], -1L, s[2] * s[3]).transpose(1L, 2L)

            let all =
                x |> norm "attention.norm" |> conv 1 "attention.all" |> Dual.linearly sites

            let part i =
                all |> Dual.linearly (fun v -> v.narrow (2L, i * s[1], s[1]))

            Dual.attention (part 0L) (part 1L) (part 2L)
            |> Dual.linearly (fun v -> v.transpose(1L, 2L).reshape s)
            |> conv 1 "attention.out"

        let image =
            point
            |> Dual.linearly (fun v -> v.reshape (rows, int64 inputs, int64 height, int64 width))

        let steps = List.indexed (List.pairwise (levels.Head :: levels))

        // Down, keeping the outputs of every level, the last one first.
        let bottom, seen =
            ((conv 3 "first" image, []), steps)
            ||> List.fold (fun (x, seen) (i, (from, into)) ->
                let x = if i = 0 then x else halve x
                let x = block $"down{i}" from into x
                x, x :: seen)

        let bottom =
            if options.Attention then
                Dual.residual attend bottom
            else
                bottom

        let last = List.last levels

        let top =
            (block "middle" last last bottom, List.zip (List.rev steps) seen)
            ||> List.fold (fun x ((i, (into, from)), there) ->
                let x = Dual.concat 1L [ x; there ] |> block $"up{i}" (2 * from) into
                if i = 0 then x else enlarge x)

        top
        |> norm "last.norm"
        |> Dual.silu
        |> conv 3 "last"
        |> Dual.linearly (fun v -> v.reshape (rows, -1L))

/// A U-Net: residual blocks of convolutions at decreasing and increasing resolution, with skip connections at each level.
[<Sealed>]
type internal UNetNet(options: UNetOptions, parameters: (string * Tensor) list) =
    inherit
        Net(
            (let struct (c, h, w) = options.Image in c * h * w),
            (let struct (_, h, w) = options.Image in int (List.last parameters |> snd).shape[0] * h * w),
            options.Classes
        )

    let byName = Map.ofList parameters

    member _.Options: UNetOptions = options

    override _.RowSize =
        let struct (_, height, width) = options.Image
        // The widest is the first level on the way up, with the skip connections concatenated.
        2 * options.Multipliers.Head * options.Width * height * width

    override _.AllowsNoClass = true

    override _.Parameters = parameters

    override _.Forward(time: Dual, point: Dual, classes: Tensor option) : Dual =
        UNetLayers.run options (fun name -> byName[name]) time point classes

    override _.With(values: Tensor list) : Net =
        let fresh = Leaves.copy values

        let options =
            { options with
                DoublePrecision = (fresh.Head.dtype = torch.float64)
                Device = string fresh.Head.device
            }

        new UNetNet(options, List.zip (List.map fst parameters) fresh)

    override _.Free() : unit =
        for _, parameter in parameters do
            parameter.Dispose()
