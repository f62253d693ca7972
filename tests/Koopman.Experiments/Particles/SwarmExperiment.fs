namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Particles

/// <summary>Equilibrium from short trajectories that never reach it, which no simple method solves.</summary>
[<RequireQualifiedAccess>]
module SwarmExperiment =

    let private well = TiltedWells.well 0.5 0.5

    let private trajectories = 20_000
    let private particles = 2000
    let private lag = 0.2

    /// Short trajectories with starts uniform on [-2, 2].
    let private swarm (seed: Seed) : Outcome<SnapshotPairs> =
        let system = well.System
        use u = Seed.uniform [| int64 trajectories |] (Seed.derive "from" seed)
        let from = Tensors.toArray u |> Array.map (fun u -> -2.0 + 4.0 * u)
        let x = Array.copy from
        let steps = 200
        let h = lag / float steps
        let amplitude = sqrt (2.0 * system.Temperature * h)
        let force = [| 0.0 |]

        for k in 1..steps do
            use noise = Seed.normal [| int64 trajectories |] (Seed.derive $"noise {k}" seed)

            let noise = Tensors.toArray noise

            for i in 0 .. trajectories - 1 do
                system.Drift.Invoke(ReadOnlySpan(x, i, 1), Span force)
                x[i] <- x[i] + h * force[0] + amplitude * noise[i]

        use a = Tensors.ofRows trajectories from
        use b = Tensors.ofRows trajectories x

        SnapshotPairs.create lag a b
        |> Result.map (fun pairs ->
            use _ = pairs
            SnapshotPairs.withTemperature system.Temperature pairs)

    let private trial (size: Size) (seed: Seed) : Outcome<Trial> =
        result {
            use! pairs = swarm (Seed.derive "swarm" seed)

            let draw purpose count =
                Systems.equilibrium well.System count (Seed.derive purpose seed)

            use! reference = draw "reference" (2 * particles)
            use! independent = draw "independent" particles
            let scores = TiltedWells.scores well reference independent
            let region (x: float[]) = if x[0] > well.Barrier then 1 else 0
            let mutable kept = None

            let ours () =
                Swarm.run Control.none Swarm.defaults (Seed.derive "flow" seed) region 2 particles None pairs
                |> Result.map (fun found ->
                    kept <- Some found
                    Drawn.ofFlow found.Flow)

            let! run = Comparison.timed "kswgd" nan ours
            let found = kept.Value
            use reweighted = found.Reweighted
            use! start = Samples.take particles pairs.From
            use! shown = Samples.take 2000 run.Drawn.Particles
            let kswgd = Comparison.score scores run

            let! others =
                [
                    yield! Contenders.simple (Manifold.euclidean 1) reweighted start seed
                    Contenders.samples "raw" (fun () -> Samples.take particles pairs.To)
                    Contenders.samples "floor" (fun () -> draw "floor" particles)
                ]
                |> Contenders.ofSize size
                |> Contenders.scored reweighted scores

            use! ends = Samples.take 4000 pairs.To
            let mass = found.Masses[1]

            return
                {
                    Methods = kswgd :: others
                    Facts =
                        [
                            "mass_exact", well.Right
                            "mass_data", mass.Data
                            "mass_standard_error", mass.StandardError
                            "effective_size", found.Weights.EffectiveSize
                            "negative_share", found.Weights.NegativeShare
                        ]
                    Sections =
                        [
                            {
                                Heading = "Samples"
                                Blocks =
                                    [
                                        Block.Beside
                                            [
                                                TiltedWells.picture well "ends of the trajectories" ends
                                                TiltedWells.picture well "KSWGD" shown
                                            ]
                                    ]
                            }
                        ]
                }
        }

    /// <summary>For <c>./koopman reproduce swarm</c>.</summary>
    let experiment: Experiment =
        {
            Name = "swarm"
            Summary = "equilibrium samples and masses from 20,000 trajectories of a fifth of a time unit"
            Minutes = 2.0
            Work =
                Work.InParts(fun size journal ->
                    Comparison.over
                        journal
                        (size.Choose(5, 1))
                        $"V = (x²-1)² + x/2 at T = .5, mass of the right well {Ui.number well.Right}; {trajectories} trajectories of length {lag}, started uniformly between -2 and 2. The bootstrap is of the reweighted data; the data as they are: ends of the trajectories."
                        (fun _ -> [])
                        (trial size))
        }
