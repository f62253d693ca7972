namespace Koopman.Cli.Tests

open System
open System.IO
open System.IO.Compression
open System.Text

/// Writes MATLAB's level 5 MAT-files byte by byte, as their format's description says, so that the reader is tested against that and not against
/// itself.
module internal MatWriter =

    let private number (bigEndian: bool) (bytes: byte[]) : byte[] =
        if bigEndian then Array.rev bytes else bytes

    let private int32Bytes (bigEndian: bool) (value: int) : byte[] =
        number bigEndian (BitConverter.GetBytes value)

    /// A data element: its tag, its bytes, and zeros to a multiple of 8.
    let element (bigEndian: bool) (kind: int) (bytes: byte[]) : byte[] =
        let padding = (8 - bytes.Length % 8) % 8

        Array.concat
            [
                int32Bytes bigEndian kind
                int32Bytes bigEndian bytes.Length
                bytes
                Array.zeroCreate padding
            ]

    /// A data element of at most four bytes, within its tag.
    let small (kind: int) (bytes: byte[]) : byte[] =
        Array.concat
            [
                BitConverter.GetBytes(uint16 kind)
                BitConverter.GetBytes(uint16 bytes.Length)
                bytes
                Array.zeroCreate (4 - bytes.Length)
            ]

    /// The first three parts of a matrix: flags, dimensions, name.
    let private head (big: bool) (matlabClass: int) (flags: int) (shape: int list) (name: string) : byte[] =
        Array.concat
            [
                element big 6 (Array.append (int32Bytes big (matlabClass ||| flags)) (int32Bytes big 0))
                element big 5 (shape |> List.map (int32Bytes big) |> Array.concat)
                element big 1 (Encoding.ASCII.GetBytes name)
            ]

    /// A matrix of doubles, given column by column.
    let doubles (big: bool) (name: string) (shape: int list) (values: float list) : byte[] =
        Array.append
            (head big 6 0 shape name)
            (element
                big
                9
                (values
                 |> List.map (fun v -> number big (BitConverter.GetBytes v))
                 |> Array.concat))
        |> element big 14

    /// A matrix of doubles that MATLAB stores as bytes, since all are small whole numbers.
    let bytes (name: string) (shape: int list) (values: byte list) : byte[] =
        let data = Array.ofList values

        Array.append
            (head false 6 0 shape name)
            (if data.Length <= 4 then
                 small 2 data
             else
                 element false 2 data)
        |> element false 14

    let text (name: string) (value: string) : byte[] =
        Array.append
            (head false 4 0 [ 1; value.Length ] name)
            (element false 4 (value |> Seq.map (uint16 >> BitConverter.GetBytes) |> Array.concat))
        |> element false 14

    let complex (name: string) (values: float list) : byte[] =
        let part =
            values |> List.map BitConverter.GetBytes |> Array.concat |> element false 9

        Array.concat [ head false 6 0x800 [ values.Length; 1 ] name; part; part ]
        |> element false 14

    /// A structure of one element with these fields, whose own names are empty.
    let structure (name: string) (fields: (string * byte[]) list) : byte[] =
        let width = 32

        Array.concat
            [
                head false 2 0 [ 1; 1 ] name
                small 5 (BitConverter.GetBytes width)
                fields
                |> List.map (fun (field, _) -> Encoding.ASCII.GetBytes(field.PadRight(width, '\000')))
                |> Array.concat
                |> element false 1
                yield! fields |> List.map snd
            ]
        |> element false 14

    /// An element compressed by zlib, which is not padded.
    let compressed (inner: byte[]) : byte[] =
        use packed = new MemoryStream()

        using (new ZLibStream(packed, CompressionLevel.Optimal, true)) (fun stream -> stream.Write(ReadOnlySpan inner))

        Array.concat
            [
                BitConverter.GetBytes 15
                BitConverter.GetBytes(int packed.Length)
                packed.ToArray()
            ]

    let file (big: bool) (elements: byte[] list) : byte[] =
        let text = "MATLAB 5.0 MAT-file, Platform: GLNXA64".PadRight 116

        Array.concat
            [
                Encoding.ASCII.GetBytes text
                Array.zeroCreate 8
                (if big then
                     [| 1uy; 0uy; byte 'M'; byte 'I' |]
                 else
                     [| 0uy; 1uy; byte 'I'; byte 'M' |])
                yield! elements
            ]
