namespace Koopman

open System
open System.IO

/// <summary>A rectangular array of numbers of any rank, as returned by the file readers.</summary>
/// <remarks>The product of the shape is the number of values; the module's <c>create</c> checks this.</remarks>
[<NoComparison>]
type internal NumericArray =
    {
        /// <summary>The extent of each axis, slowest first; empty for a single number.</summary>
        Shape: int[]
        /// <summary>The values in row-major (C) order.</summary>
        Values: float[]
    }

/// <summary>Checks arrays of numbers.</summary>
[<RequireQualifiedAccess>]
module internal NumericArray =

    /// The number of values of a shape, in a type that a malicious file header cannot overflow.
    let internal countOf (shape: int[]) : bigint =
        Array.fold (fun product extent -> product * bigint (extent: int)) 1I shape

    /// "20000 x 2", as messages show it.
    let internal describe (shape: int[]) : string =
        if shape.Length = 0 then
            "a single number"
        else
            String.Join(" x ", shape)

    /// <summary>An array of a shape.</summary>
    /// <param name="shape">The extent of each axis, none negative; empty for a single number.</param>
    /// <param name="values">The values in row-major order. The array is not copied.</param>
    /// <returns>A <c>ShapeMismatch</c> error if an extent is negative or the shape does not match the number of values.</returns>
    let create (shape: int[]) (values: float[]) : Outcome<NumericArray> =
        if
            Array.exists (fun extent -> extent < 0) shape
            || countOf shape <> bigint values.Length
        then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"{values.Length} values do not fill the shape {describe shape}"
                "Make the product of the shape equal to the number of values"
        else
            Ok { Shape = shape; Values = values }

    /// The same numbers in row-major order, from column-major order.
    let toRowMajor (shape: int[]) (values: float[]) : float[] =
        let strides = shape |> Array.scan (*) 1
        let index = Array.zeroCreate<int> shape.Length
        let mutable source = 0

        Array.init values.Length (fun _ ->
            let value = values[source]
            let mutable axis = shape.Length - 1

            while axis >= 0 do
                index[axis] <- index[axis] + 1
                source <- source + strides[axis]

                if index[axis] < shape[axis] then
                    axis <- -1
                else
                    source <- source - index[axis] * strides[axis]
                    index[axis] <- 0
                    axis <- axis - 1

            value)

    /// <summary>A single number, an array of rank zero.</summary>
    let scalar (value: float) : NumericArray = { Shape = [||]; Values = [| value |] }

/// The binary form of one number.
[<RequireQualifiedAccess>]
type internal ElementType =
    | Bool
    | Int8
    | Int16
    | Int32
    | Int64
    | UInt8
    | UInt16
    | UInt32
    | UInt64
    | Float16
    | Float32
    | Float64

module internal ElementType =

    let size (element: ElementType) : int =
        match element with
        | ElementType.Bool
        | ElementType.Int8
        | ElementType.UInt8 -> 1
        | ElementType.Int16
        | ElementType.UInt16
        | ElementType.Float16 -> 2
        | ElementType.Int32
        | ElementType.UInt32
        | ElementType.Float32 -> 4
        | ElementType.Int64
        | ElementType.UInt64
        | ElementType.Float64 -> 8

    let inline private convert
        (bytes: byte[])
        (stride: int)
        (target: Span<float>)
        ([<InlineIfLambda>] decode: byte[] -> int -> float)
        : unit =
        for i in 0 .. target.Length - 1 do
            target[i] <- decode bytes (i * stride)

    let private decode (element: ElementType) (bytes: byte[]) (target: Span<float>) : unit =
        match element with
        | ElementType.Bool -> convert bytes 1 target (fun b i -> if b[i] = 0uy then 0.0 else 1.0)
        | ElementType.Int8 -> convert bytes 1 target (fun b i -> float (sbyte b[i]))
        | ElementType.UInt8 -> convert bytes 1 target (fun b i -> float b[i])
        | ElementType.Int16 -> convert bytes 2 target (fun b i -> float (BitConverter.ToInt16(b, i)))
        | ElementType.UInt16 -> convert bytes 2 target (fun b i -> float (BitConverter.ToUInt16(b, i)))
        | ElementType.Float16 -> convert bytes 2 target (fun b i -> float (BitConverter.ToHalf(b, i)))
        | ElementType.Int32 -> convert bytes 4 target (fun b i -> float (BitConverter.ToInt32(b, i)))
        | ElementType.UInt32 -> convert bytes 4 target (fun b i -> float (BitConverter.ToUInt32(b, i)))
        | ElementType.Float32 -> convert bytes 4 target (fun b i -> float (BitConverter.ToSingle(b, i)))
        | ElementType.Int64 -> convert bytes 8 target (fun b i -> float (BitConverter.ToInt64(b, i)))
        | ElementType.UInt64 -> convert bytes 8 target (fun b i -> float (BitConverter.ToUInt64(b, i)))
        | ElementType.Float64 -> convert bytes 8 target (fun b i -> BitConverter.ToDouble(b, i))

    let private reverseEach (width: int) (bytes: byte[]) (count: int) : unit =
        for i in 0 .. count - 1 do
            Array.Reverse(bytes, i * width, width)

    /// Reads this many numbers, or fails with the number present. Memory grows with the actual content of the file, so that a damaged header cannot
    /// exhaust it.
    let readMany (element: ElementType) (bigEndian: bool) (count: int) (stream: Stream) : Result<float[], int> =
        let width = size element
        let block = max 1 (min count (1 <<< 16))
        let bytes = Array.zeroCreate<byte>(block * width)
        let mutable values = Array.zeroCreate<float>(min count block)
        let mutable found = 0
        let mutable ended = false

        while found < count && not ended do
            let wanted = min block (count - found)

            let got =
                stream.ReadAtLeast(bytes.AsSpan(0, wanted * width), wanted * width, false)
                / width

            if bigEndian = BitConverter.IsLittleEndian && width > 1 then
                reverseEach width bytes got

            if found + got > values.Length then
                Array.Resize(&values, int (min (int64 count) (2L * int64 values.Length)))

            decode element bytes (values.AsSpan(found, got))
            found <- found + got
            ended <- got < wanted

        if ended then Error found else Ok values
