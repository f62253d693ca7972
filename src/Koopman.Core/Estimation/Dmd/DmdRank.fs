namespace Koopman

open System

/// <summary>The rank of dynamic mode decomposition.</summary>
type DmdRank =
    /// <summary>
    /// The optimal hard threshold for singular values under white noise of unknown size (Gavish and Donoho 2014): for many snapshots
    /// of many coordinates that a few modes make. With fewer than 10 singular values their median says nothing of the noise, and all
    /// that are resolved are kept.
    /// </summary>
    | OptimalThreshold
    /// <summary>The fewest directions that carry this share of the sum of squares, above 0 and at most 1.</summary>
    | Energy of share: float
    /// <summary>This many. An odd number may split an oscillation: the two directions of a pair then share one.</summary>
    | Fixed of count: int

/// <summary>The rank from the singular values of the snapshots.</summary>
[<RequireQualifiedAccess>]
module DmdRank =

    /// Fewer singular values than this have no median to speak of.
    let private fewest = 10

    /// <summary>The median of the Marchenko-Pastur law for a ratio β in (0, 1] of the sides, variance 1.</summary>
    let private marchenkoPasturMedian (beta: float) : float =
        let low, high = (1.0 - sqrt beta) ** 2.0, (1.0 + sqrt beta) ** 2.0
        // With x = low + (high-low) sin²θ the density has no singular ends, even where low = 0.
        let density (theta: float) =
            let s, c = sin theta, cos theta
            let x = low + (high - low) * s * s

            if x = 0.0 then
                4.0 / Math.PI * c * c
            else
                (high - low) ** 2.0 * s * s * c * c / (Math.PI * beta * x)

        let mass (theta: float) =
            MathNet.Numerics.Integrate.GaussLegendre(density, 0.0, theta, 64)

        let theta =
            MathNet.Numerics.RootFinding.Brent.FindRoot((fun theta -> mass theta - 0.5), 0.0, Math.PI / 2.0, 1e-12)

        low + (high - low) * sin theta ** 2.0

    /// <summary>The factor ω(β) of the median singular value for a ratio β of the sides: 2.858 for square matrices.</summary>
    let threshold (beta: float) : float =
        let cut =
            sqrt (
                2.0 * (beta + 1.0)
                + 8.0 * beta / ((beta + 1.0) + sqrt (beta * beta + 14.0 * beta + 1.0))
            )

        cut / sqrt (marchenkoPasturMedian beta)

    /// <summary>
    /// The rank for singular values (descending) of n snapshots of d coordinates: at most what is resolved, those above cut times the
    /// largest, and at most <paramref name="most"/> unless the number was given.
    /// </summary>
    let choose (rule: DmdRank) (cut: float) (most: int) (n: int, d: int) (values: float[]) : Outcome<int> =
        let resolved = values |> Array.filter (fun s -> s > cut * values[0]) |> Array.length

        match rule with
        | Fixed count when count < 1 ->
            KoopmanError.fail ErrorKind.InvalidSetting $"Rank {count} leaves no mode" "Keep at least one direction"
        | Fixed count when count > resolved ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"Rank {count} was asked for, but the data vary in {resolved} directions only"
                $"Ask for at most {resolved}, or add delays (Trajectories.delays)"
        | Fixed count when count > most ->
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"Rank {count} was asked for, but {n} snapshots determine at most {max 0 most} directions"
                "Give more snapshots, or lower the rank"
        | Fixed count -> Ok count
        | _ when most < 1 ->
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{n} snapshots are too few for one mode beside the inputs"
                "Give more snapshots"
        | Energy share when not (share > 0.0 && share <= 1.0) ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"An energy share of {share} selects no rank"
                "Give a share above 0 and at most 1, for example 0.999"
        | Energy share ->
            let total = values |> Array.sumBy (fun s -> s * s)
            let carried = values |> Array.scan (fun sum s -> sum + s * s) 0.0
            // What rounding takes from a full sum must not cost a direction, nor ask for one more.
            let needed =
                carried |> Array.findIndex (fun sum -> sum >= share * total * (1.0 - 1e-14))

            Ok(Math.Clamp(needed, 1, min most resolved))
        | OptimalThreshold when values.Length < fewest -> Ok(min most resolved)
        | OptimalThreshold ->
            let median = MathNet.Numerics.Statistics.Statistics.Median values
            let beta = float (min n d) / float (max n d)
            let above = values |> Array.filter (fun s -> s > threshold beta * median)
            Ok(Math.Clamp(above.Length, 1, min most resolved))
