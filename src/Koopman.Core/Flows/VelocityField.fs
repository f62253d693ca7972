namespace Koopman.Flows

open TorchSharp
open Koopman
open Koopman.Learning

/// The conditioning of a field on classes.
[<NoComparison; NoEquality>]
type internal Conditioning =
    | Unconditional
    | Fixed of int
    | PerRow of Tensor

/// <summary>
/// A velocity field dx/dt = v(t, x) on t in [0, 1], noise at 0 and data at 1: a network with one output per coordinate of its points.
/// </summary>
[<Sealed>]
type VelocityField internal (net: Net, told: Conditioning) =
    inherit Shared()

    let held = net.Hold()

    let told =
        match told with
        | PerRow classes -> PerRow(Tensors.copy classes)
        | other -> other

    member internal _.Net: Net = net

    /// <summary>The network's number of classes; 0 for none.</summary>
    member _.Classes: int = net.Classes

    /// <summary>The dimension d of the points.</summary>
    member _.Dimension: int = net.Dimension

    member internal _.Told: Conditioning = told

    /// The class of each row of the points.
    member internal _.ClassesOf(point: Tensor) : Tensor option =
        match told with
        | Unconditional -> None
        | PerRow classes -> Some classes
        | Fixed number ->
            Some(torch.full ([| point.shape[0] |], number.ToScalar(), dtype = torch.int64, device = point.device))

    /// The velocities of rows with these classes, or with the field's own.
    member internal this.AtClasses(time: Tensor, point: Tensor, classes: Tensor option) : Tensor =
        let classes = classes |> Option.orElseWith (fun () -> this.ClassesOf point)

        let at (time: Tensor) (point: Tensor) (classes: Tensor option) =
            net.Forward(Dual.constant time, Dual.constant point, classes).Value

        let rows = int point.shape[0]

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

        match told with
        | PerRow classes -> classes.Dispose()
        | _ -> ()

/// <summary>Makes velocity fields.</summary>
[<RequireQualifiedAccess>]
module VelocityField =

    let private kind: string = "flow velocity"
    let private schema: int = 1

    let private settings: Codec<StoredNet, StoredNet> =
        Codec.object NetFiles.settings "network" id

    /// <summary>The field of a network, unconditional even if the network has classes.</summary>
    /// <returns>A <c>ShapeMismatch</c> error if the numbers of outputs and coordinates differ.</returns>
    let ofNet (net: Net) : Outcome<VelocityField> =
        Require.sameCount ("outputs of the network", net.Outputs) ("coordinates", net.Dimension)
        |> Require.advise "A velocity needs one output per coordinate"
        |> Result.map (fun () -> new VelocityField(net, Unconditional))

    /// <summary>The field of any function of times (n, 1) and points (n, d) made of tensor operations.</summary>
    let ofFunction (dimension: int) (f: Tensor -> Tensor -> Tensor) : VelocityField =
        use net = Net.ofFunction dimension dimension f
        new VelocityField(net, Unconditional)

    /// <summary>The field of a module of times (n, 1) and points (n, d), which still belongs to the caller.</summary>
    let ofModule (dimension: int) (inner: torch.nn.Module<Tensor, Tensor, Tensor>) : VelocityField =
        use net = Net.ofModule dimension dimension inner
        new VelocityField(net, Unconditional)

    let private checkClasses (velocity: VelocityField) (numbers: int64[]) : Outcome<unit> =
        Require.indices "class" velocity.Net.Classes numbers
        |> Require.advise "Give classes counted from 0, and a network with this number of Classes"

    /// <summary>The network of a field.</summary>
    let net (velocity: VelocityField) : Net = velocity.Net

    /// <summary>The field of one class, counted from 0.</summary>
    let ofClass (number: int) (velocity: VelocityField) : Outcome<VelocityField> =
        checkClasses velocity [| int64 number |]
        |> Result.map (fun () -> new VelocityField(velocity.Net, Fixed number))

    /// <summary>The field of n rows with these classes (n), int64.</summary>
    let ofClasses (classes: Tensor) (velocity: VelocityField) : Outcome<VelocityField> =
        checkClasses velocity (Guarded.read<int64> classes)
        |> Result.map (fun () -> new VelocityField(velocity.Net, PerRow classes))

    /// <summary>Writes a velocity field of a plain network; an existing file is replaced atomically.</summary>
    let save (path: string) (velocity: VelocityField) : Outcome<unit> =
        result {
            let! net = NetFiles.describe velocity.Net

            return! Checkpoint.write path kind schema (Codec.write settings net) velocity.Net.Parameters
        }

    /// <summary>Reads a velocity field, on the CPU. The caller disposes it.</summary>
    /// <returns>An error if the file is missing, damaged, or holds something else.</returns>
    let load (path: string) : Outcome<VelocityField> =
        result {
            use! checkpoint = Checkpoint.readKind kind schema path
            let! stored = settings.Take checkpoint.Options
            use! net = NetFiles.load "" checkpoint stored
            return! ofNet net
        }
