namespace Koopman.Tests

open System
open Expecto
open Koopman
open MathNet.Numerics.Integration
open TorchSharp

module PolynomialTests =

    /// The Gram matrix of observables of one variable under a density, by Gauss-Legendre quadrature.
    let private gram (low: float, high: float) (density: float -> float) (observables: Observables) : Tensor =
        Tensors.keep (fun () ->
            // An order for which the nodes are tabulated to all digits.
            let rule = GaussLegendreRule(low, high, 256)
            let values = observables.Values(Tensors.ofRows 256 rule.Abscissas)
            let weights = Array.map2 (fun w x -> w * density x) rule.Weights rule.Abscissas
            values.t().matmul(values * (Tensors.ofVector weights).unsqueeze 1L))

    let private identity (n: int) =
        torch.eye (int64 n, dtype = torch.float64)

    let tests: Test =
        testList
            "Polynomials"
            [
                testCase "Hermite polynomials are orthonormal in the standard Gaussian law" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use observables = Observables.hermite 12 1 |> Outcome.get

                    let normal x =
                        exp (-0.5 * x * x) / sqrt (2.0 * Math.PI)

                    Dictionaries.closeTo (identity 13) (gram (-14.0, 14.0) normal observables) 1e-12)

                testCase "Legendre polynomials are orthonormal in the uniform law on their box" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use observables = Observables.legendre 12 ([| 2.0 |], [| 7.0 |]) |> Outcome.get
                    Dictionaries.closeTo (identity 13) (gram (2.0, 7.0) (fun _ -> 0.2) observables) 1e-12)

                testCase "Products are orthonormal in the product law" (fun () ->
                    use _ = torch.NewDisposeScope()

                    use observables =
                        Observables.legendre 3 ([| -1.0; 0.0 |], [| 1.0; 4.0 |]) |> Outcome.get

                    let rule = GaussLegendreRule(-1.0, 1.0, 8)

                    let nodes, weights =
                        Array.allPairs (Array.zip rule.Abscissas rule.Weights) (Array.zip rule.Abscissas rule.Weights)
                        |> Array.map (fun ((x, a), (y, b)) -> [| x; 2.0 + 2.0 * y |], 0.25 * a * b)
                        |> Array.unzip

                    let values = observables.Values(Tensors.ofRows 64 (Array.concat nodes))
                    let weighted = values * (Tensors.ofVector weights).unsqueeze 1L
                    Dictionaries.closeTo (identity 10) (values.t().matmul weighted) 1e-12)

                testCase "Classical polynomials have the values of the tables" (fun () ->
                    use x = Tensors.ofRows 1 [| 0.5 |]
                    use hermite = Observables.hermiteClassical 5 1 |> Outcome.get

                    use legendre =
                        Observables.legendreClassical 5 ([| -1.0 |], [| 1.0 |]) |> Outcome.get
                    // He_5 = x⁵-10x³+15x; 8 P_5 = 63x⁵-70x³+15x. All are whole multiples of 2^-8.
                    use first = hermite.Values x
                    use second = legendre.Values x
                    Expect.equal (Tensors.toArray first) [| 1.0; 0.5; -0.75; -1.375; 1.5625; 6.28125 |] "first"

                    Array.iter2
                        (fun (expected: float) (found: float) ->
                            Expect.sameDecimals 15 found expected "each of second")
                        [| 1.0; 0.5; -0.125; -0.4375; -0.2890625; 0.08984375 |]
                        (Tensors.toArray second))

                testCase "Families of polynomials of one degree span the same space" (fun () ->
                    use samples = Dictionaries.scattered 2

                    let rates (observables: Observables) =
                        use observables = observables
                        use spectrum = Langevin.fit Langevin.defaults observables samples |> Outcome.get
                        spectrum.Rates

                    let expected = rates (Observables.monomials 3 2 |> Outcome.get)

                    for other in
                        [
                            Observables.hermite 3 2
                            Observables.legendre 3 ([| -3.0; -2.0 |], [| 4.0; 5.0 |])
                            Observables.whitened samples (Observables.hermiteClassical 3 2 |> Outcome.get)
                        ] do
                        Array.iter2
                            (fun (a: float) (b: float) -> Expect.inRange (b / a) (1.0 - 1e-8, 1.0 + 1e-8) "b / a")
                            expected
                            (rates (Outcome.get other)))

                testCase "A bad degree or box is refused" (fun () ->
                    Observables.hermite 0 2
                    |> Expect.error ErrorKind.InvalidSetting [ "The degree of Hermite polynomials is 0" ]

                    Observables.legendre 2 ([| 0.0 |], [| 1.0; 2.0 |])
                    |> Expect.error ErrorKind.ShapeMismatch [ "1 and 2" ]

                    Observables.legendre 2 ([| 1.0 |], [| 1.0 |])
                    |> Expect.error ErrorKind.InvalidSetting [ "Axis[0] runs from 1 to 1"; "lower end" ]

                    Observables.legendre 2 ([||], [||]) |> Expect.error ErrorKind.ShapeMismatch [])
            ]
