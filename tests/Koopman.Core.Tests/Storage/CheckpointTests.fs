namespace Koopman.Tests

open System
open System.IO
open System.Text.Json.Nodes
open Koopman
open TorchSharp
open Xunit

type CheckpointTests() =

    let folder = new TemporaryFolder()
    let path = folder.File "model.safetensors"

    let options () : JsonObject =
        let node = JsonObject()
        node.Add("steps", JsonValue.Create 7)
        node.Add("name", JsonValue.Create "ψ \"x\"")
        node

    let save () : unit =
        use x = Tensors.ofRows 2 [| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 |]
        use turned = x.t ()

        Checkpoint.write path "test" 2 (options ()) [ "x", x; "turned", turned ]
        |> Expect.ok

    interface IDisposable with
        member _.Dispose() : unit = (folder :> IDisposable).Dispose()

    [<Fact>]
    member _.``What is written is read back, with kind, layout and library``() : unit =
        save ()
        use back = Checkpoint.readKind "test" 2 path |> Expect.ok
        Assert.Equal("test", back.Kind)
        Assert.Equal(2, back.Schema)
        Assert.Equal(Checkpoint.library, back.Library)
        Assert.Matches(@"^\d+\.\d+\.\d+", back.Library)
        Assert.True(JsonNode.DeepEquals(options (), back.Options))
        Assert.Equal<float[]>([| 1.0; 4.0; 2.0; 5.0; 3.0; 6.0 |], Tensors.toArray back.Tensors["turned"])
        // Products round by the layout in memory, so that it is kept.
        Assert.Equal<int64[]>([| 1L; 3L |], back.Tensors["turned"].stride())
        Assert.True(back.Tensors["x"].is_contiguous())

    [<Fact>]
    member _.``The same content gives the same bytes``() : unit =
        save ()
        let first = File.ReadAllBytes path
        save ()
        Assert.Equal<byte[]>(first, File.ReadAllBytes path)

    [<Fact>]
    member _.``A change of any byte is noticed``() : unit =
        save ()
        let bytes = File.ReadAllBytes path

        for place in 0 .. bytes.Length - 1 do
            let changed = Array.copy bytes
            changed[place] <- changed[place] ^^^ 1uy

            match Checkpoint.read (folder.Write("changed", changed)) with
            | Error error -> Assert.Equal(ErrorKind.UnreadableFile, error.Kind)
            | Ok back ->
                (back :> IDisposable).Dispose()
                Assert.Fail $"byte {place} of {bytes.Length} was changed, and the file is read all the same"

    [<Fact>]
    member _.``Changed numbers and changed settings are named as such``() : unit =
        save ()
        let bytes = File.ReadAllBytes path
        bytes[bytes.Length - 1] <- bytes[bytes.Length - 1] ^^^ 0x80uy

        Checkpoint.read (folder.Write("changed", bytes))
        |> Expect.error ErrorKind.UnreadableFile [ "checksum"; "Copy it again" ]

        use file = Safetensors.read path |> Expect.ok

        Safetensors.write path (file.Metadata.Add("koopman.kind", "spectrum")) (Map.toList file.Tensors)
        |> Expect.ok

        Checkpoint.read path |> Expect.error ErrorKind.UnreadableFile [ "checksum" ]

    [<Fact>]
    member _.``Another kind and a newer layout are refused, an older layout is handed on``() : unit =
        save ()

        Checkpoint.readKind "spectrum" 2 path
        |> Expect.error ErrorKind.CheckpointMismatch [ "holds a test, not a spectrum" ]

        Checkpoint.readKind "test" 1 path
        |> Expect.error ErrorKind.CheckpointMismatch [ "layout 2"; "up to 1"; "newer one" ]

        use older = Checkpoint.readKind "test" 3 path |> Expect.ok
        Assert.Equal(2, older.Schema)

    [<Fact>]
    member _.``A tensor that is not there is named``() : unit =
        save ()
        use back = Checkpoint.read path |> Expect.ok

        back.Tensor "bias"
        |> Expect.error ErrorKind.CheckpointMismatch [ "test"; "'bias'" ]

    [<Fact>]
    member _.``Files of others are refused``() : unit =
        use x = Tensors.ofVector [| 1.0 |]
        Safetensors.write path (Map [ "format", "pt" ]) [ "x", x ] |> Expect.ok

        Checkpoint.read path
        |> Expect.error ErrorKind.UnreadableFile [ "not one of this library" ]

        Checkpoint.read (folder.Write("text", "eigenvalues: 1, 2, 3"))
        |> Expect.error ErrorKind.UnreadableFile [ "no safetensors file" ]

        Checkpoint.read (folder.File "none")
        |> Expect.error ErrorKind.MissingFile [ "none" ]

    [<Fact>]
    member _.``A write that fails leaves the old file``() : unit =
        save ()
        let before = File.ReadAllBytes path
        use x = Tensors.ofVector [| 1.0 |]
        use z = torch.complex (x, x)

        Checkpoint.write path "test" 1 (options ()) [ "z", z ]
        |> Expect.error ErrorKind.InvalidSetting [ "'z'" ]

        Assert.Equal<byte[]>(before, File.ReadAllBytes path)

        Checkpoint.write (folder.File "no/such/folder") "test" 1 (options ()) [ "x", x ]
        |> Expect.error ErrorKind.UnwritableFile [ "folder does not exist" ]

        Assert.Equal<string list>([ "model.safetensors" ], folder.Names)

    [<Fact>]
    member _.``Checkpoints leave no tensor behind``() : unit =
        let live () =
            DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

        let before = live ()
        save ()
        (Checkpoint.read path |> Expect.ok :> IDisposable).Dispose()

        Checkpoint.readKind "other" 1 path
        |> Expect.error ErrorKind.CheckpointMismatch []

        let bytes = File.ReadAllBytes path
        bytes[bytes.Length - 1] <- 1uy

        Checkpoint.read (folder.Write("changed", bytes))
        |> Expect.error ErrorKind.UnreadableFile []

        Assert.Equal(before, live ())
