namespace Koopman.Flows

open System
open System.Threading
open TorchSharp
open Koopman
open Koopman.Learning

/// <summary>Trains lifts that follow a velocity field, the teacher, which is not changed.</summary>
[<RequireQualifiedAccess>]
module Distillation =

    let private draws: DrawOptions =
        {
            Starts = 256
            NoiseShare = 0.75
            DataShare = 0.0
            Points = 128
            Paths = 10_000
            PathSteps = 40
            ClassFreeShare = 0.0
            Parts = 1
        }

    /// <summary>
    /// The default: Lag + .03 scaled C + 4 Path on the same starts; 7,000 steps. In the plane the distance of its one-step samples to the data is
    /// within a few per cent of the teacher's.
    /// </summary>
    let hybrid: DistillationOptions =
        {
            Lift = Fresh LinearFlow.defaults
            Loss = Losses.lagrangian + 0.03 * Losses.scaledConsistency + 4.0 * Losses.path 0.3
            Draws = draws
            Path = Paths.independent
            Descent =
                {
                    Steps = 7000
                    LearningRate = 5e-3
                    WarmUp = 100
                    GradientClip = 1.0
                    Beta2 = 0.99
                    EmaDecay = 0.0
                }
        }

    /// <summary>Lag + .03 scaled C, 9,000 steps: no differential equation is solved and no paths are stored; the teacher is evaluated at points that
    /// the student predicts.</summary>
    let solverFree: DistillationOptions =
        { hybrid with
            Loss = Losses.lagrangian + 0.03 * Losses.scaledConsistency
            Descent = { hybrid.Descent with Steps = 9000 }
        }

    /// <summary>The paper's C + P + T with a dense operator, 7,000 steps: as many as the default's, in up to 1.8 times its time.</summary>
    let paper: DistillationOptions =
        { hybrid with
            Lift =
                Fresh
                    { LinearFlow.defaults with
                        Generator = Dense
                    }
            Loss = Losses.consistency + Losses.phase + Losses.target
            Draws =
                { draws with
                    NoiseShare = 1.0
                    Points = 256
                }
            Descent =
                { hybrid.Descent with
                    LearningRate = 4e-3
                }
        }

    /// <summary>P + T with a dense operator, 7,000 steps: endpoint-only baseline.</summary>
    let endpointOnly: DistillationOptions =
        { paper with
            Loss = Losses.phase + Losses.target
        }

    /// <summary>
    /// .1 C + P + T + R with a dense operator and a learned decoder, 7,000 steps: the paper's later versions. End points are accurate, the paths less so.
    /// </summary>
    let decoding: DistillationOptions =
        { paper with
            Lift =
                Fresh
                    { LinearFlow.defaults with
                        Generator = Dense
                        Decoder = Some(Mlp Net.mlpDefaults)
                    }
            Loss = 0.1 * Losses.consistency + Losses.phase + Losses.target + Losses.reconstruction
        }

    /// <summary>
    /// Lag + .03 scaled C + imitation, 6,000 steps: simulation-free in the strict sense. The teacher is evaluated at points between noise and data only; where the student
    /// predicts points to be, a second network is evaluated, which learns the teacher's velocities during the training.
    /// </summary>
    let strict: DistillationOptions =
        { solverFree with
            Loss = solverFree.Loss + Losses.imitation
            Draws = { draws with Points = 256 }
            Descent = { hybrid.Descent with Steps = 6000 }
        }

    /// <summary>
    /// E alone, 8,000 steps: only the teacher's velocity at points between noise and data. A baseline for <c>strict</c>.
    /// </summary>
    let decodedOnly: DistillationOptions =
        { hybrid with
            Loss = Losses.decoded
            Draws = { draws with Points = 256 }
            Descent = { hybrid.Descent with Steps = 8000 }
        }

    /// <summary>The recipes of the command-line tool, by name.</summary>
    let recipes: (string * DistillationOptions) list =
        [
            "default", hybrid
            "solver-free", solverFree
            "paper", paper
            "endpoint-only", endpointOnly
            "strict", strict
            "decoded-only", decodedOnly
        ]

    let private check (options: DistillationOptions) (teacher: VelocityField) (data: Samples) : Outcome<unit> =
        let draws = options.Draws

        Require.settings "Distillation.hybrid" {
            Require.atLeast 1 "Starts" draws.Starts
            Require.atLeast 2 "Points" draws.Points
            Require.atLeast 1 "Paths" draws.Paths
            Require.atLeast 1 "PathSteps" draws.PathSteps
            Require.between 0.0 1.0 "NoiseShare" draws.NoiseShare
            Require.between 0.0 1.0 "DataShare" draws.DataShare
            Require.between 0.0 1.0 "NoiseShare + DataShare" (draws.NoiseShare + draws.DataShare)
            Require.between 0.0 1.0 "ClassFreeShare" draws.ClassFreeShare
            Require.atLeast 1 "Parts" draws.Parts

            Require.that
                (not options.Loss.NeedsPaths || draws.PathSteps % draws.Parts = 0)
                $"a multiple of Parts, {draws.Parts}"
                "PathSteps"
                draws.PathSteps
        }
        |> Result.bind (fun () ->
            if options.Loss.NeedsPaths && int (draws.NoiseShare * float draws.Starts) < 1 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "The loss uses paths from the noise, but no starts are at t = 0"
                    "Raise NoiseShare, or use a loss without paths, phase and target"
            else
                Require.dimension teacher.Dimension "the data" data.Dimension
                |> Require.advise "Give the data that the teacher was trained on")
        |> Result.bind (fun () ->
            // Unlike its teacher, a lift does not scale inside.
            let isOff (mean: float) (scale: float) =
                not (abs mean < 20.0 && (scale = 0.0 || (scale > 0.05 && scale < 20.0)))

            match teacher.Frame with
            | Some frame when Array.exists2 isOff frame.Mean frame.Scale ->
                let column = Array.findIndex id (Array.map2 isOff frame.Mean frame.Scale)

                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"Coordinate {column} (counted from 0) of the data has mean {frame.Mean[column]:G3} and deviation {frame.Scale[column]:G3}, but the noise has 0 and 1"
                    "Standardise the data, train teacher and lift on them, and scale the samples back; a whitened latent map does both"
            | _ -> Ok())

    /// What a lift is trained for by these settings; losses of the user's own may train everything.
    let private reach (options: DistillationOptions) (before: TrainedReach | null) : TrainedReach =
        let draws = options.Draws

        let some (names: string list) =
            options.Loss.Terms
            |> List.exists (fun term -> List.contains term.Name names || not (List.contains term.Name Losses.names))

        let everywhere = some [ "consistency"; "scaled consistency" ]

        let fresh =
            {
                FromBetween =
                    everywhere
                    || some [ "decoded" ]
                    || (draws.NoiseShare + draws.DataShare < 1.0 && some [ "lagrangian" ])
                UntilBetween = everywhere || some [ "lagrangian"; "path" ]
                Backwards = draws.DataShare > 0.0 && some [ "lagrangian"; "decoded" ]
                ClassFree = draws.ClassFreeShare > 0.0
                Parts = draws.Parts
            }

        match before with
        | null -> fresh
        | old ->
            {
                FromBetween = old.FromBetween || fresh.FromBetween
                UntilBetween = old.UntilBetween || fresh.UntilBetween
                Backwards = old.Backwards || fresh.Backwards
                ClassFree = old.ClassFree || fresh.ClassFree
                Parts = fresh.Parts
            }

    /// Teacher paths from this noise (paths, d), piece by piece: (steps + 1, paths, d).
    let private followTeacher
        (cancellation: CancellationToken)
        (steps: int)
        (teacher: VelocityField)
        (classes: Tensor option)
        (noise: Tensor)
        =
        let times = Array.init (steps + 1) (fun k -> float k / float steps)

        Tensors.pieces 2048 (int noise.shape[0])
        |> Outcome.collect (fun (struct (start, count)) ->
            let some (t: Tensor) = Tensors.rows start count t

            let told =
                match classes with
                | Some classes -> PerRow(some classes)
                | None -> teacher.Told

            use velocity = teacher.Tell told
            Ode.trajectoryUnder cancellation (RungeKutta4 steps) velocity times (some noise))
        |> Result.map (fun pieces ->
            let joined = torch.cat (ResizeArray(pieces |> List.map _.States), 1L)

            for piece in pieces do
                piece.States.Dispose()

            joined)

    /// A field on a network like the lift's, conditioned on the same classes; dense layers if the lift's network is user-supplied.
    let private imitate (seed: Seed) (lift: LinearFlow) : Outcome<VelocityField> =
        let network =
            match lift.Net with
            | :? MlpNet as net -> Mlp net.Options
            | :? UNetNet as net -> UNet net.Options
            | net ->
                let like = snd lift.Parameters.Head

                Mlp
                    { Net.mlpDefaults with
                        Classes = net.Classes
                        DoublePrecision = like.dtype = torch.float64
                        Device = string like.device
                    }

        VelocityField.ofNet
        |> Net.using true network (Seed.derive "imitation" seed) lift.Dimension lift.Dimension

    /// A training of this lift.
    let private startWith
        (cancellation: CancellationToken)
        (options: DistillationOptions)
        (seed: Seed)
        (teacher: VelocityField)
        (classes: int[] option)
        (data: Samples)
        (lift: LinearFlow)
        : Outcome<DistillationTraining> =
        use scope = Tensors.scope ()
        let like = snd lift.Parameters.Head

        let place (t: Tensor) = t.``to``(like.device).clone()

        let classes =
            classes |> Option.map (fun c -> place (Tensors.ofIndices (Array.map int64 c)))

        result {
            do! Descent.check options.Descent
            do! Paths.check options.Path
            do! check options teacher data

            if lift.Net.Classes > 0 && classes.IsNone then
                do!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"The lift has {lift.Net.Classes} classes, but the data have none"
                        "Give the class of every sample, or a network without classes"

            do! FlowMatching.checkClassFree options.Draws.ClassFreeShare lift.Net

            if options.Draws.ClassFreeShare > 0.0 && not teacher.IsClassFree then
                do!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"The ClassFreeShare is {options.Draws.ClassFreeShare}, but the teacher was not trained without classes"
                        "Train the teacher with a ClassFreeShare too, or use 0 here"

            if classes.IsNone then
                do! teacher.CheckTold None

            use lift = lift.WithReach(reach options lift.Trained)

            let points = place (data.Points.to_type like.dtype)

            let! paths =
                if options.Loss.NeedsPaths then
                    let noise =
                        Seed.normal [| int64 options.Draws.Paths; int64 data.Dimension |] (Seed.derive "paths" seed)

                    let index =
                        Seed.uniform [| int64 options.Draws.Paths |] (Seed.derive "path classes" seed)
                        |> fun u -> (float data.Count * u).to_type torch.int64

                    let chosen =
                        classes
                        |> Option.map (fun c ->
                            c.index_select (0L, index.``to`` like.device)
                            |> FlowMatching.forget options.Draws.ClassFreeShare (Seed.derive "paths" seed))

                    followTeacher cancellation options.Draws.PathSteps teacher chosen (place (noise.to_type like.dtype))
                    |> Result.map (fun states -> Some(states, chosen))
                else
                    Ok None

            let! imitation =
                if options.Loss.NeedsImitation then
                    imitate seed lift |> Result.map Some
                else
                    Ok None

            let learned =
                imitation
                |> Option.map (fun velocity ->
                    velocity.Net.Parameters
                    |> List.map (fun (name, parameter) -> $"imitation.{name}", parameter))
                |> Option.defaultValue []

            let keep (t: Tensor) = scope.Detach t

            let shape =
                [
                    NetFiles.fact lift.Net
                    Fact.settings OperatorShape.settings lift.Generator.Shape
                    yield! lift.Decoder |> Option.map NetFiles.fact |> Option.toList
                ]

            let started =
                lazy
                    [
                        "the data", Fact.tensor points
                        "the classes", Fact.optional classes
                        "the teacher", Fact.tensors (teacher.Net.Parameters |> List.map snd)
                        "the seed", string seed
                        "Lift", String.Join(" ", shape)
                        "Loss", options.Loss.Facts
                        "Draws", Fact.value options.Draws
                        "Path", Fact.value options.Path
                    ]

            let training =
                new DistillationTraining(
                    options,
                    seed,
                    lift,
                    new Descent(options.Descent, "distillation", started, lift.Parameters @ learned),
                    teacher,
                    imitation,
                    keep points,
                    Option.map keep classes,
                    paths |> Option.map (fst >> keep),
                    paths |> Option.bind snd |> Option.map keep
                )

            imitation |> Option.iter _.Dispose()
            return training
        }

    /// As start, which says more; the paths of the teacher can be cancelled at each of their steps.
    let internal startUnder
        (cancellation: CancellationToken)
        (options: DistillationOptions)
        (seed: Seed)
        (teacher: VelocityField)
        (classes: int[] option)
        (data: Samples)
        : Outcome<DistillationTraining> =
        result {
            use! lift =
                match options.Lift with
                | Fresh settings -> LinearFlow.create settings seed teacher.Dimension
                | Existing lift -> Ok(lift.With(lift.Parameters |> List.map snd))

            return! startWith cancellation options seed teacher classes data lift
        }

    /// <summary>A training at its start. If the loss needs paths of the teacher, they are computed here. The caller disposes it.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">The seed of the initial parameters and of all random draws.</param>
    /// <param name="teacher">The velocity field to follow.</param>
    /// <param name="classes">The class of each sample, if there are classes.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    let start
        (options: DistillationOptions)
        (seed: Seed)
        (teacher: VelocityField)
        (classes: int[] option)
        (data: Samples)
        : Outcome<DistillationTraining> =
        startUnder CancellationToken.None options seed teacher classes data

    /// <summary>
    /// Continues a training to its last step. After a cancellation at any step it can be called again: the result is that of a training that was not
    /// interrupted.
    /// </summary>
    /// <param name="control">Reports every 50 steps; can be cancelled at each step.</param>
    /// <param name="training">The training.</param>
    /// <returns>A <c>Diverged</c> error at the first step whose loss or gradient is not finite; the parameters are those before it.</returns>
    let resume (control: Control<DistillationProgress>) (training: DistillationTraining) : Outcome<unit> =
        let inner: Control<DescentProgress> =
            {
                Report =
                    fun progress ->
                        let struct (residual, norm, smallest) =
                            DistillationBatch.guards training progress.Step

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
            let loss = training.Options.Loss.Evaluate(DistillationBatch.draw training step)
            struct (loss, Net.Gradient(loss, training.Descent.Parameters)))

    /// <summary>The lift learned so far: a copy, which the caller disposes. (A user-supplied module is shared.)</summary>
    let lift (training: DistillationTraining) : LinearFlow =
        use _ = Tensors.scope ()
        training.Lift.With(training.Descent.Result |> List.take training.Lift.Parameters.Length)

    /// <summary>The complete state of the training, to be stored. The caller disposes it.</summary>
    let state (training: DistillationTraining) : RunState = training.Descent.State()

    /// <summary>Restores the stored state of a training with the same settings, seed, teacher and data.</summary>
    /// <returns>A <c>CheckpointMismatch</c> error, which names the difference, if it was started with others or stored by another version of the library; then nothing is changed.</returns>
    let restore (state: RunState) (training: DistillationTraining) : Outcome<unit> = training.Descent.Restore state

    /// <summary>
    /// From now on <c>resume</c> writes the state to a file: at its start, after every interval, and at its end or cancellation, so that a run that is
    /// killed loses no more than one interval. The file is replaced atomically between two steps.
    /// </summary>
    /// <param name="interval">The time between two writes; 30 seconds are usual.</param>
    /// <param name="path">The file. If it cannot be written at the start, <c>resume</c> fails; if it cannot later, the next interval tries again.</param>
    /// <param name="training">The training.</param>
    /// <returns>An <c>InvalidSetting</c> error if the interval is negative.</returns>
    let saveEvery (interval: TimeSpan) (path: string) (training: DistillationTraining) : Outcome<unit> =
        Autosave.Every(interval, path)
        |> Result.map (fun saving -> training.Descent.Saving <- Some saving)

    /// <summary>Trains a lift. Equal seeds give equal bits on a CPU with the same number of threads.</summary>
    /// <param name="control">Reports every 50 steps; can be cancelled at each step.</param>
    /// <param name="options">The settings: those of <c>recipes</c>, or your own.</param>
    /// <param name="seed">The seed of the initial parameters and of all random draws.</param>
    /// <param name="teacher">The velocity field to follow.</param>
    /// <param name="classes">The class of each sample, if there are classes.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    /// <returns>The lift, which the caller disposes, or an error.</returns>
    let train
        (control: Control<DistillationProgress>)
        (options: DistillationOptions)
        (seed: Seed)
        (teacher: VelocityField)
        (classes: int[] option)
        (data: Samples)
        : Outcome<LinearFlow> =
        result {
            use! training = startUnder control.Cancellation options seed teacher classes data
            do! resume control training
            return lift training
        }
