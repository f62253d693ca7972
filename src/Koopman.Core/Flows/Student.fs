namespace Koopman

open System
open TorchSharp

/// <summary>What a student sees in one step.</summary>
type DrawOptions =
    {
        /// <summary>Rows from which predictions start. Default 256.</summary>
        Starts: int
        /// <summary>The share of them at noise, t = 0; the others lie between noise and data. Default .75: with all of them at noise the lift is good from there only.</summary>
        NoiseShare: float
        /// <summary>
        /// The share of them at data, t = 1, predicted backwards; then three tenths of those between go backwards too. Default 0; .15 trains inversion.
        /// </summary>
        DataShare: float
        /// <summary>Rows on which consistency is asked for, between noise and data. Default 128.</summary>
        Points: int
        /// <summary>Paths of the teacher, if the loss needs any. Default 10,000.</summary>
        Paths: int
        /// <summary>Steps of Runge and Kutta's method in a path; all of them are stored. Default 40.</summary>
        PathSteps: int
    }

/// <summary>Settings of a student: a lift trained to follow a velocity field.</summary>
[<NoComparison; ReferenceEquality>]
type StudentOptions =
    {
        /// <summary>The lift.</summary>
        Lift: LiftOptions
        /// <summary>What is made small.</summary>
        Loss: Loss
        /// <summary>What is seen in a step.</summary>
        Draws: DrawOptions
        /// <summary>How the teacher's points lie between noise and data: its own path, since others visit other points.</summary>
        Path: ProbabilityPath
        /// <summary>The training.</summary>
        Descent: DescentOptions
    }

/// <summary>How a student's training goes, with what tells of a lift that grows without bound or collapses.</summary>
[<Struct>]
type StudentProgress =
    {
        /// <summary>Steps made.</summary>
        Step: int
        /// <summary>Steps in all.</summary>
        Total: int
        /// <summary>The mean loss of the steps since the last report. A loss with Lag need not fall all the time.</summary>
        Loss: float
        /// <summary>The length of the last gradient before it was cut.</summary>
        GradientLength: float
        /// <summary>The root mean square of the x part of r, an error of velocity; near that of v itself the lift has collapsed.</summary>
        VelocityResidual: float
        /// <summary>The largest growth rate of length in [x, F], features scaled to deviation 1: errors grow at most by its exponential.</summary>
        LogNorm: float
        /// <summary>The smallest deviation of a feature: near 0 it has collapsed.</summary>
        SmallestFeature: float
    }

/// <summary>
/// The training of a lift: it can be stopped at any step and taken up again with the same result. It uses the teacher, which must outlive it. Mutable; one thread
/// at a time.
/// </summary>
[<Sealed>]
type StudentTraining
    internal
    (
        options: StudentOptions,
        seed: Seed,
        lift: Lift,
        descent: Descent,
        teacher: Velocity,
        data: Tensor,
        classes: Tensor option,
        paths: Tensor option,
        pathClasses: Tensor option
    ) =

    /// <summary>The settings it was started with.</summary>
    member _.Options: StudentOptions = options

    /// <summary>The lift with the last parameters.</summary>
    member _.Lift: Lift = lift

    /// <summary>Steps made.</summary>
    member _.Step: int = descent.Step

    /// <summary>Whether all steps are made.</summary>
    member _.IsFinished: bool = descent.Step >= options.Descent.Steps

    member internal _.Seed: Seed = seed
    member internal _.Descent: Descent = descent
    member internal _.Teacher: Velocity = teacher
    member internal _.Data: Tensor = data
    member internal _.Classes: Tensor option = classes
    /// Teacher paths (steps + 1, paths, d).
    member internal _.Paths: Tensor option = paths
    member internal _.PathClasses: Tensor option = pathClasses

    interface IDisposable with
        /// <summary>Frees the tensors, not the teacher. Lifts that were made live on.</summary>
        member _.Dispose() : unit =
            (descent :> IDisposable).Dispose()
            (lift :> IDisposable).Dispose()
            data.Dispose()

            for tensor in [ classes; paths; pathClasses ] do
                tensor |> Option.iter _.Dispose()

/// <summary>Trains lifts that follow a velocity field, the teacher, which is not changed.</summary>
[<RequireQualifiedAccess>]
module Student =

    let private draws: DrawOptions =
        {
            Starts = 256
            NoiseShare = 0.75
            DataShare = 0.0
            Points = 128
            Paths = 10_000
            PathSteps = 40
        }

    /// <summary>
    /// The default: Lag + .03 scaled C + 4 Path on the same starts; 7,000 steps. In the plane a one-step sampler whose distance to the data is within some per cent of the
    /// teacher's.
    /// </summary>
    let hybrid: StudentOptions =
        {
            Lift = Lift.defaults
            Loss = Losses.lagrangian + 0.03 * Losses.scaledConsistency + 4.0 * Losses.path 0.3
            Draws = draws
            Path = Paths.independent
            Descent =
                {
                    Steps = 7000
                    LearningRate = 5e-3
                    WarmUp = 100
                    Clip = 1.0
                    Memory = 0.99
                    Averaging = 0.0
                }
        }

    /// <summary>Lag + .03 scaled C, 6,000 steps: no equation is solved and nothing stored; the teacher is asked at points that the student predicts.</summary>
    let solverFree: StudentOptions =
        { hybrid with
            Loss = Losses.lagrangian + 0.03 * Losses.scaledConsistency
            Descent = { hybrid.Descent with Steps = 6000 }
        }

    /// <summary>The paper's C + P + T with a dense operator, 3,000 steps.</summary>
    let paper: StudentOptions =
        { hybrid with
            Lift = { Lift.defaults with Generator = Dense }
            Loss = Losses.consistency + Losses.phase + Losses.target
            Draws =
                { draws with
                    NoiseShare = 1.0
                    Points = 256
                }
            Descent =
                { hybrid.Descent with
                    Steps = 3000
                    LearningRate = 4e-3
                }
        }

    /// <summary>P + T with a dense operator, 3,000 steps: ends only, a foil that knows nothing of the way.</summary>
    let endpointOnly: StudentOptions =
        { paper with
            Loss = Losses.phase + Losses.target
        }

    /// <summary>E alone on points between noise and data, 8,000 steps: the teacher's velocity at such points is all that is used.</summary>
    let strict: StudentOptions =
        { hybrid with
            Loss = Losses.decoded
            Draws = { draws with Points = 256 }
            Descent = { hybrid.Descent with Steps = 8000 }
        }

    let private check (options: StudentOptions) (teacher: Velocity) (data: Samples) : Result<unit, KoopmanError> =
        let draws = options.Draws
        let share x = x >= 0.0 && x <= 1.0

        if
            draws.Starts < 1
            || draws.Points < 2
            || draws.Paths < 1
            || draws.PathSteps < 1
            || not (
                share draws.NoiseShare
                && share draws.DataShare
                && share (draws.NoiseShare + draws.DataShare)
            )
        then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "A step needs starts, at least two points, paths with steps, and shares of noise and data that are together at most 1"
                "Start from Student.hybrid"
        elif options.Loss.NeedsPaths && int (draws.NoiseShare * float draws.Starts) < 1 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The loss follows paths from the noise, but no start lies there"
                "Raise NoiseShare, or use a loss without paths, phase and target"
        elif data.Dimension <> teacher.Dimension then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The teacher is of {teacher.Dimension} dimensions, but the data have {data.Dimension}"
                "Give the data that the teacher was trained on"
        else
            Ok()

    /// Teacher paths from this noise (paths, d), piece by piece: (steps + 1, paths, d).
    let private followTeacher (steps: int) (teacher: Velocity) (classes: Tensor option) (noise: Tensor) =
        let times = Array.init (steps + 1) (fun k -> float k / float steps)

        Tensors.pieces 2048 (int noise.shape[0])
        |> Results.collect (fun (struct (start, count)) ->
            let some (t: Tensor) = Tensors.rows start count t

            let velocity =
                match classes with
                | Some classes -> new Velocity(teacher.Net, ClassOfRow(some classes))
                | None -> teacher

            Ode.trajectory (RungeKutta4 steps) velocity times (some noise))
        |> Result.map (fun pieces ->
            let joined = torch.cat (ResizeArray(pieces |> List.map _.States), 1L)

            for piece in pieces do
                piece.States.Dispose()

            joined)

    /// <summary>
    /// A training of any lift at its start, which it takes over. If the loss needs paths of the teacher, they are found here. The caller disposes of it.
    /// </summary>
    /// <param name="options">Settings; their lift is not used.</param>
    /// <param name="seed">Of everything that is drawn.</param>
    /// <param name="lift">What is trained.</param>
    /// <param name="teacher">The velocity field to follow; it must outlive the training.</param>
    /// <param name="classes">The class of each sample, for a lift and a teacher that know classes.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    let startLift
        (options: StudentOptions)
        (seed: Seed)
        (lift: Lift)
        (teacher: Velocity)
        (classes: int[] option)
        (data: Samples)
        : Result<StudentTraining, KoopmanError> =
        use scope = torch.NewDisposeScope()
        let like = snd lift.Parameters.Head

        let place (t: Tensor) = t.``to``(like.device).clone()

        let classes =
            classes
            |> Option.map (fun c -> place (torch.tensor (Array.map int64 c, dtype = torch.int64)))

        result {
            do! Descent.check options.Descent
            do! Paths.check options.Path
            do! check options teacher data

            if lift.Net.Classes > 0 && classes.IsNone then
                do!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"The lift knows {lift.Net.Classes} classes, but the data have none"
                        "Give the class of every sample, or a network without classes"

            let points = place (data.Points.to_type like.dtype)

            let! paths =
                if options.Loss.NeedsPaths then
                    let noise =
                        Seed.normal [| int64 options.Draws.Paths; int64 data.Dimension |] (Seed.derive "paths" seed)

                    let index =
                        Seed.uniform [| int64 options.Draws.Paths |] (Seed.derive "path classes" seed)
                        |> fun u -> u.mul(Tensors.num (float data.Count)).to_type torch.int64

                    let chosen =
                        classes |> Option.map (fun c -> c.index_select (0L, index.``to`` like.device))

                    followTeacher options.Draws.PathSteps teacher chosen (place (noise.to_type like.dtype))
                    |> Result.map (fun states -> Some(states, chosen))
                else
                    Ok None

            let keep (t: Tensor) = scope.Detach t

            return
                new StudentTraining(
                    options,
                    seed,
                    lift,
                    new Descent(options.Descent, lift.Parameters),
                    teacher,
                    keep points,
                    Option.map keep classes,
                    paths |> Option.map (fst >> keep),
                    paths |> Option.bind snd |> Option.map keep
                )
        }

    /// <summary>A training of the lift of the settings at its start. The caller disposes of it.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters and of everything that is drawn.</param>
    /// <param name="teacher">The velocity field to follow; it must outlive the training.</param>
    /// <param name="classes">The class of each sample, if there are classes.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    let start
        (options: StudentOptions)
        (seed: Seed)
        (teacher: Velocity)
        (classes: int[] option)
        (data: Samples)
        : Result<StudentTraining, KoopmanError> =
        Lift.create options.Lift seed teacher.Dimension
        |> Result.bind (fun lift ->
            let training = startLift options seed lift teacher classes data

            if Result.isError training then
                (lift :> IDisposable).Dispose()

            training)

    /// What is drawn for one step, on the CPU and in one order, so that all devices and losses of the same needs see the same.
    let private batch (training: StudentTraining) (step: int) : LossBatch =
        use generator = Seed.generator (Seed.derive $"step {step}" training.Seed)
        let options, data = training.Options, training.Data
        let draws = options.Draws
        let d = data.shape[1]
        let place (t: Tensor) = t.``to`` data.device

        let uniform (shape: int64[]) =
            torch.rand (shape, dtype = data.dtype, generator = generator) |> place

        let index (bound: int64) (rows: int64) =
            torch.randint (bound, [| rows |], dtype = torch.int64, generator = generator)
            |> place

        let starts = int64 draws.Starts
        let atNoise = int64 (Math.Round(draws.NoiseShare * float starts))
        let atData = int64 (Math.Round(draws.DataShare * float starts))
        let between = starts - atNoise - atData
        let points = int64 draws.Points
        let backwards = draws.DataShare > 0.0

        // Noise and data in pairs, as the teacher's path couples them: first for points, then for starts between.
        let pairs = points + between
        let chosen = index data.shape[0] pairs

        let noise = torch.randn ([| pairs; d |], dtype = data.dtype, generator = generator)

        let chosen =
            match options.Path.Coupling with
            | Independent -> chosen
            | coupling ->
                let order =
                    Paths.partners coupling generator noise ((data.index_select (0L, chosen)).cpu())

                chosen.index_select (0L, place (torch.tensor (order, dtype = torch.int64)))

        let interpolant =
            Paths.between
                options.Path.Interpolation
                generator
                (uniform [| pairs; 1L |])
                (place noise)
                (data.index_select (0L, chosen))

        let classesOf (rows: Tensor) =
            training.Classes |> Option.map (fun c -> c.index_select (0L, rows))

        let pairClasses = classesOf chosen

        let some first count (t: Tensor) = t.narrow (0L, first, count)

        // Where paths start, or fresh noise.
        let pathIndex = index (int64 draws.Paths) atNoise

        let noiseStarts, noiseClasses =
            match training.Paths with
            | Some states ->
                states[0L].index_select(0L, pathIndex),
                training.PathClasses |> Option.map (fun c -> c.index_select (0L, pathIndex))
            | None ->
                torch.randn ([| atNoise; d |], dtype = data.dtype, generator = generator)
                |> place,
                classesOf (index data.shape[0] atNoise)

        let dataIndex = index data.shape[0] atData

        let pathTime =
            torch.randint (int64 draws.PathSteps, [| atNoise |], dtype = torch.int64, generator = generator)
            |> place

        let strata = uniform [| 2L; starts; 1L |]
        let rest = uniform [| points; 1L |]

        let startRows =
            lazy
                (let time =
                    torch.cat (
                        [|
                            torch.zeros (atNoise, 1L, dtype = data.dtype, device = data.device)
                            some points between interpolant.Time
                            torch.ones (atData, 1L, dtype = data.dtype, device = data.device)
                        |],
                        0L
                    )

                 // Which way each start is followed: all the way to 1, or to 0.
                 let until =
                     if backwards then
                         let back = int64 (Math.Round(0.3 * float between))

                         torch.cat (
                             [|
                                 torch.ones (atNoise + between - back, 1L, dtype = data.dtype, device = data.device)
                                 torch.zeros (back + atData, 1L, dtype = data.dtype, device = data.device)
                             |],
                             0L
                         )
                     else
                         torch.ones_like time

                 let stratum =
                     torch.arange(Tensors.num 2.0, dtype = data.dtype, device = data.device).reshape(2L, 1L, 1L)

                 {
                     Time = time
                     Point =
                         torch.cat (
                             [|
                                 noiseStarts
                                 some points between interpolant.Point
                                 data.index_select (0L, dataIndex)
                             |],
                             0L
                         )
                     Classes =
                         pairClasses
                         |> Option.map (fun c ->
                             torch.cat (
                                 [| noiseClasses.Value; some points between c; (classesOf dataIndex).Value |],
                                 0L
                             ))
                     Horizons = strata.add(stratum).mul(Tensors.num 0.5).mul(until.sub time)
                 }
                 : StartRows)

        let pointRows =
            lazy
                (let time, point = some 0L points interpolant.Time, some 0L points interpolant.Point
                 let classes = pairClasses |> Option.map (some 0L points)

                 {
                     Time = time
                     Point = point
                     Velocity =
                         (use _ = torch.no_grad ()
                          training.Teacher.AtClasses(time, point, classes))
                     Classes = classes
                     Horizon =
                         if backwards then
                             rest.sub time
                         else
                             rest.mul (time.neg().add(Tensors.num 1.0))
                 }
                 : PointRows)

        let pathRows =
            lazy
                (let states = training.Paths.Value
                 let last, count = states.shape[0] - 1L, states.shape[1]
                 let flat = states.reshape (-1L, d)
                 let stored = pathTime.add ((1L).ToScalar())

                 {
                     Time = stored.to_type(data.dtype).div(Tensors.num (float last)).unsqueeze 1L
                     State = flat.index_select (0L, stored.mul((count: int64).ToScalar()).add pathIndex)
                     End = states[last].index_select(0L, pathIndex)
                 }
                 : PathRows)

        LossBatch(training.Lift, training.Teacher, pointRows, startRows, pathRows)

    /// The residual of velocities, the log-norm with features scaled to deviation 1, and the smallest deviation, on the points of a batch.
    let private guards (training: StudentTraining) (step: int) : struct (float * float * float) =
        Tensors.within (fun () ->
            use _ = torch.no_grad ()
            let batch = batch training step
            let residual = batch.Residual.Point.square().sum(-1L).mean().sqrt().ToDouble()
            let deviation = batch.AtPoints.Features.std (0L, false)
            let d, size = int64 training.Lift.Dimension, int64 training.Lift.Size

            let matrix =
                training.Lift.Generator.Matrix().narrow(0L, 2L, size - 2L).narrow(1L, 2L, size - 2L)

            let scale =
                torch.cat (
                    [|
                        torch.ones (d, dtype = deviation.dtype, device = deviation.device)
                        deviation
                    |],
                    0L
                )

            let scaled =
                matrix.mul(scale.unsqueeze 1L).div(scale.unsqueeze 0L).cpu().to_type torch.float64

            let norm =
                if Tensors.isFinite scaled then
                    MatrixFunctions.logarithmicNorm scaled
                else
                    nan

            struct (residual, norm, deviation.min().ToDouble()))

    /// <summary>
    /// Goes on with a training until all steps are made. After a cancellation at any step it can be called again: the result is that of a training that was not
    /// interrupted.
    /// </summary>
    /// <param name="control">Hears of every 50 steps; cancels at each.</param>
    /// <param name="training">The training.</param>
    /// <returns>A <c>Diverged</c> error at the first step whose loss or gradient is not finite; the parameters are those before it.</returns>
    let resume (control: Control<StudentProgress>) (training: StudentTraining) : Result<unit, KoopmanError> =
        let inner: Control<DescentProgress> =
            {
                Report =
                    fun progress ->
                        let struct (residual, norm, smallest) = guards training progress.Step

                        control.Report
                            {
                                Step = progress.Step
                                Total = progress.Total
                                Loss = progress.Loss
                                GradientLength = progress.GradientLength
                                VelocityResidual = residual
                                LogNorm = norm
                                SmallestFeature = smallest
                            }
                Cancellation = control.Cancellation
            }

        Descent.run inner training.Descent (fun step ->
            let loss = training.Options.Loss.Evaluate(batch training step)
            struct (loss, Net.Gradient(loss, training.Lift.Parameters)))

    /// <summary>The lift learned so far: a copy, which the caller disposes of. (A network made of somebody's module is shared.)</summary>
    let lift (training: StudentTraining) : Lift =
        use _ = torch.NewDisposeScope()
        training.Lift.With training.Descent.Result

    /// <summary>Everything the training knows, to be stored. The caller disposes of it.</summary>
    let state (training: StudentTraining) : TrainingState = training.Descent.State()

    /// <summary>Takes a training to a stored state of one with the same settings, seed, teacher and data.</summary>
    /// <returns>A <c>CheckpointMismatch</c> error if it is of another lift; then nothing is changed.</returns>
    let restore (state: TrainingState) (training: StudentTraining) : Result<unit, KoopmanError> =
        training.Descent.Restore state

    /// <summary>Trains a lift. Equal seeds give equal bits on a CPU with as many threads.</summary>
    /// <param name="control">Hears of every 50 steps; cancels at each.</param>
    /// <param name="options">Settings: <c>hybrid</c>, <c>solverFree</c>, <c>paper</c>, <c>endpointOnly</c>, <c>strict</c>, or your own.</param>
    /// <param name="seed">Of the first parameters and of everything that is drawn.</param>
    /// <param name="teacher">The velocity field to follow.</param>
    /// <param name="classes">The class of each sample, if there are classes.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    /// <returns>The lift, which the caller disposes of, or an error.</returns>
    let train
        (control: Control<StudentProgress>)
        (options: StudentOptions)
        (seed: Seed)
        (teacher: Velocity)
        (classes: int[] option)
        (data: Samples)
        : Result<Lift, KoopmanError> =
        result {
            use! training = start options seed teacher classes data
            do! resume control training
            return lift training
        }
