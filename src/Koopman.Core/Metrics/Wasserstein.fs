namespace Koopman.Metrics

open System
open TorchSharp
open Koopman

/// <summary>Optimal transport distances.</summary>
[<RequireQualifiedAccess>]
module Wasserstein =

    /// <summary>
    /// The sliced 2-distance: root mean square over random directions of the one-dimensional W2 of the projections, from 500
    /// quantiles. The samples must be equally weighted. As a distance of transport it is a length in the unit of the data, common to all coordinates:
    /// scale coordinates of different units first.
    /// </summary>
    /// <param name="directions">The number of directions; 200 is usual.</param>
    /// <param name="seed">The seed of the directions: use the same seed for all comparisons.</param>
    /// <param name="x">Samples.</param>
    /// <param name="y">Samples of the same dimension.</param>
    let sliced (directions: int) (seed: Seed) (x: Samples) (y: Samples) : float =
        Tensors.within (fun () ->
            let raw = Seed.normal [| int64 x.Dimension; int64 directions |] seed
            let unit = raw / (raw * raw).sum(0L, true).sqrt()
            let levels = Tensors.ofVector (Array.init 500 (fun i -> (float i + 0.5) / 500.0))

            let quantiles (s: Samples) =
                s.Points.times(Tensors.like s.Points unit).quantile(Tensors.like s.Points levels, 0L)

            let gap = quantiles x - quantiles y
            sqrt ((gap * gap).mean().ToDouble()))

    let private equallyWeighted (samples: Samples) : bool =
        Tensors.within (fun () ->
            let w = samples.Weights
            w.max().ToDouble() - w.min().ToDouble() <= 1e-12 * w.max().ToDouble())

    let private comparable (x: Samples) (y: Samples) : Outcome<unit> =
        if x.Dimension <> y.Dimension || x.Count <> y.Count then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"Samples ({x.Count}, {x.Dimension}) and ({y.Count}, {y.Dimension}) cannot be matched one to one"
                "Use equal numbers of both, for example with Samples.take; the dimensions must agree"
        elif not (equallyWeighted x && equallyWeighted y) then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The exact distance needs equally weighted samples"
                "First resample the rows with probabilities equal to their weights"
        else
            Ok()

    /// In one dimension the optimal coupling preserves the order.
    let private onLine (x: Samples) (y: Samples) : float =
        let sorted (samples: Samples) = Samples.values samples |> Array.sort

        Array.map2 (fun a b -> (a - b) * (a - b)) (sorted x) (sorted y)
        |> Array.average
        |> sqrt

    /// <summary>
    /// The 2-Wasserstein distance itself, √(min_σ mean |x_i - y_σ(i)|²), by an exact assignment. Between two independent samples of the same
    /// law it is not 0: compare with that of an exact sample. In many dimensions that floor hides most differences; use the sliced distance there.
    /// </summary>
    /// <param name="x">Samples, equally weighted. At most 20,000, except in one dimension; 2,000 take about a second.</param>
    /// <param name="y">As many samples of the same dimension, equally weighted.</param>
    let exact (x: Samples) (y: Samples) : Outcome<float> =
        result {
            do! comparable x y

            if x.Dimension = 1 then
                return onLine x y
            else
                let! assignment = Assignment.ofPoints x.Points y.Points
                return sqrt (assignment.Cost / float x.Count)
        }
