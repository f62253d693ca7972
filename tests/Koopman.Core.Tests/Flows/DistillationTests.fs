namespace Koopman.Tests

open System
open System.Threading
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows

module DistillationTests =

    let private draw (name: string) (shape: int64[]) : Tensor = LinearFlowTests.draw name shape

    let private largest (t: Tensor) : float = LinearFlowTests.largest t

    let private teacher: VelocityField =
        VelocityField.ofFunction 2 LinearFlowTests.teacher

    let private gaussian: Samples =
        use z = draw "data" [| 300L; 2L |]
        Samples.ofTensor z |> Outcome.get

    /// A batch of two starts and three points, all float64, and paths from the first start.
    let private batchOf (lift: LinearFlow) (horizons: float[]) : LossBatch =
        let t = Tensors.ofRows 3 [| 0.2; 0.5; 0.9 |]
        let x = draw "x" [| 3L; 2L |]

        let points: PointRows =
            {
                Time = t
                Point = x
                Velocity = LinearFlowTests.teacher t x
                Classes = null
                Horizon = Tensors.ofRows 3 [| 0.5; 0.1; 0.0 |]
            }

        let starts: StartRows =
            {
                Time = Tensors.ofRows 2 [| 0.0; 0.4 |]
                Point = draw "starts" [| 2L; 2L |]
                Classes = null
                Horizons = (Tensors.ofVector horizons).reshape(-1L, 2L, 1L)
            }

        let paths: PathRows =
            {
                Time = Tensors.ofRows 1 [| 0.3 |]
                State = Tensors.ofRows 1 [| 0.1; -0.2 |]
                Span = 1.0
                End = Tensors.ofRows 1 [| 0.4; 0.7 |]
            }

        LossBatch(lift, teacher, None, lazy points, lazy starts, lazy paths)

    let private valueOf (loss: Loss) (batch: LossBatch) : float = (loss.Evaluate batch).ToDouble()

    /// A lift with a decoder, float64, with a generator that is not nearly 0.
    let private withDecoder (shape: OperatorShape) (act: LinearFlow -> unit) : unit =
        let network =
            { Net.mlpDefaults with
                Widths = [ 7 ]
                DoublePrecision = true
            }

        let options: LinearFlowOptions =
            {
                Network = Mlp network
                Features = 4
                Generator = shape
                Decoder = Some(Mlp network)
            }

        use first = LinearFlow.create options (Seed.ofInt 1) 2 |> Outcome.get

        use lift =
            Tensors.within (fun () ->
                first.With(
                    first.Parameters
                    |> List.map (fun (name, p) ->
                        if name.StartsWith "generator" then
                            p.detach().add(draw name p.shape, Tensors.num 0.5)
                        else
                            p.detach ())
                ))

        Tensors.within (fun () ->
            use _ = torch.no_grad ()
            act lift)

    let private decoders: OperatorShape list = [ Dense; LiftOperator.blocks ]

    let private small (options: DistillationOptions) (steps: int) : DistillationOptions =
        let network = Mlp { Net.mlpDefaults with Widths = [ 24 ] }

        { options with
            Lift =
                match options.Lift with
                | Fresh lift ->
                    Fresh
                        { lift with
                            Network = network
                            Features = 8
                            Decoder = lift.Decoder |> Option.map (fun _ -> network)
                        }
                | given -> given
            Draws =
                { options.Draws with
                    Starts = 32
                    Points = 16
                    Paths = 100
                    PathSteps = 8
                }
            Descent =
                { options.Descent with
                    Steps = steps
                    WarmUp = 10
                }
        }

    /// x' = v of a turning and shrinking flow that is linear: any sound student learns it.
    let private turning: VelocityField =
        // Made whenever the first test asks for it, so in no scope of that test.
        let matrix =
            Tensors.own (fun () -> (Tensors.ofRows 2 [| -0.5; 1.5; -1.5; -0.5 |]).to_type torch.float32)

        VelocityField.ofFunction 2 (fun _ x -> x.matmul matrix)

    let private endError (lift: LinearFlow) : float =
        use noise = (draw "noise" [| 200L; 2L |]).to_type torch.float32
        use expected = Ode.solve (RungeKutta4 40) turning 0.0 1.0 noise |> Outcome.get
        use sampler = OneStep.create lift
        use found = OneStep.sample sampler noise |> Outcome.get
        Tensors.within (fun () -> (found - expected).square().sum(-1L).mean().sqrt().ToDouble())

    let tests: Test =
        testList
            "Student"
            [
                testList
                    "At horizon 0 the Lagrangian residual is the x part of consistency"
                    [
                        for name in [ "blocks"; "dense" ] do
                            testCase name (fun () ->
                                LinearFlowTests.withLift name (fun lift ->
                                    let batch = batchOf lift [| 0.0; 0.0; 0.0; 0.0 |]
                                    let starts = batch.Starts
                                    let v = LinearFlowTests.teacher starts.Time starts.Point
                                    let r = LinearFlow.residual lift starts.Time starts.Point v None
                                    let expected = r.Point.square().sum(-1L).mean().ToDouble()

                                    Expect.sameDecimals
                                        12
                                        (valueOf Losses.lagrangian batch)
                                        expected
                                        "valueOf Losses.lagrangian batch"))
                    ]

                testCase
                    "The Lagrangian residual compares the speed with the teacher where the prediction is"
                    (fun () ->
                        LinearFlowTests.withLift "blocks" (fun lift ->
                            let horizons = [| 0.5; 0.1; 0.9; 0.6 |]
                            let batch = batchOf lift horizons
                            let z = batch.AtStarts
                            let h = 1e-5

                            let at (by: float) =
                                lift.Generator.Position(z, batch.Starts.Horizons + by)

                            let speed = (at h - at -h) / (2.0 * h)
                            let time = batch.Starts.Time + batch.Starts.Horizons

                            let expected =
                                [
                                    for q in 0L .. 1L do
                                        (speed[q] - LinearFlowTests.teacher time[q] (at 0.0).[q])
                                            .square()
                                            .sum()
                                            .ToDouble()
                                ]
                                |> List.sum

                            Expect.sameDecimals
                                7
                                (valueOf Losses.lagrangian batch)
                                (expected / 4.0)
                                "valueOf Losses.lagrangian batch"))

                testCase "No gradient of the Lagrangian residual goes through the teacher" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        use _ = torch.enable_grad ()
                        let batch = batchOf lift [| 0.5; 0.1; 0.9; 0.6 |]
                        let slope = lift.Generator.Parameters |> List.find (fst >> (=) "slope") |> snd

                        let gradient (loss: Tensor) =
                            Tensors.toArray (torch.autograd.grad([| loss |], [| slope |])[0])

                        let horizons, time =
                            batch.Starts.Horizons, batch.Starts.Time + batch.Starts.Horizons

                        let z = batch.AtStarts
                        let x = lift.Generator.Position(z, horizons)

                        let stopped =
                            lift.Generator
                                .Speed(z, horizons)
                                .sub(
                                    LinearFlowTests.teacher (time.reshape (4L, 1L)) (x.detach().reshape(4L, 2L))
                                    |> fun v -> v.reshape x.shape
                                )
                                .square()
                                .sum(-1L)
                                .mean()

                        let expected = gradient stopped

                        let found =
                            gradient (Losses.lagrangian.Evaluate(batchOf lift [| 0.5; 0.1; 0.9; 0.6 |]))

                        Array.iter2 (fun (e: float) f -> Expect.sameDecimals 12 f e "each of found") expected found))

                testCase "Each term is what its formula says" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        let batch = batchOf lift [| 0.5; 0.1 |]
                        let p = batch.Points
                        let matrix = lift.Generator.Matrix()
                        let struct (z, rate) = lift.EncodeAlong(p.Time, p.Point, p.Velocity, None)
                        let r = rate.Rows - z.Rows.matmul matrix
                        let mean (t: Tensor) = t.square().sum(-1L).mean().ToDouble()

                        Expect.sameDecimals
                            12
                            (valueOf Losses.consistency batch)
                            (mean r / 8.0)
                            "valueOf Losses.consistency batch"

                        let variance = Tensors.toArray z.Features |> Array.chunkBySize 4 |> Array.transpose

                        let scaled =
                            Array.map2
                                (fun (f: float[]) (r: float[]) ->
                                    let mean = Array.average f

                                    Array.averageBy (fun x -> x * x) r
                                    / Array.averageBy (fun x -> (x - mean) * (x - mean)) f)
                                variance
                                (Tensors.toArray (r.narrow (1L, 4L, 4L))
                                 |> Array.chunkBySize 4
                                 |> Array.transpose)

                        Expect.sameDecimals
                            9
                            (valueOf Losses.scaledConsistency batch)
                            (mean (r.narrow (1L, 2L, 2L)) + Array.average scaled)
                            "valueOf Losses.scaledConsistency batch"

                        let decoded =
                            [
                                for i, tau in List.indexed [ 0.5; 0.1; 0.0 ] do
                                    let row = r.narrow (0L, int64 i, 1L)
                                    let moved = row.matmul (torch.linalg.matrix_exp (tau * matrix))
                                    mean (moved.narrow (1L, 2L, 2L))
                            ]

                        Expect.sameDecimals
                            12
                            (valueOf Losses.decoded batch)
                            (List.average decoded)
                            "valueOf Losses.decoded batch"

                        let start = batch.AtStarts.Rows.narrow (0L, 0L, 1L)

                        let moved tau =
                            start.matmul (torch.linalg.matrix_exp (tau * matrix))

                        let ends =
                            lift.Encode(torch.ones (1L, 1L, dtype = torch.float64), batch.Paths.End, None)

                        Expect.sameDecimals
                            12
                            (valueOf Losses.phase batch)
                            (mean (moved 1.0 - ends.Rows) / 8.0)
                            "valueOf Losses.phase batch"

                        let off (tau: float) (there: Tensor) =
                            mean ((moved tau).narrow(1L, 2L, 2L) - there)

                        Expect.sameDecimals
                            12
                            (valueOf Losses.target batch)
                            (off 1.0 batch.Paths.End / 2.0)
                            "valueOf Losses.target batch"

                        Expect.sameDecimals
                            12
                            (valueOf (Losses.path 0.3) batch)
                            (0.3 * off 1.0 batch.Paths.End + 0.7 * off 0.3 batch.Paths.State)
                            "valueOf (Losses.path 0.3) batch"))

                testCase "No scale of the features changes scaled consistency and decoded consistency" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        // Features times 10 and what they drive divided by 10: the same lift in another gauge.
                        let names = lift.Parameters |> List.map fst
                        let last = names |> List.findIndex (fun n -> n = "features.layer1.weight")

                        use other =
                            lift.With(
                                lift.Parameters
                                |> List.mapi (fun i (name, p) ->
                                    if i = last || i = last + 1 then 10.0 * p.detach ()
                                    elif name = "generator.mixing" then p.detach () / 10.0
                                    else p.detach ())
                            )

                        let horizons = [| 0.5; 0.1 |]

                        for loss in [ Losses.scaledConsistency; Losses.decoded; Losses.lagrangian; Losses.path 0.5 ] do
                            Expect.sameDecimals
                                9
                                (valueOf loss (batchOf other horizons))
                                (valueOf loss (batchOf lift horizons))
                                "valueOf loss (batchOf other horizons)"

                        let plain l =
                            valueOf Losses.consistency (batchOf l horizons)

                        Expect.isTrue (plain other > 10.0 * plain lift) "plain other > 10.0 * plain lift"))

                testCase "Losses add and scale" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        let batch = batchOf lift [| 0.5; 0.1 |]
                        let loss = 2.0 * (Losses.decoded + 0.5 * Losses.target)

                        Expect.equal loss.Weights [| struct ("decoded", 2.0); struct ("target", 1.0) |] "loss.Weights"

                        Expect.sameDecimals
                            12
                            (valueOf loss batch)
                            (2.0 * valueOf Losses.decoded batch + valueOf Losses.target batch)
                            "valueOf loss batch"

                        Expect.isTrue loss.NeedsPaths "loss.NeedsPaths"

                        Expect.isFalse
                            Distillation.solverFree.Loss.NeedsPaths
                            "Distillation.solverFree.Loss.NeedsPaths"

                        Expect.equal (string loss) "2 decoded + 1 target" "string loss"))

                testCase "With a decoder speed and response are derivatives of the decoded points" (fun () ->
                    for shape in decoders do
                        withDecoder shape (fun lift ->
                            Expect.equal lift.Size 6 "lift.Size"
                            let t, x = Tensors.ofRows 3 [| 0.1; 0.3; 0.8 |], draw "x" [| 3L; 2L |]
                            let v = LinearFlowTests.teacher t x
                            let z = lift.Encode(t, x, None)
                            let tau = (Tensors.ofVector [| 0.5; 0.1; 0.2; 0.7; -0.3; 0.0 |]).reshape(2L, 3L, 1L)
                            let h = 1e-5

                            let slope (f: float -> Tensor) = (f h - f -h) / (2.0 * h)

                            let speed = slope (fun by -> lift.Position(z, tau + by))
                            Expect.isTrue (largest speed > 0.01) "largest speed > 0.01"

                            Expect.inRange
                                (largest (speed - lift.Speed(z, tau)))
                                (0.0, 1e-8)
                                "largest (speed.sub (lift.Speed(z, tau)))"

                            // The predicted end along the teacher's flow, as for lifts without a decoder.
                            let rest (by: float) = (1.0 - by) - t

                            let along =
                                slope (fun by ->
                                    lift.Position(lift.Encode(t + by, x.add (v, Tensors.num by), None), rest by))

                            let found = lift.Response(z, LinearFlow.residual lift t x v None, rest 0.0)
                            Expect.isTrue (largest along > 0.01) "largest along > 0.01"
                            Expect.inRange (largest (along - found)) (0.0, 1e-8) "largest (along.sub found)"))

                testCase "A lift with a decoder samples what it predicts, and is saved with it" (fun () ->
                    use folder = new TemporaryFolder()
                    let path = folder.File "lift.safetensors"

                    for shape in decoders do
                        withDecoder shape (fun lift ->
                            LinearFlow.save path lift |> Outcome.get
                            use back = LinearFlow.load path |> Outcome.get
                            use sampler = OneStep.create back
                            let noise = draw "noise" [| 5L; 2L |]
                            let zero = torch.zeros (5L, 1L, dtype = torch.float64)

                            let expected (time: float) =
                                lift.Position(lift.Encode(zero, noise, None), zero + time)

                            use sample = OneStep.sample sampler noise |> Outcome.get

                            Expect.inRange
                                (largest (sample - expected 1.0))
                                (0.0, 1e-12)
                                "largest (sample.sub (expected 1.0))"

                            use ways = OneStep.path 0.0 [| 0.25; 1.0 |] sampler noise |> Outcome.get

                            Expect.inRange
                                (largest (ways.Points[0L] - expected 0.25))
                                (0.0, 1e-12)
                                "largest (ways[0L].sub(expected 0.25))"

                            let batch = batchOf lift [| 0.5; 0.1 |]

                            let start =
                                lift.Encode(
                                    zero.narrow (0L, 0L, 1L),
                                    (draw "starts" [| 2L; 2L |]).narrow(0L, 0L, 1L),
                                    None
                                )

                            let ahead = lift.Position(start, torch.ones (1L, 1L, dtype = torch.float64))
                            let off = (ahead - batch.Paths.End).square().mean().ToDouble()
                            Expect.sameDecimals 12 (valueOf Losses.target batch) off "valueOf Losses.target batch"
                            let p = batch.Points
                            let again = lift.Decode(lift.Encode(p.Time, p.Point, None))

                            Expect.sameDecimals
                                12
                                (valueOf Losses.reconstruction batch)
                                ((again - p.Point).square().mean().ToDouble())
                                "valueOf Losses.reconstruction batch")

                    LinearFlowTests.withLift "blocks" (fun lift ->
                        Expect.equal
                            (valueOf Losses.reconstruction (batchOf lift [| 0.5; 0.1 |]))
                            0.0
                            "the reconstruction loss"))

                testList
                    "Every recipe learns a linear flow"
                    [
                        for name, options in
                            [
                                "hybrid", Distillation.hybrid
                                "solver-free", Distillation.solverFree
                                "paper", Distillation.paper
                                "strict", Distillation.strict
                                "decoded-only", Distillation.decodedOnly
                            ] do
                            testCase name (fun () ->
                                use lift =
                                    Distillation.train
                                        Control.none
                                        (small options 400)
                                        (Seed.ofInt 1)
                                        turning
                                        None
                                        gaussian
                                    |> Outcome.get

                                // The points move by 1.6 in the mean; an untrained lift is off by as much.
                                Expect.inRange (endError lift) (0.0, 0.12) "endError lift")
                    ]

                testList
                    "The strict recipe asks the teacher at points between noise and data only"
                    [
                        for strict in [ true; false ] do
                            testCase $"strict {strict}" (fun () ->
                                let steps = 12

                                let options =
                                    small
                                        (if strict then
                                             Distillation.strict
                                         else
                                             Distillation.solverFree)
                                        steps

                                let mutable asked = 0L

                                let counting =
                                    VelocityField.ofFunction 2 (fun t x ->
                                        asked <- asked + x.shape[0]
                                        turning.At(t, x))

                                use training =
                                    Distillation.start options (Seed.ofInt 3) counting None gaussian |> Outcome.get

                                Distillation.resume Control.none training |> Outcome.get
                                use lift = Distillation.lift training

                                Expect.equal
                                    lift.Parameters.Length
                                    training.Lift.Parameters.Length
                                    "lift.Parameters.Length"
                                // Once a step at the points, once for the one report; two horizons a start if Lag asks it too.
                                let points = int64 options.Draws.Points * int64 (steps + 1)

                                let predicted =
                                    if strict then
                                        0L
                                    else
                                        2L * int64 options.Draws.Starts * int64 steps

                                Expect.equal asked (points + predicted) "asked")
                    ]

                testCase "The imitation is taught at points, and is what Lag asks" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        let batch = batchOf lift [| 0.1; 0.2; 0.3; 0.4 |]

                        let twice =
                            VelocityField.ofFunction 2 (fun t x -> 2.0 * LinearFlowTests.teacher t x)

                        let imitated =
                            LossBatch(
                                lift,
                                teacher,
                                Some twice,
                                lazy batch.Points,
                                lazy batch.Starts,
                                lazy batch.Paths
                            )

                        let v = batch.Points.Velocity

                        Expect.sameDecimals
                            12
                            (valueOf Losses.imitation imitated)
                            (v.square().sum(-1L).mean().ToDouble())
                            "valueOf Losses.imitation imitated"

                        Expect.sameDecimals 12 (valueOf Losses.imitation batch) 0.0 "valueOf Losses.imitation batch"

                        let asTeacher =
                            LossBatch(lift, twice, None, lazy batch.Points, lazy batch.Starts, lazy batch.Paths)

                        Expect.sameDecimals
                            12
                            (valueOf Losses.lagrangian imitated)
                            (valueOf Losses.lagrangian asTeacher)
                            "valueOf Losses.lagrangian imitated"

                        Expect.notEqual
                            (Math.Round(valueOf Losses.lagrangian imitated, 3))
                            (Math.Round(valueOf Losses.lagrangian batch, 3))
                            "the loss of the imitation"

                        Expect.isTrue
                            Distillation.strict.Loss.NeedsImitation
                            "Distillation.strict.Loss.NeedsImitation"

                        Expect.isFalse Distillation.strict.Loss.NeedsPaths "Distillation.strict.Loss.NeedsPaths"))

                testCase "A lift with a decoder learns a linear flow" (fun () ->
                    let options = small Distillation.decoding 500

                    use trained =
                        Distillation.train Control.none options (Seed.ofInt 1) turning None gaussian
                        |> Outcome.get

                    Expect.inRange (endError trained) (0.0, 0.25) "endError trained"

                    FlowSpectrum.find trained 0.0 gaussian
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "decoder" ])

                testCase "Backward starts train the way back" (fun () ->
                    let options = small Distillation.solverFree 500

                    let back (share: float) =
                        use lift =
                            Distillation.train
                                Control.none
                                { options with
                                    Draws =
                                        { options.Draws with
                                            DataShare = share
                                            NoiseShare = 0.5
                                        }
                                }
                                (Seed.ofInt 1)
                                turning
                                None
                                gaussian
                            |> Outcome.get

                        use data = (draw "ends" [| 200L; 2L |]).to_type torch.float32
                        use expected = Ode.solve (RungeKutta4 40) turning 1.0 0.0 data |> Outcome.get
                        use sampler = OneStep.create lift
                        use found = OneStep.move 1.0 0.0 sampler data |> Outcome.get
                        Tensors.within (fun () -> (found.Points - expected).square().sum(-1L).mean().sqrt().ToDouble())

                    Expect.inRange (back 0.3) (0.0, 0.25) "back 0.3")

                testList
                    "Training is the same again, and after any interruption"
                    [
                        for imitating in [ true; false ] do
                            testCase $"imitating {imitating}" (fun () ->
                                let options =
                                    small
                                        (if imitating then
                                             Distillation.strict
                                         else
                                             Distillation.hybrid)
                                        60

                                let values (training: DistillationTraining) =
                                    use lift = Distillation.lift training
                                    lift.Parameters |> List.map (snd >> Tensors.toArray)

                                let start () =
                                    Distillation.start options (Seed.ofInt 2) turning None gaussian |> Outcome.get

                                let whole =
                                    use training = start ()
                                    Distillation.resume Control.none training |> Outcome.get
                                    values training

                                use source = new CancellationTokenSource()
                                use training = start ()

                                Expect.throwsT<OperationCanceledException>
                                    (fun () ->
                                        training
                                        |> Distillation.resume
                                            {
                                                Report =
                                                    fun progress ->
                                                        if progress.Step = 50 then
                                                            source.Cancel()
                                                Cancellation = source.Token
                                            }
                                        |> ignore)
                                    "a cancelled run"

                                use state = Distillation.state training
                                use other = start ()
                                Distillation.restore state other |> Outcome.get
                                Expect.equal other.Step 50 "other.Step"
                                Distillation.resume Control.none other |> Outcome.get
                                Expect.isTrue other.IsFinished "other.IsFinished"
                                Expect.equal (values other) whole "values other")
                    ]

                testCase
                    "The paths of the teacher can be cancelled at every step, and leave no tensor behind"
                    (fun () ->
                        use source = new CancellationTokenSource()
                        let mutable evaluations = 0

                        use teacher =
                            VelocityField.ofFunction 2 (fun _ x ->
                                evaluations <- evaluations + 1

                                if evaluations = 6 then
                                    source.Cancel()

                                -x)

                        let data = gaussian
                        let before = live ()

                        Expect.throwsT<OperationCanceledException>
                            (fun () ->
                                Distillation.train
                                    {
                                        Report = ignore
                                        Cancellation = source.Token
                                    }
                                    (small Distillation.hybrid 60)
                                    (Seed.ofInt 1)
                                    teacher
                                    None
                                    data
                                |> ignore)
                            "a cancelled training"

                        // The Runge–Kutta step that was begun is finished.
                        Expect.equal evaluations 8 "the evaluations"
                        Expect.equal (live ()) before "live tensors")

                testCase "Training tells how it goes" (fun () ->
                    let told = ResizeArray<DistillationProgress>()

                    use lift =
                        Distillation.train
                            (Control.report told.Add)
                            (small Distillation.hybrid 110)
                            (Seed.ofInt 1)
                            turning
                            None
                            gaussian
                        |> Outcome.get

                    Expect.equal [ for p in told -> p.Step ] [ 50; 100; 110 ] "the steps that were told"
                    Expect.isTrue (told[2].Loss < told[0].Loss) "told[2].Loss < told[0].Loss"

                    for p in told do
                        Expect.isTrue
                            (p.VelocityResidual > 0.0 && p.SmallestFeature > 0.0 && Double.IsFinite p.LogNorm)
                            "the diagnostics are positive and finite")

                testCase "A path is all its times at once, whatever the pieces" (fun () ->
                    use lift =
                        LinearFlow.create
                            { LinearFlow.defaults with
                                Features = 6
                            }
                            (Seed.ofInt 1)
                            2
                        |> Outcome.get

                    use noise = (draw "noise" [| 25L; 2L |]).to_type torch.float32
                    use sampler = OneStep.create lift
                    use narrow = OneStep.createInPieces 7 lift |> Outcome.get
                    let times = [| 0.0; 0.25; 1.0 |]
                    use path = OneStep.path 0.0 times sampler noise |> Outcome.get
                    use again = OneStep.path 0.0 times narrow noise |> Outcome.get
                    use _ = torch.NewDisposeScope()
                    Expect.equal path.Points.shape [| 3L; 25L; 2L |] "the shape of path"
                    Expect.inRange (largest (path.Points - again.Points)) (0.0, 1e-5) "largest (path.sub again)"
                    Expect.inRange (largest (path.Points[0L] - noise)) (0.0, 1e-6) "largest (path[0L].sub noise)"

                    for i, time in Array.indexed times do
                        use one = OneStep.move 0.0 time narrow noise |> Outcome.get

                        Expect.inRange
                            (largest (one.Points - path.Points[int64 i]))
                            (0.0, 1e-5)
                            "largest (one.sub path[int64 i])"

                    use twice = OneStep.sampleInSteps 2 sampler noise |> Outcome.get
                    use half = OneStep.move 0.0 0.5 sampler noise |> Outcome.get
                    use whole = OneStep.move 0.5 1.0 sampler half.Points |> Outcome.get
                    Expect.inRange (largest (twice - whole.Points)) (0.0, 1e-5) "largest (twice.sub whole)")

                testCase "float64 lifts sample in float64, near their float32 selves" (fun () ->
                    use lift =
                        LinearFlow.create
                            { LinearFlow.defaults with
                                Features = 6
                            }
                            (Seed.ofInt 1)
                            2
                        |> Outcome.get

                    use exact = LinearFlow.toDouble lift
                    use noise = draw "noise" [| 25L; 2L |]
                    use sampler = OneStep.create lift
                    use exactSampler = OneStep.create exact
                    use single = OneStep.sample sampler noise |> Outcome.get
                    use double = OneStep.sample exactSampler noise |> Outcome.get
                    Expect.equal single.dtype torch.float32 "single.dtype"
                    Expect.equal double.dtype torch.float64 "double.dtype"
                    use _ = torch.NewDisposeScope()

                    Expect.inRange
                        (largest (double - single.to_type torch.float64))
                        (0.0, 1e-5)
                        "single against double precision")

                testCase "Sampling leaves no tensors behind" (fun () ->
                    use lift =
                        LinearFlow.create
                            { LinearFlow.defaults with
                                Features = 6
                            }
                            (Seed.ofInt 1)
                            2
                        |> Outcome.get

                    use noise = (draw "noise" [| 25L; 2L |]).to_type torch.float32

                    let sample () =
                        use sampler = OneStep.create lift
                        use _ = OneStep.path 0.0 [| 0.5; 1.0 |] sampler noise |> Outcome.get
                        use _ = OneStep.move 0.2 0.7 sampler noise |> Outcome.get
                        ()

                    sample ()
                    let before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount
                    sample ()

                    Expect.equal
                        DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount
                        before
                        "live tensors")

                testCase "Bad questions are refused" (fun () ->
                    use lift =
                        LinearFlow.create
                            { LinearFlow.defaults with
                                Features = 6
                            }
                            (Seed.ofInt 1)
                            2
                        |> Outcome.get

                    use sampler = OneStep.create lift
                    use noise = torch.zeros (4L, 2L)
                    use wide = torch.zeros (4L, 3L)

                    OneStep.move 0.0 1.5 sampler noise
                    |> Expect.error ErrorKind.InvalidSetting [ "Times[1] is 1.5"; "from 0 to 1" ]

                    OneStep.sample sampler wide
                    |> Expect.error ErrorKind.ShapeMismatch [ "the points is (4, 3)"; "(n, 2)" ]

                    let noStart =
                        { Distillation.hybrid with
                            Draws =
                                { Distillation.hybrid.Draws with
                                    NoiseShare = 0.0
                                }
                        }

                    Distillation.train Control.none noStart (Seed.ofInt 1) turning None gaussian
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "NoiseShare" ])
            ]
