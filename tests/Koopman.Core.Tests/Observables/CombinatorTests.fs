namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp

module CombinatorTests =

    let tests: Test =
        testList
            "Combinators"
            [
                testCase "Products are all products" (fun () ->
                    use _ = torch.NewDisposeScope()

                    use product =
                        Observables.product (Observables.linear 2) (Observables.monomials 1 2 |> Outcome.get)
                        |> Outcome.get

                    Expect.equal product.Count 6 "product.Count"
                    let values = product.Values(Tensors.ofRows 1 [| 2.0; 3.0 |])
                    Expect.equal (Tensors.toArray values) [| 2.0; 4.0; 6.0; 3.0; 6.0; 9.0 |] "values")

                testCase "Whitening gives a Hermite family a Gram matrix near 1" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let z = Seed.normal [| 20_000L; 2L |] (Seed.ofInt 3)
                    let skew = Tensors.ofRows 2 [| 30.0; 0.0; 29.0; 0.1 |]
                    use samples = Samples.ofTensor (z.matmul (skew) + 500.0) |> Outcome.get

                    use observables =
                        Observables.whitened samples (Observables.hermite 2 2 |> Outcome.get)
                        |> Outcome.get

                    let values = observables.Values samples.Points
                    let gram = values.t().matmul(values) / 20_000.0
                    // Up to degree 1 exact by construction; the fourth moments of 20,000 samples are good to a few percent.
                    Dictionaries.closeTo (torch.eye (6L, dtype = torch.float64)) gram 0.12

                    Dictionaries.closeTo
                        (torch.eye (3L, dtype = torch.float64))
                        (gram.narrow(0L, 0L, 3L).narrow(1L, 0L, 3L))
                        1e-9)

                testCase "Whitening honours weights" (fun () ->
                    use plain = Samples.ofValues 1 [| 0.0; 1.0; 5.0 |] |> Outcome.get
                    use weighted = Samples.withWeights [| 1.0; 3.0; 0.0 |] plain |> Outcome.get

                    use observables =
                        Observables.whitened weighted (Observables.linear 1) |> Outcome.get

                    use values = observables.Values plain.Points
                    // Mean 3/4 and variance 3/16.
                    let expected = [| 0.0; 1.0; 5.0 |] |> Array.map (fun x -> (x - 0.75) / sqrt 0.1875)
                    let sign = Tensors.toArray values |> Array.last |> sign |> float

                    Array.iter2
                        (fun (a: float) (b: float) -> Expect.sameDecimals 12 (sign * b) a "sign * b")
                        expected
                        (Tensors.toArray values))

                testCase "Whitening refuses directions in which the data do not vary" (fun () ->
                    let line = [| for i in 0..19 -> float i |]

                    let samples (row: float -> float[]) =
                        Samples.ofValues 2 (Array.collect row line) |> Outcome.get

                    let whitened (samples: Samples) =
                        use _ = samples
                        Observables.whitened samples (Observables.linear 2)

                    whitened (samples (fun t -> [| t; 0.1 |]))
                    |> Expect.error ErrorKind.IllConditioned [ "Coordinate 1"; "constant" ]

                    whitened (samples (fun t -> [| t; 3.0 - 2.0 * t |]))
                    |> Expect.error ErrorKind.IllConditioned [ "1 of 2 directions"; "onPca" ]

                    Observables.whitened (samples (fun t -> [| t; t * t |])) (Observables.linear 3)
                    |> Expect.error ErrorKind.ShapeMismatch [ "2"; "3" ])

                testCase "A length survives a map that keeps angles, scaled" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let half = 0.5 * torch.eye (2L, dtype = torch.float64)
                    let zero = torch.zeros (2L, dtype = torch.float64)
                    use wider = Observables.mapped zero half (Dictionaries.gaussians 2) |> Outcome.get
                    Expect.equal wider.LengthScale (Nullable 1.6) "wider.LengthScale"
                    let skew = Tensors.ofRows 2 [| 1.0; 2.0; 0.0; 1.0 |]
                    use skewed = Observables.mapped zero skew (Dictionaries.gaussians 2) |> Outcome.get
                    Expect.isFalse skewed.LengthScale.HasValue "skewed.LengthScale.HasValue")

                testCase "Bad combinations are refused" (fun () ->
                    use linear = Observables.linear 2

                    Observables.product linear (Observables.linear 3)
                    |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the second observables is 3"; "must be 2" ]

                    use many = Observables.monomials 20 2 |> Outcome.get

                    Observables.product many many
                    |> Expect.error ErrorKind.InvalidSetting [ "53,361 products" ]

                    Observables.select [| 0; 2 |] linear
                    |> Expect.error ErrorKind.InvalidSetting [ "no function 2 among 2" ]

                    Observables.select [||] linear
                    |> Expect.error ErrorKind.InvalidSetting [ "at least one" ]

                    Observables.select [| 1; 1 |] linear
                    |> Expect.error ErrorKind.InvalidSetting [ "twice" ]

                    Observables.onDelays 0 linear
                    |> Expect.error ErrorKind.InvalidSetting [ "0 delay blocks" ])

                testCase "Every nested dictionary is a smaller part, in order" (fun () ->
                    for name, make in Dictionaries.all do
                        use observables = make ()

                        match observables.Coarser with
                        | [||] -> ()
                        | places ->
                            Expect.equal places (Array.sort (Array.distinct places)) "places"
                            Expect.inRange places.Length (1, observables.Count - 1) "places.Length"
                            Expect.isTrue (places[0] >= 0 && Array.last places < observables.Count) name

                    use waves = Observables.fourier 3 [| 1.0; 2.0 |] |> Outcome.get
                    // Wave numbers to 2: the constant, 6 cosines and 6 sines of 12.
                    Expect.equal waves.Coarser [| 0; 1; 2; 3; 4; 5; 6; 13; 14; 15; 16; 17; 18 |] "waves.Nested")

                testCase "Functions have names" (fun () ->
                    let names (result: Outcome<Observables>) =
                        use observables = Outcome.get result
                        Array.init observables.Count observables.NameOf

                    Expect.equal
                        (names (Observables.hermite 2 1))
                        [| "1"; "h1(x0)"; "h2(x0)" |]
                        "names (Observables.hermite 2 1)"

                    Observables.product
                        (Observables.linear 1)
                        (Observables.legendreClassical 1 ([| 0.0 |], [| 1.0 |]) |> Outcome.get)
                    |> names
                    |> fun found -> Expect.equal found [| "(x0) (1)"; "(x0) (P1(x0))" |] "found"

                    Observables.onDelays 2 (Observables.linear 1)
                    |> Result.bind (Observables.select [| 1 |])
                    |> names
                    |> fun found -> Expect.equal found [| "x0 at block 1" |] "found")
            ]
