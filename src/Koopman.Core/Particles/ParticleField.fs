namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>
/// The force on particles z: the energy E = ½ Δᵀ P Δ of the difference Δ between their mean of the observables ψ and a target mean, and
/// the velocity v(z) = -½ a(z) ∇ψ(z)ᵀ P Δ with the diffusion a of the process, a = 2T for Langevin dynamics. P = R Rᵀ is the inverse of the
/// Dirichlet form ½⟨∇ψ, a ∇ψᵀ⟩ on the span of ψ: E = ½ Σ_k c_k²/η_k in its eigenfunctions.
/// </summary>
[<Sealed>]
type ParticleField
    internal
    (
        observables: Observables,
        target: Tensor,
        root: Tensor,
        metric: FlowMetric,
        warnings: string[],
        spread: float,
        size: float
    ) =
    inherit Shared()

    let held = observables.Hold()
    let target', root' = new Constant(target), new Constant(root)

    /// <summary>The functions ψ whose means are matched.</summary>
    member _.Observables: Observables = observables

    /// <summary>The mean of ψ to be reached (N). Owned by this object.</summary>
    member this.Target: Tensor = Tensors.alive this target

    /// <summary>R (N, r) of P = R Rᵀ. Owned by this object.</summary>
    member this.Root: Tensor = Tensors.alive this root

    /// <summary>The diffusion a = σσᵀ of the process at points (n, d), as (n, d, d): known, given, or read off the spectrum. The caller owns it.</summary>
    /// <exception cref="T:System.ArgumentException">The points have another shape.</exception>
    member _.DiffusionAt(points: Tensor) : Tensor =
        Tensors.checkPoints observables.Dimension points

        Tensors.keep (fun () ->
            torch.stack (
                [|
                    for axis in 0 .. observables.Dimension - 1 ->
                        let unit = torch.zeros_like points
                        unit.select(1L, int64 axis).fill_(Tensors.num 2.0) |> ignore
                        metric.Raise(points, unit)
                |],
                2L
            ))

    /// <summary>What the spectrum did not determine, in words; empty if nothing.</summary>
    member _.Warnings: string[] = Array.copy warnings

    member internal _.Metric: FlowMetric = metric

    /// <summary>The number of independent functions that are matched, r.</summary>
    member this.Rank: int = int this.Root.shape[1]

    /// <summary>The effective number n of the samples from which the target mean was computed.</summary>
    member _.EffectiveSize: float = size

    member internal _.Spread: float = spread

    /// <summary>The mean energy of M independent samples, ½ (1/M + 1/n) Σ_k 1/η_k.</summary>
    member _.IndependentEnergy(particles: int) : float =
        0.5 * (1.0 / float particles + 1.0 / size) * spread

    /// For a mean of ψ: the energy if requested, and the coefficients P Δ of the potential that the particles descend.
    member internal _.Pull(mean: Tensor) : struct ((unit -> float) * Tensor) =
        let root = root'.For mean
        let moments = root.t().mv(mean - target'.For mean)
        struct ((fun () -> 0.5 * moments.dot(moments).ToDouble()), root.mv moments)

    /// <summary>Frees the tensors and releases the observables.</summary>
    override _.Free() : unit =
        target'.Dispose()
        root'.Dispose()
        metric.Free()
        held.Dispose()

/// <summary>Functions that create and evaluate fields.</summary>
[<RequireQualifiedAccess>]
module ParticleField =

    /// Particles are processed in pieces, so that memory does not grow with their number.
    let internal piece = 8192

    let private differentiable (observables: Observables) : Outcome<unit> =
        if observables.IsDifferentiable then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The {observables.Description} have no gradients, which the flow needs"
                "Fit the spectrum with smooth observables, for example Gaussians"

    let private resolventMustBe (resolvent: float) : Outcome<unit> =
        Require.notNegative "the resolvent's constant" resolvent
        |> Require.advise "Give a rate of at least 0; 0 is the inverse generator itself"

    /// A rate below this fraction of the fastest counts as 0: its function is constant on groups of data with no data between them, and particles
    /// cannot follow it.
    let private still = 1e-10

    /// The field of a spectrum in a metric, which is chosen by the first mode that moves particles.
    let private ofModes
        (resolvent: float)
        (model: Spectrum)
        (data: Samples)
        (metricOf: int -> struct (FlowMetric * string list))
        : Outcome<ParticleField> =
        result {
            do! resolventMustBe resolvent

            do!
                Require.dimension model.Observables.Dimension "the data" data.Dimension
                |> Require.advise "Use the data that the model was fitted to"

            if not model.IsReversible then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "A flow needs real eigenfunctions of a self-adjoint operator, but this spectrum is that of a general one"
                        "Fit with Edmd.reversible or Langevin.fit"
            else
                do! differentiable model.Observables
                let rates = model.Rates

                let fastest = rates |> Array.filter Double.IsFinite |> Array.fold max 0.0

                let first =
                    rates
                    |> Array.tryFindIndex (fun rate -> Double.IsFinite rate && rate > still * fastest)

                match first with
                | None ->
                    return!
                        KoopmanError.fail
                            ErrorKind.IllConditioned
                            $"No mode has a positive rate (the fastest is {Array.last rates}): there is no direction to flow in"
                            "Give data that vary and connect all groups, or sample each group separately"
                | Some first ->
                    use _ = Tensors.scope ()

                    let struct (metric, findings) = metricOf first

                    let inverse = rates[first..] |> Array.map (fun rate -> 1.0 / (rate + resolvent))

                    let kept = model.Coefficients.narrow (1L, int64 first, int64 inverse.Length)

                    let root = kept * (Tensors.ofVector inverse).sqrt().unsqueeze 0L

                    return
                        new ParticleField(
                            model.Observables,
                            model.Centre.clone().DetachFromDisposeScope(),
                            root.DetachFromDisposeScope(),
                            metric,
                            Array.ofList findings,
                            Array.sum inverse,
                            Samples.effectiveCount data
                        )
        }

    /// <summary>
    /// The field of a spectrum, P = Σ_k v_k v_kᵀ/(η_k + c). Modes without a rate are left out. For fewer modes see
    /// <c>Spectrum.truncate</c>. The diffusion is 2T for a spectrum of <c>Langevin.fit</c>. For others a constant one is read off the modes: the
    /// projections f of the coordinates and their squares obey ½⟨∇f, a ∇g⟩ = Σ_k η_k⟨f, φ_k⟩⟨g, φ_k⟩ at any lag, and <c>Warnings</c> say if none fits. For
    /// the spectrum of pairs <c>ofPairs</c> measures it better, and <c>withDiffusion</c> gives one that is known.
    /// </summary>
    /// <param name="resolvent">c: 0 is the inverse generator; larger values slow down the slow modes. Has the unit of a rate.</param>
    /// <param name="model">A reversible spectrum.</param>
    /// <param name="data">The samples that the model was fitted to.</param>
    let ofSpectrum (resolvent: float) (model: Spectrum) (data: Samples) : Outcome<ParticleField> =
        ofModes resolvent model data (fun first ->
            match model.Convention with
            | PositiveGenerator temperature -> struct (FlowMetric.Isotropic temperature, [])
            | PropagatorAtLag _
            | InfinitesimalGenerator ->
                let struct (metric, finding) = FlowMetric.ofSpectrum first model data
                struct (metric, Option.toList finding))

    /// <summary>
    /// The field of the spectrum of pairs at lag τ, P = Σ_k v_k v_kᵀ/(η_k + c), in the metric of their diffusion: a constant one, measured by the
    /// quadratic variation of the coordinates and, for what decays within a lag, by the modes,
    /// ½a_ij = ⟨Δx_i Δx_j⟩/2τ + Σ_k ⟨x_i, φ_k⟩⟨x_j, φ_k⟩(η_k - (1 - λ_k)/τ). <c>Warnings</c> say if the squares of the coordinates contradict a constant
    /// one, and if the lag is too long. <c>withDiffusion</c> gives one that is known.
    /// </summary>
    /// <param name="resolvent">c: 0 is the inverse generator; larger values slow down the slow modes. Has the unit of a rate.</param>
    /// <param name="model">A reversible spectrum of these pairs.</param>
    /// <param name="pairs">The pairs that the model was fitted to.</param>
    /// <returns>An error if the spectrum is not reversible, has another lag or dimension, or no mode moves anything.</returns>
    let ofPairs (resolvent: float) (model: Spectrum) (pairs: SnapshotPairs) : Outcome<ParticleField> =
        result {
            match model.Convention with
            | PropagatorAtLag lag when lag = pairs.Lag ->
                return! ofModes resolvent model pairs.From (fun first -> FlowMetric.ofPairs first model pairs)
            | PropagatorAtLag lag ->
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"The spectrum is that of a propagator at lag {lag}, but the pairs have the lag {pairs.Lag}"
                        "Give the pairs that the model was fitted to"
            | _ -> return! ofSpectrum resolvent model pairs.From
        }

    /// Functions closer than this to the span of the others, as a squared relative distance, are left out. This keeps about as many as the spectral
    /// form does with its default cut; more of them add noise to the particles without matching more of the data.
    let private nearness = 1e-7

    /// R (N, r) with R Rᵀ = A⁻¹ on functions chosen one by one, each the farthest from the span of those before in the norm of A, until
    /// the rest is rounding error: pivoted Cholesky of A scaled to unit diagonal. No eigenproblem.
    let private inverseRoot (cut: float) (matrix: Tensor) : Tensor option =
        let n = int matrix.shape[0]
        let a = Tensors.toArray matrix

        let scale =
            Array.init n (fun i -> if a[i * n + i] > 0.0 then 1.0 / sqrt a[i * n + i] else 0.0)

        let scaled = Array.init (n * n) (fun at -> a[at] * scale[at / n] * scale[at % n])
        let struct (chosen, columns) = LinearAlgebra.pivotedCholesky n cut n scaled
        let r = chosen.Length

        if r = 0 then
            None
        else
            Some(
                Tensors.keep (fun () ->
                    let lower =
                        Array.init (r * r) (fun at ->
                            if at % r <= at / r then
                                columns[at % r][chosen[at / r]]
                            else
                                0.0)
                        |> Tensors.ofRows r

                    let inverse =
                        torch.linalg.solve_triangular (lower, torch.eye (int64 r, dtype = torch.float64), false)

                    let scales = chosen |> Array.map (fun i -> scale[i]) |> Tensors.ofVector
                    let root = torch.zeros (int64 n, int64 r, dtype = torch.float64)

                    let index = Tensors.ofIndices (chosen |> Array.map int64)

                    root.index_copy (0L, index, inverse.t () * scales.unsqueeze 1L))
            )

    /// The field of all functions in a metric. The form of `measured` at the temperature is the Dirichlet form of the observables.
    let private ofForm
        (resolvent: float)
        (metric: FlowMetric)
        (temperature: float)
        (measured: Observables)
        (observables: Observables)
        (data: Samples)
        : Outcome<ParticleField> =
        result {
            use _ = Tensors.scope ()
            use moments = Moments.ofSamples measured temperature (0, data.Count) data
            let struct (mean, gram, form) = Moments.centred moments

            if not (Tensors.isFinite gram && Tensors.isFinite form) then
                return!
                    KoopmanError.fail
                        ErrorKind.NotFinite
                        "The moments of the observables contain NaN or infinity"
                        "Scale the data (for example to unit variance) or lower the degree of the observables"
            else
                match inverseRoot nearness (form + resolvent * gram) with
                | None ->
                    return!
                        KoopmanError.fail
                            ErrorKind.IllConditioned
                            "All observables are constant on these data"
                            "Use observables that vary over the data, and check that the samples are not all the same point"
                | Some root ->
                    return
                        new ParticleField(
                            observables,
                            mean.clone().DetachFromDisposeScope(),
                            root.DetachFromDisposeScope(),
                            metric,
                            [||],
                            (root * gram.times root).sum().ToDouble(),
                            Samples.effectiveCount data
                        )
        }

    /// <summary>
    /// The field of all functions, v(z) = -T ∇ψ(z)ᵀ (S + c G)⁻¹ (ψ̄_Z - ψ̄_X) with S = T⟨∇ψ·∇ψᵀ⟩ and G the covariance of ψ over the data: the
    /// field of all modes, without an eigenproblem.
    /// </summary>
    /// <param name="resolvent">c, a rate; 0 for the inverse generator.</param>
    /// <param name="temperature">T, positive.</param>
    /// <param name="observables">The dictionary.</param>
    /// <param name="data">Samples of the law, weighted or not.</param>
    let fullRank
        (resolvent: float)
        (temperature: float)
        (observables: Observables)
        (data: Samples)
        : Outcome<ParticleField> =
        result {
            do! resolventMustBe resolvent
            do! differentiable observables
            do! Fitting.checkPlace data

            do!
                Require.positive "the temperature" temperature
                |> Require.advise "Give T of dX = -∇V dt + √(2T) dW"

            do!
                Require.dimension data.Dimension "the observables" observables.Dimension
                |> Require.advise "Make the observables for the dimension of the data"

            return! ofForm resolvent (FlowMetric.Isotropic temperature) temperature observables observables data
        }

    /// <summary>
    /// The same for a diffusion a that depends on direction or position: v(z) = -½ a(z) ∇ψ(z)ᵀ (S + c G)⁻¹ (ψ̄_Z - ψ̄_X) with S = ½⟨∇ψ, a∇ψᵀ⟩.
    /// </summary>
    /// <param name="resolvent">c, a rate; 0 for the inverse generator.</param>
    /// <param name="diffusion">a = σσᵀ at points (n, d). It is called with batches of data and particles.</param>
    /// <param name="observables">The dictionary.</param>
    /// <param name="data">Samples of the law, weighted or not.</param>
    let fullRankWithDiffusion
        (resolvent: float)
        (diffusion: Tensor -> Diffusion)
        (observables: Observables)
        (data: Samples)
        : Outcome<ParticleField> =
        result {
            do! resolventMustBe resolvent
            do! differentiable observables
            do! Fitting.checkPlace data

            do!
                Require.dimension data.Dimension "the observables" observables.Dimension
                |> Require.advise "Make the observables for the dimension of the data"

            do! Langevin.checkDiffusion diffusion data
            let measured = Langevin.stretched data.Dimension diffusion observables
            return! ofForm resolvent (FlowMetric.Varying diffusion) 1.0 measured observables data
        }

    /// <summary>
    /// The same field in the metric of a known diffusion, in place of that which the spectrum was taken to have: v(z) = -½ a(z) ∇u(z).
    /// For an estimated one give <c>model.DiffusionAt</c> of a <c>KramersMoyal</c> model, which must live as long as the field.
    /// </summary>
    /// <param name="diffusion">a = σσᵀ at points (n, d). It is called with batches of particles.</param>
    /// <param name="data">Samples of the law, on which the diffusion is checked.</param>
    /// <param name="field">The field. It is not changed.</param>
    let withDiffusion (diffusion: Tensor -> Diffusion) (data: Samples) (field: ParticleField) : Outcome<ParticleField> =
        Require.dimension field.Observables.Dimension "the data" data.Dimension
        |> Require.advise "Give samples of the space that the field was made in"
        |> Result.bind (fun () -> Langevin.checkDiffusion diffusion data)
        |> Result.map (fun () ->
            use _ = Tensors.scope ()

            new ParticleField(
                field.Observables,
                field.Target.clone().DetachFromDisposeScope(),
                field.Root.clone().DetachFromDisposeScope(),
                FlowMetric.Varying diffusion,
                [||],
                field.Spread,
                field.EffectiveSize
            ))

    /// The mean of ψ over points (n, d) with weights of sum 1, in pieces.
    let private mean (observables: Observables) (weights: Tensor) (points: Tensor) : Tensor =
        let sum = Tensors.zeros [| int64 observables.Count |] points

        for struct (start, count) in Tensors.pieces piece (int points.shape[0]) do
            use _ = Tensors.scope ()

            sum.add_ ((observables.Values(Tensors.rows start count points)).t().mv(Tensors.rows start count weights))
            |> ignore

        sum

    /// <summary>
    /// The same field with the means of ψ over other samples as its target: for example moments of a conditional law, from samples
    /// of the law with likelihood weights.
    /// </summary>
    let towards (samples: Samples) (field: ParticleField) : Outcome<ParticleField> =
        Require.dimension field.Observables.Dimension "the target" samples.Dimension
        |> Require.advise "Give samples of the space that the field was made in"
        |> Result.bind (fun () ->
            use _ = Tensors.scope ()
            let target = mean field.Observables samples.Weights samples.Points

            Ok(
                new ParticleField(
                    field.Observables,
                    target.DetachFromDisposeScope(),
                    field.Root.clone().DetachFromDisposeScope(),
                    field.Metric.Copy(),
                    field.Warnings,
                    field.Spread,
                    Samples.effectiveCount samples
                )
            ))

    /// The energy of particles z (M, d), and the velocities of some of their rows, in the caller's dispose scope. Common terms of
    /// the functions' values and gradients are computed once if one piece holds all particles.
    let internal at (field: ParticleField) (z: Tensor) : struct ((unit -> float) * (int -> int -> Tensor)) =
        let m = int z.shape[0]

        if m <= piece then
            let struct (values, gradient) = field.Observables.WithGradient z
            let struct (energy, a) = field.Pull(values.mean [| 0L |])
            struct (energy, fun _ _ -> field.Metric.Raise(z, gradient.Invoke(-a)))
        else
            let uniform = (Tensors.zeros [| int64 m |] z).fill_(Tensors.num (1.0 / float m))
            let struct (energy, a) = field.Pull(mean field.Observables uniform z)

            let descent = -a

            struct (energy,
                    fun start count ->
                        let points = Tensors.rows start count z
                        field.Metric.Raise(points, field.Observables.GradientOf(points, descent)))

    /// <summary>E of the particles.</summary>
    let energy (field: ParticleField) (particles: Samples) : float =
        use _ = Tensors.scope ()
        let struct (energy, _) = at field particles.Points
        energy ()

    /// <summary>v at each particle (M, d): the field depends on all of them. The caller owns the result.</summary>
    let velocity (field: ParticleField) (particles: Samples) : Tensor =
        Tensors.keep (fun () ->
            let struct (_, velocity) = at field particles.Points

            torch.cat (
                [|
                    for struct (start, count) in Tensors.pieces piece particles.Count -> velocity start count
                |],
                0L
            ))
