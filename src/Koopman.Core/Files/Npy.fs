namespace Koopman

open System
open System.IO
open System.IO.Compression
open System.Runtime.InteropServices
open System.Text

/// <summary>Reads and writes numpy's <c>.npy</c> files and <c>.npz</c> archives.</summary>
/// <remarks>Format: numpy.lib.format, versions 1.0, 2.0 and 3.0.</remarks>
[<RequireQualifiedAccess>]
module internal Npy =

    let private parse (name: string) (stream: Stream) : Outcome<NumericArray> =
        result {
            let! header = NpyHeader.read name stream

            let! count =
                match NumericArray.countOf header.Shape with
                | many when many > bigint Array.MaxLength ->
                    NpyHeader.unreadable
                        name
                        $"its header claims the shape {NumericArray.describe header.Shape}, more numbers than one array can hold"
                        "Read it piece by piece with NpyRows.Open"
                | few -> Ok(int few)

            match ElementType.readMany header.Element header.BigEndian count stream with
            | Error present ->
                return!
                    NpyHeader.damaged
                        name
                        $"it is truncated and holds {present} of the {count} values of its shape {NumericArray.describe header.Shape}"
            | Ok values ->
                return!
                    NumericArray.create
                        header.Shape
                        (if header.FortranOrder && header.Shape.Length > 1 then
                             NumericArray.toRowMajor header.Shape values
                         else
                             values)
        }

    let private writeTo (stream: Stream) (array: NumericArray) : unit =
        let order = if BitConverter.IsLittleEndian then '<' else '>'

        let shape =
            match array.Shape with
            | [| only |] -> $"({only},)"
            | several -> "(" + String.Join(", ", several) + ")"

        let header = $"{{'descr': '{order}f8', 'fortran_order': False, 'shape': {shape}, }}"

        // The format requires the numbers to start at a multiple of 64, after a line feed.
        let before = NpyHeader.magic.Length + 4
        let length = (before + header.Length + 1 + 63) / 64 * 64 - before
        stream.Write(ReadOnlySpan NpyHeader.magic)
        stream.Write(ReadOnlySpan [| 1uy; 0uy; byte (length &&& 0xFF); byte (length >>> 8) |])
        stream.Write(ReadOnlySpan(Encoding.ASCII.GetBytes(header.PadRight(length - 1) + "\n")))

        // In blocks, because a span of bytes is limited to 2 GiB.
        let block = 1 <<< 20

        for start in 0..block .. array.Values.Length - 1 do
            let count = min block (array.Values.Length - start)
            stream.Write(MemoryMarshal.AsBytes(ReadOnlySpan(array.Values, start, count)))

    /// <summary>Reads a <c>.npy</c> file of real numbers, integers or booleans, in either byte order and either memory order.</summary>
    /// <param name="path">The file; gzip is undone on the way.</param>
    /// <returns>The numbers as float64 (integers beyond 2^53 are rounded) in row-major order; or a <c>MissingFile</c> or
    /// <c>UnreadableFile</c> error, which for objects, strings, complex and structured numbers says how to convert them.</returns>
    let read (path: string) : Outcome<NumericArray> = Files.read path (parse path)

    /// <summary>Writes a <c>.npy</c> file of float64 in row-major order, format version 1.0; an existing file is replaced atomically.</summary>
    /// <returns>A <c>ShapeMismatch</c> error if the shape does not hold the values; <c>UnwritableFile</c>, with the old file
    /// unchanged, if the path cannot be written.</returns>
    let write (path: string) (array: NumericArray) : Outcome<unit> =
        NumericArray.create array.Shape array.Values
        |> Result.bind (fun checkedArray -> Files.writeAtomically path (fun stream -> writeTo stream checkedArray))

    let private ending: string = ".npy"

    let private parseEntry (path: string) (entry: ZipArchiveEntry) : Outcome<string * NumericArray> =
        let name = entry.FullName.Substring(0, entry.FullName.Length - ending.Length)

        let shown = $"{path}[{name}]"

        try
            use stream = entry.Open()
            parse shown stream |> Result.map (fun array -> name, array)
        with
        | :? InvalidDataException
        | :? EndOfStreamException -> NpyHeader.damaged shown "this part of the archive is damaged"

    let private parseArchive (path: string) (stream: Stream) : Outcome<Map<string, NumericArray>> =
        let opened =
            try
                Ok(new ZipArchive(stream, ZipArchiveMode.Read, true))
            with :? InvalidDataException ->
                NpyHeader.unreadable
                    path
                    "it is not a .npz archive, or it is truncated"
                    "Write it again with numpy.savez; give a single array's file the ending .npy"

        result {
            use! archive = opened

            let entries =
                archive.Entries
                |> Seq.filter (fun entry -> entry.FullName.EndsWith(ending, StringComparison.Ordinal))
                |> List.ofSeq

            let compressed, length =
                entries |> List.sumBy _.CompressedLength, entries |> List.sumBy _.Length

            if Files.isBomb compressed length then
                return! Files.bomb path compressed length
            elif entries.IsEmpty then
                return! NpyHeader.unreadable path "the archive holds no arrays" "Write it again with numpy.savez"
            else
                return!
                    (Ok Map.empty, entries)
                    ||> List.fold (fun arrays entry ->
                        result {
                            let! known = arrays
                            let! name, array = parseEntry path entry
                            return Map.add name array known
                        })
        }

    /// <summary>Reads all arrays of a <c>.npz</c> archive, as <c>numpy.savez</c> or <c>numpy.savez_compressed</c> write it.</summary>
    /// <param name="path">The archive.</param>
    /// <returns>The arrays by name (without <c>.npy</c>); a <c>MissingFile</c> or <c>UnreadableFile</c> error as for
    /// <see cref="M:Koopman.Npy.read"/>, with the name of the array that could not be read.</returns>
    let readArchive (path: string) : Outcome<Map<string, NumericArray>> = Files.read path (parseArchive path)

    /// A fixed time stamp, so that the same arrays always give the same bytes.
    let private entryTime: DateTimeOffset =
        DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero)

    let private checkArrays (path: string) (arrays: Map<string, NumericArray>) : Outcome<unit> =
        if arrays.ContainsKey "" then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"An array for '{path}' has an empty name"
                "Give each array of the archive a name"
        else
            (Ok(), arrays)
            ||> Map.fold (fun soFar _ array ->
                soFar
                |> Result.bind (fun () -> NumericArray.create array.Shape array.Values |> Result.map ignore))

    /// <summary>
    /// Writes a <c>.npz</c> archive of float64 arrays, not compressed, as <c>numpy.savez</c> does; an existing file is replaced atomically.
    /// </summary>
    /// <param name="path">The archive to make.</param>
    /// <param name="arrays">The arrays by name. The same arrays always give the same bytes.</param>
    /// <returns>An <c>InvalidSetting</c> error if a name is empty, <c>ShapeMismatch</c> if a shape does not hold
    /// its values, or <c>UnwritableFile</c>; the old file is then unchanged.</returns>
    let writeArchive (path: string) (arrays: Map<string, NumericArray>) : Outcome<unit> =
        checkArrays path arrays
        |> Result.bind (fun () ->
            Files.writeAtomically path (fun stream ->
                use archive = new ZipArchive(stream, ZipArchiveMode.Create, true)

                for KeyValue(name, array) in arrays do
                    let entry = archive.CreateEntry(name + ending, CompressionLevel.NoCompression)
                    entry.LastWriteTime <- entryTime
                    use content = entry.Open()
                    writeTo content array))
