namespace Koopman.Cli.Reporting

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression

/// <summary>Grey-scale PNG images, just enough for pictures inside a report.</summary>
[<RequireQualifiedAccess>]
module Png =

    let private signature = [| 137uy; 80uy; 78uy; 71uy; 13uy; 10uy; 26uy; 10uy |]

    // The CRC-32 of ISO 3309, as annex D of the PNG specification defines it.
    let private crcTable =
        Array.init 256 (fun n ->
            let mutable c = uint32 n

            for _ in 1..8 do
                c <- if c &&& 1u = 1u then 0xEDB88320u ^^^ (c >>> 1) else c >>> 1

            c)

    let private crc (bytes: byte[]) : uint32 =
        let step c (b: byte) =
            crcTable[int ((c ^^^ uint32 b) &&& 0xFFu)] ^^^ (c >>> 8)

        ~~~(Array.fold step 0xFFFFFFFFu bytes)

    let private bigEndian (value: uint32) : byte[] =
        let bytes = Array.zeroCreate 4
        BinaryPrimitives.WriteUInt32BigEndian(Span bytes, value)
        bytes

    let private chunk (name: string) (data: byte[]) : byte[] =
        let body = Array.append (Text.Encoding.ASCII.GetBytes name) data
        Array.concat [ bigEndian (uint32 data.Length); body; bigEndian (crc body) ]

    let private deflate (bytes: byte[]) : byte[] =
        use target = new MemoryStream()

        using (new ZLibStream(target, CompressionLevel.Optimal)) (fun stream -> stream.Write(bytes, 0, bytes.Length))

        target.ToArray()

    /// <summary>Encodes an 8-bit grey-scale image.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="pixels">height · width values, row by row from the top; 0 is black, 1 is white, what lies outside is clipped and NaN is black.</param>
    /// <exception cref="T:System.ArgumentException">The number of pixels is not height · width, or is 0.</exception>
    let encode (height: int) (width: int) (pixels: float[]) : byte[] =
        if height < 1 || width < 1 || pixels.Length <> height * width then
            invalidArg (nameof pixels) $"an image of {height} x {width} cannot have {pixels.Length} pixels"

        let grey (value: float) =
            if Double.IsNaN value then
                0uy
            else
                byte (Math.Round(255.0 * Math.Clamp(value, 0.0, 1.0)))

        // Each row starts with the number of its filter; 0 is none.
        let row r =
            Array.append [| 0uy |] (Array.map grey pixels[r * width .. (r + 1) * width - 1])

        let bitDepth, greyScale = 8uy, 0uy

        let header =
            Array.concat
                [
                    bigEndian (uint32 width)
                    bigEndian (uint32 height)
                    [| bitDepth; greyScale; 0uy; 0uy; 0uy |]
                ]

        Array.concat
            [
                signature
                chunk "IHDR" header
                chunk "IDAT" (deflate (Array.collect row [| 0 .. height - 1 |]))
                chunk "IEND" [||]
            ]

    /// <summary>The image as a <c>data:</c> address that an HTML page can show without another file.</summary>
    let dataUri (height: int) (width: int) (pixels: float[]) : string =
        "data:image/png;base64," + Convert.ToBase64String(encode height width pixels)
