namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp

module FunctionTests =

    let tests: Test =
        testList
            "Functions"
            [
                testCase "A function may answer the points themselves" (fun () ->
                    use observables = Observables.ofFunction 2 2 "coordinates" id |> Outcome.get
                    use x = Tensors.ofRows 2 [| 1.0; 2.0; 3.0; 4.0 |]
                    let values = observables.Values x
                    values.Dispose()
                    Expect.equal (Tensors.toArray x) [| 1.0; 2.0; 3.0; 4.0 |] "x"
                    use slope = observables.Partial(x, 1)
                    use second = observables.SecondPartial(x, 1, 0)
                    Expect.equal (Tensors.toArray slope) [| 0.0; 1.0; 0.0; 1.0 |] "slope"
                    Expect.equal (Tensors.toArray second) (Array.zeroCreate 4) "second")

                testCase "A function that throws leaves no tensor behind" (fun () ->
                    use samples = Dictionaries.scattered 1
                    use pairs = SnapshotPairs.create 1.0 samples.Points samples.Points |> Outcome.get

                    // It is tried on a few points when the observables are made.
                    let failing (points: Tensor) : Tensor =
                        if points.shape[0] > 3L then
                            invalidOp $"no values at {points.shape[0]} points"
                        else
                            torch.cat ([| points; points; points |], 1L)

                    use own = Observables.ofFunction 1 3 "failing" failing |> Outcome.get
                    let before = live ()

                    for attempt in
                        [
                            fun () -> Edmd.fit Edmd.defaults own pairs |> ignore
                            fun () -> Edmd.reversible Edmd.defaults own pairs |> ignore
                            fun () -> Langevin.fit Langevin.defaults own samples |> ignore
                            fun () -> Vamp.fit Vamp.defaults own pairs |> ignore
                            fun () -> Moments.ofPairs own (0, pairs.Count) pairs |> ignore
                        ] do
                        Expect.throwsT<InvalidOperationException> attempt "the function"
                        Expect.equal (live ()) before "live tensors")

                testCase "Functions of one's own fit like the built-in ones, also where no graph is recorded" (fun () ->
                    use samples = Dictionaries.scattered 1

                    let powers (points: Tensor) =
                        torch.cat ([| points; points.square (); points.pow (Tensors.num 3.0) |], 1L)

                    use own = Observables.ofFunction 1 3 "powers" powers |> Outcome.get
                    use builtIn = Observables.monomials 3 1 |> Outcome.get

                    let rates (observables: Observables) =
                        use _ = torch.no_grad ()
                        use spectrum = Langevin.fit Langevin.defaults observables samples |> Outcome.get
                        spectrum.Rates

                    // They go up to 100, where rounding differs from processor to processor.
                    Array.iter2
                        (fun (a: float) (b: float) -> Expect.sameDecimals 9 (b / a) 1.0 "b / a")
                        (rates builtIn)
                        (rates own))

                testCase "A wrong answer is refused at once" (fun () ->
                    Observables.ofFunction 2 3 "sums" (fun points -> points.sum 1L)
                    |> Expect.error ErrorKind.ShapeMismatch [ "sums"; "shape (3)"; "(3, 3)" ]

                    Observables.ofFunction 2 2 "singles" (fun points -> points.to_type torch.float32)
                    |> Expect.error ErrorKind.ShapeMismatch [ "Float32" ]

                    Observables.ofFunction 2 2 "misfit" (fun points ->
                        points.times (torch.eye (5L, dtype = torch.float64)))
                    |> Expect.error ErrorKind.ShapeMismatch [ "misfit"; "failed" ]

                    Observables.ofFields 2 "none" [||]
                    |> Expect.error ErrorKind.InvalidSetting [ "0 functions" ])

                testCase "Values and derivatives of a network lead back to its parameters" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let network = Dictionaries.network ()
                    use observables = Observables.ofModule network 2 3 |> Outcome.get
                    let x = Seed.normal [| 6L; 2L |] (Seed.ofInt 8)
                    let weight = network.parameters () |> Seq.head

                    for result in
                        [
                            observables.Values x
                            observables.Partial(x, 1)
                            observables.SecondPartial(x, 0, 1)
                        ] do
                        network.zero_grad ()
                        result.square().sum().backward()

                        match weight.grad with
                        | null -> failtest "no gradient"
                        | slope ->
                            Expect.isTrue (slope.abs().max().ToDouble() > 1e-6) "slope.abs().max().ToDouble() > 1e-6"

                    use _ = torch.no_grad ()
                    Expect.isFalse (observables.Partial(x, 1).requires_grad) "observables.Partial(x, 1).requires_grad")

                testCase "The slope of a network's Dirichlet form by a weight is that of differences" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let network = Dictionaries.network ()
                    use observables = Observables.ofModule network 2 3 |> Outcome.get
                    let x = Seed.normal [| 6L; 2L |] (Seed.ofInt 8)
                    let ones = torch.ones (6L, dtype = torch.float64)
                    let weight = network.parameters () |> Seq.head

                    let energy () =
                        observables.DirichletForm(x, ones).trace()

                    energy().backward()
                    let gradient = nonNull weight.grad
                    let slope = gradient[0L, 0L].ToDouble()

                    let moved (step: float) =
                        use _ = torch.no_grad ()
                        weight[0L, 0L].add_(Tensors.num step) |> ignore
                        let value = energy().ToDouble()
                        weight[0L, 0L].add_(Tensors.num -step) |> ignore
                        value

                    let difference = (moved 1e-5 - moved (-1e-5)) / 2e-5
                    Expect.inRange (slope - difference) (-1e-6 * abs slope, 1e-6 * abs slope) "slope - difference"
                    Expect.isTrue (abs slope > 1e-3) "abs slope > 1e-3")

                testCase "A spectrum of a network in training is not tied to its graph" (fun () ->
                    use pairs =
                        Systems.equilibriumPairs Systems.quadrupleWell.Value 400 0.1 (Seed.ofInt 7)
                        |> Outcome.get

                    use observables = Observables.ofModule (Dictionaries.network ()) 2 3 |> Outcome.get
                    use edmd = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    use generator = Langevin.fit Langevin.defaults observables pairs.From |> Outcome.get
                    use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get
                    Expect.isFalse edmd.Coefficients.requires_grad "edmd.Coefficients.requires_grad"
                    Expect.isFalse generator.Coefficients.requires_grad "generator.Coefficients.requires_grad"
                    Expect.isFalse model.Propagator.Matrix.requires_grad "model.Propagator.Matrix.requires_grad")

                testCase "A network in single precision is refused, and one of another shape" (fun () ->
                    use single = torch.nn.Linear(2L, 3L)

                    Observables.ofModule single 2 3
                    |> Expect.error ErrorKind.InvalidSetting [ "weight"; "Float32"; "float64" ]

                    use network = Dictionaries.network ()

                    Observables.ofModule network 2 4
                    |> Expect.error ErrorKind.ShapeMismatch [ "(3, 3)"; "(3, 4)" ]

                    Observables.ofModule network 5 3
                    |> Expect.error ErrorKind.ShapeMismatch [ "failed"; "(3, 5)" ])
            ]
