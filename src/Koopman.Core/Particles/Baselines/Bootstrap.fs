namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>Resampled data: the baseline for any sampler that learns from samples of its own target.</summary>
[<RequireQualifiedAccess>]
module Bootstrap =

    /// <summary>Independent draws from the data with replacement, by their weights.</summary>
    /// <param name="count">The number of draws, at least 2.</param>
    /// <param name="seed">The seed of the draws.</param>
    /// <param name="data">The data.</param>
    let draw (count: int) (seed: Seed) (data: Samples) : Outcome<Samples> =
        if count < 2 then
            KoopmanError.fail ErrorKind.TooFewSamples $"{count} draws were requested" "Ask for at least 2"
        else
            use _ = Tensors.scope ()
            let cumulative = Tensors.toArray (data.Weights.cumsum 0L)
            let last = cumulative[data.Count - 1]

            Tensors.toArray (Seed.uniform [| int64 count |] seed)
            |> Array.map (fun u ->
                let found = Array.BinarySearch(cumulative, u * last)
                // A weight of 0 repeats the preceding sum; the draw belongs to the first larger one.
                let mutable index = if found >= 0 then found + 1 else ~~~found

                while index < data.Count - 1 && cumulative[index] <= u * last do
                    index <- index + 1

                min index (data.Count - 1))
            |> fun index -> Samples.pick index data

    /// <summary>Draws with independent Gaussian noise of this standard deviation in every coordinate.</summary>
    let jittered (noise: float) (count: int) (seed: Seed) (data: Samples) : Outcome<Samples> =
        result {
            do! Require.notNegative "the noise" noise
            use! drawn = draw count (Seed.derive "draw" seed) data
            use _ = Tensors.scope ()
            let shift = Seed.normal drawn.Points.shape (Seed.derive "noise" seed)
            return! Samples.ofTensor (drawn.Points + shift.mul_ (Tensors.num noise))
        }
