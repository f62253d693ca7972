namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// The difference between the distributions of the particles and of the data along one coordinate.
[<Struct>]
type internal MarginalGap =
    {
        /// The coordinate, counted from 0.
        Axis: int
        /// The Kolmogorov distance: the largest difference of the two distribution functions.
        Distance: float
        /// The bound that independent samples of the same sizes stay below at all coordinates together, in 999 of 1000 cases.
        Bound: float
        /// The largest difference in units of its standard error.
        Deviation: float
        /// From where on that is significant: 3.3 at one coordinate, and more where it is the largest of many.
        LargestDeviation: float
        /// The fraction of the data's variance carried by the 1 % farthest from the median; .085 for a Gaussian, .37 for Student's t with 3 degrees of freedom.
        TailShare: float
        /// The standard deviation of the particles over that of the data.
        Spread: float
    }

    /// How far the distributions differ, in units of what independent samples differ by at most: above 1 the difference is significant.
    member this.Excess: float =
        max (this.Distance / this.Bound) (this.Deviation / this.LargestDeviation)

/// The distribution functions of the data along every coordinate.
[<Sealed>]
type internal Marginals(data: Samples) =

    let d = data.Dimension

    /// A subset of the rows, large enough that its sampling error is a hundredth of that of the particles.
    let rows = [| 0 .. max 1 (data.Count / 50_000) .. data.Count - 1 |]

    let size = Samples.effectiveDraws data

    let columns =
        let all, weights = Samples.values data, Tensors.toArray data.Weights
        let total = rows |> Array.sumBy (fun i -> weights[i])

        Array.init d (fun axis ->
            let values = rows |> Array.map (fun i -> all[i * d + axis])
            let shares = rows |> Array.map (fun i -> weights[i] / total)
            Array.Sort(values, shares)
            struct (values, shares))

    /// The variance, and the fraction of it carried by the 1 % of the data farthest from the median.
    let spreads =
        columns
        |> Array.map (fun (struct (values, shares)) ->
            let mean = Array.fold2 (fun sum v w -> sum + w * v) 0.0 values shares
            let squares = Array.map2 (fun v w -> w * (v - mean) * (v - mean)) values shares
            let cumulative = Array.scan (+) 0.0 shares

            let median =
                values[max 0 (min values.Length (Array.findIndex (fun c -> c >= 0.5) cumulative) - 1)]

            let order = Array.init values.Length id
            Array.Sort(values |> Array.map (fun v -> -abs(v - median)), order)
            let mutable weight, tail, at = 0.0, 0.0, 0

            while at < order.Length && weight + shares[order[at]] <= 0.01 do
                weight <- weight + shares[order[at]]
                tail <- tail + squares[order[at]]
                at <- at + 1

            let variance = Array.sum squares
            struct (variance, (if variance > 0.0 then tail / variance else 0.0)))

    /// 3.3 at one coordinate, which 1 of 18 pairs of independent samples exceed somewhere along it. Each further standard error is eleven times rarer
    /// (of 6,000 pairs of 1,000 and 2,000: .056 above 3.3, .0085 above 4, .0008 above 5), since counts of ten have heavier tails than a normal law.
    let largest = 3.3 + log (float d) / log 11.0

    /// The gap along an axis, for sorted particle values.
    let gap (axis: int) (sorted: float[]) : MarginalGap =
        let struct (values, shares) = columns[axis]
        let m = float sorted.Length
        let struct (variance, tail) = spreads[axis]
        let own = MathNet.Numerics.Statistics.ArrayStatistics.PopulationVariance sorted
        let mutable i, j = 0, 0
        let mutable mine, theirs, distance, deviation = 0.0, 0.0, 0.0, 0.0

        while i < sorted.Length && j < values.Length do
            let at = min sorted[i] values[j]

            while i < sorted.Length && sorted[i] <= at do
                i <- i + 1
                mine <- float i / m

            while j < values.Length && values[j] <= at do
                theirs <- theirs + shares[j]
                j <- j + 1

            let difference = abs (mine - theirs)
            distance <- max distance difference
            let outside = min theirs (1.0 - theirs)

            // Counts below ten are not yet Gaussian.
            if outside * m >= 10.0 then
                deviation <- max deviation (difference / sqrt (theirs * (1.0 - theirs) * (1.0 / m + 1.0 / size)))

        {
            Axis = axis
            Distance = distance
            Bound = sqrt (-0.5 * log (0.5 * 0.001 / float d) * (1.0 / m + 1.0 / size))
            Deviation = deviation
            LargestDeviation = largest
            TailShare = tail
            // The variance of a constant column is that of rounding.
            Spread =
                (if values[0] < Array.last values && variance > 0.0 then
                     sqrt (own / variance)
                 else
                     1.0)
        }

    /// The gaps of particles (M, d) along all coordinates.
    member _.Gaps(particles: Samples) : MarginalGap[] =
        let values = Samples.values particles

        Array.init d (fun axis ->
            let column = Array.init particles.Count (fun i -> values[i * d + axis])
            Array.Sort column
            gap axis column)
