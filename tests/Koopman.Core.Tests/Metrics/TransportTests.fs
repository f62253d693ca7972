namespace Koopman.Tests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Koopman
open TorchSharp
open Koopman.Metrics

module private Costs =

    /// All orders of the numbers 0 to n-1.
    let rec permutations (items: int list) : int list list =
        match items with
        | [] -> [ [] ]
        | _ ->
            [
                for item in items do
                    for rest in permutations (List.except [ item ] items) -> item :: rest
            ]

    let cheapest (n: int) (cost: float[]) : float =
        permutations [ 0 .. n - 1 ]
        |> List.map (List.mapi (fun i j -> cost[i * n + j]) >> List.sum)
        |> List.min

    let largest (cost: float[]) : float = cost |> Array.map abs |> Array.max

    /// Few whole numbers, so that many assignments are equally good, or numbers of any size.
    let ofSize (n: int) : Gen<float[]> =
        Gen.frequency
            [
                1, Gen.choose (-3, 3) |> Gen.map float
                1, Gen.choose (-1_000_000, 1_000_000) |> Gen.map (fun i -> float i / 7.0)
            ]
        |> Gen.arrayOfLength (n * n)

    let small: Gen<int * float[]> =
        gen {
            let! n = Gen.choose (1, 7)
            let! cost = ofSize n
            return n, cost
        }

    let larger: Gen<int * float[]> =
        gen {
            let! n = Gen.choose (1, 60)

            let! cost =
                Gen.oneof [ ofSize n; Gen.choose (0, 2) |> Gen.map float |> Gen.arrayOfLength (n * n) ]

            return n, cost
        }

    /// u_i + v_j ≤ c_ij with equality on a permutation: the proof that the assignment is optimal, with its tolerance.
    let certified (n: int) (cost: float[]) (found: Assignment) : bool =
        let tolerance = 1e-12 * (1.0 + largest cost)

        let slack i j =
            cost[i * n + j] - found.RowPotentials[i] - found.ColumnPotentials[j]

        Array.sort found.Columns = [| 0 .. n - 1 |]
        && Seq.forall (fun i -> abs (slack i found.Columns[i]) <= tolerance) [ 0 .. n - 1 ]
        && Seq.forall (fun (i, j) -> slack i j >= -tolerance) (Seq.allPairs [ 0 .. n - 1 ] [ 0 .. n - 1 ])
        && abs (Array.sum found.RowPotentials + Array.sum found.ColumnPotentials - found.Cost)
           <= float n * tolerance

module AssignmentLaws =

    let tests: Test =
        testList
            "Assignment laws"
            [
                Law.holds "Assignment: no order of the columns is cheaper" Costs.small (fun (n, cost) ->
                    let found = Assignment.solve n cost |> Outcome.get

                    abs (found.Cost - Costs.cheapest n cost)
                    <= 1e-12 * float n * (1.0 + Costs.largest cost))
                Law.holds "Assignment: the potentials prove it optimal" Costs.larger (fun (n, cost) ->
                    Assignment.solve n cost |> Outcome.get |> Costs.certified n cost)
            ]

module TransportTests =

    let private cloud (count: int) (dimension: int) (seed: int) : Samples =
        use z = Seed.normal [| int64 count; int64 dimension |] (Seed.ofInt seed)
        Samples.ofTensor z |> Outcome.get

    let private moved (shift: float[]) (samples: Samples) : Samples =
        use _ = torch.NewDisposeScope()
        Samples.ofTensor (samples.Points + Tensors.ofVector shift) |> Outcome.get

    let tests: Test =
        testList
            "Transport"
            [
                testCase "A textbook assignment" (fun () ->
                    let found =
                        Assignment.solve
                            4
                            [|
                                82.0
                                83.0
                                69.0
                                92.0
                                77.0
                                37.0
                                49.0
                                92.0
                                11.0
                                69.0
                                5.0
                                86.0
                                8.0
                                9.0
                                98.0
                                23.0
                            |]
                        |> Outcome.get

                    Expect.equal found.Columns [| 2; 1; 0; 3 |] "found.Columns"
                    Expect.equal found.Cost (69.0 + 37.0 + 11.0 + 23.0) "found.Cost")

                testCase "A costly diagonal is avoided, and a forbidden pair too" (fun () ->
                    let n = 9

                    let cost =
                        Array.init (n * n) (fun k -> if k / n = k % n then 1e30 else float (k % 5))

                    let found = Assignment.solve n cost |> Outcome.get
                    Array.iteri (fun i j -> Expect.notEqual j i "each of found.Columns") found.Columns)

                testCase "Points on a large random cloud are matched optimally, as the potentials prove" (fun () ->
                    use x = cloud 400 2 1
                    use y = cloud 400 2 2
                    let found = Assignment.ofPoints x.Points y.Points |> Outcome.get
                    let a, b = Samples.values x, Samples.values y

                    let cost =
                        Array.init (400 * 400) (fun k ->
                            let i, j = k / 400, k % 400
                            pown (a[2 * i] - b[2 * j]) 2 + pown (a[2 * i + 1] - b[2 * j + 1]) 2)

                    Expect.isTrue (Costs.certified 400 cost found) "Costs.certified 400 cost found")

                testCase "Wrong costs are refused" (fun () ->
                    Assignment.solve 2 [| 1.0; 2.0; 3.0 |]
                    |> Expect.error ErrorKind.ShapeMismatch [ "3 costs"; "2 rows" ]

                    Assignment.solve 0 [||] |> Expect.error ErrorKind.TooFewSamples [ "0 rows" ]
                    Assignment.solve 1 [| nan |] |> Expect.error ErrorKind.NotFinite [ "NaN" ]

                    Assignment.solve 20_001 [||]
                    |> Expect.error ErrorKind.InvalidSetting [ "20,001"; "sliced" ])

                testCase "Points of different shapes are refused" (fun () ->
                    use x = cloud 4 2 1
                    use y = cloud 5 2 1

                    Assignment.ofPoints x.Points y.Points
                    |> Expect.error ErrorKind.ShapeMismatch [ "(4, 2)"; "(5, 2)" ])

                testCase "The exact distance of a translation is its length" (fun () ->
                    use x = cloud 200 3 3
                    use y = moved [| 1.0; -2.0; 2.0 |] x
                    Expect.sameDecimals 12 (Wasserstein.exact x y |> Outcome.get) 3.0 "Wasserstein.exact x y")

                testCase "On a line the order gives the distance, and so does the assignment" (fun () ->
                    use x = cloud 100 1 4
                    use y = cloud 100 1 5
                    let exact = Wasserstein.exact x y |> Outcome.get
                    let assigned = Assignment.ofPoints x.Points y.Points |> Outcome.get
                    Expect.sameDecimals 12 (sqrt (assigned.Cost / 100.0)) exact "sqrt (assigned.Cost / 100.0)")

                testCase "Samples of two normal laws are as far apart as the laws" (fun () ->
                    // W2² = |m|² + Σ (s_i - 1)² for N(m, s²) and N(0, 1): 4 + 0.25. The same draws on both sides make the sampling error second order.
                    use x = cloud 1000 2 6

                    use scaled =
                        Tensors.within (fun () ->
                            Samples.ofTensor (
                                x.Points * Tensors.ofVector [| 1.5; 1.0 |] + Tensors.ofVector [| 2.0; 0.0 |]
                            )
                            |> Outcome.get)

                    // One standard error of √1000 draws is .03.
                    Expect.inRange
                        (Wasserstein.exact x scaled |> Outcome.get)
                        (sqrt 4.25 - 0.06, sqrt 4.25 + 0.06)
                        "Wasserstein.exact x scaled")

                testCase "A stretch along the gradient of a convex function is optimal" (fun () ->
                    // Brenier: the map x ↦ (1.5 x_1 + 2, x_2) is such a gradient, so that it is the coupling of these very points.
                    use x = cloud 300 2 7

                    use y =
                        Tensors.within (fun () ->
                            Samples.ofTensor (
                                x.Points * Tensors.ofVector [| 1.5; 1.0 |] + Tensors.ofVector [| 2.0; 0.0 |]
                            )
                            |> Outcome.get)

                    let found = Assignment.ofPoints x.Points y.Points |> Outcome.get
                    Expect.equal found.Columns [| 0..299 |] "found.Columns")

                testCase "The exact distance wants equal counts and equal weights" (fun () ->
                    use x = cloud 10 2 8
                    use few = cloud 9 2 8

                    use weighted =
                        Samples.withWeights (Array.init 10 (fun i -> float (i + 1))) x |> Outcome.get

                    Wasserstein.exact x few
                    |> Expect.error ErrorKind.ShapeMismatch [ "(10, 2)"; "(9, 2)" ]

                    Wasserstein.exact x weighted
                    |> Expect.error ErrorKind.InvalidSetting [ "equally weighted" ])

                testCase "Transport leaves no tensor behind" (fun () ->
                    use x = cloud 20 2 1
                    use y = cloud 20 2 2

                    let before = live ()
                    Wasserstein.exact x y |> Outcome.get |> ignore
                    Assignment.ofPoints x.Points y.Points |> Outcome.get |> ignore
                    Expect.equal (live ()) before "live tensors")
            ]

module private Plane =

    /// A hundred points of the plane, taken by a random affine map.
    let samples (seed: int) : Samples =
        Tensors.within (fun () ->
            let z = Seed.normal [| 100L; 2L |] (Seed.ofInt seed)
            let map = Seed.normal [| 2L; 2L |] (Seed.ofInt (seed + 1))

            Samples.ofTensor (z.matmul (map) + Seed.normal [| 2L |] (Seed.ofInt (seed + 2)))
            |> Outcome.get)

    let moments (samples: Samples) : float[] * float[] =
        use mean = Samples.mean samples
        use covariance = Samples.covariance samples
        Tensors.toArray mean, Tensors.toArray covariance

    /// Of 2 by 2 matrices tr (AB)^½ = √(tr AB + 2 √det AB).
    let frechet (x: Samples) (y: Samples) : float =
        let m, a = moments x
        let n, b = moments y
        let det (c: float[]) = c[0] * c[3] - c[1] * c[2]
        let traceOfProduct = a[0] * b[0] + a[1] * b[2] + a[2] * b[1] + a[3] * b[3]
        let means = pown (m[0] - n[0]) 2 + pown (m[1] - n[1]) 2

        sqrt (
            means + a[0] + a[3] + b[0] + b[3]
            - 2.0 * sqrt (traceOfProduct + 2.0 * sqrt (det a * det b))
        )

module FrechetLaws =

    let private seeds = Gen.two (Gen.choose (0, 10_000))

    let private holds (check: Samples -> Samples -> bool) (one: int, other: int) : bool =
        use x = Plane.samples (3 * one)
        use y = Plane.samples (3 * other + 50_000)
        check x y

    let private distance (x: Samples) (y: Samples) : float = Frechet.distance x y |> Outcome.get

    let tests: Test =
        testList
            "Frechet laws"
            [
                Law.holds
                    "Fréchet: in the plane the closed form holds"
                    seeds
                    (holds (fun x y -> abs (distance x y - Plane.frechet x y) <= 1e-10 * (1.0 + distance x y)))
                Law.holds
                    "Fréchet: it is symmetric"
                    seeds
                    (holds (fun x y -> abs (distance x y - distance y x) <= 1e-12 * (1.0 + distance x y)))
                Law.holds
                    "Fréchet: no coupling of the samples costs less"
                    seeds
                    (holds (fun x y -> distance x y <= (Wasserstein.exact x y |> Outcome.get) + 1e-9))
            ]

module FrechetTests =

    /// Points ±s_i e_i around a mean: the covariance is diagonal with s_i²/d.
    let private cross (mean: float[]) (lengths: float[]) : Samples =
        let d = mean.Length

        Array.init (2 * d * d) (fun k ->
            let row, column = k / d, k % d
            let sign = if row % 2 = 0 then 1.0 else -1.0
            mean[column] + (if row / 2 = column then sign * lengths[column] else 0.0))
        |> Samples.ofValues d
        |> Outcome.get

    let tests: Test =
        testList
            "Frechet"
            [
                testCase "Diagonal covariances are as far apart as their roots" (fun () ->
                    use x = cross [| 1.0; 2.0; 0.0 |] [| 3.0; 1.0; 2.0 |]
                    use y = cross [| 1.0; 0.0; 1.0 |] [| 1.0; 1.0; 5.0 |]
                    // |m - m'|² = 5; the standard deviations are the lengths over √3.
                    Expect.sameDecimals
                        12
                        (Frechet.distance x y |> Outcome.get)
                        (sqrt (5.0 + (4.0 + 0.0 + 9.0) / 3.0))
                        "Frechet.distance x y")

                testCase "Samples in different planes have a distance too" (fun () ->
                    use x = cross [| 0.0; 0.0; 0.0 |] [| 3.0; 0.0; 0.0 |]
                    use y = cross [| 0.0; 0.0; 0.0 |] [| 0.0; 6.0; 0.0 |]

                    Expect.sameDecimals
                        12
                        (Frechet.distance x y |> Outcome.get)
                        (sqrt (9.0 / 3.0 + 36.0 / 3.0))
                        "Frechet.distance x y")

                testCase "The distance to itself is 0, with few points in many dimensions as well" (fun () ->
                    use z = Seed.normal [| 10L; 40L |] (Seed.ofInt 1)
                    use x = Samples.ofTensor z |> Outcome.get
                    Expect.inRange (Frechet.distance x x |> Outcome.get) (0.0, 1e-6) "Frechet.distance x x")

                testCase "Weights count as repeated points do" (fun () ->
                    use x = Samples.ofValues 2 [| 0.0; 0.0; 1.0; 0.5; 3.0; 1.0 |] |> Outcome.get
                    use weighted = Samples.withWeights [| 1.0; 2.0; 1.0 |] x |> Outcome.get

                    use repeated =
                        Samples.ofValues 2 [| 0.0; 0.0; 1.0; 0.5; 1.0; 0.5; 3.0; 1.0 |] |> Outcome.get

                    use y = Samples.ofValues 2 [| 1.0; -1.0; 2.0; 5.0; 0.0; 1.0 |] |> Outcome.get

                    Expect.sameDecimals
                        12
                        (Frechet.distance weighted y |> Outcome.get)
                        (Frechet.distance repeated y |> Outcome.get)
                        "Frechet.distance weighted y")

                testCase "Features of different maps are refused" (fun () ->
                    use x = cross [| 0.0; 0.0 |] [| 1.0; 1.0 |]
                    use y = cross [| 0.0 |] [| 1.0 |]

                    Frechet.distance x y
                    |> Expect.error
                        ErrorKind.ShapeMismatch
                        [ "dimension of the second samples is 1"; "must be 2"; "feature map" ])

                testCase "Fréchet leaves no tensor behind" (fun () ->
                    use x = Plane.samples 1
                    use y = Plane.samples 2
                    let before = live ()
                    Frechet.distance x y |> Outcome.get |> ignore
                    Expect.equal (live ()) before "live tensors")
            ]
