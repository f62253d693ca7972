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
            /// The flow's space: so many leading principal components of a file's data, or latents of an autoencoder; default all.
            Latent: string option
            /// Training steps of an autoencoder.
            LatentSteps: int option
            /// A column with the class of each row, or a file with as many numbers.
            Labels: string option
            /// The share of rows trained without their class.
            ClassFreeShare: float
            /// The weight of class-free guidance of the field that the linear flow follows.
            Guidance: float option
            /// The networks, see <c>NetworkSpec</c>.
            Network: string option
            /// The features of the linear flow.
            Features: int option
            /// The widths of a learned decoder.
            Decoder: string option
            Device: string
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
            Json: string option
            Report: string option
        }

    let private recipe (request: Request) : Outcome<DistillationOptions> =
        let tooFew =
            [
                "--teacher-steps", request.TeacherSteps
                "--steps", request.Steps
                "--parts", Some request.Parts
            ]
            |> List.tryPick (fun (name, steps) ->
                steps |> Option.filter (fun n -> n < 1) |> Option.map (fun n -> name, n))

        let tooFew =
            match tooFew, request.Features with
            | None, Some features when features < 1 -> Some("--features", features)
            | found, _ -> found

        match tooFew, Distillation.recipes |> List.tryFind (fun (name, _) -> name = request.Recipe) with
        | Some(name, steps), _ -> KoopmanError.fail ErrorKind.InvalidSetting $"{name} {steps}" "Give 1 or more"
        | None, _ when not (request.SaveEvery >= 0.0 && request.SaveEvery <= 1e6) ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"--save-every {request.SaveEvery}"
                "Give the seconds between two saved states, such as 30"
        | None, _ when
            request.Labels.IsNone
            && (request.Guidance.IsSome || request.ClassFreeShare > 0.0)
            ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "Guidance is towards a class, but the data have no classes"
                "Give --labels, or leave out --guidance and --class-free-share"
        | None, _ when not (request.ClassFreeShare >= 0.0 && request.ClassFreeShare <= 1.0) ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"--class-free-share is {request.ClassFreeShare}"
                "Give a share from 0 to 1, such as .15"
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

    /// The map of a file's data to the flow's space: of one scale for networks of images, else whitened.
    let private mapOf (request: Request) (seed: Seed) (isImage: bool) (samples: Samples) : Outcome<LatentMap> =
        result {
            if isImage then
                return! LatentMap.standard samples
            else
                let! spec =
                    match request.Latent with
                    | Some text -> LatentSpec.parse text
                    | None -> Ok(Principal samples.Dimension)

                let! plain, remark =
                    LatentSpec.fit request.LatentSteps (Seed.derive "latent" seed) spec samples

                if request.Latent.IsSome then
                    Ui.note remark

                return!
                    LatentMap.whitened samples plain
                    |> Result.mapError (fun error ->
                        plain.Dispose()
                        error)
        }

    /// Data in the flow's space, their classes, the map to it, and the networks.
    let private data (request: Request) (seed: Seed) : Outcome<FlowData> =
        let isPlanar = List.contains request.Data PlanarSets.names

        result {
            let! spec = NetworkSpec.parse request.Network
            let isImage = NetworkSpec.isImage spec

            if isPlanar && request.Latent.IsSome then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"The planar set '{request.Data}' has no principal components to choose from"
                        "Leave out --latent, which is for high-dimensional files"
            elif isImage && (isPlanar || request.Latent.IsSome) then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "A U-Net is for images as they are"
                        "Give a folder of images without --latent, or dense layers such as --network 128,128"
            elif isPlanar && request.Labels.IsSome then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"The planar set '{request.Data}' has no classes"
                        "Leave out --labels, or give a file with a column of classes"
            elif isPlanar then
                let! set = PlanarSets.byName request.Data
                let! samples = PlanarSets.draw set 20_000 (Seed.derive "data" seed)

                return
                    {
                        Samples = samples
                        Classes = None
                        Latent = None
                        Networks = NetworkSpec.networks spec None 0 request.Device
                    }
            elif not (IO.Path.Exists request.Data) then
                return!
                    KoopmanError.fail
                        ErrorKind.MissingFile
                        $"There is no file and no planar set '{request.Data}'"
                        ("Give a file of points, or one of " + String.Join(", ", PlanarSets.names))
            else
                use! all = Inputs.loadStill request.Reading [ request.Data ]
                let! loaded, classes = Labels.read request.Labels all
                use loaded = loaded

                let image =
                    match loaded.Dataset with
                    | Images(_, height, width) -> Some(struct (1, height, width))
                    | _ -> None

                if isImage && image.IsNone then
                    return!
                        KoopmanError.fail
                            ErrorKind.InvalidSetting
                            $"{loaded.File} holds no images, which a U-Net needs"
                            "Give a folder with MNIST idx files, or dense layers such as --network 128,128"
                else
                    let samples = Dataset.samples loaded.Dataset
                    let! map = mapOf request seed isImage samples

                    match LatentMap.encode map samples with
                    | Ok latents ->
                        return
                            {
                                Samples = latents
                                Classes = classes
                                Latent = Some map
                                Networks = NetworkSpec.networks spec image (Labels.count classes) request.Device
                            }
                    | Error error ->
                        map.Dispose()
                        return! Error error
        }

    let private interval (request: Request) : TimeSpan = TimeSpan.FromSeconds request.SaveEvery

    let private teach (request: Request) (path: ProbabilityPath) (seed: Seed) (data: FlowData) =
        let options =
            { FlowMatching.defaults with
                Network = data.Networks.Field
                ClassFreeShare = request.ClassFreeShare
                Path = path
                Descent =
                    { FlowMatching.defaults.Descent with
                        Steps = defaultArg request.TeacherSteps FlowMatching.defaults.Descent.Steps
                    }
            }

        result {
            use! training =
                FlowMatching.start options (Seed.derive "teacher" seed) (Labels.numbers data.Classes) data.Samples

            do!
                FlowRun.finish
                    request.Resume
                    {
                        Title = "learning the velocity field"
                        File = FlowModel.teacherRun request.Out
                        Steps = fun () -> training.Step
                        Total = options.Descent.Steps
                        IsDone = fun () -> training.Step >= options.Descent.Steps
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
        (data: FlowData)
        =
        result {
            let! options =
                NetworkSpec.lift request.Features request.Decoder data.Networks options

            use! training =
                Distillation.startUnder
                    (Interrupt.token ())
                    { options with
                        Draws =
                            { options.Draws with
                                ClassFreeShare = request.ClassFreeShare
                            }
                    }
                    (Seed.derive "student" seed)
                    teacher
                    (Labels.numbers data.Classes)
                    data.Samples

            do!
                FlowRun.finish
                    request.Resume
                    {
                        Title = "distilling the linear flow"
                        File = FlowModel.studentRun request.Out
                        Steps = fun () -> training.Step
                        Total = options.Descent.Steps
                        IsDone = fun () -> training.Step >= options.Descent.Steps
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
        (count: int)
        (noise: Tensor)
        (samples: Samples)
        : Outcome<(string * float * float) list * Block> =
        result {
            use sampler = OneStep.create model.Lift
            let leading = noise.narrow (0L, 0L, int64 count)

            use! ended =
                Ode.solve (RungeKutta4 40) model.Teacher 0.0 1.0 (leading.to_type torch.float32)

            use! straight =
                Ode.solve (Euler 1) model.Teacher 0.0 1.0 (leading.to_type torch.float32)

            use! byLine = Samples.ofTensor straight
            use! stepped = OneStep.sample sampler leading
            use! byField = Samples.ofTensor ended
            use! byFlow = Samples.ofTensor stepped
            // The rows of a file may be sorted.
            let order = Seed.permutation samples.Count (Seed.derive "reference" (Seed.ofInt 1))
            use! reference = Samples.pick order[.. count - 1] samples
            use! independent = Samples.pick order[count .. 2 * count - 1] samples

            let distance (points: Samples) =
                result {
                    let! exact = Wasserstein.exact points reference
                    return exact, Mmd.distance (Mmd.bandwidth reference) points reference
                }

            let! field = distance byField
            let! line = distance byLine
            let! flow = distance byFlow
            let! floor = distance independent

            let row (name: string) (exact: float, mmd: float) = name, exact, mmd

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

    let private writeJson
        (request: Request)
        (data: FlowData)
        (errors: DistillationErrors)
        (distances: (string * float * float) list)
        : Outcome<unit> =
        match request.Json with
        | None -> Ok()
        | Some path ->
            Json.write
                path
                (Json.members
                    [
                        "data", Json.text request.Data
                        "model", Json.text request.Out
                        "recipe", Json.text request.Recipe
                        "dimension", Json.integer data.Samples.Dimension
                        "samples", Json.integer data.Samples.Count
                        "classes",
                        Json.list (
                            data.Classes
                            |> Option.map (fun classes -> classes.Names |> Array.map Json.number)
                            |> Option.defaultValue [||]
                        )
                        "errors",
                        Json.members
                            [
                                "end", Json.number errors.End
                                "median_end", Json.number errors.MedianEnd
                                "middle", Json.number errors.Middle
                                "anywhere", Json.number errors.Anywhere
                                "inverse", Json.number errors.Inverse
                            ]
                        "distances",
                        Json.list
                            [
                                for name, w2, mmd in distances ->
                                    Json.members
                                        [ "samples", Json.text name; "w2", Json.number w2; "mmd", Json.number mmd ]
                            ]
                        "seed", Json.integer request.Seed
                        "environment", Inputs.environment ()
                    ])

    /// <summary>Trains both, reports the error of one step against the field, and writes the model.</summary>
    let run (command: string) (request: Request) : Outcome<unit> =
        result {
            do! Inputs.checkWritable (request.Json :: request.Report :: (FlowModel.files request.Out |> List.map Some))
            let seed = Seed.ofInt request.Seed
            let! options = recipe request
            let! data = data request seed
            use samples = data.Samples

            let freed (outcome: Outcome<'T>) : Outcome<'T> =
                if Result.isError outcome then
                    data.Latent |> Option.iter _.Dispose()

                outcome

            let! plain = teach request options.Path seed data |> freed

            let! guided =
                match request.Guidance with
                | None -> Ok plain
                | Some weight -> VelocityField.guided weight plain
                |> freed

            let! lift = study request options seed guided data |> freed
            use trained = new FlowModel(lift, plain, data.Latent)
            do! FlowModel.save request.Out trained
            // Files are read to the CPU.
            use! model = FlowModel.load request.Out
            let count = min compared (samples.Count / 2)
            use! noise = FlowModel.noise 2000 samples.Dimension (Seed.derive "noise" seed)

            use! all =
                FlowModel.told request.Guidance (Labels.drawn 2000 seed data.Classes) model

            use! some =
                FlowModel.told request.Guidance (Labels.drawn count seed data.Classes) model

            use sampler = OneStep.create all.Lift
            let! errors = FlowErrors.measure sampler all.Teacher noise
            let! distances, clouds = compare some count noise samples
            FlowRun.forget [ FlowModel.teacherRun request.Out; FlowModel.studentRun request.Out ]
            let errorColumns = [ "<error of one step"; "root mean square" ]
            let distanceColumns = [ "<samples"; "W2 to the data"; "MMD" ]
            Ui.table errorColumns (errorRows errors)

            let distanceRows =
                [
                    for name, exact, mmd in distances -> [ name; Ui.number exact; Ui.number mmd ]
                ]

            Ui.table distanceColumns distanceRows

            Ui.say
                $"{request.Out}: {samples.Dimension} dimensions, {lift.Features} features, recipe {request.Recipe}; its teacher is in the same folder"

            match data.Classes with
            | None -> ()
            | Some classes -> Ui.say $"classes: {Labels.describe classes}"

            match request.Guidance with
            | None -> ()
            | Some weight ->
                Ui.say
                    $"the linear flow follows the field with guidance {Ui.number weight}, which files do not store: give --guidance to 'flow sample' and 'flow invert' too"

            do! writeJson request data errors distances

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
                                                    distanceRows
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
