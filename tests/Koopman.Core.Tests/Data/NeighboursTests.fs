namespace Koopman.Tests

open System
open Expecto
open FsCheck.FSharp
open Koopman

/// The same answers by comparing everything with everything.
module private BruteForce =

    let distance (dimension: int) (points: float[]) (i: int) (query: float[]) : float =
        let mutable sum = 0.0

        for k in 0 .. dimension - 1 do
            let difference = query[k] - points[i * dimension + k]
            sum <- sum + difference * difference

        sqrt sum

    /// The lowest index among the nearest of the points that are allowed.
    let nearest (dimension: int) (points: float[]) (allowed: int -> bool) (query: float[]) : struct (int * float) =
        let mutable index = -1
        let mutable found = infinity

        for i in 0 .. points.Length / dimension - 1 do
            if allowed i then
                let candidate = distance dimension points i query

                if candidate < found then
                    index <- i
                    found <- candidate

        struct (index, found)

module NeighboursLaws =

    /// Points on a coarse grid (many doubled, many ties) or anywhere, and queries of the same sort.
    let private cloud (dimensions: int * int) =
        gen {
            let! dimension = Gen.choose dimensions
            let! count = Gen.choose (1, 120)
            let! grid = Gen.elements [ true; false ]

            let coordinate =
                if grid then
                    Gen.choose (-2, 2) |> Gen.map float
                else
                    Gen.choose (-1000000, 1000000) |> Gen.map (fun x -> float x / 3e5)

            let! points = Gen.arrayOfLength (count * dimension) coordinate
            let! queries = Gen.arrayOfLength (10 * dimension) coordinate
            return dimension, points, queries
        }

    let private close (a: float) (b: float) : bool =
        a = b || abs (a - b) <= 1e-12 * (abs a + abs b)

    let private nearestAgrees (dimension: int, points: float[], queries: float[]) : bool =
        let neighbours = Neighbours.build dimension points
        let distances = Neighbours.nearestDistances neighbours queries

        queries
        |> Array.chunkBySize dimension
        |> Array.indexed
        |> Array.forall (fun (i, query) ->
            let struct (index, distance) = neighbours.Nearest(ReadOnlySpan query)

            let struct (expectedIndex, expected) =
                BruteForce.nearest dimension points (fun _ -> true) query

            index = expectedIndex && close distance expected && distances[i] = distance)

    let private ownAgrees (dimension: int, points: float[], _: float[]) : bool =
        let own = Neighbours.nearestOther (Neighbours.build dimension points)

        points
        |> Array.chunkBySize dimension
        |> Array.indexed
        |> Array.forall (fun (i, point) ->
            let struct (_, expected) =
                BruteForce.nearest dimension points (fun j -> j <> i) point

            close own[i] expected)

    let tests: Test =
        testList
            "Neighbours laws"
            [
                Law.holds
                    "neighbours: the tree finds what brute force finds, ties included"
                    (cloud (1, 12))
                    nearestAgrees
                Law.holds
                    "neighbours: the scan finds what brute force finds, ties included"
                    (cloud (13, 80))
                    nearestAgrees
                Law.holds
                    "neighbours: the spacing is that of brute force, in the order of the points"
                    (cloud (1, 12))
                    ownAgrees
                Law.holds "neighbours: the spacing by scan is that of brute force" (cloud (13, 40)) ownAgrees
            ]

module NeighboursTests =

    let private random (count: int) : float[] =
        let source = Random 7
        Array.init count (fun _ -> source.NextDouble())

    let tests: Test =
        testList
            "Neighbours"
            [
                testCase "The points that were given are not changed" (fun () ->
                    let points = random 2000
                    let before = Array.copy points
                    Neighbours.build 2 points |> Neighbours.nearestOther |> ignore
                    Expect.equal points before "points")

                testCase "A single point has no other and is nearest to everything" (fun () ->
                    let one = Neighbours.build 2 [| 3.0; 4.0 |]
                    Expect.equal (Neighbours.nearestOther one) [| infinity |] "Neighbours.nearestOther one"

                    Expect.equal
                        (one.Nearest(ReadOnlySpan [| 0.0; 0.0 |]))
                        (struct (0, 5.0))
                        "one.Nearest(ReadOnlySpan [| 0.0; 0.0 |])")

                testCase "Points that all coincide are no trouble, and neither is sorted data" (fun () ->
                    let doubled = Neighbours.build 3 (Array.replicate 30000 1.5)

                    for distance in Neighbours.nearestOther doubled do
                        Expect.equal distance 0.0 "each of Neighbours.nearestOther doubled"

                    Expect.equal
                        (doubled.Nearest(ReadOnlySpan [| 1.5; 1.5; 1.5 |]))
                        (struct (0, 0.0))
                        "the nearest of coinciding points"

                    Expect.equal
                        ((Neighbours.build 1 [| 1e200 |]).Nearest(ReadOnlySpan [| -1e200 |]))
                        (struct (0, infinity))
                        "the nearest when distances overflow"

                    let sorted = Neighbours.build 1 (Array.init 100000 float)

                    for distance in Neighbours.nearestOther sorted do
                        Expect.equal distance 1.0 "each of Neighbours.nearestOther sorted")

                testCase "Misuse is an exception that names it" (fun () ->
                    let neighbours = Neighbours.build 2 (random 20)

                    let cases: (string * (unit -> unit)) list =
                        [
                            "at least one coordinate", (fun () -> Neighbours.build 0 [| 1.0 |] |> ignore)
                            "0 numbers", (fun () -> Neighbours.build 2 [||] |> ignore)
                            "3 numbers", (fun () -> Neighbours.build 2 [| 1.0; 2.0; 3.0 |] |> ignore)
                            "NaN", (fun () -> Neighbours.build 1 [| 1.0; nan |] |> ignore)
                            "3 numbers", (fun () -> Neighbours.nearestDistances neighbours (random 3) |> ignore)
                            "infinity",
                            (fun () -> Neighbours.nearestDistances neighbours [| 0.0; infinity |] |> ignore)
                            "1 coordinates", (fun () -> neighbours.Nearest(ReadOnlySpan [| 1.0 |]) |> ignore)
                        ]

                    for words, misuse in cases do
                        Expect.throwsC misuse (fun error ->
                            Expect.isTrue (error :? ArgumentException) $"{error}"
                            Expect.stringContains error.Message words "error.Message"))

                testCase "Among very many points each finds its own nearest" (fun () ->
                    let count = 200_000
                    let points = random (2 * count)
                    let found = Neighbours.build 2 points |> Neighbours.nearestOther

                    let squared (i: int) (j: int) : float =
                        let dx = points[2 * i] - points[2 * j]
                        let dy = points[2 * i + 1] - points[2 * j + 1]
                        dx * dx + dy * dy

                    for i in 0 .. count / 10 .. count - 1 do
                        let nearest =
                            Seq.init count id
                            |> Seq.filter (fun j -> j <> i)
                            |> Seq.map (squared i)
                            |> Seq.min

                        Expect.sameDecimals 12 (found[i]) (sqrt nearest) "found[i]")
            ]
