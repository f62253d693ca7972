namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting
open Koopman.Plots
open TorchSharp
open Koopman.Flows

/// <summary><c>koopman flow sample</c>, <c>spectrum</c>, <c>edit</c> and <c>invert</c>: uses of a trained linear flow.</summary>
[<RequireQualifiedAccess>]
module FlowCommands =

    let internal readData (options: ReadOptions) (model: FlowModel) (path: string) : Outcome<Samples> =
        result {
            if List.contains path PlanarSets.names then
                let! set = PlanarSets.byName path
                use! drawn = PlanarSets.draw set 2000 (Seed.ofInt 0)
                return! FlowModel.ofData model drawn
            else
                use! loaded = Inputs.load options [ path ]
                return! FlowModel.ofData model (Dataset.samples loaded.Dataset)
        }

    let private write (out: string) (model: FlowModel) (points: Tensor) : Outcome<unit> =
        result {
            use! samples = FlowModel.toData model points
            do! Samples.save out samples
            Ui.say $"{out}: {samples}"
        }

    let private atLeast (least: int) (what: string) (count: int) : Outcome<unit> =
        if count >= least then
            Ok()
        else
            KoopmanError.fail ErrorKind.InvalidSetting $"{count} {what} were requested" $"Give at least {least}"

    let private warn (moved: Moved) : unit =
        for warning in moved.Warnings do
            Ui.say (ToolWords.translate $"warning: {warning}")

    /// Samples with the worst share computed by the teacher, and what their bounds are.
    let private certified (share: float) (seed: int) (model: FlowModel) (noise: Tensor) : Outcome<Tensor> =
        result {
            use held =
                Seed.normal [| 2000L; int64 model.Lift.Dimension |] (Seed.derive "certificate" (Seed.ofInt seed))

            use! certificate =
                Certificate.calibrate Certificate.defaults model.Lift model.Teacher held

            let! samples = Certificate.sample (HandOverWorst share) certificate noise
            let bounds = Array.sort samples.Bounds

            Ui.say
                $"95 %% bounds on the distance from the teacher's samples, in its space: median {Ui.number bounds[bounds.Length / 2]}, largest {Ui.number (Array.last bounds)}; {samples.HandedOver.Length} samples by the teacher"

            return samples.Points
        }

    /// <summary>Samples, as requested.</summary>
    [<NoComparison>]
    type SampleRequest =
        {
            File: string
            /// For a flow with classes.
            Class: int option
            /// The weight of class-free guidance of the field.
            Guidance: float option
            Count: int
            /// From 0, noise, to 1, data.
            Time: float
            /// The share of samples with the largest bounds that the teacher computes.
            Worst: float option
            /// Equal steps of the linear flow, in place of those that it was trained for.
            Parts: int option
            /// Runge-Kutta steps of the field, in place of the linear flow.
            FieldSteps: int option
            Seed: int
            Out: string
            Json: string option
        }

    let private checkSample (request: SampleRequest) : Outcome<unit> =
        let several =
            [ request.Worst.IsSome; request.Parts.IsSome; request.FieldSteps.IsSome ]
            |> List.filter id
            |> List.length

        if several > 1 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "--worst, --parts and --field-steps are three ways to sample"
                "Give one of them"
        elif several = 1 && request.Time <> 1.0 && request.FieldSteps.IsNone then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"Bounds or parts at time {request.Time} were requested"
                "They are for samples, at time 1: leave out --time"
        elif request.Guidance.IsSome && request.Worst.IsNone && request.FieldSteps.IsNone then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "--guidance changes the field, not the linear flow that was trained"
                "Give --field-steps 40 to sample with the field, or --guidance to 'flow train'"
        else
            Inputs.checkCounts
                [
                    "--parts", Option.defaultValue 1 request.Parts
                    "--field-steps", Option.defaultValue 1 request.FieldSteps
                ]

    /// <summary>
    /// Samples of the law of the data in one step from noise, or points of the flow at an earlier time; or samples of the field, in many steps.
    /// </summary>
    let sample (request: SampleRequest) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ Some request.Out; request.Json ]
            do! atLeast 2 "samples" request.Count
            do! checkSample request
            use! model = FlowModel.loadFor request.Class request.Guidance request.File
            use sampler = OneStep.create model.Lift

            use noise =
                Seed.normal [| int64 request.Count; int64 model.Lift.Dimension |] (Seed.ofInt request.Seed)

            let! made, how =
                match request.Worst, request.Parts, request.FieldSteps with
                | Some share, _, _ ->
                    certified share request.Seed model noise
                    |> Result.map (fun points -> points, $"one step, the worst {share} by the field")
                | _, Some parts, _ ->
                    OneStep.sampleInSteps parts sampler noise
                    |> Result.map (fun points -> points, $"{parts} steps of the linear flow")
                | _, _, Some steps ->
                    use start = noise.to_type torch.float32

                    Ode.solve (RungeKutta4 steps) model.Teacher 0.0 request.Time start
                    |> Result.map (fun points -> points, $"{steps} Runge-Kutta steps of the field")
                | _ ->
                    OneStep.move 0.0 request.Time sampler noise
                    |> Result.map (fun moved ->
                        warn moved
                        moved.Points, "the linear flow")

            use points = made
            use! samples = FlowModel.toData model points
            do! Samples.save request.Out samples
            Ui.say $"{request.Out}: {samples}"

            match request.Json with
            | None -> ()
            | Some path ->
                let mean, spread =
                    Tensors.within (fun () ->
                        Tensors.toArray (Samples.mean samples),
                        Tensors.toArray ((Samples.covariance samples).diagonal().sqrt()))

                do!
                    Json.write
                        path
                        (Json.members
                            [
                                "file", Json.text request.File
                                "method", Json.text how
                                "count", Json.integer samples.Count
                                "dimension", Json.integer samples.Dimension
                                "mean", Json.list (mean |> Seq.map Json.number)
                                "standard_deviation", Json.list (spread |> Seq.map Json.number)
                                "seed", Json.integer request.Seed
                                "environment", Inputs.environment ()
                            ])
        }

    let private columns =
        [
            "mode"
            "eigenvalue"
            "e-folding time"
            "period"
            "at t = 0"
            "at .5"
            "at 1"
            "deviation"
        ]

    /// <summary>The modes of the flow: growth, rotation, and contributions to the points along the way.</summary>
    let spectrum
        (command: string)
        (file: string)
        (number: int option)
        (count: int)
        (json: string option)
        (report: string option)
        : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ json; report ]
            do! atLeast 1 "modes" count
            use! model = FlowModel.loadFor number None file
            use! noise = FlowModel.noise 2000 model.Lift.Dimension (Seed.ofInt 0)
            use! start = Samples.ofTensor noise
            use! modes = FlowSpectrum.find model.Lift 0.0 start
            let contributions = FlowSpectrum.contributions 0.0 [| 0.0; 0.5; 1.0 |] modes noise

            let order =
                Array.init modes.Eigenvalues.Length id
                |> Array.filter (fun k -> modes.Conjugates[k] >= k)
                |> Array.sortByDescending (fun k -> contributions[2][k])
                |> Array.truncate count

            let rows =
                [
                    for k in order ->
                        let value = modes.Eigenvalues[k]

                        [
                            string k
                            Ui.complex value
                            Ui.number (1.0 / value.Real)
                            (if value.Imaginary = 0.0 then
                                 "–"
                             else
                                 Ui.number (2.0 * Math.PI / value.Imaginary))
                            Ui.number (contributions[0][k])
                            Ui.number (contributions[1][k])
                            Ui.number (contributions[2][k])
                            Ui.number modes.Deviations[k]
                        ]
                ]

            let facts =
                $"{modes.Eigenvalues.Length} modes, conjugate pairs shown once; condition number of the modes {Ui.number modes.Condition}, of e^L {Ui.number modes.ExponentialCondition}, log-norm {Ui.number modes.LogNorm}"

            Ui.table columns rows
            Ui.say facts

            Ui.say
                "contributions: root mean square of |Re α e^{λt} mode| over points that start as noise, largest at t = 1 first; growth is per unit of t, from noise (0) to data (1)"

            match json with
            | None -> ()
            | Some path ->
                do!
                    Json.write
                        path
                        (Json.members
                            [
                                "file", Json.text file
                                "condition", Json.number modes.Condition
                                "exponential_condition", Json.number modes.ExponentialCondition
                                "log_norm", Json.number modes.LogNorm
                                "modes",
                                Json.list (
                                    Array.init modes.Eigenvalues.Length id
                                    |> Array.map (fun k ->
                                        Json.members
                                            [
                                                "index", Json.integer k
                                                "eigenvalue", Json.number modes.Eigenvalues[k].Real
                                                "eigenvalue_imaginary", Json.number modes.Eigenvalues[k].Imaginary
                                                "deviation", Json.number modes.Deviations[k]
                                                "contribution_start", Json.number (contributions[0][k])
                                                "contribution_end", Json.number (contributions[2][k])
                                            ])
                                )
                                "environment", Inputs.environment ()
                            ])

            match report with
            | None -> ()
            | Some path ->
                let times = Array.init 21 (fun i -> float i / 20.0)
                let over = FlowSpectrum.contributions 0.0 times modes noise

                let plane = FlowPlot.eigenvalues contributions[2] modes
                let ways = FlowPlot.contributions (Array.truncate 8 order) times over

                do!
                    Report.write
                        path
                        {
                            Title = $"The spectrum of {IO.Path.GetFileName file}"
                            Subtitle = $"{facts}."
                            Sections =
                                [
                                    {
                                        Heading = "Spectrum"
                                        Blocks =
                                            [
                                                Block.Beside [ Block.Chart plane; Block.Chart ways ]
                                                PageTable.ofText "Contributions at t = 0, .5 and 1." columns rows
                                            ]
                                    }
                                ]
                            Provenance = Inputs.provenance command None
                        }

                Ui.say $"report: {IO.Path.GetFullPath path}"
        }

    /// <summary>An edit of one mode, as requested.</summary>
    [<NoComparison>]
    type EditRequest =
        {
            File: string
            /// For a flow with classes.
            Class: int option
            /// Data to edit; without it new samples are edited.
            Data: string option
            /// How the data are to be understood.
            Reading: ReadOptions
            Count: int
            Mode: int
            /// In standard deviations of the mode.
            Shift: float option
            Phase: float
            Scale: float option
            Seed: int
            Out: string
        }

    /// <summary>Samples, or data, with one mode shifted or scaled.</summary>
    let edit (request: EditRequest) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ Some request.Out ]

            let! change =
                match request.Shift, request.Scale with
                | Some amount, None -> Ok(ShiftMode(request.Mode, amount, request.Phase))
                | None, Some factor -> Ok(ScaleMode(request.Mode, factor))
                | _ ->
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "An edit needs either a shift or a factor"
                        "Give --shift DEVIATIONS (.3 to .7 change samples visibly) or --scale FACTOR (0 removes the mode)"

            do! atLeast 2 "samples" request.Count
            use! model = FlowModel.loadFor request.Class None request.File

            let from = if request.Data.IsSome then 1.0 else 0.0

            use! points =
                match request.Data with
                | Some path -> readData request.Reading model path
                | None ->
                    use noise =
                        Seed.normal [| int64 request.Count; int64 model.Lift.Dimension |] (Seed.ofInt request.Seed)

                    Samples.ofTensor noise

            use! modes = FlowSpectrum.find model.Lift from points
            use! edited = FlowSpectrum.edit from [ change ] modes points.Points
            use! unchanged = FlowSpectrum.edit from [] modes points.Points

            let moved =
                Tensors.within (fun () -> (edited - unchanged).square().sum(1L).mean().sqrt().ToDouble())

            do! write request.Out model edited

            Ui.say
                $"mode {request.Mode} ({Ui.complex modes.Eigenvalues[request.Mode]}): points moved by {Ui.number moved} (root mean square)"
        }

    /// <summary>The noise that data come from, in one step backwards, and how accurately it leads back to them.</summary>
    let invert
        (options: ReadOptions)
        (file: string)
        (number: int option)
        (guidance: float option)
        (data: string)
        (out: string)
        (json: string option)
        : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ Some out; json ]
            use! model = FlowModel.loadFor number guidance file
            use! points = readData options model data
            use sampler = OneStep.create model.Lift
            use! noise = OneStep.move 1.0 0.0 sampler points.Points
            let! errors = FlowErrors.inversion sampler model.Teacher points.Points
            use! found = Samples.ofTensor noise.Points
            do! Samples.save out found
            warn noise

            Ui.table
                [ "<root mean square distance"; "" ]
                [
                    [
                        "between the noise and that of the field integrated backwards"
                        Ui.number errors.ToTeacher
                    ]
                    [
                        "between the data and their images after one step back and one step forward"
                        Ui.number errors.Cycle
                    ]
                    [
                        "between the data and their images after one step back and the field forward"
                        Ui.number errors.TeacherForward
                    ]
                    [ "between unrelated noise points (chance)"; Ui.number errors.Chance ]
                ]

            Ui.say $"{out}: {found}"

            match json with
            | None -> ()
            | Some path ->
                do!
                    Json.write
                        path
                        (Json.members
                            [
                                "file", Json.text file
                                "data", Json.text data
                                "to_teacher", Json.number errors.ToTeacher
                                "cycle", Json.number errors.Cycle
                                "teacher_forward", Json.number errors.TeacherForward
                                "chance", Json.number errors.Chance
                                "environment", Inputs.environment ()
                            ])

            if noise.Warnings.Length > 0 then
                Ui.say "train with --inversion to make inversion as accurate as generation"
        }
