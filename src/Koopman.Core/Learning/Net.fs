namespace Koopman.Learning

open System
open TorchSharp
open Koopman

/// Trainable parameters.
[<RequireQualifiedAccess>]
module internal Leaves =

    /// A parameter with these values, owned by the caller.
    let place (precision: torch.ScalarType) (device: string) (values: Tensor) : Tensor =
        values.``to``(precision).``to``(device).clone().requires_grad_(true).DetachFromDisposeScope()

    /// Copies that record gradients, owned by the caller.
    let copy (values: Tensor list) : Tensor list =
        use _ = Tensors.scope ()

        values
        |> List.map (fun v -> v.detach().clone().requires_grad_(true).DetachFromDisposeScope())

/// Class numbers of rows; -1 stands for a row without a class.
[<RequireQualifiedAccess>]
module internal ClassRows =

    /// 1 for rows with a class, 0 for those without (n, 1).
    let known (like: Tensor) (classes: Tensor) : Tensor =
        (classes.ge((0L).ToScalar()).unsqueeze 1L).to_type like.dtype

    /// The index of each row's class; any for rows without one.
    let index (classes: Tensor) : Tensor = classes.clamp_min ((0L).ToScalar())

    /// The row of a table (classes, w) for each class, 0 for rows without one: (n, w).
    let pick (table: Tensor) (classes: Tensor) : Tensor =
        table.index_select (0L, index classes) * known table classes

/// <summary>
/// A trainable map (t, x) → R^m, row by row, that propagates tangents. Times are (n, 1), points (n, d), images as rows of their pixels;
/// the class of each row, if there are classes, is an entry of an int64 tensor (n). Fields and lifts hold a reference to their network: its
/// parameters are freed with the last of them.
/// </summary>
[<AbstractClass>]
type Net internal (dimension: int, outputs: int, classes: int) =
    inherit Shared()

    /// <summary>The dimension d of the points.</summary>
    member _.Dimension: int = dimension

    /// <summary>The number m of outputs.</summary>
    member _.Outputs: int = outputs

    /// <summary>The number of classes it can be conditioned on; 0 for none.</summary>
    member _.Classes: int = classes

    /// True if rows may have no class, which is written as -1, so that the network can be trained with and without.
    abstract AllowsNoClass: bool

    default _.AllowsNoClass = false

    /// <summary>The outputs (n, m), with their rates of change if time or point has one.</summary>
    abstract Forward: time: Dual * point: Dual * classes: Tensor option -> Dual

    /// <summary>The trainable parameters: names and tensors that record gradients. They belong to the network.</summary>
    abstract Parameters: (string * Tensor) list

    /// <summary>
    /// A network with these values instead of its parameters, in their order; float64 values make it a float64 network. Values are copied. The
    /// parameters of a user-supplied module are changed in place, and shared by the network that is returned.
    /// </summary>
    abstract With: values: Tensor list -> Net

    /// <summary>
    /// The mean square of outputs minus targets (n, m), a scalar, and its gradient by each parameter: the loss of flow matching. In general by
    /// reverse mode; plain networks have their own method, which takes half the time.
    /// </summary>
    abstract SquaredError:
        time: Tensor * point: Tensor * classes: Tensor option * target: Tensor -> struct (Tensor * Tensor[])

    default this.SquaredError(time, point, classes, target) =
        let outputs = this.Forward(Dual.constant time, Dual.constant point, classes).Value
        let loss = (outputs - target).square().mean()
        struct (loss, Net.Gradient(loss, this.Parameters))

    /// The gradient of a recorded scalar by each parameter; zero for those it does not depend on.
    static member internal Gradient(loss: Tensor, parameters: (string * Tensor) list) : Tensor[] =
        Guarded.gradients loss (parameters |> List.map snd |> Array.ofList)

    /// The largest number of values per row anywhere in the network, as far as it is known; it determines the memory of a batch.
    abstract RowSize: int

    default _.RowSize = max dimension outputs

    /// The number of rows to process at once where there is a choice, so that their values in a layer fit in the processor's caches, which is twice
    /// as fast as streaming every layer through main memory. A GPU needs more.
    member internal this.PieceRows: int =
        let isCpu =
            this.Parameters.IsEmpty
            || (snd this.Parameters.Head).device_type = DeviceType.CPU

        max 16 ((if isCpu then 262_144 else 16_777_216) / this.RowSize)

    /// <summary>The outputs times columns (m, w), as (n, w), at times (n, 1) and points (n, d); a final linear layer is multiplied by the columns
    /// first.</summary>
    abstract Project: time: Tensor * point: Tensor * classes: Tensor option * columns: Tensor -> Tensor

    default this.Project(time, point, classes, columns) =
        this.Forward(Dual.constant time, Dual.constant point, classes).Value.times columns

    /// <summary>The outputs (n, m) at times (n, 1) and points (n, d).</summary>
    member this.Values(time: Tensor, point: Tensor) : Tensor =
        this.Forward(Dual.constant time, Dual.constant point, None).Value
