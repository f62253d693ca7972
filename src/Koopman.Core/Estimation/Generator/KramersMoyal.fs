namespace Koopman

open System
open TorchSharp

/// <summary>The form of the estimated diffusion.</summary>
type DiffusionForm =
    /// <summary>One matrix for all states.</summary>
    | ConstantDiffusion
    /// <summary>A matrix that depends on the state, each entry on the same observables as the drift.</summary>
    | StateDependentDiffusion

/// <summary>Settings of the estimate of drift and diffusion.</summary>
type KramersMoyalOptions =
    {
        /// <summary>The form of the diffusion. Default constant.</summary>
        Form: DiffusionForm
        /// <summary>
        /// The order in the lag τ of the remaining finite-lag error: 1 for the plain conditional moments of the
        /// increments, 2 (the default) with the next term removed.
        /// </summary>
        Order: int
        /// <summary>Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. Default 1e-10.</summary>
        RankTolerance: float
    }

/// <summary>An estimated diffusion a = σσᵀ.</summary>
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type DiffusionEstimate =
    /// <summary>One matrix (d, d) for all states.</summary>
    | Uniform of matrix: Tensor
    /// <summary>Coefficients (N, d, d): a_ij(x) = Σ_k c[k, i, j] ψ_k(x).</summary>
    | OnObservables of coefficients: Tensor

    member internal this.Tensor: Tensor =
        match this with
        | Uniform tensor
        | OnObservables tensor -> tensor

    member internal this.Map(change: Tensor -> Tensor) : DiffusionEstimate =
        match this with
        | Uniform matrix -> Uniform(change matrix)
        | OnObservables coefficients -> OnObservables(change coefficients)

/// <summary>
/// An estimated equation of motion dX = b(X) dt + σ(X) dW: b_i(x) = Σ_k Drift[k, i] ψ_k(x), and a = σσᵀ likewise or constant.
/// </summary>
[<Sealed>]
type KramersMoyal
    internal (observables: Observables, drift: Tensor, driftErrors: Tensor, diffusion: DiffusionEstimate, lag: float) =

    let held = observables.Hold()

    /// The nearest matrices without negative eigenvalues, which a regression can produce.
    static member internal GradientClip(matrices: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let struct (values, vectors) = torch.linalg.eigh matrices
            let kept = values.clamp_min (Tensors.num 0.0)
            (vectors * kept.unsqueeze -2L).times(vectors.transpose (-2L, -1L)))

    /// <summary>The observables of the regressions.</summary>
    member _.Observables: Observables = observables

    /// <summary>The drift's coefficients (N, d). Owned by this object.</summary>
    member this.Drift: Tensor = Tensors.alive this drift

    /// <summary>The standard errors (N, d) of the drift from sampling alone, for the first order. Owned by this object.</summary>
    member this.DriftErrors: Tensor = Tensors.alive this driftErrors

    /// <summary>The diffusion. Its tensor is owned by this object.</summary>
    member _.Diffusion: DiffusionEstimate = diffusion

    /// <summary>The lag of the data.</summary>
    member _.Lag: float = lag

    /// a at points with given values of the functions, as (n, d, d) or (1, d, d).
    member internal _.DiffusionOn(functions: Tensor) : Tensor =
        match diffusion with
        | DiffusionEstimate.Uniform matrix -> matrix.unsqueeze 0L
        | DiffusionEstimate.OnObservables coefficients ->
            let d = coefficients.shape[1]

            functions.times(coefficients.reshape (-1L, d * d)).reshape(-1L, d, d)
            |> KramersMoyal.GradientClip

    /// <summary>The diffusion at points (n, d), in the caller's dispose scope; the metric of particles, see <c>ParticleField.withDiffusion</c>.</summary>
    member this.DiffusionAt(points: Tensor) : Diffusion =
        match diffusion with
        | DiffusionEstimate.Uniform matrix -> Diffusion.Constant((Tensors.alive this matrix).alias())
        | DiffusionEstimate.OnObservables coefficients ->
            Tensors.alive this coefficients |> ignore
            Diffusion.Full(this.DiffusionOn(observables.Values points))

    /// <summary>Drift and diffusion at points (n, d). Negative eigenvalues of the estimated diffusion are set to 0.</summary>
    member this.At(points: Tensor) : DriftDiffusion =
        use _ = Tensors.scope ()
        let functions = observables.Values points
        let a = this.DiffusionOn functions

        new DriftDiffusion(
            Tensors.copy (functions.times drift),
            (if diffusion.IsUniform then
                 Diffusion.Constant(Tensors.copy (a.squeeze 0L))
             else
                 Diffusion.Full(Tensors.copy a))
        )

    /// <summary>Frees the tensors and releases the observables.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors and releases the observables.</summary>
        member _.Dispose() =
            drift.Dispose()
            driftErrors.Dispose()
            diffusion.Tensor.Dispose()
            held.Dispose()

    override _.ToString() : string =
        $"drift and diffusion on {observables.Description}, from pairs at lag {lag:G6}"

/// <summary>
/// Drift and diffusion from pairs: the conditional mean and covariance of the increment y - x divided by the lag (Kramers-Moyal), as
/// regressions on observables.
/// </summary>
[<RequireQualifiedAccess>]
module KramersMoyal =

    /// <summary>Constant diffusion, second order, cut 1e-10.</summary>
    let defaults: KramersMoyalOptions =
        {
            Form = ConstantDiffusion
            Order = 2
            RankTolerance = 1e-10
        }

    /// The sum over the data of a function of states x, increments y - x and weights (size, 1).
    let private total
        (observables: Observables)
        (pairs: SnapshotPairs)
        (f: Tensor -> Tensor -> Tensor -> Tensor)
        : Tensor =
        use outer = Tensors.scope ()
        let mutable sum = torch.zeros (1L, dtype = torch.float64)

        for struct (start, size) in Tensors.pieces (Tensors.pieceRows observables.Count) pairs.Count do
            use inner = Tensors.scope ()
            let x = Tensors.rows start size pairs.From.Points
            let step = Tensors.rows start size pairs.To.Points - x
            let weights = (Tensors.rows start size pairs.From.Weights).unsqueeze 1L
            sum <- inner.MoveToOuter(sum + f x step weights)

        outer.MoveToOuter sum

    /// The slopes ∂_k b_l of the drift at points, as (n, d, d) with k in the middle.
    let private slopes (observables: Observables) (drift: Tensor) (points: Tensor) : Tensor =
        torch.stack (
            [|
                for axis in 0 .. observables.Dimension - 1 -> observables.Partial(points, axis).times drift
            |],
            1L
        )

    let private check (options: KramersMoyalOptions) (observables: Observables) (pairs: SnapshotPairs) : Outcome<unit> =
        Require.all {
            Require.settings "KramersMoyal.defaults" {
                Require.oneOf [ 1; 2 ] "Order" options.Order
                Require.share "RankTolerance" options.RankTolerance
            }

            if pairs.Inputs.IsSome then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "These pairs carry inputs, whose effect would be attributed to the drift"
                    "Append the inputs to the states, or use pairs without inputs"

            if options.Order = 2 then
                Fitting.checkDifferentiable observables

            Fitting.check observables pairs.From
        }

    /// <summary>
    /// Regressions of (y-x)/τ and of eeᵀ/τ, e = y - x - τ b(x), on the observables. The first order leaves b + ½τ 𝓛b and
    /// a + ½τ (𝓛a + a∇b + (a∇b)ᵀ); the second removes these terms with the generator 𝓛 of the first estimate. The product τ bbᵀ
    /// does not enter. Choose the lag well below the time in which drift and diffusion change along the motion.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="observables">The dictionary of the regressions; include the constant to represent a mean drift.</param>
    /// <param name="pairs">States and successors, weighted or not; at least 40, and two per function.</param>
    let estimate
        (options: KramersMoyalOptions)
        (observables: Observables)
        (pairs: SnapshotPairs)
        : Outcome<KramersMoyal> =
        result {
            do! check options observables pairs
            use _ = Tensors.scope ()
            let lag, d = pairs.Lag, int64 pairs.Dimension
            let per = 1.0 / lag
            let total = total observables pairs
            let values = observables.Values

            let! basis =
                total (fun x _ w -> (values x).t().times(values x * w))
                |> LinearAlgebra.whiten options.RankTolerance

            let pseudo = basis.times (basis.t ())

            let regress (target: Tensor -> Tensor -> Tensor) =
                pseudo.times (total (fun x step w -> (values x * w).t().times(target x step)))

            let drift = regress (fun _ step -> step) * per

            let left (x: Tensor) (step: Tensor) = step - lag * (values x).times(drift)

            // The sandwich variance: the residual of an increment has mean 0 given the past, so that the sum of squares has no cross
            // terms; those of overlapping pairs are at most as large as the squares.
            let variance =
                total (fun x step w -> ((values x).times(pseudo) * w).square().t().times((left x step).square()))

            let covariance (x: Tensor) (step: Tensor) =
                let e = left x step
                e.unsqueeze (2L) * e.unsqueeze 1L * per

            let flat (t: Tensor) = t.reshape (-1L, d * d)

            let spread (target: Tensor -> Tensor -> Tensor) =
                match options.Form with
                | ConstantDiffusion ->
                    total (fun x step w -> (target x step * w.unsqueeze 2L).sum 0L)
                    |> KramersMoyal.GradientClip
                    |> DiffusionEstimate.Uniform
                | StateDependentDiffusion ->
                    (regress (fun x step -> flat (target x step))).reshape(-1L, d, d)
                    |> DiffusionEstimate.OnObservables

            let errors = sqrt (float pairs.Stride) / lag * variance.sqrt ()

            let model drift (diffusion: DiffusionEstimate) =
                new KramersMoyal(observables, Tensors.copy drift, Tensors.copy errors, diffusion.Map Tensors.copy, lag)

            let first = model drift (spread covariance)

            if options.Order = 1 then
                return first
            else
                use first = first
                let half = 0.5 * lag

                let generator =
                    regress (fun x _ ->
                        use motion = first.At x
                        observables.GeneratorOf(x, motion))

                let corrected (x: Tensor) (step: Tensor) =
                    let flux = (first.DiffusionOn(values x)).times(slopes observables first.Drift x)
                    covariance x step - (flux + flux.transpose (1L, 2L)) * half

                let second (coefficients: Tensor) =
                    coefficients - generator.times (coefficients) * half

                let diffusion =
                    match spread corrected with
                    | DiffusionEstimate.OnObservables a ->
                        DiffusionEstimate.OnObservables((second (flat a)).reshape(-1L, d, d))
                    | uniform -> uniform

                return model (second first.Drift) diffusion
        }
