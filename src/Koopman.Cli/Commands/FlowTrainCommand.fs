namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting
open Koopman.Plots
open TorchSharp
open Koopman.Learning
open Koopman.Metrics
open Koopman.Particles
open Koopman.Flows
open Koopman.Latents

/// <summary><c>koopman flow train</c>: a velocity field learned from data, and a linear flow distilled from it.</summary>
[<RequireQualifiedAccess>]
module FlowTrainCommand =

    /// <summary>The user's request.</summary>
    [<NoComparison>]
    type Request =
        {
            /// A planar set by its name, or a file.
            Data: string
            /// How a file is to be understood.
            Reading: ReadOptions
            Out: string
            Recipe: string
            /// True if noise and data are paired by optimal transport in each batch.
            Transport: bool
            /// The number of leading principal components of a file's data to use as the flow's space; default all.
            Latent: int option
            TeacherSteps: int option
            Steps: int option
            /// True if inversion is trained too.
            Inversion: bool
            /// The number of steps from noise to data that samples take.
            Parts: int
            /// True if an interrupted training is resumed.
            Resume: bool
            /// The seconds between two writes of the state.
            SaveEvery: float
            Seed: int
            Report: string option
        }

    let private recipe (request: Request) : Outcome<DistillationOptions> =
        let tooFew =
            [ "--teacher-steps", request.TeacherSteps; "--steps", request.Steps ]
            |> List.tryPick (fun (name, steps) ->
                steps |> Option.filter (fun n -> n < 1) |> Option.map (fun n -> name, n))

        match tooFew, Distillation.recipes |> List.tryFind (fun (name, _) -> name = request.Recipe) with
        | Some(name, steps), _ ->
            KoopmanError.fail ErrorKind.InvalidSetting $"{name} {steps}" "Training needs at least one step"
        | None, _ when not (request.SaveEvery >= 0.0 && request.SaveEvery <= 1e6) ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"--save-every {request.SaveEvery}"
                "Give the seconds between two saved states, such as 30"
        | None, Some(_, options) ->
            Ok
                { options with
                    Path =
                        if request.Transport then
                            Paths.optimalTransport
                        else
                            Paths.independent
                    Descent =
                        { options.Descent with
                            Steps = defaultArg request.Steps options.Descent.Steps
                        }
                    Draws =
                        let draws =
                            { options.Draws with
                                Parts = request.Parts
                            }

                        if request.Inversion then
                            { draws with
                                NoiseShare = min options.Draws.NoiseShare 0.6
                                DataShare = 0.15
                            }
                        else
                            draws
                }
        | None, None ->
            let names = Distillation.recipes |> List.map fst

            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"There is no recipe named '{request.Recipe}'"
                ("Choose one of " + String.Join(", ", names))

    /// Data in the flow's space, and the map to it.
    let private data (request: Request) (seed: Seed) : Outcome<Samples * LatentMap option> =
        if List.contains request.Data PlanarSets.names && request.Latent.IsSome then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The planar set '{request.Data}' has no principal components to choose from"
                "Leave out --latent, which is for high-dimensional files"
        elif List.contains request.Data PlanarSets.names then
            PlanarSets.byName request.Data
            |> Result.bind (fun set -> PlanarSets.draw set 20_000 (Seed.derive "data" seed))
            |> Result.map (fun samples -> samples, None)
        elif not (IO.Path.Exists request.Data) then
            KoopmanError.fail
                ErrorKind.MissingFile
                $"There is no file and no planar set '{request.Data}'"
                ("Give a file of points, or one of " + String.Join(", ", PlanarSets.names))
        else
            result {
                use! loaded = Inputs.load request.Reading [ request.Data ]
                let samples = Dataset.samples loaded.Dataset
                let count = request.Latent |> Option.defaultValue samples.Dimension
                use! components = Pca.fit count samples
                let plain = LatentMap.ofPca components

                match LatentMap.whitened samples plain with
                | Error error ->
                    plain.Dispose()
                    return! Error error
                | Ok map ->
                    match LatentMap.encode map samples with
                    | Ok latents -> return latents, Some map
                    | Error error ->
                        map.Dispose()
                        return! Error error
            }

    let private interval (request: Request) : TimeSpan = TimeSpan.FromSeconds request.SaveEvery

    let private teach (request: Request) (path: ProbabilityPath) (seed: Seed) (samples: Samples) =
        let options =
            { FlowMatching.defaults with
                Path = path
                Descent =
                    { FlowMatching.defaults.Descent with
                        Steps = defaultArg request.TeacherSteps FlowMatching.defaults.Descent.Steps
                    }
            }

        result {
            use! training = FlowMatching.start options (Seed.derive "teacher" seed) None samples

            do!
                FlowRun.finish
                    request.Resume
                    {
                        Title = "learning the velocity field"
                        File = FlowModel.teacherRun request.Out
                        Steps = fun () -> training.Step
                        Total = options.Descent.Steps
                        State = fun () -> FlowMatching.state training
                        Restore = fun state -> FlowMatching.restore state training
                        SaveEvery = fun file -> FlowMatching.saveEvery (interval request) file training
                        Continue =
                            fun report ->
                                FlowMatching.resume
                                    {
                                        Report = fun p -> report (float p.Step / float p.Total)
                                        Cancellation = Interrupt.token ()
                                    }
                                    training
                    }

            return FlowMatching.velocity training
        }

    let private study
        (request: Request)
        (options: DistillationOptions)
        (seed: Seed)
        (teacher: VelocityField)
        (samples: Samples)
        =
        result {
            use! training =
                Distillation.startUnder (Interrupt.token ()) options (Seed.derive "student" seed) teacher None samples

            do!
                FlowRun.finish
                    request.Resume
                    {
                        Title = "distilling the linear flow"
                        File = FlowModel.studentRun request.Out
                        Steps = fun () -> training.Step
                        Total = options.Descent.Steps
                        State = fun () -> Distillation.state training
                        Restore = fun state -> Distillation.restore state training
                        SaveEvery = fun file -> Distillation.saveEvery (interval request) file training
                        Continue =
                            fun report ->
                                Distillation.resume
                                    {
                                        Report = fun p -> report (float p.Step / float p.Total)
                                        Cancellation = Interrupt.token ()
                                    }
                                    training
                    }

            return Distillation.lift training
        }

    /// The number of points between which distances are measured.
    let private compared = 1000

    /// Distances to the data from samples of the field and of the flow, and from other data; and a chart of all.
    let private compare
        (model: FlowModel)
        (sampler: OneStep)
        (noise: Tensor)
        (samples: Samples)
        : Outcome<string list list * Block> =
        result {
            let count = min compared (samples.Count / 2)
            let leading = noise.narrow (0L, 0L, int64 count)

            use! ended =
                Ode.solve (RungeKutta4 40) model.Teacher 0.0 1.0 (leading.to_type torch.float32)

            use! straight =
                Ode.solve (Euler 1) model.Teacher 0.0 1.0 (leading.to_type torch.float32)

            use! byLine = Samples.ofTensor straight
            use! stepped = OneStep.sample sampler leading
            use! byField = Samples.ofTensor ended
            use! byFlow = Samples.ofTensor stepped
            use! reference = Samples.take count samples
            use others = Tensors.rows count count samples.Points
            use! independent = Samples.ofTensor others

            let distance (points: Samples) =
                result {
                    let! exact = Wasserstein.exact points reference
                    return exact, Mmd.distance (Mmd.bandwidth reference) points reference
                }

            let! field = distance byField
            let! line = distance byLine
            let! flow = distance byFlow
            let! floor = distance independent

            let row (name: string) (exact: float, mmd: float) =
                [ name; Ui.number exact; Ui.number mmd ]

            let cloud (name: string) (points: Samples) =
                Block.Chart(ParticlePlot.cloudOf name points)

            return
                [
                    row "field, 40 Runge-Kutta steps" field
                    row "field, one Euler step" line
                    row "linear flow, one step" flow
                    row "other data (floor)" floor
                ],
                Block.Beside
                    [
                        cloud "data" reference
                        cloud "field, 40 steps" byField
                        cloud "linear flow, one step" byFlow
                    ]
        }

    let private errorRows (errors: DistillationErrors) : string list list =
        [
            [ "at the end, from noise"; Ui.number errors.End ]
            [ "median of it"; Ui.number errors.MedianEnd ]
            [ "on the way, from noise"; Ui.number errors.Middle ]
            [ "at the end, from anywhere on the way"; Ui.number errors.Anywhere ]
            [ "of the noise, inverted from the end"; Ui.number errors.Inverse ]
        ]

    /// <summary>Trains both, reports the error of one step against the field, and writes the model.</summary>
    let run (command: string) (request: Request) : Outcome<unit> =
        result {
            do! Inputs.checkWritable (request.Report :: (FlowModel.files request.Out |> List.map Some))
            let seed = Seed.ofInt request.Seed
            let! options = recipe request
            let! samples, latent = data request seed
            use samples = samples

            let! teacher =
                teach request options.Path seed samples
                |> Result.mapError (fun error ->
                    latent |> Option.iter _.Dispose()
                    error)

            let! lift =
                study request options seed teacher samples
                |> Result.mapError (fun error ->
                    (teacher :> IDisposable).Dispose()
                    latent |> Option.iter _.Dispose()
                    error)

            use model = new FlowModel(lift, teacher, latent)
            use sampler = OneStep.create lift
            use! noise = FlowModel.noise 2000 samples.Dimension (Seed.derive "noise" seed)
            let! errors = FlowErrors.measure sampler teacher noise
            let! distances, clouds = compare model sampler noise samples
            do! FlowModel.save request.Out model
            FlowRun.forget [ FlowModel.teacherRun request.Out; FlowModel.studentRun request.Out ]
            let errorColumns = [ "<error of one step"; "root mean square" ]
            let distanceColumns = [ "<samples"; "W2 to the data"; "MMD" ]
            Ui.table errorColumns (errorRows errors)
            Ui.table distanceColumns distances

            Ui.say
                $"{request.Out}: {samples.Dimension} dimensions, {lift.Features} features, recipe {request.Recipe}; its teacher is in the same folder"

            match request.Report with
            | None -> ()
            | Some path ->
                do!
                    Report.write
                        path
                        {
                            Title = $"A linear flow of {IO.Path.GetFileName request.Data}"
                            Subtitle =
                                $"One step is {Ui.number errors.End} from the field that it approximates, in standard deviations of the data."
                            Sections =
                                [
                                    {
                                        Heading = "Samples"
                                        Blocks =
                                            [
                                                clouds
                                                PageTable.ofText
                                                    "In the space of the flow. The distance between finite samples of the same law is not 0: see the last row. The noise is of low discrepancy, so the other rows may lie below it."
                                                    distanceColumns
                                                    distances
                                            ]
                                    }
                                    {
                                        Heading = "One step against the field"
                                        Blocks =
                                            [
                                                PageTable.ofText
                                                    "Distances from the points that 40 Runge–Kutta steps reach from the same noise."
                                                    errorColumns
                                                    (errorRows errors)
                                            ]
                                    }
                                ]
                            Provenance = Inputs.provenance command (Some request.Seed)
                        }

                Ui.say $"report: {IO.Path.GetFullPath path}"
        }
