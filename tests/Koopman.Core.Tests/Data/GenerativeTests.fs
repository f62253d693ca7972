namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Metrics

module SobolTests =

    let private column (dimension: int) (axis: int) (values: float[]) : float[] =
        Array.init (values.Length / dimension) (fun i -> values[i * dimension + axis])

    let tests: Test =
        testList
            "Sobol"
            [
                testCase "The first points are those of the literature" (fun () ->
                    let expected =
                        [|
                            0.0
                            0.0
                            0.5
                            0.5
                            0.75
                            0.25
                            0.25
                            0.75
                            0.375
                            0.375
                            0.875
                            0.875
                            0.625
                            0.125
                            0.125
                            0.625
                        |]

                    Expect.equal (Sobol.plain 8 2 |> Outcome.get) expected "Sobol.plain 8 2")

                testCase "Along every axis there is one point in each slice, scrambled or not" (fun () ->
                    let n, d = 1024, Sobol.dimensions
                    use scrambled = Sobol.uniform n d (Seed.ofInt 1) |> Outcome.get

                    for values in [ Sobol.plain n d |> Outcome.get; Tensors.toArray scrambled ] do
                        for axis in 0 .. d - 1 do
                            let slices =
                                column d axis values |> Array.map (fun x -> int (x * float n)) |> Array.sort

                            Expect.equal slices [| 0 .. n - 1 |] "slices")

                testCase "In the plane every box of a cut into 2^m equal ones holds one point" (fun () ->
                    let m = 10
                    use scrambled = Sobol.uniform (1 <<< m) 2 (Seed.ofInt 2) |> Outcome.get
                    let values = Tensors.toArray scrambled
                    let x, y = column 2 0 values, column 2 1 values

                    for a in 0..m do
                        let boxes =
                            Array.map2
                                (fun x y ->
                                    int (x * float (1 <<< a)) * (1 <<< (m - a)) + int (y * float (1 <<< (m - a))))
                                x
                                y

                        Expect.equal (Array.sort boxes) [| 0 .. (1 <<< m) - 1 |] "Array.sort boxes")

                testCase "All pairs of axes fill the plane evenly" (fun () ->
                    // 2^12 points in 16 by 16 boxes: 16 each where a pair is perfect. Random points leave 3 to 35.
                    let m, d = 12, Sobol.dimensions
                    let values = Sobol.plain (1 <<< m) d |> Outcome.get

                    let cells =
                        Array.init d (fun axis -> column d axis values |> Array.map (fun x -> int (x * 16.0)))

                    for i in 0 .. d - 1 do
                        for j in 0 .. i - 1 do
                            let counts = Array.zeroCreate 256
                            Array.iter2 (fun a b -> counts[16 * a + b] <- counts[16 * a + b] + 1) cells[i] cells[j]
                            Expect.inRange (Array.max counts) (16, 64) "Array.max counts")

                testCase "A smooth mean is found a hundred times better than by random points" (fun () ->
                    // E Π (1 + (x_i - ½)/2) = 1.
                    let error (points: Tensor) =
                        use product = (0.5 * (points - 0.5) + 1.0).log().sum(1L).exp()

                        abs (product.mean().ToDouble() - 1.0)

                    Tensors.within (fun () ->
                        let seeds = [ 1..20 ] |> List.map Seed.ofInt

                        let rms (make: Seed -> Tensor) =
                            seeds |> List.averageBy (fun seed -> pown (error (make seed)) 2) |> sqrt

                        let even = rms (fun seed -> Sobol.uniform 4096 5 seed |> Outcome.get)
                        let random = rms (Seed.uniform [| 4096L; 5L |])
                        Expect.isTrue (even < 0.01 * random) $"{even} against {random}"))

                testCase "The normal points have the moments of the normal law, better than random ones can" (fun () ->
                    Tensors.within (fun () ->
                        let z = Sobol.normal 16384 16 (Seed.ofInt 3) |> Outcome.get

                        let off (t: Tensor) (value: float) = (t - value).abs().max().ToDouble()
                        // Random ones: .008, .011 and .04 at one standard error.
                        Expect.inRange (off (z.mean [| 0L |]) 0.0) (0.0, 3e-4) "the means"

                        Expect.inRange (off (z.square().mean [| 0L |]) 1.0) (0.0, 3e-3) "the variances less 1"

                        Expect.inRange
                            (off (z.pow(Tensors.num 4.0).mean [| 0L |]) 3.0)
                            (0.0, 5e-2)
                            "the fourth moments less 3"

                        let correlation = z.t().matmul(z) / 16384.0

                        Expect.inRange
                            (off (correlation - torch.eye (16L, dtype = torch.float64)) 0.0)
                            (0.0, 2e-2)
                            "the correlations off the diagonal"))

                testCase "Equal seeds give equal points, others others" (fun () ->
                    let draw seed =
                        use points = Sobol.uniform 8 3 (Seed.ofInt seed) |> Outcome.get
                        Tensors.toArray points

                    Expect.equal (draw 1) (draw 1) "draw 1"
                    Expect.notEqual (draw 2) (draw 1) "draw 2"

                    for x in draw 1 do
                        Expect.isTrue (x > 0.0 && x < 1.0) "x > 0.0 && x < 1.0")

                testCase "Too many dimensions and no points are refused" (fun () ->
                    Sobol.normal 8 65 (Seed.ofInt 1)
                    |> Expect.error
                        ErrorKind.InvalidSetting
                        [ "dimension of Sobol points is 65"; "1 to 64"; "Seed.normal" ]

                    Sobol.uniform 0 2 (Seed.ofInt 1)
                    |> Expect.error ErrorKind.TooFewSamples [ "0 Sobol" ])
            ]

module PlanarSetTests =

    let private ofName (name: string) : PlanarSet = PlanarSets.byName name |> Outcome.get

    let private moments (samples: Samples) : float[] =
        use mean = Samples.mean samples
        use covariance = Samples.covariance samples
        let c = Tensors.toArray covariance
        Array.append (Tensors.toArray mean) [| c[0]; c[3] |]

    let tests: Test =
        testList
            "Planar sets"
            [
                testList
                    "Mean 0 and variance 1 along both axes"
                    [
                        for name in PlanarSets.names do
                            testCase name (fun () ->
                                let set = ofName name
                                use random = PlanarSets.draw set 40_000 (Seed.ofInt 1) |> Outcome.get
                                use even = PlanarSets.stratified set 40_000 (Seed.ofInt 2) |> Outcome.get
                                // The spread of the eight Gaussians comes on top of the circle's variance.
                                let variance = if name = "eight-gaussians" then 1.008 else 1.0
                                let expected = [| 0.0; 0.0; variance; variance |]
                                // One standard error is .005 for the means and at most .007 for the variances; even points have far less.
                                Array.iter2
                                    (fun e found -> Expect.inRange (found - e) (-0.03, 0.03) "found - e")
                                    expected
                                    (moments random)

                                Array.iter2
                                    (fun e found -> Expect.inRange (found - e) (-0.006, 0.006) "found - e")
                                    expected
                                    (moments even))
                    ]

                testList
                    "Stratified references lie near each other, independent draws do not"
                    [
                        for name, low, high in
                            [
                                "eight-gaussians", 0.030, 0.050
                                "moons", 0.048, 0.070
                                "checkerboard", 0.068, 0.102
                            ] do
                            testCase name (fun () ->
                                let set = ofName name

                                let distance (draw: PlanarSet -> int -> Seed -> Outcome<Samples>) =
                                    use one = draw set 1000 (Seed.ofInt 3) |> Outcome.get
                                    use other = draw set 1000 (Seed.ofInt 4) |> Outcome.get
                                    Wasserstein.exact one other |> Outcome.get

                                // Over six pairs of references with 1,000 points: .036 to .043, .055 to .060 and .080 to .089; independent draws .12 to .22. With
                                // 2,000 points .030, .043 and .064 on average.
                                Expect.inRange
                                    (distance PlanarSets.stratified)
                                    (low, high)
                                    "distance PlanarSets.stratified"

                                Expect.isTrue
                                    (distance PlanarSets.draw > 1.3 * high)
                                    "distance PlanarSets.draw > 1.3 * high")
                    ]

                testCase "Stratified Gaussians have as many points in every mode" (fun () ->
                    use samples =
                        PlanarSets.stratified PlanarSets.eightGaussians 803 (Seed.ofInt 5)
                        |> Outcome.get

                    let values = Samples.values samples

                    let mode i =
                        int (round (Math.Atan2(values[2 * i + 1], values[2 * i]) / (Math.PI / 4.0)) + 8.0) % 8

                    let counts = Array.init 803 mode |> Array.countBy id |> Array.sort
                    Expect.equal counts (Array.init 8 (fun k -> k, (if k < 3 then 101 else 100))) "counts")

                testCase "The board's points lie in cells of one colour" (fun () ->
                    use samples =
                        PlanarSets.draw PlanarSets.checkerboard 2000 (Seed.ofInt 6) |> Outcome.get

                    let cells =
                        Samples.values samples
                        |> Array.map (fun x -> int (floor (x / (sqrt 3.0 / 2.0) + 2.0)))
                        |> Array.chunkBySize 2

                    for cell in cells do
                        Expect.equal ((cell[0] + cell[1]) % 2) 0 "(cell[0] + cell[1]) % 2"

                    Expect.equal (cells |> Array.distinct |> Array.length) 8 "cells |> Array.distinct |> Array.length"

                    for c in Array.concat cells do
                        Expect.inRange c (0, 3) "each of Array.concat cells")

                testCase "The moons are half circles before they are scaled" (fun () ->
                    use samples = PlanarSets.draw PlanarSets.moons 2000 (Seed.ofInt 7) |> Outcome.get
                    let scaleX = sqrt 0.7525

                    let scaleY =
                        sqrt (0.5 - 4.0 / (Math.PI * Math.PI) + pown (2.0 / Math.PI - 0.25) 2 + 0.0025)

                    let distances =
                        Samples.values samples
                        |> Array.chunkBySize 2
                        |> Array.map (fun p ->
                            let x, y = p[0] * scaleX + 0.5, p[1] * scaleY + 0.25
                            let upper = abs (sqrt (x * x + y * y) - 1.0)
                            let lower = abs (sqrt ((x - 1.0) * (x - 1.0) + (y - 0.5) * (y - 0.5)) - 1.0)
                            min upper lower)

                    // The noise across the arcs is .05.
                    Expect.inRange (Array.max distances) (0.1, 0.25) "Array.max distances")

                testCase "The same seed gives the same bits, another seed others" (fun () ->
                    let draw seed =
                        use samples = PlanarSets.draw PlanarSets.spirals 50 (Seed.ofInt seed) |> Outcome.get
                        Samples.values samples

                    Expect.equal (draw 1) (draw 1) "draw 1"
                    Expect.notEqual (draw 2) (draw 1) "draw 2")

                testCase "An unknown set is answered with the known ones, and too few points are refused" (fun () ->
                    PlanarSets.byName "rings"
                    |> Expect.error ErrorKind.InvalidSetting [ "rings"; "eight-gaussians"; "s-curve" ]

                    PlanarSets.draw PlanarSets.moons 1 (Seed.ofInt 1)
                    |> Expect.error ErrorKind.TooFewSamples [ "1 points" ])

                testCase "Drawing leaves no tensor behind" (fun () ->
                    let before = live ()

                    for set in PlanarSets.all do
                        use _ = PlanarSets.draw set 10 (Seed.ofInt 1) |> Outcome.get
                        use _ = PlanarSets.stratified set 10 (Seed.ofInt 1) |> Outcome.get
                        ()

                    (Sobol.normal 4 2 (Seed.ofInt 1) |> Outcome.get).Dispose()
                    Expect.equal (live ()) before "live tensors")
            ]
