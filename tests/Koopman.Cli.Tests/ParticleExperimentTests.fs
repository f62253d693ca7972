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
