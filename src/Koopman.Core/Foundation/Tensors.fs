namespace Koopman

open System
open System.Threading
open TorchSharp

/// <summary>Progress and cancellation of long work.</summary>
/// <typeparam name="T">The progress that is reported.</typeparam>
[<NoComparison; NoEquality>]
type Control<'T> =
    {
        /// <summary>Receives progress, on the working thread.</summary>
        Report: 'T -> unit
        /// <summary>Checked at every step; cancelled work ends with <see cref="T:System.OperationCanceledException"/>.</summary>
        Cancellation: CancellationToken
    }

/// <summary>Functions to make controls.</summary>
[<RequireQualifiedAccess>]
module Control =
    /// <summary>Neither reports nor cancels.</summary>
    let none<'T> : Control<'T> =
        {
            Report = ignore
            Cancellation = CancellationToken.None
        }

    /// <summary>Reports to a function and never cancels.</summary>
    let report (tell: 'T -> unit) : Control<'T> =
        {
            Report = tell
            Cancellation = CancellationToken.None
        }

/// <summary>
/// Tensor helpers beyond TorchSharp: conversion between .NET arrays and float64 tensors, and lifetimes. Every function that returns a tensor returns
/// a fresh handle, owned by the enclosing dispose scope if there is one, otherwise by the caller.
/// </summary>
[<RequireQualifiedAccess>]
module Tensors =

    /// Tensors made from here on are freed with the scope. Nearly every function calls this first, so libtorch is loaded here.
    let internal scope () : DisposeScope =
        Torch.Load()
        torch.NewDisposeScope()

    /// <summary>A scalar for methods such as <c>clamp</c> and <c>fill_</c>, whose overloads are ambiguous in F#. Operators take numbers directly:
    /// <c>2.0 * x</c>.</summary>
    let num (value: float) : Scalar = value.ToScalar()

    /// <summary>The vector (n) with these values. They are copied.</summary>
    let ofVector (values: float[]) : Tensor =
        Torch.Load()
        torch.tensor (values, dtype = torch.float64)

    /// <summary>The matrix with these values. They are copied.</summary>
    let ofMatrix (values: float[,]) : Tensor =
        Torch.Load()
        torch.tensor (values, dtype = torch.float64)

    /// Indices from 0, to select rows or columns (n), int64.
    let internal ofIndices (places: int64[]) : Tensor =
        Torch.Load()
        torch.tensor (places, dtype = torch.int64)

    /// The dtype of results computed from x: its own if floating-point, otherwise float64.
    let internal typeOf (x: Tensor) : torch.ScalarType =
        if x.is_floating_point () then x.dtype else torch.float64

    let private typeFor (x: Tensor) (tensor: Tensor) : torch.ScalarType =
        if tensor.is_floating_point () then typeOf x
        elif not (tensor.is_complex ()) then tensor.dtype
        elif x.dtype = torch.float32 then torch.complex64
        else torch.complex128

    /// All 0, in the dtype and on the device of x.
    let internal zeros (shape: int64[]) (x: Tensor) : Tensor =
        torch.zeros (shape, dtype = typeOf x, device = x.device)

    /// All 1, in the dtype and on the device of x.
    let internal ones (shape: int64[]) (x: Tensor) : Tensor =
        torch.ones (shape, dtype = typeOf x, device = x.device)

    /// True if a tensor has the dtype and device of x. Integers and booleans match any dtype.
    let internal isLike (x: Tensor) (tensor: Tensor) : bool =
        tensor.device_type = x.device_type
        && tensor.device_index = x.device_index
        && tensor.dtype = typeFor x tensor

    /// The same numbers in the dtype and on the device of x; the tensor itself if it already matches.
    let internal like (x: Tensor) (tensor: Tensor) : Tensor =
        if isLike x tensor then
            tensor
        else
            tensor.``to`` (typeFor x tensor, x.device)

    /// The tensor of an object that has not been disposed.
    let internal alive (owner: obj) (tensor: Tensor) : Tensor =
        ObjectDisposedException.ThrowIf(tensor.IsInvalid, owner)
        tensor

    /// Throws unless the tensor is a matrix of points (n, d) of this dimension d.
    let internal checkPoints (dimension: int) (points: Tensor) : unit =
        if points.dim () <> 2L || points.shape[1] <> int64 dimension then
            let found = String.Join(", ", points.shape)
            invalidArg (nameof points) $"Points must have shape (n, {dimension}), but have ({found})."

    /// True if there is a device of this name.
    let internal hasDevice (device: string) : bool =
        Torch.Load()

        let number (text: string) =
            match Int32.TryParse(text, Globalization.NumberStyles.None, Globalization.CultureInfo.InvariantCulture) with
            | true, index -> index < torch.cuda.device_count ()
            | _ -> false

        device = "cpu"
        || ((device = "cuda"
             || (device.StartsWith("cuda:", StringComparison.Ordinal)
                 && number (device.Substring 5)))
            && torch.cuda.is_available ())

    let internal noDevice (device: string) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.InvalidSetting
            $"There is no device '{device}' here"
            "Use \"cpu\", or \"cuda\" on a machine with a CUDA device and a libtorch built for it"

    let internal checkDevice (device: string) : Outcome<unit> =
        if hasDevice device then Ok() else noDevice device

    /// <summary>The complex vector (n) with these values. They are copied.</summary>
    let complexVector (values: System.Numerics.Complex[]) : Tensor =
        use real = ofVector (values |> Array.map _.Real)
        use imaginary = ofVector (values |> Array.map _.Imaginary)
        torch.complex (real, imaginary)

    /// <summary>The matrix (rows, values.Length/rows) with these values in row-major order. They are copied.</summary>
    let ofRows (rows: int) (values: float[]) : Tensor =
        use flat = ofVector values
        flat.reshape (int64 rows, (if rows = 0 then 0L else int64 (values.Length / rows)))

    /// <summary>The values in row-major order, for any dtype, layout and device.</summary>
    let toArray (tensor: Tensor) : float[] =
        use _ = scope ()
        Guarded.read<float>(tensor.detach().to_type torch.float64)

    /// <summary>The one number in a tensor of one element.</summary>
    let toFloat (tensor: Tensor) : float = tensor.ToDouble()

    /// <summary>Runs a computation and frees its temporaries; its result belongs to the enclosing scope, or to the caller.</summary>
    let keep (compute: unit -> Tensor) : Tensor =
        use scope = scope ()
        let kept = compute ()
        scope.MoveToOuter kept

    /// <summary>Runs a computation and frees all its tensors.</summary>
    let within (compute: unit -> 'T) : 'T =
        use _ = scope ()
        compute ()

    /// <summary>As <c>keep</c>, but the caller owns the result, regardless of enclosing scopes.</summary>
    let own (compute: unit -> Tensor) : Tensor = (keep compute).DetachFromDisposeScope()

    /// <summary>A copy that the caller owns, regardless of enclosing scopes.</summary>
    let copy (tensor: Tensor) : Tensor = tensor.clone().DetachFromDisposeScope()

    /// <summary>The shape as text: <c>(3, 4)</c>.</summary>
    let shape (tensor: Tensor) : string =
        "(" + String.Join(", ", tensor.shape) + ")"

    /// <summary>True if every value is a finite number.</summary>
    let isFinite (tensor: Tensor) : bool =
        within (fun () -> torch.isfinite(tensor).all().ToBoolean())

    /// <summary>Rows start to start+count-1, a view.</summary>
    let rows (start: int) (count: int) (tensor: Tensor) : Tensor =
        tensor.narrow (0L, int64 start, int64 count)

    /// <summary>The rows in consecutive pieces of at most size rows, as (start, count).</summary>
    let pieces (size: int) (total: int) : seq<struct (int * int)> =
        seq {
            for start in 0..size .. total - 1 do
                struct (start, min size (total - start))
        }

    /// The number of rows for which a matrix with this many columns takes one to four MiB, which fits in the caches.
    let internal pieceRows (columns: int) : int =
        if columns <= 200 then 2048
        elif columns <= 2000 then 512
        else 128

/// A fixed tensor, available in the dtype and on the device of other tensors. Copies for other dtypes and devices are made once.
[<Sealed>]
type internal Constant(tensor: Tensor) =
    let mutable copies: Tensor list = []

    /// The original tensor.
    member _.Tensor: Tensor = tensor

    /// The tensor in the dtype and on the device of x.
    member _.For(x: Tensor) : Tensor =
        if Tensors.isLike x tensor then
            tensor
        else
            lock tensor (fun () ->
                match copies |> List.tryFind (Tensors.isLike x) with
                | Some copy -> copy
                | None ->
                    let copy = Tensors.own (fun () -> Tensors.like x tensor)
                    copies <- copy :: copies
                    copy)

    member _.Dispose() : unit =
        for copy in tensor :: copies do
            copy.Dispose()
