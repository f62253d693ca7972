namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting
open Koopman.Plots
open Koopman.Metrics
open Koopman.Particles

/// <summary>Settings of <c>koopman particles</c>.</summary>
[<NoComparison>]
type ParticlesRequest =
    {
        /// <summary>The data files, or a folder.</summary>
        Sources: string list
        /// <summary>How the data are to be understood.</summary>
        Reading: ReadOptions
        /// <summary>The number of particles.</summary>
        Count: int
        /// <summary>The latent space, <c>pca:k</c>.</summary>
        Latent: string option
        /// <summary>T, if given.</summary>
        Temperature: float option
        /// <summary>The file for the particles.</summary>
        Out: string option
        /// <summary>The file for the report.</summary>
        Report: string option
        /// <summary>The seed.</summary>
        Seed: int
    }

/// <summary><c>koopman particles</c>: new samples of the law that the data follow.</summary>
[<RequireQualifiedAccess>]
module ParticlesCommand =

    /// The largest dimension that does not require a latent space.
    let private widest = 64

    /// A coordinate of a particle, its velocity and its copies; there is at least one coordinate.
    let private bytesPerParticle: float = 100.0

    /// <summary>Rejects an invalid request before any work.</summary>
    let internal check (request: ParticlesRequest) : Outcome<unit> =
        if request.Count < 2 then
            KoopmanError.fail ErrorKind.InvalidSetting $"--count is {request.Count}" "Give --count 2 or more"
        elif float request.Count * bytesPerParticle > float (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{request.Count} particles need about {float request.Count * bytesPerParticle / 1e9:F0} GB of memory"
                "Give a smaller --count"
        elif request.Out.IsNone && request.Report.IsNone then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "There is no output file"
                "Give --out FILE, --report FILE or both"
        else
            request.Out
            |> Option.map Samples.checkSavable
            |> Option.defaultValue (Ok())
            |> Result.bind (fun () -> Inputs.checkWritable [ request.Report ])

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

    /// Learns from `training`, moves particles, and scores them together with an independent part of the data, the floor.
    let private generate
        (request: ParticlesRequest)
        (training: Samples)
        (heldOut: Samples)
        : Outcome<Samples * ParticleResult * string list list> =
        result {
            let seed = Seed.ofInt request.Seed

            let! start = Samples.gaussianLike request.Count (Seed.derive "start" seed) training

            let! flow =
                Ui.progress "moving particles" (fun report ->
                    let control =
                        Control.report (fun (p: ParticleProgress) -> report (float p.Iteration / float p.Total))

                    ParticleFlow.sample control ParticleFlow.defaults request.Count seed training)

            let order = Seed.permutation training.Count (Seed.derive "bootstrap" seed)

            use! again =
                Samples.pick (Array.init request.Count (fun i -> order[i % order.Length])) training

            let mmd s = Mmd.scaled heldOut s heldOut

            let rows =
                [
                    [
                        "start"
                        Ui.number (mmd start)
                        Ui.number (Coverage.neighbourRatio again start)
                    ]
                    [
                        "particles"
                        Ui.number (mmd flow.Particles)
                        Ui.number (Coverage.neighbourRatio again flow.Particles)
                    ]
                    [ "equally many data points (floor)"; Ui.number (mmd again); "1.0000" ]
                ]

            return start, flow, rows
        }

    let private columns = [ "<"; "MMD to held-out data"; "nearest-neighbour ratio" ]

    let private caption =
        "MMD: the floor is the value of equally many data points. Nearest-neighbour ratio: near 1 if the particles are spread like the data, near 0 if they clump."

    let private describe (flow: ParticleResult) : string =
        let state = if flow.Converged then "converged" else "not converged"

        $"automatic Gaussians; {flow.Iterations} iterations ({state}), energy {Ui.number flow.EnergyRatio} of independent samples', {flow.Snapped} times moved back to the data"

    /// <summary>Learns, moves particles, scores them and writes the results.</summary>
    let run (command: string) (request: ParticlesRequest) : Outcome<unit> =
        result {
            do! check request

            let! latent =
                match request.Latent with
                | None -> Ok None
                | Some text -> Inputs.parseLatent text |> Result.map Some

            if request.Temperature.IsSome then
                Ui.note
                    "--temperature changes nothing without --reweight: the law of the particles is that of the data at any temperature"

            let! struct (dataset, _) = Inputs.read request.Reading request.Sources
            use dataset = dataset
            let all = Dataset.samples dataset

            if latent.IsNone && all.Dimension > widest then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"The data have {all.Dimension} dimensions"
                        "Give a latent space, for example --latent pca:16"
            else
                // The last fifth is held out for evaluation.
                let split = max 2 (all.Count * 4 / 5)
                use! training = Samples.take split all
                use! heldOut = Samples.pick [| split .. all.Count - 1 |] all

                let! pca =
                    match latent with
                    | None -> Ok None
                    | Some k -> Pca.fit k training |> Result.map Some

                let encode (s: Samples) =
                    match pca with
                    | None -> Samples.ofTensor s.Points
                    | Some pca -> Pca.encode pca s

                let decode (s: Samples) =
                    match pca with
                    | None -> Samples.ofTensor s.Points
                    | Some pca -> Pca.decode pca s

                use! inner = encode training
                use! innerHeldOut = encode heldOut
                let! start, flow, rows = generate request inner innerHeldOut
                use particles = flow.Particles
                use start = start
                use! decoded = decode particles
                Ui.table columns rows
                Ui.say (describe flow)
                flow.Warnings |> Array.iter Ui.note

                match pca with
                | Some pca ->
                    Ui.say
                        $"PCA: {particles.Dimension} directions explain {Ui.number (100.0 * pca.Explained)} %% of the variance"
                | None -> ()

                match request.Out with
                | None -> ()
                | Some out ->
                    do! Samples.save out decoded
                    Ui.say $"{out}: {decoded}"

                match request.Report with
                | None -> ()
                | Some path ->
                    let! pictures =
                        match dataset with
                        | Dataset.Images(_, height, width) ->
                            result {
                                use! first = decode start
                                use! near = nearest inner particles |> Result.bind decode
                                use! some = Samples.take 64 heldOut

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
                                        images "Held-out images." height width some
                                    ]
                            }
                        | _ -> Ok(plots inner start particles)

                    do!
                        Report.write
                            path
                            {
                                Title = $"Particles from {Inputs.title request.Sources}"
                                Subtitle = String.Join("; ", Array.append [| describe flow |] flow.Warnings)
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
