namespace Koopman.Formats

open System
open System.IO
open System.IO.Compression
open System.Text
open Koopman

/// A data element of a MAT-file: its type, and the number of its bytes.
[<Struct>]
type private MatTag =
    {
        Type: int
        Bytes: int64
        /// The data, if they are within the tag.
        Small: byte[]
    }

/// MATLAB's level 5 MAT-files ("MAT-File Format", The MathWorks): numeric arrays, also compressed, and those in scalar structures. Every length is
/// compared with what encloses it before memory is taken for it.
[<RequireQualifiedAccess>]
module internal MatFile =

    let private headerLength: int = 128
    let private matrix: int = 14
    let private compressed: int = 15

    /// A file that says another length than it can have.
    exception private Damaged of string

    /// The bytes of one element, read in order.
    type private Source(stream: Stream, length: int64, bigEndian: bool) =
        let mutable left = length

        member _.Left: int64 = left
        member _.BigEndian: bool = bigEndian

        member _.Take(count: int64) : unit =
            if count < 0L || count > left then
                raise (Damaged $"an element of {count} bytes lies within {left}")

            left <- left - count

        member this.Bytes(count: int) : byte[] =
            this.Take(int64 count)
            let bytes = Array.zeroCreate<byte> count
            stream.ReadExactly(bytes.AsSpan())
            bytes

        /// Skips in blocks: a compressed stream cannot be moved.
        member this.Skip(count: int64) : unit =
            this.Take count
            let block = Array.zeroCreate<byte> 65536
            let mutable rest = count

            while rest > 0L do
                let part = int (min rest 65536L)
                stream.ReadExactly(block.AsSpan(0, part))
                rest <- rest - int64 part

        member _.Stream: Stream = stream

    let private int32Of (source: Source) (bytes: byte[]) (at: int) : int =
        let four = Array.sub bytes at 4

        if source.BigEndian = BitConverter.IsLittleEndian then
            Array.Reverse four

        BitConverter.ToInt32(four, 0)

    let private tag (source: Source) : MatTag =
        let bytes = source.Bytes 8
        let first = uint32 (int32Of source bytes 0)

        if first >>> 16 <> 0u then
            let size = int (first >>> 16)

            if size > 4 then
                raise (Damaged $"a small element claims {size} bytes")

            {
                Type = int (first &&& 0xFFFFu)
                Bytes = int64 size
                Small = Array.sub bytes 4 size
            }
        else
            {
                Type = int first
                Bytes = int64 (uint32 (int32Of source bytes 4))
                Small = [||]
            }

    let private isSmall (tag: MatTag) : bool = tag.Small.Length > 0 || tag.Bytes = 0L

    let private padding (tag: MatTag) : int64 = (8L - tag.Bytes % 8L) % 8L

    /// The bytes of a short element: dimensions, names.
    let private content (source: Source) (longest: int) : MatTag * byte[] =
        let tag = tag source

        if isSmall tag then
            tag, tag.Small
        elif tag.Bytes > int64 longest then
            raise (Damaged $"a name or a list of dimensions claims {tag.Bytes} bytes")
        else
            let bytes = source.Bytes(int tag.Bytes)
            source.Skip(min source.Left (padding tag))
            tag, bytes

    let private elementOf (kind: int) : ElementType option =
        match kind with
        | 1 -> Some ElementType.Int8
        | 2 -> Some ElementType.UInt8
        | 3 -> Some ElementType.Int16
        | 4 -> Some ElementType.UInt16
        | 5 -> Some ElementType.Int32
        | 6 -> Some ElementType.UInt32
        | 7 -> Some ElementType.Float32
        | 9 -> Some ElementType.Float64
        | 12 -> Some ElementType.Int64
        | 13 -> Some ElementType.UInt64
        | _ -> None

    let private classNames: Map<int, string> =
        Map
            [
                1, "a cell array"
                2, "an array of structures"
                3, "an object"
                4, "text"
                5, "a sparse matrix"
                16, "a function"
                17, "a table, a string or another object"
            ]

    /// The numbers of a matrix, column by column.
    let private numbers (source: Source) (count: int64) : float[] =
        let tag = tag source

        match elementOf tag.Type with
        | None -> raise (Damaged $"numbers have the unknown type {tag.Type}")
        | Some element ->
            if tag.Bytes <> count * int64 (ElementType.size element) then
                raise (Damaged $"{tag.Bytes} bytes are not {count} numbers")

            if isSmall tag then
                use small = new MemoryStream(tag.Small)

                match ElementType.readMany element source.BigEndian (int count) small with
                | Ok values -> values
                | Error _ -> raise (EndOfStreamException())
            else
                source.Take tag.Bytes

                match ElementType.readMany element source.BigEndian (int count) source.Stream with
                | Ok values ->
                    source.Skip(min source.Left (padding tag))
                    values
                | Error _ -> raise (EndOfStreamException())

    /// Structures may hold structures, but not for ever.
    let private deepest: int = 16

    [<NoComparison; NoEquality>]
    type private Found =
        {
            Arrays: Collections.Generic.Dictionary<string, NumericArray>
            Left: ResizeArray<string * string>
            /// Fails if a matrix of this shape cannot be in the file.
            Check: int64[] -> unit
        }

    /// One matrix in its element, of which all is read.
    let rec private parseMatrix (found: Found) (depth: int) (outer: string) (source: Source) : unit =
        let _, flags = content source 16

        if flags.Length < 8 then
            raise (Damaged "a matrix has no flags")

        let word = int32Of source flags 0
        let kind, isComplex = word &&& 0xFF, word &&& 0x800 <> 0
        let _, dimensions = content source 4096

        let shape =
            Array.init (dimensions.Length / 4) (fun axis -> int32Of source dimensions (4 * axis))

        if shape.Length < 2 || shape |> Array.exists (fun extent -> extent < 0) then
            raise (Damaged "a matrix has impossible dimensions")

        let _, name = content source 4096
        let name = Encoding.ASCII.GetString(name).TrimEnd '\000'

        let full =
            if outer = "" then name
            elif name = "" then outer
            else $"{outer}.{name}"

        if kind >= 6 && kind <= 15 then
            let extents = shape |> Array.map int64
            found.Check extents
            let count = extents |> Array.fold (*) 1L

            if isComplex then
                found.Left.Add(full, "complex: save its real and imaginary parts")
                source.Skip source.Left
            elif count = 0L then
                found.Left.Add(full, "empty")
                source.Skip source.Left
            else
                let values = numbers source count
                found.Arrays[full] <- Reading.squeeze shape (NumericArray.toRowMajor shape values)
        elif kind = 2 && shape |> Array.forall ((=) 1) && depth < deepest then
            let _, length = content source 8

            if length.Length < 4 then
                raise (Damaged "a structure has no length of names")

            let length = int32Of source length 0
            let _, names = content source 1_000_000

            if length < 1 || names.Length % length <> 0 then
                raise (Damaged "a structure has impossible names")

            for field in 0 .. names.Length / length - 1 do
                let field = Encoding.ASCII.GetString(names, field * length, length).Split('\000')[0]

                element found (depth + 1) (if full = "" then field else $"{full}.{field}") source
        else
            found.Left.Add(full, classNames.TryFind kind |> Option.defaultValue $"class {kind}")
            source.Skip source.Left

    /// One element: a matrix, or one that is compressed.
    and private element (found: Found) (depth: int) (outer: string) (source: Source) : unit =
        let tag = tag source

        if tag.Type = matrix then
            source.Take tag.Bytes
            let inner = Source(source.Stream, tag.Bytes, source.BigEndian)

            // An empty field of a structure.
            if tag.Bytes > 0L then
                parseMatrix found depth outer inner

            inner.Skip inner.Left
        elif tag.Type = compressed && depth = 0 then
            if tag.Bytes > int64 Array.MaxLength then
                raise (Damaged $"a compressed element claims {tag.Bytes} bytes")

            let packed = source.Bytes(int tag.Bytes)

            use inflated =
                new BufferedStream(new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress), 65536)

            // Its length is known only from the tag within, so that nothing bounds that tag.
            element found 1 "" (Source(inflated, Int64.MaxValue, source.BigEndian))
        elif isSmall tag then
            ()
        else
            source.Skip tag.Bytes

    let private parse (path: string) (file: FileStream) : Outcome<FileContent> =
        let header = Array.zeroCreate<byte> headerLength
        file.ReadExactly(header.AsSpan())
        let bigEndian = header[126] = byte 'M'

        let check (shape: int64[]) =
            match Reading.bounded path file.Length shape with
            | Ok _ -> ()
            | Error error -> raise (KoopmanException error)

        let found =
            {
                Arrays = Collections.Generic.Dictionary()
                Left = ResizeArray()
                Check = check
            }

        let source = Source(file, file.Length - int64 headerLength, bigEndian)

        try
            while source.Left >= 8L do
                element found 0 "" source

            // What objects need is stored under an empty name.
            found.Arrays.Remove "" |> ignore
            let left = found.Left |> Seq.filter (fun (name, _) -> name <> "") |> List.ofSeq

            if found.Arrays.Count = 0 then
                match left with
                | [] -> Reading.fail path "it holds no arrays" "Write it again with save in MATLAB"
                | _ ->
                    Reading.fail
                        path
                        ("it holds no arrays of real numbers; " + String.Join("", Reading.remarks left))
                        "Save matrices of numbers, under names such as x and lag"
            else
                Ok(
                    Arrays(
                        found.Arrays |> Seq.map (fun pair -> pair.Key, pair.Value) |> Map.ofSeq,
                        Reading.remarks left
                    )
                )
        with
        | Damaged cause -> Reading.damaged path $"it is damaged: {cause}"
        | :? EndOfStreamException -> Reading.damaged path "it is truncated"
        | :? InvalidDataException -> Reading.damaged path "its compressed data are damaged"

    /// True for a level 5 MAT-file in either byte order.
    let isOpening (bytes: byte[]) : bool =
        bytes.Length >= headerLength
        && (Reading.startsWith 124 [| 0uy; 1uy; byte 'I'; byte 'M' |] bytes
            || Reading.startsWith 124 [| 1uy; 0uy; byte 'M'; byte 'I' |] bytes)

    let read (path: string) : Outcome<FileContent> =
        Files.readBy "MATLAB's format" path (parse path)
