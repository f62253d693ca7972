namespace Koopman.Tests

open System
open System.Threading
open Koopman
open TorchSharp
open Xunit

module SpectralFlowTests =

    let private normal (count: int) (seed: int) =
        use z = Seed.normal [| int64 count; 2L |] (Seed.ofInt seed)
        Samples.ofTensor z |> Expect.ok

    /// Linear functions, whose flow is a translation; no guard, no jitter, no cap in reach.
    let private plain =
        { SpectralFlow.defaults with
            Jitter = 0.0
            GuardEvery = 0
            Tolerance = 0.0
            Length = Some 1e9
        }

    let private withLinear (act: Spectrum -> Samples -> unit) : unit =
        use data = normal 400 1
        use observables = Observables.linear 2
        use spectrum = Langevin.fit Langevin.defaults observables data |> Expect.ok
        act spectrum data

    let private run options spectrum data start =
        SpectralFlow.run Control.none options (Seed.ofInt 1) spectrum data start

    let private meanOf (samples: Samples) =
        use mean = Samples.mean samples
        Tensors.toArray mean

    [<Fact>]
    let ``With linear functions particles move together, by (1-h) of the way that is left`` () : unit =
        withLinear (fun spectrum data ->
            use start = Samples.ofValues 2 [| 5.0; 1.0; 7.0; 3.0; 6.0; 8.0 |] |> Expect.ok

            let flow =
                run
                    { plain with
                        Iterations = 3
                        Step = 0.25
                    }
                    spectrum
                    data
                    start
                |> Expect.ok

            use particles = flow.Particles
            let target, before = meanOf data, meanOf start
            let left = pown 0.75 3

            let expected =
                Samples.values start
                |> Array.mapi (fun i v -> v + (1.0 - left) * (target[i % 2] - before[i % 2]))

            Array.iter2 (fun (e: float) a -> Assert.Equal(e, a, 10)) expected (Samples.values particles))

    [<Theory>]
    [<InlineData(0.2)>]
    [<InlineData(3.0)>]
    let ``The pace does not depend on the temperature`` (temperature: float) : unit =
        use data = normal 400 1
        use observables = Observables.linear 2

        use spectrum =
            Langevin.fit
                { Langevin.defaults with
                    Temperature = temperature
                }
                observables
                data
            |> Expect.ok

        use start = Samples.ofValues 2 [| 5.0; 1.0; 7.0; 3.0 |] |> Expect.ok

        let flow =
            run
                { plain with
                    Iterations = 1
                    Step = 1.0
                }
                spectrum
                data
                start
            |> Expect.ok

        use particles = flow.Particles
        Array.iter2 (fun (e: float) a -> Assert.Equal(e, a, 10)) (meanOf data) (meanOf particles)

    [<Fact>]
    let ``A spectrum from pairs moves particles at the same pace`` () : unit =
        use pairs =
            Systems.equilibriumPairs (Systems.ornsteinUhlenbeck 1 1.0) 4000 0.2 (Seed.ofInt 8)
            |> Expect.ok

        use observables = Observables.linear 1
        use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Expect.ok
        use start = Samples.ofValues 1 [| 4.0; 6.0 |] |> Expect.ok

        let flow =
            run
                { plain with
                    Iterations = 1
                    Step = 1.0
                }
                spectrum
                pairs.From
                start
            |> Expect.ok

        use particles = flow.Particles
        // The one function is x itself: a full step brings the mean to that of the pairs.
        Assert.Equal(0.5 * ((meanOf pairs.From)[0] + (meanOf pairs.To)[0]), (meanOf particles)[0], 8)

    [<Fact>]
    let ``With all modes the velocity is -∇ψᵀ S⁻¹ times the difference of means`` () : unit =
        use _ = torch.NewDisposeScope()

        use data =
            Systems.equilibrium Systems.quadrupleWell.Value 800 (Seed.ofInt 2) |> Expect.ok

        use centres = Centres.farthest 12 data
        use observables = Observables.gaussians 0.9 centres |> Expect.ok

        use spectrum =
            Langevin.fit { Langevin.defaults with Cut = 1e-14 } observables data
            |> Expect.ok

        use start = normal 50 4
        let h = 1e-3

        let flow =
            run { plain with Iterations = 1; Step = h } spectrum data start |> Expect.ok

        use particles = flow.Particles

        let mean (s: Samples) =
            observables.Values(s.Points).mean [| 0L |]

        let form = observables.DirichletForm(data.Points, data.Weights)
        let a = torch.linalg.solve (form, (mean start).sub(mean data).unsqueeze 1L)

        let expected =
            start.Points.sub (observables.GradientOf(start.Points, a.squeeze 1L).mul(Tensors.num h))

        let error = expected.sub(particles.Points).abs().max().ToDouble()
        let moved = expected.sub(start.Points).abs().max().ToDouble()
        Assert.True(error <= 1e-6 * moved, $"error {error} of {moved}")

    [<Fact>]
    let ``The energy falls at every small step`` () : unit =
        use data =
            Systems.equilibrium Systems.quadrupleWell.Value 1000 (Seed.ofInt 2) |> Expect.ok

        use observables = Observables.gaussiansOver Observables.automatic data |> Expect.ok
        use spectrum = Langevin.fit Langevin.defaults observables data |> Expect.ok
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
            |> Expect.ok

        use _ = flow.Particles

        for before, after in Array.pairwise flow.Energies do
            Assert.True(after <= before * (1.0 + 1e-12), $"{before} to {after}")

    [<Fact>]
    let ``From one well the default reaches all four`` () : unit =
        let system = Systems.quadrupleWell.Value
        use data = Systems.equilibrium system 2000 (Seed.ofInt 3) |> Expect.ok
        use observables = Observables.gaussiansOver Observables.automatic data |> Expect.ok
        use spectrum = Langevin.fit Langevin.defaults observables data |> Expect.ok
        use noise = Seed.normal [| 500L; 2L |] (Seed.ofInt 6)
        use inWell = noise.mul(Tensors.num 0.2).add(Tensors.num 1.0)
        use start = Samples.ofTensor inWell |> Expect.ok
        let flow = run SpectralFlow.defaults spectrum data start |> Expect.ok
        use particles = flow.Particles
        let v = Samples.values particles

        let share sx sy =
            Seq.init 500 (fun i -> v[2 * i] * sx > 0.0 && v[2 * i + 1] * sy > 0.0)
            |> Seq.filter id
            |> Seq.length
            |> fun n -> float n / 500.0

        for sx in [ -1.0; 1.0 ] do
            for sy in [ -1.0; 1.0 ] do
                Assert.InRange(share sx sy, 0.2, 0.3)

        Assert.InRange(flow.EnergyRatio, 0.0, 0.1)

    [<Fact>]
    let ``Particles far outside start on the data`` () : unit =
        use data =
            Systems.equilibrium Systems.quadrupleWell.Value 600 (Seed.ofInt 3) |> Expect.ok

        use observables = Observables.gaussiansOver Observables.automatic data |> Expect.ok
        use spectrum = Langevin.fit Langevin.defaults observables data |> Expect.ok
        use start = Samples.ofValues 2 (Array.create 100 1e6) |> Expect.ok
        let flow = run SpectralFlow.defaults spectrum data start |> Expect.ok
        use particles = flow.Particles
        Assert.True(flow.Snapped >= 50)
        Assert.All(Samples.values particles, (fun v -> Assert.InRange(v, -3.5, 3.5)))

    [<Fact>]
    let ``Cancellation ends the flow within a step and leaves no tensor behind`` () : unit =
        withLinear (fun spectrum data ->
            use start = normal 20 7

            let live () =
                DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

            let before = live ()
            use source = new CancellationTokenSource()
            let seen = ResizeArray<int>()

            let control: Control<FlowProgress> =
                {
                    Report =
                        fun p ->
                            seen.Add p.Iteration

                            if p.Iteration = 4 then
                                source.Cancel()
                    Cancellation = source.Token
                }

            Assert.Throws<OperationCanceledException>(fun () ->
                SpectralFlow.run control plain (Seed.ofInt 1) spectrum data start |> ignore)
            |> ignore

            Assert.Equal<int list>([ 1; 2; 3; 4 ], List.ofSeq seen)
            Assert.Equal(before, live ()))

    /// A flow of few iterations through all stages.
    let private withRuns (act: (unit -> FlowRun) -> unit) : unit =
        use data =
            Systems.equilibrium Systems.quadrupleWell.Value 600 (Seed.ofInt 3) |> Expect.ok

        use observables = Observables.gaussiansOver Observables.automatic data |> Expect.ok
        use field = FlowField.fullRank 0.0 1.0 observables data |> Expect.ok
        use start = normal 50 7

        let options =
            { SpectralFlow.defaults with
                Iterations = 12
                Polish = 6
                Tolerance = 0.0
            }

        act (fun () ->
            SpectralFlow.start options (Seed.ofInt 1) (Manifold.euclidean 2) field data start
            |> Expect.ok)

    [<Theory>]
    [<InlineData(5)>]
    [<InlineData(12)>]
    [<InlineData(14)>]
    let ``A flow that was stopped goes on to the same bits, at once and from a file`` (stop: int) : unit =
        withRuns (fun start ->
            let finish (run: FlowRun) =
                SpectralFlow.resume Control.none run |> Expect.ok
                Assert.True run.IsFinished
                let flow = SpectralFlow.outcome run |> Expect.ok
                use particles = flow.Particles
                Samples.values particles, flow.Energies, flow.Iterations, flow.Snapped, flow.Converged

            use whole = start ()
            let expected = finish whole
            use stopped = start ()
            use source = new CancellationTokenSource()

            let control: Control<FlowProgress> =
                {
                    Report =
                        fun p ->
                            if p.Iteration = stop then
                                source.Cancel()
                    Cancellation = source.Token
                }

            Assert.Throws<OperationCanceledException>(fun () -> SpectralFlow.resume control stopped |> ignore)
            |> ignore

            Assert.Equal(stop, stopped.Iteration)
            use folder = new TemporaryFolder()
            let path = folder.File "flow.safetensors"

            (use state = SpectralFlow.state stopped
             RunState.save path state |> Expect.ok)

            Assert.Equal(expected, finish stopped)
            use other = start ()
            use state = RunState.load path |> Expect.ok
            SpectralFlow.restore state other |> Expect.ok
            Assert.Equal(stop, other.Iteration)
            Assert.Equal(expected, finish other)
            // A finished flow stays as it is.
            Assert.Equal(expected, finish other))

    [<Fact>]
    let ``A state of other work or of other particles changes nothing`` () : unit =
        withRuns (fun start ->
            use run = start ()
            use state = SpectralFlow.state run
            use fewer = torch.zeros (3L, 2L, dtype = torch.float64)

            { state with Kind = "training" }
            |> fun other -> SpectralFlow.restore other run
            |> Expect.error ErrorKind.CheckpointMismatch [ "training"; "particle flow" ]

            { state with
                Tensors =
                    state.Tensors
                    |> List.map (fun (n, t) -> n, (if n = "particles" then fewer else t))
            }
            |> fun other -> SpectralFlow.restore other run
            |> Expect.error ErrorKind.CheckpointMismatch [ "3, 2"; "50, 2" ]

            { state with
                Numbers = state.Numbers.Tail
            }
            |> fun other -> SpectralFlow.restore other run
            |> Expect.error ErrorKind.CheckpointMismatch [ "lacks" ]

            Assert.Equal(0, run.Iteration))

    [<Fact>]
    let ``The same seed gives the same bits and leaves no tensor behind`` () : unit =
        use data =
            Systems.equilibrium Systems.quadrupleWell.Value 600 (Seed.ofInt 3) |> Expect.ok

        use observables = Observables.gaussiansOver Observables.automatic data |> Expect.ok
        use spectrum = Langevin.fit Langevin.defaults observables data |> Expect.ok
        use start = normal 50 7

        let live () =
            DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

        let once () =
            let flow =
                run
                    { SpectralFlow.defaults with
                        Iterations = 10
                    }
                    spectrum
                    data
                    start
                |> Expect.ok

            use particles = flow.Particles
            Samples.values particles

        let first = once ()
        let before = live ()
        Assert.Equal<float[]>(first, once ())
        Assert.Equal(before, live ())

    [<Theory>]
    [<InlineData(0.0)>]
    [<InlineData(2.0)>]
    [<InlineData(Double.NaN)>]
    let ``A step outside its range is refused`` (step: float) : unit =
        withLinear (fun spectrum data ->
            run { plain with Step = step } spectrum data data
            |> Expect.error ErrorKind.InvalidSetting [ "step" ])

    [<Fact>]
    let ``Particles of another dimension are refused`` () : unit =
        withLinear (fun spectrum data ->
            use start = Samples.ofValues 3 (Array.create 9 0.0) |> Expect.ok

            run plain spectrum data start
            |> Expect.error ErrorKind.ShapeMismatch [ "2, 2, 3 and 2" ])

    [<Fact>]
    let ``Observables without a length ask for one`` () : unit =
        withLinear (fun spectrum data ->
            run { plain with Length = None } spectrum data data
            |> Expect.error ErrorKind.InvalidSetting [ "length"; "Set Length" ])

    [<Fact>]
    let ``Particles that leave all bounds are an error, unless the guard brings them back`` () : unit =
        use data = normal 400 1
        use observables = Observables.monomials 9 2 |> Expect.ok
        use spectrum = Langevin.fit Langevin.defaults observables data |> Expect.ok
        use start = Samples.ofValues 2 [| 1e200; 1e200; 0.0; 0.0 |] |> Expect.ok

        let far = { plain with Length = Some 1e250 }

        run far spectrum data start
        |> Expect.error ErrorKind.Diverged [ "bounds"; "Step" ]

        let flow =
            run
                { far with
                    GuardEvery = 5
                    Iterations = 1
                }
                spectrum
                data
                start
            |> Expect.ok

        use particles = flow.Particles
        Assert.True(flow.Snapped >= 1)
        Assert.All(Samples.values particles, (fun v -> Assert.InRange(v, -10.0, 10.0)))

    /// Two clouds far apart, with three parts of the data in the first.
    let private clouds (count: int) =
        use z = Seed.normal [| int64 count; 2L |] (Seed.ofInt 11)

        Tensors.toArray z
        |> Array.mapi (fun i v -> 0.2 * v + (if i / 2 % 4 = 0 && i % 2 = 0 then 20.0 else 0.0))
        |> Samples.ofValues 2
        |> Expect.ok

    [<Fact>]
    let ``Groups with nothing between them are said, and get the data's masses`` () : unit =
        use data = clouds 800
        use observables = Observables.gaussiansOver Observables.automatic data |> Expect.ok
        use spectrum = Langevin.fit Langevin.defaults observables data |> Expect.ok
        use noise = Seed.normal [| 400L; 2L |] (Seed.ofInt 6)
        use start = Samples.ofTensor noise |> Expect.ok
        let flow = run SpectralFlow.defaults spectrum data start |> Expect.ok
        use particles = flow.Particles
        Assert.Equal(2, flow.Groups.Length)
        Assert.Equal(0.75, flow.Groups[0], 12)
        Assert.Contains("no data between these 2 groups", flow.Warning.Value)
        Assert.Contains("their masses are those of the data", flow.Warning.Value)
        let v = Samples.values particles

        let far =
            Seq.init 400 (fun i -> if v[2 * i] > 10.0 then 1.0 else 0.0) |> Seq.average

        Assert.Equal(0.25, far, 2)
        Assert.InRange(flow.EnergyRatio, 0.0, 0.1)

    [<Fact>]
    let ``Wells with a few data between them are one group`` () : unit =
        use data =
            Systems.equilibrium (Systems.doubleWell 0.2) 2000 (Seed.ofInt 3) |> Expect.ok

        use observables = Observables.gaussiansOver Observables.automatic data |> Expect.ok
        use spectrum = Langevin.fit Langevin.defaults observables data |> Expect.ok

        let flow =
            run
                { SpectralFlow.defaults with
                    Iterations = 1
                    Jitter = 0.0
                }
                spectrum
                data
                data
            |> Expect.ok

        use _ = flow.Particles
        Assert.Equal<float[]>([| 1.0 |], flow.Groups)
        Assert.True flow.Warning.IsNone

    [<Fact>]
    let ``Duplicates are parted, and one mode is enough to move`` () : unit =
        use data =
            Systems.equilibrium Systems.quadrupleWell.Value 800 (Seed.ofInt 3) |> Expect.ok

        use twice = Samples.pick (Array.init 1600 (fun i -> i / 2)) data |> Expect.ok

        use observables = Observables.gaussiansOver Observables.automatic twice |> Expect.ok
        use spectrum = Langevin.fit Langevin.defaults observables twice |> Expect.ok
        use start = Samples.ofValues 2 (Array.create 400 1.0) |> Expect.ok
        let flow = run SpectralFlow.defaults spectrum twice start |> Expect.ok
        use particles = flow.Particles
        let distinct = Samples.values particles |> Array.chunkBySize 2 |> Array.distinct
        // Those that the jitter threw out of the data share the nearest data point.
        Assert.InRange(distinct.Length, 180, 200)
        use one = Spectrum.truncate 1 spectrum |> Expect.ok
        let flow = run SpectralFlow.defaults one twice start |> Expect.ok
        use _ = flow.Particles
        Assert.InRange(flow.EnergyRatio, 0.0, 0.1)
