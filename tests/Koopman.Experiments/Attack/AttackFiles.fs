namespace Koopman.Experiments

open System
open System.IO
open System.IO.Compression
open System.Text.Json.Nodes
open Koopman
open Koopman.Formats
open Koopman.Flows
open Koopman.Latents
open Koopman.Learning
open Koopman.Particles
open TorchSharp

/// <summary>A file of one kind, as the library or another program writes it, and what reads it.</summary>
[<NoComparison; NoEquality>]
type AttackFile =
    {
        /// <summary>The name, with its ending.</summary>
        Name: string
        /// <summary>The content before anything happens to it.</summary>
        Content: byte[]
        /// <summary>Reads the file and frees what it gives.</summary>
        Read: string -> Outcome<unit>
        /// <summary>True if the content carries a checksum, which a cleverer attacker makes again.</summary>
        IsSigned: bool
    }

/// <summary>Files of every kind that the library reads, and changes of them.</summary>
[<RequireQualifiedAccess>]
module AttackFiles =

    let private options: ReadOptions =
        { Dataset.defaults with
            Formats = FileFormats.all
        }

    let private disposed (outcome: Outcome<'T>) : Outcome<unit> when 'T :> IDisposable =
        outcome |> Result.map (fun value -> (value :> IDisposable).Dispose())

    let private readData (path: string) : Outcome<unit> =
        Dataset.readWith options path
        |> Result.map (fun (struct (dataset, _)) -> (dataset :> IDisposable).Dispose())

    let private times: float[] = [| for k in 0..39 -> 0.1 * float k |]

    let private states: float[] =
        times
        |> Array.collect (fun t -> [| exp (-0.1 * t) * cos t; exp (-0.1 * t) * sin t |])

    let private table: string =
        times
        |> Array.mapi (fun k t -> $"{t:R},{states[2 * k]:R},{states[2 * k + 1]:R}")
        |> Array.append [| "time,a,b" |]
        |> String.concat "\n"

    let private parquet (path: string) : unit =
        use stream = File.Create path
        let field = Parquet.Schema.DataField<float> "a"
        let schema = Parquet.Schema.ParquetSchema([| field :> Parquet.Schema.Field |])

        let writer =
            Parquet.ParquetWriter.CreateAsync(schema, stream).GetAwaiter().GetResult()

        (use group = writer.CreateRowGroup()
         group.WriteAsync<float>(field, ReadOnlyMemory times).GetAwaiter().GetResult())

        writer.DisposeAsync().AsTask().GetAwaiter().GetResult()

    let private arrow (path: string) : unit =
        use stream = File.Create path

        use batch =
            Apache.Arrow.RecordBatch
                .Builder()
                .Append("a", false, fun columns -> columns.Double(fun array -> array.AppendRange times |> ignore))
                .Append(
                    "words",
                    false,
                    fun columns ->
                        columns.String(fun array ->
                            array.AppendRange(times |> Array.map (fun t -> $"w{int t}")) |> ignore)
                )
                .Build()

        use writer = new Apache.Arrow.Ipc.ArrowFileWriter(stream, batch.Schema)
        writer.WriteRecordBatch batch
        writer.WriteEnd()

    let private hdf (path: string) : unit =
        let file = PureHDF.H5File()
        file.Add("x", Array2D.init 40 2 (fun i j -> states[2 * i + j]))
        file.Add("times", times)
        file.Write path

    /// A level 5 MAT-file with one compressed matrix.
    let private mat (path: string) : unit =
        let element (kind: int) (bytes: byte[]) =
            Array.concat
                [
                    BitConverter.GetBytes kind
                    BitConverter.GetBytes bytes.Length
                    bytes
                    Array.zeroCreate ((8 - bytes.Length % 8) % 8)
                ]

        let matrix =
            Array.concat
                [
                    element 6 (Array.append (BitConverter.GetBytes 6) (BitConverter.GetBytes 0))
                    element 5 (Array.append (BitConverter.GetBytes 40) (BitConverter.GetBytes 2))
                    element 1 "x"B
                    element 9 (states |> Array.collect BitConverter.GetBytes)
                ]
            |> element 14

        use packed = new MemoryStream()
        using (new ZLibStream(packed, CompressionLevel.Optimal, true)) (fun stream -> stream.Write(ReadOnlySpan matrix))
        let header = "MATLAB 5.0 MAT-file".PadRight 116

        File.WriteAllBytes(
            path,
            Array.concat
                [
                    Text.Encoding.ASCII.GetBytes header
                    Array.zeroCreate 8
                    [| 0uy; 1uy; byte 'I'; byte 'M' |]
                    matrix
                    BitConverter.GetBytes 15
                    BitConverter.GetBytes(int packed.Length)
                    packed.ToArray()
                ]
        )

    /// A table as spreadsheets write it in countries of the decimal comma, with a preamble and a line of units.
    let private german: string =
        times
        |> Array.mapi (fun k t -> $"{t:F1};{states[2 * k]:F6};{states[2 * k + 1]:F6}".Replace('.', ','))
        |> Array.append [| "# measured in the lab"; "time;a;b"; "s;m;m" |]
        |> String.concat "\n"

    /// Twenty images of 3 x 3 in the format of MNIST.
    let private images (path: string) : unit =
        let extents = [| 20; 3; 3 |] |> Array.collect (BitConverter.GetBytes >> Array.rev)
        let pixels = Array.init 180 (fun k -> byte (k * k))
        File.WriteAllBytes(path, Array.concat [ [| 0uy; 0uy; 8uy; 3uy |]; extents; pixels ])

    let private small: Network = Mlp { Net.mlpDefaults with Widths = [ 4 ] }

    let private brief (descent: DescentOptions) : DescentOptions = { descent with Steps = 2; WarmUp = 1 }

    /// A flow of twenty particles, at its start.
    let private particles () : ParticleRun =
        use samples = Samples.ofValues 2 states |> Outcome.get
        use functions = Observables.monomials 2 2 |> Outcome.get
        use spectrum = Langevin.fit Langevin.defaults functions samples |> Outcome.get
        use field = ParticleField.ofSpectrum 0.0 spectrum samples |> Outcome.get
        use start = Samples.gaussianLike 20 (Seed.ofInt 1) samples |> Outcome.get

        ParticleFlow.start
            { ParticleFlow.defaults with
                Length = Some 0.5
            }
            (Seed.ofInt 1)
            (Manifold.euclidean 2)
            field
            samples
            start
        |> Outcome.get

    /// The makers of files, by name, and whether these are signed.
    let private kinds: (string * bool * (string -> unit) * (string -> Outcome<unit>)) list =
        let samples () =
            Samples.ofValues 2 states |> Outcome.get

        let data (make: string -> unit) = false, make, readData

        let saved
            (save: string -> Outcome<unit>)
            (load: string -> Outcome<'T>)
            : bool * (string -> unit) * (string -> Outcome<unit>) =
            true, (fun path -> save path |> Outcome.get), load >> disposed

        [
            "a.npy", data (fun path -> Npy.write path { Shape = [| 40; 2 |]; Values = states } |> Outcome.get)
            "a.npz",
            data (fun path ->
                Npy.writeArchive
                    path
                    (Map
                        [
                            "x", { Shape = [| 40; 2 |]; Values = states }
                            "lag", NumericArray.scalar 0.1
                        ])
                |> Outcome.get)
            "a.csv", data (fun path -> File.WriteAllText(path, table))
            "packed.csv",
            data (fun path ->
                use packed = new GZipStream(File.Create path, CompressionLevel.Optimal)
                packed.Write(ReadOnlySpan(Text.Encoding.UTF8.GetBytes table)))
            "a.txt", data (fun path -> File.WriteAllText(path, german))
            "train-images-idx3-ubyte",
            (false,
             images,
             fun path ->
                 match Path.GetDirectoryName path with
                 | null -> failwith "no folder"
                 | folder -> readData folder)
            "a.parquet", data parquet
            "a.feather", data arrow
            "a.h5", data hdf
            "a.mat", data mat
            "observables.safetensors",
            saved
                (fun path ->
                    use functions =
                        using (samples ()) (fun samples ->
                            Observables.gaussiansOver
                                { Observables.automatic with
                                    Centres = Some 6
                                }
                                samples
                            |> Outcome.get)

                    Observables.save path functions)
                Observables.load
            "kernels.safetensors",
            saved
                (fun path ->
                    use functions =
                        using (samples ()) (fun samples ->
                            use centres = Centres.farthest 5 samples
                            let sections = Observables.sections (Kernel.Matern52 0.5) centres |> Outcome.get
                            let waves = Observables.fourier 2 [| 3.0; 3.0 |] |> Outcome.get
                            Observables.append sections waves |> Outcome.get)

                    Observables.save path functions)
                Observables.load
            "spectrum.safetensors",
            saved
                (fun path ->
                    use samples = samples ()
                    use functions = Observables.monomials 2 2 |> Outcome.get
                    use spectrum = Langevin.fit Langevin.defaults functions samples |> Outcome.get
                    Spectrum.save path spectrum)
                Spectrum.load
            "velocity.safetensors",
            saved
                (fun path ->
                    use net =
                        Net.mlp { Net.mlpDefaults with Widths = [ 4 ] } (Seed.ofInt 1) 2 2
                        |> Outcome.get

                    use velocity = VelocityField.ofNet net |> Outcome.get
                    VelocityField.save path velocity)
                VelocityField.load
            "flow.safetensors",
            saved
                (fun path ->
                    use lift =
                        LinearFlow.create
                            { LinearFlow.defaults with
                                Network = small
                                Features = 4
                            }
                            (Seed.ofInt 1)
                            2
                        |> Outcome.get

                    LinearFlow.save path lift)
                LinearFlow.load
            "map.safetensors",
            saved
                (fun path ->
                    use samples = samples ()
                    use components = Pca.fit 1 samples |> Outcome.get
                    use map = LatentMap.ofPca components
                    LatentMap.save path map)
                LatentMap.load
            "images.safetensors",
            saved
                (fun path ->
                    use net =
                        Net.uNet
                            { Net.uNetDefaults with
                                Image = struct (1, 4, 4)
                                Width = 4
                                Multipliers = [ 1 ]
                            }
                            (Seed.ofInt 1)
                            1
                        |> Outcome.get

                    use velocity = VelocityField.ofNet net |> Outcome.get
                    VelocityField.save path velocity)
                VelocityField.load
            "autoencoder.safetensors",
            saved
                (fun path ->
                    use samples = samples ()

                    use map =
                        Autoencoder.train
                            Control.none
                            { Autoencoder.defaults with
                                Network =
                                    { Autoencoder.network with
                                        Latents = 1
                                        Widths = [ 4 ]
                                    }
                                Descent = brief Autoencoder.defaults.Descent
                            }
                            (Seed.ofInt 1)
                            samples
                        |> Outcome.get

                    LatentMap.save path map)
                LatentMap.load
            "forecaster.safetensors",
            saved
                (fun path ->
                    use rows = Tensors.ofRows 200 (Array.init 400 (fun k -> sin (0.3 * float k)))
                    use trajectories = Trajectories.create 1.0 [ rows ] |> Outcome.get

                    use forecaster =
                        Forecaster.fit { Forecaster.defaults with Horizon = 4 } trajectories
                        |> Outcome.get

                    Forecaster.save path forecaster)
                Forecaster.load
            "particles.safetensors",
            (true,
             (fun path ->
                 use run = particles ()
                 use state = ParticleFlow.state run
                 RunState.save path state |> Outcome.get),
             (fun path ->
                 use run = particles ()

                 RunState.load path
                 |> Result.bind (fun state ->
                     use state = state
                     ParticleFlow.restore state run)))
            "state.safetensors",
            (true,
             (fun path ->
                 use samples = samples ()

                 use training =
                     FlowMatching.start
                         { FlowMatching.defaults with
                             Network = small
                             Batch = 4
                             Descent = brief FlowMatching.defaults.Descent
                         }
                         (Seed.ofInt 1)
                         None
                         samples
                     |> Outcome.get

                 use state = FlowMatching.state training
                 RunState.save path state |> Outcome.get),
             (fun path ->
                 use samples = samples ()

                 use training =
                     FlowMatching.start
                         { FlowMatching.defaults with
                             Network = small
                             Batch = 4
                             Descent = brief FlowMatching.defaults.Descent
                         }
                         (Seed.ofInt 1)
                         None
                         samples
                     |> Outcome.get

                 RunState.load path
                 |> Result.bind (fun state ->
                     use state = state
                     FlowMatching.restore state training)))
        ]
        |> List.map (fun (name, (isSigned, make, read)) -> name, isSigned, make, read)

    /// <summary>One file of each kind, made in a folder.</summary>
    let make (folder: string) : AttackFile list =
        kinds
        |> List.map (fun (name, isSigned, write, read) ->
            let path = Path.Combine(folder, name)
            write path

            {
                Name = name
                Content = File.ReadAllBytes path
                Read = read
                IsSigned = isSigned
            })

    /// Numbers that programs stumble over.
    let private sizes: int64[] =
        [|
            0L
            1L
            -1L
            2147483647L
            -2147483648L
            4294967295L
            1000000000L
            Int64.MaxValue
        |]

    /// <summary>A content cut, overwritten, doubled or filled with extreme lengths, as a disk or an attacker might leave it.</summary>
    let mutate (draw: Random) (content: byte[]) : byte[] =
        let changed = Array.copy content

        match draw.Next 6 with
        | 0 -> Array.sub content 0 (draw.Next(content.Length + 1))
        | 1 ->
            // Most of what is decided is decided at the beginning.
            for _ in 0 .. draw.Next 8 do
                changed[draw.Next(min changed.Length 600)] <- byte (draw.Next 256)

            changed
        | 2 ->
            for _ in 0 .. draw.Next 8 do
                changed[draw.Next changed.Length] <- byte (draw.Next 256)

            changed
        | 3 ->
            let width = if draw.Next 2 = 0 then 4 else 8
            let number = BitConverter.GetBytes(sizes[draw.Next sizes.Length])
            let at = draw.Next(max 1 (changed.Length - width))
            Array.blit number 0 changed at (min width (changed.Length - at))
            changed
        | 4 ->
            let from, until = draw.Next content.Length, draw.Next content.Length
            Array.append content[.. min from until] content[max from until ..]
        | _ ->
            let bit = draw.Next(8 * changed.Length)
            changed[bit / 8] <- changed[bit / 8] ^^^ (1uy <<< (bit % 8))
            changed

    let private ofText (text: string) : JsonNode = nonNull (JsonNode.Parse text)

    /// A JSON value near this one, or of another kind; none for null.
    let rec private nearby (draw: Random) (node: JsonNode option) : JsonNode option =
        match draw.Next 8, node with
        | 0, _ -> None
        | 1, _ -> Some(ofText "\"text\"")
        | 2, _ -> Some(ofText (string (draw.Next(-3, 100_000))))
        | 3, _ -> Some(ofText "-1e300")
        | 4, _ -> Some(ofText "[]")
        | _, Some(:? JsonObject as fields) when fields.Count > 0 ->
            let copy = (fields.DeepClone()).AsObject()
            let name = (Seq.item (draw.Next fields.Count) fields).Key

            if draw.Next 4 = 0 then
                copy.Remove name |> ignore
            else
                copy[name] <-
                    nearby draw (Option.ofObj copy[name])
                    |> Option.map _.DeepClone()
                    |> Option.toObj

            Some copy
        | _, Some(:? JsonArray as items) when items.Count > 0 ->
            let copy = (items.DeepClone()).AsArray()
            let at = draw.Next items.Count

            if draw.Next 4 = 0 then
                copy.RemoveAt at
            else
                copy[at] <- nearby draw (Option.ofObj copy[at]) |> Option.map _.DeepClone() |> Option.toObj

            Some copy
        | _ -> Some(ofText (string (draw.Next(0, 5))))

    let private otherTensor (draw: Random) (tensor: Tensor) : Tensor =
        match draw.Next 7 with
        | 0 -> tensor.flatten ()
        | 1 -> tensor.to_type (if draw.Next 2 = 0 then torch.float32 else torch.int64)
        | 2 when tensor.dim () > 0L && tensor.shape[0] > 0L -> tensor.narrow (0L, 0L, tensor.shape[0] - 1L)
        | 3 -> torch.cat ([| tensor.reshape (-1L); tensor.reshape (-1L) |], 0L)
        | 4 -> torch.full_like (tensor, Tensors.num (if tensor.is_floating_point () then nan else -7.0))
        | 5 -> torch.zeros ([| 0L; 3L |], dtype = tensor.dtype)
        | _ -> tensor * Tensors.num -1e30

    /// <summary>A signed file with changed settings, tensors or both under a right checksum; none if the change cannot be written.</summary>
    let forge (draw: Random) (path: string) : bool =
        use _ = torch.NewDisposeScope()
        use checkpoint = Checkpoint.read path |> Outcome.get
        let kind, schema = checkpoint.Kind, checkpoint.Schema
        let mutable settings = (checkpoint.Options.DeepClone()).AsObject()

        let mutable tensors =
            checkpoint.Tensors
            |> Map.toList
            |> List.map (fun (name, tensor) -> name, tensor.clone ())

        let what = draw.Next 3

        if what <> 1 then
            match nearby draw (Some settings) with
            | Some(:? JsonObject as changed) -> settings <- changed
            | _ -> settings <- JsonObject()

        if what <> 0 && not tensors.IsEmpty then
            let at = draw.Next tensors.Length

            tensors <-
                match draw.Next 4 with
                | 0 -> List.removeAt at tensors
                | _ ->
                    tensors
                    |> List.mapi (fun i (name, tensor) -> name, (if i = at then otherTensor draw tensor else tensor))

        match Checkpoint.write path kind schema settings tensors with
        | Ok() -> true
        | Error _ -> false
