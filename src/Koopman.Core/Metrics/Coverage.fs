namespace Koopman.Metrics

open System
open MathNet.Numerics.Statistics
open Koopman

/// <summary>
/// Measures of how well particles cover the region of the samples, without gaps or clumps. Distances are in units of each column's
/// scale among the independent samples, and so do not depend on the units of the data.
/// </summary>
[<RequireQualifiedAccess>]
module Coverage =

    let private distancesTo (points: Samples) (queries: Samples) : float[] =
        let neighbours = Neighbours.build points.Dimension (Samples.values points)
        Neighbours.nearestDistances neighbours (Samples.values queries)

    /// The samples in units of the scales of the independent ones, passed to a measurement.
    let private measured (independent: Samples) (others: Samples list) (measure: Samples list -> float) : float =
        use _ = Tensors.scope ()
        let scaled = others |> List.map (Centres.inScalesOf independent)
        let result = measure scaled

        for samples in scaled do
            samples.Dispose()

        result

    /// <summary>
    /// The fraction of the reference with a particle nearby: within the distance at which 95 % of the reference has a
    /// point of an independent sample. Nominally .95; missing regions lower it.
    /// </summary>
    /// <param name="reference">Points to be covered.</param>
    /// <param name="independent">An independent sample of the same law, with as many points as there are particles.</param>
    /// <param name="particles">The particles.</param>
    let ofReference (reference: Samples) (independent: Samples) (particles: Samples) : float =
        measured independent [ reference; independent; particles ] (function
            | [ reference; independent; particles ] ->
                let radius =
                    ArrayStatistics.QuantileInplace(distancesTo independent reference, 0.95)

                let near =
                    distancesTo particles reference
                    |> Array.filter (fun distance -> distance <= radius)

                float near.Length / float reference.Count
            | _ -> nan)

    /// <summary>
    /// The median distance from a particle to its nearest neighbour, divided by that of an independent sample of equal size. Below 1
    /// the particles clump; 0 means duplicates.
    /// </summary>
    let neighbourRatio (independent: Samples) (particles: Samples) : float =
        let median (s: Samples) =
            Neighbours.build s.Dimension (Samples.values s)
            |> Neighbours.nearestOther
            |> ArrayStatistics.MedianInplace

        measured independent [ particles; independent ] (function
            | [ particles; independent ] -> median particles / median independent
            | _ -> nan)
