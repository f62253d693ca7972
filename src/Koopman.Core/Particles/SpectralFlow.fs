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
        /// <summary>The masses of the groups into which the data fall, by falling mass; one entry of 1 if they hang together.</summary>
        Groups: float[]
    }

    /// <summary>The last energy over that of independent samples: well below 1 when the moments match.</summary>
    member this.EnergyRatio: float = Array.last this.Energies / this.IndependentEnergy

    /// <summary>What the particles cannot know, in words, if there is such a thing: masses of groups with no data between them.</summary>
    member this.Warning: string option =
        if this.Groups.Length < 2 then
            None
        else
            let masses = this.Groups |> Array.map (fun mass -> mass.ToString "F3")
            let listed = String.Join(", ", masses)

            Some
                $"no data between these {this.Groups.Length} groups (masses {listed}); their masses are those of the data"

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

    let private check
        (options: FlowOptions)
        (manifold: Manifold)
        (field: FlowField)
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
            data.Dimension <> field.Observables.Dimension
            || start.Dimension <> data.Dimension
            || manifold.Ambient <> data.Dimension
        then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"Model, data, particles and manifold live in {field.Observables.Dimension}, {data.Dimension}, {start.Dimension} and {manifold.Ambient} dimensions"
                "Use particles and data of the space the model was fitted in"
        else
            match options.Length |> Option.orElse field.Observables.Length with
            | Some length when length > 0.0 -> Ok length
            | _ ->
                invalid
                    "These observables have no length of their own"
                    "Set Length to the distance over which the eigenfunctions vary, for instance the spacing of the data"

    /// One Euler step in place; no particle moves farther than the length.
    let private move
        (step: float)
        (length: float)
        (manifold: Manifold)
        (velocity: int -> int -> Tensor)
        (z: Tensor)
        : unit =
        for struct (start, count) in Tensors.pieces FlowField.piece (int z.shape[0]) do
            use _ = torch.NewDisposeScope()
            let particles = Tensors.rows start count z
            let shift = manifold.Project particles (velocity start count)
            let size = shift.mul(shift).sum(1L, true).sqrt().mul(Tensors.num step)
            let scale = size.reciprocal().mul(Tensors.num length).clamp_max(Tensors.num 1.0)
            let moved = particles.add (shift.mul(scale).mul(Tensors.num step))
            particles.copy_ (manifold.Retract moved) |> ignore

    /// <summary>Moves particles along a field, on a manifold.</summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the jitter.</param>
    /// <param name="manifold">What they stay on; <c>Manifold.euclidean</c> for the whole space.</param>
    /// <param name="field">What drives them. On a manifold it is best made of <c>Manifold.observables</c>.</param>
    /// <param name="data">Samples of the law to be reached; they guard against strays. Those of weight 0 do not count.</param>
    /// <param name="start">Where the particles start. They may start anywhere; those far from all data start on it.</param>
    let follow
        (control: Control<FlowProgress>)
        (options: FlowOptions)
        (seed: Seed)
        (manifold: Manifold)
        (field: FlowField)
        (data: Samples)
        (start: Samples)
        : Result<FlowResult, KoopmanError> =
        match check options manifold field data start with
        | Error error -> Error error
        | Ok length ->
            use _ = torch.NewDisposeScope()
            let z = start.Points.clone ()
            let independent = field.IndependentEnergy start.Count
            let energies = ResizeArray()

            let total =
                options.Iterations + (if options.Jitter > 0.0 then options.Polish else 0)

            let guard =
                if options.GuardEvery > 0 then
                    Some(Guard(data, length))
                else
                    None

            let mutable snapped = 0
            let mutable iteration = 0

            let snap (radius: Guard -> float) : unit =
                guard
                |> Option.iter (fun guard -> snapped <- snapped + guard.Snap (radius guard) z)

            z.copy_ (manifold.Retract z) |> ignore
            snap (fun _ -> 3.0 * length)

            let groups =
                match guard with
                | None -> [| 1.0 |]
                | Some _ ->
                    let groups = Groups.find length data

                    if groups.Masses.Length > 1 then
                        snapped <- snapped + groups.Deal (Seed.derive "groups" seed) z

                    groups.Masses

            /// Notes the energy, and moves the particles unless it is below the tolerance or no number; answers whether they moved.
            let advance (tolerance: float) : bool =
                use _ = torch.NewDisposeScope()
                let struct (energy, velocity) = FlowField.at field z
                energies.Add energy
                let going = Double.IsFinite energy && energy >= tolerance * independent

                if going then
                    move options.Step length manifold velocity z

                going

            /// Iterates until the tolerance or the limit; answers whether the tolerance was reached.
            let flow (limit: int) (tolerance: float) : bool =
                let mutable left = limit
                let mutable going = true

                while going && left > 0 do
                    control.Cancellation.ThrowIfCancellationRequested()

                    if options.GuardEvery > 0 && iteration % options.GuardEvery = 0 then
                        snap _.Radius

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
                Tensors.within (fun () ->
                    let noise = (Seed.normal z.shape seed).mul_(Tensors.num (options.Jitter * length))
                    z.copy_ (manifold.Retract(z.add (manifold.Project z noise))) |> ignore)

                flow options.Polish 0.0 |> ignore

            snap _.Radius
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
                        Groups = groups
                    })

    /// <summary>Moves particles to the law of the data, by the inverse generator of a spectrum.</summary>
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
        result {
            use! field = FlowField.ofSpectrum 0.0 model data
            return! follow control options seed (Manifold.euclidean data.Dimension) field data start
        }
