namespace Koopman.Cli

open System
open System.Globalization
open System.IO
open Koopman
open Koopman.Particles
open TorchSharp

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
        /// <summary>The latent space, see <c>LatentSpec</c>.</summary>
        Latent: string option
        /// <summary>Training steps of an autoencoder.</summary>
        LatentSteps: int option
        /// <summary>T, if given.</summary>
        Temperature: float option
        /// <summary>The estimator of the spectrum that the particles follow; without it Gaussians are chosen by the result.</summary>
        Estimator: string option
        /// <summary>Its dictionary.</summary>
        Observables: string option
        /// <summary>The surface that the particles stay on.</summary>
        Manifold: string option
        /// <summary>The column with the logarithm of a likelihood at each point.</summary>
        LogLikelihood: string option
        /// <summary>Settings of the flow.</summary>
        Flow: ParticleOptions
        /// <summary>True if an interrupted run is resumed.</summary>
        Resume: bool
        /// <summary>The seconds between two writes of the state.</summary>
        SaveEvery: float option
        /// <summary>The file for the particles.</summary>
        Out: string option
        /// <summary>The file for the numbers.</summary>
        Json: string option
        /// <summary>The file for the report.</summary>
        Report: string option
        /// <summary>The seed.</summary>
        Seed: int
    }

    /// <summary>True if one flow along the field of one spectrum was asked for.</summary>
    member this.IsExplicit: bool =
        this.Estimator.IsSome || this.Observables.IsSome || this.Manifold.IsSome

/// <summary>Surfaces as a user types them.</summary>
[<RequireQualifiedAccess>]
module ManifoldSpec =

    /// <summary>The accepted forms, for help and messages.</summary>
    let grammar: string =
        "circle:RADIUS, sphere:RADIUS, torus:LARGE:SMALL or flat-torus:RADIUS:RADIUS:..."

    /// Points farther from the surface than this share of their own size do not lie on it.
    let private near = 0.05

    /// <summary>The surface of this text, which these points must lie on.</summary>
    let parse (samples: Samples) (text: string) : Outcome<Manifold> =
        let dimension = samples.Dimension

        let radius (part: string) =
            match Double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture) with
            | true, value -> Ok value
            | _ -> KoopmanError.fail ErrorKind.InvalidSetting $"'{part}' is not a radius" $"Give {grammar}"

        result {
            let! manifold =
                match text.Split ':' |> List.ofArray with
                | [ "circle"; r ] -> radius r |> Result.bind Manifold.circle
                | [ "sphere"; r ] -> radius r |> Result.bind (fun r -> Manifold.sphere r dimension)
                | [ "torus"; large; small ] ->
                    radius large
                    |> Result.bind (fun large -> radius small |> Result.bind (Manifold.torus large))
                | "flat-torus" :: radii ->
                    Outcome.collect radius radii |> Result.bind (Array.ofList >> Manifold.flatTorus)
                | _ -> KoopmanError.fail ErrorKind.InvalidSetting $"'{text}' is not a surface" $"Give {grammar}"

            if Manifold.ambient manifold <> dimension then
                return!
                    KoopmanError.fail
                        ErrorKind.ShapeMismatch
                        $"The {manifold} lies in {Manifold.ambient manifold} dimensions, but the data have {dimension}"
                        "List the coordinates with --columns, or give the surface that the data lie on"
            else
                let away =
                    Tensors.within (fun () ->
                        let points = samples.Points
                        let gap = Manifold.retract manifold points - points
                        (gap.square().sum() / points.square().sum()).sqrt().ToDouble())

                if away > near then
                    return!
                        KoopmanError.fail
                            ErrorKind.InvalidSetting
                            $"The points are away from the {manifold} by {100.0 * away:F0} %% of their size"
                            "Give the radii and the centre, which is the origin, of the surface that the points lie on"
                else
                    return manifold
        }

/// <summary>Moves the particles of <c>koopman particles</c>.</summary>
[<RequireQualifiedAccess>]
module ParticleMotion =

    /// <summary>Progress on standard error; Ctrl-C cancels.</summary>
    let private control (report: float -> unit) : Control<ParticleProgress> =
        {
            Report = fun p -> report (float p.Iteration / float p.Total)
            Cancellation = Interrupt.token ()
        }

    /// <summary>The file with the state of a run, beside that of its particles.</summary>
    let stateFile (out: string) : string =
        let file = FileInfo out

        file.FullName.Substring(0, file.FullName.Length - file.Extension.Length)
        + ".run.safetensors"

    /// <summary>The flow to the law of the data, with Gaussians as wide as the result demands.</summary>
    let private automatic (request: ParticlesRequest) (seed: Seed) (training: Samples) : Outcome<ParticleResult> =
        Ui.progress "moving particles" (fun report ->
            ParticleFlow.sample (control report) request.Flow request.Count seed training)

    /// What the estimators of <c>koopman spectrum</c> are given: the functions along the manifold.
    let private inputOf
        (request: ParticlesRequest)
        (seed: Seed)
        (manifold: Manifold)
        (estimator: NamedEstimator)
        (training: Loaded)
        : EstimatorInput =
        let samples = Dataset.samples training.Dataset

        let dictionary =
            request.Observables
            |> Option.orElse estimator.Dictionary
            |> Option.defaultValue "gaussians"

        {
            Loaded = training
            Observables =
                lazy
                    (result {
                        let! plain = ObservableSpec.parse (Seed.derive "centres" seed) samples dictionary

                        if request.Manifold.IsNone then
                            return plain
                        else
                            use plain = plain
                            return! Manifold.observables manifold plain
                    })
            RankTolerance = Edmd.defaults.RankTolerance
            Temperature = lazy 1.0
            Modes = Edmd.defaults.Modes
            Rank = None
            Rows = 1
            States = None
            Width = None
            Potential = None
            Threshold = 0.0
            Balance = None
        }

    /// One flow along the field of one spectrum, which can be resumed.
    let private along
        (request: ParticlesRequest)
        (seed: Seed)
        (training: Loaded)
        (start: Samples)
        : Outcome<ParticleResult> =
        result {
            let data = Dataset.samples training.Dataset
            let name = Option.defaultValue "generator" request.Estimator
            let! estimator, _ = Estimators.find (Some name) training.Dataset

            let! manifold =
                match request.Manifold with
                | Some text -> ManifoldSpec.parse data text
                | None -> Ok(Manifold.euclidean data.Dimension)

            let input = inputOf request seed manifold estimator training

            use _ =
                { new IDisposable with
                    member _.Dispose() =
                        if input.Observables.IsValueCreated then
                            input.Observables.Value |> Result.iter _.Dispose()
                }

            use! fitted = estimator.Fit input

            use! field =
                match input.Pairs with
                | Ok pairs -> ParticleField.ofPairs 0.0 fitted.Spectrum pairs
                | Error _ -> ParticleField.ofSpectrum 0.0 fitted.Spectrum data

            use! run =
                ParticleFlow.start request.Flow (Seed.derive "jitter" seed) manifold field data start

            match request.SaveEvery, request.Out with
            | Some seconds, Some out ->
                do!
                    FlowRun.finish
                        request.Resume
                        {
                            Title = "moving particles"
                            File = stateFile out
                            Steps = fun () -> run.Iteration
                            Total = request.Flow.Iterations + request.Flow.RefineIterations
                            IsDone = fun () -> run.IsFinished
                            State = fun () -> ParticleFlow.state run
                            Restore = fun state -> ParticleFlow.restore state run
                            SaveEvery = fun file -> ParticleFlow.saveEvery (TimeSpan.FromSeconds seconds) file run
                            Continue = fun report -> ParticleFlow.resume (control report) run
                        }
            | _ -> do! Ui.progress "moving particles" (fun report -> ParticleFlow.resume (control report) run)

            return! ParticleFlow.outcome run
        }

    /// <summary>Particles of the law of the data, from these initial ones where the flow is not automatic.</summary>
    let flow (request: ParticlesRequest) (seed: Seed) (training: Loaded) (start: Samples) : Outcome<ParticleResult> =
        if request.IsExplicit then
            along request seed training start
        else
            automatic request seed (Dataset.samples training.Dataset)

    /// <summary>Particles of the law of the data times a likelihood.</summary>
    let posterior (request: ParticlesRequest) (seed: Seed) (weighted: Samples) : Outcome<ConditionalResult> =
        result {
            let dictionary = Option.defaultValue "gaussians" request.Observables

            use! observables =
                ObservableSpec.parse (Seed.derive "centres" seed) weighted dictionary

            return!
                Ui.progress "moving particles" (fun report ->
                    Conditioning.generator (control report) request.Flow seed 1.0 observables weighted request.Count)
        }
