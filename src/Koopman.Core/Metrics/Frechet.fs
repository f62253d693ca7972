namespace Koopman.Metrics

open TorchSharp
open Koopman

/// <summary>The distance between the normal distributions with the moments of two samples, for example of images after a feature map.</summary>
[<RequireQualifiedAccess>]
module Frechet =

    /// A triangle T with TᵀT the covariance of the samples. Square roots of eigenvalues would lose half of the digits.
    let private root (samples: Samples) : Tensor =
        let centred = samples.Points - Samples.mean samples

        let struct (_, triangle) =
            torch.linalg.qr (centred * samples.Weights.sqrt().unsqueeze 1L)

        triangle

    /// <summary>
    /// The Fréchet distance √(|m - m'|² + tr(C + C' - 2(C^½ C' C^½)^½)) of the normal distributions with the means and covariances of two samples:
    /// their 2-Wasserstein distance. Its square is what is known as FID when the samples are Inception features (with C divided by n, not n - 1).
    /// It depends on two moments only, and sampling biases it upwards: compare equal counts, and compare with an exact sample.
    /// </summary>
    /// <param name="x">Samples, weighted or not, after the feature map.</param>
    /// <param name="y">Samples of the same dimension d. The cost is (n + n')d² + d³.</param>
    let distance (x: Samples) (y: Samples) : Outcome<float> =
        Require.dimension x.Dimension "the second samples" y.Dimension
        |> Require.advise "Take both samples through the same feature map"
        |> Result.bind (fun () ->
            Tensors.within (fun () ->
                let square (t: Tensor) = (t * t).sum().ToDouble()
                let means = square (Samples.mean x - Samples.mean y)
                let a, b = root x, root y
                // tr (C^½ C' C^½)^½ is the sum of the singular values of T T'ᵀ.
                let overlap = torch.linalg.svdvals(a.times (b.t ())).sum().ToDouble()
                Ok(sqrt (max 0.0 (means + square a + square b - 2.0 * overlap)))))
