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

    /// Farthest points; if those apart are left out, a point is none that has no other within half of its distance from those chosen before, where the data are
    /// dense enough for every centre to have some.
    let private chosen (withoutApart: bool) (count: int) (samples: Samples) : int[] =
        let n, d = samples.Count, samples.Dimension
        let points = Samples.values samples

        let first =
            Tensors.within (fun () ->
                let offset = samples.Points - Samples.mean samples
                (offset * offset).sum(1L).argmin().ToInt64() |> int)

        let isApart (point: int) (distance: float) : bool =
            let mutable others = 0
            let mutable j = 0

            while others < 2 && j < n do
                if squaredDistance d points point j < 0.25 * distance then
                    others <- others + 1

                j <- j + 1

            // The point itself is one.
            others < 2

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
            elif withoutApart && isApart best farthest then
                nearest[best] <- 0.0
            else
                chosen.Add best
                last <- best

        chosen.ToArray()

    /// <summary>
    /// Indices of points chosen one after another, each the farthest from those before; the first is the point nearest to the
    /// mean. Covers rare regions that k-means leaves out. Returns fewer if the data contain fewer distinct points. Cost n·N·d.
    /// </summary>
    /// <param name="count">The number of centres, N.</param>
    /// <param name="samples">The data.</param>
    let farthestPoints (count: int) (samples: Samples) : int[] = chosen false count samples

    /// Indices of farthest points without outliers, in up to three dimensions; in more, where hardly any point has others near, as <c>farthestPoints</c>.
    let internal spread (count: int) (samples: Samples) : int[] =
        chosen (samples.Dimension <= 3) count samples

    /// <summary>The farthest points themselves (N, d). The caller owns the tensor.</summary>
    let farthest (count: int) (samples: Samples) : Tensor =
        Tensors.keep (fun () ->
            let index = farthestPoints count samples |> Array.map int64
            samples.Points.index_select (0L, Tensors.ofIndices index))

    /// <summary>
    /// Cluster means (N, d) by Lloyd's iteration from random samples. Follows the density, which is suitable in many dimensions. The caller
    /// owns the tensor.
    /// </summary>
    /// <param name="iterations">The maximum number of iterations; stops earlier when no point changes its cluster.</param>
    /// <param name="count">The number of centres, N.</param>
    /// <param name="seed">The seed of the random start.</param>
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
                // An empty cluster keeps its centre.
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

    /// The maximum number of evenly picked rows used to locate the data.
    let private most = 20_000

    /// <summary>
    /// A length for every column (d), in its units: the reciprocal density at the median sample of the column alone, 3.15 standard deviations of a
    /// Gaussian. Unlike a range or a deviation it does not grow with outliers, tails, or gaps between clusters. If many values
    /// coincide it is the standard deviation, and exactly 0 if all do.
    /// </summary>
    let internal scales (samples: Samples) : float[] =
        let n, d = samples.Count, samples.Dimension
        let stride = (n + most - 1) / most
        let all, allWeights = Samples.values samples, Tensors.toArray samples.Weights

        let rows =
            [|
                for i in 0..stride .. n - 1 do
                    if allWeights[i] > 0.0 then
                        i
            |]

        let total = rows |> Array.sumBy (fun i -> allWeights[i])

        /// The median width, over the samples, of the interval from a value to the one with this fraction of the weight between them.
        let stretch (share: float) (values: float[]) (weights: float[]) : float =
            let widths, weight = ResizeArray<float>(), ResizeArray<float>()
            let mutable last, inside = 0, 0.0

            for first in 0 .. values.Length - 1 do
                while last < values.Length && inside < share do
                    inside <- inside + weights[last]
                    last <- last + 1

                if inside >= share then
                    widths.Add((values[last - 1] - values[first]) / share)
                    weight.Add weights[first]

                inside <- inside - weights[first]

            let widths, weight = widths.ToArray(), weight.ToArray()
            Array.Sort(widths, weight)
            let half = 0.5 * Array.sum weight
            let mutable at, sum = 0, 0.0

            while at < widths.Length - 1 && sum + weight[at] < half do
                sum <- sum + weight[at]
                at <- at + 1

            if widths.Length = 0 then 0.0 else widths[at]

        Array.init d (fun column ->
            let values = rows |> Array.map (fun i -> all[i * d + column])
            let weights = rows |> Array.map (fun i -> allWeights[i] / total)
            Array.Sort(values, weights)
            let length = stretch 0.05 values weights
            // Values of a grid coincide up to rounding.
            let rounding = 64.0 * 2.2e-16 * max (abs values[0]) (abs values[values.Length - 1])

            if length > rounding then
                length
            elif values[0] = values[values.Length - 1] then
                0.0
            else
                let mean = Array.fold2 (fun sum v w -> sum + w * v) 0.0 values weights

                sqrt (Array.fold2 (fun sum v w -> sum + w * (v - mean) * (v - mean)) 0.0 values weights))

    /// <summary>The samples in units of these lengths, without columns of length 0. The caller disposes them.</summary>
    let internal scaled (lengths: float[]) (samples: Samples) : Outcome<Samples> =
        use _ = Tensors.scope ()

        let kept =
            [|
                for column in 0 .. lengths.Length - 1 do
                    if lengths[column] > 0.0 then
                        int64 column
            |]

        let units =
            kept |> Array.map (fun column -> lengths[int column]) |> Tensors.ofVector
        // Relative to the centre, so that a large offset does not reduce the precision of distances.
        let points = samples.Points - Samples.mean samples
        Samples.withPoints (points.index_select (1L, Tensors.ofIndices kept) / units) samples

    /// The number of rows that lie apart, behind a gap of more than two scales (six standard deviations of a Gaussian bulk) along a coordinate and fewer than √n
    /// together, with the coordinate (counted from 0) of the widest gap in its scales; none if there are none.
    let internal apart (samples: Samples) : struct (int * int) option =
        let n, d = samples.Count, samples.Dimension
        let k = min n (int (sqrt (float n)) + 1)

        if k < 3 then
            None
        else
            use _ = Tensors.scope ()
            let points = samples.Points
            let lengths = scales samples
            let gone = torch.zeros (int64 n, dtype = torch.bool)
            let mutable widest, where = 0.0, -1

            for sign in [ 1.0; -1.0 ] do
                let struct (ends, _) = (sign * points).topk(k, 0, true, true)

                let gaps =
                    ends.narrow (0L, 0L, int64 k - 1L) - ends.narrow (0L, 1L, int64 k - 1L)
                    |> Tensors.toArray

                for column in 0 .. d - 1 do
                    let at (row: int) = gaps[row * d + column]

                    if lengths[column] > 0.0 then
                        match Seq.tryFindBack (fun row -> at row > 2.0 * lengths[column]) (seq { 0 .. k - 2 }) with
                        | None -> ()
                        | Some row ->
                            let beyond =
                                (sign * points.select (1L, int64 column)).ge(ends[int64 row, int64 column])

                            gone.logical_or_ beyond |> ignore

                            if at row > widest * lengths[column] then
                                widest <- at row / lengths[column]
                                where <- column

            match int (gone.count_nonzero().ToInt64()) with
            | 0 -> None
            | count -> Some(struct (count, where))

    /// What <c>apart</c> finds as a sentence; none if there are none.
    let internal apartInWords (samples: Samples) : string option =
        apart samples
        |> Option.map (fun (struct (count, column)) ->
            let lie, own =
                if count = 1 then
                    "lies", "gets no function of its own"
                else
                    "lie", "get no functions of their own"

            $"{count} of {samples.Count} rows {lie} apart from the others along coordinate {column} (counted from 0) and {own}")

    /// The mean, and a map (d, k) of the columns that vary to columns of one scale, their geometric mean; none for one column.
    let internal alike (samples: Samples) : struct (Tensor * Tensor) option =
        let lengths = scales samples

        let kept =
            [|
                for column in 0 .. lengths.Length - 1 do
                    if lengths[column] > 0.0 then
                        column
            |]

        if lengths.Length < 2 || kept.Length = 0 then
            None
        else
            let common = kept |> Array.averageBy (fun column -> log lengths[column]) |> exp
            let units = Array2D.zeroCreate lengths.Length kept.Length

            kept
            |> Array.iteri (fun k column -> units[column, k] <- common / lengths[column])

            Some(struct (Samples.mean samples, Tensors.ofMatrix units))

    /// Samples in units of the scales of others, column by column, from their mean; constant columns of those are in units of 1. The caller
    /// disposes them.
    let internal inScalesOf (reference: Samples) : Samples -> Samples =
        let middle = Samples.mean reference

        let units =
            scales reference
            |> Array.map (fun length -> if length > 0.0 then length else 1.0)
            |> Tensors.ofVector

        fun samples ->
            Tensors.within (fun () ->
                let place = Tensors.like samples.Points

                Samples.withPoints ((samples.Points - place middle) / place units) samples
                |> Outcome.get)

    /// <summary>
    /// Farthest points for Gaussians, and their width: 1.6 times their spacing, and at least <paramref name="least"/>. Every centre has enough
    /// samples: a Gaussian of half the width around it has an effective number of at least √n of n samples. So outliers and tails
    /// have no function of their own, whose mean would depend on a few samples.
    /// </summary>
    /// <param name="count">The maximum number of centres.</param>
    /// <param name="least">The minimum width.</param>
    /// <param name="samples">The data, in coordinates of similar scale.</param>
    /// <returns>Indices of rows, and the width.</returns>
    let internal supported (count: int) (least: float) (samples: Samples) : struct (int[] * float) =
        let d = samples.Dimension
        let stride = (samples.Count + most - 1) / most
        let rows = [| 0..stride .. samples.Count - 1 |]
        let n = rows.Length
        let all, allWeights = Samples.values samples, Tensors.toArray samples.Weights
        let points = rows |> Array.collect (fun i -> Array.sub all (i * d) d)
        let weights = rows |> Array.map (fun i -> allWeights[i])
        let needed = sqrt (min (Samples.effectiveDraws samples) (float n))
        let isNoisy = samples.Sampling = Drawn

        let middle =
            Array.init d (fun l ->
                let column = Array.init n (fun i -> points[i * d + l])
                MathNet.Numerics.Statistics.ArrayStatistics.MedianInplace column)

        let first =
            [| 0 .. n - 1 |]
            |> Array.filter (fun i -> weights[i] > 0.0)
            |> Array.minBy (fun i -> SquaredDistance.between (ReadOnlySpan(points, i * d, d)) (ReadOnlySpan middle))

        let distances (i: int) (into: float[]) : unit =
            let centre = ReadOnlySpan(points, i * d, d)

            for j in 0 .. n - 1 do
                into[j] <- SquaredDistance.between (ReadOnlySpan(points, j * d, d)) centre

        // Half of the samples can be centres at this width: a ball with 2√n samples has the effective number of a Gaussian of half its radius.
        let least =
            if isNoisy then
                let order = Array.zeroCreate n
                let rank = min (n - 1) (int (2.0 * needed))

                let radii =
                    [|
                        for i in 0 .. max 1 (n / 50) .. n - 1 ->
                            distances i order
                            Array.Sort order
                            sqrt order[rank]
                    |]

                let radius = MathNet.Numerics.Statistics.ArrayStatistics.MedianInplace radii

                let ofBall =
                    Math.Pow(MathNet.Numerics.SpecialFunctions.Gamma(0.5 * float d + 1.0), 1.0 / float d)

                max least (radius / ofBall)
            else
                least

        let choose (width: float) : int[] =
            let nearest = Array.create n Double.PositiveInfinity
            let squared = Array.zeroCreate n
            let chosen = ResizeArray<int>()
            let exponent = -0.5 / (0.25 * width * width)
            // Beyond this a Gaussian is 1e-8.
            let reach = -18.0 / exponent

            /// Kish's effective number of samples of the Gaussian around the point that distances were taken from.
            let support () : float =
                let mutable sum, squares = 0.0, 0.0

                for j in 0 .. n - 1 do
                    if squared[j] < reach then
                        let value = weights[j] * exp (exponent * squared[j])
                        sum <- sum + value
                        squares <- squares + value * value

                sum * sum / squares

            let mutable next = first

            while next >= 0 && chosen.Count < count do
                distances next squared

                if not isNoisy || chosen.Count = 0 || support () >= needed then
                    chosen.Add next

                    for j in 0 .. n - 1 do
                        nearest[j] <- min nearest[j] squared[j]
                else
                    nearest[next] <- 0.0

                next <- -1
                let mutable farthest = 0.0

                for j in 0 .. n - 1 do
                    if weights[j] > 0.0 && nearest[j] > farthest then
                        farthest <- nearest[j]
                        next <- j

            chosen.ToArray()

        let widthOf (chosen: int[]) : float =
            if chosen.Length < 2 then
                least
            else
                let own =
                    chosen
                    |> Array.collect (fun i -> Array.sub points (i * d) d)
                    |> Neighbours.build d
                    |> Neighbours.nearestOther

                max least (1.6 * MathNet.Numerics.Statistics.ArrayStatistics.MedianInplace own)

        // Centres and width depend on each other; a few iterations converge.
        let mutable width = least
        let mutable chosen = choose width
        let mutable round = 1

        while round < (if isNoisy then 4 else 1)
              && abs (widthOf chosen - width) > 0.05 * width do
            width <- widthOf chosen
            chosen <- choose width
            round <- round + 1

        struct (chosen |> Array.map (fun i -> rows[i]), widthOf chosen)

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
                // Relative to the centre, which keeps the precision of distances.
                let some = some - some.mean ([| 0L |], true)
                let n = some.shape[0]
                let upper = torch.triu_indices (n, n, 1L)
                torch.cdist(some, some).index(upper[0], upper[1]) |> Tensors.toArray)

        MathNet.Numerics.Statistics.ArrayStatistics.MedianInplace pairwise
