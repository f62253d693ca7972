namespace Koopman.Metrics

open System
open MathNet.Numerics.Statistics
open Koopman

/// <summary>
/// True if particles fill the space that samples fill, without gaps and without clumps. Distances are taken in units of each column's
/// scale among the independent samples, and do not depend on units.
/// </summary>
[<RequireQualifiedAccess>]
module Coverage =

    let private distancesTo (points: Samples) (queries: Samples) : float[] =
        let neighbours = Neighbours.build points.Dimension (Samples.values points)
        Neighbours.nearestDistances neighbours (Samples.values queries)

    /// The samples in units of the scales of the independent ones, handed to a measurement.
    let private measured (independent: Samples) (others: Samples list) (measure: Samples list -> float) : float =
        use _ = Tensors.scope ()
        let scaled = others |> List.map (Centres.inScalesOf independent)
        let result = measure scaled

        for samples in scaled do
            samples.Dispose()

        result

    /// <summary>
    /// The part of the reference that has a particle nearby: nearer than the distance within which 95 % of the reference has a
    /// point of an independent sample. Nominally .95; missing regions lower it.
    /// </summary>
    /// <param name="reference">Points to be covered.</param>
    /// <param name="independent">An independent sample of the same law, as many points as there are particles.</param>
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
    /// The median distance of a particle to its nearest other, over the same of an independent sample of equal size. Below 1
    /// the particles clump, 0 are duplicates.
    /// </summary>
    let neighbourRatio (independent: Samples) (particles: Samples) : float =
        let median (s: Samples) =
            Neighbours.build s.Dimension (Samples.values s)
            |> Neighbours.nearestOther
            |> ArrayStatistics.MedianInplace

        measured independent [ particles; independent ] (function
            | [ particles; independent ] -> median particles / median independent
            | _ -> nan)
