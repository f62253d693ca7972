namespace Koopman.Tests

open System
open System.Numerics
open Expecto
open Koopman
open TorchSharp

module PseudospectrumTests =

    let private legendre (count: int) : Observables =
        Observables.legendre (count - 1) ([| -1.0 |], [| 0.0 |]) |> Outcome.get

    /// x → exp(-2x²) - 1 - e⁻² at the Gauss-Legendre nodes of [-1, 0].
    let private gaussMap () : SnapshotPairs =
        let rule = MathNet.Numerics.Integration.GaussLegendreRule(-1.0, 0.0, 100)
        use x = Tensors.ofRows 100 rule.Abscissas
        use y = (-2.0 * x.square ()).exp() - (1.0 + exp -2.0)
        use plain = SnapshotPairs.create 1.0 x y |> Outcome.get
        SnapshotPairs.withWeights rule.Weights plain |> Outcome.get

    let private fit (kind: PseudospectrumKind) (observables: Observables) (pairs: SnapshotPairs) : Pseudospectrum =
        Pseudospectrum.fit
            { Pseudospectrum.defaults with
                Kind = kind
            }
            observables
            pairs
        |> Outcome.get

    let private at (points: Complex[]) (p: Pseudospectrum) : float[] =
        Pseudospectrum.residuals Control.none points p |> Outcome.get

    /// x on the circle, turned by an angle; monomials on the circle are a subspace that the rotation keeps.
    let private rotation (angle: float) : SnapshotPairs =
        let circle shift =
            Tensors.ofRows
                60
                (Array.init 120 (fun i ->
                    let t = 2.0 * Math.PI * float (i / 2) / 60.0 + shift
                    if i % 2 = 0 then cos t else sin t))

        use x = circle 0.0
        use y = circle angle
        SnapshotPairs.create 1.0 x y |> Outcome.get

    let tests: Test =
        testList
            "Pseudospectrum"
            [
                testCase "The Gauss map has five eigenvalues with small residuals, and 14 below a thousandth" (fun () ->
                    use pairs = gaussMap ()
                    use observables = legendre 40

                    use edmd =
                        Edmd.fit { Edmd.defaults with Modes = 40 } observables pairs |> Outcome.get

                    use p = fit PseudospectrumKind.Pairs observables pairs
                    use test = legendre 2

                    let residuals =
                        Diagnostics.residuals (Some test) edmd.Spectrum pairs
                        |> Outcome.get
                        |> Array.map (fun report -> sqrt report.Pair)

                    let values = edmd.Spectrum.Eigenvalues
                    let expected = [| 1.0; 0.0469626654; 0.011652338; 0.0019231061; 0.0001908776 |]
                    let sizes = [| 0.0; 2.2e-5; 8.8e-6; 3.6e-6; 1.3e-6 |]

                    for value, size in Array.zip expected sizes do
                        let k =
                            values |> Array.findIndex (fun v -> Complex.Abs(v - Complex(value, 0.0)) < 1e-9)

                        Expect.inRange (residuals[k]) (0.9 * size, 1.1 * size + 3e-8) "residuals[k]"

                    Expect.equal
                        (residuals |> Array.filter (fun r -> r < 1e-3) |> Array.length)
                        14
                        "the residuals below 1e-3"
                    // No eigenpair can beat the smallest residual at its own eigenvalue.
                    Array.iter2
                        (fun best pair -> Expect.isTrue (best <= pair + 1e-7) "best <= pair + 1e-7")
                        (at values p)
                        residuals)

                testCase "For a rotation the residual is the distance to its eigenvalues on the unit circle" (fun () ->
                    use pairs = rotation 1.0
                    use observables = Observables.monomials 3 2 |> Outcome.get
                    use p = fit PseudospectrumKind.Pairs observables pairs
                    Expect.equal p.Rank 7 "p.Rank"

                    let eigenvalues =
                        [| for k in -3 .. 3 -> Complex.FromPolarCoordinates(1.0, float k) |]

                    let points =
                        [|
                            Complex(0.3, 0.2)
                            Complex(-0.9, 0.7)
                            Complex(0.0, 0.0)
                            Complex(1.5, -1.0)
                            eigenvalues[5]
                        |]

                    let distance (z: Complex) =
                        eigenvalues |> Array.map (fun e -> Complex.Abs(e - z)) |> Array.min

                    Array.iter2
                        (fun z (found: float) ->
                            Expect.sameDecimals 7 found (distance z) "found"
                            // K is an isometry: nothing inside the circle is nearer than the circle.
                            Expect.isTrue
                                (found >= abs (1.0 - Complex.Abs z) - 1e-7)
                                "found >= abs (1.0 - Complex.Abs z) - 1e-7")
                        points
                        (at points p))

                testCase "A minimising function has on the data the residual that it claims" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use pairs = gaussMap ()
                    use observables = legendre 10
                    use p = fit PseudospectrumKind.Pairs observables pairs
                    let z = Complex(0.2, 0.3)
                    use modes = Pseudospectrum.modes [| z; Complex(0.5, 0.0) |] p |> Outcome.get
                    let phi (points: Tensor) = (modes.Values points).select(1L, 0L)
                    let x, y = phi pairs.From.Points, phi pairs.To.Points

                    let re = y.real - z.Real * x.real + z.Imaginary * x.imag

                    let im = y.imag - z.Imaginary * x.real - z.Real * x.imag

                    let mean (t: Tensor) =
                        (t * pairs.From.Weights).sum().ToDouble()

                    Expect.sameDecimals 10 (mean (x.abs().square())) 1.0 "mean (x.abs().square())"

                    Expect.sameDecimals
                        8
                        (sqrt (mean (re.square () + im.square ())))
                        (modes.Residuals[0])
                        "sqrt (mean (re.square().add(im.square ())))"

                    Expect.sameDecimals 10 ((at [| z |] p)[0]) (modes.Residuals[0]) "(at [| z |] p)[0]")

                testCase "A symmetric grid is computed by half and is the whole" (fun () ->
                    use pairs = gaussMap ()
                    use observables = legendre 8
                    use p = fit PseudospectrumKind.Pairs observables pairs

                    for rows in [ 4; 5 ] do
                        let plane =
                            {
                                Real = (-0.5, 1.2)
                                Imaginary = (-0.6, 0.6)
                                Columns = 3
                                Rows = rows
                            }

                        let mutable told = 0.0

                        let grid =
                            Pseudospectrum.grid (Control.report (fun share -> told <- share)) plane p
                            |> Outcome.get

                        Expect.equal told 1.0 "told"

                        for row in 0 .. rows - 1 do
                            for column in 0..2 do
                                let z = Complex(grid.Real[column], grid.Imaginary[row])

                                Expect.sameDecimals
                                    9
                                    (grid.Residuals[row, column])
                                    ((at [| z |] p)[0])
                                    "grid.Residuals[row, column]"

                        Expect.equal (grid.Verified(0.3)[0, 0]) (grid.Residuals[0, 0] < 0.3) "grid.Verified(0.3)[0, 0]"

                    Pseudospectrum.grid
                        Control.none
                        {
                            Real = (1.0, 1.0)
                            Imaginary = (-1.0, 1.0)
                            Columns = 3
                            Rows = 3
                        }
                        p
                    |> Expect.error ErrorKind.InvalidSetting [ "Real runs from 1 to 1"; "Columns = 100" ])

                testCase "Noise is in the residual of pairs, and second successors take it out" (fun () ->
                    let tau, n = 0.5, 20_000
                    let keep = exp -tau

                    let noise name =
                        Seed.normal [| int64 n; 1L |] (Seed.derive name (Seed.ofInt 2))

                    use x = noise "x"

                    let successor name =
                        use z = noise name
                        keep * x + sqrt (1.0 - keep * keep) * z

                    use y = successor "first"
                    use again = successor "second"
                    use plain = SnapshotPairs.create tau x y |> Outcome.get
                    use pairs = SnapshotPairs.withSecond again plain |> Outcome.get
                    use observables = Observables.linear 1
                    let z = [| Complex(keep, 0.0) |]

                    let residual kind =
                        use p = fit kind observables pairs in (at z p)[0]
                    // E|y - λx|² is the variance 1 - λ² of the noise, where the residual is 0.
                    Expect.inRange (residual PseudospectrumKind.Pairs) (0.75, 0.84) "residual PseudospectrumKind.Pairs"

                    Expect.inRange
                        (residual PseudospectrumKind.Projected)
                        (0.0, 0.03)
                        "residual PseudospectrumKind.Projected"

                    Expect.inRange
                        (residual PseudospectrumKind.SecondSuccessors)
                        (0.0, 0.15)
                        "residual PseudospectrumKind.SecondSuccessors"

                    Pseudospectrum.fit
                        { Pseudospectrum.defaults with
                            Kind = PseudospectrumKind.SecondSuccessors
                        }
                        observables
                        plain
                    |> Expect.error ErrorKind.InvalidSetting [ "withSecond" ])
            ]
