module Koopman.Cli.Tests.PngTests

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Text
open Expecto
open Koopman.Plots

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
            Expect.equal (word png (at + 8 + length)) (slowCrc body) "the checksum of a chunk"
            (Encoding.ASCII.GetString body[..3], body[4..]) :: from (at + 12 + length)

    from 8

let private inflate (bytes: byte[]) : byte[] =
    use source = new ZLibStream(new MemoryStream(bytes), CompressionMode.Decompress)
    use target = new MemoryStream()
    source.CopyTo target
    target.ToArray()

let tests: Test =
    testList
        "Png"
        [
            testCase "a decoder finds the size and the pixels again" (fun () ->
                let height, width = 3, 2
                let png = Png.encode 1 height width [| 0.0; 1.0; 0.5; 0.25; -7.0; 1.7 |]
                Expect.equal png[..7] [| 137uy; 80uy; 78uy; 71uy; 13uy; 10uy; 26uy; 10uy |] "the signature"

                match chunks png with
                | [ "IHDR", header; "IDAT", data; "IEND", empty ] ->
                    Expect.equal
                        header
                        [| 0uy; 0uy; 0uy; 2uy; 0uy; 0uy; 0uy; 3uy; 8uy; 0uy; 0uy; 0uy; 0uy |]
                        "the header"
                    // Each row is led by filter 0; 0.5 · 255 = 127.5 rounds to even, and values outside [0, 1] are clipped.
                    Expect.equal (inflate data) [| 0uy; 0uy; 255uy; 0uy; 128uy; 64uy; 0uy; 0uy; 255uy |] "the pixels"

                    Expect.isEmpty empty "the last chunk"
                | other -> failtest $"unexpected chunks {List.map fst other}")

            testCase "a coloured pixel is three levels side by side" (fun () ->
                match chunks (Png.encode 3 1 2 [| 1.0; 0.0; 0.5; 0.0; 0.25; 1.0 |]) with
                | [ "IHDR", header; "IDAT", data; "IEND", _ ] ->
                    Expect.equal header[8..9] [| 8uy; 2uy |] "eight bits of red, green and blue"
                    Expect.equal (inflate data) [| 0uy; 255uy; 0uy; 128uy; 0uy; 64uy; 255uy |] "the pixels"
                | other -> failtest $"unexpected chunks {List.map fst other}")

            testCase "the end of the file is the one that the specification prints" (fun () ->
                let png = Png.encode 1 1 1 [| 0.0 |]

                Expect.equal
                    png[png.Length - 12 ..]
                    [| 0uy; 0uy; 0uy; 0uy; 73uy; 69uy; 78uy; 68uy; 174uy; 66uy; 96uy; 130uy |]
                    "the last bytes")

            testCase "NaN is black" (fun () ->
                let data = Png.encode 1 1 1 [| nan |] |> chunks |> List.item 1 |> snd
                Expect.equal (inflate data) [| 0uy; 0uy |] "the pixel")

            testList
                "a size that does not fit the pixels is refused"
                [
                    for height, width, count in [ 2, 2, 3; 0, 4, 0; -1, -1, 1 ] do
                        testCase $"{height} by {width} with {count} pixels" (fun () ->
                            Expect.throwsC
                                (fun () -> Png.encode 1 height width (Array.zeroCreate count) |> ignore)
                                (fun refused ->
                                    Expect.equal (refused.GetType()) typeof<ArgumentException> $"{refused}"
                                    Expect.stringContains refused.Message $"{count} pixels" "what the exception says"))
                ]
        ]
