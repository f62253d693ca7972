namespace Koopman.Plots

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression

/// A minimal encoder of PNG images with 8 bits per channel, for embedding in pages.
[<RequireQualifiedAccess>]
module internal Png =

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

    /// Encodes an image of one channel (grey) or three (red, green, blue). height · width · channels values, row by row from the top, the channels
    /// of a pixel adjacent; 0 is black, 1 is full; values outside are clipped, and NaN is black.
    let encode (channels: int) (height: int) (width: int) (pixels: float[]) : byte[] =
        if channels <> 1 && channels <> 3 then
            invalidArg (nameof channels) $"an image has 1 or 3 channels, not {channels}"

        if height < 1 || width < 1 || pixels.Length <> height * width * channels then
            invalidArg (nameof pixels) $"an image of {height} x {width} x {channels} cannot have {pixels.Length} pixels"

        let level (value: float) =
            if Double.IsNaN value then
                0uy
            else
                byte (Math.Round(255.0 * Math.Clamp(value, 0.0, 1.0)))

        // Each row starts with the number of its filter; 0 is none.
        let row r =
            let length = width * channels
            Array.append [| 0uy |] (Array.map level pixels[r * length .. (r + 1) * length - 1])

        let bitDepth = 8uy
        let colourType = if channels = 1 then 0uy else 2uy

        let header =
            Array.concat
                [
                    bigEndian (uint32 width)
                    bigEndian (uint32 height)
                    [| bitDepth; colourType; 0uy; 0uy; 0uy |]
                ]

        Array.concat
            [
                signature
                chunk "IHDR" header
                chunk "IDAT" (deflate (Array.collect row [| 0 .. height - 1 |]))
                chunk "IEND" [||]
            ]

    /// The image as a <c>data:</c> address that an HTML page can show without another file.
    let dataUri (channels: int) (height: int) (width: int) (pixels: float[]) : string =
        "data:image/png;base64,"
        + Convert.ToBase64String(encode channels height width pixels)
