namespace Koopman.Latents

open TorchSharp
open Koopman

/// <summary>The source of the coordinates in the directions that principal components leave out.</summary>
type Complement =
    /// <summary>Normal, with the covariance of the data in these directions: smooth, as in a Gaussian fit of the data.</summary>
    | Gaussian = 0
    /// <summary>The residual of randomly drawn data points: the law of the data in these directions.</summary>
    | Residuals = 1

/// <summary>
/// Points from a few leading coordinates. In many dimensions the modes of an operator are resolved only in the leading principal components:
/// particles move in these, and their other coordinates are drawn from the data, independent of the particle's position. If particles that start at
/// one point kept their own complement, they would stay collapsed in it.
/// </summary>
[<RequireQualifiedAccess>]
module Complement =

    /// The residual of points (n, d).
    let private residual (pca: Pca) (points: Tensor) : Tensor =
        let centred = points - pca.Mean
        centred - centred.times(pca.Components.t ()).times pca.Components

    let private gaussian (seed: Seed) (count: int64) (pca: Pca) (data: Samples) : Tensor =
        // A triangle T with TᵀT the covariance of the residuals; a square root by eigenvalues would lose half of the digits.
        let weighted = residual pca data.Points * data.Weights.sqrt().unsqueeze 1L
        let struct (_, triangle) = torch.linalg.qr weighted
        (Seed.normal [| count; triangle.shape[0] |] seed).times triangle

    let private resampled (seed: Seed) (count: int64) (pca: Pca) (data: Samples) : Tensor =
        let ends = data.Weights.cumsum 0L
        let last = int64 (data.Count - 1)
        let draws = Seed.uniform [| count |] seed * ends.select (0L, last)
        let rows = torch.searchsorted(ends, draws, right = true).clamp_max(last.ToScalar())
        residual pca (data.Points.index_select (0L, rows))

    let private check (pca: Pca) (data: Samples) (latents: Samples) : Outcome<unit> =
        Require.all {
            Require.dimension (int pca.Mean.shape[0]) "the data" data.Dimension
            |> Require.advise "Give the data that the components were fitted to"

            Require.dimension (int pca.Components.shape[0]) "the latents" latents.Dimension
            |> Require.advise "Give coordinates along these components"
        }

    /// <summary>The points (m, d) with these leading coordinates and a complement drawn for each. Encoding them returns the coordinates.</summary>
    /// <param name="rule">The source of the complement.</param>
    /// <param name="seed">The seed of the draws.</param>
    /// <param name="pca">The components (k, d) of the leading coordinates.</param>
    /// <param name="data">The data (n, d) from which the complement is drawn. Weights are taken into account.</param>
    /// <param name="latents">The leading coordinates (m, k); their weights are kept.</param>
    let complete (rule: Complement) (seed: Seed) (pca: Pca) (data: Samples) (latents: Samples) : Outcome<Samples> =
        result {
            do! check pca data latents
            use _ = Tensors.scope ()
            let count = int64 latents.Count

            let rest =
                match rule with
                | Complement.Residuals -> resampled (Seed.derive "residuals" seed) count pca data
                | _ -> gaussian (Seed.derive "complement" seed) count pca data

            let points = latents.Points.times (pca.Components) + pca.Mean + rest
            return! Samples.withPoints points latents
        }
