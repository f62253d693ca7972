namespace Koopman.Flows

open System
open TorchSharp
open Koopman
open Koopman.Learning
open System.Text.Json.Nodes

/// <summary>The lift of a flow: its features and the shape of its operator.</summary>
type LiftOptions =
    {
        /// <summary>The network F(t, x). Default three layers of 96.</summary>
        Network: MlpOptions
        /// <summary>The number m of features. Default 32.</summary>
        Features: int
        /// <summary>The operator. Default blocks of two.</summary>
        Generator: GeneratorShape
    }

/// <summary>
/// A flow made linear: z(t, x) = [1, t, x, F(t, x)] moves by one operator, dz/dτ = z L, so that the point after any time τ is the x part of z e^{τL}. The
/// points themselves are coordinates, so nothing has to be decoded. With a learned decoder z = [1, t, F] instead, and points are x = dec(t, F). It owns networks and
/// generator.
/// </summary>
[<Sealed>]
type Lift internal (net: Net, generator: FlowGenerator, decoder: Net option) =

    /// The part of points, or of their velocities, that is a coordinate.
    let coordinate (point: Tensor) : Tensor =
        if decoder.IsSome then point.narrow (-1L, 0L, 0L) else point

    /// The decoder on rows of any leading shape.
    let decode (decoder: Net) (time: Dual) (features: Dual) : Dual =
        let shape = features.Value.shape

        let rows (x: Dual) =
            x |> Dual.linearly (fun v -> v.reshape (-1L, v.shape[int (v.dim ()) - 1]))

        let out = Array.copy shape
        out[out.Length - 1] <- int64 decoder.Outputs

        decoder.Forward(rows time, rows features, None)
        |> Dual.linearly (fun v -> v.reshape out)

    /// <summary>The features' network.</summary>
    member _.Net: Net = net

    /// <summary>The decoder of (t, F), if the points are not coordinates themselves.</summary>
    member _.Decoder: Net option = decoder

    /// <summary>The operator L.</summary>
    member _.Generator: FlowGenerator = generator

    /// <summary>The dimension d of the points.</summary>
    member _.Dimension: int = net.Dimension

    /// <summary>The number m of features.</summary>
    member _.Features: int = net.Outputs

    /// <summary>The size D of the lifted space, 2+d+m or with a decoder 2+m.</summary>
    member _.Size: int = generator.Size

    /// <summary>What training changes, by name.</summary>
    member _.Parameters: (string * Tensor) list =
        [
            for name, parameter in net.Parameters do
                $"features.{name}", parameter
            for name, parameter in generator.Parameters do
                $"generator.{name}", parameter
            match decoder with
            | Some decoder ->
                for name, parameter in decoder.Parameters do
                    $"decoder.{name}", parameter
            | None -> ()
        ]

    /// <summary>z at times (n, 1) and points (n, d); classes (n) for a network that knows them.</summary>
    member _.Encode(time: Tensor, point: Tensor, classes: Tensor option) : Lifted =
        {
            Constant = 1.0
            Time = time
            Point = coordinate point
            Features = net.Forward(Dual.constant time, Dual.constant point, classes).Value
        }

    /// <summary>z and its rate of change J_z (1, v) where points move with velocities v (n, d).</summary>
    member _.EncodeAlong
        (time: Tensor, point: Tensor, velocity: Tensor, classes: Tensor option)
        : struct (Lifted * Lifted) =
        let ones = torch.ones_like time

        let features =
            net.Forward(Dual.create time ones, Dual.create point velocity, classes)

        struct ({
                    Constant = 1.0
                    Time = time
                    Point = coordinate point
                    Features = features.Value
                },
                {
                    Constant = 0.0
                    Time = ones
                    Point = coordinate velocity
                    Features = Dual.tangent features
                })

    /// <summary>The points of rows z.</summary>
    member _.Decode(z: Lifted) : Tensor =
        match decoder with
        | None -> z.Point
        | Some decoder -> (decode decoder (Dual.constant z.Time) (Dual.constant z.Features)).Value

    /// <summary>X(τ): the points of z e^{τL}, for horizons (n, 1) or (q, n, 1).</summary>
    member this.Position(z: Lifted, tau: Tensor) : Tensor =
        match decoder with
        | None -> generator.Position(z, tau)
        | Some _ -> this.Decode(generator.Advance(z, tau))

    /// <summary>X'(τ): how fast the points of z e^{τL} move.</summary>
    member _.Speed(z: Lifted, tau: Tensor) : Tensor =
        match decoder with
        | None -> generator.Speed(z, tau)
        | Some decoder ->
            let moved = generator.Advance(z, tau)
            let rate = generator.Rate moved

            decode
                decoder
                (Dual.create moved.Time (rate.Time.expand_as moved.Time))
                (Dual.create moved.Features rate.Features)
            |> Dual.tangent

    /// <summary>How the points of z e^{τL} change when z changes by dz: the x part of dz e^{τL}, or what the decoder makes of it.</summary>
    member _.Response(z: Lifted, dz: Lifted, tau: Tensor) : Tensor =
        match decoder with
        | None -> generator.Position(dz, tau)
        | Some decoder ->
            let moved, change = generator.Advance(z, tau), generator.Advance(dz, tau)

            decode decoder (Dual.create moved.Time change.Time) (Dual.create moved.Features change.Features)
            |> Dual.tangent

    /// <summary>The lift with copies of these values instead of its parameters, in their order.</summary>
    member _.With(values: Tensor list) : Lift =
        let features, rest = List.splitAt net.Parameters.Length values
        let operator, decoding = List.splitAt generator.Parameters.Length rest
        new Lift(net.With features, generator.With operator, decoder |> Option.map _.With(decoding))

    interface IDisposable with
        /// <summary>Frees network and generator.</summary>
        member _.Dispose() : unit =
            net.Dispose()
            (generator :> IDisposable).Dispose()
            decoder |> Option.iter _.Dispose()

/// <summary>Makes lifts, and says how well they fit.</summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Lift =

    let private kind: string = "flow lift"
    let private schema: int = 1

    /// <summary>Three layers of 96, 32 features, blocks of two.</summary>
    let defaults: LiftOptions =
        {
            Network = Net.mlpDefaults
            Features = 32
            Generator = FlowGenerator.blocks
        }

    /// A lift with a generator at its start, on points of the given dimension as coordinates: 0 with a decoder.
    let private assemble (shape: GeneratorShape) (seed: Seed) (decoder: Net option) (net: Net) : Outcome<Lift> =
        let dimension = if decoder.IsSome then 0 else net.Dimension

        match net.Parameters with
        | _ when decoder.IsSome && shape.IsEverySite ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "A learned decoder and an operator at every site"
                "Use another operator with a decoder, or a lift of which the points are coordinates"
        | [] ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The features have no parameters to train"
                "Give a network of Net.mlp, a module with parameters, or Net.ofDual with its own"
        | (_, like) :: _ ->
            FlowGenerator.create shape (Seed.derive "generator" seed) like dimension net.Outputs
            |> Result.map (fun generator -> new Lift(net, generator, decoder))

    /// <summary>A lift of any network of features, with a generator at its start. It takes the network over.</summary>
    /// <param name="shape">The shape of the operator.</param>
    /// <param name="seed">Of the generator's first parameters.</param>
    /// <param name="net">The features F(t, x).</param>
    let ofNet (shape: GeneratorShape) (seed: Seed) (net: Net) : Outcome<Lift> = assemble shape seed None net

    /// <summary>
    /// A lift z = [1, t, F] with a learned decoder x = dec(t, F), as the paper's later versions have it. It takes both networks over. Train it with reconstruction in the
    /// loss, or it learns ends and no ways: <c>Student.decoding</c>.
    /// </summary>
    /// <param name="shape">The shape of the operator.</param>
    /// <param name="seed">Of the generator's first parameters.</param>
    /// <param name="decoder">A network of (t, F) with as many outputs as points have coordinates.</param>
    /// <param name="net">The features F(t, x).</param>
    let ofDecoder (shape: GeneratorShape) (seed: Seed) (decoder: Net) (net: Net) : Outcome<Lift> =
        if decoder.Dimension <> net.Outputs || decoder.Outputs <> net.Dimension then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The decoder maps {decoder.Dimension} features to {decoder.Outputs} coordinates, but there are {net.Outputs} and {net.Dimension}"
                "Give a decoder from the features back to the points"
        else
            assemble shape seed (Some decoder) net

    /// <summary>A lift at its start. The caller disposes of it.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters.</param>
    /// <param name="dimension">The dimension d of the points.</param>
    let create (options: LiftOptions) (seed: Seed) (dimension: int) : Outcome<Lift> =
        Net.mlp options.Network (Seed.derive "features" seed) dimension options.Features
        |> Result.bind (fun net ->
            let lift = ofNet options.Generator seed net

            if Result.isError lift then
                net.Dispose()

            lift)

    /// <summary>A lift with a learned decoder at its start, of a network like that of the features. The caller disposes of it.</summary>
    /// <param name="options">Settings of features and operator.</param>
    /// <param name="decoder">Settings of the decoder.</param>
    /// <param name="seed">Of the first parameters.</param>
    /// <param name="dimension">The dimension d of the points.</param>
    let createDecoding (options: LiftOptions) (decoder: MlpOptions) (seed: Seed) (dimension: int) : Outcome<Lift> =
        result {
            let! net =
                Net.mlp options.Network (Seed.derive "features" seed) dimension options.Features

            let back =
                Net.mlp { decoder with Classes = 0 } (Seed.derive "decoder" seed) options.Features dimension

            let lift =
                back |> Result.bind (fun back -> ofDecoder options.Generator seed back net)

            if Result.isError lift then
                net.Dispose()
                back |> Result.iter _.Dispose()

            return! lift
        }

    /// <summary>
    /// A lift of images at its start: a U-Net's channels are the features, and the same operator acts at every pixel. The caller disposes of it.
    /// </summary>
    /// <param name="options">The network of the features.</param>
    /// <param name="operator">The operator at one pixel.</param>
    /// <param name="seed">Of the first parameters.</param>
    /// <param name="channels">Features a pixel; even for blocks.</param>
    let ofImages (options: UNetOptions) (operator: GeneratorShape) (seed: Seed) (channels: int) : Outcome<Lift> =
        Net.imageFeatures options (Seed.derive "features" seed) channels
        |> Result.bind (fun net ->
            let struct (_, rows, columns) = options.Image
            let lift = ofNet (EverySite(rows * columns, operator)) seed net

            if Result.isError lift then
                net.Dispose()

            lift)

    /// Features with sites apart in rows: (rows·sites, channels), or as they are.
    let internal channels (lift: Lift) (features: Tensor) : Tensor =
        let apart = lift.Generator.ToSites features
        apart.reshape (-1L, apart.shape[int (apart.dim ()) - 1])

    /// r of rows z and their rates of change.
    let internal residualOf (lift: Lift) (z: Lifted) (rate: Lifted) : Lifted =
        let linear = lift.Generator.Rate z

        {
            Constant = 0.0
            Time = rate.Time - linear.Time
            Point = rate.Point - linear.Point
            Features = rate.Features - linear.Features
        }

    /// <summary>
    /// What is left of consistency, r = J_z (1, v) - z L, at times (n, 1), points (n, d) and velocities (n, d): 0 everywhere if z moves by L exactly.
    /// </summary>
    let residual (lift: Lift) (time: Tensor) (point: Tensor) (velocity: Tensor) (classes: Tensor option) : Lifted =
        let struct (z, rate) = lift.EncodeAlong(time, point, velocity, classes)
        residualOf lift z rate

    /// <summary>A copy with float64 parameters on the CPU, for exact work.</summary>
    let toDouble (lift: Lift) : Lift =
        use _ = Tensors.scope ()

        lift.With(
            lift.Parameters
            |> List.map (fun (_, p) -> p.detach().cpu().to_type torch.float64)
        )

    /// <summary>A copy on a device, "cpu" or for instance "cuda".</summary>
    let toDevice (device: string) (lift: Lift) : Lift =
        use _ = Tensors.scope ()
        lift.With(lift.Parameters |> List.map (fun (_, p) -> p.detach().``to`` device))

    /// <summary>
    /// The read-out of one horizon: the x columns of e^{τL} (D, d), at one site if there are several, or for a decoder those of t and F (D, 1+m), found in float64. The caller
    /// disposes of it.
    /// </summary>
    let readOut (tau: float) (lift: Lift) : Tensor =
        Tensors.own (fun () ->
            use _ = torch.no_grad ()

            let site = lift.Generator.AtSite
            let matrix = site.Matrix().cpu().to_type torch.float64

            let first, count =
                if lift.Decoder.IsSome then
                    1L, int64 lift.Features + 1L
                else
                    2L, int64 site.Dimension

            torch.linalg.matrix_exp(tau * matrix).narrow(1L, first, count).contiguous())

    /// The points of products (n, …) with a read-out.
    let internal readPoints (lift: Lift) (product: Tensor) : Tensor =
        match lift.Decoder with
        | None -> product
        | Some _ ->
            lift.Decode
                {
                    Constant = 1.0
                    Time = product.narrow (-1L, 0L, 1L)
                    Point = product.narrow (-1L, 0L, 0L)
                    Features = product.narrow (-1L, 1L, int64 lift.Features)
                }

    let rec private describeShape (shape: GeneratorShape) : JsonNode =
        match shape with
        | Blocks(growth, frequency) ->
            Fields.ofList
                [
                    "shape", Fields.ofText "blocks"
                    "growth", Fields.ofFloat growth
                    "frequency", Fields.ofFloat frequency
                ]
        | Dense -> Fields.ofList [ "shape", Fields.ofText "dense" ]
        | LowRank rank -> Fields.ofList [ "shape", Fields.ofText "low rank"; "rank", Fields.ofInt rank ]
        | EverySite(sites, operator) ->
            Fields.ofList
                [
                    "shape", Fields.ofText "every site"
                    "sites", Fields.ofInt sites
                    "operator", describeShape operator
                ]

    let rec private readShape (fields: JsonObject) : Outcome<GeneratorShape> =
        result {
            match! Fields.text "shape" fields with
            | "blocks" ->
                let! growth = Fields.float "growth" fields
                let! frequency = Fields.float "frequency" fields
                return Blocks(growth, frequency)
            | "dense" -> return Dense
            | "low rank" ->
                let! rank = Fields.int "rank" fields
                return LowRank rank
            | "every site" ->
                let! sites = Fields.int "sites" fields
                let! operator = Fields.object "operator" fields
                let! shape = readShape operator
                return EverySite(sites, shape)
            | other -> return! NetFiles.wrong $"an unknown shape '{other}'"
        }

    /// <summary>Writes a lift with features of a plain network; an existing file is replaced in one step.</summary>
    let save (path: string) (lift: Lift) : Outcome<unit> =
        result {
            let! net = NetFiles.describe lift.Net

            let! decoder =
                match lift.Decoder with
                | None -> Ok []
                | Some decoder -> NetFiles.describe decoder |> Result.map (fun fields -> [ "decoder", fields ])

            let options =
                Fields.ofList ([ "features", net; "generator", describeShape lift.Generator.Shape ] @ decoder)

            return! Checkpoint.write path kind schema options lift.Parameters
        }

    /// <summary>Reads a lift, on the CPU. The caller disposes of it.</summary>
    /// <returns>An error if the file is missing, damaged, or holds something else.</returns>
    let load (path: string) : Outcome<Lift> =
        result {
            use! checkpoint = Checkpoint.readKind kind schema path
            let! features = Fields.object "features" checkpoint.Options
            let! generator = Fields.object "generator" checkpoint.Options
            let! shape = readShape generator
            let! net = NetFiles.read features

            let! decoder =
                if checkpoint.Options.ContainsKey "decoder" then
                    Fields.object "decoder" checkpoint.Options
                    |> Result.bind NetFiles.read
                    |> Result.map Some
                else
                    Ok None

            use! lift = assemble shape (Seed.ofInt 0) decoder net
            let! values = NetFiles.valuesOf checkpoint lift.Parameters
            return lift.With values
        }
