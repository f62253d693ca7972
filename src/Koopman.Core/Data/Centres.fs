namespace Koopman

open System
open TorchSharp

/// <summary>Chooses representative points of a data set: the centres of radial functions.</summary>
[<RequireQualifiedAccess>]
module Centres =

    let private squaredDistance (d: int) (points: float[]) (i: int) (j: int) : float =
        let mutable sum = 0.0

        for l in 0 .. d - 1 do
            let delta = points[i * d + l] - points[j * d + l]
            sum <- sum + delta * delta

        sum

    /// <summary>
    /// Indices of points chosen one after another, each the farthest from those before; the first is the point nearest to the
    /// mean. Covers rare regions that k-means leaves out. Fewer come back when the data hold fewer distinct points. Cost n·N·d.
    /// </summary>
    /// <param name="count">How many, N.</param>
    /// <param name="samples">The data.</param>
    let farthestPoints (count: int) (samples: Samples) : int[] =
        let n, d = samples.Count, samples.Dimension
        let points = Samples.values samples

        let first =
            Tensors.within (fun () ->
                let offset = samples.Points - Samples.mean samples
                (offset * offset).sum(1L).argmin().ToInt64() |> int)

        let nearest = Array.create n Double.PositiveInfinity
        let chosen = ResizeArray [ first ]
        let mutable last = first
        let mutable exhausted = false

        while chosen.Count < min count n && not exhausted do
            let mutable best = -1
            let mutable farthest = 0.0

            for i in 0 .. n - 1 do
                let distance = squaredDistance d points i last

                if distance < nearest[i] then
                    nearest[i] <- distance

                if nearest[i] > farthest then
                    farthest <- nearest[i]
                    best <- i

            if best < 0 then
                exhausted <- true
            else
                chosen.Add best
                last <- best

        chosen.ToArray()

    /// <summary>The farthest points themselves (N, d). The caller owns the tensor.</summary>
    let farthest (count: int) (samples: Samples) : Tensor =
        Tensors.keep (fun () ->
            let index = farthestPoints count samples |> Array.map int64
            samples.Points.index_select (0L, Tensors.ofIndices index))

    /// <summary>
    /// Cluster means (N, d) by Lloyd's iteration from random samples. Follows the density, as suits many dimensions. The caller
    /// owns the tensor.
    /// </summary>
    /// <param name="iterations">At most this many rounds; it stops earlier when no point changes its cluster.</param>
    /// <param name="count">How many, N.</param>
    /// <param name="seed">Of the random start.</param>
    /// <param name="samples">The data.</param>
    let kMeans (iterations: int) (count: int) (seed: Seed) (samples: Samples) : Tensor =
        let count = min count samples.Count

        let assign (centres: Tensor) =
            Tensors.keep (fun () -> torch.cdist(samples.Points, centres).argmin(1L))

        let update (centres: Tensor) (label: Tensor) =
            Tensors.keep (fun () ->
                let sums =
                    torch.zeros_like(centres).index_add(0L, label, samples.Points, Tensors.num 1.0)

                let ones = torch.ones ([| int64 samples.Count |], dtype = torch.float64)

                let sizes =
                    torch.zeros([| int64 count |], dtype = torch.float64).index_add(0L, label, ones, Tensors.num 1.0)
                // A cluster that lost its points keeps its centre.
                torch.where (
                    sizes.unsqueeze(1L).gt(Tensors.num 0.0),
                    sums / sizes.clamp_min(Tensors.num 1.0).unsqueeze 1L,
                    centres
                ))

        Tensors.keep (fun () ->
            let start =
                Seed.permutation samples.Count seed |> Array.take count |> Array.map int64

            let mutable centres = samples.Points.index_select (0L, Tensors.ofIndices start)

            let mutable label = assign centres
            let mutable round = 0
            let mutable moving = true

            while moving && round < iterations do
                centres <- update centres label
                let next = assign centres
                moving <- next.ne(label).any().ToBoolean()
                label <- next
                round <- round + 1

            centres)

    /// <summary>The median distance from a centre to its nearest other centre.</summary>
    let spacing (centres: Tensor) : float =
        let dimension = int centres.shape[1]
        let values = Tensors.toArray centres
        let distances = Neighbours.build dimension values |> Neighbours.nearestOther
        MathNet.Numerics.Statistics.ArrayStatistics.MedianInplace distances

    /// <summary>The median distance between two points of the data, over at most 1000 of them evenly picked.</summary>
    let medianDistance (samples: Samples) : float =
        let stride = max 1 (samples.Count / 1000)

        let pairwise =
            Tensors.within (fun () ->
                let some = samples.Points.slice (0L, 0L, int64 samples.Count, int64 stride)
                let n = some.shape[0]
                let upper = torch.triu_indices (n, n, 1L)
                torch.cdist(some, some).index(upper[0], upper[1]) |> Tensors.toArray)

        MathNet.Numerics.Statistics.ArrayStatistics.MedianInplace pairwise
