namespace Koopman.Tests

open System.Numerics
open Expecto
open Koopman
open Koopman.Learning
open Koopman.Flows
open TorchSharp

/// A lift is an operator like any other: its functions are observables, and what the library knows of operators holds of it.
module LinearFlowSpectrumTests =

    let private points: Samples =
        use x = LinearFlowTests.draw "points of time and space" [| 80L; 3L |]
        use time = x.narrow (1L, 0L, 1L)
        time.sigmoid_ () |> ignore
        Samples.ofTensor x |> Outcome.get

    let private kinds = [ "blocks"; "dense"; "low rank" ]

    /// The low rank one has an exponent so near 0 that its function is nearly the polynomial in front of it, and a Gram matrix can hardly tell the two apart.
    let private wellConditioned = [ "blocks"; "dense" ]

    let private withGenerator (name: string) (act: LinearFlow -> Observables -> Generator -> unit) : unit =
        LinearFlowTests.withLift name (fun lift ->
            use functions = LinearFlow.observables lift |> Outcome.get
            use generator = LinearFlow.generator functions points |> Outcome.get
            act lift functions generator)

    let private all (outcomes: LawOutcome list) : unit =
        Expect.isNonEmpty outcomes "the laws"

        for outcome in outcomes do
            Expect.isTrue outcome.Holds $"{outcome}"

    /// A of the field x' = x A, a turn that shrinks.
    let private turning: Tensor =
        Tensors.ofMatrix (array2D [ [ -0.5; 2.0 ]; [ -2.0; -0.5 ] ])

    let tests: Test =
        testList
            "Lifts as operators"
            [
                testList
                    "Their functions have the derivatives that they claim, and their generators obey the laws of generators"
                    [
                        for name in wellConditioned do
                            testCase name (fun () ->
                                withGenerator name (fun _ functions generator ->
                                    all (Laws.observables points.Points functions)
                                    all (Laws.generator 0.7 generator)))
                    ]

                testList
                    "Their functions move by M where the lift is exact: along z e^(τL) itself"
                    [
                        for name in kinds do
                            testCase name (fun () ->
                                withGenerator name (fun lift functions generator ->
                                    use _ = torch.NewDisposeScope()
                                    let t, x = points.Points.narrow (1L, 0L, 1L), points.Points.narrow (1L, 1L, 2L)
                                    let z = lift.Encode(t, x, None)
                                    let tau = torch.full_like (t, Tensors.num 0.3)
                                    let moved = lift.Generator.Advance(z, tau)

                                    let bare (z: LiftedState) =
                                        torch.cat ([| z.Point; z.Features |], 1L)
                                    // What the functions add to [x, F] is a polynomial of t alone: what they have at the later time.
                                    let later = torch.cat ([| moved.Time; x |], 1L)
                                    let added = functions.Values later - bare (lift.Encode(moved.Time, x, None))

                                    let predicted =
                                        (functions.Values points.Points)
                                            .times(torch.linalg.matrix_exp (0.3 * generator.Matrix))

                                    Expect.isLessThan
                                        (LinearFlowTests.largest (bare moved + added - predicted))
                                        1e-9
                                        "w e^(τM)"))
                    ]

                testList
                    "Their spectrum is that of the flow's modes"
                    [
                        for name in wellConditioned do
                            testCase name (fun () ->
                                withGenerator name (fun lift _ generator ->
                                    use spectrum = Generator.spectrum generator |> Outcome.get
                                    use space = points.Points.narrow (1L, 1L, 2L)
                                    use plane = Samples.ofTensor space |> Outcome.get
                                    use modes = FlowSpectrum.find lift 0.0 plane |> Outcome.get
                                    Expect.equal spectrum.Rank modes.Eigenvalues.Length "how many"

                                    for value in modes.Eigenvalues do
                                        Expect.exists
                                            spectrum.Exponents
                                            (fun found -> Complex.Abs(found - value) < 1e-7)
                                            $"the exponent {value}"))
                    ]

                testCase
                    "A trained flow: residuals, a pseudospectrum and the propagator of the operator room"
                    (fun () ->
                        use velocity = VelocityField.ofFunction 2 (fun _ x -> x.times turning)

                        let options =
                            { LinearFlow.defaults with
                                Features = 4
                                Network =
                                    Mlp
                                        { Net.mlpDefaults with
                                            Widths = [ 16 ]
                                            DoublePrecision = true
                                        }
                            }

                        use lift = LinearFlow.create options (Seed.ofInt 3) 2 |> Outcome.get
                        use noise = Seed.normal [| 40L; 2L |] (Seed.ofInt 4)
                        use ways = LinearFlow.ways 20 velocity noise |> Outcome.get

                        Expect.equal
                            (ways.Count, ways.States.Count, ways.Dimension)
                            (40, 840, 3)
                            "ways of time and space"

                        use functions = LinearFlow.observables lift |> Outcome.get
                        use spectrum = LinearFlow.spectrum velocity functions ways.States |> Outcome.get
                        Expect.all spectrum.Modes (fun mode -> mode.Residual >= 0.0) "each mode has a residual"

                        // An untrained lift moves by an operator that has nothing to do with the field, and says so.
                        Expect.exists spectrum.Modes (fun mode -> mode.Has WarningKind.LargeResidual) "warned of"

                        use pairs = Trajectories.pairs 1 ways |> Outcome.get

                        use pseudo =
                            Pseudospectrum.fit Pseudospectrum.defaults functions pairs |> Outcome.get

                        let at =
                            spectrum.Exponents
                            |> Array.map (fun mu -> Complex.Exp(mu * Complex(pairs.Lag, 0.0)))

                        let residuals = Pseudospectrum.residuals Control.none at pseudo |> Outcome.get
                        Expect.all residuals (fun r -> r >= 0.0 && r < 1.0) "residuals of the propagator on the ways"

                        use generator = LinearFlow.generator functions ways.States |> Outcome.get
                        use propagator = Propagator.ofGenerator 1.0 generator |> Outcome.get
                        all (Laws.propagator propagator))

                testCase "An exact lift has residuals of rounding, the field's exponents, and no warning" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use velocity = VelocityField.ofFunction 2 (fun _ x -> x.times turning)
                    // The squares of the coordinates move among themselves where x' = x A: of x1², x1 x2 and x2².
                    let a, b = -0.5, 2.0
                    let unused = torch.zeros (1L, dtype = torch.float64)

                    let column (k: int64) (x: Dual) =
                        x |> Dual.linearly (fun v -> v.narrow (-1L, k, 1L))

                    let squares (_: Dual) (x: Dual) (_: Tensor option) =
                        let first, second = column 0L x, column 1L x
                        Dual.concat -1L [ Dual.mul first first; Dual.mul first second; Dual.mul second second ]

                    use start =
                        LinearFlow.create
                            { LinearFlow.defaults with
                                Network = Custom(Net.ofDual 2 3 0 [ "unused", unused ] squares)
                                Features = 3
                                Generator = Dense
                            }
                            (Seed.ofInt 1)
                            2
                        |> Outcome.get

                    // Columns of x1, x2 and the three products; rows of 1, t and those.
                    let matrix =
                        Tensors.ofMatrix (
                            array2D
                                [
                                    [ 0.0; 0.0; 0.0; 0.0; 0.0 ]
                                    [ 0.0; 0.0; 0.0; 0.0; 0.0 ]
                                    [ a; b; 0.0; 0.0; 0.0 ]
                                    [ -b; a; 0.0; 0.0; 0.0 ]
                                    [ 0.0; 0.0; 2.0 * a; b; 0.0 ]
                                    [ 0.0; 0.0; -2.0 * b; 2.0 * a; 2.0 * b ]
                                    [ 0.0; 0.0; 0.0; -b; 2.0 * a ]
                                ]
                        )

                    use lift = start.With [ unused; matrix ]
                    use noise = Seed.normal [| 30L; 2L |] (Seed.ofInt 5)
                    use ways = LinearFlow.ways 10 velocity noise |> Outcome.get
                    use functions = LinearFlow.observables lift |> Outcome.get
                    use spectrum = LinearFlow.spectrum velocity functions ways.States |> Outcome.get
                    let turns k = Complex(k * a, 0.0)

                    let exact =
                        [
                            turns 1.0 + Complex(0.0, b)
                            turns 1.0 - Complex(0.0, b)
                            turns 2.0
                            turns 2.0 + Complex(0.0, 2.0 * b)
                            turns 2.0 - Complex(0.0, 2.0 * b)
                        ]

                    Expect.equal spectrum.Rank 5 "five functions"

                    for mu in exact do
                        Expect.exists
                            spectrum.Exponents
                            (fun found -> Complex.Abs(found - mu) < 1e-9)
                            $"the exponent {mu}"

                    for mode in spectrum.Modes do
                        Expect.isLessThan mode.Residual 1e-8 "the residual"
                        Expect.isEmpty mode.Warnings "no warning")

                testCase "What is no function of a lift is refused, and points without their time" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        use functions = LinearFlow.observables lift |> Outcome.get
                        use space = points.Points.narrow (1L, 1L, 2L)
                        use plane = Samples.ofTensor space |> Outcome.get

                        LinearFlow.generator functions plane
                        |> Expect.error ErrorKind.ShapeMismatch [ "R^3"; "2 columns" ]

                        use monomials = Observables.monomials 2 3 |> Outcome.get

                        LinearFlow.generator monomials points
                        |> Expect.error ErrorKind.InvalidSetting [ "not functions of a lift" ]))
            ]
