namespace Koopman.Tests

open System
open System.Threading
open Expecto
open Koopman
open TorchSharp
open Koopman.Particles

module ParticleFlowTests =

    let private normal (count: int) (seed: int) =
        use z = Seed.normal [| int64 count; 2L |] (Seed.ofInt seed)
        Samples.ofTensor z |> Outcome.get

    /// Linear functions, whose flow is a translation; no guard, no jitter, no cap in reach.
    let private plain =
        { ParticleFlow.defaults with
            Jitter = 0.0
            GuardEvery = 0
            Tolerance = 0.0
            Length = Some 1e9
        }

    let private withLinear (act: Spectrum -> Samples -> unit) : unit =
        use data = normal 400 1
        use observables = Observables.linear 2
        use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get
        act spectrum data

    let private run options spectrum data start =
        ParticleFlow.run Control.none options (Seed.ofInt 1) spectrum data start

    let private meanOf (samples: Samples) =
        use mean = Samples.mean samples
        Tensors.toArray mean

    /// A flow of few iterations through all stages.
    let private withRuns (act: (unit -> ParticleRun) -> unit) : unit =
        use data =
            Systems.equilibrium Systems.quadrupleWell.Value 600 (Seed.ofInt 3)
            |> Outcome.get

        use observables =
            Observables.gaussiansOver Observables.automatic data |> Outcome.get

        use field = ParticleField.fullRank 0.0 1.0 observables data |> Outcome.get
        use start = normal 50 7

        let options =
            { ParticleFlow.defaults with
                Iterations = 12
                RefineIterations = 6
                Tolerance = 0.0
            }

        act (fun () ->
            ParticleFlow.start options (Seed.ofInt 1) (Manifold.euclidean 2) field data start
            |> Outcome.get)

    /// Two clouds far apart, with three parts of the data in the first.
    let private clouds (count: int) =
        use z = Seed.normal [| int64 count; 2L |] (Seed.ofInt 11)

        Tensors.toArray z
        |> Array.mapi (fun i v -> 0.2 * v + (if i / 2 % 4 = 0 && i % 2 = 0 then 20.0 else 0.0))
        |> Samples.ofValues 2
        |> Outcome.get

    let tests: Test =
        testList
            "Spectral flow"
            [
                testCase "With linear functions particles move together, by (1-h) of the way that is left" (fun () ->
                    withLinear (fun spectrum data ->
                        use start = Samples.ofValues 2 [| 5.0; 1.0; 7.0; 3.0; 6.0; 8.0 |] |> Outcome.get

                        let flow =
                            run
                                { plain with
                                    Iterations = 3
                                    Step = 0.25
                                }
                                spectrum
                                data
                                start
                            |> Outcome.get

                        use particles = flow.Particles
                        let target, before = meanOf data, meanOf start
                        let left = pown 0.75 3

                        let expected =
                            Samples.values start
                            |> Array.mapi (fun i v -> v + (1.0 - left) * (target[i % 2] - before[i % 2]))

                        Array.iter2
                            (fun (e: float) a -> Expect.sameDecimals 10 a e "each of particles")
                            expected
                            (Samples.values particles)))

                testList
                    "The pace does not depend on the temperature"
                    [
                        for temperature in [ 0.2; 3.0 ] do
                            testCase $"temperature {temperature}" (fun () ->
                                use data = normal 400 1
                                use observables = Observables.linear 2

                                use spectrum =
                                    Langevin.fit
                                        { Langevin.defaults with
                                            Temperature = temperature
                                        }
                                        observables
                                        data
                                    |> Outcome.get

                                use start = Samples.ofValues 2 [| 5.0; 1.0; 7.0; 3.0 |] |> Outcome.get

                                let flow =
                                    run
                                        { plain with
                                            Iterations = 1
                                            Step = 1.0
                                        }
                                        spectrum
                                        data
                                        start
                                    |> Outcome.get

                                use particles = flow.Particles

                                Array.iter2
                                    (fun (e: float) a -> Expect.sameDecimals 10 a e "each of meanOf particles")
                                    (meanOf data)
                                    (meanOf particles))
                    ]

                testCase "A spectrum from pairs moves particles at the same pace" (fun () ->
                    use pairs =
                        Systems.equilibriumPairs (Systems.ornsteinUhlenbeck 1 1.0) 4000 0.2 (Seed.ofInt 8)
                        |> Outcome.get

                    use observables = Observables.linear 1
                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    use start = Samples.ofValues 1 [| 4.0; 6.0 |] |> Outcome.get

                    let flow =
                        run
                            { plain with
                                Iterations = 1
                                Step = 1.0
                            }
                            spectrum
                            pairs.From
                            start
                        |> Outcome.get

                    use particles = flow.Particles
                    // The one function is x itself: a full step brings the mean to that of the pairs.
                    Expect.sameDecimals
                        8
                        ((meanOf particles)[0])
                        (0.5 * ((meanOf pairs.From)[0] + (meanOf pairs.To)[0]))
                        "(meanOf particles)[0]")

                testList
                    "Anisotropic noise does not slow the particles"
                    [
                        // The law N(0, I) of a process with a = diag(2, 20): rates 1 and 10. Particles start at (2, 2) with deviation .3.
                        let ornstein (lag: float) =
                            use _ = torch.NewDisposeScope()
                            let x = Seed.normal [| 10_000L; 2L |] (Seed.ofInt 1)
                            let fall = torch.tensor ([| exp -lag; exp (-10.0 * lag) |], dtype = torch.float64)
                            let noise = Seed.normal [| 10_000L; 2L |] (Seed.ofInt 2)
                            let y = x * fall + noise * (1.0 - fall * fall).sqrt()
                            SnapshotPairs.create lag x y |> Outcome.get

                        let settings =
                            { plain with
                                Iterations = 40
                                Tolerance = 1e-3
                                Length = Some 1.0
                            }

                        let follow (field: ParticleField) (data: Samples) =
                            use start =
                                Samples.ofTensor (2.0 + 0.3 * Seed.normal [| 1000L; 2L |] (Seed.ofInt 5))
                                |> Outcome.get

                            let flow =
                                ParticleFlow.follow
                                    Control.none
                                    settings
                                    (Seed.ofInt 3)
                                    (Manifold.euclidean 2)
                                    field
                                    data
                                    start
                                |> Outcome.get

                            use particles = flow.Particles
                            use _ = torch.NewDisposeScope()
                            Expect.isTrue flow.Converged "converged"

                            for m in Tensors.toArray (Samples.mean particles) do
                                Expect.inRange m (-0.05, 0.05) "mean"

                            for v in Tensors.toArray ((Samples.covariance particles).diagonal()) do
                                Expect.inRange v (0.95, 1.05) "variance"

                        testCase "from samples and the known diffusion" (fun () ->
                            use pairs = ornstein 0.1
                            use observables = Observables.monomials 2 2 |> Outcome.get
                            use a = torch.diag (torch.tensor ([| 2.0; 20.0 |], dtype = torch.float64))

                            use spectrum =
                                Langevin.fitWithDiffusion
                                    Langevin.defaults
                                    (fun _ -> Diffusion.Constant a)
                                    observables
                                    pairs.From
                                |> Outcome.get

                            use field = ParticleField.ofSpectrum 0.0 spectrum pairs.From |> Outcome.get
                            follow field pairs.From)

                        for lag in [ 0.02; 0.1 ] do
                            testCase $"from pairs at lag {lag}, without telling" (fun () ->
                                use pairs = ornstein lag
                                use observables = Observables.monomials 2 2 |> Outcome.get
                                use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                                use field = ParticleField.ofSpectrum 0.0 spectrum pairs.From |> Outcome.get
                                follow field pairs.From
                                use _ = torch.NewDisposeScope()

                                let a =
                                    field.DiffusionAt(torch.zeros (1L, 2L, dtype = torch.float64))
                                    |> Tensors.toArray

                                Expect.inRange a[0] (1.8, 2.2) "a along the first axis"
                                Expect.inRange a[3] (18.0, 22.0) "a along the second axis")

                        testCase "from pairs and their increments" (fun () ->
                            use pairs = ornstein 0.02
                            use observables = Observables.monomials 2 2 |> Outcome.get
                            use linear = Observables.monomials 1 2 |> Outcome.get
                            use motion = KramersMoyal.estimate KramersMoyal.defaults linear pairs |> Outcome.get

                            use field =
                                ParticleField.fullRankWithDiffusion 0.0 motion.DiffusionAt observables pairs.From
                                |> Outcome.get

                            follow field pairs.From)
                    ]

                testCase "With all modes the velocity is -∇ψᵀ S⁻¹ times the difference of means" (fun () ->
                    use _ = torch.NewDisposeScope()

                    use data =
                        Systems.equilibrium Systems.quadrupleWell.Value 800 (Seed.ofInt 2)
                        |> Outcome.get

                    use centres = Centres.farthest 12 data
                    use observables = Observables.gaussians 0.9 centres |> Outcome.get

                    use spectrum =
                        Langevin.fit
                            { Langevin.defaults with
                                RankTolerance = 1e-14
                            }
                            observables
                            data
                        |> Outcome.get

                    use start = normal 50 4
                    let h = 1e-3

                    let flow =
                        run { plain with Iterations = 1; Step = h } spectrum data start |> Outcome.get

                    use particles = flow.Particles

                    let mean (s: Samples) =
                        observables.Values(s.Points).mean [| 0L |]

                    let form = observables.DirichletForm(data.Points, data.Weights)
                    let a = torch.linalg.solve (form, (mean start - mean data).unsqueeze 1L)

                    let expected = start.Points - h * observables.GradientOf(start.Points, a.squeeze 1L)

                    let error = (expected - particles.Points).abs().max().ToDouble()
                    let moved = (expected - start.Points).abs().max().ToDouble()
                    Expect.isTrue (error <= 1e-6 * moved) $"error {error} of {moved}")

                testCase "The energy falls at every small step" (fun () ->
                    use data =
                        Systems.equilibrium Systems.quadrupleWell.Value 1000 (Seed.ofInt 2)
                        |> Outcome.get

                    use observables =
                        Observables.gaussiansOver Observables.automatic data |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get
                    use start = normal 200 5

                    let flow =
                        run
                            { plain with
                                Iterations = 30
                                Step = 0.05
                                Length = None
                            }
                            spectrum
                            data
                            start
                        |> Outcome.get

                    use _ = flow.Particles

                    for before, after in Array.pairwise flow.Energies do
                        Expect.isTrue (after <= before * (1.0 + 1e-12)) $"{before} to {after}")

                testCase "From one well the default reaches all four" (fun () ->
                    let system = Systems.quadrupleWell.Value
                    use data = Systems.equilibrium system 2000 (Seed.ofInt 3) |> Outcome.get

                    use observables =
                        Observables.gaussiansOver Observables.automatic data |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get
                    use noise = Seed.normal [| 500L; 2L |] (Seed.ofInt 6)
                    use inWell = 0.2 * noise + 1.0
                    use start = Samples.ofTensor inWell |> Outcome.get
                    let flow = run ParticleFlow.defaults spectrum data start |> Outcome.get
                    use particles = flow.Particles
                    let v = Samples.values particles

                    let share sx sy =
                        Seq.init 500 (fun i -> v[2 * i] * sx > 0.0 && v[2 * i + 1] * sy > 0.0)
                        |> Seq.filter id
                        |> Seq.length
                        |> fun n -> float n / 500.0

                    for sx in [ -1.0; 1.0 ] do
                        for sy in [ -1.0; 1.0 ] do
                            Expect.inRange (share sx sy) (0.2, 0.3) "share sx sy"

                    Expect.inRange flow.EnergyRatio (0.0, 0.1) "flow.EnergyRatio")

                testCase "Particles far outside start on the data" (fun () ->
                    use data =
                        Systems.equilibrium Systems.quadrupleWell.Value 600 (Seed.ofInt 3)
                        |> Outcome.get

                    use observables =
                        Observables.gaussiansOver Observables.automatic data |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get
                    use start = Samples.ofValues 2 (Array.create 100 1e6) |> Outcome.get
                    let flow = run ParticleFlow.defaults spectrum data start |> Outcome.get
                    use particles = flow.Particles
                    Expect.isTrue (flow.Snapped >= 50) "flow.Snapped >= 50"

                    for v in Samples.values particles do
                        Expect.inRange v (-3.5, 3.5) "each of particles")

                testCase "Cancellation ends the flow within a step and leaves no tensor behind" (fun () ->
                    withLinear (fun spectrum data ->
                        use start = normal 20 7

                        let before = live ()
                        use source = new CancellationTokenSource()
                        let seen = ResizeArray<int>()

                        let control: Control<ParticleProgress> =
                            {
                                Report =
                                    fun p ->
                                        seen.Add p.Iteration

                                        if p.Iteration = 4 then
                                            source.Cancel()
                                Cancellation = source.Token
                            }

                        Expect.throwsT<OperationCanceledException>
                            (fun () -> ParticleFlow.run control plain (Seed.ofInt 1) spectrum data start |> ignore)
                            "a cancelled run"

                        Expect.equal (List.ofSeq seen) [ 1; 2; 3; 4 ] "the steps that were seen"
                        Expect.equal (live ()) before "live tensors"))

                testList
                    "A flow that was stopped goes on to the same bits, at once and from a file"
                    [
                        for stop in [ 5; 12; 14 ] do
                            testCase $"stop {stop}" (fun () ->
                                withRuns (fun start ->
                                    let finish (run: ParticleRun) =
                                        ParticleFlow.resume Control.none run |> Outcome.get
                                        Expect.isTrue run.IsFinished "run.IsFinished"
                                        let flow = ParticleFlow.outcome run |> Outcome.get
                                        use particles = flow.Particles

                                        Samples.values particles,
                                        flow.Energies,
                                        flow.Iterations,
                                        flow.Snapped,
                                        flow.Converged

                                    use whole = start ()
                                    let expected = finish whole
                                    use stopped = start ()
                                    use source = new CancellationTokenSource()

                                    let control: Control<ParticleProgress> =
                                        {
                                            Report =
                                                fun p ->
                                                    if p.Iteration = stop then
                                                        source.Cancel()
                                            Cancellation = source.Token
                                        }

                                    Expect.throwsT<OperationCanceledException>
                                        (fun () -> ParticleFlow.resume control stopped |> ignore)
                                        "a cancelled run"

                                    Expect.equal stopped.Iteration stop "stopped.Iteration"
                                    use folder = new TemporaryFolder()
                                    let path = folder.File "flow.safetensors"

                                    (use state = ParticleFlow.state stopped
                                     RunState.save path state |> Outcome.get)

                                    Expect.equal (finish stopped) expected "the end of the flow"
                                    use other = start ()
                                    use state = RunState.load path |> Outcome.get
                                    ParticleFlow.restore state other |> Outcome.get
                                    Expect.equal other.Iteration stop "other.Iteration"
                                    Expect.equal (finish other) expected "the end of the flow"
                                    // A finished flow stays as it is.
                                    Expect.equal (finish other) expected "the end of the flow"))
                    ]

                testCase "A state of other work or of other particles changes nothing" (fun () ->
                    withRuns (fun start ->
                        use run = start ()
                        use state = ParticleFlow.state run
                        use fewer = torch.zeros (3L, 2L, dtype = torch.float64)

                        { state with Kind = "training" }
                        |> fun other -> ParticleFlow.restore other run
                        |> Expect.error ErrorKind.CheckpointMismatch [ "training"; "particle flow" ]

                        { state with
                            Tensors =
                                state.Tensors
                                |> List.map (fun (n, t) -> n, (if n = "particles" then fewer else t))
                        }
                        |> fun other -> ParticleFlow.restore other run
                        |> Expect.error ErrorKind.CheckpointMismatch [ "3, 2"; "50, 2" ]

                        { state with
                            Numbers = state.Numbers.Tail
                        }
                        |> fun other -> ParticleFlow.restore other run
                        |> Expect.error ErrorKind.CheckpointMismatch [ "lacks" ]

                        Expect.equal run.Iteration 0 "run.Iteration"))

                testCase "The same seed gives the same bits and leaves no tensor behind" (fun () ->
                    use data =
                        Systems.equilibrium Systems.quadrupleWell.Value 600 (Seed.ofInt 3)
                        |> Outcome.get

                    use observables =
                        Observables.gaussiansOver Observables.automatic data |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get
                    use start = normal 50 7

                    let once () =
                        let flow =
                            run
                                { ParticleFlow.defaults with
                                    Iterations = 10
                                }
                                spectrum
                                data
                                start
                            |> Outcome.get

                        use particles = flow.Particles
                        Samples.values particles

                    let first = once ()
                    let before = live ()
                    Expect.equal (once ()) first "the same run again"
                    Expect.equal (live ()) before "live tensors")

                testList
                    "A step outside its range is refused"
                    [
                        for step in [ 0.0; 2.0; nan ] do
                            testCase $"step {step}" (fun () ->
                                withLinear (fun spectrum data ->
                                    run { plain with Step = step } spectrum data data
                                    |> Expect.error
                                        ErrorKind.InvalidSetting
                                        [ $"Step is {step}"; "ParticleFlow.defaults" ]))
                    ]

                testCase "Particles of another dimension are refused" (fun () ->
                    withLinear (fun spectrum data ->
                        use start = Samples.ofValues 3 (Array.create 9 0.0) |> Outcome.get

                        run plain spectrum data start
                        |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the particles is 3"; "must be 2" ]))

                testCase "Observables without a length ask for one" (fun () ->
                    withLinear (fun spectrum data ->
                        run { plain with Length = None } spectrum data data
                        |> Expect.error ErrorKind.InvalidSetting [ "length"; "Set Length" ]))

                testCase "Particles that leave all bounds are an error, unless the guard brings them back" (fun () ->
                    use data = normal 400 1
                    use observables = Observables.monomials 9 2 |> Outcome.get
                    use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get
                    use start = Samples.ofValues 2 [| 1e200; 1e200; 0.0; 0.0 |] |> Outcome.get

                    let far = { plain with Length = Some 1e250 }

                    run far spectrum data start
                    |> Expect.error ErrorKind.Diverged [ "diverged"; "Step" ]

                    let flow =
                        run
                            { far with
                                Length = Some 1e100
                                GuardEvery = 5
                                Iterations = 1
                            }
                            spectrum
                            data
                            start
                        |> Outcome.get

                    use particles = flow.Particles
                    Expect.isTrue (flow.Snapped >= 1) "flow.Snapped >= 1"

                    for v in Samples.values particles do
                        Expect.inRange v (-10.0, 10.0) "each of particles")

                testCase "Groups with nothing between them are said, and get the data's masses" (fun () ->
                    use data = clouds 800

                    use observables =
                        Observables.gaussiansOver Observables.automatic data |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get
                    use noise = Seed.normal [| 400L; 2L |] (Seed.ofInt 6)
                    use start = Samples.ofTensor noise |> Outcome.get
                    let flow = run ParticleFlow.defaults spectrum data start |> Outcome.get
                    use particles = flow.Particles
                    Expect.equal flow.Groups.Length 2 "flow.Groups.Length"
                    Expect.sameDecimals 12 (flow.Groups[0]) 0.75 "flow.Groups[0]"
                    Expect.stringContains (nonNull flow.Warning) "no data between these 2 groups" "flow.Warning"

                    Expect.stringContains
                        (nonNull flow.Warning)
                        "the masses are the fractions of the data in them"
                        "flow.Warning"

                    let v = Samples.values particles

                    let far =
                        Seq.init 400 (fun i -> if v[2 * i] > 10.0 then 1.0 else 0.0) |> Seq.average

                    Expect.sameDecimals 2 far 0.25 "far"
                    Expect.inRange flow.EnergyRatio (0.0, 0.1) "flow.EnergyRatio")

                testCase "Wells with a few data between them are one group" (fun () ->
                    use data =
                        Systems.equilibrium (Systems.doubleWell 0.2) 2000 (Seed.ofInt 3) |> Outcome.get

                    use observables =
                        Observables.gaussiansOver Observables.automatic data |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get

                    let flow =
                        run
                            { ParticleFlow.defaults with
                                Iterations = 1
                                Jitter = 0.0
                            }
                            spectrum
                            data
                            data
                        |> Outcome.get

                    use _ = flow.Particles
                    Expect.equal flow.Groups [| 1.0 |] "flow.Groups"
                    Expect.all flow.Warnings (fun warning -> not (warning.Contains "groups")) "flow.Warnings")

                testCase
                    "Particles beside a curve are told, in any units; those among data of two dimensions are not"
                    (fun () ->
                        let ring (unit: float) =
                            Array.init 2400 (fun i ->
                                let angle = 2.0 * Math.PI * float (i / 2) / 1200.0
                                if i % 2 = 0 then cos angle else unit * sin angle)
                            |> Samples.ofValues 2
                            |> Outcome.get

                        let remote (data: Samples) =
                            use data = data

                            use flow =
                                ParticleFlow.sample Control.none ParticleFlow.defaults 100 (Seed.ofInt 1) data
                                |> Outcome.get

                            flow.Warnings |> Array.exists _.Contains("thinner than the observables")

                        Expect.isTrue (remote (ring 1.0)) "a circle"
                        Expect.isTrue (remote (ring 1e-4)) "a circle in other units"
                        Expect.isFalse (remote (normal 800 1)) "a Gaussian"

                        Systems.equilibrium Systems.quadrupleWell.Value 800 (Seed.ofInt 3)
                        |> Outcome.get
                        |> remote
                        |> Expect.isFalse
                        <| "four wells")

                testCase "From a rare well the others get their mass, and each its shape" (fun () ->
                    // A well of mass .044 behind a barrier with few data on it: wide Gaussians lead across, narrow ones shape the wells.
                    use data =
                        Systems.equilibrium (Systems.asymmetricWell 0.5 0.3) 2000 (Seed.ofInt 1)
                        |> Outcome.get

                    use start =
                        Tensors.within (fun () ->
                            Samples.ofTensor (0.93 + 0.1 * Seed.normal [| 1000L; 1L |] (Seed.ofInt 2)))
                        |> Outcome.get

                    use flow =
                        ParticleFlow.sampleFrom Control.none ParticleFlow.defaults (Seed.ofInt 3) data start
                        |> Outcome.get

                    let right (samples: Samples) =
                        Samples.values samples
                        |> Array.averageBy (fun x -> if x > 0.13 then 1.0 else 0.0)

                    Expect.isTrue flow.Converged "flow.Converged"

                    Expect.inRange
                        (right flow.Particles)
                        (right data - 0.01, right data + 0.01)
                        "the mass of the rare well"

                    // Within the wide well: the mean and the deviation of the data.
                    let left (samples: Samples) =
                        let x = Samples.values samples |> Array.filter (fun x -> x < 0.0)
                        Array.average x, MathNet.Numerics.Statistics.Statistics.StandardDeviation x

                    let mean, deviation = left data
                    let found, spread = left flow.Particles
                    Expect.inRange found (mean - 0.01, mean + 0.01) "the mean of the wide well"
                    Expect.inRange (spread / deviation) (0.95, 1.05) "its deviation")

                testCase "Cancelled in any of the flows of a sample, nothing is left behind" (fun () ->
                    use data =
                        Systems.equilibrium (Systems.asymmetricWell 0.5 0.3) 2000 (Seed.ofInt 1)
                        |> Outcome.get

                    use start =
                        Tensors.within (fun () ->
                            Samples.ofTensor (0.93 + 0.1 * Seed.normal [| 300L; 1L |] (Seed.ofInt 2)))
                        |> Outcome.get

                    let run (stop: int) : int =
                        use source = new CancellationTokenSource()
                        let mutable flows = 0
                        let mutable steps = 0

                        let control: Control<ParticleProgress> =
                            {
                                Report =
                                    fun p ->
                                        steps <- steps + 1

                                        if p.Iteration = 1 then
                                            flows <- flows + 1

                                        if steps = stop then
                                            source.Cancel()
                                Cancellation = source.Token
                            }

                        try
                            use _ =
                                ParticleFlow.sampleFrom control ParticleFlow.defaults (Seed.ofInt 3) data start
                                |> Outcome.get

                            ()
                        with :? OperationCanceledException ->
                            ()

                        flows

                    let before = live ()
                    Expect.isGreaterThan (run Int32.MaxValue) 2 "the flows of the whole"
                    Expect.equal (live ()) before "live tensors after the whole"

                    for stop in [ 5; 95; 185; 275 ] do
                        run stop |> ignore
                        Expect.equal (live ()) before $"live tensors after a cancellation in step {stop}")

                testCase "Duplicates are parted, and one mode is enough to move" (fun () ->
                    use data =
                        Systems.equilibrium Systems.quadrupleWell.Value 800 (Seed.ofInt 3)
                        |> Outcome.get

                    use twice = Samples.pick (Array.init 1600 (fun i -> i / 2)) data |> Outcome.get

                    use observables =
                        Observables.gaussiansOver Observables.automatic twice |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables twice |> Outcome.get
                    use start = Samples.ofValues 2 (Array.create 400 1.0) |> Outcome.get
                    let flow = run ParticleFlow.defaults spectrum twice start |> Outcome.get
                    use particles = flow.Particles
                    let distinct = Samples.values particles |> Array.chunkBySize 2 |> Array.distinct
                    // Those that the jitter threw out of the data share the nearest data point.
                    Expect.inRange distinct.Length (180, 200) "distinct.Length"
                    use one = Spectrum.truncate 1 spectrum |> Outcome.get
                    let flow = run ParticleFlow.defaults one twice start |> Outcome.get
                    use _ = flow.Particles
                    Expect.inRange flow.EnergyRatio (0.0, 0.1) "flow.EnergyRatio")
            ]
