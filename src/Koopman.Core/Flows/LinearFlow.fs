namespace Koopman.Flows

open System
open System.Numerics
open TorchSharp
open Koopman
open Koopman.Learning
open System.Text.Json.Nodes

/// <summary>Settings of the lift of a flow: its features and the shape of its operator.</summary>
[<NoComparison>]
type LinearFlowOptions =
    {
        /// <summary>The network F(t, x). Default three layers of 96. The channels of a U-Net are the features of a pixel, and the same operator acts at every pixel.</summary>
        Network: Network
        /// <summary>The number m of features; for a U-Net, per pixel. Default 32.</summary>
        Features: int
        /// <summary>The operator; for a U-Net, that at one pixel. Default 2 × 2 blocks.</summary>
        Generator: OperatorShape
        /// <summary>
        /// A network of (t, F) with one output per coordinate of the points, for a lift z = [1, t, F] with a learned decoder x = dec(t, F), as in
        /// the paper's later versions; default none, for points that are themselves coordinates of the lift. Train a decoder with reconstruction in
        /// the loss, as in <c>Distillation.decoding</c>; otherwise it learns only the end points.
        /// </summary>
        Decoder: Network option
    }

/// <summary>The starts and ends of the predictions that a lift was trained for; elsewhere it extrapolates.</summary>
type TrainedReach =
    {
        /// <summary>From times between noise and data.</summary>
        FromBetween: bool
        /// <summary>To times between noise and data, and not only to t = 1.</summary>
        UntilBetween: bool
        /// <summary>Backwards.</summary>
        Backwards: bool
        /// <summary>Without a class, for a lift with classes.</summary>
        ClassFree: bool
        /// <summary>The number of equal steps from noise to data that it was trained for; 1 for one step.</summary>
        Parts: int
    }

/// <summary>
/// A linear flow: z(t, x) = [1, t, x, F(t, x)] moves by one operator, dz/dτ = z L, so that the point after any time τ is the x part of z e^{τL}. The
/// points themselves are coordinates of z, so no decoder is needed. With a learned decoder, z = [1, t, F] and points are x = dec(t, F).
/// </summary>
[<Sealed>]
type LinearFlow
    internal
    (
        net: Net,
        generator: LiftOperator,
        decoder: Net option,
        told: Conditioning,
        trained: TrainedReach option,
        whole: Shared option
    ) =
    inherit Shared()

    let held =
        [
            yield net.Hold()
            yield! decoder |> Option.map _.Hold() |> Option.toList
            yield! whole |> Option.map _.Hold() |> Option.toList
        ]

    let told = told.Kept

    /// The part of the points, or of their velocities, in z; empty with a decoder.
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

    member internal _.Net: Net = net

    /// The decoder of (t, F), if the points are not coordinates of z.
    member internal _.Decoder: Net option = decoder

    member internal _.Generator: LiftOperator = generator

    /// Resources owned by the lift.
    member val internal Attached: IDisposable | null = null with get, set

    /// <summary>The network's number of classes; 0 for none.</summary>
    member _.Classes: int = net.Classes

    /// <summary>The predictions that it was trained for; null if that is not known.</summary>
    member _.Trained: TrainedReach | null = Option.toObj trained

    member internal _.Told: Conditioning = told

    /// The same lift told something else; they share network and operator.
    member internal this.Tell(other: Conditioning) : LinearFlow =
        new LinearFlow(net, generator, decoder, other, trained, Some(defaultArg whole (this :> Shared)))

    /// An error if it has classes and knows none of them; None for one class for any number of rows.
    member internal _.CheckTold(rows: int option) : Outcome<unit> =
        told.Check("The lift", net.Classes, trained |> Option.exists _.ClassFree, rows)

    /// An error if the residual does not explain the error of one step: that of a learned decoder, or of a lift trained for several, is not in it.
    member internal _.CheckExplained() : Outcome<unit> =
        match decoder, trained with
        | Some _, _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The lift has a learned decoder, whose error the residual does not include"
                "Use a lift without a decoder, or compare it with the teacher (FlowErrors.measure)"
        | None, Some reach when reach.Parts > 1 ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The lift was trained for {reach.Parts} steps, and the residual explains the error of one"
                "Use a lift of one part, or compare it with the teacher (FlowErrors.measure)"
        | _ -> Ok()

    /// <summary>The dimension d of the points.</summary>
    member _.Dimension: int = net.Dimension

    /// <summary>The number m of features.</summary>
    member _.Features: int = net.Outputs

    /// <summary>The size D of the lifted space, 2+d+m or with a decoder 2+m.</summary>
    member _.Size: int = generator.Size

    /// The trainable parameters, by name.
    member internal _.Parameters: (string * Tensor) list =
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

    /// z at times (n, 1) and points (n, d), of rows with these classes (n) or with those that it was told.
    member internal _.Encode(time: Tensor, point: Tensor, classes: Tensor option) : LiftedState =
        let classes = classes |> Option.orElseWith (fun () -> told.Of point)

        {
            Constant = 1.0
            Time = time
            Point = coordinate point
            Features = net.Forward(Dual.constant time, Dual.constant point, classes).Value
        }

    /// z and its rate of change J_z (1, v) where points move with velocities v (n, d).
    member internal _.EncodeAlong
        (time: Tensor, point: Tensor, velocity: Tensor, classes: Tensor option)
        : struct (LiftedState * LiftedState) =
        let ones = torch.ones_like time
        let classes = classes |> Option.orElseWith (fun () -> told.Of point)

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
    member _.Decode(z: LiftedState) : Tensor =
        match decoder with
        | None -> z.Point
        | Some decoder -> (decode decoder (Dual.constant z.Time) (Dual.constant z.Features)).Value

    /// <summary>X(τ): the points of z e^{τL}, for horizons (n, 1) or (q, n, 1).</summary>
    member this.Position(z: LiftedState, tau: Tensor) : Tensor =
        match decoder with
        | None -> generator.Position(z, tau)
        | Some _ -> this.Decode(generator.Advance(z, tau))

    /// <summary>X'(τ): the velocities of the points of z e^{τL}.</summary>
    member _.Speed(z: LiftedState, tau: Tensor) : Tensor =
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

    /// <summary>The change of the points of z e^{τL} when z changes by dz: the x part of dz e^{τL}, or the decoder's derivative of it.</summary>
    member _.Response(z: LiftedState, dz: LiftedState, tau: Tensor) : Tensor =
        match decoder with
        | None -> generator.Position(dz, tau)
        | Some decoder ->
            let moved, change = generator.Advance(z, tau), generator.Advance(dz, tau)

            decode decoder (Dual.create moved.Time change.Time) (Dual.create moved.Features change.Features)
            |> Dual.tangent

    /// The lift with copies of these values instead of its parameters, in their order.
    member internal _.With(values: Tensor list) : LinearFlow =
        let features, rest = List.splitAt net.Parameters.Length values
        let operator, decoding = List.splitAt generator.Parameters.Length rest
        use net = net.With features
        let decoder = decoder |> Option.map _.With(decoding)

        let lift =
            new LinearFlow(net, generator.With operator, decoder, told, trained, None)

        decoder |> Option.iter _.Dispose()
        lift

    /// The same lift, of which this is known.
    member internal this.WithReach(reach: TrainedReach) : LinearFlow =
        new LinearFlow(net, generator, decoder, told, Some reach, Some(defaultArg whole (this :> Shared)))

    /// <summary>Frees the operator, and releases the networks.</summary>
    override this.Free() : unit =
        this.Attached |> Option.ofObj |> Option.iter _.Dispose()
        told.Free()

        if whole.IsNone then
            (generator :> IDisposable).Dispose()

        for network in held do
            network.Dispose()

/// <summary>
/// An invariant set of functions of a lift: w(t, x) = [x, F(t, x)] + c0 + c1 t + ½ c2 t² with dw/dτ = w M wherever the lift is exact. L itself, on
/// [1, t, x, F], has no basis of eigenvectors, because dt/dτ = 1; the polynomial absorbs the part driven by 1 and t, so that M alone remains. A lift
/// with a decoder has F in place of [x, F].
/// </summary>
[<Sealed>]
type internal LinearFlowObservables(lift: LinearFlow, matrix: Tensor, polynomial: Tensor[]) =
    inherit Observables(1 + lift.Dimension, lift.Size - 2, $"{lift.Size - 2} functions of a lift, of time and point")

    let held = lift.Hold()

    let split (points: Tensor) : struct (Tensor * Tensor) =
        struct (points.narrow (1L, 0L, 1L), points.narrow (1L, 1L, int64 lift.Dimension))

    /// <summary>The functions of a lift in float64.</summary>
    static member Create(lift: LinearFlow) : Outcome<LinearFlowObservables> =
        use _ = Tensors.scope ()
        use _ = torch.no_grad ()
        let whole = lift.Generator.Matrix()
        let matrix = lift.Generator.Linear()

        let driven (row: int64) =
            whole.narrow(0L, row, 1L).narrow(1L, 2L, matrix.shape[0])

        LinearAlgebra.generalEigen (fun value -> -value.Real) matrix
        |> Result.map (fun eigen ->
            let largest =
                eigen.Values |> Array.map Complex.Abs |> Array.append [| 1e-300 |] |> Array.max

            let isZero (value: Complex) = Complex.Abs value <= 1e-9 * largest

            /// The function of M that is f on its eigenvalues.
            let apply (f: Complex -> Complex) =
                (eigen.Right * (Tensors.complexVector (Array.map f eigen.Values)).unsqueeze 0L)
                    .times(eigen.Left.conj().t())
                    .real.contiguous()

            let still = apply (fun value -> if isZero value then Complex.One else Complex.Zero)

            let inverse =
                apply (fun value -> if isZero value then Complex.Zero else Complex.One / value)

            // y' = y M + a0 + a1 t and w' = w M: c0 M = a0 + c1, c1 M = a1 + c2, c2 M = 0.
            let a0, a1 = driven 0L, driven 1L
            let c2 = -a1.times still
            let c1 = a1.times inverse - a0.times still
            let c0 = (a0 + c1).times inverse
            new LinearFlowObservables(lift, Tensors.copy matrix, [| for c in [ c0; c1; c2 ] -> Tensors.copy c |]))

    /// <summary>M (d+m, d+m), with dw/dτ = w M. Owned by this object.</summary>
    member _.Matrix: Tensor = matrix

    override _.Values(points: Tensor) : Tensor =
        use _ = torch.no_grad ()

        Tensors.keep (fun () ->
            let struct (t, x) = split points
            let z = lift.Encode(t, x, None)

            torch.cat ([| z.Point; z.Features |], 1L)
            + polynomial[0]
            + t * polynomial[1]
            + 0.5 * t.square () * polynomial[2])

    override _.Partial(points: Tensor, axis: int) : Tensor =
        use _ = torch.no_grad ()

        Tensors.keep (fun () ->
            let struct (t, x) = split points
            let time, place = torch.zeros_like t, torch.zeros_like x

            let moved =
                if axis = 0 then
                    time.select (1L, 0L)
                else
                    place.select (1L, int64 (axis - 1))

            moved.fill_ (Tensors.num 1.0) |> ignore

            let features =
                lift.Net.Forward(Dual.create t time, Dual.create x place, lift.Told.Of x)
                |> Dual.tangent

            let coordinates =
                if lift.Decoder.IsSome then
                    place.narrow (1L, 0L, 0L)
                else
                    place

            torch.cat ([| coordinates; features |], 1L)
            + time * (polynomial[1] + t * polynomial[2]))

    override _.Free() : unit =
        held.Dispose()
        matrix.Dispose()

        for c in polynomial do
            c.Dispose()

/// <summary>Makes lifts, and computes their residuals.</summary>
[<RequireQualifiedAccess>]
module LinearFlow =

    let private kind: string = "flow lift"
    let private schema: int = 1

    /// <summary>The network of a lift's features.</summary>
    let net (lift: LinearFlow) : Net = lift.Net

    /// <summary>The decoder of (t, F), if the points are not coordinates of z.</summary>
    let decoder (lift: LinearFlow) : Net option = lift.Decoder

    /// <summary>The operator L of a lift.</summary>
    let operator (lift: LinearFlow) : LiftOperator = lift.Generator

    /// <summary>The trainable parameters of a lift, by name.</summary>
    let parameters (lift: LinearFlow) : (string * Tensor) list = lift.Parameters

    /// <summary>
    /// The lift of one class, counted from 0: samples, moves, errors, modes and signatures of it are those of the class. It shares the parameters of the given lift; the caller
    /// disposes it.
    /// </summary>
    /// <returns>An <c>InvalidSetting</c> error if there is no such class.</returns>
    let ofClass (number: int) (lift: LinearFlow) : Outcome<LinearFlow> =
        Require.indices "class" lift.Net.Classes [| int64 number |]
        |> Require.advise "Give a class that the lift was trained on, counted from 0"
        |> Result.map (fun () -> lift.Tell(Conditioning.Fixed number))

    /// <summary>The lift of n rows with these classes (n), int64. It shares the parameters of the given lift; the caller disposes it.</summary>
    let ofClasses (classes: Tensor) (lift: LinearFlow) : Outcome<LinearFlow> =
        Require.indices "class" lift.Net.Classes (Guarded.read<int64> classes)
        |> Require.advise "Give classes that the lift was trained on, counted from 0"
        |> Result.map (fun () -> lift.Tell(PerRow classes))

    /// <summary>z at times (n, 1) and points (n, d), of rows with these classes (n) or with those that the lift was told.</summary>
    let encode (lift: LinearFlow) (time: Tensor) (point: Tensor) (classes: Tensor option) : LiftedState =
        lift.Encode(time, point, classes)

    /// <summary>Three layers of 96, 32 features, blocks of two.</summary>
    let defaults: LinearFlowOptions =
        {
            Network = Mlp Net.mlpDefaults
            Features = 32
            Generator = LiftOperator.blocks
            Decoder = None
        }

    /// A lift with an initial operator; the given dimension is that of the points in z, 0 with a decoder.
    let private assemble (shape: OperatorShape) (seed: Seed) (decoder: Net option) (net: Net) : Outcome<LinearFlow> =
        let dimension = if decoder.IsSome then 0 else net.Dimension

        match net.Parameters with
        | _ when decoder.IsSome && shape.IsEverySite ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "A learned decoder and an operator at every site"
                "Use another operator with a decoder, or a lift without a decoder"
        | [] ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The features have no parameters to train"
                "Give a network of settings, a module with parameters, or Net.ofDual with its own"
        | (_, like) :: _ ->
            LiftOperator.create shape (Seed.derive "generator" seed) like dimension net.Outputs
            |> Result.map (fun generator ->
                new LinearFlow(net, generator, decoder, Conditioning.Unconditional, None, None))

    /// <summary>A lift with initial parameters. The caller disposes it.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">The seed of the initial parameters.</param>
    /// <param name="dimension">The dimension d of the points.</param>
    let create (options: LinearFlowOptions) (seed: Seed) (dimension: int) : Outcome<LinearFlow> =
        let sites, shape =
            match options.Network with
            | UNet network ->
                let struct (_, rows, columns) = network.Image
                rows * columns, EverySite(rows * columns, options.Generator)
            | _ -> 1, options.Generator

        let features = sites * options.Features

        (fun net ->
            match options.Decoder with
            | None -> assemble shape seed None net
            | Some decoder ->
                (fun (back: Net) ->
                    if back.Classes > 0 then
                        KoopmanError.fail
                            ErrorKind.InvalidSetting
                            $"The decoder has {back.Classes} classes, but must depend on time and features only"
                            "Give a decoder without classes"
                    else
                        assemble shape seed (Some back) net)
                |> Net.using true decoder (Seed.derive "decoder" seed) features dimension)
        |> Net.using false options.Network (Seed.derive "features" seed) dimension features

    /// Features with one row per site, (rows·sites, channels), or unchanged for one site.
    let internal channels (lift: LinearFlow) (features: Tensor) : Tensor =
        let apart = lift.Generator.ToSites features
        apart.reshape (-1L, apart.shape[int (apart.dim ()) - 1])

    /// r from rows z and their rates of change.
    let internal residualOf (lift: LinearFlow) (z: LiftedState) (rate: LiftedState) : LiftedState =
        let linear = lift.Generator.Rate z

        {
            Constant = 0.0
            Time = rate.Time - linear.Time
            Point = rate.Point - linear.Point
            Features = rate.Features - linear.Features
        }

    /// <summary>
    /// The residual of consistency, r = J_z (1, v) - z L, at times (n, 1), points (n, d) and velocities (n, d): 0 everywhere if z moves by L exactly.
    /// </summary>
    let residual
        (lift: LinearFlow)
        (time: Tensor)
        (point: Tensor)
        (velocity: Tensor)
        (classes: Tensor option)
        : LiftedState =
        let struct (z, rate) = lift.EncodeAlong(time, point, velocity, classes)
        residualOf lift z rate

    /// <summary>A copy with float64 parameters on the CPU, for accurate computations.</summary>
    let toDouble (lift: LinearFlow) : LinearFlow =
        use _ = Tensors.scope ()

        lift.With(
            lift.Parameters
            |> List.map (fun (_, p) -> p.detach().cpu().to_type torch.float64)
        )

    /// <summary>A copy on a device, such as "cpu" or "cuda".</summary>
    /// <exception cref="T:Koopman.KoopmanException">There is no such device here.</exception>
    let toDevice (device: string) (lift: LinearFlow) : LinearFlow =
        Tensors.checkDevice device |> Outcome.get
        use _ = Tensors.scope ()
        lift.With(lift.Parameters |> List.map (fun (_, p) -> p.detach().``to`` device))

    /// <summary>
    /// The read-out of one horizon: the x columns of e^{τL} (D, d), at one site if there are several, or for a decoder those of t and F (D, 1+m),
    /// computed in float64. The caller disposes of it.
    /// </summary>
    let readOut (tau: float) (lift: LinearFlow) : Tensor =
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

    /// The points from products (n, …) with a read-out.
    let internal readPoints (lift: LinearFlow) (product: Tensor) : Tensor =
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

    let private reach: Codec<TrainedReach, TrainedReach> =
        codec {
            let! fromBetween = Codec.flag "from_between" _.FromBetween
            and! untilBetween = Codec.flag "until_between" _.UntilBetween
            and! backwards = Codec.flag "backwards" _.Backwards
            and! classFree = Codec.flag "class_free" _.ClassFree
            and! parts = Codec.count "parts" _.Parts

            return
                {
                    FromBetween = fromBetween
                    UntilBetween = untilBetween
                    Backwards = backwards
                    ClassFree = classFree
                    Parts = parts
                }
        }

    /// The stored description of a lift, apart from its tensors.
    [<NoComparison; NoEquality>]
    type private Stored =
        {
            Net: StoredNet
            Shape: OperatorShape
            Back: StoredNet option
            Reach: TrainedReach option
        }

    let private settings: Codec<Stored, Stored> =
        codec {
            let! features = Codec.object NetFiles.settings "features" _.Net
            and! shape = Codec.object OperatorShape.settings "generator" _.Shape
            and! decoder = Codec.optional NetFiles.settings "decoder" _.Back
            and! reach = Codec.optional reach "trained" _.Reach

            return
                {
                    Net = features
                    Shape = shape
                    Back = decoder
                    Reach = reach
                }
        }

    /// <summary>Writes a lift whose networks are described by settings; an existing file is replaced atomically.</summary>
    let save (path: string) (lift: LinearFlow) : Outcome<unit> =
        result {
            let! net = NetFiles.describe lift.Net

            let! decoder =
                match lift.Decoder with
                | None -> Ok None
                | Some decoder -> NetFiles.describe decoder |> Result.map Some

            let options =
                Codec.write
                    settings
                    {
                        Net = net
                        Shape = lift.Generator.Shape
                        Back = decoder
                        Reach = Option.ofObj lift.Trained
                    }

            return! Checkpoint.write path kind schema options lift.Parameters
        }

    /// <summary>Reads a lift, on the CPU. The caller disposes it.</summary>
    /// <returns>An error if the file is missing, damaged, or holds something else.</returns>
    let load (path: string) : Outcome<LinearFlow> =
        result {
            use! checkpoint = Checkpoint.readKind kind schema path
            let! stored = settings.Take checkpoint.Options

            let features, shape, decoder, trained =
                stored.Net, stored.Shape, stored.Back, stored.Reach

            let dimension, outputs = NetFiles.sizes features
            let points = if decoder.IsSome then 0 else dimension

            // All tensors are checked against the settings before anything is made.
            let! operator =
                NetFiles.tensorsOf
                    (NetFiles.precision features)
                    "generator."
                    (OperatorShape.shapes points outputs shape)
                    checkpoint

            use! net = NetFiles.load "features." checkpoint features

            let! decoder =
                match decoder with
                | None -> Ok None
                | Some stored -> NetFiles.load "decoder." checkpoint stored |> Result.map Some

            let lift =
                assemble shape (Seed.ofInt 0) decoder net
                |> Result.map (fun start ->
                    use start = start

                    new LinearFlow(
                        net,
                        start.Generator.With operator,
                        decoder,
                        Conditioning.Unconditional,
                        trained,
                        None
                    ))

            decoder |> Option.iter _.Dispose()
            return! lift
        }

    /// <summary>
    /// The invariant functions of a lift, as observables of (t, x) in R^{1+d}: [x, F] (d+m functions) and a polynomial of t, with
    /// dw/dτ = w M wherever the lift is exact. They can be used like any observables: laws, pseudospectra, residuals along data. An exponent near 0
    /// makes its polynomial large, and computations with a Gram matrix less accurate. The
    /// caller disposes of them; they hold a float64 copy of the lift.
    /// </summary>
    /// <returns>
    /// An <c>InvalidSetting</c> error if the lift has classes and was not told one, or acts at every site, an <c>IllConditioned</c> error if M has no basis of
    /// eigenvectors.
    /// </returns>
    let observables (lift: LinearFlow) : Outcome<Observables> =
        if lift.Generator.Sites > 1 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The lift has the same operator at {lift.Generator.Sites} sites: its spectrum is that of one of them"
                "Use FlowSpectrum.find, which supports sites"
        else
            lift.CheckTold None
            |> Result.bind (fun () ->
                use exact = toDouble lift

                LinearFlowObservables.Create exact
                |> Result.map (fun functions -> functions :> Observables))

    /// Rows in the dtype and on the device of a field.
    let private asOf (velocity: VelocityField) (rows: Tensor) : Tensor =
        match velocity.Net.Parameters with
        | (_, like) :: _ -> rows.to_type(like.dtype).``to`` like.device
        | [] -> rows

    /// <summary>
    /// Paths (t, x) of points along a velocity field from t = 0 to 1, a trajectory of R^{1+d} for each row of noise (n, d): the measure in which a
    /// lift is evaluated. Integrated by the Runge–Kutta method with four steps for each state that is kept.
    /// </summary>
    /// <param name="steps">The number of steps kept, at least 1; the trajectories have one state more.</param>
    /// <param name="velocity">The velocity field.</param>
    /// <param name="noise">The starts of the paths (n, d).</param>
    let ways (steps: int) (velocity: VelocityField) (noise: Tensor) : Outcome<Trajectories> =
        Require.atLeast 1 "the number of steps" steps
        |> Require.advise "Keep about 10 to 40"
        |> Result.bind (fun () ->
            use _ = Tensors.scope ()
            use _ = torch.no_grad ()
            let times = Array.init (steps + 1) (fun k -> float k / float steps)

            Ode.trajectory (RungeKutta4(4 * steps)) velocity times (asOf velocity noise)
            |> Result.bind (fun path ->
                use path = path
                let states = path.States.detach().cpu().to_type(torch.float64).transpose(0L, 1L)
                let clock = (Tensors.ofVector times).unsqueeze 1L

                Trajectories.create
                    (1.0 / float steps)
                    [
                        for i in 0 .. int states.shape[0] - 1 ->
                            torch.cat ([| clock; states.select (0L, int64 i) |], 1L)
                    ]))

    /// <summary>The generator M of a lift on its functions, in the measure of points (t, x), such as the states of <c>ways</c>. It is exact for the
    /// lift, and as accurate for the flow as the lift.</summary>
    /// <param name="observables">The functions from <c>observables</c>.</param>
    /// <param name="points">Points (n, 1+d).</param>
    let generator (observables: Observables) (points: Samples) : Outcome<Generator> =
        match observables with
        | :? LinearFlowObservables as functions when points.Dimension = observables.Dimension ->
            use _ = Tensors.scope ()
            use _ = torch.no_grad ()
            let values = observables.Values points.Points

            Generator.create
                $"{points.Count} points of time and space"
                observables
                (values.t().times(values * points.Weights.unsqueeze 1L))
                functions.Matrix
        | :? LinearFlowObservables ->
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The functions take (t, x) in R^{observables.Dimension}, but the points have {points.Dimension} columns"
                "Give points with the time in front, such as the states of LinearFlow.ways"
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{observables.Description} are not functions of a lift"
                "Give the result of LinearFlow.observables"

    /// A residual above this fraction of an eigenfunction per unit of time, the whole way from noise to data, is flagged.
    let private tolerance: float = 0.3

    /// <summary>
    /// The spectrum of a lift as that of any operator: exponents μ by increasing rate, eigenfunctions of (t, x), and their residuals along the
    /// velocity field, ‖∂φ/∂t + v·∇φ - μφ‖ in the measure of the points. A residual over .3 gives a warning: on the way from noise to data the
    /// function is then off by a third of its size.
    /// </summary>
    /// <param name="velocity">The field that the lift was trained to follow.</param>
    /// <param name="observables">The functions from <c>observables</c>.</param>
    /// <param name="points">Points (n, 1+d), such as the states of <c>ways</c>.</param>
    let spectrum (velocity: VelocityField) (observables: Observables) (points: Samples) : Outcome<Spectrum> =
        result {
            do!
                Require.dimension (1 + velocity.Dimension) "the points (t, x)" points.Dimension
                |> Require.advise
                    "Give the field that the lift was trained to follow, and points with the time in front"

            use! generator = generator observables points
            use! bare = Generator.spectrum generator
            use _ = Tensors.scope ()
            use _ = torch.no_grad ()

            let time = points.Points.narrow (1L, 0L, 1L)
            let place = points.Points.narrow (1L, 1L, int64 velocity.Dimension)

            let v =
                velocity.At(asOf velocity time, asOf velocity place).cpu().to_type torch.float64

            use! motion = DriftDiffusion.ofDrift (torch.cat ([| torch.ones_like time; v |], 1L))

            let values, change =
                bare.Values points.Points, observables.GeneratorOf(points.Points, motion)

            let v, mu = bare.Coefficients, Tensors.complexVector bare.Exponents
            let rate = LinearAlgebra.timesComplex change v

            let residuals =
                Tensors.toArray (((rate - mu * values).abs().square() * points.Weights.unsqueeze 1L).sum(0L).sqrt())

            let modes =
                bare.Modes
                |> Array.mapi (fun k mode -> { mode with Residual = residuals[k] })
                |> Evidence.judge
                    { Evidence.none with
                        Successors = Deterministic(tolerance, Array.zeroCreate bare.Modes.Length, infinity)
                    }

            return
                Spectrum.withModes
                    "L2 of the points, of the rate of change along the velocity field, relative to the norm of the eigenfunction"
                    modes
                    bare
        }
