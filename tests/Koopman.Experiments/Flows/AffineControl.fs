namespace Koopman.Experiments

open Koopman
open Koopman.Cli
open TorchSharp

/// <summary>
/// The best possible lift without features: for every horizon the affine map that fits the teacher's paths best. It carries Gaussian noise to
/// Gaussian points, for any data.
/// </summary>
[<RequireQualifiedAccess>]
module AffineControl =

    /// Coefficients (d+1, d) of the least squares map from points to points.
    let private fit (from: Tensor) (until: Tensor) : Tensor =
        let ones = torch.ones (from.shape[0], 1L, dtype = from.dtype)

        let struct (found, _, _, _) =
            torch.linalg.lstsq (torch.cat ([| from; ones |], 1L), until)

        found

    let private apply (map: Tensor) (points: Tensor) : Tensor =
        let d = points.shape[1]
        points.times (map.narrow (0L, 0L, d)) + map.select (0L, d)

    let private distance (a: Tensor) (b: Tensor) : float =
        (a - b).square().sum(-1L).mean().sqrt().ToDouble()

    /// <summary>The map from noise to data, fitted on one set of paths (times, n, d) with the given index of the end. The caller disposes of
    /// it.</summary>
    let ends (paths: Tensor) : Tensor =
        let map =
            Tensors.own (fun () -> fit (paths.select (0L, 0L)) (paths.select (0L, paths.shape[0] - 1L)))

        map

    /// <summary>Noise moved by such a map.</summary>
    let move (map: Tensor) : NoiseMap =
        fun noise -> Ok(Tensors.own (fun () -> apply (map.to_type noise.dtype) noise))

    /// <summary>The errors on other paths (times, n, d): at the end, averaged over the times between, and at the end from a quarter, half and three
    /// quarters of the way.</summary>
    let errors (known: Tensor) (fresh: Tensor) : struct (float * float * float) =
        use _ = torch.NewDisposeScope()
        let last = known.shape[0] - 1L

        let error (from: int64) (until: int64) =
            let map = fit (known.select (0L, from)) (known.select (0L, until))
            distance (apply map (fresh.select (0L, from))) (fresh.select (0L, until))

        let between = [ for k in 1L .. 7L -> error 0L (k * last / 8L) ]
        let later = [ for k in 1L .. 3L -> error (k * last / 4L) last ]
        struct (error 0L last, List.average between, List.average later)
