namespace Koopman

open System

/// <summary>
/// Error bars from blocks alone: every eigenvalue is recomputed without each block in turn. Needs only the moments of the
/// blocks, and agrees with the delta method.
/// </summary>
[<RequireQualifiedAccess>]
module internal Jackknife =

    /// <summary>
    /// The standard error of an estimate from those without one block of the data, for blocks of unequal weight (Busing, Meijer and
    /// van der Leeden 1999), times t/1.96 with Student's t of B-1 degrees of freedom, so that ±1.96 of it is a 95 % interval.
    /// </summary>
    let error (weights: float[]) (whole: float) (without: float[]) : float =
        let b = weights.Length
        let total = Array.sum weights
        let inverse = weights |> Array.map (fun w -> total / w)

        let pseudo =
            Array.map2 (fun h estimate -> h * whole - (h - 1.0) * estimate) inverse without

        let centre = Array.map2 (fun p h -> p / h) pseudo inverse |> Array.sum

        let variance =
            Array.map2 (fun p h -> (p - centre) * (p - centre) / (h - 1.0)) pseudo inverse
            |> Array.average

        let student =
            MathNet.Numerics.Distributions.StudentT.InvCDF(0.0, 1.0, float (b - 1), 0.975)

        sqrt variance * student / Uncertainty.normal

    /// The moments without each block in turn, passed to a function and then freed.
    let without (blocks: Moments[]) (estimate: Moments -> Outcome<'T>) : Outcome<'T[]> =
        [ 0 .. blocks.Length - 1 ]
        |> Outcome.collect (fun left ->
            use rest = Moments.merge (Array.removeAt left blocks)
            estimate rest)
        |> Result.map Array.ofList
