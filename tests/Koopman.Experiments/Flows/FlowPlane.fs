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

/// <summary>The sizes of the study in the plane.</summary>
[<NoComparison; NoEquality>]
type FlowPlaneOptions =
    {
        Sets: PlanarSet list
        Seeds: int
        Teacher: FlowMatchingOptions
        /// <summary>Students by name.</summary>
        Recipes: (string * DistillationOptions) list
        /// <summary>Pairs of samples for the exact distance.</summary>
        Pairs: int
        /// <summary>Their size.</summary>
        Matched: int
        /// <summary>Points for the sliced distance, and training data.</summary>
        Wide: int
    }

/// <summary>
/// Linear flows of planar laws by several recipes, each compared with its teacher of 100 steps: at the end, on the way, and from anywhere on it.
/// </summary>
[<RequireQualifiedAccess>]
module FlowPlane =

    let defaults: FlowPlaneOptions =
        {
            Sets = [ PlanarSets.eightGaussians; PlanarSets.moons; PlanarSets.checkerboard ]
            Seeds = 3
            Teacher = FlowMatching.defaults
            Recipes = Distillation.recipes
            Pairs = 6
            Matched = 2000
            Wide = 20_000
        }

    /// Points of errors along the way.
    let private followed (judge: PlaneJudge) : Tensor =
        judge.Noise.narrow (0L, 0L, min 4000L judge.Noise.shape[0])

    let private caption =
        "W2 and sliced W2 to the data relative to the teacher's 100 Euler steps; distances from the teacher's paths at the end, on the way and at the end from anywhere on it; μ: the log-norm; r: residual of consistency. CPU: training of the student."

    /// Points in a frame that is the same for all.
    let private cloud (title: string) (points: Samples) : Block =
        let at (axis: int64) =
            Tensors.within (fun () -> Tensors.toArray (points.Points.select (1L, axis)))

        let axis (name: string) =
            Axis.linear name |> Axis.between -2.4 2.4

        [ Layer.points 0 title (at 0L) (at 1L) ]
        |> Figure.create title (axis "x") (axis "y")
        |> Figure.withEqualUnits
        |> Block.Chart

    /// Distances between one step and the teacher's paths at the times of the paths.
    let private gaps (sampler: OneStep) (times: float[]) (paths: Tensor) : Outcome<float[]> =
        result {
            use! predicted = OneStep.path 0.0 times sampler (paths.select (0L, 0L))

            return
                Tensors.within (fun () ->
                    (predicted.Points - paths).square().sum(-1L).mean([| 1L |]).sqrt().to_type torch.float64
                    |> Tensors.toArray)
        }

    /// The fields of one set and seed that all students share.
    [<NoComparison; NoEquality>]
    type private Lesson =
        {
            Set: PlanarSet
            Data: Samples
            Teacher: VelocityField
            Judge: PlaneJudge
            Exact: float
            Sliced: float
            /// Teacher paths at eighths of the way.
            Times: float[]
            Paths: Tensor
            Seed: Seed
        }

    let private student (report: float -> unit) (lesson: Lesson) (name: string) (options: DistillationOptions) =
        result {
            // What the training says of the lift last.
            let mutable logNorm = nan

            let listen (now: DistillationProgress) =
                logNorm <- now.LogNorm
                report (float now.Step / float now.Total)

            let begun = Run.cpuSeconds ()

            use! lift =
                Distillation.train
                    (Control.report listen)
                    options
                    (Seed.derive "student" lesson.Seed)
                    lesson.Teacher
                    None
                    lesson.Data

            let seconds = Run.cpuSeconds () - begun
            use sampler = OneStep.create lift
            let map: NoiseMap = OneStep.sample sampler
            let! exact = lesson.Judge.Exact map
            let! sliced = lesson.Judge.Sliced map
            let! errors = FlowErrors.measure sampler lesson.Teacher (followed lesson.Judge)
            let! bounds = FlowErrors.bounds lift lesson.Teacher (followed lesson.Judge)
            let! along = gaps sampler lesson.Times lesson.Paths

            use! points =
                map lesson.Judge.Noise |> Result.bind (fun made -> using made Samples.ofTensor)

            use! shown = Samples.take 2000 points

            return
                ($"{lesson.Set.Name}.{name}",
                 [
                     "w2_ratio", exact / lesson.Exact
                     "sw2_ratio", sliced / lesson.Sliced
                     "end_rmse", errors.End
                     "mid_rmse", errors.Middle
                     "any_rmse", errors.Anywhere
                     "mu", logNorm
                     "cpu_seconds", seconds
                     "end_median", errors.MedianEnd
                     "inverse_rmse", errors.Inverse
                     "point_residual", bounds.PointResidual
                     "feature_residual", bounds.FeatureResidual
                 ]),
                (name, along, cloud name shown)
        }

    let private affine (lesson: Lesson) =
        result {
            use noise = Seed.normal [| 10_000L; 2L |] (Seed.derive "affine" lesson.Seed)
            use single = noise.to_type torch.float32
            use! known = Ode.trajectory (RungeKutta4 40) lesson.Teacher lesson.Times single
            use whole = AffineControl.ends known.States
            let map = AffineControl.move whole
            let! exact = lesson.Judge.Exact map
            let! sliced = lesson.Judge.Sliced map
            let struct (atEnd, between, later) = AffineControl.errors known.States lesson.Paths

            return
                $"{lesson.Set.Name}.affine",
                [
                    "w2_ratio", exact / lesson.Exact
                    "sw2_ratio", sliced / lesson.Sliced
                    "end_rmse", atEnd
                    "mid_rmse", between
                    "any_rmse", later
                ]
        }

    let private teacher (report: float -> unit) (options: FlowPlaneOptions) (set: PlanarSet) (seed: Seed) =
        result {
            let seed = Seed.derive set.Name seed
            let! data = PlanarSets.draw set options.Wide (Seed.derive "data" seed)
            let begun = Run.cpuSeconds ()

            let! teacher =
                FlowMatching.train
                    (Control.report (fun (p: DescentProgress) -> report (float p.Step / float p.Total)))
                    options.Teacher
                    (Seed.derive "teacher" seed)
                    None
                    data

            let seconds = Run.cpuSeconds () - begun

            let! judge =
                PlaneJudge.Create(set, options.Pairs, options.Matched, options.Wide, Seed.derive "judge" seed)

            let by (steps: int) : NoiseMap = Ode.solve (Euler steps) teacher 0.0 1.0
            let! exact = judge.Exact(by 100)
            let! sliced = judge.Sliced(by 100)
            let! straight = judge.Exact(by 1)
            let! struct (floor, slicedFloor) = judge.Floor set
            let times = Array.init 9 (fun k -> float k / 8.0)
            let! paths = Ode.trajectory (RungeKutta4 40) teacher times (followed judge)

            return
                {
                    Set = set
                    Data = data
                    Teacher = teacher
                    Judge = judge
                    Exact = exact
                    Sliced = sliced
                    Times = times
                    Paths = paths.States
                    Seed = seed
                },
                [
                    $"{set.Name}.teacher.w2", exact
                    $"{set.Name}.teacher.sw2", sliced
                    $"{set.Name}.floor.w2", floor
                    $"{set.Name}.floor.sw2", slicedFloor
                    $"{set.Name}.euler1.w2", straight
                    $"{set.Name}.teacher.cpu_seconds", seconds
                ]
        }

    /// Report sections for one set: points by every recipe, and errors along the way.
    let private section (lesson: Lesson) (students: (string * float[] * Block) list) : Outcome<Section> =
        result {
            use! made =
                Ode.solve
                    (Euler 100)
                    lesson.Teacher
                    0.0
                    1.0
                    (lesson.Judge.Noise.narrow (0L, 0L, min 2000L lesson.Judge.Noise.shape[0]))
                |> Result.bind (fun points -> using points Samples.ofTensor)

            use! some = Samples.take (min 2000 lesson.Data.Count) lesson.Data

            let clouds = students |> List.map (fun (_, _, cloud) -> cloud)

            let errors =
                [
                    for i, (name, along, _) in List.indexed students -> Layer.line i name lesson.Times[1..] along[1..]
                ]
                |> Figure.create
                    "distance from the teacher's path, one step from noise"
                    (Axis.linear "t")
                    (Axis.logarithmic "root mean square")

            return
                {
                    Heading = lesson.Set.Name
                    Blocks =
                        [
                            Block.Beside(cloud "data" some :: cloud "teacher, 100 steps" made :: clouds)
                            Block.Chart errors
                        ]
                }
        }

    /// One set with one seed.
    let private lesson (report: float -> unit) (options: FlowPlaneOptions) (seed: Seed) (set: PlanarSet) =
        let parts = float (options.Recipes.Length + 1)
        let part (k: int) (share: float) = report ((float k + share) / parts)

        result {
            let! lesson, facts = teacher (part 0) options set seed
            use _ = lesson.Data
            use _ = lesson.Teacher
            use _ = lesson.Judge
            use _ = lesson.Paths

            let! students =
                options.Recipes
                |> List.indexed
                |> Outcome.collect (fun (k, (name, recipe)) -> student (part (k + 1)) lesson name recipe)

            let! control = affine lesson
            let! section = section lesson (List.map snd students)
            return List.map fst students @ [ control ], facts, section
        }

    /// <summary>The study, over seeds: medians of everything.</summary>
    let study (options: FlowPlaneOptions) (report: float -> unit) (seed: Seed) : Outcome<Findings> =
        let sets = float options.Sets.Length
        let mutable trials = 0.0

        let trial (seed: Seed) : Outcome<Trial> =
            let first = trials
            trials <- trials + 1.0

            options.Sets
            |> List.indexed
            |> Outcome.collect (fun (k, set) ->
                let part (share: float) =
                    report ((first + (float k + share) / sets) / float options.Seeds)

                lesson part options seed set)
            |> Result.map (fun lessons ->
                {
                    Methods = lessons |> List.collect (fun (students, _, _) -> students)
                    Facts = lessons |> List.collect (fun (_, facts, _) -> facts)
                    Sections = lessons |> List.map (fun (_, _, section) -> section)
                })

        Comparison.overBy Centre.Median options.Seeds caption (fun _ -> []) trial ignore seed

    /// <summary>Three sets, three seeds, all recipes.</summary>
    let experiment: Experiment =
        {
            Name = "flow-2d"
            Summary =
                "three planar laws in one step by six recipes, compared with a teacher of 100 steps (about half an hour)"
            Run = study defaults
        }

    /// <summary>One seed, and the recipes recommended to users.</summary>
    let quick: Experiment =
        {
            Name = "flow-2d-quick"
            Summary = "the same with one seed, by the default, the solver-free and the strict recipe (minutes)"
            Run =
                study
                    { defaults with
                        Seeds = 1
                        Recipes =
                            defaults.Recipes
                            |> List.filter (fun (name, _) -> List.contains name [ "default"; "solver-free"; "strict" ])
                    }
        }
