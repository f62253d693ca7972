namespace Koopman.Particles

open System
open TorchSharp
open Koopman
open Koopman.Metrics

/// <summary>
/// Koopman spectral Wasserstein gradient descent: particles z move along v(z) = -½ a(z) Σ_k (c_k/η_k) ∇φ_k(z), c_k = mean φ_k over the
/// particles, with the diffusion a of the process (2T for Langevin dynamics): -(M/2) a ∇E of E = ½ Σ_k c_k²/η_k = ½ ‖μ-π‖² in H⁻¹(π). With all
/// modes and exact eigenpairs, KL decays at rate 1 for every target and every diffusion. Neither the potential nor its score is used.
/// </summary>
[<RequireQualifiedAccess>]
module ParticleFlow =

    /// <summary>Step .3, 60 iterations, tolerance 1e-3, guard every 5, jitter .6, polish 30.</summary>
    let defaults: ParticleOptions =
        {
            Step = 0.3
            Iterations = 60
            Tolerance = 1e-3
            GuardEvery = 5
            Jitter = 0.6
            RefineIterations = 30
            Length = None
        }

    let private check
        (options: ParticleOptions)
        (manifold: Manifold)
        (field: ParticleField)
        (data: Samples)
        (start: Samples)
        : Outcome<AxisUnits> =
        Require.settings "ParticleFlow.defaults" {
            Require.inside 0.0 2.0 "Step" options.Step
            Require.atLeast 1 "Iterations" options.Iterations
            Require.atLeast 0 "RefineIterations" options.RefineIterations
            Require.atLeast 0 "GuardEvery" options.GuardEvery
            Require.notNegative "Jitter" options.Jitter
            Require.notNegative "Tolerance" options.Tolerance
        }
        |> Result.bind (fun () ->
            Require.all {
                Require.dimension field.Observables.Dimension "the data" data.Dimension
                Require.dimension data.Dimension "the particles" start.Dimension
                Require.dimension data.Dimension "the space around the manifold" manifold.Ambient
            }
            |> Require.advise "Use particles and data of the same dimension as the model")
        |> Result.bind (fun () ->
            match options.Length, AxisLengths.ofObservables field.Observables with
            | Some length, _ ->
                Require.limit "Length" length
                |> Result.map (fun () -> Array.create data.Dimension length)
            | None, Some lengths -> Ok(Array.copy lengths)
            | None, None ->
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "These observables have no intrinsic length"
                    "Set Length to the distance over which the eigenfunctions vary, for instance the spacing of the data")
        |> Result.map (fun lengths ->
            // Constant coordinates do not change.
            for axis, _ in AxisUnits.constants data do
                lengths[axis] <- infinity

            new AxisUnits(lengths))

    /// One Euler step in place; no particle moves farther than one length.
    let private move
        (step: float)
        (units: AxisUnits)
        (manifold: Manifold)
        (velocity: int -> int -> Tensor)
        (z: Tensor)
        : unit =
        for struct (start, count) in Tensors.pieces ParticleField.piece (int z.shape[0]) do
            use _ = Tensors.scope ()
            let particles = Tensors.rows start count z
            let shift = units.Free(manifold.Project particles (velocity start count))
            let size = step * (units.Of shift).square().sum(1L, true).sqrt()
            let scale = size.reciprocal().clamp_max(Tensors.num 1.0)
            let moved = particles + shift * scale * step
            particles.copy_ (manifold.Retract moved) |> ignore

    /// Moves particles that are farther than a radius from all data back to the data.
    let private snap (radius: Guard -> float) (run: ParticleRun) : unit =
        run.Guard
        |> Option.iter (fun guard -> run.Snapped <- run.Snapped + guard.Snap (radius guard) run.Particles)

    /// <summary>
    /// Creates a flow along a field, on a manifold; <c>resume</c> runs it. The caller disposes it.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">The seed of the jitter.</param>
    /// <param name="manifold">The manifold that the particles stay on; <c>Manifold.euclidean</c> for the whole space.</param>
    /// <param name="field">The field that moves the particles. On a manifold it is best built from <c>Manifold.observables</c>.</param>
    /// <param name="data">Samples of the target law; they keep stray particles near the data. Samples of weight 0 are ignored.</param>
    /// <param name="start">The initial particles. They may be anywhere; those far from all data are first moved onto the data.</param>
    let start
        (options: ParticleOptions)
        (seed: Seed)
        (manifold: Manifold)
        (field: ParticleField)
        (data: Samples)
        (start: Samples)
        : Outcome<ParticleRun> =
        check options manifold field data start
        |> Result.map (fun units ->
            use _ = Tensors.scope ()
            let z = Tensors.own (fun () -> (manifold.Retract start.Points).clone())
            let mutable snapped = 0

            AxisUnits.restore data z

            let guard, groups =
                if options.GuardEvery = 0 then
                    None, [| 1.0 |]
                else
                    let guard = Guard(data, units)
                    snapped <- guard.Snap 3.0 z
                    let groups = Groups.find units data

                    if groups.Masses.Length > 1 then
                        snapped <- snapped + groups.Rebalance (Seed.derive "groups" seed) z

                    Some guard, groups.Masses

            let diffusion =
                data.Points.narrow (0L, 0L, min 100L data.Points.shape[0]) |> field.DiffusionAt

            let started =
                [
                    "the data", Fact.tensor data.Points
                    "the weights", Fact.tensor data.Weights
                    "the seed", string seed
                    "the manifold", manifold.Description
                    "the field", Fact.tensors [ field.Target; field.Root ]
                    "the observables", field.Observables.Description
                    "the diffusion", Fact.tensor diffusion
                    "the settings", Fact.value options
                ]
                |> RunState.withLibrary

            new ParticleRun(options, seed, manifold, field, guard, units, Marginals(data), groups, z, snapped, started))

    /// Records the energy, and moves the particles unless it is below the tolerance or not finite; returns true if they moved.
    let private advance (tolerance: float) (run: ParticleRun) : bool =
        use _ = Tensors.scope ()
        let struct (energy, velocity) = ParticleField.at run.Field run.Particles
        let energy = energy ()
        run.Energies.Add energy
        let going = Double.IsFinite energy && energy >= tolerance * run.Independent

        if going then
            move run.Options.Step run.Units run.Manifold velocity run.Particles

        going

    /// Iterates until the tolerance or the limit of the stage is reached; returns true if the tolerance was reached.
    let private iterate
        (control: Control<ParticleProgress>)
        (between: unit -> unit)
        (tolerance: float)
        (run: ParticleRun)
        : bool =
        let options = run.Options

        let total =
            options.Iterations
            + (if options.Jitter > 0.0 then options.RefineIterations else 0)

        let mutable going = true

        while going && run.Left > 0 do
            control.Cancellation.ThrowIfCancellationRequested()

            if options.GuardEvery > 0 && run.Iteration % options.GuardEvery = 0 then
                snap _.Radius run

            going <- advance tolerance run

            if going then
                run.Iteration <- run.Iteration + 1
                run.Left <- run.Left - 1

                control.Report
                    {
                        Iteration = run.Iteration
                        Total = total
                        EnergyRatio = Seq.last run.Energies / run.Independent
                    }

                between ()

        not going

    /// Runs a flow to its end, and calls back between iterations.
    let private finish (control: Control<ParticleProgress>) (run: ParticleRun) (between: unit -> unit) : Outcome<unit> =
        let options = run.Options

        if run.Stage = ParticleStage.Descending then
            run.Converged <- iterate control between options.Tolerance run

            if options.Jitter > 0.0 && Double.IsFinite(Seq.last run.Energies) then
                Tensors.within (fun () ->
                    let z = run.Particles

                    let noise =
                        run.Units.Back((Seed.normal z.shape run.Seed).mul_(Tensors.num options.Jitter))
                        |> Tensors.like z

                    z.copy_ (run.Manifold.Retract(z + run.Manifold.Project z noise)) |> ignore)

                run.Left <- options.RefineIterations
            else
                run.Left <- 0

            run.Stage <- ParticleStage.Polishing

        if run.Stage = ParticleStage.Polishing then
            iterate control between 0.0 run |> ignore
            snap _.Radius run
            // Only records the final energy.
            advance Double.PositiveInfinity run |> ignore
            run.Stage <- ParticleStage.Done

        if Double.IsFinite(Seq.last run.Energies) then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.Diverged
                $"The particles diverged after {run.Iteration} iterations"
                "Lower Step, turn the guard on, or start nearer to the data"

    /// <summary>
    /// Runs a flow to its end. After a cancellation it can be called again: the result is the same as that of an uninterrupted flow.
    /// </summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="run">The flow.</param>
    /// <returns>A <c>Diverged</c> error if the particles diverged.</returns>
    let resume (control: Control<ParticleProgress>) (run: ParticleRun) : Outcome<unit> =
        Autosave.During run.Saving run.State (finish control run)


    /// Above this fraction, particles on data points are not new samples.
    let private mostCopies = 0.05

    /// Rounds of wide and narrow functions after the first.
    let private mostRounds = 3

    /// Particles this many times as far from the data as data from each other do not lie among them.
    let private remote = 3.0

    /// A tail is heavy if the farthest 1 % of the data carry more than this fraction of their variance.
    let private heavyTail = 0.2

    /// Standard deviations of so many particles that differ from those of the data by more than this share are named: four of their own errors or more.
    let private spreadOff (count: float) : float = max 0.1 (4.0 / sqrt (2.0 * count))

    let private warnings (particles: Samples) (run: ParticleRun) : string[] =
        let ratio =
            if run.Energies.Count > 0 then
                Seq.last run.Energies / run.Independent
            else
                nan

        let count = float particles.Count

        let gaps =
            if run.IsFinished then
                run.Marginals.Gaps particles
            else
                [||]

        [|
            if run.IsFinished && not run.Converged && ratio > run.Options.Tolerance then
                $"not converged: after {run.Iteration} iterations the energy is {ratio:G3} of that of independent samples, above the tolerance {run.Options.Tolerance:G3}"

            if ratio > 1.0 then
                $"the energy is {ratio:G3} times that of independent samples: the means of the observables differ from those of the data"

            if run.IsFinished then
                match run.Guard with
                | Some guard ->
                    let copies = float (guard.Copies run.Particles)

                    if copies > mostCopies * count then
                        $"{100.0 * copies / count:F0} %% of the particles lie on a data point or on another particle: they were moved back onto the data and are copies, not new samples"
                | None -> ()

                let remoteness =
                    match run.Guard with
                    | Some guard -> guard.Remoteness run.Particles
                    | None -> nan

                if remoteness > remote then
                    $"half of the particles lie {remoteness:G2} times as far from the data as neighbouring data from each other: the data lie on a set that is thinner than the observables resolve, a curve or a surface, and the particles fill its surroundings; use coordinates along it, or a manifold"

                let wrong = gaps |> Array.filter (fun gap -> gap.Excess > 1.0)

                if wrong.Length > 0 then
                    let worst = wrong |> Array.maxBy _.Excess

                    let many =
                        if wrong.Length = 1 then
                            ""
                        else
                            $", the worst of {wrong.Length}"

                    $"the distribution of coordinate {worst.Axis} (counted from 0{many}) differs from that of the data by up to {worst.Deviation:F1} standard errors; the Kolmogorov distance is {worst.Distance:G3}, where independent samples reach {worst.Bound:G3}"

            if run.IsFinished then
                for gap in gaps do
                    if gap.TailShare > heavyTail && abs (gap.Spread - 1.0) > 0.05 then
                        $"heavy tail along coordinate {gap.Axis} (counted from 0): the farthest 1 %% of the data carry {100.0 * gap.TailShare:F0} %% of the variance, too few to place observables on; the particles follow the bulk, with {gap.Spread:F2} times the standard deviation of the data"

                let narrow =
                    gaps
                    |> Array.filter (fun gap -> gap.TailShare <= heavyTail && abs (gap.Spread - 1.0) > spreadOff count)

                if narrow.Length > 0 then
                    let worst = narrow |> Array.maxBy (fun gap -> abs (gap.Spread - 1.0))

                    $"the particles have {worst.Spread:F2} times the standard deviation of the data along coordinate {worst.Axis} (counted from 0): few observables are placed on the tails"

            if run.Groups.Length > 1 then
                let masses = run.Groups |> Array.map (fun mass -> mass.ToString "F3")
                let listed = String.Join(", ", masses)

                $"there are no data between these {run.Groups.Length} groups (masses {listed}); the masses are the fractions of the data in them"
        |]

    /// <summary>The current state of a flow, or its result once finished. Its particles are a copy, which the caller disposes.</summary>
    let outcome (run: ParticleRun) : Outcome<ParticleResult> =
        Samples.placed run.Particles
        |> Result.map (fun particles ->
            {
                Particles = particles
                Energies = run.Energies.ToArray()
                IndependentEnergy = run.Independent
                Iterations = run.Iteration
                Snapped = run.Snapped
                Converged = run.Converged
                Groups = run.Groups
                Warnings = Array.append run.Field.Warnings (warnings particles run)
            })

    /// <summary>The complete state of a flow, to be stored by <c>RunState.save</c>. The caller disposes it.</summary>
    let state (run: ParticleRun) : RunState = run.State()

    /// <summary>Restores a flow to a stored state of one with the same settings, seed, field and data; the start may differ.</summary>
    /// <returns>A <c>CheckpointMismatch</c> error, which names the difference, if the state is of a run that was started with others, of particles of another number or dimension, or stored by another version of the library; the flow is then unchanged.</returns>
    let restore (state: RunState) (run: ParticleRun) : Outcome<unit> = run.Restore state

    /// <summary>
    /// From now on <c>resume</c> writes the state to a file: at its start, after every interval, and at its end or cancellation, so that a run that is
    /// killed loses no more than one interval. The file is replaced atomically between two steps.
    /// </summary>
    /// <param name="interval">The time between two writes; 30 seconds are usual.</param>
    /// <param name="path">The file. If it cannot be written at the start, <c>resume</c> fails; if it cannot later, the next interval tries again.</param>
    /// <param name="run">The flow.</param>
    /// <returns>An <c>InvalidSetting</c> error if the interval is negative.</returns>
    let saveEvery (interval: TimeSpan) (path: string) (run: ParticleRun) : Outcome<unit> =
        Autosave.Every(interval, path)
        |> Result.map (fun saving -> run.Saving <- Some saving)

    /// <summary>Moves particles along a field, on a manifold: <c>start</c>, <c>resume</c> and <c>outcome</c> in one.</summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">The seed of the jitter.</param>
    /// <param name="manifold">The manifold that the particles stay on; <c>Manifold.euclidean</c> for the whole space.</param>
    /// <param name="field">The field that moves the particles. On a manifold it is best built from <c>Manifold.observables</c>.</param>
    /// <param name="data">Samples of the target law; they keep stray particles near the data. Samples of weight 0 are ignored.</param>
    /// <param name="from">The initial particles. They may be anywhere; those far from all data are first moved onto the data.</param>
    let follow
        (control: Control<ParticleProgress>)
        (options: ParticleOptions)
        (seed: Seed)
        (manifold: Manifold)
        (field: ParticleField)
        (data: Samples)
        (from: Samples)
        : Outcome<ParticleResult> =
        result {
            use! run = start options seed manifold field data from
            do! resume control run
            return! outcome run
        }

    /// <summary>Moves particles to the law of the data with the inverse generator of a spectrum.</summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">The seed of the jitter.</param>
    /// <param name="model">Eigenfunctions with gradients. Keep all modes: with few modes the result keeps the shape of the start.</param>
    /// <param name="data">The samples that the model was fitted to; they keep stray particles near the data.</param>
    /// <param name="start">The initial particles. They may be anywhere; those far from all data are first moved onto the data.</param>
    let run
        (control: Control<ParticleProgress>)
        (options: ParticleOptions)
        (seed: Seed)
        (model: Spectrum)
        (data: Samples)
        (start: Samples)
        : Outcome<ParticleResult> =
        result {
            use! field = ParticleField.ofSpectrum 0.0 model data
            return! follow control options seed (Manifold.euclidean data.Dimension) field data start
        }

    /// <summary>
    /// New samples of the law of the data from a start of one's own, in one call and independent of units: every column is scaled to its own unit,
    /// automatic Gaussians are placed over the data, their Langevin generator is fitted, and the particles flow along its field. If a marginal
    /// misses that of the data or many particles were put back onto them, as across a barrier with few data on it, this is done again with the
    /// Gaussians twice and four times as wide, from where the particles of a width that still misses flow on with the first Gaussians, and with both up to three times more: wide ones bring each well
    /// its mass, narrow ones its shape. Each is taken only if it is nearer to the data by MMD, and a wider one if it misses less. Constant columns stay exactly constant. Check
    /// the result's <c>Warnings</c>.
    /// </summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="options">Settings. <c>Length</c>, if set, is in units of each column's scale, which is 3.15 standard deviations of a Gaussian.</param>
    /// <param name="seed">The seed of centres and jitter.</param>
    /// <param name="data">Samples of the law, weighted or not.</param>
    /// <param name="from">The initial particles. They may be anywhere; those far from all data are first moved onto the data.</param>
    let sampleFrom
        (control: Control<ParticleProgress>)
        (options: ParticleOptions)
        (seed: Seed)
        (data: Samples)
        (from: Samples)
        : Outcome<ParticleResult> =
        result {
            do!
                Require.dimension data.Dimension "the particles" from.Dimension
                |> Require.advise "Start particles in the space of the data"

            use _ = Tensors.scope ()

            let scales =
                Centres.scales data
                |> Array.map (fun length -> if length > 0.0 then length else 1.0)
                |> Tensors.ofVector

            let middle = Samples.mean data
            use! scaled = Samples.withPoints ((data.Points - middle) / scales) data
            // The number of observables that rows can carry is that of different rows.
            use! different = Repetition.mergeSamples scaled |> Result.map fst
            use! initial = Samples.withPoints ((from.Points - middle) / scales) from

            /// The flow and how far it misses: above 1 a marginal differs significantly, or too many particles are copies.
            let flowOf (widen: float) (initial: Samples) : Outcome<struct (ParticleResult * float)> =
                result {
                    use! observables =
                        Observables.gaussiansWidened
                            widen
                            { Observables.automatic with
                                Seed = Seed.derive "centres" seed
                            }
                            different

                    use! model = Langevin.fit Langevin.defaults observables scaled
                    use! field = ParticleField.ofSpectrum 0.0 model scaled
                    let space = Manifold.euclidean data.Dimension
                    use! run = start options (Seed.derive "jitter" seed) space field scaled initial
                    do! resume control run
                    let! flow = outcome run

                    let copies =
                        match run.Guard with
                        | Some guard -> float (guard.Copies run.Particles) / float from.Count / mostCopies
                        | None -> 0.0

                    let miss =
                        run.Marginals.Gaps flow.Particles
                        |> Array.fold (fun worst gap -> max worst gap.Excess) copies

                    return struct (flow, miss)
                }

            let distance (flow: ParticleResult) : float = Mmd.scaled scaled flow.Particles scaled

            let! struct (first, miss) = flowOf 1.0 initial
            let best = ref first
            // Its particles are copied into the result.
            use _ =
                { new IDisposable with
                    member _.Dispose() = best.Value.Dispose()
                }

            let isNearer (flow: ParticleResult) : bool = distance flow < distance best.Value

            /// Takes the place of the best if it is better, and says how far it misses.
            let tried
                (isBetter: ParticleResult -> float -> bool)
                (made: Outcome<struct (ParticleResult * float)>)
                : float option =
                match made with
                | Ok(struct (flow, miss)) when isBetter flow miss ->
                    best.Value.Dispose()
                    best.Value <- flow
                    Some miss
                | Ok(struct (flow, _)) ->
                    flow.Dispose()
                    None
                | Error _ -> None

            /// Narrow functions do not lead particles across a barrier with few data on it; wide ones blur thin sets. The narrowest that do not
            /// miss, or else those that miss least; wider ones must also come nearer to the data.
            let rec widened (miss: float) (width: float) (widths: float list) : struct (float * float) =
                match widths with
                | widen :: rest when miss > 1.0 ->
                    match
                        flowOf widen initial
                        |> tried (fun flow nearer -> nearer < miss && isNearer flow)
                    with
                    | Some nearer -> widened nearer widen rest
                    | None -> widened miss width rest
                | _ -> struct (miss, width)

            /// The narrow flow from where another ended.
            let shaped (from: ParticleResult) : float option =
                flowOf 1.0 from.Particles
                |> Result.map (fun (struct (flow, miss)) ->
                    let whole =
                        { flow with
                            Iterations = from.Iterations + flow.Iterations
                            Snapped = from.Snapped + flow.Snapped
                        }

                    struct (whole, miss))
                |> tried (fun flow _ -> isNearer flow)

            /// Wide functions bring each well its mass, narrow ones then its shape: both again, as long as that comes nearer.
            let rec again (rounds: int) (width: float) : unit =
                match flowOf width best.Value.Particles with
                | Error _ -> ()
                | Ok(struct (wide, _)) ->
                    use wide =
                        { wide with
                            Iterations = best.Value.Iterations + wide.Iterations
                            Snapped = best.Value.Snapped + wide.Snapped
                        }

                    match shaped wide with
                    | Some miss when miss > 1.0 && rounds > 1 -> again (rounds - 1) width
                    | _ -> ()

            let struct (left, width) = widened miss 1.0 [ 2.0; 4.0 ]

            if width > 1.0 && left > 1.0 then
                match shaped best.Value with
                | Some miss when miss > 1.0 -> again mostRounds width
                | _ -> ()

            let flow = best.Value
            let back = flow.Particles.Points * scales + middle

            AxisUnits.restore data back

            let! particles = Samples.ofTensor back

            return { flow with Particles = particles }
        }

    /// <summary>As <c>sampleFrom</c>, from a Gaussian with the data's mean and covariance.</summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="options">Settings. <c>Length</c>, if set, is in units of each column's scale, which is 3.15 standard deviations of a Gaussian.</param>
    /// <param name="count">The number of particles, at least 2.</param>
    /// <param name="seed">The seed of centres, start and jitter.</param>
    /// <param name="data">Samples of the law, weighted or not.</param>
    let sample
        (control: Control<ParticleProgress>)
        (options: ParticleOptions)
        (count: int)
        (seed: Seed)
        (data: Samples)
        : Outcome<ParticleResult> =
        result {
            do!
                Require.atLeast 2 "the number of particles" count
                |> Require.advise "Ask for at least 2 particles"

            use! start = Samples.gaussianLike count (Seed.derive "start" seed) data
            return! sampleFrom control options seed data start
        }
