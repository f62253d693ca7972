namespace Koopman.Tests

open System
open System.IO
open System.Text.Json.Nodes
open Expecto
open Koopman
open TorchSharp

module CheckpointTests =

    let private options () : JsonObject =
        let node = JsonObject()
        node.Add("steps", JsonValue.Create 7)
        node.Add("name", JsonValue.Create "ψ \"x\"")
        node

    let private save (path: string) : unit =
        use x = Tensors.ofRows 2 [| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 |]
        use turned = x.t ()

        Checkpoint.write path "test" 2 (options ()) [ "x", x; "turned", turned ]
        |> Outcome.get

    let tests: Test =
        testList
            "Checkpoint"
            [
                testInFolder "What is written is read back, with kind, layout and library" (fun folder ->
                    let path = folder.File "model.safetensors"
                    save path
                    use back = Checkpoint.readKind "test" 2 path |> Outcome.get
                    Expect.equal back.Kind "test" "back.Kind"
                    Expect.equal back.Schema 2 "back.Schema"
                    Expect.equal back.Library Checkpoint.library "back.Library"
                    Expect.isMatch back.Library @"^\d+\.\d+\.\d+" "back.Library"

                    Expect.isTrue (JsonNode.DeepEquals(options (), back.Options)) "the options are the same"

                    Expect.equal
                        (Tensors.toArray back.Tensors["turned"])
                        [| 1.0; 4.0; 2.0; 5.0; 3.0; 6.0 |]
                        "back.Tensors['turned']"
                    // Products round by the layout in memory, so that it is kept.
                    Expect.equal (back.Tensors["turned"].stride()) [| 1L; 3L |] "back.Tensors['turned'].stride()"
                    Expect.isTrue (back.Tensors["x"].is_contiguous()) "back.Tensors['x'].is_contiguous()")

                testInFolder "The same content gives the same bytes" (fun folder ->
                    let path = folder.File "model.safetensors"
                    save path
                    let first = File.ReadAllBytes path
                    save path
                    Expect.equal (File.ReadAllBytes path) first "the bytes of the file")

                testInFolder "A change of any byte is noticed" (fun folder ->
                    let path = folder.File "model.safetensors"
                    save path
                    let bytes = File.ReadAllBytes path

                    for place in 0 .. bytes.Length - 1 do
                        let changed = Array.copy bytes
                        changed[place] <- changed[place] ^^^ 1uy

                        match Checkpoint.read (folder.Write("changed", changed)) with
                        | Error error -> Expect.equal error.Kind ErrorKind.UnreadableFile "the kind of the error"
                        | Ok back ->
                            (back :> IDisposable).Dispose()
                            failtest $"byte {place} of {bytes.Length} was changed, and the file is read all the same")

                testInFolder "Changed numbers and changed settings are named as such" (fun folder ->
                    let path = folder.File "model.safetensors"
                    save path
                    let bytes = File.ReadAllBytes path
                    bytes[bytes.Length - 1] <- bytes[bytes.Length - 1] ^^^ 0x80uy

                    Checkpoint.read (folder.Write("changed", bytes))
                    |> Expect.error ErrorKind.UnreadableFile [ "checksum"; "Copy it again" ]

                    use file = Safetensors.read path |> Outcome.get

                    Safetensors.write path (file.Metadata.Add("koopman.kind", "spectrum")) (Map.toList file.Tensors)
                    |> Outcome.get

                    Checkpoint.read path |> Expect.error ErrorKind.UnreadableFile [ "checksum" ])

                testInFolder "Another kind and a newer layout are refused, an older layout is handed on" (fun folder ->
                    let path = folder.File "model.safetensors"
                    save path

                    Checkpoint.readKind "spectrum" 2 path
                    |> Expect.error ErrorKind.CheckpointMismatch [ "holds a test, not a spectrum" ]

                    Checkpoint.readKind "test" 1 path
                    |> Expect.error ErrorKind.CheckpointMismatch [ "layout 2"; "up to 1"; "newer one" ]

                    use older = Checkpoint.readKind "test" 3 path |> Outcome.get
                    Expect.equal older.Schema 2 "older.Schema")

                testInFolder "A tensor that is not there is named" (fun folder ->
                    let path = folder.File "model.safetensors"
                    save path
                    use back = Checkpoint.read path |> Outcome.get

                    back.Tensor "bias"
                    |> Expect.error ErrorKind.CheckpointMismatch [ "test"; "'bias'" ])

                testInFolder "Files of others are refused" (fun folder ->
                    let path = folder.File "model.safetensors"
                    use x = Tensors.ofVector [| 1.0 |]
                    Safetensors.write path (Map [ "format", "pt" ]) [ "x", x ] |> Outcome.get

                    Checkpoint.read path
                    |> Expect.error ErrorKind.UnreadableFile [ "not one of this library" ]

                    Checkpoint.read (folder.Write("text", "eigenvalues: 1, 2, 3"))
                    |> Expect.error ErrorKind.UnreadableFile [ "not a safetensors file" ]

                    Checkpoint.read (folder.File "none")
                    |> Expect.error ErrorKind.MissingFile [ "none" ])

                testInFolder "A write that fails leaves the old file" (fun folder ->
                    let path = folder.File "model.safetensors"
                    save path
                    let before = File.ReadAllBytes path
                    use x = Tensors.ofVector [| 1.0 |]
                    use z = torch.complex (x, x)

                    Checkpoint.write path "test" 1 (options ()) [ "z", z ]
                    |> Expect.error ErrorKind.InvalidSetting [ "'z'" ]

                    Expect.equal (File.ReadAllBytes path) before "the bytes of the file"

                    Checkpoint.write (folder.File "no/such/folder") "test" 1 (options ()) [ "x", x ]
                    |> Expect.error ErrorKind.UnwritableFile [ "folder does not exist" ]

                    Expect.equal folder.Names [ "model.safetensors" ] "the files in the folder")

                testInFolder "Checkpoints leave no tensor behind" (fun folder ->
                    let path = folder.File "model.safetensors"

                    let before = live ()
                    save path
                    (Checkpoint.read path |> Outcome.get :> IDisposable).Dispose()

                    Checkpoint.readKind "other" 1 path
                    |> Expect.error ErrorKind.CheckpointMismatch []

                    let bytes = File.ReadAllBytes path
                    bytes[bytes.Length - 1] <- 1uy

                    Checkpoint.read (folder.Write("changed", bytes))
                    |> Expect.error ErrorKind.UnreadableFile []

                    Expect.equal (live ()) before "live tensors")
            ]
