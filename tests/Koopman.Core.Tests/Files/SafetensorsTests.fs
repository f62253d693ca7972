namespace Koopman.Tests

open System
open System.IO
open System.IO.Compression
open System.Text
open Expecto
open FsCheck
open FsCheck.FSharp
open Koopman
open TorchSharp

[<RequireQualifiedAccess>]
module SafetensorsBytes =

    /// A file as the format's specification lays it out: the header's length, the header, the data.
    let file (header: string) (data: byte[]) : byte[] =
        let text = Encoding.UTF8.GetBytes header
        Array.concat [ BitConverter.GetBytes(uint64 text.Length); text; data ]

[<RequireQualifiedAccess>]
module SafetensorsLaws =

    let private types =
        [
            torch.float64
            torch.float32
            torch.float16
            torch.bfloat16
            torch.int64
            torch.int32
            torch.int16
            torch.int8
            torch.uint8
            torch.bool
        ]

    /// Arrays of numbers with the type in which they are to be stored.
    let private content: Gen<(string * NumericArray * torch.ScalarType) list * Map<string, string>> =
        gen {
            let! names = Gen.subListOf [ "weight"; "a.b.c"; "ψ \"quoted\""; " "; "0" ]

            let! arrays = Gen.listOfLength names.Length Generate.numericArray
            let! types = Gen.listOfLength names.Length (Gen.elements types)

            let! texts =
                Gen.zip (Gen.elements [ "format"; "note"; "λ" ]) (Gen.elements [ "pt"; ""; "line\nline"; "η \\ \"" ])
                |> Gen.listOf

            return List.zip3 names arrays types, Map.ofList texts
        }

    let private tensorOf (array: NumericArray, dtype: torch.ScalarType) : Tensor =
        Tensors.own (fun () -> (Tensors.ofVector array.Values).reshape(Array.map int64 array.Shape).to_type dtype)

    let private same (a: Tensor) (b: Tensor) : bool =
        a.dtype = b.dtype && a.shape = b.shape && a.eq(b).all().ToBoolean()

    let private roundTrip (content: (string * NumericArray * torch.ScalarType) list, texts: Map<string, string>) =
        use _ = torch.NewDisposeScope()
        use folder = new TemporaryFolder()
        let path = folder.File "tensors.safetensors"

        let tensors =
            content |> List.map (fun (name, array, dtype) -> name, tensorOf (array, dtype))

        Safetensors.write path texts tensors |> Outcome.get
        use back = Safetensors.read path |> Outcome.get

        let answer =
            back.Metadata = texts
            && back.Tensors.Count = tensors.Length
            && tensors |> List.forall (fun (name, tensor) -> same tensor back.Tensors[name])

        for _, tensor in tensors do
            tensor.Dispose()

        answer

    let tests: Test =
        testList "Safetensors laws" [ Law.holds "safetensors: what is written is read back" content roundTrip ]

module SafetensorsTests =

    let private read (folder: TemporaryFolder) (bytes: byte[]) : Outcome<TensorFile> =
        Safetensors.read (folder.Write("a.safetensors", bytes))

    let private refused (folder: TemporaryFolder) (words: string list) (bytes: byte[]) : unit =
        read folder bytes
        |> Expect.error ErrorKind.UnreadableFile ("a.safetensors" :: words)

    let private halves (values: float32 list) : byte[] =
        values
        |> List.map (fun x -> BitConverter.GetBytes(Half.op_Explicit x: Half))
        |> Array.concat

    let tests: Test =
        testList
            "Safetensors"
            [
                testInFolder "A file laid out by hand is read" (fun folder ->
                    let header =
                        """{"__metadata__":{"format":"pt"},"h":{"dtype":"F16","shape":[3],"data_offsets":[16,22]},"x":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]},"flag":{"dtype":"BOOL","shape":[],"data_offsets":[22,23]},"none":{"dtype":"I32","shape":[0,4],"data_offsets":[23,23]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[23,27]}}  """

                    let data =
                        Array.concat
                            [
                                BitConverter.GetBytes 1.5
                                BitConverter.GetBytes -0.1
                                halves [ 0.5f; -2.0f; 65504.0f ]
                                [| 1uy |]
                                // bfloat16: 1 is 3F80, -3.140625 is C049.
                                [| 0x80uy; 0x3Fuy; 0x49uy; 0xC0uy |]
                            ]

                    use file = read folder (SafetensorsBytes.file header data) |> Outcome.get
                    let values name = Tensors.toArray file.Tensors[name]
                    Expect.equal file.Metadata (Map [ "format", "pt" ]) "file.Metadata"
                    Expect.equal (file.Tensors["x"].shape) [| 1L; 2L |] "the shape of file.Tensors['x']"
                    Expect.equal (values "x") [| 1.5; -0.1 |] "values 'x'"
                    Expect.equal (values "h") [| 0.5; -2.0; 65504.0 |] "values 'h'"
                    Expect.equal (file.Tensors["flag"].dtype) torch.bool "file.Tensors['flag'].dtype"
                    Expect.equal (file.Tensors["flag"].shape) [||] "the shape of file.Tensors['flag']"
                    Expect.equal (file.Tensors["none"].shape) [| 0L; 4L |] "the shape of file.Tensors['none']"
                    Expect.equal (file.Tensors["b"].dtype) torch.bfloat16 "file.Tensors['b'].dtype"
                    Expect.equal (values "b") [| 1.0; -3.140625 |] "values 'b'")

                testInFolder "A file is written as the specification lays it out" (fun folder ->
                    let path = folder.File "a.safetensors"
                    use x = Tensors.ofRows 1 [| 1.5; -0.1 |]
                    use n = torch.tensor ([| 7uy |], dtype = torch.uint8)

                    Safetensors.write path (Map [ "format", "pt" ]) [ "n", n; "x", x ]
                    |> Outcome.get

                    let header =
                        """{"__metadata__":{"format":"pt"},"x":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]},"n":{"dtype":"U8","shape":[1],"data_offsets":[16,17]}}"""

                    let padded = header.PadRight((header.Length + 7) / 8 * 8)

                    let data =
                        Array.concat [ BitConverter.GetBytes 1.5; BitConverter.GetBytes -0.1; [| 7uy |] ]

                    Expect.equal (File.ReadAllBytes path) (SafetensorsBytes.file padded data) "the bytes of the file")

                testInFolder "The layout in memory does not change the numbers in the file" (fun folder ->
                    let path = folder.File "a.safetensors"
                    use x = Tensors.ofRows 2 [| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 |]
                    use turned = x.t ()
                    use tail = x.narrow (1L, 1L, 2L)

                    Safetensors.write path Map.empty [ "turned", turned; "tail", tail ]
                    |> Outcome.get

                    use file = Safetensors.read path |> Outcome.get

                    Expect.equal
                        (Tensors.toArray file.Tensors["turned"])
                        [| 1.0; 4.0; 2.0; 5.0; 3.0; 6.0 |]
                        "file.Tensors['turned']"

                    Expect.equal (Tensors.toArray file.Tensors["tail"]) [| 2.0; 3.0; 5.0; 6.0 |] "file.Tensors['tail']")

                testInFolder "A compressed file is read too" (fun folder ->
                    let bytes =
                        SafetensorsBytes.file
                            """{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"""
                            [| 3uy; 4uy |]

                    let zip (bytes: byte[]) =
                        use buffer = new MemoryStream()

                        using (new GZipStream(buffer, CompressionMode.Compress)) (fun zip ->
                            zip.Write(bytes, 0, bytes.Length))

                        buffer.ToArray()

                    use file = read folder (zip bytes) |> Outcome.get
                    Expect.equal (Tensors.toArray file.Tensors["x"]) [| 3.0; 4.0 |] "file.Tensors['x']"
                    zip bytes[.. bytes.Length - 2] |> refused folder [ "2 bytes, but 1 follow" ])

                testInFolder "A file cut short anywhere is refused" (fun folder ->
                    let path = folder.File "a.safetensors"
                    use x = Tensors.ofVector [| 1.0; 2.0; 3.0 |]
                    use n = torch.tensor ([| 7L |], dtype = torch.int64)
                    Safetensors.write path (Map [ "a", "b" ]) [ "x", x; "n", n ] |> Outcome.get
                    let bytes = File.ReadAllBytes path

                    for length in 0 .. bytes.Length - 1 do
                        refused folder [] bytes[.. length - 1]

                    refused folder [ "33 follow" ] (Array.append bytes [| 0uy |]))

                testList
                    "A header that contradicts itself or the data is refused"
                    [
                        for header, words in
                            [
                                """{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}""", "not valid JSON"
                                """[1,2]""", "does not start with '{'"
                                """{"x":[0,8]}""", "not a JSON object"
                                """{"x":{"dtype":"F64","shape":[1]}}""", "no list 'data_offsets'"
                                """{"x":{"dtype":"F64","shape":"1","data_offsets":[0,8]}}""", "no list 'shape'"
                                """{"x":{"shape":[1],"data_offsets":[0,8]}}""", "no 'dtype'"
                                """{"x":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", "F8_E4M3"
                                """{"x":{"dtype":"U16","shape":[4],"data_offsets":[0,8]}}""", "Convert it to one of F64"
                                """{"x":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}}""", "-1"
                                """{"x":{"dtype":"F64","shape":[1.5],"data_offsets":[0,8]}}""", "1.5"
                                """{"x":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}""", "does not fit its offsets"
                                """{"x":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}""", "does not fit its offsets"
                                """{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,4,8]}}""",
                                "does not fit its offsets"
                                """{"x":{"dtype":"F64","shape":[4611686018427387904,4611686018427387904,16],"data_offsets":[0,8]}}""",
                                "does not fit its offsets"
                                """{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""",
                                "overlaps"
                                """{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"U8","shape":[3],"data_offsets":[5,8]}}""",
                                "1 bytes before tensor 'y'"
                                """{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
                                "4 bytes before tensor 'x'"
                                """{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
                                "need 4 bytes, but 8 follow"
                                """{"x":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}""",
                                "need 16 bytes, but 8 follow"
                                """{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
                                "names a tensor twice"
                                """{"__metadata__":{"a":1},"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""",
                                "__metadata__"
                                """{"__metadata__":"a","x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""",
                                "__metadata__"
                            ] do
                            testInFolder header (fun folder ->
                                SafetensorsBytes.file header (Array.zeroCreate 8) |> refused folder [ words ])
                    ]

                testInFolder "A header longer than the file or than the format allows is refused" (fun folder ->
                    Array.append (BitConverter.GetBytes 100UL) "{}"B
                    |> refused folder [ "header of 100 bytes"; "2 follow" ]

                    Array.append (BitConverter.GetBytes UInt64.MaxValue) "{}"B
                    |> refused folder [ "18446744073709551615" ]

                    Array.append (BitConverter.GetBytes 0UL) "{}"B
                    |> refused folder [ "does not start" ])

                testInFolder "A header that is not UTF-8 is refused" (fun folder ->
                    let text =
                        Array.concat
                            [
                                "{\""B
                                [| 0xFFuy; 0xFEuy |]
                                "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"B
                            ]

                    Array.append (BitConverter.GetBytes(uint64 text.Length)) text
                    |> refused folder [])

                testInFolder "Truth values are 0 or 1" (fun folder ->
                    SafetensorsBytes.file """{"x":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}""" [| 1uy; 2uy |]
                    |> refused folder [ "boolean" ])

                testInFolder "What the format does not hold is refused, and the old file stays" (fun folder ->
                    let path = folder.File "a.safetensors"
                    File.WriteAllText(path, "old")
                    use x = Tensors.ofVector [| 1.0 |]
                    use z = torch.complex (x, x)

                    let write tensors =
                        Safetensors.write path Map.empty tensors

                    write [ "z", z ] |> Expect.error ErrorKind.InvalidSetting [ "'z'"; "two parts" ]
                    write [ "x", x; "x", x ] |> Expect.error ErrorKind.InvalidSetting [ "'x'" ]

                    write [ "__metadata__", x ]
                    |> Expect.error ErrorKind.InvalidSetting [ "__metadata__" ]

                    write [ "", x ] |> Expect.error ErrorKind.InvalidSetting [ "no name" ]
                    Expect.equal (File.ReadAllText path) "old" "the text of the file")

                testInFolder "A missing file is missing" (fun folder ->
                    Safetensors.read (folder.File "none")
                    |> Expect.error ErrorKind.MissingFile [ "none" ])

                testInFolder "Reading and writing leave no tensor behind, not even after damage" (fun folder ->
                    let path = folder.File "a.safetensors"

                    use x = Tensors.ofRows 2 [| 1.0; 2.0; 3.0; 4.0 |]
                    use half = x.to_type torch.bfloat16
                    use flags = x.gt (Tensors.num 1.5)
                    let before = live ()

                    Safetensors.write path Map.empty [ "x", x; "half", half; "flags", flags ]
                    |> Outcome.get

                    (Safetensors.read path |> Outcome.get :> IDisposable).Dispose()
                    let bytes = File.ReadAllBytes path
                    // The last tensor in the file is the one of truth values.
                    bytes[bytes.Length - 1] <- 9uy
                    refused folder [ "boolean" ] bytes
                    Expect.equal (live ()) before "live tensors")
            ]
