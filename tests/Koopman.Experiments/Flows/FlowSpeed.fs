namespace Koopman.Experiments

open System
open System.Diagnostics
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open TorchSharp
open Koopman.Learning
open Koopman.Flows

/// <summary>The sizes of the timing.</summary>
[<NoComparison; NoEquality>]
type FlowSpeedOptions =
    {
        /// <summary>Samples generated at once.</summary>
        Batch: int
        /// <summary>Rounds; each times every sampler once, so that drifts in the machine's speed affect all alike.</summary>
        Rounds: int
        /// <summary>Training steps: adaptive solvers need more evaluations for more curved fields.</summary>
        TeacherSteps: int
        StudentSteps: int
    }

/// <summary>
/// One step compared with solvers of its teacher: equal networks, the same noise, one process.
/// </summary>
[<RequireQualifiedAccess>]
module FlowSpeed =

    let defaults: FlowSpeedOptions =
        {
            Batch = 10_000
            Rounds = 5
            TeacherSteps = 2000
            StudentSteps = 500
        }

    /// A sampler by its name, with its number of network evaluations.
    [<NoComparison; NoEquality>]
    type private Contender =
        {
            Name: string
            Make: Tensor -> Outcome<Tensor * int>
        }

    let private solver (name: string) (method: OdeMethod) (teacher: VelocityField) : Contender =
        {
            Name = name
            Make =
                fun noise ->
                    Ode.trajectory method teacher [| 0.0; 1.0 |] noise
                    |> Result.map (fun path -> path.States, path.Evaluations)
        }

    let private contenders (sampler: OneStep) (teacher: VelocityField) : Contender list =
        [
            {
                Name = "one_step"
                Make = fun noise -> OneStep.sample sampler noise |> Result.map (fun made -> made, 1)
            }
            solver "euler10" (Euler 10) teacher
            solver "euler100" (Euler 100) teacher
            solver "dopri5_1e-3" (DormandPrince 1e-3) teacher
            solver "dopri5" (DormandPrince 1e-4) teacher
            solver "dopri5_1e-5" (DormandPrince 1e-5) teacher
        ]

    let private labels =
        Map.ofList
            [
                "one_step", "one step"
                "euler10", "Euler, 10 steps"
                "euler100", "Euler, 100 steps"
                "dopri5_1e-3", "Dormand-Prince, 1e-3"
                "dopri5", "Dormand-Prince, 1e-4"
                "dopri5_1e-5", "Dormand-Prince, 1e-5"
            ]

    let private median (values: float list) : float =
        MathNet.Numerics.Statistics.Statistics.Median values

    /// Median seconds and evaluations of each, and the median over rounds of its time relative to that of one step in the same round.
    let private race (rounds: int) (noise: Tensor) (all: Contender list) =
        let once (contender: Contender) =
            let watch = Stopwatch.StartNew()

            contender.Make noise
            |> Result.map (fun (made, evaluations) ->
                let seconds = watch.Elapsed.TotalSeconds
                made.Dispose()
                seconds, evaluations)

        result {
            // One round to warm up.
            let! _ = all |> Outcome.collect once
            let! timed = [ 1..rounds ] |> Outcome.collect (fun _ -> all |> Outcome.collect once)

            return
                all
                |> List.mapi (fun i contender ->
                    let seconds = timed |> List.map (fun round -> fst round[i])
                    let ratios = timed |> List.map (fun round -> fst round[i] / fst round[0])
                    contender.Name, median seconds, snd timed.Head[i], median ratios)
        }

    /// Field and lift with networks of these widths for data, and their timings.
    let private case
        (options: FlowSpeedOptions)
        (report: float -> unit)
        (seed: Seed)
        (widths: int list)
        (features: int)
        (data: Samples)
        =
        let network = Mlp { Net.mlpDefaults with Widths = widths }

        let teaching =
            { FlowMatching.defaults with
                Network = network
                Descent =
                    { FlowMatching.defaults.Descent with
                        Steps = options.TeacherSteps
                    }
            }

        let learning =
            { Distillation.solverFree with
                Lift =
                    Fresh
                        { LinearFlow.defaults with
                            Network = network
                            Features = features
                        }
                Descent =
                    { Distillation.solverFree.Descent with
                        Steps = options.StudentSteps
                    }
            }

        result {
            use! teacher =
                FlowMatching.train
                    (Control.report (fun (p: DescentProgress) -> report (0.6 * float p.Step / float p.Total)))
                    teaching
                    (Seed.derive "teacher" seed)
                    None
                    data

            use! lift =
                Distillation.train
                    (Control.report (fun (p: DistillationProgress) -> report (0.6 + 0.2 * float p.Step / float p.Total)))
                    learning
                    (Seed.derive "student" seed)
                    teacher
                    None
                    data

            use sampler = OneStep.create lift

            use exact =
                Seed.normal [| int64 options.Batch; int64 data.Dimension |] (Seed.derive "noise" seed)

            use noise = exact.to_type torch.float32
            return! race options.Rounds noise (contenders sampler teacher)
        }

    /// Eight Gaussians, in independent copies to fill 16 dimensions.
    let private wide (count: int) (seed: Seed) : Outcome<Samples> =
        [ 1..8 ]
        |> Outcome.collect (fun k -> PlanarSets.draw PlanarSets.eightGaussians count (Seed.derive $"plane {k}" seed))
        |> Result.bind (fun planes ->
            use _ = torch.NewDisposeScope()
            let joined = torch.cat (planes |> List.map _.Points |> ResizeArray, 1L)

            for plane in planes do
                (plane :> IDisposable).Dispose()

            Samples.ofTensor joined)

    /// <summary>Both comparisons.</summary>
    let study (options: FlowSpeedOptions) (report: float -> unit) (seed: Seed) : Outcome<Findings> =
        result {
            use! plane =
                PlanarSets.draw PlanarSets.eightGaussians 20_000 (Seed.derive "plane" seed)

            let! flat =
                case options (fun p -> report (0.4 * p)) (Seed.derive "2" seed) [ 96; 96; 96 ] 32 plane

            use! space = wide 20_000 (Seed.derive "space" seed)

            let! deep =
                case options (fun p -> report (0.4 + 0.6 * p)) (Seed.derive "16" seed) [ 256; 256; 256 ] 128 space

            report 1.0

            let races =
                [
                    "2 dimensions, 96-96-96", "", flat
                    "16 dimensions, 256-256-256", "d16.", deep
                ]

            let columns =
                [ "<sampler"; "<data and network"; "ms"; "evaluations"; "times one step" ]

            let rows =
                [
                    for title, _, results in races do
                        for name, seconds, evaluations, ratio in results ->
                            [
                                labels[name]
                                title
                                Ui.number (1000.0 * seconds)
                                string evaluations
                                (if name = "one_step" then "1" else Ui.number ratio)
                            ]
                ]

            return
                {
                    Metrics =
                        [
                            for _, prefix, results in races do
                                for name, _, _, ratio in results do
                                    if name <> "one_step" then
                                        $"{prefix}vs_{name}", ratio

                                for name, seconds, _, _ in results do
                                    $"{prefix}{name}.seconds", seconds

                                for name, _, evaluations, _ in results do
                                    if name.StartsWith "dopri5" then
                                        $"{prefix}{name}.evaluations", float evaluations
                        ]
                    Extra = []
                    Table = columns, rows
                    Sections =
                        [
                            {
                                Heading = "Time"
                                Blocks =
                                    [
                                        PageTable.ofText
                                            $"{options.Batch:N0} samples at once from the same noise, in float32. Field and features have networks of the same widths. Medians over {options.Rounds} rounds, each of which times all samplers."
                                            columns
                                            rows
                                        Block.Beside
                                            [
                                                for title, _, results in races ->
                                                    [
                                                        Layer.bars
                                                            0
                                                            "time"
                                                            (results
                                                             |> List.map (fun (n, _, _, _) -> labels[n])
                                                             |> Array.ofList)
                                                            (results
                                                             |> List.map (fun (_, s, _, _) -> 1000.0 * s)
                                                             |> Array.ofList)
                                                    ]
                                                    |> Figure.create
                                                        title
                                                        (Axis.labels "")
                                                        (Axis.logarithmic "milliseconds")
                                                    |> Block.Chart
                                            ]
                                    ]
                            }
                        ]
                }
        }

    /// <summary>Batches of 10,000, two trained pairs.</summary>
    let experiment: Experiment =
        {
            Name = "flow-speed"
            Summary = "one step compared with Euler and Dormand-Prince: equal networks, batches of 10,000"
            Minutes = 3.0
            // Hardly trained pairs are as fast, but adaptive solvers take fewer evaluations. With batches of 10,000 the solvers alone take minutes.
            Work =
                Work.AtOnce(fun size ->
                    study (
                        size.Choose(
                            defaults,
                            (if size = Size.Brief then
                                 { defaults with
                                     Batch = 200
                                     Rounds = 1
                                     TeacherSteps = 50
                                     StudentSteps = 10
                                 }
                             else
                                 { defaults with
                                     Batch = 2000
                                     Rounds = 3
                                     TeacherSteps = 300
                                     StudentSteps = 50
                                 })
                        )
                    ))
        }
