namespace Koopman.Tests

open System
open System.Threading
open Expecto
open Koopman
open TorchSharp
open Koopman.Particles

module BaselineTests =

    let private normal (count: int) (dimension: int) (seed: int) =
        use z = Seed.normal [| int64 count; int64 dimension |] (Seed.ofInt seed)
        Samples.ofTensor z |> Outcome.get

    let private seed = Seed.ofInt 5

    let private standard (dimension: int) : Target =
        Target.gaussian
            (Array.zeroCreate dimension)
            (Array2D.init dimension dimension (fun i j -> if i = j then 1.0 else 0.0))
        |> Outcome.get

    let private chain step iterations =
        { Chains.defaults with
            Step = step
            Iterations = iterations
        }

    let private variance (samples: Samples) : float =
        use c = Samples.covariance samples
        use d = c.diagonal ()
        use m = d.mean ()
        m.ToDouble()

    let private finite (target: Target) (points: Samples) : unit =
        // The score is the slope of the log-density.
        use _ = torch.NewDisposeScope()
        let x = points.Points
        let score = target.Score x

        for axis in 0 .. target.Dimension - 1 do
            let step = torch.zeros_like x
            step.select(1L, int64 axis).fill_(Tensors.num 1e-5) |> ignore

            let slope = (target.LogDensity(x + step) - target.LogDensity(x - step)) / 2e-5

            let gap = slope - score.select (1L, int64 axis)
            Expect.inRange (gap.abs().max().ToDouble()) (0.0, 1e-6) "the largest |gap|"

    let tests: Test =
        testList
            "Baselines"
            [
                testCase "Scores are slopes of log-densities" (fun () ->
                    use points = normal 30 2 1
                    use centres = normal 7 2 2

                    let covariance = array2D [ [ 1.0; 0.5 ]; [ 0.5; 1.5 ] ]
                    finite (Target.gaussian [| 1.0; -2.0 |] covariance |> Outcome.get) points
                    finite (Target.kernelDensity 0.7 centres |> Outcome.get) points
                    finite (Target.ofSystem Systems.quadrupleWell.Value) points)

                testCase "ULA widens a Gaussian to 1/(1-h/2), MALA and HMC leave it" (fun () ->
                    let target = standard 1
                    use start = normal 20_000 1 3
                    // The standard deviation of a variance estimate here is .01.
                    let h = 0.6

                    let ula =
                        Chains.ula Control.none (chain h 40) seed (Manifold.euclidean 1) target start
                        |> Outcome.get

                    use particles = ula.Particles
                    Expect.sameDecimals 1 (variance particles) (1.0 / (1.0 - h / 2.0)) "variance particles"

                    Expect.inRange
                        (variance particles)
                        (1.0 / (1.0 - h / 2.0) - 0.04, 1.0 / (1.0 - h / 2.0) + 0.04)
                        "variance particles"

                    let mala = Chains.mala Control.none (chain h 40) seed target start |> Outcome.get
                    use particles = mala.Particles
                    Expect.inRange (variance particles) (0.96, 1.04) "variance particles"
                    Expect.inRange mala.Acceptance (0.7, 0.99) "mala.Acceptance"
                    let hmc = Chains.hmc Control.none (chain 1.4 10) seed target start |> Outcome.get
                    use particles = hmc.Particles
                    Expect.inRange (variance particles) (0.96, 1.04) "variance particles"
                    Expect.inRange hmc.Acceptance (0.5, 0.99) "hmc.Acceptance")

                testCase "MALA and HMC move as much mass one way as the other" (fun () ->
                    // Detailed balance in a tilted well, started in equilibrium: flows between any two regions balance.
                    let system = Systems.asymmetricWell 0.5 0.5
                    let target = Target.ofSystem system
                    use start = Systems.equilibrium system 20_000 (Seed.ofInt 6) |> Outcome.get
                    let cell v = int (Math.Floor((v + 2.0) / 0.5))

                    for sampler in
                        [
                            Chains.mala Control.none (chain 0.3 1) seed target
                            Chains.hmc Control.none { chain 0.35 1 with Leapfrogs = 3 } seed target
                        ] do
                        let moved = sampler start |> Outcome.get
                        use particles = moved.Particles
                        Expect.inRange moved.Acceptance (0.2, 0.95) "moved.Acceptance"

                        let flows =
                            Array.map2 (fun a b -> cell a, cell b) (Samples.values start) (Samples.values particles)
                            |> Array.countBy id
                            |> Map.ofArray

                        let count a b =
                            flows |> Map.tryFind (a, b) |> Option.defaultValue 0 |> float

                        for a in 0..7 do
                            for b in a + 1 .. 7 do
                                let there, back = count a b, count b a

                                if there + back >= 100.0 then
                                    Expect.inRange
                                        ((there - back) / sqrt (there + back))
                                        (-4.0, 4.0)
                                        "(there - back) / sqrt (there + back)")

                testCase "ULA stays on a circle and spreads over it" (fun () ->
                    let circle = Manifold.circle 1.0 |> Outcome.get

                    let uniform: Target =
                        {
                            Dimension = 2
                            LogDensity = fun x -> torch.zeros (x.shape[0], dtype = torch.float64)
                            Score = fun x -> torch.zeros_like x
                        }

                    use start =
                        Samples.ofValues 2 (Array.init 8000 (fun i -> if i % 2 = 0 then 1.0 else 0.0))
                        |> Outcome.get

                    let moved =
                        Chains.ula Control.none (chain 0.01 50) seed circle uniform start |> Outcome.get

                    use particles = moved.Particles
                    use mean = Samples.mean particles
                    // E cos of Brownian motion of generator d²/dθ² after time .5: exp(-.5).
                    Expect.inRange ((Tensors.toArray mean)[0]) (exp -0.5 - 0.03, exp -0.5 + 0.03) "mean[0]"
                    use lengths = particles.Points.square().sum(1L)

                    for l in Tensors.toArray lengths do
                        Expect.sameDecimals 10 l 1.0 "each of lengths")

                testCase "One SVGD particle climbs to the mode" (fun () ->
                    let target =
                        Target.gaussian [| 2.0; -1.0 |] (array2D [ [ 1.0; 0.0 ]; [ 0.0; 4.0 ] ])
                        |> Outcome.get
                    // Two on one spot are one: their kernel is 1 and they do not repel.
                    use start = Samples.ofValues 2 [| 0.0; 0.0; 0.0; 0.0 |] |> Outcome.get

                    let moved =
                        Svgd.plain
                            Control.none
                            {
                                Step = 0.5
                                Iterations = 300
                                Adaptive = false
                            }
                            target
                            start
                        |> Outcome.get

                    use particles = moved.Particles

                    Array.iter2
                        (fun (e: float) a -> Expect.sameDecimals 8 a e "each of particles")
                        [| 2.0; -1.0; 2.0; -1.0 |]
                        (Samples.values particles))

                testCase "SVGD finds mean and spread of a Gaussian" (fun () ->
                    use start = normal 200 1 7
                    use far = 0.3 * start.Points + 3.0
                    use start = Samples.ofTensor far |> Outcome.get
                    let moved = Svgd.plain Control.none Svgd.defaults (standard 1) start |> Outcome.get
                    use particles = moved.Particles
                    use mean = Samples.mean particles
                    Expect.inRange ((Tensors.toArray mean)[0]) (-0.05, 0.05) "mean[0]"
                    Expect.inRange (variance particles) (0.85, 1.1) "variance particles")

                testCase "Matrix SVGD with the covariance does not see an affine map" (fun () ->
                    use _ = torch.NewDisposeScope()

                    let root =
                        torch.tensor (array2D [ [ 2.0; 0.0 ]; [ 0.6; 0.3 ] ], dtype = torch.float64)

                    let covariance = root.matmul (root.t ())

                    let target =
                        Target.gaussian [| 0.0; 0.0 |] (array2D [ [ 4.0; 1.2 ]; [ 1.2; 0.45 ] ])
                        |> Outcome.get

                    use start = normal 60 2 8
                    use mapped = Samples.ofTensor (start.Points.matmul (root.t ())) |> Outcome.get

                    let options =
                        {
                            Step = 0.3
                            Iterations = 20
                            Adaptive = false
                        }

                    let plain = Svgd.plain Control.none options (standard 2) start |> Outcome.get

                    let matrix =
                        Svgd.matrix Control.none options covariance target mapped |> Outcome.get

                    use a = plain.Particles
                    use b = matrix.Particles
                    let gap = a.Points.matmul (root.t ()) - b.Points
                    Expect.inRange (gap.abs().max().ToDouble()) (0.0, 1e-9) "the largest |gap|")

                testCase "LAWGD has the exact eigenvalues and finds both wells from one" (fun () ->
                    let system = Systems.asymmetricWell 0.5 0.5
                    let fine = { Lawgd.defaults with Nodes = 200 }
                    use nodes = Lawgd.quadrature fine system |> Outcome.get
                    use functions = Lawgd.observables Lawgd.defaults system |> Outcome.get

                    use spectrum =
                        Langevin.fit
                            { Langevin.defaults with
                                Temperature = 0.5
                            }
                            functions
                            nodes
                        |> Outcome.get

                    Expect.sameDecimals 4 (spectrum.Rates[0]) 0.3004 "spectrum.Rates[0]"
                    use noise = Seed.normal [| 400L; 1L |] seed
                    use right = 0.1 * noise + 1.0
                    use start = Samples.ofTensor right |> Outcome.get

                    let flow =
                        Lawgd.run Control.none fine ParticleFlow.defaults seed system start
                        |> Outcome.get

                    use particles = flow.Particles
                    let x = Samples.values particles
                    let mass = x |> Array.averageBy (fun v -> if v > 0.127 then 1.0 else 0.0)
                    Expect.inRange mass (0.14257 - 0.03, 0.14257 + 0.03) "mass")

                testCase "DMPS at its normalised step brings the mean to that of the data" (fun () ->
                    use data =
                        Systems.equilibrium Systems.quadrupleWell.Value 600 (Seed.ofInt 3)
                        |> Outcome.get

                    use noise = Seed.normal [| 300L; 2L |] seed
                    use inWell = 0.2 * noise + 1.0
                    use start = Samples.ofTensor inWell |> Outcome.get

                    let flow =
                        Dmps.run
                            Control.none
                            { DiffusionMap.defaults with
                                Modes = 60
                            }
                            { ParticleFlow.defaults with
                                Jitter = 0.0
                            }
                            seed
                            (Manifold.euclidean 2)
                            data
                            start
                        |> Outcome.get

                    use particles = flow.Particles
                    use mean = Samples.mean particles

                    for m in Tensors.toArray mean do
                        Expect.inRange m (-0.15, 0.15) "each of mean"

                    Expect.inRange flow.EnergyRatio (0.0, 0.2) "flow.EnergyRatio")

                testCase "A bootstrap draws by weight, and only data" (fun () ->
                    use data = Samples.ofValues 1 [| 1.0; 2.0; 3.0; 4.0 |] |> Outcome.get
                    use weighted = Samples.withWeights [| 0.0; 1.0; 0.0; 3.0 |] data |> Outcome.get
                    use drawn = Bootstrap.draw 4000 seed weighted |> Outcome.get
                    let counts = Samples.values drawn |> Array.countBy id |> Map.ofArray
                    Expect.equal counts.Count 2 "counts.Count"
                    Expect.inRange (counts[4.0]) (2880, 3120) "counts[4.0]"
                    use noisy = Bootstrap.jittered 0.1 4000 seed weighted |> Outcome.get
                    use still = Bootstrap.draw 4000 (Seed.derive "draw" seed) weighted |> Outcome.get
                    use gap = noisy.Points - still.Points
                    use square = gap.square().mean()
                    Expect.sameDecimals 3 (square.ToDouble()) 0.01 "square")

                testCase "Samplers report every step, cancel within one, and leave no tensor" (fun () ->
                    use start = normal 20 2 4
                    let target = standard 2

                    let run (control: Control<SamplerProgress>) =
                        [
                            fun () -> Chains.ula control (chain 0.1 6) seed (Manifold.euclidean 2) target start
                            fun () -> Chains.mala control (chain 0.1 6) seed target start
                            fun () -> Chains.hmc control (chain 0.1 6) seed target start
                            fun () -> Svgd.plain control { Svgd.defaults with Iterations = 6 } target start
                        ]

                    for sampler in run Control.none do
                        let before = live ()
                        let first = sampler () |> Outcome.get
                        let second = sampler () |> Outcome.get
                        let a, b = first.Particles, second.Particles
                        Expect.equal (Samples.values b) (Samples.values a) "b"
                        (a :> IDisposable).Dispose()
                        (b :> IDisposable).Dispose()
                        Expect.equal (live ()) before "live tensors"

                    use source = new CancellationTokenSource()
                    let seen = ResizeArray<int>()

                    let control: Control<SamplerProgress> =
                        {
                            Report =
                                fun p ->
                                    seen.Add p.Iteration

                                    if p.Iteration = 3 then
                                        source.Cancel()
                            Cancellation = source.Token
                        }

                    let before = live ()

                    Expect.throwsT<OperationCanceledException>
                        (fun () -> run control |> List.head |> (fun f -> f () |> ignore))
                        "a cancelled run"

                    Expect.equal (List.ofSeq seen) [ 1; 2; 3 ] "the steps that were seen"
                    Expect.equal (live ()) before "live tensors")

                testCase "Bad settings and lost particles are errors" (fun () ->
                    use start = normal 20 2 4
                    let target = standard 2

                    Chains.mala Control.none (chain 0.0 5) seed target start
                    |> Expect.error ErrorKind.InvalidSetting [ "Step is 0" ]

                    Chains.mala Control.none (chain 0.1 0) seed target start
                    |> Expect.error ErrorKind.InvalidSetting [ "Iterations is 0" ]

                    Chains.mala Control.none (chain 0.1 5) seed (standard 3) start
                    |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the particles is 2"; "must be 3" ]

                    Chains.ula Control.none (chain 9.0 400) seed (Manifold.euclidean 2) target start
                    |> Expect.error ErrorKind.Diverged [ "ULA" ]

                    Chains.hmc Control.none { chain 0.1 5 with Leapfrogs = 0 } seed target start
                    |> Expect.error ErrorKind.InvalidSetting [ "Leapfrogs is 0" ]

                    Target.gaussian [| 0.0; 0.0 |] (array2D [ [ 1.0; 2.0 ]; [ 2.0; 1.0 ] ])
                    |> Expect.error ErrorKind.IllConditioned [ "positive definite" ]

                    use singular = torch.ones (2L, 2L, dtype = torch.float64)

                    Svgd.matrix Control.none Svgd.defaults singular target start
                    |> Expect.error ErrorKind.IllConditioned [ "positive definite" ]

                    Bootstrap.jittered -1.0 5 seed start
                    |> Expect.error ErrorKind.InvalidSetting [ "The noise is -1" ])
            ]
