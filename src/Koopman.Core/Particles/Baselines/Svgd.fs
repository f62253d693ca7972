namespace Koopman.Particles

open TorchSharp
open Koopman

/// <summary>Settings of Stein variational gradient descent.</summary>
type SvgdOptions =
    {
        /// <summary>The step. Default .1.</summary>
        Step: float
        /// <summary>The number of steps. Default 300.</summary>
        Iterations: int
        /// <summary>True to divide each coordinate's step by its root mean square velocity over time (AdaGrad with memory .9, as in the original). Default true.</summary>
        Adaptive: bool
    }

/// <summary>
/// Stein variational gradient descent (Liu and Wang 2016): v(z) = mean_j [k(z_j, z) ∇log π(z_j) + ∇_j k(z_j, z)] with k = exp(-|x-y|²/h) and
/// h = median²/log M of the particles at every step. Deterministic. Work M² per iteration.
/// </summary>
[<RequireQualifiedAccess>]
module Svgd =

    /// <summary>Step .1, 300 iterations, adaptive.</summary>
    let defaults: SvgdOptions =
        {
            Step = 0.1
            Iterations = 300
            Adaptive = true
        }

    /// h of the kernel: the squared median distance over log M; 1 if that is not positive.
    let private bandwidth (y: Tensor) : float =
        let m = int y.shape[0]

        if m < 3 then
            1.0
        else
            let stride = max 1 (m / 500)
            let some = y.slice (0L, 0L, int64 m, int64 stride)
            let upper = torch.triu_indices (some.shape[0], some.shape[0], 1L)
            let median = torch.cdist(some, some).index(upper[0], upper[1]).median().ToDouble()

            if median > 0.0 then
                median * median / log (float m)
            else
                1.0

    /// The velocity in coordinates y in which the kernel is isotropic, for scores s there, in pieces of rows.
    let private velocity (y: Tensor) (s: Tensor) : Tensor =
        let h = bandwidth y
        let m = int y.shape[0]

        torch.cat (
            [|
                for struct (start, count) in Tensors.pieces 1024 m ->
                    Tensors.keep (fun () ->
                        let rows = Tensors.rows start count y
                        let distance = torch.cdist (rows, y)
                        let k = distance.mul_(distance).mul_(Tensors.num (-1.0 / h)).exp_()
                        // Σ_j ∇_j k(y_j, y) = (2/h) Σ_j k (y - y_j).
                        let repulsion = 2.0 / h * (rows * k.sum (1L, true) - k.times y)

                        1.0 / float m * (k.times (s) + repulsion))
            |],
            0L
        )

    let private run
        (control: Control<SamplerProgress>)
        (options: SvgdOptions)
        (root: Tensor option)
        (target: Target)
        (start: Samples)
        : Outcome<SamplerResult> =
        result {
            do! Sampling.check options.Step options.Iterations target (Manifold.euclidean start.Dimension) start
            use squares = torch.zeros_like start.Points
            let mutable first = true

            // In y = R⁻¹z with B = R Rᵀ the score is Rᵀ∇log π, and a velocity u there is R u here.
            let move (z: Tensor) : Tensor =
                match root with
                | None -> velocity z (target.Score z)
                | Some root ->
                    let y = torch.linalg.solve(root, z.t ()).t()
                    (velocity y ((target.Score z).times root)).times(root.t ())

            return!
                Sampling.iterate control "SVGD" options.Iterations start (fun z ->
                    let v = move z

                    if options.Adaptive then
                        let memory = if first then 0.0 else 0.9
                        first <- false

                        squares.mul_(Tensors.num memory).add_(v * v, Tensors.num (1.0 - memory))
                        |> ignore

                        z.add_ (v / (squares.sqrt () + 1e-6), Tensors.num options.Step) |> ignore
                    else
                        z.add_ (v, Tensors.num options.Step) |> ignore

                    1.0)
        }

    /// <summary>With the isotropic kernel.</summary>
    let plain
        (control: Control<SamplerProgress>)
        (options: SvgdOptions)
        (target: Target)
        (start: Samples)
        : Outcome<SamplerResult> =
        run control options None target start

    /// <summary>
    /// Matrix SVGD (Wang, Tang, Bajaj and Liu 2019) with a constant matrix B: the kernel measures distance by B⁻¹, and velocities are
    /// multiplied by B. With the target's covariance it does not depend on the scaling or shear of the coordinates.
    /// </summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="options">Settings.</param>
    /// <param name="matrix">B (d, d), symmetric and positive definite.</param>
    /// <param name="target">The law.</param>
    /// <param name="start">Where the particles start.</param>
    let matrix
        (control: Control<SamplerProgress>)
        (options: SvgdOptions)
        (matrix: Tensor)
        (target: Target)
        (start: Samples)
        : Outcome<SamplerResult> =
        if matrix.shape <> [| int64 start.Dimension; int64 start.Dimension |] then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The matrix has shape ({matrix.shape[0]}, {matrix.shape[1]}) for particles of {start.Dimension} dimensions"
                "Give a square matrix of the particles' dimension, for instance the covariance of the data"
        else
            use _ = Tensors.scope ()

            match LinearAlgebra.eigh (LinearAlgebra.symmetrise matrix) with
            | Error error -> Error error
            | Ok(struct (values, vectors)) when values.min().ToDouble() > 1e-14 * values.max().ToDouble() ->
                run control options (Some(vectors * values.sqrt().unsqueeze 0L)) target start
            | Ok _ ->
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    "The matrix of SVGD is not positive definite"
                    "Add a small multiple of the identity to the covariance"
