namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows

module FlowErrorsTests =

    let private draw (name: string) (shape: int64[]) : Tensor = LinearFlowTests.draw name shape

    let private teacher: VelocityField =
        VelocityField.ofFunction 2 LinearFlowTests.teacher

    /// x' = x A with a lift that is exact: the dense generator holds A, and the features play no part.
    let private withExact (act: LinearFlow -> VelocityField -> unit) : unit =
        LinearFlowTests.withLift "dense" (fun lift ->
            let matrix = Tensors.ofRows 2 [| 0.3; 1.0; -1.0; 0.2 |]
            let columns = lift.Generator.Parameters.Head |> snd
            columns.zero_ () |> ignore
            columns.narrow(0L, 2L, 2L).narrow(1L, 0L, 2L).copy_ matrix |> ignore
            act lift (VelocityField.ofFunction 2 (fun _ x -> x.matmul matrix)))

    let private points (values: float[]) : Samples =
        Samples.ofValues 2 values |> Outcome.get

    let tests: Test =
        testList
            "Flow errors"
            [
                testList
                    "The residual explains the whole error of one step, and both bounds are above it"
                    [
                        for name in [ "blocks"; "blocks at sites" ] do
                            testCase name (fun () ->
                                LinearFlowTests.withLift name (fun lift ->
                                    let noise = draw "noise" [| 50L; 2L |]
                                    let bounds = FlowErrors.bounds lift teacher noise |> Outcome.get
                                    // An untrained lift: errors of size 1. Simpson's rule with 40 steps is good to 1e-6 of them.
                                    Expect.isTrue (bounds.End > 0.1) "bounds.End > 0.1"
                                    Expect.inRange bounds.Unexplained (0.0, 1e-5 * bounds.End) "bounds.Unexplained"
                                    Expect.isTrue (bounds.End <= bounds.Decoded) "bounds.End <= bounds.Decoded"
                                    Expect.isTrue (bounds.End <= bounds.Duhamel) "bounds.End <= bounds.Duhamel"

                                    Expect.isTrue
                                        (bounds.PointResidual > 0.0 && bounds.FeatureResidual > 0.0)
                                        "both residuals are positive"))
                    ]

                testCase "An exact lift has no error from anywhere, in either direction" (fun () ->
                    withExact (fun lift velocity ->
                        use sampler = OneStep.create lift
                        let noise = draw "noise" [| 50L; 2L |]
                        let errors = FlowErrors.measure sampler velocity noise |> Outcome.get

                        // What is left is the error of the teacher's 40 steps.
                        for value in
                            [
                                errors.End
                                errors.MedianEnd
                                errors.Middle
                                errors.Worst
                                errors.Anywhere
                                errors.Inverse
                            ] do
                            Expect.inRange value (0.0, 1e-7) "value"

                        let back = FlowErrors.inversion sampler velocity noise |> Outcome.get

                        for value in [ back.ToTeacher; back.Cycle; back.TeacherForward ] do
                            Expect.inRange value (0.0, 1e-7) "value"

                        Expect.inRange back.Chance (1.0, 4.0) "back.Chance"))

                testCase "Chance does not depend on the order of the rows" (fun () ->
                    withExact (fun lift velocity ->
                        use sampler = OneStep.create lift
                        // Along a spiral, and shuffled.
                        let angle = torch.linspace (0.0, 12.0, 200L, dtype = torch.float64)

                        let spiral =
                            torch.stack ([| angle * angle.cos (); angle * angle.sin () |], 1L) / 6.0

                        let order = Seed.permutation 200 (Seed.ofInt 1) |> Array.map int64

                        let chance (points: Tensor) =
                            (FlowErrors.inversion sampler velocity points |> Outcome.get).Chance

                        let shuffled = spiral.index_select (0L, Tensors.ofIndices order)
                        Expect.floatClose Accuracy.medium (chance spiral) (chance shuffled) "in both orders"
                        use noise = Ode.solve (RungeKutta4 40) velocity 1.0 0.0 spiral |> Outcome.get
                        // The mean squared distance of two different rows.
                        let squares = torch.cdist(noise, noise).square().sum().ToDouble() / (200.0 * 199.0)
                        Expect.floatClose Accuracy.medium (chance spiral) (sqrt squares) "the distance of two rows"))

                testCase "The errors are distances of the predictions" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        use sampler = OneStep.create lift
                        let noise = draw "noise" [| 20L; 2L |]
                        let errors = FlowErrors.measure sampler teacher noise |> Outcome.get

                        let exact (until: float) =
                            Ode.solve (DormandPrince 1e-9) teacher 0.0 until noise |> Outcome.get

                        let off (until: float) (from: float) (start: Tensor) =
                            let found = OneStep.move from until sampler start |> Outcome.get
                            (found.Points - exact until).square().sum(1L)

                        let rms (t: Tensor) = sqrt (t.mean().ToDouble())
                        Expect.sameDecimals 5 errors.End (rms (off 1.0 0.0 noise)) "errors.End"

                        Expect.sameDecimals
                            5
                            errors.MedianEnd
                            ((off 1.0 0.0 noise).sqrt().median().ToDouble())
                            "errors.MedianEnd"

                        let middle = [ for k in 1..7 -> rms (off (float k / 8.0) 0.0 noise) ]
                        Expect.sameDecimals 5 errors.Middle (List.average middle) "errors.Middle"
                        Expect.sameDecimals 5 errors.Worst (max errors.End (List.max middle)) "errors.Worst"

                        Expect.sameDecimals
                            5
                            errors.Anywhere
                            (List.average [ for t in [ 0.25; 0.5; 0.75 ] -> rms (off 1.0 t (exact t)) ])
                            "errors.Anywhere"))

                testCase
                    "Classes of different size differ in energy, those of different place in the coordinates"
                    (fun () ->
                        LinearFlowTests.withLift "blocks" (fun lift ->
                            let z = Tensors.toArray (draw "classes" [| 400L; 2L |])
                            let classes = Array.init 400 (fun i -> if (i / 2) % 2 = 0 then 0 else 1)

                            use sizes =
                                points (z |> Array.mapi (fun i v -> if classes[i / 2] = 0 then 0.2 * v else 2.0 * v))

                            use places =
                                points (
                                    z |> Array.mapi (fun i v -> 0.3 * v + if classes[i / 2] = 0 then -2.0 else 2.0)
                                )

                            let find (samples: Samples) =
                                use modes = FlowSpectrum.find lift 1.0 samples |> Outcome.get
                                ClassSignatures.find 1.0 modes classes samples |> Outcome.get

                            let bySize, byPlace = find sizes, find places

                            let accuracy (s: ClassSignatures) name =
                                s.Accuracies
                                |> Array.pick (fun (struct (found, share)) ->
                                    if found = name then Some share else None)

                            Expect.equal bySize.Chance 0.5 "bySize.Chance"
                            Expect.isTrue (accuracy bySize "log x²" > 0.85) "accuracy bySize 'log x²' > 0.85"
                            Expect.inRange (accuracy bySize "x") (0.3, 0.7) "accuracy bySize 'x'"
                            Expect.isTrue (accuracy bySize "|α|²" > 0.6) "accuracy bySize '|α|²' > 0.6"
                            Expect.sameDecimals 2 (accuracy byPlace "x") 1.0 "accuracy byPlace 'x'"

                            Expect.isTrue
                                (accuracy byPlace "Re α, Im α" > 0.95)
                                "accuracy byPlace 'Re α, Im α' > 0.95"

                            Expect.equal (bySize.Distances[1][1]) 0.0 "bySize.Distances[1][1]"
                            Expect.isTrue (bySize.Distances[0][1] > 0.5) "bySize.Distances[0][1] > 0.5"

                            Expect.sameDecimals
                                12
                                (bySize.Distances[1][0])
                                (bySize.Distances[0][1])
                                "bySize.Distances[1][0]"
                            // Each mode has mean 1 over all points, and both classes have as many.
                            for k in 0..5 do
                                Expect.sameDecimals
                                    9
                                    (bySize.Energies[0][k] + bySize.Energies[1][k])
                                    2.0
                                    "the sum of the energies"))

                testCase "A lift that knows classes is not compared without them" (fun () ->
                    let options =
                        { LinearFlow.defaults with
                            Network =
                                Mlp
                                    { Net.mlpDefaults with
                                        Widths = [ 4 ]
                                        Classes = 2
                                    }
                            Features = 4
                        }

                    use lift = LinearFlow.create options (Seed.ofInt 1) 2 |> Outcome.get
                    use sampler = OneStep.create lift
                    let still = VelocityField.ofFunction 2 (fun _ x -> torch.zeros_like x)
                    use noise = (draw "classes" [| 5L; 2L |]).to_type torch.float32

                    FlowErrors.measure sampler still noise
                    |> Expect.error ErrorKind.InvalidSetting [ "2 classes" ]

                    FlowErrors.inversion sampler still noise
                    |> Expect.error ErrorKind.InvalidSetting [ "2 classes" ]

                    FlowErrors.bounds lift still noise
                    |> Expect.error ErrorKind.InvalidSetting [ "2 classes" ])

                testCase "Missing classes are told" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        use samples = points (Tensors.toArray (draw "classes" [| 20L; 2L |]))
                        use modes = FlowSpectrum.find lift 1.0 samples |> Outcome.get

                        ClassSignatures.find 1.0 modes (Array.init 20 (fun i -> 2 * (i / 10))) samples
                        |> Result.map ignore
                        |> Expect.error ErrorKind.TooFewSamples [ "Class 1" ]

                        ClassSignatures.find 1.0 modes [| 0; 1 |] samples
                        |> Result.map ignore
                        |> Expect.error ErrorKind.ShapeMismatch [ "2 classes"; "20 points" ]))
            ]
