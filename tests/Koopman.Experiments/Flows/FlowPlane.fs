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
        /// <summary>Points of errors along the way, at most Wide.</summary>
        Followed: int
        /// <summary>Other ways to sample in one step, with the layers of the teacher's network.</summary>
        Rivals: Rival list
        /// <summary>Processor seconds of each rival; none for those of the first recipe's student.</summary>
        RivalSeconds: float option
        /// <summary>Steps of Euler's and Heun's methods.</summary>
        FewSteps: int list
        /// <summary>Noise on which certificates of the students are calibrated; they are tested on five times as much. 0 for no certificates.</summary>
        Certified: int
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
            Followed = 4000
            Rivals = []
            RivalSeconds = None
            FewSteps = []
            Certified = 0
        }

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
            /// Noise of errors along the way.
            Followed: Tensor
            Exact: float
            Sliced: float
            /// Teacher paths at eighths of the way.
            Times: float[]
            Paths: Tensor
            Seed: Seed
        }

    /// The share of bounds that hold at a level of 95 %, their size, and the distance to the data after the worst 5 % are computed by the teacher.
    let private certified (count: int) (lesson: Lesson) (lift: LinearFlow) : Outcome<(string * float) list> =
        result {
            if count = 0 then
                return []
            else
                use held = Seed.normal [| int64 count; 2L |] (Seed.derive "certificate" lesson.Seed)

                use! certificate =
                    Certificate.calibrate Certificate.defaults lift lesson.Teacher held

                use fresh = Seed.normal [| 5L * int64 count; 2L |] (Seed.derive "fresh" lesson.Seed)
                use single = fresh.to_type torch.float32
                use! samples = Certificate.sample KeepWorst certificate single
                use! ends = Ode.solve (RungeKutta4 40) lesson.Teacher 0.0 1.0 single

                let errors =
                    Tensors.within (fun () -> Tensors.toArray ((samples.Points - ends).square().sum(1L).sqrt()))

                let holds =
                    Array.map2 (fun e b -> if e <= b then 1.0 else 0.0) errors samples.Bounds

                let! handed =
                    lesson.Judge.Exact(fun noise ->
                        Certificate.sample (HandOverWorst 0.05) certificate noise |> Result.map _.Points)

                use! given = Certificate.sample (HandOverWorst 0.05) certificate single

                let left =
                    Tensors.within (fun () -> (given.Points - ends).square().sum(1L).mean().sqrt().ToDouble())

                return
                    [
                        "coverage95", Array.average holds
                        "bound_ratio", Array.average samples.Bounds / Array.average errors
                        "handed_w2_ratio", handed / lesson.Exact
                        "handed_end_rmse", left
                    ]
        }

    let private student
        (report: float -> unit)
        (count: int)
        (lesson: Lesson)
        (name: string)
        (options: DistillationOptions)
        =
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
            let! errors = FlowErrors.measure sampler lesson.Teacher lesson.Followed

            let! residuals =
                if options.Draws.Parts > 1 then
                    Ok []
                else
                    FlowErrors.bounds lift lesson.Teacher lesson.Followed
                    |> Result.map (fun bounds ->
                        [
                            "point_residual", bounds.PointResidual
                            "feature_residual", bounds.FeatureResidual
                        ])

            let! certificates =
                if options.Draws.Parts > 1 then
                    Ok []
                else
                    certified count lesson lift

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
                     yield! residuals
                     yield! certificates
                 ]),
                (name, along, cloud name shown)
        }

    /// Distances of a map's points (times, n, d) from the teacher's: root mean squares at the times, and the median at the end.
    let private offPath (predicted: Tensor) (paths: Tensor) : struct (float[] * float) =
        Tensors.within (fun () ->
            let gaps = (predicted - paths).square().sum -1L
            let last = gaps.select (0L, gaps.shape[0] - 1L)

            struct (Tensors.toArray (gaps.mean([| 1L |]).sqrt().to_type torch.float64), last.sqrt().median().ToDouble()))

    /// A generator of another kind: by the end and by points on the way.
    let private other (lesson: Lesson) (name: string) (map: NoiseMap) (along: float[] -> NoiseMap) more =
        result {
            let! exact = lesson.Judge.Exact map
            let! sliced = lesson.Judge.Sliced map
            use start = lesson.Paths.select (0L, 0L)
            use! predicted = along lesson.Times start
            let struct (off, median) = offPath predicted lesson.Paths

            return
                ($"{lesson.Set.Name}.{name}",
                 [
                     "w2_ratio", exact / lesson.Exact
                     "sw2_ratio", sliced / lesson.Sliced
                     "end_rmse", Array.last off
                     "mid_rmse", Array.average off[1 .. off.Length - 2]
                     "end_median", median
                     yield! more
                 ]),
                off
        }

    /// A rival by the settings that the search found.
    let private rival
        (report: float -> unit)
        (options: FlowPlaneOptions)
        (seconds: float)
        (lesson: Lesson)
        (rival: Rival, settings: RivalSettings)
        =
        result {
            let layers =
                match options.Teacher.Network with
                | Mlp layers -> layers
                | _ -> Net.mlpDefaults

            let begun = Run.cpuSeconds ()

            use! trained =
                rival.Train
                    report
                    layers
                    seconds
                    settings
                    (Seed.derive rival.Name lesson.Seed)
                    lesson.Teacher
                    lesson.Data

            let spent = Run.cpuSeconds () - begun

            use! shown =
                trained.Map(lesson.Judge.Noise.narrow (0L, 0L, min 2000L lesson.Judge.Noise.shape[0]))
                |> Result.bind (fun made -> using made Samples.ofTensor)

            let! found, along =
                other lesson rival.Name trained.Map trained.Along [ "cpu_seconds", spent; "steps", float trained.Steps ]

            return found, (rival.Name, along, cloud rival.Name shown)
        }

    /// The settings of each rival with the smallest error at the end, after a third of the time on one teacher.
    let private search (report: float -> unit) (options: FlowPlaneOptions) (seconds: float) (lesson: Lesson) =
        let layers =
            match options.Teacher.Network with
            | Mlp layers -> layers
            | _ -> Net.mlpDefaults

        let total = options.Rivals |> List.sumBy (fun rival -> float rival.Search.Length)
        let mutable before = 0.0

        options.Rivals
        |> Outcome.collect (fun rival ->
            rival.Search
            |> Outcome.collect (fun settings ->
                let tell (share: float) = report ((before + share) / total)

                result {
                    use! trained =
                        rival.Train
                            tell
                            layers
                            (seconds / 3.0)
                            settings
                            (Seed.derive "search" lesson.Seed)
                            lesson.Teacher
                            lesson.Data

                    use start = lesson.Paths.select (0L, 0L)
                    use! predicted = trained.Along lesson.Times start
                    let struct (off, _) = offPath predicted lesson.Paths
                    before <- before + 1.0
                    return settings, Array.last off
                })
            |> Result.map (fun found -> (rival, found |> List.minBy snd |> fst), (rival.Name, found)))

    let private affine (lesson: Lesson) =
        result {
            use noise =
                Seed.normal [| int64 lesson.Data.Count / 2L; 2L |] (Seed.derive "affine" lesson.Seed)

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

            let followed =
                judge.Noise.narrow (0L, 0L, int64 (min options.Followed options.Wide))

            let! paths = Ode.trajectory (RungeKutta4 40) teacher times followed

            return
                {
                    Set = set
                    Data = data
                    Teacher = teacher
                    Judge = judge
                    Followed = followed
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
    let private lesson
        (report: float -> unit)
        (options: FlowPlaneOptions)
        (rivals: (Rival * RivalSettings) list)
        (seed: Seed)
        (set: PlanarSet)
        =
        let parts = float (options.Recipes.Length + rivals.Length + 1)
        let part (k: int) (share: float) = report ((float k + share) / parts)

        result {
            let! lesson, facts = teacher (part 0) options set seed
            use _ = lesson.Data
            use _ = lesson.Teacher
            use _ = lesson.Judge
            use _ = lesson.Followed
            use _ = lesson.Paths

            let! students =
                options.Recipes
                |> List.indexed
                |> Outcome.collect (fun (k, (name, recipe)) ->
                    student (part (k + 1)) options.Certified lesson name recipe)

            let seconds =
                options.RivalSeconds
                |> Option.defaultWith (fun () ->
                    students.Head
                    |> fst
                    |> snd
                    |> List.find (fun (name, _) -> name = "cpu_seconds")
                    |> snd)

            let! others =
                rivals
                |> List.indexed
                |> Outcome.collect (fun (k, one) ->
                    rival (part (options.Recipes.Length + 1 + k)) options seconds lesson one)

            let! few =
                [
                    for heun in [ false; true ] do
                        for steps in options.FewSteps -> heun, steps
                ]
                |> Outcome.collect (fun (heun, steps) ->
                    let along = Rivals.fewSteps heun steps lesson.Teacher
                    let name = if heun then "heun" else "euler"

                    let map: NoiseMap =
                        fun noise ->
                            along [| 1.0 |] noise
                            |> Result.map (fun states ->
                                use states = states
                                Tensors.own (fun () -> states.select(0L, 0L).clone()))

                    other lesson $"{name}{steps}" map along [] |> Result.map fst)

            let! control = affine lesson
            let! section = section lesson (List.map snd students @ List.map snd others)

            return List.map fst students @ List.map fst others @ few @ [ control ], facts, section
        }

    /// <summary>The study, over seeds: medians of everything. A journal keeps each seed, and the settings that rivals chose.</summary>
    let studyKept
        (options: FlowPlaneOptions)
        (journal: Journal)
        (report: float -> unit)
        (seed: Seed)
        : Outcome<Findings> =
        let sets = float options.Sets.Length
        let mutable trials = 0.0
        // The search takes a tenth of the progress.
        let searched = if options.Rivals.IsEmpty then 0.0 else 0.1
        let mutable found = []

        let trial (chosen: (Rival * RivalSettings) list) (seed: Seed) : Outcome<Trial> =
            let first = trials
            trials <- trials + 1.0

            options.Sets
            |> List.indexed
            |> Outcome.collect (fun (k, set) ->
                let part (share: float) =
                    report (
                        searched
                        + (1.0 - searched) * (first + (float k + share) / sets) / float options.Seeds
                    )

                lesson part options chosen seed set)
            |> Result.map (fun lessons ->
                {
                    Methods = lessons |> List.collect (fun (students, _, _) -> students)
                    Facts = lessons |> List.collect (fun (_, facts, _) -> facts)
                    Sections = lessons |> List.map (fun (_, _, section) -> section)
                })

        result {
            let choose () =
                if options.Rivals.IsEmpty then
                    Ok []
                else
                    result {
                        let! lesson, _ =
                            teacher
                                (fun _ -> ())
                                { options with
                                    Pairs = 1
                                    Matched = 500
                                }
                                options.Sets[options.Sets.Length / 2]
                                (Seed.derive "search" seed)

                        use _ = lesson.Data
                        use _ = lesson.Teacher
                        use _ = lesson.Judge
                        use _ = lesson.Followed
                        use _ = lesson.Paths
                        // Without a given time, that of the first recipe on this machine.
                        let! seconds =
                            match options.RivalSeconds with
                            | Some seconds -> Ok seconds
                            | None ->
                                student ignore 0 lesson (fst options.Recipes.Head) (snd options.Recipes.Head)
                                |> Result.map (fun ((_, metrics), _) ->
                                    metrics |> List.find (fun (name, _) -> name = "cpu_seconds") |> snd)

                        return! search (fun share -> report (searched * share)) options seconds lesson
                    }

            let! searches =
                journal.Keep("search", choose >> Result.map (List.map (fun ((_, best), tried) -> best, tried)))

            let chosen =
                searches
                |> List.map2 (fun rival (best, tried) -> (rival, best), tried) options.Rivals

            found <- List.map snd chosen

            let! findings =
                Comparison.overBy
                    journal
                    Centre.Median
                    options.Seeds
                    caption
                    (fun _ -> [])
                    (trial (List.map fst chosen))
                    ignore
                    seed

            return
                { findings with
                    Extra =
                        findings.Extra
                        @ [
                            "search",
                            found
                            |> List.map (fun (name, tried: (RivalSettings * float) list) ->
                                name,
                                tried
                                |> List.map (fun (settings, error) -> string settings, Json.number error)
                                |> Json.members)
                            |> Json.members
                        ]
                }
        }


    /// <summary>The study without a journal.</summary>
    let study (options: FlowPlaneOptions) (report: float -> unit) (seed: Seed) : Outcome<Findings> =
        studyKept options (Journal.Nowhere()) report seed

    /// <summary>
    /// The same study with few steps, seeds and points, in less than a minute on one thread: a teacher of 300 steps, students of 100. Errors along the
    /// way are of 250 points, and affine maps of 500: their Runge-Kutta steps would otherwise take twice as long as the trainings.
    /// </summary>
    let shortened (options: FlowPlaneOptions) : FlowPlaneOptions =
        let brief (steps: int) (descent: DescentOptions) =
            { descent with
                Steps = steps
                WarmUp = 20
            }

        { options with
            Seeds = 1
            Teacher =
                { options.Teacher with
                    Batch = 256
                    Descent = brief 300 options.Teacher.Descent
                }
            Recipes =
                options.Recipes
                |> List.map (fun (name, recipe) ->
                    name,
                    { recipe with
                        Draws = { recipe.Draws with Paths = 500 }
                        Descent = brief 100 recipe.Descent
                    })
            Pairs = 1
            Matched = 300
            Wide = 1000
            Followed = 250
            Rivals =
                options.Rivals
                |> List.map (fun rival ->
                    { rival with
                        Search = List.truncate 1 rival.Search
                    })
            RivalSeconds = Some 0.3
            Certified = min options.Certified 300
        }

    /// <summary>Three sets, three seeds, all recipes.</summary>
    let experiment: Experiment =
        {
            Name = "flow-2d"
            Summary = "three planar laws in one step by six recipes, compared with a teacher of 100 steps"
            Minutes = 40.0
            Work = Work.InParts(fun size -> studyKept (size.Choose(defaults, shortened defaults)))
        }

    /// <summary>Rivals with the processor time of the default recipe, and certificates.</summary>
    let rivalDefaults: FlowPlaneOptions =
        { defaults with
            Recipes =
                [
                    "default", Distillation.hybrid
                    "solver-free", Distillation.solverFree
                    "paper", Distillation.paper
                ]
            Pairs = 4
            Rivals = Rivals.all
            FewSteps = [ 1; 2; 4; 10 ]
            Certified = 2000
        }

    /// <summary>Students trained for one, two and four steps.</summary>
    let stepDefaults: FlowPlaneOptions =
        let parts (count: int) =
            { Distillation.hybrid with
                Draws =
                    { Distillation.hybrid.Draws with
                        Parts = count
                    }
            }

        { defaults with
            Recipes = [ "one step", Distillation.hybrid; "two steps", parts 2; "four steps", parts 4 ]
            Pairs = 4
        }

    /// <summary>Rivals in one step with equal layers and processor time, few steps of the teacher, and certificates.</summary>
    let rivals: Experiment =
        {
            Name = "flow-rivals"
            Summary =
                "one step of a linear flow against reflow, consistency distillation, MeanFlow and few steps of Euler and Heun, with equal networks and processor time; certificates"
            Minutes = 70.0
            Work = Work.InParts(fun size -> studyKept (size.Choose(rivalDefaults, shortened rivalDefaults)))
        }

    /// <summary>Students for several re-encodings.</summary>
    let steps: Experiment =
        {
            Name = "flow-steps"
            Summary = "linear flows trained for one, two and four steps, with equal numbers of training steps"
            Minutes = 30.0
            Work = Work.InParts(fun size -> studyKept (size.Choose(stepDefaults, shortened stepDefaults)))
        }
