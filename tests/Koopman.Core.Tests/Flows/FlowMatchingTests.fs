namespace Koopman.Tests

open System
open System.Threading
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows

module FlowMatchingTests =

    let private draw (name: string) (shape: int64[]) : Tensor =
        Seed.normal shape (Seed.derive name (Seed.ofInt 11))

    let private largest (t: Tensor) : float = t.abs().max().ToDouble()

    let private paths: (string * ProbabilityPath) list =
        [
            "independent", Paths.independent
            "transport", Paths.optimalTransport
            "matching", Paths.flowMatching
            "preserving", Paths.variancePreserving
            "noisy",
            { Paths.independent with
                Interpolation = Straight 0.3
            }
            "bridge", Paths.schrodingerBridge 0.5
        ]

    let private at (path: ProbabilityPath) (t: float) (x0: Tensor) (x1: Tensor) : Interpolant =
        use generator = Seed.generator (Seed.ofInt 3)
        let time = torch.full ([| x0.shape[0]; 1L |], Tensors.num t, dtype = torch.float64)
        Paths.between path.Interpolation generator time x0 x1

    let private options: FlowMatchingOptions =
        { FlowMatching.defaults with
            Network = Mlp { Net.mlpDefaults with Widths = [ 16 ] }
            Batch = 64
            Descent =
                { FlowMatching.defaults.Descent with
                    Steps = 60
                    LearningRate = 0.02
                    WarmUp = 5
                    EmaDecay = 0.9
                }
        }

    let private gaussian (centre: float) (spread: float) (count: int) : Samples =
        use z = draw "data" [| int64 count; 1L |]
        use moved = spread * z + centre
        Samples.ofTensor moved |> Outcome.get

    let private parametersOf (velocity: VelocityField) =
        velocity.Net.Parameters |> List.map (snd >> Tensors.toArray)

    /// v(t, x) = x w.
    type private Scaling() as this =
        inherit torch.nn.Module<Tensor, Tensor, Tensor>("scaling")
        let weight = torch.nn.Parameter(torch.ones (1L))
        do this.register_parameter ("weight", weight)
        override _.forward(_: Tensor, x: Tensor) : Tensor = x * weight

    /// v(t, x) = t x w of each row's class.
    type private ClassScaling() as this =
        inherit torch.nn.Module<Tensor, Tensor, Tensor, Tensor>("class scaling")
        let weight = torch.nn.Parameter(Tensors.ofVector [| 2.0; -1.0; 5.0 |])
        do this.register_parameter ("weight", weight)

        override _.forward(t: Tensor, x: Tensor, classes: Tensor) : Tensor =
            t * x * weight.index_select(0L, classes).unsqueeze 1L

    let tests: Test =
        testList
            "Flow matching"
            [
                testList
                    "The velocity is the rate of change of the point between its ends"
                    [
                        for name, path in paths do
                            testCase name (fun () ->
                                use _ = torch.NewDisposeScope()
                                let x0, x1 = draw "x0" [| 5L; 2L |], draw "x1" [| 5L; 2L |]
                                let h = 1e-6

                                let expected =
                                    (at path (0.3 + h) x0 x1).Point.sub((at path (0.3 - h) x0 x1).Point) / (2.0 * h)

                                Expect.inRange
                                    (largest (expected - (at path 0.3 x0 x1).Velocity))
                                    (0.0, 1e-8)
                                    "the difference from the velocity")
                    ]

                testList
                    "A path starts at the noise and ends at the data"
                    [
                        for name, path in paths do
                            testCase name (fun () ->
                                use _ = torch.NewDisposeScope()
                                let x0, x1 = draw "x0" [| 5L; 2L |], draw "x1" [| 5L; 2L |]
                                // What is left of the noise: nothing, σ = 1e-4, .3 times some normal numbers, or a bridge that starts at t = .001.
                                let bound =
                                    match path.Interpolation with
                                    | Straight 0.0
                                    | VariancePreserving -> 1e-12
                                    | Shrinking left -> 4.0 * left
                                    | Straight noise -> 4.0 * noise
                                    | BrownianBridge scale -> 4.0 * scale * sqrt 1e-3

                                Expect.inRange
                                    (largest ((at path 0.0 x0 x1).Point.sub x0))
                                    (0.0, bound)
                                    "largest ((at path 0.0 x0 x1).Point.sub x0)"

                                Expect.inRange
                                    (largest ((at path 1.0 x0 x1).Point.sub x1))
                                    (0.0, bound)
                                    "largest ((at path 1.0 x0 x1).Point.sub x1)")
                    ]

                testCase "Optimal transport pairs sorted numbers, block by block" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use generator = Seed.generator (Seed.ofInt 1)
                    let noise = Tensors.ofRows 6 [| 3.0; 1.0; 2.0; 30.0; 10.0; 20.0 |]
                    let data = Tensors.ofRows 6 [| 5.0; 6.0; 4.0; 5.0; 6.0; 4.0 |]

                    Expect.equal
                        (Paths.partners (OptimalTransport 3) generator noise data)
                        [| 1L; 2L; 0L; 4L; 5L; 3L |]
                        "the partners")

                testCase "An entropic coupling has the plan's frequencies" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use generator = Seed.generator (Seed.ofInt 1)
                    // Many blocks of two points against two: the plan is p on the diagonal with p/(1/2-p) = e^{1/entropy} for costs 0 and 1.
                    let blocks = 4000

                    let points =
                        torch.tensor([| 0.0; 1.0 |], dtype = torch.float64).repeat(int64 blocks).unsqueeze 1L

                    let partners = Paths.partners (Entropic(1.0, 2)) generator points points

                    let same =
                        partners |> Seq.indexed |> Seq.filter (fun (i, j) -> int64 i = j) |> Seq.length

                    let expected = 1.0 / (1.0 + exp -1.0)
                    let frequency = float same / float partners.Length
                    // Three standard deviations of a share of 8,000.
                    Expect.inRange frequency (expected - 0.015, expected + 0.015) "frequency")

                testCase "The velocity from noise to a Gaussian is the known one" (fun () ->
                    use data = gaussian 1.0 0.5 4000

                    let options =
                        { options with
                            Network =
                                Mlp
                                    { Net.mlpDefaults with
                                        Widths = [ 32; 32 ]
                                    }
                            Batch = 128
                            Descent =
                                { options.Descent with
                                    Steps = 1500
                                    LearningRate = 0.01
                                    EmaDecay = 0.97
                                }
                        }

                    use velocity =
                        FlowMatching.train Control.none options (Seed.ofInt 1) None data |> Outcome.get

                    use _ = torch.NewDisposeScope()
                    use _ = torch.no_grad ()
                    let mean, spread = data.Points.mean().ToDouble(), data.Points.std(false).ToDouble()
                    let mutable sum = 0.0

                    for t in [ 0.1; 0.3; 0.5; 0.7; 0.9 ] do
                        // E[x1 - x0 | x_t = x] for independent Gaussian ends.
                        let variance = (1.0 - t) * (1.0 - t) + t * t * spread * spread
                        let slope = (t * spread * spread - (1.0 - t)) / variance
                        let z = torch.linspace (-1.5, 1.5, 31L, dtype = torch.float64)
                        let x = (sqrt variance * z + (t * mean)).unsqueeze 1L

                        let exact = slope * (x - (t * mean)) + mean

                        let error = velocity.At(t, x.to_type torch.float32).to_type(torch.float64) - exact
                        sum <- sum + error.square().mean().ToDouble()

                    // The velocities themselves have size 1; a network that learned nothing is off by 1.
                    Expect.inRange (sqrt (sum / 5.0)) (0.0, 0.08) "sqrt (sum / 5.0)")

                testCase "Training is the same again, and after any interruption" (fun () ->
                    use data = gaussian 0.5 0.7 200

                    let train (control: Control<DescentProgress>) =
                        use training = FlowMatching.start options (Seed.ofInt 2) None data |> Outcome.get

                        try
                            FlowMatching.resume control training |> Outcome.get
                        with :? OperationCanceledException ->
                            Expect.equal training.Step 50 "training.Step"
                            use state = FlowMatching.state training
                            // Go on in a training that is started afresh.
                            use other = FlowMatching.start options (Seed.ofInt 2) None data |> Outcome.get
                            FlowMatching.restore state other |> Outcome.get
                            FlowMatching.resume Control.none other |> Outcome.get
                            FlowMatching.resume Control.none training |> Outcome.get
                            use resumed = FlowMatching.velocity other
                            use continued = FlowMatching.velocity training
                            Expect.equal (parametersOf continued) (parametersOf resumed) "parametersOf continued"

                        use velocity = FlowMatching.velocity training
                        parametersOf velocity

                    let whole = train Control.none
                    use source = new CancellationTokenSource()

                    let interrupted =
                        train
                            {
                                Report =
                                    fun progress ->
                                        if progress.Step = 50 then
                                            source.Cancel()
                                Cancellation = source.Token
                            }

                    Expect.equal interrupted whole "interrupted")

                testCase "A state of another network is refused and changes nothing" (fun () ->
                    use data = gaussian 0.5 0.7 200

                    let wider =
                        { options with
                            Network = Mlp { Net.mlpDefaults with Widths = [ 17 ] }
                        }

                    use training = FlowMatching.start options (Seed.ofInt 2) None data |> Outcome.get
                    use other = FlowMatching.start wider (Seed.ofInt 2) None data |> Outcome.get
                    use state = FlowMatching.state other
                    let before = training.Net.Parameters |> List.map (snd >> Tensors.toArray)

                    FlowMatching.restore state training
                    |> Expect.error ErrorKind.CheckpointMismatch [ "Network"; "[17]"; "[16]" ]

                    Expect.equal
                        (training.Net.Parameters |> List.map (snd >> Tensors.toArray))
                        before
                        "the parameters after the refusal")

                testCase "A network of classes learns where each class lies" (fun () ->
                    use z = draw "classes" [| 600L; 1L |]
                    let classes = Array.init 600 (fun i -> i % 2)

                    use points =
                        Tensors.ofRows
                            600
                            (Array.map2
                                (fun c v -> 0.2 * v + (if c = 0 then -1.0 else 1.0))
                                classes
                                (Tensors.toArray z))

                    use data = Samples.ofTensor points |> Outcome.get

                    let options =
                        { options with
                            Network =
                                Mlp
                                    { Net.mlpDefaults with
                                        Widths = [ 16 ]
                                        Classes = 2
                                    }
                            Descent = { options.Descent with Steps = 300 }
                        }

                    use velocity =
                        FlowMatching.train Control.none options (Seed.ofInt 3) (Some classes) data
                        |> Outcome.get

                    use start = (draw "start" [| 200L; 1L |]).to_type torch.float32

                    for number, centre in [ 0, -1.0; 1, 1.0 ] do
                        use x =
                            Ode.solve
                                (Midpoint 10)
                                (VelocityField.ofClass number velocity |> Outcome.get)
                                0.0
                                1.0
                                start
                            |> Outcome.get

                        Expect.inRange (x.mean().ToDouble()) (centre - 0.25, centre + 0.25) "x.mean()"

                    FlowMatching.train Control.none options (Seed.ofInt 3) None data
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "has 2 classes" ]

                    FlowMatching.train Control.none options (Seed.ofInt 3) (Some(Array.create 600 1)) data
                    |> Result.map ignore
                    |> Expect.error ErrorKind.TooFewSamples [ "Class 0 has no samples" ])

                testCase "Somebody's module is trained in place" (fun () ->
                    use data = gaussian 0.0 0.5 400
                    use scaling = new Scaling()
                    use net = Net.ofModule 1 1 scaling

                    let faster =
                        { options with
                            Network = Custom net
                            Descent =
                                { options.Descent with
                                    LearningRate = 0.2
                                }
                        }

                    use training = FlowMatching.start faster (Seed.ofInt 1) None data |> Outcome.get

                    FlowMatching.resume Control.none training |> Outcome.get
                    use velocity = FlowMatching.velocity training
                    use one = torch.ones (1L, 1L)
                    use product = scaling.call (one, one)
                    let weight = product.ToDouble()
                    // Least squares: E[(x1 - x0)·x_t]/E[x_t²] = (σ²/2 - 1/2)/(σ²/3 + 1/3) = -.9 for σ = 1/2.
                    Expect.inRange weight (-1.2, -0.6) "weight"
                    Expect.equal (List.head (parametersOf velocity)) [| weight |] "List.head (parametersOf velocity)")

                testCase
                    "A module that is told classes gives each row its own, with derivatives, and is trained in place"
                    (fun () ->
                        use _ = Tensors.scope ()
                        use scaling = new ClassScaling()
                        use net = Net.ofClassModule 2 2 3 scaling
                        Expect.equal net.Classes 3 "net.Classes"
                        Expect.equal (net.Parameters |> List.map fst) [ "weight" ] "the names of the parameters"
                        use velocity = VelocityField.ofNet net |> Outcome.get
                        let x = Tensors.ofRows 2 [| 3.0; 4.0; 1.0; -2.0 |]
                        use second = VelocityField.ofClass 1 velocity |> Outcome.get
                        Expect.equal (Tensors.toArray (second.At(0.5, x))) [| -1.5; -2.0; -0.5; 1.0 |] "of one class"
                        let classes = Tensors.ofIndices [| 2L; 0L |]
                        use mixed = VelocityField.ofClasses classes velocity |> Outcome.get

                        Expect.equal
                            (Tensors.toArray (mixed.At(0.5, x)))
                            [| 7.5; 10.0; 1.0; -2.0 |]
                            "of rows of classes"

                        // d/dt (t x w) = x w + t x' w with x' = 2x and t = 1/2 is 2 x w.
                        let t = torch.full ([| 2L; 1L |], Tensors.num 0.5, dtype = torch.float64)

                        let out =
                            net.Forward(Dual.create t (torch.ones_like t), Dual.create x (2.0 * x), Some classes)

                        Expect.equal
                            (Tensors.toArray (Dual.tangent out))
                            [| 30.0; 40.0; 4.0; -8.0 |]
                            "the rate of change"

                        Expect.throwsC (fun () -> velocity.At(0.5, x) |> ignore) (fun error ->
                            Expect.isTrue (error :? InvalidOperationException) "misuse"
                            Expect.stringContains error.Message "needs classes" "the message")

                        VelocityField.ofClass 3 velocity
                        |> Expect.error ErrorKind.InvalidSetting [ "class" ]

                        let target = mixed.At(1.0, x)

                        let struct (loss, gradients) =
                            net.SquaredError(torch.ones_like t, x, Some classes, target)

                        Expect.equal (loss.ToDouble()) 0.0 "the loss at its own values"
                        Expect.equal (Tensors.toArray gradients[0]) [| 0.0; 0.0; 0.0 |] "the gradient there"
                        use same = net.With [ Tensors.ofVector [| 1.0; 1.0; 1.0 |] ]
                        Expect.equal same.Classes 3 "same.Classes"
                        Expect.equal (Tensors.toArray (second.At(1.0, x))) (Tensors.toArray x) "values set in place")

                testCase "Data of any scale are scaled inside: moments, constants, files and both directions" (fun () ->
                    // Deviations 200 and .004 around 1,000 and -3, and a constant.
                    let random = Random 5

                    let normal () =
                        sqrt (-2.0 * log (1.0 - random.NextDouble()))
                        * cos (2.0 * Math.PI * random.NextDouble())

                    use data =
                        Array.init 600 (fun i ->
                            match i % 3 with
                            | 0 -> 1000.0 + 200.0 * normal ()
                            | 1 -> -3.0 + 0.004 * normal ()
                            | _ -> 7.0)
                        |> Samples.ofValues 3
                        |> Outcome.get

                    let options =
                        { FlowMatching.defaults with
                            Descent =
                                { FlowMatching.defaults.Descent with
                                    Steps = 300
                                }
                            Batch = 128
                        }

                    use field =
                        FlowMatching.train Control.none options (Seed.ofInt 1) None data |> Outcome.get

                    use noise = Seed.normal [| 400L; 3L |] (Seed.ofInt 2)
                    use start = noise.to_type torch.float32
                    use ends = Ode.solve (RungeKutta4 20) field 0.0 1.0 start |> Outcome.get
                    use mean = ends.mean [| 0L |]
                    use spread = ends.std (0L, false)

                    let mean, spread =
                        Tensors.toArray (mean.to_type torch.float64), Tensors.toArray (spread.to_type torch.float64)

                    Expect.isLessThan (abs (mean[0] - 1000.0)) 40.0 "the first mean"
                    Expect.isLessThan (abs (mean[1] + 3.0)) 0.0008 "the second mean"
                    Expect.isLessThan (abs (spread[0] / 200.0 - 1.0)) 0.2 "the first deviation"
                    Expect.isLessThan (abs (spread[1] / 0.004 - 1.0)) 0.2 "the second deviation"
                    Expect.equal (mean[2], spread[2]) (7.0, 0.0) "the constant"

                    use back = Ode.solve (RungeKutta4 20) field 1.0 0.0 ends |> Outcome.get
                    use gap = (back - start).narrow(1L, 0L, 2L)
                    // The constant has lost its noise, on which the others may depend a little.
                    Expect.isLessThan (gap.abs().mean().ToDouble()) 0.1 "back at the noise"

                    // The velocity is the derivative of the path.
                    let at (time: float) =
                        Ode.solve (RungeKutta4 400) field 0.0 time start |> Outcome.get

                    use early = at 0.499
                    use late = at 0.501
                    use middle = at 0.5
                    use slope = (late - early) / 0.002
                    use own = field.At(0.5, middle)

                    for column in 0L .. 1L do
                        let both (t: Tensor) =
                            (t.select (1L, column)).to_type torch.float64

                        let off = (both slope - both own).abs().max().ToDouble()

                        Expect.isLessThan
                            off
                            (0.05 * (both own).abs().max().ToDouble())
                            $"the velocity of column {column}"

                    let path =
                        IO.Path.Combine(IO.Path.GetTempPath(), $"koopman-{Guid.NewGuid():N}.safetensors")

                    try
                        VelocityField.save path field |> Outcome.get
                        use loaded = VelocityField.load path |> Outcome.get
                        use again = Ode.solve (RungeKutta4 20) loaded 0.0 1.0 start |> Outcome.get
                        Expect.isTrue (again.eq(ends).all().ToBoolean()) "the same bits from a file"
                    finally
                        IO.File.Delete path

                    VelocityField.steered 1.0 (fun _ x -> x.sum 1L) field
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "straight paths"; "Standardise" ]

                    Distillation.train Control.none Distillation.hybrid (Seed.ofInt 1) field None data
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "Coordinate 0"; "Standardise" ])

                testCase "Data of about the scale of the noise are taken as they are" (fun () ->
                    use data = gaussian 1.0 0.5 300

                    let trained =
                        { options with
                            Descent = { options.Descent with Steps = 2 }
                        }

                    use field =
                        FlowMatching.train Control.none trained (Seed.ofInt 1) None data |> Outcome.get

                    Expect.isNone field.Frame "no frame")

                testCase "Constant data and a rate that explodes are told" (fun () ->
                    let kind (data: Samples) options =
                        use data = data

                        FlowMatching.train Control.none options (Seed.ofInt 1) None data
                        |> Result.map ignore

                    kind (gaussian 2.0 0.0 50) options
                    |> Expect.error ErrorKind.IllConditioned [ "same point" ]

                    kind
                        (gaussian 0.0 1.0 50)
                        { options with
                            Descent =
                                { options.Descent with
                                    LearningRate = 1e30
                                    WarmUp = 0
                                }
                        }
                    |> Expect.error ErrorKind.Diverged [ "At step"; "LearningRate" ])
            ]
