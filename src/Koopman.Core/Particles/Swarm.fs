namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>Settings for equilibrium samples from short trajectories.</summary>
type SwarmOptions =
    {
        /// <summary>T of dX = -∇V dt + √(2T) dW. Default: that of the pairs, or estimated from their increments, which needs a short lag.</summary>
        Temperature: float option
        /// <summary>Settings of the Gaussian observables, for the weights and for the generator.</summary>
        Observables: GaussianOptions
        /// <summary>Settings of the weights. Default: of the cuts 1e-4, 1e-6, 1e-8 and 1e-10 the one with the smallest negative weight in total.</summary>
        Reweighting: ReweightingOptions option
        /// <summary>Settings of the flow.</summary>
        Flow: ParticleOptions
        /// <summary>The number of blocks of pairs for error bars, at least 4. Default 20.</summary>
        Blocks: int
    }

/// <summary>The equilibrium mass of a region.</summary>
[<Struct>]
type RegionMass =
    {
        /// <summary>The fraction of the particles in it.</summary>
        Particles: float
        /// <summary>The fraction of the reweighted data in it.</summary>
        Data: float
        /// <summary>The standard error of the latter by the jackknife over blocks of pairs, with the weights recomputed each time.</summary>
        StandardError: float
    }

/// <summary>Equilibrium samples from short trajectories.</summary>
[<NoComparison; NoEquality>]
type SwarmResult =
    {
        /// <summary>The flow. The caller disposes its particles.</summary>
        Flow: ParticleResult
        /// <summary>The states x of the pairs with their equilibrium weights. The caller disposes them.</summary>
        Reweighted: Samples
        /// <summary>The weights, with measures of their quality.</summary>
        Weights: EquilibriumWeights
        /// <summary>The masses of the regions.</summary>
        Masses: RegionMass[]
    }

    /// <summary>Frees particles and states.</summary>
    member this.Dispose() : unit =
        this.Flow.Dispose()
        this.Reweighted.Dispose()

    interface IDisposable with
        /// <summary>Frees particles and states.</summary>
        member this.Dispose() : unit = this.Dispose()

/// <summary>
/// Equilibrium samples from a swarm of short trajectories with arbitrary starts, none of which need reach equilibrium: Koopman reweighting,
/// the Langevin generator with these weights, and the flow of particles. The starts must cover the regions that have mass.
/// </summary>
[<RequireQualifiedAccess>]
module Swarm =

    /// <summary>Automatic temperature, observables and cut, 20 blocks.</summary>
    let defaults: SwarmOptions =
        {
            Temperature = None
            Observables = Observables.automatic
            Reweighting = None
            Flow = ParticleFlow.defaults
            Blocks = 20
        }

    /// The pairs without those of one block of rows.
    let private without (start: int) (length: int) (pairs: SnapshotPairs) : Outcome<SnapshotPairs> =
        let kept =
            [|
                for i in 0 .. pairs.Count - 1 do
                    if i < start || i >= start + length then
                        int64 i
            |]

        use _ = Tensors.scope ()
        let index = Tensors.ofIndices kept
        let rows (samples: Samples) = samples.Points.index_select (0L, index)

        SnapshotPairs.create pairs.Lag (rows pairs.From) (rows pairs.To)
        |> Result.bind (fun some ->
            use _ = some
            SnapshotPairs.withWeights (Tensors.toArray (pairs.From.Weights.index_select (0L, index))) some)

    let private massesOf (count: int) (labels: int[]) (weights: float[]) : float[] =
        let masses = Array.zeroCreate count

        for i in 0 .. labels.Length - 1 do
            if labels[i] >= 0 && labels[i] < count then
                masses[labels[i]] <- masses[labels[i]] + weights[i]

        let total = Array.sum weights
        masses |> Array.map (fun mass -> mass / total)

    /// The weights and the cut they were computed with. A cut that is too coarse does not represent π/ρ, one that is too fine fits noise: either way
    /// some weights are negative, which is impossible for a law.
    let private weigh
        (options: SwarmOptions)
        (observables: Observables)
        (pairs: SnapshotPairs)
        : Outcome<ReweightingOptions * EquilibriumWeights> =
        match options.Reweighting with
        | Some reweighting ->
            Reweighting.fit reweighting observables pairs
            |> Result.map (fun weights -> reweighting, weights)
        | None ->
            let tried =
                [ 1e-4; 1e-6; 1e-8; 1e-10 ]
                |> List.map (fun cut ->
                    { RankTolerance = cut }, Reweighting.fit { RankTolerance = cut } observables pairs)

            let found =
                tried
                |> List.choose (fun (reweighting, result) ->
                    match result with
                    | Ok weights -> Some(reweighting, weights)
                    | Error _ -> None)

            match found, tried with
            | [], (_, result) :: _ -> result |> Result.map (fun weights -> { RankTolerance = 1e-4 }, weights)
            | _ -> Ok(found |> List.minBy (fun (_, weights) -> weights.NegativeShare))

    /// Jackknife over blocks: the spread of the masses when each block in turn is left out.
    let private errors
        (blocks: int)
        (reweighting: ReweightingOptions)
        (observables: Observables)
        (count: int)
        (labels: int[])
        (whole: float[])
        (pairs: SnapshotPairs)
        : Outcome<float[]> =
        let leaveOut (block: int) : Outcome<float[]> =
            let start = pairs.Count * block / blocks
            let length = pairs.Count * (block + 1) / blocks - start

            result {
                use! some = without start length pairs
                let! weights = Reweighting.fit reweighting observables some
                let kept = Array.append labels[.. start - 1] labels[start + length ..]
                return massesOf count kept weights.Weights
            }

        Outcome.collect leaveOut [ 0 .. blocks - 1 ]
        |> Result.map (fun replicates ->
            Array.init count (fun region ->
                replicates
                |> List.map (fun masses -> masses[region])
                |> Array.ofList
                |> Jackknife.error (Array.create blocks 1.0) whole[region]))

    /// <summary>Computes weights, generator, particles and masses.</summary>
    /// <param name="control">Progress of the flow, and cancellation.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">The seed of start and jitter.</param>
    /// <param name="regions">The region of a point, numbered from 0; negative if it is in none.</param>
    /// <param name="count">The number of regions.</param>
    /// <param name="particles">The number of particles.</param>
    /// <param name="start">The initial particles; with None they start on the reweighted data, which is recommended.</param>
    /// <param name="pairs">The ends of the short trajectories.</param>
    let run
        (control: Control<ParticleProgress>)
        (options: SwarmOptions)
        (seed: Seed)
        (regions: float[] -> int)
        (count: int)
        (particles: int)
        (start: Samples option)
        (pairs: SnapshotPairs)
        : Outcome<SwarmResult> =
        result {
            do!
                Require.all {
                    Require.atLeast 4 "Blocks" options.Blocks
                    |> Require.advise "Use at least 4 blocks for error bars; 20 are usual"

                    Require.atLeast 0 "the number of regions" count
                }

            let temperature =
                options.Temperature
                |> Option.orElse pairs.Temperature
                |> Option.defaultWith (fun () -> SnapshotPairs.estimateTemperature pairs)

            let chunks (samples: Samples) =
                Samples.values samples |> Array.chunkBySize samples.Dimension

            use! observables = Observables.gaussiansOver options.Observables pairs.From
            let! reweighting, weights = weigh options observables pairs
            let labels = chunks pairs.From |> Array.map regions
            let ofData = massesOf count labels weights.Weights
            let! errors = errors options.Blocks reweighting observables count labels ofData pairs
            let! reweighted = Samples.withWeights weights.Weights pairs.From

            let flow () =
                result {
                    use! field = ParticleField.fullRank 0.0 temperature observables reweighted

                    let length =
                        options.Flow.Length
                        |> Option.orElse (Option.ofNullable observables.LengthScale)
                        |> Option.defaultValue 0.0

                    use! fromData =
                        Bootstrap.jittered
                            (0.5 * options.Flow.Jitter * length)
                            particles
                            (Seed.derive "start" seed)
                            reweighted

                    return!
                        ParticleFlow.follow
                            control
                            options.Flow
                            (Seed.derive "jitter" seed)
                            (Manifold.euclidean pairs.Dimension)
                            field
                            reweighted
                            (Option.defaultValue fromData start)
                }

            // A cancellation is an exception.
            let flow =
                try
                    flow ()
                with _ ->
                    (reweighted :> IDisposable).Dispose()
                    reraise ()

            match flow with
            | Error error ->
                (reweighted :> IDisposable).Dispose()
                return! Error error
            | Ok flow ->
                let found = chunks flow.Particles |> Array.map regions
                let ofParticles = massesOf count found (Array.create found.Length 1.0)

                return
                    {
                        Flow = flow
                        Reweighted = reweighted
                        Weights = weights
                        Masses =
                            Array.init count (fun region ->
                                {
                                    Particles = ofParticles[region]
                                    Data = ofData[region]
                                    StandardError = errors[region]
                                })
                    }
        }
