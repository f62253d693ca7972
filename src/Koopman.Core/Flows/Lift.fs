namespace Koopman

open System
open System.Text.Json.Nodes
open TorchSharp

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
/// points themselves are coordinates, so nothing has to be decoded. It owns network and generator.
/// </summary>
[<Sealed>]
type Lift internal (net: Net, generator: FlowGenerator) =

    /// <summary>The features' network.</summary>
    member _.Net: Net = net

    /// <summary>The operator L.</summary>
    member _.Generator: FlowGenerator = generator

    /// <summary>The dimension d of the points.</summary>
    member _.Dimension: int = net.Dimension

    /// <summary>The number m of features.</summary>
    member _.Features: int = net.Outputs

    /// <summary>The size D = 2+d+m of the lifted space.</summary>
    member _.Size: int = generator.Size

    /// <summary>What training changes, by name.</summary>
    member _.Parameters: (string * Tensor) list =
        [
            for name, parameter in net.Parameters do
                $"features.{name}", parameter
            for name, parameter in generator.Parameters do
                $"generator.{name}", parameter
        ]

    /// <summary>z at times (n, 1) and points (n, d); classes (n) for a network that knows them.</summary>
    member _.Encode(time: Tensor, point: Tensor, classes: Tensor option) : Lifted =
        {
            Constant = 1.0
            Time = time
            Point = point
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
                    Point = point
                    Features = features.Value
                },
                {
                    Constant = 0.0
                    Time = ones
                    Point = velocity
                    Features = Dual.tangent features
                })

    /// <summary>The lift with copies of these values instead of its parameters, in their order.</summary>
    member _.With(values: Tensor list) : Lift =
        let features, operator = List.splitAt net.Parameters.Length values
        new Lift(net.With features, generator.With operator)

    interface IDisposable with
        /// <summary>Frees network and generator.</summary>
        member _.Dispose() : unit =
            net.Dispose()
            (generator :> IDisposable).Dispose()

/// <summary>Makes lifts, and says how well they fit.</summary>
[<RequireQualifiedAccess>]
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

    /// <summary>A lift of any network of features, with a generator at its start. It takes the network over.</summary>
    /// <param name="shape">The shape of the operator.</param>
    /// <param name="seed">Of the generator's first parameters.</param>
    /// <param name="net">The features F(t, x).</param>
    let ofNet (shape: GeneratorShape) (seed: Seed) (net: Net) : Result<Lift, KoopmanError> =
        match net.Parameters with
        | [] ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The features have no parameters to train"
                "Give a network of Net.mlp, a module with parameters, or Net.ofDual with its own"
        | (_, like) :: _ ->
            FlowGenerator.create shape (Seed.derive "generator" seed) like net.Dimension net.Outputs
            |> Result.map (fun generator -> new Lift(net, generator))

    /// <summary>A lift at its start. The caller disposes of it.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters.</param>
    /// <param name="dimension">The dimension d of the points.</param>
    let create (options: LiftOptions) (seed: Seed) (dimension: int) : Result<Lift, KoopmanError> =
        Net.mlp options.Network (Seed.derive "features" seed) dimension options.Features
        |> Result.bind (fun net ->
            let lift = ofNet options.Generator seed net

            if Result.isError lift then
                net.Dispose()

            lift)

    /// r of rows z and their rates of change.
    let internal residualOf (lift: Lift) (z: Lifted) (rate: Lifted) : Lifted =
        let linear = lift.Generator.Rate z

        {
            Constant = 0.0
            Time = rate.Time.sub linear.Time
            Point = rate.Point.sub linear.Point
            Features = rate.Features.sub linear.Features
        }

    /// <summary>
    /// What is left of consistency, r = J_z (1, v) - z L, at times (n, 1), points (n, d) and velocities (n, d): 0 everywhere if z moves by L exactly.
    /// </summary>
    let residual (lift: Lift) (time: Tensor) (point: Tensor) (velocity: Tensor) (classes: Tensor option) : Lifted =
        let struct (z, rate) = lift.EncodeAlong(time, point, velocity, classes)
        residualOf lift z rate

    /// <summary>A copy with float64 parameters on the CPU, for exact work.</summary>
    let toDouble (lift: Lift) : Lift =
        use _ = torch.NewDisposeScope()

        lift.With(
            lift.Parameters
            |> List.map (fun (_, p) -> p.detach().cpu().to_type torch.float64)
        )

    /// <summary>A copy on a device, "cpu" or for instance "cuda".</summary>
    let toDevice (device: string) (lift: Lift) : Lift =
        use _ = torch.NewDisposeScope()
        lift.With(lift.Parameters |> List.map (fun (_, p) -> p.detach().``to`` device))

    /// <summary>The read-out (D, d) of one horizon: the x columns of e^{τL}, found in float64. The caller disposes of it.</summary>
    let readOut (tau: float) (lift: Lift) : Tensor =
        Tensors.own (fun () ->
            use _ = torch.no_grad ()

            let matrix = lift.Generator.Matrix().cpu().to_type torch.float64

            torch.linalg.matrix_exp(matrix.mul (Tensors.num tau)).narrow(1L, 2L, int64 lift.Dimension).contiguous())

    let private describeShape (shape: GeneratorShape) : JsonNode =
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

    let private readShape (fields: JsonObject) : Result<GeneratorShape, KoopmanError> =
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
            | other -> return! NetFiles.wrong $"an unknown shape '{other}'"
        }

    /// <summary>Writes a lift with features of a plain network; an existing file is replaced in one step.</summary>
    let save (path: string) (lift: Lift) : Result<unit, KoopmanError> =
        result {
            let! net = NetFiles.describe lift.Net

            let options =
                Fields.ofList [ "features", net; "generator", describeShape lift.Generator.Shape ]

            return! Checkpoint.write path kind schema options lift.Parameters
        }

    /// <summary>Reads a lift, on the CPU. The caller disposes of it.</summary>
    /// <returns>An error if the file is missing, damaged, or holds something else.</returns>
    let load (path: string) : Result<Lift, KoopmanError> =
        result {
            use! checkpoint = Checkpoint.readKind kind schema path
            let! features = Fields.object "features" checkpoint.Options
            let! generator = Fields.object "generator" checkpoint.Options
            let! shape = readShape generator
            let! net = NetFiles.read features
            use! lift = ofNet shape (Seed.ofInt 0) net
            let! values = NetFiles.valuesOf checkpoint lift.Parameters
            return lift.With values
        }
