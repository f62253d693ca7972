namespace Koopman.Tests

open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows

module UNetTests =

    let private draw (name: string) (shape: int64[]) : Tensor = LinearFlowTests.draw name shape

    let private largest (t: Tensor) : float = LinearFlowTests.largest t

    let private small: UNetOptions =
        { Net.uNetDefaults with
            Image = struct (2, 4, 8)
            Width = 4
            Multipliers = [ 1; 2 ]
            Classes = 3
            DoublePrecision = true
        }

    /// A network whose outputs are not 0.
    let private withNet (options: UNetOptions) (channels: int) (act: Net -> unit) : unit =
        use first = Net.uNet options (Seed.ofInt 1) channels |> Outcome.get

        use net =
            Tensors.within (fun () ->
                first.With(
                    first.Parameters
                    |> List.map (fun (name, p) -> p.detach().add(draw name p.shape, Tensors.num 0.1))
                ))

        Tensors.within (fun () -> act net)

    let tests: Test =
        testList
            "U-Net"
            [
                testList
                    "It maps images to images, starts at 0, and carries the tangents that differences show"
                    [
                        for attention in [ true; false ] do
                            testCase $"attention {attention}" (fun () ->
                                let options = { small with Attention = attention }
                                use start = Net.uNet options (Seed.ofInt 1) 3 |> Outcome.get

                                Tensors.within (fun () ->
                                    use _ = torch.no_grad ()
                                    let t, x = draw "t" [| 2L; 1L |], draw "x" [| 2L; 64L |]
                                    Expect.equal start.Dimension 64 "start.Dimension"
                                    Expect.equal start.Outputs 96 "start.Outputs"
                                    Expect.equal (largest (start.Values(t, x))) 0.0 "largest (start.Values(t, x))")

                                withNet options 3 (fun net ->
                                    use _ = torch.no_grad ()

                                    let t, x, v =
                                        draw "t" [| 2L; 1L |], draw "x" [| 2L; 64L |], draw "v" [| 2L; 64L |]

                                    let labels = Some(torch.tensor [| 2L; 0L |])
                                    let h = 1e-6

                                    let at (by: float) =
                                        net
                                            .Forward(
                                                Dual.constant (t + by),
                                                Dual.constant (x.add (v, Tensors.num by)),
                                                labels
                                            )
                                            .Value

                                    let expected = (at h - at -h) / (2.0 * h)

                                    let found =
                                        net.Forward(Dual.create t (torch.ones_like t), Dual.create x v, labels)

                                    Expect.equal found.Value.shape [| 2L; 96L |] "the shape of found.Value"
                                    // The highest frequency of time is 1,000.
                                    let scale = largest expected
                                    Expect.isTrue (scale > 0.1) "scale > 0.1"

                                    Expect.inRange
                                        (largest (expected - Dual.tangent found))
                                        (0.0, 1e-5 * scale)
                                        "the difference from the tangent"

                                    let other =
                                        net
                                            .Forward(
                                                Dual.constant t,
                                                Dual.constant x,
                                                Some(torch.tensor [| 2L; 1L |])
                                            )
                                            .Value

                                    Expect.sameDecimals
                                        12
                                        (largest (other.narrow (0L, 0L, 1L) - found.Value.narrow (0L, 0L, 1L)))
                                        0.0
                                        "what the class of another image changes"

                                    Expect.isTrue
                                        (largest (other - found.Value) > 1e-4)
                                        "largest (other.sub found.Value) > 1e-4"))
                    ]

                testCase "Every parameter has influence" (fun () ->
                    withNet small 2 (fun net ->
                        let t, x = draw "t" [| 2L; 1L |], draw "x" [| 2L; 64L |]
                        let labels = torch.tensor [| 2L; 0L |]

                        let struct (_, gradients) =
                            net.SquaredError(t, x, Some labels, draw "target" [| 2L; 64L |])

                        for (name, _), gradient in Seq.zip net.Parameters gradients do
                            Expect.isTrue (largest gradient > 1e-9) name))

                testCase "It learns a velocity, and is saved with it" (fun () ->
                    use folder = new TemporaryFolder()
                    let path = folder.File "teacher.safetensors"
                    // Images of one bright corner: dark noise goes there.
                    use corner = torch.zeros (1L, 16L, dtype = torch.float64)
                    corner[0L, 5L] <- torch.tensor (3.0, dtype = torch.float64)
                    use noise = draw "images" [| 60L; 16L |]
                    use images = 0.1 * noise + corner
                    use data = Samples.ofTensor images |> Outcome.get

                    let network =
                        { small with
                            Image = struct (1, 4, 4)
                            Classes = 0
                            DoublePrecision = false
                        }

                    let options =
                        { FlowMatching.defaults with
                            Network = UNet network
                            Batch = 32
                            Descent =
                                { FlowMatching.defaults.Descent with
                                    Steps = 120
                                    LearningRate = 0.01
                                    WarmUp = 10
                                    EmaDecay = 0.9
                                }
                        }

                    use training = FlowMatching.start options (Seed.ofInt 1) None data |> Outcome.get

                    FlowMatching.resume Control.none training |> Outcome.get
                    use velocity = FlowMatching.velocity training
                    VelocityField.save path velocity |> Outcome.get
                    use back = VelocityField.load path |> Outcome.get
                    use start = (draw "start" [| 20L; 16L |]).to_type torch.float32
                    use made = Ode.solve (Midpoint 10) back 0.0 1.0 start |> Outcome.get
                    use same = Ode.solve (Midpoint 10) velocity 0.0 1.0 start |> Outcome.get
                    Expect.equal (Tensors.toArray made) (Tensors.toArray same) "made"

                    Tensors.within (fun () ->
                        let means = Tensors.toArray (made.mean [| 0L |])
                        Expect.inRange (means[5]) (2.5, 3.5) "means[5]"

                        Expect.isTrue
                            (means |> Array.indexed |> Array.forall (fun (i, m) -> i = 5 || abs m < 0.5))
                            "every other mean stays near 0"))

                testCase
                    "A lift of images learns to follow a flow of images, by the same operator at every pixel"
                    (fun () ->
                        use folder = new TemporaryFolder()
                        let path = folder.File "lift.safetensors"
                        // x' = c - x: every image goes towards one of two channels.
                        let goal = draw "goal" [| 1L; 32L |]

                        let teacher =
                            VelocityField.ofFunction 32 (fun _ x -> 1.5 * (goal.to_type (x.dtype) - x))

                        use noise = draw "images" [| 200L; 32L |]
                        use data = Samples.ofTensor noise |> Outcome.get

                        let network =
                            { small with
                                Image = struct (2, 4, 4)
                                Classes = 0
                                DoublePrecision = false
                            }

                        use lift =
                            LinearFlow.create
                                { LinearFlow.defaults with
                                    Network = UNet network
                                    Features = 4
                                }
                                (Seed.ofInt 1)
                                32
                            |> Outcome.get

                        Expect.equal lift.Features 64 "lift.Features"
                        Expect.equal lift.Generator.Shape (EverySite(16, LiftOperator.blocks)) "lift.Generator.Shape"
                        // Two blocks, the mixing of four features into two channels, and what 1 and t do.
                        let numbers =
                            lift.Generator.Parameters |> List.sumBy (fun (_, p) -> int (p.numel ()))

                        Expect.equal numbers (2 + 2 + 8 + 2 + 2) "numbers"

                        let options =
                            { Distillation.solverFree with
                                Lift = Existing lift
                                Draws =
                                    { Distillation.solverFree.Draws with
                                        Starts = 24
                                        Points = 16
                                    }
                                Descent =
                                    { Distillation.solverFree.Descent with
                                        Steps = 100
                                        WarmUp = 10
                                        LearningRate = 0.01
                                    }
                            }

                        let told = ResizeArray<DistillationProgress>()

                        let error (lift: LinearFlow) =
                            use sampler = OneStep.create lift
                            use start = draw "start" [| 50L; 32L |]
                            (FlowErrors.measure sampler teacher start |> Outcome.get).End

                        let before = error lift

                        use training =
                            Distillation.start options (Seed.ofInt 1) teacher None data |> Outcome.get

                        Distillation.resume (Control.report told.Add) training |> Outcome.get
                        use learned = Distillation.lift training
                        let after = error learned
                        Expect.isTrue (after < 0.5 * before) $"{after} after {before}"

                        Expect.isTrue
                            (told[1].LogNorm > 0.0 && told[1].SmallestFeature > 1e-3)
                            "the diagnostics are positive"

                        LinearFlow.save path learned |> Outcome.get
                        use back = LinearFlow.load path |> Outcome.get
                        Expect.equal (error back) after "error back"
                        use modes = FlowSpectrum.find learned 0.0 data |> Outcome.get
                        Expect.equal modes.Eigenvalues.Length 6 "modes.Eigenvalues.Length")

                testCase "Images that cannot be halved are refused" (fun () ->
                    Net.uNet { small with Image = struct (1, 7, 8) } (Seed.ofInt 1) 1
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "7 by 8" ])
            ]
