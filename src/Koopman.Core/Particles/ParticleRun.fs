namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>Settings of the particle flow. Lengths are in units of the data.</summary>
type ParticleOptions =
    {
        /// <summary>The step h of Euler's method; every moment decays by the factor 1-h per step near the target. Default .3, stable below 2.</summary>
        Step: float
        /// <summary>The maximum number of iterations before the jitter. Default 60.</summary>
        Iterations: int
        /// <summary>The flow stops when the energy is this fraction of that of independent samples. Default 1e-3.</summary>
        Tolerance: float
        /// <summary>The number of iterations between moves of stray particles back onto the data; 0 for never. Default 5.</summary>
        GuardEvery: int
        /// <summary>The noise added once after convergence to prevent clumping, in lengths; 0 for none. Default .6.</summary>
        Jitter: float
        /// <summary>Iterations after the jitter. Default 30.</summary>
        RefineIterations: int
        /// <summary>The length that caps a step and scales guard and jitter. Default: that of the observables.</summary>
        Length: float option
    }

/// <summary>Progress of a flow.</summary>
[<Struct>]
type ParticleProgress =
    {
        /// <summary>Iterations done.</summary>
        Iteration: int
        /// <summary>The maximum number of iterations.</summary>
        Total: int
        /// <summary>The energy relative to that of as many independent samples.</summary>
        EnergyRatio: float
    }

/// <summary>The result of a flow.</summary>
[<NoComparison; NoEquality>]
type ParticleResult =
    {
        /// <summary>The particles (M, d). The caller disposes them.</summary>
        Particles: Samples
        /// <summary>E = ½ Σ_k c_k²/η_k before every iteration and at the end.</summary>
        Energies: float[]
        /// <summary>The mean E of M independent samples, ½ Σ_k (1/M + 1/n)/η_k.</summary>
        IndependentEnergy: float
        /// <summary>The total number of iterations.</summary>
        Iterations: int
        /// <summary>The number of times a particle was put back on the data.</summary>
        Snapped: int
        /// <summary>True if the tolerance was reached before the jitter.</summary>
        Converged: bool
        /// <summary>The masses of the groups of data, by decreasing mass; a single entry of 1 if the data are connected.</summary>
        Groups: float[]
        /// <summary>
        /// The reasons not to accept the particles as samples of the law; empty if there are none. They include a flow that did not converge, an energy
        /// above that of independent samples, more than one particle in twenty moved back onto a data point, a coordinate whose
        /// distribution differs from that of the data, and groups with no data between them.
        /// </summary>
        Warnings: string[]
    }

    /// <summary>The last energy relative to that of independent samples: well below 1 when the moments match.</summary>
    member this.EnergyRatio: float = Array.last this.Energies / this.IndependentEnergy

    /// <summary>The warnings in one line; null if there are none.</summary>
    member this.Warning: string | null =
        if this.Warnings.Length = 0 then
            null
        else
            String.Join("; ", this.Warnings)

    /// <summary>Frees the particles.</summary>
    member this.Dispose() : unit = this.Particles.Dispose()

    interface IDisposable with
        /// <summary>Frees the particles.</summary>
        member this.Dispose() : unit = this.Dispose()

/// The stage of a run: before the jitter, after it, or at its end.
type internal ParticleStage =
    | Descending = 0
    | Polishing = 1
    | Done = 2

/// <summary>
/// A running particle flow: it can be stopped at any iteration and resumed with the same result. Mutable; one thread at a time.
/// </summary>
[<Sealed>]
type ParticleRun
    internal
    (
        options: ParticleOptions,
        seed: Seed,
        manifold: Manifold,
        field: ParticleField,
        guard: Guard option,
        units: AxisUnits,
        marginals: Marginals,
        groups: float[],
        z: Tensor,
        snapped: int,
        started: (string * string) list
    ) =

    let held = field.Hold()

    /// <summary>The settings of the flow.</summary>
    member internal _.Options: ParticleOptions = options

    /// <summary>The number of iterations so far.</summary>
    member val Iteration: int = 0 with get, internal set

    /// <summary>True if nothing is left to do.</summary>
    member this.IsFinished: bool = this.Stage = ParticleStage.Done

    member internal _.Seed: Seed = seed
    member internal _.Manifold: Manifold = manifold
    member internal _.Field: ParticleField = field
    member internal _.Guard: Guard option = guard
    member internal _.Units: AxisUnits = units
    member internal _.Marginals: Marginals = marginals
    /// The positions of the particles (M, d).
    member internal _.Particles: Tensor = z
    member internal _.Groups: float[] = groups
    member internal _.Independent: float = field.IndependentEnergy(int z.shape[0])
    member val internal Stage: ParticleStage = ParticleStage.Descending with get, set
    /// The number of iterations left in the stage.
    member val internal Left: int = options.Iterations with get, set
    member val internal Energies: ResizeArray<float> = ResizeArray<float>() with get
    member val internal Snapped: int = snapped with get, set
    member val internal Converged: bool = false with get, set
    /// The file that receives the state while the flow goes on.
    member val internal Saving: Autosave option = None with get, set

    /// Copies of everything that changes.
    member internal this.State() : RunState =
        {
            Kind = "particle flow"
            StartedWith = started
            Tensors =
                [
                    "particles", Tensors.copy z
                    "energies", Tensors.own (fun () -> Tensors.ofVector (this.Energies.ToArray()))
                ]
            Numbers =
                [
                    "iteration", float this.Iteration
                    "stage", float (int this.Stage)
                    "left", float this.Left
                    "snapped", float this.Snapped
                    "converged", (if this.Converged then 1.0 else 0.0)
                ]
        }

    /// Restores a state that was checked to be that of such a flow.
    member internal this.Restore(state: RunState) : Outcome<unit> =
        let mismatch cause remedy =
            KoopmanError.fail ErrorKind.CheckpointMismatch cause remedy

        let shape (t: Tensor) = String.Join(", ", t.shape)
        let tensors, numbers = Map.ofList state.Tensors, Map.ofList state.Numbers

        let complete =
            [ "iteration"; "stage"; "left"; "snapped"; "converged" ]
            |> List.forall numbers.ContainsKey

        RunState.expect "particle flow" started state
        |> Result.bind (fun () ->
            match Map.tryFind "particles" tensors, Map.tryFind "energies" tensors with
            | Some particles, Some energies when complete ->
                if energies.dim () <> 1L then
                    mismatch $"The state has energies ({shape energies}) instead of a list" "Give a state of this flow"
                elif int numbers["stage"] > int ParticleStage.Descending && energies.numel () = 0L then
                    mismatch "The state has no energies, although the flow had begun" "Give a state of this flow"
                elif particles.shape = z.shape then
                    z.copy_ particles |> ignore
                    this.Energies.Clear()
                    this.Energies.AddRange(Tensors.toArray energies)
                    this.Iteration <- int numbers["iteration"]
                    this.Stage <- enum<ParticleStage>(int numbers["stage"])
                    this.Left <- int numbers["left"]
                    this.Snapped <- int numbers["snapped"]
                    this.Converged <- numbers["converged"] > 0.0
                    Ok()
                else
                    mismatch
                        $"The state has particles ({shape particles}), but the flow has ({shape z})"
                        "Start with the same number and dimension of particles"
            | _ -> mismatch "The state lacks particles, energies or numbers" "Give a state of this flow")

    /// <summary>Frees the particles of the run, not those of its result, and releases the field.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the particles of the run and releases the field.</summary>
        member _.Dispose() : unit =
            z.Dispose()
            (units :> IDisposable).Dispose()
            held.Dispose()
