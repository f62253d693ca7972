namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// Groups of data with nothing between them: no particle can flow from one to the other, and no estimator can know their masses but by
/// counting.
[<Sealed>]
type internal Groups
    (units: AxisUnits, points: float[], dimension: int, labels: int[], weights: float[], masses: float[]) =

    /// The part of the data in each group, by falling mass. One group has mass 1.
    member _.Masses: float[] = masses

    /// Moves particles from groups with more than their share to data of groups with less; returns how many.
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
        // Whole particles: shares are rounded so that their sums along the groups are right.
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

/// Finds groups.
[<RequireQualifiedAccess>]
module internal Groups =

    /// So many points, evenly picked, show the gaps; work grows with their square.
    let private most = 2000

    /// A group of less than this mass is a handful of strays.
    let private least = 0.01

    /// The shortest tree that joins all points (Prim), as edges (from, to, length).
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

    /// The pieces into which the tree falls when its long edges go: a label for each point.
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

    /// The groups of the data that are more than two lengths apart, and three times what data lie from each other.
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
            // Strays belong to no group, and no particle is dealt to them.
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
