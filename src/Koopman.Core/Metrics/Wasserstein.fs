namespace Koopman

open System
open TorchSharp

/// <summary>Optimal transport distances.</summary>
[<RequireQualifiedAccess>]
module Wasserstein =

    /// <summary>
    /// The sliced 2-distance: root mean square over random directions of the one-dimensional W2 of the projections, by 500
    /// quantiles. The samples must be equally weighted.
    /// </summary>
    /// <param name="directions">How many; 200 is usual.</param>
    /// <param name="seed">Of the directions: use one seed for all that is compared.</param>
    /// <param name="x">Samples.</param>
    /// <param name="y">Samples of the same dimension.</param>
    let sliced (directions: int) (seed: Seed) (x: Samples) (y: Samples) : float =
        Tensors.within (fun () ->
            let raw = Seed.normal [| int64 x.Dimension; int64 directions |] seed
            let unit = raw.div (raw.mul(raw).sum(0L, true).sqrt())
            let levels = Tensors.ofVector (Array.init 500 (fun i -> (float i + 0.5) / 500.0))

            let quantiles (s: Samples) =
                s.Points.matmul(unit).quantile(levels, 0L)

            let gap = (quantiles x).sub(quantiles y)
            sqrt (gap.mul(gap).mean().ToDouble()))
