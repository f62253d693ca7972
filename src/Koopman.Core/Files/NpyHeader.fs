namespace Koopman

open System
open System.Buffers.Binary
open System.IO
open System.Text
open System.Text.RegularExpressions

/// The header of a .npy file.
type internal NpyHeader =
    {
        Element: ElementType
        BigEndian: bool
        FortranOrder: bool
        Shape: int[]
    }

/// Reads the header of a .npy file: a Python dictionary with the three keys that numpy.lib.format prescribes.
module internal NpyHeader =

    let magic: byte[] = [| 0x93uy; 'N'B; 'U'B; 'M'B; 'P'B; 'Y'B |]

    /// numpy itself rejects headers of more than 10,000 bytes; this limit is looser and still catches a damaged length.
    let private longestHeader: int64 = 1L <<< 20

    let unreadable (name: string) (reason: string) (remedy: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.UnreadableFile $"Cannot read '{name}': {reason}" remedy

    let damaged (name: string) (reason: string) : Outcome<'T> =
        unreadable name reason "Write it again with numpy.save, or copy it again if the copy is incomplete"

    let private elementOf (code: string) : ElementType option =
        match code with
        | "b1" -> Some ElementType.Bool
        | "i1" -> Some ElementType.Int8
        | "i2" -> Some ElementType.Int16
        | "i4" -> Some ElementType.Int32
        | "i8" -> Some ElementType.Int64
        | "u1" -> Some ElementType.UInt8
        | "u2" -> Some ElementType.UInt16
        | "u4" -> Some ElementType.UInt32
        | "u8" -> Some ElementType.UInt64
        | "f2" -> Some ElementType.Float16
        | "f4" -> Some ElementType.Float32
        | "f8" -> Some ElementType.Float64
        | _ -> None

    /// The numpy expression that converts a dtype other than plain numbers.
    let private conversion (dtype: string) : string =
        let kind = dtype.TrimStart('<', '>', '|', '=', ''')

        if dtype.StartsWith '[' then
            "Save one field at a time in numpy: numpy.save(file, a['field'].astype('float64'))"
        elif kind.StartsWith 'c' then
            "Save the two parts in numpy as columns: numpy.save(file, numpy.column_stack([a.real, a.imag]))"
        elif kind.StartsWith 'M' || kind.StartsWith 'm' then
            "Save times as numbers in numpy: numpy.save(file, a.astype('int64').astype('float64'))"
        else
            "Convert it in numpy: numpy.save(file, a.astype('float64'))"

    let private parseElement (name: string) (dtype: string) : Outcome<struct (ElementType * bool)> =
        let code = dtype.TrimStart('<', '>', '|', '=')

        match elementOf code with
        | Some element ->
            let bigEndian =
                dtype.StartsWith '>'
                || (dtype.StartsWith '=' && not BitConverter.IsLittleEndian)

            Ok(struct (element, bigEndian))
        | None -> unreadable name $"its dtype is {dtype}, not a real number, integer or boolean" (conversion dtype)

    let private parseShape (name: string) (text: string) : Outcome<int[]> =
        let parts =
            text.Split(',', StringSplitOptions.RemoveEmptyEntries ||| StringSplitOptions.TrimEntries)

        let extents =
            parts
            |> Array.choose (fun part ->
                // Python 2 wrote its long integers with an L.
                match Int32.TryParse(part.TrimEnd 'L') with
                | true, extent when extent >= 0 -> Some extent
                | _ -> None)

        if extents.Length < parts.Length then
            damaged name $"its header claims the shape ({text})"
        else
            Ok extents

    let private fieldPattern (key: string) (value: string) : Regex =
        Regex($"['\"]{key}['\"]\\s*:\\s*{value}", RegexOptions.CultureInvariant)

    let private dtypePattern: Regex =
        fieldPattern "descr" "(?:['\"](?<plain>[^'\"]*)['\"]|(?<structured>\\[.*\\]))"

    let private orderPattern: Regex =
        fieldPattern "fortran_order" "(?<order>True|False)"

    let private shapePattern: Regex = fieldPattern "shape" "\\((?<shape>[^)]*)\\)"

    let private parse (name: string) (text: string) : Outcome<NpyHeader> =
        let dtype = dtypePattern.Match text
        let order = orderPattern.Match text
        let shape = shapePattern.Match text

        if not (dtype.Success && order.Success && shape.Success) then
            damaged name "its header does not give descr, fortran_order and shape"
        else
            result {
                let! struct (element, bigEndian) =
                    parseElement
                        name
                        (if dtype.Groups["plain"].Success then
                             dtype.Groups["plain"].Value
                         else
                             dtype.Groups["structured"].Value)

                let! extents = parseShape name shape.Groups["shape"].Value

                return
                    {
                        Element = element
                        BigEndian = bigEndian
                        FortranOrder = (order.Groups["order"].Value = "True")
                        Shape = extents
                    }
            }

    let private readText (name: string) (stream: Stream) : Outcome<string> =
        let start = Array.zeroCreate<byte> 8
        let found = stream.ReadAtLeast(start.AsSpan(), 8, false)

        if found >= 2 && start[0] = 'P'B && start[1] = 'K'B then
            unreadable name "it is a .npz archive" "Read it as an archive: give it the extension .npz"
        elif found < 8 || start[..5] <> magic then
            if
                found > 0
                && start[.. found - 1]
                   |> Array.forall (fun b -> (b >= 32uy && b < 127uy) || b = 9uy || b = 10uy || b = 13uy)
            then
                unreadable
                    name
                    "it does not begin as a .npy file does, but as text"
                    "If it is a table, give it the ending .csv"
            else
                damaged name "it does not begin as a .npy file does"
        elif start[6] < 1uy || start[6] > 3uy then
            damaged name $"it is of version {start[6]}.{start[7]} of the .npy format; 1, 2 and 3 are known"
        else
            let lengthBytes = Array.zeroCreate<byte>(if start[6] = 1uy then 2 else 4)
            stream.ReadExactly(lengthBytes.AsSpan())

            let length =
                if lengthBytes.Length = 2 then
                    int64 (BinaryPrimitives.ReadUInt16LittleEndian(ReadOnlySpan lengthBytes))
                else
                    int64 (BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan lengthBytes))

            if length > longestHeader then
                damaged name $"its header claims a length of {length} bytes"
            else
                let bytes = Array.zeroCreate<byte>(int length)
                stream.ReadExactly(bytes.AsSpan())
                let encoding = if start[6] = 3uy then Encoding.UTF8 else Encoding.Latin1
                Ok(encoding.GetString bytes)

    /// The header; the stream is left at the first number. The name is for messages.
    let read (name: string) (stream: Stream) : Outcome<NpyHeader> =
        readText name stream |> Result.bind (parse name)
