module Koopman.Cli.Tests.PngTests

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Text
open Koopman.Cli.Reporting
open Xunit

/// The CRC-32 bit by bit from its polynomial, without the table that the encoder uses.
let private slowCrc (bytes: byte[]) : uint32 =
    let mutable c = 0xFFFFFFFFu

    for b in bytes do
        for bit in 0..7 do
            let carry = (c ^^^ (uint32 b >>> bit)) &&& 1u
            c <- (c >>> 1) ^^^ (if carry = 1u then 0xEDB88320u else 0u)

    ~~~c

let private word (bytes: byte[]) (at: int) : uint32 =
    BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(bytes, at, 4))

/// The chunks of a file, whose checksums must hold.
let private chunks (png: byte[]) : (string * byte[]) list =
    let rec from at =
        if at = png.Length then
            []
        else
            let length = int (word png at)
            let body = png[at + 4 .. at + 7 + length]
            Assert.Equal(slowCrc body, word png (at + 8 + length))
            (Encoding.ASCII.GetString body[..3], body[4..]) :: from (at + 12 + length)

    from 8

let private inflate (bytes: byte[]) : byte[] =
    use source = new ZLibStream(new MemoryStream(bytes), CompressionMode.Decompress)
    use target = new MemoryStream()
    source.CopyTo target
    target.ToArray()

[<Fact>]
let ``a decoder finds the size and the pixels again`` () =
    let height, width = 3, 2
    let png = Png.encode height width [| 0.0; 1.0; 0.5; 0.25; -7.0; 1.7 |]
    Assert.Equal<byte>([| 137uy; 80uy; 78uy; 71uy; 13uy; 10uy; 26uy; 10uy |], png[..7])

    match chunks png with
    | [ "IHDR", header; "IDAT", data; "IEND", empty ] ->
        Assert.Equal<byte>([| 0uy; 0uy; 0uy; 2uy; 0uy; 0uy; 0uy; 3uy; 8uy; 0uy; 0uy; 0uy; 0uy |], header)
        // Each row is led by filter 0; 0.5 · 255 = 127.5 rounds to even, and values outside [0, 1] are clipped.
        Assert.Equal<byte>([| 0uy; 0uy; 255uy; 0uy; 128uy; 64uy; 0uy; 0uy; 255uy |], inflate data)
        Assert.Empty empty
    | other -> Assert.Fail $"unexpected chunks {List.map fst other}"

[<Fact>]
let ``the end of the file is the one that the specification prints`` () =
    let png = Png.encode 1 1 [| 0.0 |]

    Assert.Equal<byte>(
        [| 0uy; 0uy; 0uy; 0uy; 73uy; 69uy; 78uy; 68uy; 174uy; 66uy; 96uy; 130uy |],
        png[png.Length - 12 ..]
    )

[<Fact>]
let ``NaN is black`` () =
    let data = Png.encode 1 1 [| nan |] |> chunks |> List.item 1 |> snd
    Assert.Equal<byte>([| 0uy; 0uy |], inflate data)

[<Theory>]
[<InlineData(2, 2, 3)>]
[<InlineData(0, 4, 0)>]
[<InlineData(-1, -1, 1)>]
let ``a size that does not fit the pixels is refused`` (height: int, width: int, count: int) =
    let refused =
        Assert.Throws<ArgumentException>(fun () -> Png.encode height width (Array.zeroCreate count) |> ignore)

    Assert.Contains($"{count} pixels", refused.Message)
