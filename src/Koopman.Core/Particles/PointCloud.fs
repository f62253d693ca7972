namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>A manifold known only from points on it.</summary>
[<RequireQualifiedAccess>]
module PointCloud =

    /// The indices of the nearest points to each point, including itself (n, count), row by row.
    let private nearest (count: int) (points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            torch.cat (
                [|
                    for struct (start, size) in Tensors.pieces 256 (int points.shape[0]) ->
                        Tensors.keep (fun () ->
                            torch
                                .cdist(Tensors.rows start size points, points)
                                .argsort(1L)
                                .narrow(1L, 0L, int64 count))
                |],
                0L
            ))

    /// The means (n, d) and tangent bases (n, d, k) of the points around each point, by principal components.
    let private planes (dimension: int) (count: int) (points: Tensor) : struct (float[] * float[]) =
        use _ = Tensors.scope ()
        let n, d = points.shape[0], points.shape[1]
        let index = nearest count points

        let around = points.index_select(0L, index.reshape -1L).reshape(n, int64 count, d)

        let mean = around.mean ([| 1L |], true)
        let centred = around - mean

        let struct (_, vectors) =
            torch.linalg.eigh (centred.transpose(1L, 2L).times centred)

        struct (Tensors.toArray mean, Tensors.toArray (vectors.narrow (2L, d - int64 dimension, int64 dimension)))

    /// <summary>
    /// The manifold through the samples: its tangent space at a point is that of the nearest sample, the leading principal
    /// components of the samples around it, and points are projected onto the plane through their mean. The approximation is flat:
    /// it deviates inwards from a curved surface by about the square of the neighbourhood's radius over twice the radius of curvature.
    /// </summary>
    /// <param name="dimension">The manifold's own dimension k.</param>
    /// <param name="neighbours">The number of samples that determine a plane, more than k; 30 is usual.</param>
    /// <param name="samples">Points on the manifold.</param>
    let manifold (dimension: int) (neighbours: int) (samples: Samples) : Outcome<Manifold> =
        let n, d = samples.Count, samples.Dimension

        Require.all {
            Require.between 1 d "the dimension of the surface" dimension
            Require.between (dimension + 1) n "the number of neighbours of a tangent space" neighbours
        }
        |> Result.bind (fun () ->
            // .NET arrays, so that a manifold needs no disposal.
            let known = Neighbours.build d (Samples.values samples)
            let struct (means, bases) = planes dimension neighbours samples.Points

            let rows (size: int) (values: float[]) (index: int[]) : float[] =
                let found = Array.zeroCreate (index.Length * size)

                for i in 0 .. index.Length - 1 do
                    Array.blit values (index[i] * size) found (i * size) size

                found

            let nearestTo (points: Tensor) : int[] =
                let values = Tensors.toArray points

                Array.init (values.Length / d) (fun i ->
                    let struct (index, _) = known.Nearest(ReadOnlySpan(values, i * d, d))
                    index)

            let basis (index: int[]) : Tensor =
                (Tensors.ofRows index.Length (rows (d * dimension) bases index))
                    .reshape(int64 index.Length, int64 d, int64 dimension)

            /// B Bᵀ v for each row.
            let onto (basis: Tensor) (vectors: Tensor) : Tensor =
                basis.times(basis.transpose(1L, 2L).times(vectors.unsqueeze 2L)).squeeze 2L

            Ok
                {
                    Description = $"surface of {dimension} dimensions through {n} points"
                    Ambient = d
                    Dimension = dimension
                    Project = fun points vectors -> Tensors.keep (fun () -> onto (basis (nearestTo points)) vectors)
                    Retract =
                        fun points ->
                            Tensors.keep (fun () ->
                                let index = nearestTo points
                                let mean = Tensors.ofRows index.Length (rows d means index)
                                mean + onto (basis index) (points - mean))
                })
