namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Flows

module OdeTests =

    // Made whenever the first test asks for it, so in no scope of that test.
    let private linear =
        Tensors.own (fun () -> Tensors.ofRows 2 [| -0.5; 2.0; -2.0; 0.3 |])

    /// x' = x A + t: linear, and not autonomous.
    let private velocity: VelocityField =
        VelocityField.ofFunction 2 (fun t x -> x.matmul (linear) + t)

    let private start () : Tensor =
        Tensors.ofRows 3 [| 1.0; 0.5; -0.3; 0.8; 2.0; -1.0 |]

    /// The exact solution: [1, t, x] moves by one matrix exponential.
    let private exact (from: float) (until: float) (x: Tensor) : Tensor =
        let generator = torch.zeros (4L, 4L, dtype = torch.float64)
        generator[0L, 1L] <- torch.tensor (1.0, dtype = torch.float64)
        generator[1L, 2L] <- torch.tensor (1.0, dtype = torch.float64)
        generator[1L, 3L] <- torch.tensor (1.0, dtype = torch.float64)
        generator.narrow(0L, 2L, 2L).narrow(1L, 2L, 2L).copy_ linear |> ignore
        let ones = torch.ones (x.shape[0], 1L, dtype = torch.float64)
        let z = torch.cat ([| ones; from * ones; x |], 1L)

        z.matmul(torch.linalg.matrix_exp ((until - from) * generator)).narrow(1L, 2L, 2L)

    let private errorOf (method: OdeMethod) (from: float) (until: float) : float =
        use _ = torch.NewDisposeScope()
        let found = Ode.solve method velocity from until (start ()) |> Outcome.get
        let error = (found - exact from until (start ())).abs().max().ToDouble()
        found.Dispose()
        error

    let tests: Test =
        testList
            "Ode"
            [
                testList
                    "Twice the steps divide the error by two to the order"
                    [
                        for name, method, order in
                            [
                                "Euler", Euler, 1.0
                                "midpoint", Midpoint, 2.0
                                "Runge-Kutta", RungeKutta4, 4.0
                            ] do
                            testCase name (fun () ->
                                let coarse, fine = errorOf (method 40) 0.0 1.0, errorOf (method 80) 0.0 1.0

                                Expect.inRange
                                    (Math.Log2(coarse / fine))
                                    (order - 0.15, order + 0.15)
                                    "Math.Log2(coarse / fine)")
                    ]

                testList
                    "The adaptive method keeps to its tolerance in both directions"
                    [
                        for tolerance in [ 1e-4; 1e-8 ] do
                            testCase $"tolerance {tolerance}" (fun () ->
                                for from, until in [ 0.0, 1.0; 1.0, 0.0 ] do
                                    let error = errorOf (DormandPrince tolerance) from until
                                    // Three rows and a handful of steps: the global error is a few local ones.
                                    Expect.inRange error (0.0, 10.0 * tolerance) "error")
                    ]

                testCase "The adaptive method works by the fifth power" (fun () ->
                    let steps tolerance =
                        use solution =
                            Ode.trajectory (DormandPrince tolerance) velocity [| 0.0; 4.0 |] (start ())
                            |> Outcome.get

                        float solution.Steps

                    // Order 5: a tolerance of 1e-5 times as much takes ten times the steps.
                    Expect.inRange (steps 1e-10 / steps 1e-5) (7.0, 13.0) "steps 1e-10 / steps 1e-5")

                testCase "Points at given times are those of the exact flow, whatever steps were taken" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let times = [| 0.2; 0.25; 0.5; 0.95; 1.3 |]

                    for method, bound in [ DormandPrince 1e-8, 1e-6; RungeKutta4 100, 1e-6 ] do
                        use solution = Ode.trajectory method velocity times (start ()) |> Outcome.get
                        Expect.equal solution.States.shape [| 5L; 3L; 2L |] "the shape of solution.States"

                        for i, time in Array.indexed times do
                            let error =
                                (solution.States[int64 i] - exact 0.2 time (start ())).abs().max().ToDouble()

                            Expect.inRange error (0.0, bound) "error")

                testCase "The interpolant has order 4" (fun () ->
                    use _ = torch.NewDisposeScope()
                    // A tolerance so loose that the first guess of a step decides: the whole way is a few steps.
                    let errorAt (length: float) =
                        let times = [| 0.0; 0.5 * length; length |]

                        use solution =
                            Ode.trajectory (DormandPrince 0.9) velocity times (start ()) |> Outcome.get

                        Expect.inRange solution.Steps (1, 2) "solution.Steps"
                        (solution.States[1L] - exact 0.0 times[1] (start ())).abs().max().ToDouble()

                    Expect.inRange
                        (Math.Log2(errorAt 0.2 / errorAt 0.1))
                        (4.5, 6.5)
                        "Math.Log2(errorAt 0.2 / errorAt 0.1)")

                testCase "There and back again" (fun () ->
                    use _ = torch.NewDisposeScope()

                    for method in [ RungeKutta4 200; DormandPrince 1e-10 ] do
                        let x = start ()
                        let there = Ode.solve method velocity 0.0 1.0 x |> Outcome.get
                        let back = Ode.solve method velocity 1.0 0.0 there |> Outcome.get
                        Expect.inRange ((back - x).abs().max().ToDouble()) (0.0, 1e-8) "the largest |back.sub(x)|"
                        there.Dispose()
                        back.Dispose())

                testCase "Evaluations are counted as they happen" (fun () ->
                    let mutable calls = 0

                    let counted =
                        VelocityField.ofFunction 2 (fun _ x ->
                            calls <- calls + 1
                            -x)

                    for method in [ Euler 7; Midpoint 7; RungeKutta4 7; DormandPrince 1e-5 ] do
                        calls <- 0

                        use x = start ()
                        use solution = Ode.trajectory method counted [| 0.0; 1.0 |] x |> Outcome.get
                        Expect.equal solution.Evaluations calls "solution.Evaluations"

                        if method <> DormandPrince 1e-5 then
                            Expect.equal solution.Steps 7 "solution.Steps")

                testCase "float32 points stay float32" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let plain = VelocityField.ofFunction 2 (fun _ x -> -x)
                    let x = (start ()).to_type torch.float32
                    let found = Ode.solve (DormandPrince 1e-4) plain 0.0 1.0 x |> Outcome.get
                    Expect.equal found.dtype torch.float32 "found.dtype"
                    let expected = exp -1.0 * x

                    Expect.inRange
                        ((found - expected).abs().max().ToDouble())
                        (0.0, 1e-4)
                        "the largest |found.sub(expected)|"

                    found.Dispose())

                testCase "A flow that leaves all bounds is an error that says when" (fun () ->
                    use x = start ()

                    let explosive =
                        VelocityField.ofFunction 2 (fun _ x -> 100.0 * x.pow (Tensors.num 3.0))

                    Ode.solve (Euler 50) explosive 0.0 1.0 x
                    |> Expect.error ErrorKind.Diverged [ "time 1"; "more steps" ]

                    match Ode.solve (DormandPrince 1e-6) explosive 0.0 1.0 x with
                    | Ok _ -> failtest "The solution does not exist for that long"
                    | Error error ->
                        Expect.contains
                            [ ErrorKind.Diverged; ErrorKind.NotConverged ]
                            error.Kind
                            "the kind of the error")

                testCase "A step that becomes too small is an error that says where" (fun () ->
                    use x = start ()

                    let broken =
                        VelocityField.ofFunction 2 (fun t x -> x / t.lt(Tensors.num 0.5).to_type torch.float64)

                    Ode.solve (DormandPrince 1e-6) broken 0.0 1.0 x
                    |> Expect.error ErrorKind.Diverged [ "time 0.5" ])

                testCase "Bad questions are refused" (fun () ->
                    use x = start ()

                    Ode.solve (Euler 0) velocity 0.0 1.0 x
                    |> Expect.error ErrorKind.InvalidSetting [ "The number of steps is 0" ]

                    Ode.trajectory (Euler 3) velocity [| 0.0; 0.5; 0.2 |] x
                    |> Expect.error ErrorKind.InvalidSetting [ "increasing" ]

                    use wide = torch.zeros (3L, 3L, dtype = torch.float64)

                    Ode.solve (Euler 3) velocity 0.0 1.0 wide
                    |> Expect.error ErrorKind.ShapeMismatch [ "the points is (3, 3)"; "(n, 2)" ])
            ]
