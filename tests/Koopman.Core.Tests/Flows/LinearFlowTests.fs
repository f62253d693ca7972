namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows

module LinearFlowTests =

    let internal draw (name: string) (shape: int64[]) : Tensor =
        Seed.normal shape (Seed.derive name (Seed.ofInt 17))

    let internal largest (t: Tensor) : float = t.abs().max().ToDouble()

    let internal shapeOf (name: string) : OperatorShape =
        match name with
        | "blocks" -> LiftOperator.blocks
        | "dense" -> Dense
        | "blocks at sites" -> EverySite(2, LiftOperator.blocks)
        | "dense at sites" -> EverySite(2, Dense)
        | _ -> LowRank 2

    let private options (shape: OperatorShape) : LinearFlowOptions =
        {
            Network =
                Mlp
                    { Net.mlpDefaults with
                        Widths = [ 7 ]
                        DoublePrecision = true
                    }
            Features = 4
            Generator = shape
            Decoder = None
        }

    /// A lift of two dimensions and four features with parameters that are all different from 0.
    let internal withLift (name: string) (act: LinearFlow -> unit) : unit =
        use first =
            LinearFlow.create (options (shapeOf name)) (Seed.ofInt 1) 2 |> Outcome.get

        use lift =
            Tensors.within (fun () ->
                first.With(
                    first.Parameters
                    |> List.map (fun (name, p) ->
                        if name.StartsWith "generator" then
                            p.detach().add(draw name p.shape, Tensors.num 0.5)
                        else
                            p.detach ())
                ))

        Tensors.within (fun () ->
            use _ = torch.no_grad ()
            act lift)

    /// Three points at their times.
    let internal encoded (lift: LinearFlow) : LiftedState =
        let t = Tensors.ofRows 3 [| 0.0; 0.3; 0.8 |]
        lift.Encode(t, draw "x" [| 3L; 2L |], None)

    /// One row, moved exactly: by LAPACK's or libtorch's exponential of the assembled matrix.
    let private exact (lift: LinearFlow) (z: LiftedState) (row: int64) (tau: float) : Tensor =
        let matrix = torch.linalg.matrix_exp (tau * lift.Generator.Matrix())
        z.Rows.select(0L, row).unsqueeze(0L).matmul matrix

    /// v of some teacher, smooth in t and x.
    let internal teacher (t: Tensor) (x: Tensor) : Tensor = x.flip ([| 1L |]) * t.cos () - x.sin ()

    let tests: Test =
        testList
            "Lift"
            [
                testList
                    "The closed forms are those of the matrix exponential, with a horizon a row, forwards and back"
                    [
                        for name in [ "blocks"; "dense"; "low rank"; "blocks at sites"; "dense at sites" ] do
                            testCase name (fun () ->
                                withLift name (fun lift ->
                                    let z = encoded lift
                                    let horizons = [| 1.0; 1e-4; -0.8; 0.0; 0.7; 0.2 |]
                                    let tau = (Tensors.ofVector horizons).reshape(2L, 3L, 1L)

                                    let position, speed =
                                        lift.Generator.Position(z, tau), lift.Generator.Speed(z, tau)

                                    let moved = lift.Generator.Advance(z, tau)
                                    Expect.equal position.shape [| 2L; 3L; 2L |] "the shape of position"

                                    for q in 0L .. 1L do
                                        for row in 0L .. 2L do
                                            let expected = exact lift z row horizons[int (3L * q + row)]
                                            let rate = expected.matmul (lift.Generator.Matrix())
                                            let difference (a: Tensor) (b: Tensor) = largest (a[q, row] - b[0L])

                                            Expect.inRange
                                                (difference position (expected.narrow (1L, 2L, 2L)))
                                                (0.0, 1e-12)
                                                "the difference of the positions"

                                            Expect.inRange
                                                (difference speed (rate.narrow (1L, 2L, 2L)))
                                                (0.0, 1e-12)
                                                "difference speed (rate.narrow (1L, 2L, 2L))"

                                            Expect.inRange
                                                (difference moved.Features (expected.narrow (1L, 4L, 4L)))
                                                (0.0, 1e-12)
                                                "the difference of the features"

                                            Expect.inRange
                                                (difference moved.Time (expected.narrow (1L, 1L, 1L)))
                                                (0.0, 1e-12)
                                                "the difference of the times"

                                            Expect.sameDecimals
                                                12
                                                (expected[0L, 0L].ToDouble())
                                                1.0
                                                "expected[0L, 0L]"))
                    ]

                testList
                    "The rate of change is the product with the matrix, also of differences"
                    [
                        for name in [ "blocks"; "dense"; "low rank"; "blocks at sites"; "dense at sites" ] do
                            testCase name (fun () ->
                                withLift name (fun lift ->
                                    let z = encoded lift

                                    for constant in [ 1.0; 0.0 ] do
                                        let z = { z with Constant = constant }
                                        let expected = z.Rows.matmul (lift.Generator.Matrix())

                                        Expect.inRange
                                            (largest ((lift.Generator.Rate z).Rows.sub expected))
                                            (0.0, 1e-13)
                                            "the difference of the rates"

                                        let tau = torch.full ([| 3L; 1L |], Tensors.num 0.4, dtype = torch.float64)

                                        let moved =
                                            z.Rows.matmul (torch.linalg.matrix_exp (0.4 * lift.Generator.Matrix()))

                                        Expect.inRange
                                            (largest (lift.Generator.Position(z, tau) - moved.narrow (1L, 2L, 2L)))
                                            (0.0, 1e-12)
                                            "the position against that of the moved point"))
                    ]

                testCase "The read-out is the columns of the points" (fun () ->
                    withLift "blocks" (fun lift ->
                        let z = encoded lift
                        use readOut = LinearFlow.readOut 0.9 lift
                        Expect.equal readOut.shape [| 8L; 2L |] "the shape of readOut"
                        let tau = torch.full ([| 3L; 1L |], Tensors.num 0.9, dtype = torch.float64)

                        Expect.inRange
                            (largest (z.Rows.matmul (readOut) - lift.Generator.Position(z, tau)))
                            (0.0, 1e-12)
                            "the read-out against the position"))

                testList
                    "A sample in one step is the position, at one horizon and at several"
                    [
                        for name in [ "blocks"; "dense"; "blocks at sites"; "dense at sites" ] do
                            testCase name (fun () ->
                                withLift name (fun lift ->
                                    use sampler = OneStep.createInPieces 2 lift |> Outcome.get
                                    let x = draw "x" [| 3L; 2L |]

                                    let column (value: float) =
                                        torch.full ([| 3L; 1L |], Tensors.num value, dtype = torch.float64)

                                    let z = lift.Encode(column 0.2, x, None)

                                    let expected (until: float) =
                                        lift.Generator.Position(z, column (until - 0.2))

                                    let one = OneStep.move 0.2 0.7 sampler x |> Outcome.get

                                    Expect.inRange
                                        (largest (one.Points - expected 0.7))
                                        (0.0, 1e-12)
                                        "largest (one.sub (expected 0.7))"

                                    let several = OneStep.path 0.2 [| 0.9; 0.0; 1.0 |] sampler x |> Outcome.get
                                    Expect.equal several.Points.shape [| 3L; 3L; 2L |] "the shape of several"

                                    for i, until in [ 0L, 0.9; 1L, 0.0; 2L, 1.0 ] do
                                        Expect.inRange
                                            (largest (several.Points[i] - expected until))
                                            (0.0, 1e-12)
                                            "largest (several[i].sub(expected until))"))
                    ]

                testCase
                    "Sites that do not divide points and features, sites of sites, and sites with a decoder are refused"
                    (fun () ->
                        let attempt (shape: OperatorShape) =
                            LinearFlow.create (options shape) (Seed.ofInt 1) 2 |> Result.map ignore

                        attempt (EverySite(3, Dense))
                        |> Expect.error ErrorKind.InvalidSetting [ "2 coordinates"; "4 features"; "3 sites" ]

                        attempt (EverySite(2, EverySite(1, Dense)))
                        |> Expect.error ErrorKind.InvalidSetting [ "Sites of sites" ]

                        LinearFlow.create
                            { options (EverySite(2, Dense)) with
                                Decoder = Some(Mlp Net.mlpDefaults)
                            }
                            (Seed.ofInt 1)
                            2
                        |> Result.map ignore
                        |> Expect.error ErrorKind.InvalidSetting [ "decoder" ])

                testCase
                    "A point's residual carried to the end is the derivative of the predicted end along the flow"
                    (fun () ->
                        withLift "blocks" (fun lift ->
                            let t = Tensors.ofRows 3 [| 0.1; 0.3; 0.8 |]
                            let x = draw "x" [| 3L; 2L |]
                            let h = 1e-5
                            let v = teacher t x

                            // X(u; s) = Rx[z(u, x(u)) e^{(s-u)L}] with s fixed, along dx/du = v.
                            let predicted (by: float) =
                                let u = t + by
                                // The second order of the flow: x + h v + h²/2 (v_t + v·∇v) would only add O(h²), which central differences cancel.
                                let z = lift.Encode(u, x.add (v, Tensors.num by), None)
                                lift.Generator.Position(z, 1.0 - u)

                            let expected = (predicted h - predicted -h) / (2.0 * h)
                            let residual = LinearFlow.residual lift t x v None
                            let found = lift.Generator.Position(residual, 1.0 - t)
                            Expect.isTrue (largest expected > 0.1) "largest expected > 0.1"
                            Expect.inRange (largest (expected - found)) (0.0, 1e-8) "largest (expected.sub found)"))

                testCase "An affine flow has an exact lift, whose residual is 0" (fun () ->
                    use _ = torch.NewDisposeScope()
                    // x' = x A, and nothing of the features: the dense generator holds A on the points.
                    use lift = LinearFlow.create (options Dense) (Seed.ofInt 1) 2 |> Outcome.get
                    use _ = torch.no_grad ()
                    let matrix = Tensors.ofRows 2 [| 0.3; 1.0; -1.0; 0.2 |]
                    let columns = lift.Generator.Parameters.Head |> snd
                    columns.zero_ () |> ignore
                    columns.narrow(0L, 2L, 2L).narrow(1L, 0L, 2L).copy_ matrix |> ignore
                    let t = Tensors.ofRows 3 [| 0.0; 0.3; 0.8 |]
                    let x = draw "x" [| 3L; 2L |]
                    let residual = LinearFlow.residual lift t x (x.matmul matrix) None
                    Expect.inRange (largest residual.Point) (0.0, 1e-15) "largest residual.Point"
                    let tau = torch.ones (3L, 1L, dtype = torch.float64)
                    let moved = lift.Generator.Position(lift.Encode(t, x, None), tau)

                    Expect.inRange
                        (largest (moved - x.matmul (torch.linalg.matrix_exp matrix)))
                        (0.0, 1e-13)
                        "the difference from the exact flow")

                testCase "Blocks keep to their bounds and start spread over frequencies" (fun () ->
                    use lift =
                        LinearFlow.create
                            { options LiftOperator.blocks with
                                Features = 20
                            }
                            (Seed.ofInt 1)
                            2
                        |> Outcome.get

                    use _ = torch.NewDisposeScope()
                    use _ = torch.no_grad ()
                    let values = torch.linalg.eigvals (lift.Generator.Matrix())
                    let re, im = Tensors.toArray values.real, Tensors.toArray values.imag
                    // The eigenvalues of 1, t and the points are 0, twice and d times.
                    Expect.equal
                        (Array.map2 (fun a b -> abs a < 1e-6 && abs b < 1e-6) re im
                         |> Array.filter id
                         |> Array.length)
                        4
                        "the eigenvalues at 0"

                    Expect.isTrue
                        (re |> Array.forall (fun a -> abs a < 3.0))
                        "re |> Array.forall (fun a -> abs a < 3.0)"

                    let frequencies = im |> Array.filter (fun b -> b > 1e-6) |> Array.sort
                    Expect.sameDecimals 6 (frequencies[0]) (6.0 / (1.0 + exp 2.0)) "frequencies[0]"
                    Expect.sameDecimals 6 (Array.last frequencies) (6.0 / (1.0 + exp -2.0)) "Array.last frequencies")

                testCase "Odd blocks are refused" (fun () ->
                    LinearFlow.create
                        { options LiftOperator.blocks with
                            Features = 5
                        }
                        (Seed.ofInt 1)
                        2
                    |> Expect.error ErrorKind.InvalidSetting [ "The number of features is 5"; "even" ])
            ]
