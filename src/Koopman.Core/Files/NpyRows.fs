namespace Koopman

open System
open System.IO
open System.IO.MemoryMappedFiles
open System.Runtime.InteropServices

/// <summary>
/// The rows of a <c>.npy</c> file of any size, read piece by piece through a memory map: the file need not fit into memory.
/// </summary>
[<Sealed>]
type NpyRows
    private (path: string, map: MemoryMappedFile, start: int64, element: ElementType, rows: int64, columns: int) =

    /// A separate view for every read, so that pages already read do not stay in this process's memory.
    let copy (width: int64) (entry: int64) (values: 'T[]) : unit when 'T: struct =
        use view =
            map.CreateViewAccessor(start + width * entry, width * int64 values.Length, MemoryMappedFileAccess.Read)

        view.ReadArray(0L, values, 0, values.Length) |> ignore

    /// <summary>The file.</summary>
    member _.Path: string = path

    /// <summary>The number of rows.</summary>
    member _.Count: int64 = rows

    /// <summary>The number of values in a row; further axes are flattened.</summary>
    member _.Columns: int = columns

    /// <summary>Rows first to first+count-1 as a matrix (count, columns), float64. The caller owns it.</summary>
    /// <exception cref="T:System.ArgumentOutOfRangeException">The rows do not exist.</exception>
    member _.Read(first: int64, count: int) : Tensor =
        ArgumentOutOfRangeException.ThrowIfNegative first
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero count
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + int64 count, rows)
        let values = Array.zeroCreate<float>(count * columns)
        let entry = first * int64 columns

        match element with
        | ElementType.Float64 -> copy 8L entry values
        | _ ->
            let single = Array.zeroCreate<float32> values.Length
            copy 4L entry single

            for i in 0 .. single.Length - 1 do
                values[i] <- float single[i]

        Tensors.ofRows count values

    interface IDisposable with
        /// <summary>Closes the file.</summary>
        member _.Dispose() = map.Dispose()

    /// <summary>Opens a file of float64 or float32 numbers in this machine's byte order and in C order; a vector (n) is n rows of one.</summary>
    /// <returns>A <c>MissingFile</c> or <c>UnreadableFile</c> error that says how to convert what cannot be mapped.</returns>
    static member Open(path: string) : Outcome<NpyRows> =
        Files.read path (fun stream ->
            if stream.CanSeek then
                NpyHeader.read path stream
                |> Result.map (fun header -> struct (header, stream.Position, stream.Length))
            else
                NpyHeader.unreadable
                    path
                    "a compressed file cannot be read in pieces"
                    "Unpack it first, for example with gunzip")
        |> Result.bind (fun (struct (header, position, length)) ->
            let size = if header.Element = ElementType.Float64 then 8L else 4L

            let whole = NumericArray.countOf header.Shape

            // Beyond any file's length, in a type that a header cannot overflow.
            let columns =
                if whole > bigint Int64.MaxValue / 8I then
                    Int64.MaxValue
                else
                    int64 (NumericArray.countOf (Array.skip (min 1 header.Shape.Length) header.Shape))

            if header.Element <> ElementType.Float64 && header.Element <> ElementType.Float32 then
                NpyHeader.unreadable
                    path
                    "only float64 and float32 can be read in pieces"
                    "Save it in numpy with a.astype('float64')"
            elif header.BigEndian = BitConverter.IsLittleEndian then
                NpyHeader.unreadable
                    path
                    "its byte order is not this machine's"
                    "Save it in numpy with a.astype('float64')"
            elif header.FortranOrder && header.Shape.Length > 1 then
                NpyHeader.unreadable
                    path
                    "it is stored column by column"
                    "Save it in numpy with numpy.ascontiguousarray(a)"
            elif
                header.Shape.Length = 0
                || header.Shape[0] < 1
                || columns < 1L
                || columns > 1_000_000_000L
            then
                NpyHeader.unreadable
                    path
                    $"its shape {NumericArray.describe header.Shape} has no rows to read"
                    "Give a matrix, one row per sample"
            elif length < position + size * columns * int64 header.Shape[0] then
                NpyHeader.damaged path "it is truncated"
            else
                let map =
                    MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0L, MemoryMappedFileAccess.Read)

                Ok(new NpyRows(path, map, position, header.Element, int64 header.Shape[0], int columns)))
