namespace Koopman.Tests

open System
open System.IO
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows

/// Flows of data with classes: what they are told, what they refuse, and guidance.
module ClassFlowTests =

    let private draw (name: string) (shape: int64[]) : Tensor = LinearFlowTests.draw name shape

    let private network: Network =
        Mlp
            { Net.mlpDefaults with
                Widths = [ 24 ]
                Classes = 2
            }

    let private labels: int[] = Array.init 600 (fun i -> i % 2)

    /// Class 0 around -1.5 and class 1 around 1.5, with deviation .3.
    let private data: Lazy<Samples> =
        lazy
            (use z = draw "class data" [| 600L; 1L |]

             Array.map2 (fun c v -> 0.3 * v + (if c = 0 then -1.5 else 1.5)) labels (Tensors.toArray z)
             |> Samples.ofValues 1
             |> Outcome.get)

    let private teach (share: float) : VelocityField =
        FlowMatching.train
            Control.none
            { FlowMatching.defaults with
                Network = network
                Batch = 128
                ClassFreeShare = share
                Descent =
                    { FlowMatching.defaults.Descent with
                        Steps = 400
                        WarmUp = 20
                        LearningRate = 2e-2
                        EmaDecay = 0.95
                    }
            }
            (Seed.ofInt 1)
            (Some labels)
            data.Value
        |> Outcome.get

    let private student (change: DrawOptions -> DrawOptions) (loss: Loss) (steps: int) : DistillationOptions =
        { Distillation.solverFree with
            Lift =
                Fresh
                    { LinearFlow.defaults with
                        Network = network
                        Features = 8
                    }
            Loss = loss
            Draws =
                change
                    { Distillation.solverFree.Draws with
                        Starts = 64
                        Points = 32
                        Paths = 64
                        PathSteps = 8
                    }
            Descent =
                { Distillation.solverFree.Descent with
                    Steps = steps
                    WarmUp = 20
                }
        }

    let private teacher = lazy (teach 0.25)

    let private learn (options: DistillationOptions) (teacher: VelocityField) : LinearFlow =
        Distillation.train Control.none options (Seed.ofInt 2) teacher (Some labels) data.Value
        |> Outcome.get

    /// Trained forwards only, with and without classes.
    let private flow =
        lazy
            (learn
                (student (fun draws -> { draws with ClassFreeShare = 0.25 }) Distillation.solverFree.Loss 400)
                teacher.Value)

    /// Trained with classes only.
    let private strict =
        lazy (learn (student id Distillation.solverFree.Loss 1) teacher.Value)

    let private noise: Lazy<Tensor> =
        lazy (Tensors.own (fun () -> (draw "class noise" [| 200L; 1L |]).to_type torch.float32))

    let private told (number: int) (lift: LinearFlow) : LinearFlow =
        LinearFlow.ofClass number lift |> Outcome.get

    let private tell (number: int) (field: VelocityField) : VelocityField =
        VelocityField.ofClass number field |> Outcome.get

    let private untold (outcome: Outcome<'T>) : unit =
        outcome
        |> Result.map ignore
        |> Expect.error ErrorKind.InvalidSetting [ "2 classes"; "told none" ]

    let private numbers (make: unit -> Tensor) : float[] =
        Tensors.within (fun () -> Tensors.toArray (make ()))

    let private near (accuracy: float) (message: string) : float[] -> float[] -> unit =
        Array.iter2 (fun a b -> Expect.inRange (abs (a - b)) (0.0, accuracy) message)

    let private sampled (lift: LinearFlow) : float[] =
        use sampler = OneStep.create lift
        numbers (fun () -> OneStep.sample sampler noise.Value |> Outcome.get)

    let tests: Test =
        testList
            "Flows with classes"
            [
                testCase "Samples, moves and paths of a lift are those of the class that it was told" (fun () ->
                    for number, centre in [ 0, -1.5; 1, 1.5 ] do
                        use lift = told number flow.Value
                        let one = sampled lift
                        Expect.inRange (Array.average one) (centre - 0.25, centre + 0.25) "the mean of the class"
                        use sampler = OneStep.create lift
                        use plain = OneStep.create flow.Value

                        let classes =
                            Tensors.own (fun () -> torch.full (200L, number.ToScalar(), dtype = torch.int64))

                        use classes = classes
                        use each = LinearFlow.ofClasses classes flow.Value |> Outcome.get

                        for name, found in
                            [
                                "sampleClasses",
                                numbers (fun () -> OneStep.sampleClasses classes plain noise.Value |> Outcome.get)
                                "ofClasses", sampled each
                                "move",
                                numbers (fun () -> (OneStep.move 0.0 1.0 sampler noise.Value |> Outcome.get).Points)
                                "path",
                                numbers (fun () ->
                                    (OneStep.path 0.0 [| 1.0 |] sampler noise.Value |> Outcome.get).Points)
                            ] do
                            Expect.equal found one name

                        // In pieces that cut through the rows, each keeps its class.
                        use pieces = OneStep.createInPieces 7 each |> Outcome.get

                        numbers (fun () -> OneStep.sample pieces noise.Value |> Outcome.get)
                        |> near 1e-5 "in pieces" one)

                testCase "Errors, inversion, bounds, modes and functions are those of the class" (fun () ->
                    for number in [ 0; 1 ] do
                        use lift = told number flow.Value
                        use field = tell number teacher.Value
                        use sampler = OneStep.create lift
                        let errors = FlowErrors.measure sampler field noise.Value |> Outcome.get
                        Expect.inRange errors.End (0.0, 0.2) "errors.End of its class"
                        // Against the other class the ends are 3 apart.
                        use other = tell (1 - number) teacher.Value
                        let wrong = FlowErrors.measure sampler other noise.Value |> Outcome.get
                        Expect.inRange wrong.End (2.5, 3.5) "errors.End of the other class"
                        let bounds = FlowErrors.bounds lift field noise.Value |> Outcome.get
                        Expect.inRange (bounds.End - errors.End) (-1e-3, 1e-3) "bounds.End"
                        Expect.isTrue (bounds.End <= bounds.Decoded) "the bound of its class"
                        use start = Samples.ofTensor noise.Value |> Outcome.get
                        use modes = FlowSpectrum.find lift 0.0 start |> Outcome.get

                        use whole =
                            FlowSpectrum.truncated 0.0 1.0 [| 0..8 |] modes start.Points |> Outcome.get

                        near 1e-4 "all modes of the class" (Tensors.toArray whole) (sampled lift)

                        use functions = LinearFlow.observables lift |> Outcome.get
                        Expect.equal functions.Count 9 "functions.Count"
                        use again = LinearFlow.toDouble lift
                        near 1e-4 "a copy" (sampled again) (sampled lift))

                testCase "What was trained with classes only is refused without one" (fun () ->
                    use only = teach 0.0
                    use sampler = OneStep.create strict.Value
                    let start = noise.Value
                    OneStep.sample sampler start |> untold
                    OneStep.sampleInSteps 2 sampler start |> untold
                    OneStep.move 0.2 0.7 sampler start |> untold
                    OneStep.path 0.0 [| 0.5 |] sampler start |> untold
                    FlowErrors.measure sampler only start |> untold
                    FlowErrors.inversion sampler only start |> untold
                    FlowErrors.bounds strict.Value only start |> untold
                    FlowSpectrum.find strict.Value 1.0 data.Value |> untold
                    LinearFlow.observables strict.Value |> untold
                    Ode.solve (Euler 2) only 0.0 1.0 start |> untold

                    Distillation.train
                        Control.none
                        { Distillation.solverFree with
                            Lift = Fresh LinearFlow.defaults
                        }
                        (Seed.ofInt 1)
                        only
                        None
                        data.Value
                    |> untold

                    // As many classes as rows, and one for modes.
                    use classes = Tensors.own (fun () -> Tensors.ofIndices [| 0L; 1L; 0L |])
                    use three = LinearFlow.ofClasses classes strict.Value |> Outcome.get
                    use sampler = OneStep.create three

                    OneStep.sample sampler start
                    |> Result.map ignore
                    |> Expect.error ErrorKind.ShapeMismatch [ "3 classes"; "200 points" ]

                    FlowSpectrum.find three 1.0 data.Value
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "told 3 classes" ]

                    LinearFlow.ofClass 2 strict.Value
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "class" ])

                testCase "Trained without classes too, a lift without one samples all data" (fun () ->
                    let all = sampled flow.Value
                    let share = all |> Array.averageBy (fun x -> if x > 0.0 then 1.0 else 0.0)
                    Expect.inRange share (0.35, 0.65) "the share of class 1"
                    Expect.inRange (all |> Array.averageBy abs) (0.9, 1.9) "the mean distance from 0"
                    use modes = FlowSpectrum.find flow.Value 1.0 data.Value |> Outcome.get
                    Expect.equal modes.Eigenvalues.Length 9 "modes of no class"

                    // Their signatures do not know the classes; one half of a line tells them from the other.
                    let signatures = ClassSignatures.find 1.0 modes labels data.Value |> Outcome.get

                    let struct (_, share) = signatures.Accuracies |> Array.last
                    Expect.inRange share (0.99, 1.0) "the accuracy of x"

                    teach 0.0
                    |> fun only ->
                        use only = only

                        Distillation.train
                            Control.none
                            (student (fun d -> { d with ClassFreeShare = 0.2 }) Distillation.solverFree.Loss 1)
                            (Seed.ofInt 1)
                            only
                            (Some labels)
                            data.Value
                        |> Result.map ignore
                        |> Expect.error ErrorKind.InvalidSetting [ "teacher was not trained without classes" ])

                testCase "Files keep what a lift and a field were trained for" (fun () ->
                    let folder = Directory.CreateTempSubdirectory "koopman-class"

                    try
                        let file name = Path.Combine(folder.FullName, name)
                        LinearFlow.save (file "lift") flow.Value |> Outcome.get
                        VelocityField.save (file "field") teacher.Value |> Outcome.get
                        use lift = LinearFlow.load (file "lift") |> Outcome.get
                        use field = VelocityField.load (file "field") |> Outcome.get
                        Expect.isTrue field.IsClassFree "field.IsClassFree"
                        Expect.equal (Option.ofObj lift.Trained) (Option.ofObj flow.Value.Trained) "lift.Trained"

                        Expect.equal
                            (Option.ofObj lift.Trained)
                            (Some
                                {
                                    FromBetween = true
                                    UntilBetween = true
                                    Backwards = false
                                    ClassFree = true
                                    Parts = 1
                                })
                            "what it was trained for"

                        Expect.equal (sampled lift) (sampled flow.Value) "samples"
                        use guided = VelocityField.guided 2.0 field |> Outcome.get

                        VelocityField.save (file "guided") guided
                        |> Expect.error ErrorKind.InvalidSetting [ "guided" ]
                    finally
                        folder.Delete true)

                testCase "Predictions that were not trained carry a warning with the extrapolated error" (fun () ->
                    use lift = told 1 flow.Value
                    use field = tell 1 teacher.Value
                    use sampler = OneStep.create lift

                    let kinds (moved: Outcome<Moved>) =
                        use moved = Outcome.get moved
                        moved.Warnings |> Array.map _.Kind |> List.ofArray

                    Expect.equal (kinds (OneStep.move 0.0 1.0 sampler noise.Value)) [] "trained: to data"
                    Expect.equal (kinds (OneStep.move 0.3 0.8 sampler noise.Value)) [] "trained: between"
                    use ends = OneStep.sample sampler noise.Value |> Outcome.get
                    use back = OneStep.move 1.0 0.0 sampler ends |> Outcome.get
                    let warning = Array.exactlyOne back.Warnings
                    Expect.equal warning.Kind FlowWarningKind.Backwards "warning.Kind"

                    // The extrapolated error is the distance from the starts after the way forth again.
                    use again = OneStep.sample sampler back.Points |> Outcome.get

                    let cycle =
                        Tensors.within (fun () -> (again - ends).square().sum(1L).mean().sqrt().ToDouble())

                    Expect.sameDecimals 5 warning.Error cycle "warning.Error"
                    let inversion = FlowErrors.inversion sampler field ends |> Outcome.get
                    Expect.sameDecimals 5 warning.Error inversion.Cycle "the same as the cycle"

                    // Trained backwards too, or for the ends alone.
                    use both =
                        learn
                            (student
                                (fun d ->
                                    { d with
                                        NoiseShare = 0.5
                                        DataShare = 0.2
                                    })
                                Losses.lagrangian
                                1)
                            teacher.Value

                    use one = told 1 both
                    use sampler = OneStep.create one
                    Expect.equal (kinds (OneStep.move 1.0 0.0 sampler noise.Value)) [] "trained backwards"

                    use ends =
                        learn
                            (student (fun d -> { d with NoiseShare = 1.0 }) (Losses.phase + Losses.target) 1)
                            teacher.Value

                    use one = told 1 ends
                    use sampler = OneStep.create one

                    Expect.equal
                        (kinds (OneStep.path 0.5 [| 0.2; 0.75; 0.9; 1.0 |] sampler noise.Value))
                        [
                            FlowWarningKind.Backwards
                            FlowWarningKind.FromBetween
                            FlowWarningKind.UntilBetween
                        ]
                        "trained from noise to data only"

                    // Nothing is known of a lift that was made by hand.
                    use bare = LinearFlow.create LinearFlow.defaults (Seed.ofInt 1) 1 |> Outcome.get
                    use sampler = OneStep.create bare
                    Expect.equal (kinds (OneStep.move 1.0 0.0 sampler noise.Value)) [] "nothing is known")

                testCase "Class-free guidance is v0 + w (v - v0), also where rows have classes of their own" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let x = noise.Value
                    let one = tell 1 teacher.Value
                    let guided = VelocityField.guided 2.5 teacher.Value |> Outcome.get
                    let none, conditional = teacher.Value.At(0.4, x), one.At(0.4, x)
                    let expected = none + 2.5 * (conditional - none)
                    let largest (t: Tensor) = t.abs().max().ToDouble()
                    Expect.inRange (largest (expected - (tell 1 guided).At(0.4, x))) (0.0, 1e-5) "of a class"

                    let rows =
                        VelocityField.ofClasses (torch.ones (200L, dtype = torch.int64)) guided
                        |> Outcome.get

                    Expect.inRange (largest (expected - rows.At(0.4, x))) (0.0, 1e-5) "of rows"
                    Expect.equal rows.GuidanceWeight 2.5 "the weight"
                    use only = teach 0.0

                    VelocityField.guided 2.0 only
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "not trained without classes" ])

                testCase "A student of a guided field samples its law in one step" (fun () ->
                    use guided = VelocityField.guided 2.0 teacher.Value |> Outcome.get
                    use lift = learn (student id Distillation.solverFree.Loss 400) guided
                    use one = told 1 lift
                    use field = tell 1 guided
                    use sampler = OneStep.create one
                    let errors = FlowErrors.measure sampler field noise.Value |> Outcome.get
                    Expect.inRange errors.End (0.0, 0.25) "errors.End"
                    // Guidance exaggerates the class: further out than 1.5.
                    Expect.isTrue (Array.average (sampled one) > 1.6) "further out than the class itself")

                testCase "Steering by a known likelihood gives the posterior" (fun () ->
                    // Data x1 ~ N(0, 1) and noise x0 ~ N(0, 1): x_t ~ N(0, s²), s² = t² + (1-t)², E[x1 - x0 | x_t] = x (2t - 1)/s².
                    // y = x1 + .5 e = 1: the posterior is N(.8, .2). p(y | x_t) is normal in y with mean t x/s² and variance 1.25 - t²/s².
                    let square (t: Tensor) = t * t + (1.0 - t) * (1.0 - t)
                    use field = VelocityField.ofFunction 1 (fun t x -> x * (2.0 * t - 1.0) / square t)

                    let likelihood (t: Tensor) (x: Tensor) =
                        let s = square t
                        let gap = 1.0 - t * x / s
                        (-0.5 * gap * gap / (1.25 - t * t / s)).squeeze 1L

                    use steered = VelocityField.steered 1.0 likelihood field |> Outcome.get
                    use start = Sobol.normal 2000 1 (Seed.ofInt 4) |> Outcome.get

                    let ends =
                        numbers (fun () -> Ode.solve (RungeKutta4 100) steered 0.0 1.0 start |> Outcome.get)

                    let mean = Array.average ends
                    Expect.inRange mean (0.79, 0.81) "the mean, .8"
                    let variance = ends |> Array.averageBy (fun x -> (x - mean) * (x - mean))
                    Expect.inRange variance (0.19, 0.21) "the variance, .2")

                testCase
                    "A classifier of points on the way knows nothing at the noise and the class at the data"
                    (fun () ->
                        use classifier =
                            WayClassifier.train
                                Control.none
                                { WayClassifier.defaults with
                                    Network = Mlp { Net.mlpDefaults with Widths = [ 16 ] }
                                    Batch = 64
                                    Descent =
                                        { WayClassifier.defaults.Descent with
                                            Steps = 500
                                            LearningRate = 2e-2
                                            EmaDecay = 0.95
                                        }
                                }
                                (Seed.ofInt 5)
                                labels
                                data.Value
                            |> Outcome.get

                        let sure (time: float) (x: float) =
                            Tensors.within (fun () ->
                                let column (v: float) =
                                    torch.full ([| 1L; 1L |], Tensors.num v, dtype = torch.float32)

                                let found = classifier.LogProbabilities(column time, column x)
                                exp (found[0L, 1L].ToDouble()))

                        Expect.inRange (sure 0.0 1.0) (0.35, 0.65) "at the noise"
                        Expect.inRange (sure 1.0 1.5) (0.97, 1.0) "at the data of class 1"
                        Expect.inRange (sure 1.0 -1.5) (0.0, 0.03) "at the data of class 0"
                        use guided = WayClassifier.guide 1.0 0 classifier teacher.Value |> Outcome.get

                        let ends =
                            numbers (fun () -> Ode.solve (RungeKutta4 40) guided 0.0 1.0 noise.Value |> Outcome.get)

                        Expect.isTrue
                            (ends |> Array.averageBy (fun x -> if x < 0.0 then 1.0 else 0.0) > 0.9)
                            "steered to class 0"

                        WayClassifier.guide 1.0 2 classifier teacher.Value
                        |> Result.map ignore
                        |> Expect.error ErrorKind.InvalidSetting [ "class" ])

                testCase "A class direction at the data shifts points by the difference of means" (fun () ->
                    use modes = FlowSpectrum.find flow.Value 1.0 data.Value |> Outcome.get

                    let directions =
                        ClassSignatures.directions 1.0 modes labels data.Value |> Outcome.get

                    let x = Tensors.toArray data.Value.Points

                    let own =
                        x
                        |> Array.indexed
                        |> Array.filter (fun (i, _) -> labels[i] = 1)
                        |> Array.averageBy snd

                    let shift = own - Array.average x

                    use edited =
                        FlowSpectrum.edit 1.0 [ ShiftAlong(directions[1], 0.5) ] modes data.Value.Points
                        |> Outcome.get

                    x
                    |> Array.map (fun b -> b + 0.5 * shift)
                    |> near 1e-4 "shifted" (Tensors.toArray edited)

                    FlowSpectrum.edit 1.0 [ ShiftAlong(directions[1][1..], 0.5) ] modes data.Value.Points
                    |> Result.map ignore
                    |> Expect.error ErrorKind.ShapeMismatch [ "8"; "9 modes" ])

                testCase "A lift trained for parts of the way makes its steps" (fun () ->
                    for loss in
                        [
                            Distillation.solverFree.Loss
                            Distillation.hybrid.Loss
                            Losses.phase + Losses.target
                        ] do
                        use lift =
                            learn
                                (student (fun d -> { d with Parts = 4 }) loss (if loss.NeedsPaths then 5 else 200))
                                teacher.Value

                        use one = told 1 lift
                        use sampler = OneStep.create one

                        let inSteps =
                            numbers (fun () -> OneStep.sampleInSteps 4 sampler noise.Value |> Outcome.get)

                        Expect.equal (sampled one) inSteps "four steps"
                        use half = OneStep.move 0.0 0.5 sampler noise.Value |> Outcome.get
                        use path = OneStep.path 0.0 [| 1.0; 0.5 |] sampler noise.Value |> Outcome.get

                        Expect.equal
                            (numbers (fun () -> path.Points.select (0L, 1L)))
                            (numbers (fun () -> half.Points.clone ()))
                            "half the way"

                    use lift =
                        learn (student (fun d -> { d with Parts = 4 }) Distillation.solverFree.Loss 400) teacher.Value

                    use one = told 1 lift
                    use field = tell 1 teacher.Value
                    use sampler = OneStep.create one
                    let errors = FlowErrors.measure sampler field noise.Value |> Outcome.get
                    Expect.inRange errors.End (0.0, 0.1) "errors.End in four steps")
            ]
