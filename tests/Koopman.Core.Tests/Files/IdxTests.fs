namespace Koopman.Tests

open System
open System.IO
open System.IO.Compression
open Expecto
open FsCheck.FSharp
open Koopman

[<RequireQualifiedAccess>]
module IdxBytes =

    let private bigEndian (bytes: byte[]) : byte[] =
        if BitConverter.IsLittleEndian then
            Array.rev bytes
        else
            bytes

    let file (code: byte) (shape: int list) (data: byte[]) : byte[] =
        Array.concat
            [
                [| 0uy; 0uy; code; byte shape.Length |]
                Array.concat (shape |> List.map (fun extent -> bigEndian (BitConverter.GetBytes extent)))
                data
            ]

    let gzip (bytes: byte[]) : byte[] =
        use target = new MemoryStream()
        using (new GZipStream(target, CompressionLevel.Optimal)) (fun stream -> stream.Write(ReadOnlySpan bytes))
        target.ToArray()

module IdxLaws =

    let private images =
        gen {
            let! shape = Gen.listOfLength 3 (Gen.choose (0, 5))

            let! pixels =
                Gen.arrayOfLength (List.fold (*) 1 shape) (Gen.choose (0, 255) |> Gen.map byte)

            return shape, pixels
        }

    let tests: Test =
        testList
            "Idx laws"
            [
                Law.holds "idx: images are read pixel by pixel, compressed or not" images (fun (shape, pixels) ->
                    use folder = new TemporaryFolder()
                    let bytes = IdxBytes.file 0x08uy shape pixels

                    let expected =
                        {
                            Shape = Array.ofList shape
                            Values = Array.map float pixels
                        }

                    [ folder.Write("a", bytes); folder.Write("a.gz", IdxBytes.gzip bytes) ]
                    |> List.forall (fun path -> Idx.read path = Ok expected))
            ]

module IdxTests =

    let tests: Test =
        testList
            "Idx"
            [
                testList
                    "Every type of number is read"
                    [
                        for code, hex, numbers in
                            [
                                0x08uy, "00FF", "0 255"
                                0x09uy, "80FF", "-128 -1"
                                0x0Buy, "8000FFFE", "-32768 -2"
                                0x0Cuy, "00000001FFFFFFFE", "1 -2"
                                0x0Duy, "3F800000C0000000", "1 -2"
                                0x0Euy, "3FF0000000000000C000000000000000", "1 -2"
                            ] do
                            testInFolder $"0x%02X{code}" (fun folder ->
                                let path =
                                    folder.Write("a.idx", IdxBytes.file code [ 2 ] (Convert.FromHexString hex))

                                Expect.equal
                                    ((Idx.read path |> Outcome.get).Values)
                                    (numbers.Split ' ' |> Array.map float)
                                    "(Idx.read path).Values")
                    ]

                testInFolder "Damaged and foreign files are refused with the reason" (fun folder ->
                    let whole = IdxBytes.file 0x08uy [ 2; 3 ] [| 1uy .. 6uy |]

                    let cases =
                        [
                            [||], "first four bytes"
                            "text"B, "first four bytes"
                            IdxBytes.file 0x07uy [ 1 ] [| 1uy |], "first four bytes"
                            whole[..6], "ends too early"
                            whole[.. whole.Length - 2], "holds 5 of the 6 values of its shape 2 x 3"
                            IdxBytes.file 0x08uy [ -1 ] [||], "claims the shape -1"
                            IdxBytes.file 0x08uy [ Int32.MaxValue; 9 ] [||], "claims the shape 2147483647 x 9"
                        ]

                    for bytes, reason in cases do
                        Idx.read (folder.Write("a.idx", bytes))
                        |> Expect.error ErrorKind.UnreadableFile [ "a.idx"; reason ]

                    Idx.read (folder.File "no.idx")
                    |> Expect.error ErrorKind.MissingFile [ "no.idx" ])

                testInFolder "The training images are found first, then the test images" (fun folder ->
                    let images = Idx.findImages folder.Path

                    images
                    |> Expect.error ErrorKind.MissingFile [ "train-images*"; "t10k-images*"; folder.Path ]

                    let test = folder.Write("t10k-images-idx3-ubyte.gz", "")
                    folder.Write("t10k-labels-idx1-ubyte.gz", "") |> ignore
                    Expect.equal (Idx.findImages folder.Path |> Outcome.get) test "the images in the folder"
                    let training = folder.Write("train-images.idx3-ubyte", "")
                    Expect.equal (Idx.findImages folder.Path |> Outcome.get) training "the images in the folder"
                    Expect.equal (Idx.findImages test |> Outcome.get) test "Idx.findImages test"

                    Idx.findImages (folder.File "no")
                    |> Expect.error ErrorKind.MissingFile [ "There is no folder" ])
            ]
