namespace Koopman.Flows

open TorchSharp
open Koopman
open Koopman.Learning

/// The class of each row of points.
[<NoComparison; NoEquality>]
type internal Conditioning =
    | Unconditional
    | Fixed of int
    | PerRow of Tensor

    /// The class of each of these points.
    member this.Of(point: Tensor) : Tensor option =
        match this with
        | Unconditional -> None
        | PerRow classes -> Some(classes.``to`` point.device)
        | Fixed number ->
            Some(torch.full ([| point.shape[0] |], number.ToScalar(), dtype = torch.int64, device = point.device))

    /// The same, with classes that belong to a new owner.
    member this.Kept: Conditioning =
        match this with
        | PerRow classes -> PerRow(Tensors.copy classes)
        | other -> other

    /// Frees classes that are owned.
    member this.Free() : unit =
        match this with
        | PerRow classes -> classes.Dispose()
        | _ -> ()

    /// Something that has classes must be told one of them, unless it was trained without too; None for any number of rows.
    member this.Check(what: string, classes: int, classFree: bool, rows: int option) : Outcome<unit> =
        match this, rows with
        | Unconditional, _ when classes > 0 && not classFree ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{what} has {classes} classes and was told none, for which it was not trained"
                "Give the class, by ofClass or ofClasses (ForClass, ForClasses in C#), or train with a ClassFreeShare above 0"
        | PerRow numbers, Some rows ->
            Require.sameCount ("classes", int numbers.shape[0]) ("points", rows)
            |> Require.advise "Give one class for each row of points, or the same for all by ofClass"
        | PerRow numbers, None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{what} was told {numbers.shape[0]} classes, one for each row, but one for all points is needed"
                "Give one class, by ofClass (ForClass in C#)"
        | _ -> Ok()

/// Changes of a field that make points more probable for their class.
[<NoComparison; NoEquality>]
type internal Guidance =
    {
        /// w of v0 + w (v - v0), where v0 is the velocity without a class; 1 for none.
        Weight: float
        /// A weight and log p(y | x_t) of times (n, 1) and points (n, d), by which points are attracted.
        Steer: (float * (Tensor -> Tensor -> Tensor)) option
    }

    static member None: Guidance = { Weight = 1.0; Steer = None }

    member this.IsNone: bool = this.Weight = 1.0 && this.Steer.IsNone

/// <summary>
/// The mean m and the scale s of data, undone within a field: a network carries noise to standardised data along x', and the points are x_t = t m + s^t x', so that
/// noise at t = 0 is normal in any units. A coordinate of scale 0 is constant in the data, and x_t = t m + (1 - t) x' ends there exactly.
/// </summary>
[<NoComparison>]
type internal FlowFrame =
    {
        Mean: float[]
        Scale: float[]
    }

    member private this.Constants(like: Tensor) : struct (Tensor * Tensor * Tensor) =
        let place (values: float[]) =
            Tensors.like like (Tensors.ofVector values)

        let isFixed = this.Scale |> Array.map (fun s -> if s = 0.0 then 1.0 else 0.0)
        let logs = this.Scale |> Array.map (fun s -> if s = 0.0 then 0.0 else log s)
        struct (place this.Mean, place logs, place isFixed)

    /// b(t) and b'(t), with (1 - t) kept above 1e-6 where it divides.
    member private _.Width(logs: Tensor, isFixed: Tensor, time: Tensor) : struct (Tensor * Tensor) =
        let grown = (time * logs).exp()
        struct (grown * (1.0 - isFixed * time), grown * logs * (1.0 - isFixed) - isFixed)

    /// x' of points x_t (n, d) at times (n, 1).
    member this.Into(time: Tensor, point: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let struct (mean, logs, isFixed) = this.Constants point
            let struct (width, _) = this.Width(logs, isFixed, time)

            (point - time * mean)
            / torch.where (isFixed.gt (Tensors.num 0.0), width.clamp_min (Tensors.num 1e-6), width))

    /// x_t of points x' (n, d) at times (n, 1).
    member this.OutOf(time: Tensor, inner: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let struct (mean, logs, isFixed) = this.Constants inner
            let struct (width, _) = this.Width(logs, isFixed, time)
            time * mean + width * inner)

    /// dx_t/dt of points x' that move with these velocities.
    member this.Velocity(time: Tensor, inner: Tensor, velocity: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let struct (mean, logs, isFixed) = this.Constants inner
            let struct (width, change) = this.Width(logs, isFixed, time)
            mean + change * inner + width * velocity)

    /// Data in the frame.
    member this.Standardise(points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let units = this.Scale |> Array.map (fun s -> if s = 0.0 then 1.0 else s)

            let place (values: float[]) =
                Tensors.like points (Tensors.ofVector values)

            (points - place this.Mean) / place units)

/// <summary>
/// A velocity field dx/dt = v(t, x) on t in [0, 1], noise at 0 and data at 1: a network with one output per coordinate of its points.
/// </summary>
[<Sealed>]
type VelocityField internal (net: Net, told: Conditioning, classFree: bool, guidance: Guidance, frame: FlowFrame option)
    =
    inherit Shared()

    let held = net.Hold()
    let told = told.Kept

    /// A steered velocity near t = 0 is computed at this time: the attraction is finite there, but a quotient of two small numbers.
    let earliest = 0.01

    /// The change of velocity by a likelihood log p(y | x_t), on straight paths from independent noise.
    let attraction (weight: float) (likelihood: Tensor -> Tensor -> Tensor) (time: Tensor) (point: Tensor) : Tensor =
        Tensors.keep (fun () ->
            use _ = torch.enable_grad ()
            let later = time.detach().clamp_min(Tensors.num earliest)
            let leaf = point.detach().clone().requires_grad_ true
            let sum = (likelihood later leaf).sum()
            let gradient = (Guarded.gradients sum [| leaf |])[0]
            (weight * (1.0 - later) / later * gradient).detach())

    member internal _.Net: Net = net

    /// <summary>The network's number of classes; 0 for none.</summary>
    member _.Classes: int = net.Classes

    /// <summary>True if it was trained without classes too, by a share of the rows.</summary>
    member _.IsClassFree: bool = classFree

    /// <summary>The weight of class-free guidance; 1 for none.</summary>
    member _.GuidanceWeight: float = guidance.Weight

    /// <summary>The dimension d of the points.</summary>
    member _.Dimension: int = net.Dimension

    member internal _.Told: Conditioning = told

    member internal _.Guidance: Guidance = guidance

    /// The field told something else.
    member internal _.Tell(other: Conditioning) : VelocityField =
        new VelocityField(net, other, classFree, guidance, frame)

    /// The same field of another network.
    member internal _.On(other: Net) : VelocityField =
        new VelocityField(other, told, classFree, guidance, frame)

    /// The mean and scale of the data that it undoes; none for standardised data.
    member internal _.Frame: FlowFrame option = frame

    /// The field in its frame, which carries noise to standardised data.
    member internal _.Unframed: VelocityField =
        new VelocityField(net, told, classFree, guidance, None)

    /// An error if it has classes and knows none of them.
    member internal _.CheckTold(rows: int option) : Outcome<unit> =
        told.Check("The velocity field", net.Classes, classFree, rows)

    /// The velocities of rows with these classes, or with the field's own.
    member internal this.AtClasses(time: Tensor, point: Tensor, classes: Tensor option) : Tensor =
        match frame with
        | None -> this.Inner(time, point, classes)
        | Some frame ->
            let inner = frame.Into(time, point)
            frame.Velocity(time, inner, this.Inner(time, inner, classes))

    member private _.Inner(time: Tensor, point: Tensor, classes: Tensor option) : Tensor =
        let classes = classes |> Option.orElseWith (fun () -> told.Of point)

        let at (time: Tensor) (point: Tensor) (classes: Tensor option) =
            let value (classes: Tensor option) =
                net.Forward(Dual.constant time, Dual.constant point, classes).Value

            match classes with
            | Some _ when guidance.Weight <> 1.0 ->
                let free = value None
                free + guidance.Weight * (value classes - free)
            | _ -> value classes

        let rows = int point.shape[0]

        let velocity =
            if torch.is_grad_enabled () || rows <= net.PieceRows then
                at time point classes
            else
                Tensors.keep (fun () ->
                    torch.cat (
                        ResizeArray
                            [
                                for struct (start, count) in Tensors.pieces net.PieceRows rows do
                                    let some (t: Tensor) = Tensors.rows start count t
                                    at (some time) (some point) (Option.map some classes)
                            ],
                        0L
                    ))

        match guidance.Steer with
        | None -> velocity
        | Some(weight, likelihood) -> velocity + attraction weight likelihood time point

    /// <summary>The velocities (n, d) at times (n, 1) and points (n, d).</summary>
    member this.At(time: Tensor, point: Tensor) : Tensor = this.AtClasses(time, point, None)

    /// <summary>The velocities (n, d) at one time and points (n, d).</summary>
    member this.At(time: float, point: Tensor) : Tensor =
        this.At(
            torch.full ([| point.shape[0]; 1L |], Tensors.num time, dtype = point.dtype, device = point.device),
            point
        )

    /// <summary>Releases the network.</summary>
    override _.Free() : unit =
        held.Dispose()
        told.Free()

/// <summary>Makes velocity fields.</summary>
[<RequireQualifiedAccess>]
module VelocityField =

    let private kind: string = "flow velocity"

    /// The layouts of fields of standardised data and of fields with a frame.
    let private plainSchema: int = 1
    let private framedSchema: int = 2

    let private frames: Codec<FlowFrame, FlowFrame> =
        codec {
            let! mean = Codec.floats "mean" (fun (frame: FlowFrame) -> List.ofArray frame.Mean)

            and! scale =
                Codec.floats "scale" (fun (frame: FlowFrame) -> List.ofArray frame.Scale)

            return
                {
                    Mean = Array.ofList mean
                    Scale = Array.ofList scale
                }
        }

    let private settings: Codec<StoredNet * bool * FlowFrame option, StoredNet * bool * FlowFrame option> =
        codec {
            let! network =
                Codec.object NetFiles.settings "network" (fun (network, _, _) -> network)

            and! classFree = Codec.mark "class_free" (fun (_, classFree, _) -> classFree)
            and! frame = Codec.optional frames "frame" (fun (_, _, frame) -> frame)
            return network, classFree, frame
        }

    let private plain (net: Net) : VelocityField =
        new VelocityField(net, Unconditional, false, Guidance.None, None)

    /// <summary>The field of a network. If the network has classes, tell it one by <c>ofClass</c> before use.</summary>
    /// <returns>A <c>ShapeMismatch</c> error if the numbers of outputs and coordinates differ.</returns>
    let ofNet (net: Net) : Outcome<VelocityField> =
        Require.sameCount ("outputs of the network", net.Outputs) ("coordinates", net.Dimension)
        |> Require.advise "A velocity needs one output per coordinate"
        |> Result.map (fun () -> plain net)

    /// <summary>The field of any function of times (n, 1) and points (n, d) made of tensor operations.</summary>
    let ofFunction (dimension: int) (f: Tensor -> Tensor -> Tensor) : VelocityField =
        use net = Net.ofFunction dimension dimension f
        plain net

    /// <summary>The field of a module of times (n, 1) and points (n, d), which still belongs to the caller.</summary>
    let ofModule (dimension: int) (inner: torch.nn.Module<Tensor, Tensor, Tensor>) : VelocityField =
        use net = Net.ofModule dimension dimension inner
        plain net

    let private checkClasses (velocity: VelocityField) (numbers: int64[]) : Outcome<unit> =
        Require.indices "class" velocity.Net.Classes numbers
        |> Require.advise "Give classes counted from 0, and a network with this number of Classes"

    /// <summary>The network of a field.</summary>
    let net (velocity: VelocityField) : Net = velocity.Net

    /// <summary>The field of one class, counted from 0.</summary>
    let ofClass (number: int) (velocity: VelocityField) : Outcome<VelocityField> =
        checkClasses velocity [| int64 number |]
        |> Result.map (fun () -> velocity.Tell(Fixed number))

    /// <summary>The field of n rows with these classes (n), int64.</summary>
    let ofClasses (classes: Tensor) (velocity: VelocityField) : Outcome<VelocityField> =
        checkClasses velocity (Guarded.read<int64> classes)
        |> Result.map (fun () -> velocity.Tell(PerRow classes))

    /// <summary>
    /// Class-free guidance: v0 + w (v - v0) with the velocity v0 without a class. A weight w above 1 makes samples more typical of their class and
    /// less varied; 1 changes nothing. A linear flow distilled from the guided field samples its law in one step.
    /// </summary>
    /// <param name="weight">w, not negative; usually 1 to 4.</param>
    /// <param name="velocity">A field trained with a <c>ClassFreeShare</c>.</param>
    /// <returns>An <c>InvalidSetting</c> error if it was not.</returns>
    let guided (weight: float) (velocity: VelocityField) : Outcome<VelocityField> =
        Require.notNegative "the weight" weight
        |> Require.advise "Use a weight from 1 to 4"
        |> Result.bind (fun () ->
            if velocity.IsClassFree then
                Ok(
                    new VelocityField(
                        velocity.Net,
                        velocity.Told,
                        true,
                        { velocity.Guidance with
                            Weight = weight
                        },
                        velocity.Frame
                    )
                )
            else
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "The velocity field was not trained without classes, and guidance is relative to that"
                    "Train it with a ClassFreeShare such as .15, or use steered with a classifier")

    /// <summary>
    /// Guidance by a classifier: to the score of the law at time t the gradient of w log p(y | x_t) is added, so that samples follow the law of
    /// the data times p(y | x)^w. It holds for straight paths from independent noise. Its points are normal noise at t = 0, so a linear flow distilled
    /// from it samples in one step.
    /// </summary>
    /// <param name="weight">w; 1 for Bayes' rule.</param>
    /// <param name="likelihood">log p(y | x_t), (n), of times (n, 1) and points x_t (n, d) on the way, differentiable by x: for example
    /// from <c>WayClassifier</c>.</param>
    /// <param name="velocity">The field.</param>
    let steered
        (weight: float)
        (likelihood: Tensor -> Tensor -> Tensor)
        (velocity: VelocityField)
        : Outcome<VelocityField> =
        Require.finite "the weight" weight
        |> Require.advise "Use a weight such as 1"
        |> Result.bind (fun () ->
            if velocity.Frame.IsSome then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "The velocity field scales its data inside, and a likelihood of points on straight paths does not hold on its paths"
                    "Standardise the data first (a whitened latent map does), and train field and classifier on them"
            else
                Ok())
        |> Result.map (fun () ->
            new VelocityField(
                velocity.Net,
                velocity.Told,
                velocity.IsClassFree,
                { velocity.Guidance with
                    Steer = Some(weight, likelihood)
                },
                None
            ))

    /// <summary>Writes a velocity field of a plain network; an existing file is replaced atomically.</summary>
    let save (path: string) (velocity: VelocityField) : Outcome<unit> =
        result {
            if not velocity.Guidance.IsNone then
                do!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "The velocity field is guided, and guidance is not stored"
                        "Save the field that it was made from, and guide it again after loading"

            let! net = NetFiles.describe velocity.Net

            return!
                Checkpoint.write
                    path
                    kind
                    (if velocity.Frame.IsSome then framedSchema else plainSchema)
                    (Codec.write settings (net, velocity.IsClassFree, velocity.Frame))
                    velocity.Net.Parameters
        }

    /// <summary>Reads a velocity field, on the CPU. The caller disposes it.</summary>
    /// <returns>An error if the file is missing, damaged, or holds something else.</returns>
    let load (path: string) : Outcome<VelocityField> =
        result {
            use! checkpoint = Checkpoint.readKind kind framedSchema path
            let! stored, classFree, frame = settings.Take checkpoint.Options
            use! net = NetFiles.load "" checkpoint stored
            use! field = ofNet net

            let isSound (frame: FlowFrame) =
                frame.Mean.Length = net.Dimension
                && frame.Scale.Length = net.Dimension
                && frame.Scale |> Array.forall (fun s -> s >= 0.0)

            if not (Option.forall isSound frame) then
                do!
                    KoopmanError.fail
                        ErrorKind.CheckpointMismatch
                        $"The frame in '{path}' does not fit a field of {net.Dimension} coordinates"
                        "The file was altered: write it again"

            return new VelocityField(net, field.Told, classFree, Guidance.None, frame)
        }
