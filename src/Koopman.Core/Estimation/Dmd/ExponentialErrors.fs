namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>Progress through the bags of optimised dynamic mode decomposition.</summary>
[<Struct>]
type BaggingProgress =
    {
        /// <summary>Bags fitted so far.</summary>
        Bags: int
        /// <summary>The total number of bags.</summary>
        Total: int
        /// <summary>The number of fitted bags that reached their minimum.</summary>
        Converged: int
    }

/// The number of fits to subsets, and the fraction of the states in each.
[<NoComparison; NoEquality>]
type internal BaggingOptions =
    {
        Count: int
        Share: float
        Seed: Seed
        Iterations: int
    }

/// Error bars of the exponents of a fit.
[<RequireQualifiedAccess>]
module internal ExponentialErrors =

    /// Standard errors of rate and frequency of each exponent from the curvature at the minimum, for white noise on all values.
    let ofCurvature
        (count: int)
        (series: ExponentialFit.Series[])
        (solution: ExponentialFit.Solution)
        : struct (float * float)[] =
        let size = solution.Parameters.Length
        let rows = series |> Array.sumBy (fun one -> one.Times.Length)
        let free = (rows - count * series.Length) * count - size

        if free < 1 then
            Array.create count (struct (nan, nan))
        else
            let variance = solution.Left / float free

            let covariance =
                Tensors.within (fun () ->
                    let h = Tensors.ofMatrix solution.Curvature
                    let scale = h.diagonal().clamp_min(Tensors.num 1e-300).sqrt()
                    let outer = scale.outer scale

                    torch.linalg.pinv (h / outer, rtol = Nullable 1e-13, hermitian = true) / outer
                    * variance
                    |> Tensors.toArray)

            let at i j = covariance[i * size + j]

            Array.init count (fun i ->
                if i = count - 1 && count % 2 = 1 then
                    struct (sqrt (at i i), 0.0)
                else
                    let s = i - i % 2
                    let d = solution.Parameters[s + 1]
                    let slope = 0.5 / sqrt (abs d)

                    if d < 0.0 then
                        struct (sqrt (at s s), slope * sqrt (at (s + 1) (s + 1)))
                    else
                        let slope = if i % 2 = 0 then slope else -slope
                        let both = at s s + slope * slope * at (s + 1) (s + 1) + 2.0 * slope * at s (s + 1)
                        struct (sqrt (max 0.0 both), 0.0))

    /// The error bars from the bags, and how many of them reached their minimum.
    let ofBags
        (options: BaggingOptions)
        (control: Control<BaggingProgress>)
        (count: int)
        (series: ExponentialFit.Series[])
        (solution: ExponentialFit.Solution)
        : Outcome<struct (struct (float * float)[] * int)> =
        let taken (length: int) =
            int (Math.Round(options.Share * float length))

        let subset (seed: Seed) (k: int) (one: ExponentialFit.Series) : ExponentialFit.Series =
            let rows =
                Seed.permutation one.Times.Length (Seed.derive (string k) seed)
                |> Array.take (taken one.Times.Length)
                |> Array.sort

            let index = Tensors.ofIndices (Array.map int64 rows)

            {
                Times = rows |> Array.map (fun row -> one.Times[row])
                Values = one.Values.index_select (0L, index)
                Share = one.Share.index_select (0L, index)
            }

        let shortest = series |> Array.map (fun one -> one.Times.Length) |> Array.min

        if taken shortest <= count || taken shortest >= shortest then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"Bags of {taken shortest} of {shortest} states are too small to fit {count} exponents"
                "Give longer trajectories, change Share, lower the rank, or use error bars without bags (Bags = 0)"
        else
            let mutable converged = 0

            let found =
                Array.init options.Count (fun b ->
                    let solved =
                        Tensors.within (fun () ->
                            let seed = Seed.derive $"bag {b}" options.Seed
                            let part = Array.mapi (subset seed) series

                            ExponentialFit.solve
                                options.Iterations
                                control.Cancellation
                                count
                                part
                                solution.Parameters)

                    if solved.Converged then
                        converged <- converged + 1

                    control.Report
                        {
                            Bags = b + 1
                            Total = options.Count
                            Converged = converged
                        }

                    solved)
                |> Array.filter _.Converged
                |> Array.map (fun solved -> ExponentialBasis.exponents count solved.Parameters)

            if found.Length < max 2 (options.Count / 2) then
                KoopmanError.fail
                    ErrorKind.NotConverged
                    $"Only {found.Length} of {options.Count} bags reached their minimum"
                    "Lower the rank, raise Iterations or Share, or use error bars without bags (Bags = 0)"
            else
                // Fits to subsets drawn without replacement scatter about the whole fit with (1-f)/f of its own variance.
                let scale = sqrt (options.Share / (1.0 - options.Share))

                let spread (take: Complex -> float) (i: int) =
                    found
                    |> Array.map (fun exponents -> take exponents[i])
                    |> MathNet.Numerics.Statistics.ArrayStatistics.StandardDeviation
                    |> fun deviation -> scale * deviation

                Ok(struct (Array.init count (fun i -> struct (spread _.Real i, spread _.Imaginary i)), found.Length))
