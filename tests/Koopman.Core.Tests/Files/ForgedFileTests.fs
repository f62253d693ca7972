namespace Koopman.Tests

open System
open System.Text.Json.Nodes
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows
open Koopman.Latents

/// Files with a right checksum whose tensors do not fit one another: an error when they are read, or an exception when they are used; never other
/// numbers, and never the end of the process.
module ForgedFileTests =

    let private points: float[,] =
        Array2D.init 60 2 (fun i j -> sin (float (1 + i * (j + 2))))

    let private data () : Samples = Samples.ofArray2D points |> Outcome.get

    /// Reads a file and uses all that is in it on points (n, 2).
    type private Use = string -> Tensor -> Outcome<unit>

    let private loading (load: string -> Outcome<'T>) (work: 'T -> Tensor -> Tensor) : Use when 'T :> IDisposable =
        fun path x ->
            load path
            |> Result.map (fun model ->
                use model = model
                (work model x).sum().ToDouble() |> ignore)

    /// The centres say themselves how many functions there are: one fewer is another dictionary, and a right one.
    let private free: string * int64 = "observables.centres", 0L

    let private kinds: (string * (string -> unit) * Use) list =
        [
            "observables",
            (fun path ->
                use data = data ()
                use made = Observables.gaussiansOver Observables.automatic data |> Outcome.get
                Observables.save path made |> Outcome.get),
            loading Observables.load (fun made x -> made.Partial(x, 0))

            "a spectrum",
            (fun path ->
                use data = data ()
                use made = Observables.gaussiansOver Observables.automatic data |> Outcome.get
                use spectrum = Langevin.fit Langevin.defaults made data |> Outcome.get
                Spectrum.save path spectrum |> Outcome.get),
            loading Spectrum.load (fun spectrum x -> spectrum.Gradients x)

            "a velocity field",
            (fun path ->
                use net =
                    Net.mlp { Net.mlpDefaults with Widths = [ 5 ] } (Seed.ofInt 1) 2 2
                    |> Outcome.get

                use velocity = VelocityField.ofNet net |> Outcome.get
                VelocityField.save path velocity |> Outcome.get),
            loading VelocityField.load (fun velocity x -> velocity.At(0.5, x.to_type torch.float32))

            "a lift",
            (fun path ->
                use lift =
                    LinearFlow.create
                        { LinearFlow.defaults with
                            Features = 6
                        }
                        (Seed.ofInt 1)
                        2
                    |> Outcome.get

                LinearFlow.save path lift |> Outcome.get),
            loading LinearFlow.load (fun lift x ->
                use sampler = OneStep.create lift
                OneStep.sample sampler (x.to_type torch.float32) |> Outcome.get)

            "a latent map",
            (fun path ->
                use data = data ()
                use pca = Pca.fit 1 data |> Outcome.get
                use map = LatentMap.ofPca pca |> LatentMap.whitened data |> Outcome.get
                LatentMap.save path map |> Outcome.get),
            loading LatentMap.load (fun map x -> map.Decode(map.Encode x))
        ]

    /// Writes the file again with one tensor a row or a column short; false if it has none to spare.
    let private shorten (path: string) (forged: string) (name: string) (axis: int64) : bool =
        use checkpoint = Checkpoint.read path |> Outcome.get
        use _ = torch.NewDisposeScope()

        match Map.tryFind name checkpoint.Tensors with
        | Some tensor when tensor.dim () > axis && tensor.shape[int axis] > 0L ->
            let cut (t: Tensor) =
                t.narrow(axis, 0L, t.shape[int axis] - 1L).contiguous()

            let tensors =
                [
                    for KeyValue(other, t) in checkpoint.Tensors -> other, (if other = name then cut t else t)
                ]

            Checkpoint.write forged checkpoint.Kind checkpoint.Schema checkpoint.Options tensors
            |> Outcome.get

            true
        | _ -> false

    /// Writes the file again with each of its tensors changed in turn, and expects every one of these files to be refused with nothing left behind.
    let private refuseEach (path: string) (forged: string) (load: string -> Outcome<'T>) (change: Tensor -> Tensor) =
        use checkpoint = Checkpoint.read path |> Outcome.get

        for KeyValue(name, tensor) in checkpoint.Tensors do
            use changed = change tensor

            Checkpoint.write
                forged
                checkpoint.Kind
                checkpoint.Schema
                checkpoint.Options
                (Map.toList (checkpoint.Tensors.Add(name, changed)))
            |> Outcome.get

            let before = live ()

            load forged |> Expect.error ErrorKind.CheckpointMismatch []

            Expect.equal (live ()) before $"tensors that live after {name}"

    /// Reads observables whose settings were changed by hand.
    let private forgedObservables (folder: TemporaryFolder) (make: unit -> Observables) (change: JsonNode -> unit) =
        let path, forged = folder.File "model.safetensors", folder.File "forged.safetensors"

        using (make ()) (Observables.save path >> Outcome.get)
        use checkpoint = Checkpoint.read path |> Outcome.get
        change (nonNull checkpoint.Options["observables"])

        Checkpoint.write forged checkpoint.Kind checkpoint.Schema checkpoint.Options (Map.toList checkpoint.Tensors)
        |> Outcome.get

        let before = live ()
        let loaded = Observables.load forged
        Expect.equal (live ()) before "tensors that live"
        loaded

    /// Writes what a kind makes, with its settings changed by hand and its checksum right again, and says what reading makes of it.
    let private withSettings (folder: TemporaryFolder) (kind: string) (change: JsonObject -> unit) : Outcome<unit> =
        let path, forged = folder.File "model.safetensors", folder.File "forged.safetensors"
        let _, make, load = kinds |> List.find (fun (name, _, _) -> name = kind)
        make path
        use checkpoint = Checkpoint.read path |> Outcome.get
        change checkpoint.Options

        Checkpoint.write forged checkpoint.Kind checkpoint.Schema checkpoint.Options (Map.toList checkpoint.Tensors)
        |> Outcome.get

        use x = torch.tensor points
        load forged x

    let tests: Test =
        testList
            "Forged files"
            [
                for kind, make, load in kinds do
                    testInFolder kind (fun folder ->
                        let path, forged = folder.File "model.safetensors", folder.File "forged.safetensors"
                        make path
                        use x = torch.tensor points
                        load path x |> Outcome.get

                        let names =
                            use checkpoint = Checkpoint.read path |> Outcome.get
                            [ for KeyValue(name, _) in checkpoint.Tensors -> name ]

                        for name in names do
                            for axis in [ 0L; 1L ] do
                                if
                                    not (kind = "observables" && (name, axis) = free)
                                    && shorten path forged name axis
                                then
                                    let refused =
                                        try
                                            (load forged x).IsError
                                        with _ ->
                                            true

                                    Expect.isTrue refused $"{name} one short along axis {axis}")

                for field, value in
                    [
                        "widths", "[1000000000]"
                        "widths", "[5, 5]"
                        "widths", "[]"
                        "widths", "[-5]"
                        "dimension", "2000000000"
                        "outputs", "0"
                        "classes", "1000000000"
                        "double", "true"
                        "activation", "\"7\""
                    ] do
                    testInFolder
                        $"a velocity field whose {field} is {value} is refused before anything is made"
                        (fun folder ->
                            let before = live ()

                            withSettings folder "a velocity field" (fun settings ->
                                (nonNull settings["network"])[field] <- JsonNode.Parse value)
                            |> Expect.error ErrorKind.CheckpointMismatch []

                            Expect.equal (live ()) before "tensors that live")

                for name, make in Stored.dictionaries do
                    testInFolder $"{name} of tensors of another type or shape" (fun folder ->
                        let path, forged = folder.File "model.safetensors", folder.File "forged.safetensors"
                        using (make ()) (Observables.save path >> Outcome.get)
                        refuseEach path forged Observables.load (fun tensor -> tensor.to_type torch.int32)
                        refuseEach path forged Observables.load (fun tensor -> tensor.unsqueeze 0L))

                testInFolder "an autoencoder of tensors of another type or shape" (fun folder ->
                    let path, forged = folder.File "model.safetensors", folder.File "forged.safetensors"
                    use data = data ()

                    let options =
                        { Autoencoder.defaults with
                            Network =
                                { Autoencoder.network with
                                    Latents = 1
                                    Widths = [ 4 ]
                                }
                            Descent =
                                { Autoencoder.defaults.Descent with
                                    Steps = 1
                                }
                        }

                    use map = Autoencoder.train Control.none options (Seed.ofInt 1) data |> Outcome.get
                    LatentMap.save path map |> Outcome.get
                    refuseEach path forged LatentMap.load (fun tensor -> tensor.to_type torch.float32)
                    refuseEach path forged LatentMap.load (fun tensor -> tensor.unsqueeze 0L))

                for name, field, value in
                    [
                        "Gaussians", "width", "-1.0"
                        "coordinates", "dimension", "0"
                        "Hermite polynomials", "family", "\"Chebyshev\""
                        "delays", "blocks", "2000000000"
                        "random Fourier features", "nested", "100"
                        "random Fourier features", "amplitude", "\"NaN\""
                        "a learned dictionary with tanh", "layers", "2000000000"
                        "polynomial kernel (0.3 x·y + 1.1)^3", "parameters", "[1.5, 0.3, 1.1]"
                    ] do
                    testInFolder $"{name} whose {field} is {value}" (fun folder ->
                        let make = Stored.dictionaries |> List.find (fun (other, _) -> other = name) |> snd

                        forgedObservables folder make (fun recipe ->
                            (nonNull recipe["settings"])[field] <- JsonNode.Parse value)
                        |> Expect.error ErrorKind.CheckpointMismatch [])

                testInFolder "settings keep the names that earlier files have" (fun folder ->
                    let path = folder.File "model.safetensors"
                    let inner = Observables.randomFourier 4 0.5 (Seed.ofInt 1) 2 |> Outcome.get
                    use made = Observables.onDelays 2 inner |> Outcome.get
                    Observables.save path made |> Outcome.get
                    use checkpoint = Checkpoint.read path |> Outcome.get

                    Expect.equal
                        (checkpoint.Options.ToJsonString())
                        ("{\"observables\":{\"kind\":\"delays\",\"settings\":{\"blocks\":2},\"parts\":[{\"name\":\"inner\",\"recipe\":"
                         + "{\"kind\":\"waves\",\"settings\":{\"constant\":false,\"nested\":2,\"amplitude\":0.5,"
                         + "\"description\":\"8 random Fourier features of width 0.5\",\"length\":0.5},\"parts\":[]}}]}}")
                        "the settings")

                testInFolder "settings that give a name twice are refused" (fun folder ->
                    let path = folder.File "state.safetensors"

                    RunState.save
                        path
                        {
                            Kind = "training"
                            StartedWith = [ "Steps", "3" ]
                            Tensors = []
                            Numbers = [ "step", 1.0 ]
                        }
                    |> Outcome.get

                    /// Reads the state again after these settings were put in its place, under a right checksum.
                    let reading (settings: string) : Outcome<(string * float) list> =
                        let metadata =
                            use file = Safetensors.read path |> Outcome.get
                            file.Metadata.Remove("koopman.sha256").Add("koopman.options", settings)

                        let bytes =
                            [|
                                for KeyValue(name, value) in metadata do
                                    for text in [ name; value ] do
                                        let bytes = Text.Encoding.UTF8.GetBytes text
                                        yield! BitConverter.GetBytes bytes.Length
                                        yield! bytes
                            |]

                        let hash = Convert.ToHexStringLower(Security.Cryptography.SHA256.HashData bytes)

                        Safetensors.write path (metadata.Add("koopman.sha256", hash)) [] |> Outcome.get
                        RunState.load path |> Result.map _.Numbers

                    Expect.equal
                        (reading """{"of":"training","facts":{},"numbers":{"step":2}}""" |> Outcome.get)
                        [ "step", 2.0 ]
                        "a right file"

                    for settings in
                        [
                            """{"of":"training","of":"training","facts":{},"numbers":{"step":2}}"""
                            """{"of":"training","facts":{},"numbers":{"step":2,"step":3}}"""
                            """{"of":"training","facts":{"Steps":"2","Steps":"3"},"numbers":{"step":2}}"""
                        ] do
                        reading settings |> Expect.error ErrorKind.UnreadableFile []

                    reading """{"of":"training","facts":{},"numbers":{"step":"two"}}"""
                    |> Expect.error ErrorKind.CheckpointMismatch [ "step" ]

                    reading """{"of":"training","facts":{"Steps":3},"numbers":{"step":2}}"""
                    |> Expect.error ErrorKind.CheckpointMismatch [ "Steps" ]

                    reading """{"of":"training","numbers":{"step":2}}"""
                    |> Expect.error ErrorKind.CheckpointMismatch [ "facts" ])

                testInFolder "a spectrum whose eigenvalue lost a part is refused" (fun folder ->
                    withSettings folder "a spectrum" (fun settings ->
                        let modes = nonNull settings["modes"]
                        let mode = nonNull modes[0]
                        mode["eigenvalue"] <- JsonNode.Parse "[1.0]")
                    |> Expect.error ErrorKind.CheckpointMismatch [ "eigenvalue" ])
            ]
