namespace Koopman.Tests

open Expecto
open Koopman
open Koopman.Experiments
open Koopman.Particles
open TorchSharp

/// What the experiments with particles rest on.
module ParticleExperimentTests =

    let tests: Test =
        testList
            "Experiments with particles"
            [
                testCase "The reference fields of Allen-Cahn have two phases and forget their start" (fun () ->
                    let samples, reduction = AllenCahn.ofRing 400 400 (Seed.ofInt 3) |> Outcome.get

                    use samples = samples
                    use _ = torch.NewDisposeScope()
                    let means = Tensors.toArray (samples.Points.mean [| 1L |])
                    let between = means |> Array.averageBy (fun m -> if abs m < 0.3 then 1.0 else 0.0)
                    let right = means |> Array.averageBy (fun m -> if m > 0.0 then 1.0 else 0.0)
                    Expect.inRange reduction (1.0, 1.02) "the scale reduction"
                    Expect.inRange between (0.0, 0.1) "the share between the phases"
                    Expect.inRange right (0.42, 0.58) "the mass of a phase, half up to four standard errors"

                    // Chains that are too short are told apart.
                    let few, early = AllenCahn.ofRing 4 400 (Seed.ofInt 3) |> Outcome.get
                    few.Dispose()
                    Expect.isGreaterThan early 1.3 "the scale reduction after four steps")

                testCase "The stochastic Allen-Cahn equation keeps the law of its chains" (fun () ->
                    let field: AllenCahnField =
                        {
                            Sites = 16
                            Axes = 1
                            Kappa = 0.03
                            Beta = 30.0
                        }

                    use exact =
                        AllenCahnField.drawChecked field 400 3000 (Seed.ofInt 5) |> Outcome.get |> fst

                    let moments (points: Tensor) =
                        use _ = torch.NewDisposeScope()
                        let mean = points.mean [| 1L |]

                        [
                            // Of a site, of the mean and of the difference of neighbours: all scales.
                            "a site", points.square().mean().ToDouble()
                            "the mean", mean.square().mean().ToDouble()
                            "a bond", (points - points.roll (1L, 1L)).square().mean().ToDouble()
                        ]

                    let before = moments exact.Points
                    use moved = exact.Points.clone ()
                    use generator = Seed.generator (Seed.ofInt 6)
                    AllenCahnField.evolve field 0.05 100 generator moved

                    for (what, expected), (_, found) in List.zip before (moments moved) do
                        Expect.inRange (found / expected) (0.97, 1.03) $"the second moment of {what}"

                    // A step that is far too long is seen.
                    use coarse = exact.Points.clone ()
                    AllenCahnField.evolve field 1.0 10 generator coarse
                    let ratio = (moments coarse |> List.item 1 |> snd) / (before |> List.item 1 |> snd)
                    Expect.isGreaterThan (abs (ratio - 1.0)) 0.1 "the mean after steps of 1"

                    // Preconditioned Metropolis steps keep the law too.
                    use chained = exact.Points.clone ()
                    AllenCahnField.preconditionedMala field 0.2 50 generator chained

                    for (what, expected), (_, found) in List.zip before (moments chained) do
                        Expect.inRange
                            (found / expected)
                            (0.97, 1.03)
                            $"the second moment of {what} after Metropolis steps"

                    Expect.isGreaterThan
                        (Tensors.within (fun () -> (chained - exact.Points).abs().mean().ToDouble()))
                        0.1
                        "they move")

                testCase "The width of a kernel density is that of the best likelihood" (fun () ->
                    // For n draws of N(0, 1) the optimum of the mean integrated error, 1.06 n^(-1/5), is near that of the likelihood.
                    use data =
                        Systems.equilibrium (Systems.ornsteinUhlenbeck 1 1.0) 1000 (Seed.ofInt 1)
                        |> Outcome.get

                    let width = Contenders.kernelWidth (Seed.ofInt 2) data |> Outcome.get
                    Expect.inRange width (0.15, 0.5) "the width")

                testCase "A method takes the step that comes nearest to the data" (fun () ->
                    let system = Systems.ornsteinUhlenbeck 1 1.0
                    use data = Systems.equilibrium system 500 (Seed.ofInt 1) |> Outcome.get
                    use start = Samples.gaussianLike 200 (Seed.ofInt 2) data |> Outcome.get

                    let ula =
                        Contenders.searched "ula" [ 1e-6; 0.05; 1.9 ] (fun step ->
                            use far = start.Points + 5.0

                            Samples.ofTensor far
                            |> Result.bind (fun from ->
                                use _ = from

                                Chains.ula
                                    Control.none
                                    { Chains.defaults with
                                        Step = step
                                        Iterations = 200
                                    }
                                    (Seed.ofInt 3)
                                    (Manifold.euclidean 1)
                                    (Target.ofSystem system)
                                    from))

                    let run = Comparison.best data ula |> Outcome.get
                    use _ = run.Drawn.Particles
                    Expect.equal run.Step 0.05 "the step")
            ]
