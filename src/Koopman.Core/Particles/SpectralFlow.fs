namespace Koopman

open System
open TorchSharp

/// <summary>Settings of the particle flow. Lengths are in units of the data.</summary>
type FlowOptions =
    {
        /// <summary>The step h of Euler's method; every moment decays as (1-h) per step near the target. Default .3, stable below 2.</summary>
        Step: float
        /// <summary>The most iterations before the jitter. Default 60.</summary>
        Iterations: int
        /// <summary>Stop when the energy is this share of what independent samples would have. Default 1e-3.</summary>
        Tolerance: float
        /// <summary>Put strays back on the data every so many iterations; 0 never does. Default 5.</summary>
        GuardEvery: int
        /// <summary>After convergence noise of this many lengths is added once, against clumping; 0 adds none. Default .6.</summary>
        Jitter: float
        /// <summary>Iterations after the jitter. Default 30.</summary>
        Polish: int
        /// <summary>The length that caps a step and scales guard and jitter. Default: that of the observables.</summary>
        Length: float option
    }

/// <summary>How far a flow is.</summary>
[<Struct>]
type FlowProgress =
    {
        /// <summary>Iterations done.</summary>
        Iteration: int
        /// <summary>The most iterations there will be.</summary>
        Total: int
        /// <summary>The energy over that of as many independent samples.</summary>
        EnergyRatio: float
    }

/// <summary>Where a flow ended.</summary>
[<NoComparison; NoEquality>]
type FlowResult =
    {
        /// <summary>The particles (M, d). The caller disposes of them.</summary>
        Particles: Samples
        /// <summary>E = ½ Σ_k c_k²/η_k before every iteration and at the end.</summary>
        Energies: float[]
        /// <summary>E of M independent samples in the mean, ½ Σ_k (1/M + 1/n)/η_k.</summary>
        IndependentEnergy: float
        /// <summary>Iterations made in all.</summary>
        Iterations: int
        /// <summary>How many times a particle was put back on the data.</summary>
        Snapped: int
        /// <summary>Whether the tolerance was reached before the jitter.</summary>
        Converged: bool
    }

    /// <summary>The last energy over that of independent samples: well below 1 when the moments match.</summary>
    member this.EnergyRatio: float = Array.last this.Energies / this.IndependentEnergy

/// <summary>
/// Koopman spectral Wasserstein gradient descent: particles z move along v(z) = -T Σ_k (c_k/η_k) ∇φ_k(z), c_k = mean φ_k over the
/// particles, which is -M T ∇E of E = ½ Σ_k c_k²/η_k = ½ ‖μ-π‖² in H⁻¹(π). With all modes and exact eigenpairs KL falls at rate 1
/// for every target and every temperature T. Neither the potential nor its score is used.
/// </summary>
[<RequireQualifiedAccess>]
module SpectralFlow =

    /// <summary>Step .3, 60 iterations, tolerance 1e-3, guard every 5, jitter .6, polish 30.</summary>
    let defaults: FlowOptions =
        {
            Step = 0.3
            Iterations = 60
            Tolerance = 1e-3
            GuardEvery = 5
            Jitter = 0.6
            Polish = 30
            Length = None
        }

    /// Particles are worked on in pieces, so that memory does not grow with their number.
    let private piece = 8192

    let private check
        (options: FlowOptions)
        (model: Spectrum)
        (data: Samples)
        (start: Samples)
        : Result<float, KoopmanError> =
        let invalid cause remedy =
            KoopmanError.fail ErrorKind.InvalidSetting cause remedy

        if not (options.Step > 0.0 && options.Step < 2.0) then
            invalid $"The step is {options.Step}, but must lie between 0 and 2" "Use the default of 0.3"
        elif options.Iterations < 1 || options.Polish < 0 || options.GuardEvery < 0 then
            invalid
                "The numbers of iterations must not be negative, nor the first one 0"
                "Start from SpectralFlow.defaults"
        elif not (options.Jitter >= 0.0) || not (options.Tolerance >= 0.0) then
            invalid "Jitter and tolerance must not be negative" "Start from SpectralFlow.defaults"
        elif
            data.Dimension <> model.Observables.Dimension
            || start.Dimension <> data.Dimension
        then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"Model, data and particles live in {model.Observables.Dimension}, {data.Dimension} and {start.Dimension} dimensions"
                "Use particles and data of the space the model was fitted in"
        elif not model.IsReversible then
            invalid
                "A flow needs real eigenfunctions of a self-adjoint operator, but this spectrum is of a general one"
                "Fit with Edmd.reversible or Langevin.fit"
        elif not model.Observables.IsDifferentiable then
            invalid
                $"The {model.Observables.Description} have no gradients for particles to follow"
                "Fit the spectrum with smooth observables, Gaussians for instance"
        elif model.Rates[0] <= 0.0 then
            KoopmanError.fail
                ErrorKind.IllConditioned
                $"The slowest rate is {model.Rates[0]}, not positive: the data fall into groups with nothing between them"
                "Give data that reach from group to group, or sample each group on its own"
        else
            match options.Length |> Option.orElse model.Observables.Length with
            | Some length when length > 0.0 -> Ok length
            | _ ->
                invalid
                    "These observables have no length of their own"
                    "Set Length to the distance over which the eigenfunctions vary, for instance the spacing of the data"

    /// Puts particles that are farther than the radius from all data on their nearest data point; answers how many. Particles that
    /// are no numbers stay, for the energy to tell.
    let private snap (neighbours: Neighbours) (data: float[]) (radius: float) (z: Tensor) : int =
        let d = int z.shape[1]
        let values = Tensors.toArray z
        let mutable moved = 0

        for i in 0 .. values.Length / d - 1 do
            let mutable sum = 0.0

            for l in i * d .. i * d + d - 1 do
                sum <- sum + values[l]

            if Double.IsFinite sum then
                let struct (index, distance) = neighbours.Nearest(ReadOnlySpan(values, i * d, d))

                if distance > radius then
                    Array.blit data (index * d) values (i * d) d
                    moved <- moved + 1

        if moved > 0 then
            use back = Tensors.ofRows (values.Length / d) values
            z.copy_ back |> ignore

        moved

    /// The moments c_k (r) of the particles.
    let private moments (model: Spectrum) (z: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let mutable sum = torch.zeros (int64 model.Rank, dtype = torch.float64)

            for struct (start, count) in Tensors.pieces piece (int z.shape[0]) do
                sum <- Tensors.keep (fun () -> sum.add (model.Values(Tensors.rows start count z).sum 0L))

            sum.mul (Tensors.num (1.0 / float z.shape[0])))

    /// The temperature, which makes the pace of the flow that of the observables' own time: known, or as the slowest mode shows it.
    let private temperature (model: Spectrum) (data: Samples) : float =
        match model.Convention with
        | PositiveGenerator temperature -> temperature
        | PropagatorAtLag _
        | InfinitesimalGenerator ->
            use _ = torch.NewDisposeScope()
            let slowest = torch.zeros (int64 model.Rank, dtype = torch.float64)
            slowest[0L].fill_(Tensors.num 1.0) |> ignore
            let slope = model.GradientOf(data.Points, slowest)
            model.Rates[0] / slope.mul(slope).sum(1L).dot(data.Weights).ToDouble()

    /// One Euler step in place; no particle moves farther than the length.
    let private move (step: float) (length: float) (model: Spectrum) (weights: Tensor) (z: Tensor) : unit =
        for struct (start, count) in Tensors.pieces piece (int z.shape[0]) do
            use _ = torch.NewDisposeScope()
            let particles = Tensors.rows start count z
            let shift = model.GradientOf(particles, weights).mul_(Tensors.num -step)
            let size = shift.mul(shift).sum(1L, true).sqrt()
            let scale = size.reciprocal().mul(Tensors.num length).clamp_max(Tensors.num 1.0)
            particles.add_ (shift.mul_ scale) |> ignore

    /// <summary>Moves particles to the law of the data.</summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the jitter.</param>
    /// <param name="model">Eigenfunctions with gradients; keep all modes: few modes leave the shape of the start.</param>
    /// <param name="data">The samples that the model was fitted to; they guard against strays.</param>
    /// <param name="start">Where the particles start. They may start anywhere; those far from all data start on it.</param>
    let run
        (control: Control<FlowProgress>)
        (options: FlowOptions)
        (seed: Seed)
        (model: Spectrum)
        (data: Samples)
        (start: Samples)
        : Result<FlowResult, KoopmanError> =
        match check options model data start with
        | Error error -> Error error
        | Ok length ->
            use _ = torch.NewDisposeScope()
            let z = start.Points.clone ()
            let points = Samples.values data
            let neighbours = Neighbours.build data.Dimension points
            let rates = Tensors.ofVector model.Rates
            let step = options.Step * temperature model data
            let count = float start.Count

            let effective =
                1.0 / Tensors.within (fun () -> data.Weights.dot(data.Weights).ToDouble())

            let independent =
                0.5
                * (1.0 / count + 1.0 / effective)
                * (model.Rates |> Array.sumBy (fun eta -> 1.0 / eta))

            // 1.5 times how far data lie from each other, but never so near that the guard replaces the flow.
            let radius =
                let own = Neighbours.nearestOther neighbours
                let q95 = MathNet.Numerics.Statistics.ArrayStatistics.QuantileInplace(own, 0.95)
                max (1.5 * q95) (length / 3.0)

            let energies = ResizeArray()

            let total =
                options.Iterations + (if options.Jitter > 0.0 then options.Polish else 0)

            let mutable snapped = 0
            let mutable iteration = 0
            let guarded = options.GuardEvery > 0

            if guarded then
                snapped <- snap neighbours points (3.0 * length) z

            /// Notes the energy, and moves the particles unless it is below the tolerance or no number; answers whether they moved.
            let advance (tolerance: float) : bool =
                use _ = torch.NewDisposeScope()
                let weights = (moments model z).div rates
                let energy = 0.5 * weights.mul(weights).dot(rates).ToDouble()
                energies.Add energy
                let going = Double.IsFinite energy && energy >= tolerance * independent

                if going then
                    move step length model weights z

                going

            /// Iterates until the tolerance or the limit; answers whether the tolerance was reached.
            let flow (limit: int) (tolerance: float) : bool =
                let mutable left = limit
                let mutable going = true

                while going && left > 0 do
                    control.Cancellation.ThrowIfCancellationRequested()

                    if guarded && iteration % options.GuardEvery = 0 then
                        snapped <- snapped + snap neighbours points radius z

                    going <- advance tolerance

                    if going then
                        iteration <- iteration + 1
                        left <- left - 1

                        control.Report
                            {
                                Iteration = iteration
                                Total = total
                                EnergyRatio = Seq.last energies / independent
                            }

                not going

            let converged = flow options.Iterations options.Tolerance

            if options.Jitter > 0.0 && Double.IsFinite(Seq.last energies) then
                use noise = Seed.normal z.shape seed
                z.add_ (noise.mul_ (Tensors.num (options.Jitter * length))) |> ignore
                flow options.Polish 0.0 |> ignore

            if guarded then
                snapped <- snapped + snap neighbours points radius z

            // Only to note the last energy.
            advance Double.PositiveInfinity |> ignore

            if not (Double.IsFinite(Seq.last energies)) then
                KoopmanError.fail
                    ErrorKind.Diverged
                    $"The particles left all bounds after {iteration} iterations"
                    "Lower Step, switch the guard on, or start nearer to the data"
            else
                Samples.ofTensor z
                |> Result.map (fun particles ->
                    {
                        Particles = particles
                        Energies = energies.ToArray()
                        IndependentEnergy = independent
                        Iterations = iteration
                        Snapped = snapped
                        Converged = converged
                    })
