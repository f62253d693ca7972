namespace Koopman

open System
open TorchSharp

/// <summary>Principal components: an orthonormal map from R^d to R^k with an inverse on its range.</summary>
[<Sealed>]
type Pca internal (mean: Tensor, components: Tensor, variances: float[], total: float) =

    /// <summary>The mean of the data (d). Owned by this object.</summary>
    member this.Mean: Tensor = Tensors.alive this mean

    /// <summary>The principal directions in rows (k, d), orthonormal, by decreasing variance. Owned by this object.</summary>
    member this.Components: Tensor = Tensors.alive this components

    /// <summary>The variance of the data along each direction (k).</summary>
    member _.Variances: float[] = Array.copy variances

    /// <summary>The fraction of the data's variance that the k directions carry, between 0 and 1.</summary>
    member _.Explained: float = Array.sum variances / total

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            mean.Dispose()
            components.Dispose()

/// <summary>Fits and applies principal components.</summary>
[<RequireQualifiedAccess>]
module Pca =

    /// <summary>The k leading principal components of the data.</summary>
    let fit (count: int) (samples: Samples) : Outcome<Pca> =
        let d = samples.Dimension

        Require.between 1 d "the number of principal components" count
        |> Result.bind (fun () -> Samples.checkScale "The data" samples)
        |> Result.bind (fun () ->
            use scope = Tensors.scope ()
            let struct (values, vectors) = torch.linalg.eigh (Samples.covariance samples)

            let leading =
                vectors.narrow(1L, int64 (d - count), int64 count).flip(1L).t().contiguous()

            let variances = Tensors.toArray values |> Array.map (max 0.0) |> Array.rev
            let mean = Samples.mean samples

            Ok(
                new Pca(
                    mean.DetachFromDisposeScope(),
                    leading.DetachFromDisposeScope(),
                    Array.take count variances,
                    max (Array.sum variances) Double.Epsilon
                )
            ))

    let private dimensionMustBe (expected: int) (samples: Samples) (what: string) : Outcome<unit> =
        Require.dimension expected $"the {what}" samples.Dimension
        |> Require.advise "Use the components that were fitted to data of this kind"

    /// <summary>Coordinates along the components: (n, d) to (n, k).</summary>
    let encode (pca: Pca) (samples: Samples) : Outcome<Samples> =
        result {
            do! dimensionMustBe (int pca.Mean.shape[0]) samples "data"
            use _ = Tensors.scope ()
            return! Samples.ofTensor ((samples.Points - pca.Mean).times(pca.Components.t ()))
        }

    /// <summary>Points with these coordinates: (n, k) to (n, d). The inverse of <c>encode</c> on the span of the components.</summary>
    let decode (pca: Pca) (latents: Samples) : Outcome<Samples> =
        result {
            do! dimensionMustBe (int pca.Components.shape[0]) latents "latents"
            use _ = Tensors.scope ()
            return! Samples.ofTensor (latents.Points.times (pca.Components) + pca.Mean)
        }
