namespace Koopman

open System
open System.Runtime.InteropServices
open TorchSharp

/// A number type of safetensors files, with the conversion of tensors to bytes and back.
[<NoComparison; NoEquality>]
type internal StoredElement =
    {
        /// The name, such as "F64".
        Name: string
        Type: torch.ScalarType
        /// Bytes of one number.
        Size: int
        /// The numbers of a tensor on the CPU in row-major order, little-endian.
        ToBytes: Tensor -> byte[]
        /// A vector of these numbers, which the caller owns. There is at least one.
        OfBytes: byte[] -> Tensor
    }

/// The number types that files can store: those of both the format and libtorch.
[<RequireQualifiedAccess>]
module internal StoredElement =

    /// A type with the same representation in .NET and in the file.
    let private plain<'T when 'T: unmanaged and 'T: struct and 'T :> ValueType and 'T: (new: unit -> 'T)>
        (name: string)
        (scalar: torch.ScalarType)
        : StoredElement =
        {
            Name = name
            Type = scalar
            Size = sizeof<'T>
            ToBytes = fun tensor -> MemoryMarshal.AsBytes(ReadOnlySpan<'T>(Guarded.read<'T> tensor)).ToArray()
            OfBytes =
                fun bytes ->
                    // The buffer is shared with a pinned array; the copy is independent of it.
                    use shared =
                        torch.frombuffer (MemoryMarshal.Cast<byte, 'T>(ReadOnlySpan bytes).ToArray(), scalar)

                    shared.clone ()
        }

    /// The upper halves of float32 numbers. .NET has no such type; the conversion through float32 is exact.
    let private upperHalves: StoredElement =
        {
            Name = "BF16"
            Type = torch.bfloat16
            Size = 2
            ToBytes =
                fun tensor ->
                    use wide = tensor.to_type torch.float32

                    Guarded.read<float32> wide
                    |> Array.collect (fun x -> BitConverter.GetBytes(uint16 (BitConverter.SingleToUInt32Bits x >>> 16)))
            OfBytes =
                fun bytes ->
                    let wide =
                        MemoryMarshal.Cast<byte, uint16>(ReadOnlySpan bytes).ToArray()
                        |> Array.map (fun half -> BitConverter.UInt32BitsToSingle(uint32 half <<< 16))

                    use shared = torch.frombuffer (wide, torch.float32)
                    shared.to_type torch.bfloat16
        }

    let private all: StoredElement list =
        [
            plain<float> "F64" torch.float64
            plain<float32> "F32" torch.float32
            plain<Half> "F16" torch.float16
            upperHalves
            plain<int64> "I64" torch.int64
            plain<int32> "I32" torch.int32
            plain<int16> "I16" torch.int16
            plain<sbyte> "I8" torch.int8
            plain<byte> "U8" torch.uint8
            plain<bool> "BOOL" torch.bool
        ]

    /// The names of all, for messages.
    let names: string = String.Join(", ", all |> List.map _.Name)

    let byName (name: string) : StoredElement option =
        all |> List.tryFind (fun element -> element.Name = name)

    let ofTensor (tensor: Tensor) : StoredElement option =
        all |> List.tryFind (fun element -> element.Type = tensor.dtype)

    /// The bytes of a tensor of any layout, on any device.
    let bytes (element: StoredElement) (tensor: Tensor) : byte[] =
        use _ = Tensors.scope ()
        element.ToBytes(tensor.detach().cpu().contiguous())

    /// A tensor of this shape, which the caller owns.
    let tensor (element: StoredElement) (shape: int64[]) (bytes: byte[]) : Tensor =
        Tensors.own (fun () ->
            if bytes.Length = 0 then
                torch.zeros (shape, dtype = element.Type)
            else
                (element.OfBytes bytes).reshape shape)
