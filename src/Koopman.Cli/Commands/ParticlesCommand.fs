namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting
open Koopman.Plots
open Koopman.Metrics
open Koopman.Particles
open Koopman.Latents

/// <summary><c>koopman particles</c>: new samples of the law that the data follow.</summary>
[<RequireQualifiedAccess>]
module ParticlesCommand =

    /// The largest dimension that does not require a latent space.
    let private widest = 64

    /// A coordinate of a particle, its velocity and its copies; there is at least one coordinate.
    let private bytesPerParticle: float = 100.0

    /// Options that do not go together, with what is wrong and what to do.
    let private conflicts (request: ParticlesRequest) : (bool * (string * string)) list =
        let isPosterior = request.LogLikelihood.IsSome

        [
            isPosterior
            && (request.Latent.IsSome || request.Manifold.IsSome || request.Estimator.IsSome),
            ("--log-likelihood goes with no latent space, surface or estimator",
             "Leave out --latent, --manifold and --estimator; --observables chooses the functions")
            request.Latent.IsSome && request.Manifold.IsSome,
            ("A latent space has no surface", "Leave out --latent or --manifold")
            (request.Resume || request.SaveEvery.IsSome) && not request.IsExplicit,
            ("Only one flow along one spectrum can be resumed; the automatic choice makes several",
             "Give --estimator generator with --resume or --save-every")
            (request.Resume || request.SaveEvery.IsSome) && request.Out.IsNone,
            ("The state of a run is saved beside its particles", "Give --out FILE")
            request.LatentSteps.IsSome && request.Latent.IsNone,
            ("--latent-steps trains an autoencoder", "Give --latent autoencoder:K")
        ]

    /// <summary>Rejects an invalid request before any work.</summary>
    let internal check (request: ParticlesRequest) : Outcome<unit> =
        if request.Count < 2 then
            KoopmanError.fail ErrorKind.InvalidSetting $"--count is {request.Count}" "Give --count 2 or more"
        elif float request.Count * bytesPerParticle > float (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{request.Count} particles need about {float request.Count * bytesPerParticle / 1e9:F0} GB of memory"
                "Give a smaller --count"
        elif request.Out.IsNone && request.Report.IsNone && request.Json.IsNone then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "There is no output file"
                "Give --out FILE, --report FILE, --json FILE or several of them"
        else
            match conflicts request |> List.tryFind fst with
            | Some(_, (cause, remedy)) -> KoopmanError.fail ErrorKind.InvalidSetting cause remedy
            | None ->
                request.Out
                |> Option.map Samples.checkSavable
                |> Option.defaultValue (Ok())
                |> Result.bind (fun () -> Inputs.checkWritable [ request.Json; request.Report ])

    /// <summary>Particles before and after the flow, with the data.</summary>
    let internal plots (data: Samples) (start: Samples) (particles: Samples) : Block list =
        [
            Block.Beside
                [
                    Block.Chart(ParticlePlot.besideData "start" data start)
                    Block.Chart(ParticlePlot.besideData "particles" data particles)
                ]
        ]

    let private images (title: string) (height: int) (width: int) (samples: Samples) : Block =
        Block.Chart(ImagePlot.ofSamples ImagePlot.defaults title height width samples)

    /// The training images nearest to generated ones, to tell new images from copies.
    let private nearest (data: Samples) (queries: Samples) : Outcome<Samples> =
        let neighbours = Neighbours.build data.Dimension (Samples.values data)
        let values = Samples.values queries
        let d = queries.Dimension

        let index =
            Array.init queries.Count (fun i ->
                let struct (index, _) = neighbours.Nearest(ReadOnlySpan(values, i * d, d))
                index)

        Samples.pick index data

    /// How far samples are from the law, and whether they clump.
    type private Score =
        {
            Name: string
            Mmd: float
            Ratio: float
        }

    /// Learns from `training`, moves particles, and scores them together with an independent part of the data, the floor.
    let private generate
        (request: ParticlesRequest)
        (training: Loaded)
        (heldOut: Samples)
        : Outcome<Samples * ParticleResult * Score list> =
        result {
            let seed = Seed.ofInt request.Seed
            let data = Dataset.samples training.Dataset
            let! start = Samples.gaussianLike request.Count (Seed.derive "start" seed) data
            let! flow = ParticleMotion.flow request seed training start

            let order = Seed.permutation data.Count (Seed.derive "bootstrap" seed)

            use! again =
                Samples.pick (Array.init request.Count (fun i -> order[i % order.Length])) data

            let mmd s = Mmd.scaled heldOut s heldOut

            let score (name: string) (samples: Samples) =
                {
                    Name = name
                    Mmd = mmd samples
                    Ratio = Coverage.neighbourRatio again samples
                }

            return
                start,
                flow,
                [
                    score "start" start
                    score "particles" flow.Particles
                    {
                        Name = "equally many data points (floor)"
                        Mmd = mmd again
                        Ratio = 1.0
                    }
                ]
        }

    let private rows (scores: Score list) : string list list =
        [
            for score in scores -> [ score.Name; Ui.number score.Mmd; Ui.number score.Ratio ]
        ]

    /// <summary>Means and standard deviations of the leading coordinates.</summary>
    let internal moments (names: string[]) (title: string) (samples: Samples) : string list list =
        use mean = Samples.mean samples
        use covariance = Samples.covariance samples
        let mean, spread = Tensors.toArray mean, Tensors.toArray covariance
        let d = samples.Dimension

        [
            for l in 0 .. min 7 (d - 1) -> [ title; names[l]; Ui.number mean[l]; Ui.number (sqrt spread[l * d + l]) ]
        ]

    /// <summary>The columns of that table.</summary>
    let internal momentColumns = [ "<"; "<coordinate"; "mean"; "standard deviation" ]

    let private flowJson (flow: ParticleResult) : (string * Json) list =
        [
            "iterations", Json.integer flow.Iterations
            "converged", Json.flag flow.Converged
            "energy_ratio", Json.number flow.EnergyRatio
            "moved_back", Json.integer flow.Snapped
            "groups", Json.list (flow.Groups |> Seq.map Json.number)
            "warnings", Json.list (flow.Warnings |> Seq.map Json.text)
        ]

    /// <summary>The numbers of a run, if they were asked for.</summary>
    let internal writeJson
        (request: ParticlesRequest)
        (understood: string)
        (names: string[])
        (flow: ParticleResult)
        (more: (string * Json) list)
        : Outcome<unit> =
        match request.Json with
        | None -> Ok()
        | Some path ->
            let samples = flow.Particles

            let mean, spread =
                Tensors.within (fun () ->
                    Tensors.toArray (Samples.mean samples),
                    Tensors.toArray ((Samples.covariance samples).diagonal().sqrt()))

            Json.write
                path
                (Json.members
                    [
                        "file", Json.text (String.Join(", ", request.Sources))
                        "understood", Json.text understood
                        "columns", Json.list (names |> Seq.map Json.text)
                        "count", Json.integer samples.Count
                        "dimension", Json.integer samples.Dimension
                        "mean", Json.list (mean |> Seq.map Json.number)
                        "standard_deviation", Json.list (spread |> Seq.map Json.number)
                        yield! flowJson flow
                        yield! more
                        "seed", Json.integer request.Seed
                        "environment", Inputs.environment ()
                    ])

    let private columns = [ "<"; "MMD to held-out data"; "nearest-neighbour ratio" ]

    let private caption =
        "MMD: the floor is the value of equally many data points. Nearest-neighbour ratio: near 1 if the particles are spread like the data, near 0 if they clump."

    let private describe (request: ParticlesRequest) (flow: ParticleResult) : string =
        let state = if flow.Converged then "converged" else "not converged"

        let functions =
            if request.IsExplicit then
                String.Join(
                    ", ",
                    [ Option.defaultValue "generator" request.Estimator ]
                    @ Option.toList request.Observables
                    @ Option.toList request.Manifold
                )
            else
                "automatic Gaussians"

        $"{functions}; {flow.Iterations} iterations ({state}), energy {Ui.number flow.EnergyRatio} of independent samples', {flow.Snapped} times moved back to the data"

    /// The fewest points of which enough are left to learn from.
    let private fewest: int = 50

    /// The rows to learn from, in their order, and a fifth that is held out. They are drawn, since the rows of a file may be sorted.
    let private split (seed: Seed) (count: int) : struct (int[] * int[]) =
        let order = Seed.permutation count (Seed.derive "held out" seed)
        let training = count * 4 / 5
        struct (Array.sort order[.. training - 1], Array.sort order[training..])

    /// The same data, or these rows of them, in other coordinates.
    let private some (rows: int[]) (inner: Samples option) (loaded: Loaded) : Outcome<Loaded> =
        let dataset =
            match inner, loaded.Dataset with
            | Some points, _ -> Samples.ofTensor points.Points |> Result.map Points
            | None, Pairs pairs ->
                use _ = Tensors.scope ()
                let index = Tensors.ofIndices (Array.map int64 rows)
                let of' (samples: Samples) = samples.Points.index_select (0L, index)

                SnapshotPairs.create pairs.Lag (of' pairs.From) (of' pairs.To)
                |> Result.map Pairs
            | None, other -> Samples.pick rows (Dataset.samples other) |> Result.map Points

        dataset
        |> Result.map (fun dataset ->
            new Loaded(loaded.File, dataset, None, loaded.Names, [||], loaded.TimeUnit, loaded.Understood))

    /// Particles of the law of the data times a likelihood.
    let private posterior (command: string) (request: ParticlesRequest) (column: string) : Outcome<unit> =
        result {
            use! all = Inputs.load request.Reading request.Sources
            let! loaded, likelihood = Inputs.split column all
            use loaded = loaded
            let prior = Dataset.samples loaded.Dataset
            use! weighted = Conditioning.weigh likelihood prior
            use! found = ParticleMotion.posterior request (Seed.ofInt request.Seed) weighted
            let particles = found.Flow.Particles

            let rows =
                moments loaded.Names "points as they are" prior
                @ moments loaded.Names "points, weighted by the likelihood" weighted
                @ moments loaded.Names "particles" particles

            Ui.table momentColumns rows

            let told =
                $"{prior.Count} points have the effective size {Ui.number found.EffectiveSize} under the likelihood; {describe request found.Flow}"

            Ui.say told
            found.Flow.Warnings |> Array.iter Ui.note

            match request.Out with
            | None -> ()
            | Some out ->
                do! Samples.saveNamed loaded.Names out particles
                Ui.say $"{out}: {particles}"

            do!
                writeJson
                    request
                    loaded.Understood
                    loaded.Names
                    found.Flow
                    [ "effective_size", Json.number found.EffectiveSize ]

            match request.Report with
            | None -> ()
            | Some path ->
                do!
                    Report.write
                        path
                        {
                            Title = $"Particles from {Inputs.title request.Sources} under a likelihood"
                            Subtitle = told
                            Sections =
                                [
                                    {
                                        Heading = "Result"
                                        Blocks = [ PageTable.ofText "Weights by the likelihood." momentColumns rows ]
                                    }
                                    {
                                        Heading = "Pictures"
                                        Blocks = plots prior weighted particles
                                    }
                                ]
                            Provenance = Inputs.provenance command (Some request.Seed)
                        }

                Ui.say $"report: {IO.Path.GetFullPath path}"
        }

    /// <summary>Learns, moves particles, scores them and writes the results.</summary>
    let private unconditional (command: string) (request: ParticlesRequest) : Outcome<unit> =
        result {

            let! latent =
                match request.Latent with
                | None -> Ok None
                | Some text -> LatentSpec.parse text |> Result.map Some

            if request.Temperature.IsSome then
                Ui.note
                    "--temperature changes nothing without --reweight: the law of the particles is that of the data at any temperature"

            use! loaded = Inputs.loadStill request.Reading request.Sources
            let dataset = loaded.Dataset
            let all = Dataset.samples dataset

            if latent.IsNone && all.Dimension > widest then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"The data have {all.Dimension} dimensions"
                        "Give a latent space, for example --latent pca:16"
            elif all.Count < fewest then
                return!
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"{loaded.File} holds {all.Count} point(s), too few for a law to be learned from four fifths of them"
                        $"Give at least {fewest} points; thousands are usual"
            else
                let struct (rowsOfTraining, rowsHeldOut) = split (Seed.ofInt request.Seed) all.Count
                use! training = Samples.pick rowsOfTraining all
                use! heldOut = Samples.pick rowsHeldOut all

                let! latentSpace =
                    match latent with
                    | None -> Ok None
                    | Some spec ->
                        LatentSpec.fit
                            request.LatentSteps
                            (Seed.derive "latent" (Seed.ofInt request.Seed))
                            spec
                            training
                        |> Result.map Some

                use _ =
                    { new IDisposable with
                        member _.Dispose() =
                            latentSpace |> Option.iter (fun (map, _) -> map.Dispose())
                    }

                let encode (s: Samples) =
                    match latentSpace with
                    | None -> Samples.ofTensor s.Points
                    | Some(map, _) -> LatentMap.encode map s

                let decode (s: Samples) =
                    match latentSpace with
                    | None -> Samples.ofTensor s.Points
                    | Some(map, _) -> LatentMap.decode map s

                use! inner = encode training
                use! innerHeldOut = encode heldOut

                use! known = some rowsOfTraining (latentSpace |> Option.map (fun _ -> inner)) loaded

                let! start, flow, scores = generate request known innerHeldOut
                let rows = rows scores
                use particles = flow.Particles
                use start = start
                use! decoded = decode particles
                Ui.table columns rows
                Ui.say (describe request flow)
                flow.Warnings |> Array.iter Ui.note

                latentSpace |> Option.iter (snd >> Ui.say)

                let names = loaded.Names

                match request.Out with
                | None -> ()
                | Some out ->
                    do! Samples.saveNamed names out decoded
                    FlowRun.forget [ ParticleMotion.stateFile out ]
                    Ui.say $"{out}: {decoded}"

                do!
                    writeJson
                        request
                        loaded.Understood
                        names
                        { flow with Particles = decoded }
                        [
                            for name, score in List.zip [ "start"; "particles"; "floor" ] scores do
                                name,
                                Json.members
                                    [ "mmd", Json.number score.Mmd; "neighbour_ratio", Json.number score.Ratio ]
                        ]

                match request.Report with
                | None -> ()
                | Some path ->
                    let! pictures =
                        match dataset with
                        | Dataset.Images(_, height, width) ->
                            result {
                                use! first = decode start
                                use! near = nearest inner particles |> Result.bind decode
                                use! few = Samples.take 64 heldOut

                                return
                                    [
                                        images "Generated: particles after the flow, decoded." height width decoded
                                        images
                                            "The training image nearest to each, decoded from the same latent space."
                                            height
                                            width
                                            near
                                        images
                                            "The start of the particles: a Gaussian with the data's mean and covariance, decoded."
                                            height
                                            width
                                            first
                                        images "Held-out images." height width few
                                    ]
                            }
                        | _ -> Ok(plots inner start particles)

                    do!
                        Report.write
                            path
                            {
                                Title = $"Particles from {Inputs.title request.Sources}"
                                Subtitle = String.Join("; ", Array.append [| describe request flow |] flow.Warnings)
                                Sections =
                                    [
                                        {
                                            Heading = "Result"
                                            Blocks = [ PageTable.ofText caption columns rows ]
                                        }
                                        {
                                            Heading = "Pictures"
                                            Blocks = pictures
                                        }
                                    ]
                                Provenance = Inputs.provenance command (Some request.Seed)
                            }

                    Ui.say $"report: {IO.Path.GetFullPath path}"
        }

    /// What settings are called on the command line. This command has no --lag.
    let internal words: KoopmanError -> KoopmanError =
        ToolWords.withOptions
            [
                ", or --lag TIME if the rows are consecutive states", ", or give pairs (.npz with x, y and lag)"
                "Give --lag TIME if the rows are consecutive states", "Give pairs (.npz with x, y and lag)"
                "Step", "--step"
                "Iterations", "--iterations"
                "RefineIterations", "--refine"
                "Tolerance", "--tolerance"
                "GuardEvery", "--guard-every"
                "Jitter", "--jitter"
                "Length", "--length"
            ]

    /// <summary>New samples of the law of the data, or of this law times a likelihood.</summary>
    let run (command: string) (request: ParticlesRequest) : Outcome<unit> =
        result {
            do! check request

            match request.LogLikelihood with
            | Some column -> return! posterior command request column
            | None -> return! unconditional command request
        }
        |> Result.mapError words
