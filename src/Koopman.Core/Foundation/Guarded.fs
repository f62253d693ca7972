namespace Koopman

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open TorchSharp

/// <summary>A multi-dimensional array, short for TorchSharp's.</summary>
type Tensor = torch.Tensor

/// <summary>
/// The members of TorchSharp 0.107 that end the process instead of throwing (products of wrong shapes, failures of <c>autograd.grad</c>), or that
/// fail on valid input (reading back an empty matrix), behind checks that turn each of these into an exception. Only this file calls them; a test
/// searches the other sources for such calls.
/// </summary>
[<RequireQualifiedAccess>]
module internal Guarded =

    let private shape (tensor: Tensor) : string =
        "(" + String.Join(", ", tensor.shape) + ")"

    /// The message of a failure inside libtorch: its first line, without the trace.
    let message (error: ExternalException) : string =
        let first = (error.Message.Split '\n')[0]
        first.Trim().TrimEnd '.'

    /// Shapes other than matrices and vectors are checked against the rules of broadcasting before they reach the member that does not catch.
    let private broadcastProduct (a: Tensor) (b: Tensor) : Tensor =
        let refuse (why: string) =
            invalidOp $"Tensors of shapes {shape a} and {shape b} cannot be multiplied: {why}"

        let left, right = a.shape, b.shape

        if left.Length = 0 || right.Length = 0 then
            refuse "one of them is a scalar"

        let inner = right[max 0 (right.Length - 2)]

        if left[left.Length - 1] <> inner then
            refuse $"{left[left.Length - 1]} columns do not match {inner} rows"

        if a.dtype <> b.dtype then
            refuse $"their types are {a.dtype} and {b.dtype}"

        let batch (sizes: int64[]) =
            sizes |> Array.take (max 0 (sizes.Length - 2)) |> Array.rev

        for x, y in Seq.zip (batch left) (batch right) do
            if x <> y && x <> 1L && y <> 1L then
                refuse "the dimensions before the last two differ"

        a.matmul b

    /// The matrix product of a (…, n, k) and b (…, k, m), with vectors and broadcasting as in <c>torch.matmul</c>.
    let product (a: Tensor) (b: Tensor) : Tensor =
        if a.device_type <> b.device_type then
            invalidOp $"Tensors on {a.device} and {b.device} cannot be multiplied: move one of them"

        match a.Dimensions, b.Dimensions with
        | 2L, 2L -> a.mm b
        | 2L, 1L -> a.mv b
        | 1L, 1L -> a.dot b
        | _ -> broadcastProduct a b

    /// The values in row-major order.
    let read<'T when 'T: unmanaged and 'T: struct and 'T :> ValueType and 'T: (new: unit -> 'T)>
        (tensor: Tensor)
        : 'T[] =
        use _ = torch.NewDisposeScope()
        let count = tensor.numel ()

        if count = 0L then
            [||]
        else
            let flat = tensor.detach().cpu().contiguous().view -1L

            if flat.ElementSize <> int64 sizeof<'T> then
                invalidArg (nameof tensor) $"A tensor of {flat.dtype} holds no numbers of {sizeof<'T>} bytes"

            if count * flat.ElementSize <= int64 Int32.MaxValue then
                MemoryMarshal.Cast<byte, 'T>(flat.bytes).ToArray()
            else
                flat.data<'T>().ToArray()

    /// The gradient of Σ weights ∘ output by each input, None for those it does not depend on, by the only method that throws: backward into the
    /// inputs' own gradients, which are restored before it returns.
    let private backward (output: Tensor) (weights: Tensor option) (inputs: Tensor[]) (retain: bool) : Tensor option[] =
        use scope = torch.NewDisposeScope()
        // Only leaves have previous gradients, and libtorch warns when others are read.
        let before =
            inputs |> Array.map (fun input -> if input.is_leaf then input.grad else null)

        for input in inputs do
            input.grad <- null

        try
            match weights with
            | Some weights -> torch.autograd.backward ([| output |], [| weights |], Nullable retain, inputs = inputs)
            | None -> torch.autograd.backward ([| output |], retain_graph = Nullable retain, inputs = inputs)

            inputs
            |> Array.map (fun input -> input.grad |> Option.ofObj |> Option.map scope.MoveToOuter)
        finally
            for input, gradient in Array.zip inputs before do
                input.grad <- gradient

    /// The gradient of a recorded scalar by each of the inputs; zero for those it does not depend on.
    let gradients (output: Tensor) (inputs: Tensor[]) : Tensor[] =
        if output.requires_grad then
            backward output None inputs false
            |> Array.map2 (fun input -> Option.defaultWith (fun () -> torch.zeros_like input)) inputs
        else
            inputs |> Array.map torch.zeros_like

    /// The gradient of Σ weights ∘ output by an input, which can be differentiated again; None if it does not depend on it. The graph is kept.
    let gradient (output: Tensor) (input: Tensor) (weights: Tensor) : Tensor option =
        if output.requires_grad && input.requires_grad then
            // A pass without recording runs everything that can fail, and throws.
            match (backward output (Some weights) [| input |] true)[0] with
            | Some found ->
                found.Dispose()
                Some(torch.autograd.grad([| output |], [| input |], [| weights |], true, true, true)[0])
            | None -> None
        else
            None

/// <summary>The matrix product of tensors as a method, <c>x.times(w)</c> in F# and in C#.</summary>
[<AbstractClass; Sealed; Extension>]
type TensorProduct =

    /// <summary>
    /// The matrix product of (…, n, k) and (…, k, m), with vectors and broadcasting as in <c>torch.matmul</c>. It throws where <c>matmul</c> of
    /// TorchSharp 0.107 ends the process: prefer it in functions that you pass to this library.
    /// </summary>
    /// <exception cref="T:System.Exception">The shapes, types or devices do not fit.</exception>
    [<Extension>]
    static member times(left: Tensor, right: Tensor) : Tensor = Guarded.product left right
