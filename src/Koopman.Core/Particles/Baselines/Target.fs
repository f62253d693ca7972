namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>A law π on R^d for samplers that use its density or its score, which KSWGD does not need.</summary>
[<NoComparison; NoEquality>]
type Target =
    internal
        {
            /// <summary>The dimension d.</summary>
            Dimension: int
            /// <summary>log π up to a constant at points (n, d), as (n).</summary>
            LogDensity: Tensor -> Tensor
            /// <summary>∇ log π at points (n, d), as (n, d).</summary>
            Score: Tensor -> Tensor
        }

/// <summary>Functions that create targets.</summary>
[<RequireQualifiedAccess>]
module Target =

    /// <summary>A law on R^d from its log density up to a constant, a function from (n, d) to (n), and its score, from (n, d) to (n, d).</summary>
    let create (dimension: int) (logDensity: Tensor -> Tensor) (score: Tensor -> Tensor) : Target =
        {
            Dimension = dimension
            LogDensity = logDensity
            Score = score
        }

    /// <summary>The dimension d.</summary>
    let dimension (target: Target) : int = target.Dimension

    /// <summary>log π up to a constant at points (n, d), as (n). The caller owns it.</summary>
    let logDensity (target: Target) (points: Tensor) : Tensor = target.LogDensity points

    /// <summary>∇ log π at points (n, d), as (n, d). The caller owns it.</summary>
    let score (target: Target) (points: Tensor) : Tensor = target.Score points

    /// <summary>π ∝ exp(-V/T) of a system with known potential.</summary>
    let ofSystem (system: LangevinSystem) : Target =
        let d = system.Dimension
        let beta = 1.0 / system.Temperature

        {
            Dimension = d
            LogDensity =
                fun points ->
                    let values = Tensors.toArray points

                    Array.init (values.Length / d) (fun i ->
                        -beta * system.Potential.Invoke(ReadOnlySpan(values, i * d, d)))
                    |> Tensors.ofVector
                    |> Tensors.like points
            Score =
                fun points ->
                    let values = Tensors.toArray points
                    let score = Array.zeroCreate values.Length

                    for i in 0 .. values.Length / d - 1 do
                        system.Drift.Invoke(ReadOnlySpan(values, i * d, d), Span(score, i * d, d))

                    for i in 0 .. score.Length - 1 do
                        score[i] <- beta * score[i]

                    Tensors.ofRows (values.Length / d) score |> Tensors.like points
        }

    /// <summary>
    /// A mixture of Gaussians of equal width: Σ_a w_a N(c_a, σ²). With the data as centres it is their kernel density, the estimate of π
    /// for samplers when only data are known.
    /// </summary>
    /// <param name="width">σ, positive.</param>
    /// <param name="centres">The centres with their weights, which are copied into .NET arrays.</param>
    let kernelDensity (width: float) (centres: Samples) : Outcome<Target> =
        Require.positive "the width of the density's kernel" width
        |> Require.advise "Give a positive length, for example half the median distance of the data over log(n)^½"
        |> Result.bind (fun () ->
            let scale = 1.0 / (width * width)
            let count, dimension = centres.Count, centres.Dimension
            let rows = Samples.values centres

            let logWeights = Tensors.within (fun () -> Tensors.toArray (centres.Weights.log ()))

            /// -|x-c|²/2σ² + log w (n, N) at the centres c (N, d).
            let exponents (points: Tensor) (centres: Tensor) : Tensor =
                let distance = torch.cdist (points, centres)

                distance
                    .mul_(distance)
                    .mul_(Tensors.num (-0.5 * scale))
                    .add_(Tensors.ofVector logWeights |> Tensors.like points)

            Ok
                {
                    Dimension = dimension
                    LogDensity =
                        fun points ->
                            Tensors.keep (fun () ->
                                (exponents points (Tensors.ofRows count rows |> Tensors.like points)).logsumexp 1L)
                    Score =
                        fun points ->
                            Tensors.keep (fun () ->
                                let centres = Tensors.ofRows count rows |> Tensors.like points
                                let mean = (exponents points centres).softmax(1L).times centres
                                mean.sub_(points).mul_(Tensors.num scale))
                })

    /// <summary>The Gaussian with this mean (d) and covariance (d, d), which are copied into .NET arrays.</summary>
    let gaussian (mean: float[]) (covariance: float[,]) : Outcome<Target> =
        let d = mean.Length

        if d = 0 || covariance.GetLength 0 <> d || covariance.GetLength 1 <> d then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"A mean of {d} entries and a covariance of {covariance.GetLength 0} rows do not define a Gaussian"
                "Give a mean (d) and a covariance (d, d)"
        else
            let matrix =
                MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.DenseOfArray covariance

            let factor =
                try
                    Some(matrix.Cholesky())
                with :? ArgumentException ->
                    None

            match factor with
            | None ->
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    "The covariance is not positive definite"
                    "Give a symmetric matrix with positive eigenvalues"
            | Some factor ->
                let precision =
                    factor.Solve(MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.DenseIdentity d)

                let precision = precision.ToArray()

                /// Σ⁻¹(m - x).
                let score (points: Tensor) : Tensor =
                    Tensors.keep (fun () ->
                        let near = Tensors.like points
                        (near (Tensors.ofVector mean) - points).times(near (Tensors.ofMatrix precision)))

                Ok
                    {
                        Dimension = d
                        LogDensity =
                            fun points ->
                                Tensors.keep (fun () ->
                                    0.5
                                    * ((points - Tensors.like points (Tensors.ofVector mean)) * score points).sum(1L))
                        Score = score
                    }
