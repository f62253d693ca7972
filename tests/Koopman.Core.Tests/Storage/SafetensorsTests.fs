namespace Koopman.Tests

open System
open System.IO
open System.IO.Compression
open System.Text
open FsCheck
open FsCheck.FSharp
open Koopman
open TorchSharp
open Xunit

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

        Safetensors.write path texts tensors |> Expect.ok
        use back = Safetensors.read path |> Expect.ok

        let answer =
            back.Metadata = texts
            && back.Tensors.Count = tensors.Length
            && tensors |> List.forall (fun (name, tensor) -> same tensor back.Tensors[name])

        for _, tensor in tensors do
            tensor.Dispose()

        answer

    let all: Law list =
        [ Law.holds "safetensors: what is written is read back" content roundTrip ]

type SafetensorsTests() =

    let folder = new TemporaryFolder()
    let path = folder.File "a.safetensors"

    let read (bytes: byte[]) : Result<TensorFile, KoopmanError> =
        Safetensors.read (folder.Write("a.safetensors", bytes))

    let refused (words: string list) (bytes: byte[]) : unit =
        read bytes |> Expect.error ErrorKind.UnreadableFile ("a.safetensors" :: words)

    let halves (values: float32 list) : byte[] =
        values
        |> List.map (fun x -> BitConverter.GetBytes(Half.op_Explicit x: Half))
        |> Array.concat

    interface IDisposable with
        member _.Dispose() : unit = (folder :> IDisposable).Dispose()

    [<Fact>]
    member _.``A file laid out by hand is read``() : unit =
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

        use file = read (SafetensorsBytes.file header data) |> Expect.ok
        let values name = Tensors.toArray file.Tensors[name]
        Assert.Equal<Map<string, string>>(Map [ "format", "pt" ], file.Metadata)
        Assert.Equal<int64[]>([| 1L; 2L |], file.Tensors["x"].shape)
        Assert.Equal<float[]>([| 1.5; -0.1 |], values "x")
        Assert.Equal<float[]>([| 0.5; -2.0; 65504.0 |], values "h")
        Assert.Equal(torch.bool, file.Tensors["flag"].dtype)
        Assert.Equal<int64[]>([||], file.Tensors["flag"].shape)
        Assert.Equal<int64[]>([| 0L; 4L |], file.Tensors["none"].shape)
        Assert.Equal(torch.bfloat16, file.Tensors["b"].dtype)
        Assert.Equal<float[]>([| 1.0; -3.140625 |], values "b")

    [<Fact>]
    member _.``A file is written as the specification lays it out``() : unit =
        use x = Tensors.ofRows 1 [| 1.5; -0.1 |]
        use n = torch.tensor ([| 7uy |], dtype = torch.uint8)
        Safetensors.write path (Map [ "format", "pt" ]) [ "n", n; "x", x ] |> Expect.ok

        let header =
            """{"__metadata__":{"format":"pt"},"x":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]},"n":{"dtype":"U8","shape":[1],"data_offsets":[16,17]}}"""

        let padded = header.PadRight((header.Length + 7) / 8 * 8)

        let data =
            Array.concat [ BitConverter.GetBytes 1.5; BitConverter.GetBytes -0.1; [| 7uy |] ]

        Assert.Equal<byte[]>(SafetensorsBytes.file padded data, File.ReadAllBytes path)

    [<Fact>]
    member _.``The layout in memory does not change the numbers in the file``() : unit =
        use x = Tensors.ofRows 2 [| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 |]
        use turned = x.t ()
        use tail = x.narrow (1L, 1L, 2L)
        Safetensors.write path Map.empty [ "turned", turned; "tail", tail ] |> Expect.ok
        use file = Safetensors.read path |> Expect.ok
        Assert.Equal<float[]>([| 1.0; 4.0; 2.0; 5.0; 3.0; 6.0 |], Tensors.toArray file.Tensors["turned"])
        Assert.Equal<float[]>([| 2.0; 3.0; 5.0; 6.0 |], Tensors.toArray file.Tensors["tail"])

    [<Fact>]
    member _.``A compressed file is read too``() : unit =
        let bytes =
            SafetensorsBytes.file """{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""" [| 3uy; 4uy |]

        let zip (bytes: byte[]) =
            use buffer = new MemoryStream()
            using (new GZipStream(buffer, CompressionMode.Compress)) (fun zip -> zip.Write(bytes, 0, bytes.Length))
            buffer.ToArray()

        use file = read (zip bytes) |> Expect.ok
        Assert.Equal<float[]>([| 3.0; 4.0 |], Tensors.toArray file.Tensors["x"])
        zip bytes[.. bytes.Length - 2] |> refused [ "2 bytes, but 1 follow" ]

    [<Fact>]
    member _.``A file cut short anywhere is refused``() : unit =
        use x = Tensors.ofVector [| 1.0; 2.0; 3.0 |]
        use n = torch.tensor ([| 7L |], dtype = torch.int64)
        Safetensors.write path (Map [ "a", "b" ]) [ "x", x; "n", n ] |> Expect.ok
        let bytes = File.ReadAllBytes path

        for length in 0 .. bytes.Length - 1 do
            refused [] bytes[.. length - 1]

        refused [ "33 follow" ] (Array.append bytes [| 0uy |])

    [<Theory>]
    [<InlineData("""{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}""", "not valid JSON")>]
    [<InlineData("""[1,2]""", "does not start with '{'")>]
    [<InlineData("""{"x":[0,8]}""", "no JSON object")>]
    [<InlineData("""{"x":{"dtype":"F64","shape":[1]}}""", "no list 'data_offsets'")>]
    [<InlineData("""{"x":{"dtype":"F64","shape":"1","data_offsets":[0,8]}}""", "no list 'shape'")>]
    [<InlineData("""{"x":{"shape":[1],"data_offsets":[0,8]}}""", "no 'dtype'")>]
    [<InlineData("""{"x":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", "F8_E4M3")>]
    [<InlineData("""{"x":{"dtype":"U16","shape":[4],"data_offsets":[0,8]}}""", "Convert it to one of F64")>]
    [<InlineData("""{"x":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}}""", "-1")>]
    [<InlineData("""{"x":{"dtype":"F64","shape":[1.5],"data_offsets":[0,8]}}""", "1.5")>]
    [<InlineData("""{"x":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}""", "does not fit its offsets")>]
    [<InlineData("""{"x":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}""", "does not fit its offsets")>]
    [<InlineData("""{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,4,8]}}""", "does not fit its offsets")>]
    [<InlineData("""{"x":{"dtype":"F64","shape":[4611686018427387904,4611686018427387904,16],"data_offsets":[0,8]}}""",
                 "does not fit its offsets")>]
    [<InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""",
                 "overlaps")>]
    [<InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"U8","shape":[3],"data_offsets":[5,8]}}""",
                 "1 bytes before tensor 'y'")>]
    [<InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "4 bytes before tensor 'x'")>]
    [<InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "need 4 bytes, but 8 follow")>]
    [<InlineData("""{"x":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}""", "need 16 bytes, but 8 follow")>]
    [<InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
                 "names a tensor twice")>]
    [<InlineData("""{"__metadata__":{"a":1},"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", "__metadata__")>]
    [<InlineData("""{"__metadata__":"a","x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", "__metadata__")>]
    member _.``A header that contradicts itself or the data is refused`` (header: string) (words: string) : unit =
        SafetensorsBytes.file header (Array.zeroCreate 8) |> refused [ words ]

    [<Fact>]
    member _.``A header longer than the file or than the format allows is refused``() : unit =
        Array.append (BitConverter.GetBytes 100UL) "{}"B
        |> refused [ "header of 100 bytes"; "2 follow" ]

        Array.append (BitConverter.GetBytes UInt64.MaxValue) "{}"B
        |> refused [ "18446744073709551615" ]

        Array.append (BitConverter.GetBytes 0UL) "{}"B |> refused [ "does not start" ]

    [<Fact>]
    member _.``A header that is not UTF-8 is refused``() : unit =
        let text =
            Array.concat
                [
                    "{\""B
                    [| 0xFFuy; 0xFEuy |]
                    "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"B
                ]

        Array.append (BitConverter.GetBytes(uint64 text.Length)) text |> refused []

    [<Fact>]
    member _.``Truth values are 0 or 1``() : unit =
        SafetensorsBytes.file """{"x":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}""" [| 1uy; 2uy |]
        |> refused [ "truth values" ]

    [<Fact>]
    member _.``What the format does not hold is refused, and the old file stays``() : unit =
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
        Assert.Equal("old", File.ReadAllText path)

    [<Fact>]
    member _.``A missing file is missing``() : unit =
        Safetensors.read (folder.File "none")
        |> Expect.error ErrorKind.MissingFile [ "none" ]

    [<Fact>]
    member _.``Reading and writing leave no tensor behind, not even after damage``() : unit =
        let live () =
            DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

        use x = Tensors.ofRows 2 [| 1.0; 2.0; 3.0; 4.0 |]
        use half = x.to_type torch.bfloat16
        use flags = x.gt (Tensors.num 1.5)
        let before = live ()

        Safetensors.write path Map.empty [ "x", x; "half", half; "flags", flags ]
        |> Expect.ok

        (Safetensors.read path |> Expect.ok :> IDisposable).Dispose()
        let bytes = File.ReadAllBytes path
        // The last tensor in the file is the one of truth values.
        bytes[bytes.Length - 1] <- 9uy
        refused [ "truth values" ] bytes
        Assert.Equal(before, live ())
