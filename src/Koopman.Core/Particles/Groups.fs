namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// Groups of data with no data between them: particles cannot flow from one to the other, and an estimator can find their masses only by
/// counting.
[<Sealed>]
type internal Groups
    (units: AxisUnits, points: float[], dimension: int, labels: int[], weights: float[], masses: float[]) =

    /// The fraction of the data in each group, by decreasing mass. A single group has mass 1.
    member _.Masses: float[] = masses

    /// Moves particles from groups with too many to data points of groups with too few; returns the number moved.
    member _.Rebalance (seed: Seed) (z: Tensor) : int =
        let near = Neighbours.build dimension (units.Of points)
        let values = Tensors.toArray z
        let scaled = units.Of values
        let m = values.Length / dimension

        let group =
            Array.init m (fun i ->
                let place = ReadOnlySpan(scaled, i * dimension, dimension)
                let struct (index, _) = near.Nearest place
                labels[index])

        let share = Array.zeroCreate masses.Length
        // Whole particles: the counts are rounded so that their cumulative sums are correct.
        let mutable before, sum = 0, 0.0

        for g in 0 .. masses.Length - 1 do
            sum <- sum + masses[g]
            let upTo = int (Math.Round(float m * sum))
            share[g] <- upTo - before
            before <- upTo

        let order = Seed.permutation m (Seed.derive "surplus" seed)
        let held = Array.zeroCreate masses.Length
        let surplus = ResizeArray<int>()

        for i in order do
            let g = group[i]

            if held[g] < share[g] then
                held[g] <- held[g] + 1
            else
                surplus.Add i

        let mutable next = 0

        for g in 0 .. masses.Length - 1 do
            let missing = share[g] - held[g]

            if missing > 0 then
                let members =
                    [|
                        for i in 0 .. labels.Length - 1 do
                            if labels[i] = g then
                                i
                    |]

                use weight = Tensors.ofVector (members |> Array.map (fun i -> weights[i]))
                use generator = Seed.generator (Seed.derive $"group {g}" seed)
                use drawn = torch.multinomial (weight, int64 missing, true, generator)

                for pick in Guarded.read<int64> drawn do
                    Array.blit points (members[int pick] * dimension) values (surplus[next] * dimension) dimension

                    next <- next + 1

        if next > 0 then
            use back = Tensors.ofRows m values
            z.copy_ back |> ignore

        next

/// Detection of groups.
[<RequireQualifiedAccess>]
module internal Groups =

    /// The number of evenly picked points used to find gaps; work grows with its square.
    let private most = 2000

    /// A group of less than this mass counts as stray points.
    let private least = 0.01

    /// The minimum spanning tree of the points (Prim), as edges (from, to, length).
    let private shortestTree (dimension: int) (points: float[]) : (struct (int * int * float))[] =
        let n = points.Length / dimension
        let nearest = Array.create n 0
        let distance = Array.create n Double.PositiveInfinity
        let inside = Array.zeroCreate n
        let mutable last = 0
        inside[0] <- true

        Array.init (n - 1) (fun _ ->
            let mutable best = -1

            for i in 0 .. n - 1 do
                if not inside[i] then
                    let squared =
                        SquaredDistance.between
                            (ReadOnlySpan(points, i * dimension, dimension))
                            (ReadOnlySpan(points, last * dimension, dimension))

                    if squared < distance[i] then
                        distance[i] <- squared
                        nearest[i] <- last

                    if best < 0 || distance[i] < distance[best] then
                        best <- i

            inside[best] <- true
            last <- best
            struct (nearest[best], best, sqrt distance[best]))

    /// The components of the tree after removing its long edges, as a label for each point.
    let private components (n: int) (gap: float) (tree: (struct (int * int * float))[]) : int[] =
        let parent = Array.init n id

        let rec find i =
            if parent[i] = i then
                i
            else
                parent[i] <- parent[parent[i]]
                find parent[i]

        for struct (a, b, length) in tree do
            if length <= gap then
                parent[find a] <- find b

        Array.init n find

    /// The groups of the data that are more than two lengths and more than three times the data spacing apart.
    let find (units: AxisUnits) (data: Samples) : Groups =
        let d = data.Dimension
        let allWeights = Tensors.toArray data.Weights

        let used =
            [|
                for i in 0 .. data.Count - 1 do
                    if allWeights[i] > 0.0 then
                        i
            |]

        let stride = max 1 ((used.Length + most - 1) / most)
        let used = used |> Array.filter (fun i -> i % stride = 0 || used.Length <= most)
        let all = Samples.values data
        let points = Array.zeroCreate (used.Length * d)
        used |> Array.iteri (fun at i -> Array.blit all (i * d) points (at * d) d)
        let total = used |> Array.sumBy (fun i -> allWeights[i])
        let weights = used |> Array.map (fun i -> allWeights[i] / total)
        let n = used.Length

        let labels =
            if n < 2 then
                Array.create n 0
            else
                let scaled = units.Of points
                let tree = shortestTree d scaled

                let spacing =
                    let own = Neighbours.build d scaled |> Neighbours.nearestOther
                    MathNet.Numerics.Statistics.ArrayStatistics.QuantileInplace(own, 0.95)

                components n (max 2.0 (3.0 * spacing)) tree

        let groups =
            Array.zip labels weights
            |> Array.groupBy fst
            |> Array.map (fun (label, members) -> label, Array.sumBy snd members)
            |> Array.filter (fun (_, mass) -> mass >= least)
            |> Array.sortByDescending snd

        if groups.Length < 2 then
            Groups(units, points, d, Array.create n 0, weights, [| 1.0 |])
        else
            let whole = groups |> Array.sumBy snd
            let place = groups |> Array.mapi (fun g (label, _) -> label, g) |> Map.ofArray
            // Stray points belong to no group and receive no particles.
            let keep =
                [| 0 .. n - 1 |] |> Array.filter (fun i -> Map.containsKey labels[i] place)

            Groups(
                units,
                keep |> Array.collect (fun i -> Array.sub points (i * d) d),
                d,
                keep |> Array.map (fun i -> place[labels[i]]),
                keep |> Array.map (fun i -> weights[i]),
                groups |> Array.map (fun (_, mass) -> mass / whole)
            )
