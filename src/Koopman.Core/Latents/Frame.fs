namespace Koopman.Latents

open TorchSharp
open Koopman

/// Scaling of data to unit scale, where networks start, and of networks back to the scale of the data.
[<RequireQualifiedAccess>]
module internal Frame =

    /// Shift (d) and one scale that bring samples to mean 0 and deviation 1, or an error if all are one point.
    let ofSamples (samples: Samples) : Outcome<struct (Tensor * float)> =
        let mean = Samples.mean samples

        let spread =
            (samples.Points - mean).square().mean([| 1L |]).dot(samples.Weights).ToDouble()
            |> sqrt

        let largest = samples.Points.abs().max().ToDouble()

        if spread > 1e-12 * largest then
            Ok(struct (mean, spread))
        else
            KoopmanError.fail
                ErrorKind.IllConditioned
                "All samples are the same point"
                "Check how the data were read: there is nothing to learn"

    /// A learned parameter for the result: in float64, on the CPU, owned by the caller.
    let exact (parameter: Tensor) : Tensor =
        parameter.cpu().to_type(torch.float64, true).DetachFromDisposeScope()
