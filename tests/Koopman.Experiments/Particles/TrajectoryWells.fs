namespace Koopman.Experiments

open TorchSharp
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Particles

/// <summary>
/// The four wells from one trajectory, as the paper learns them: 9,999 pairs at lag .01, hence 100 units of time or 75 of the slowest mode. The
/// particles come from the spectrum of the propagator alone; its diffusion is read off its modes. The trajectory has the masses of the wells
/// only to about .07, which bounds every method that knows nothing else.
/// </summary>
[<RequireQualifiedAccess>]
module TrajectoryWells =

    let private rows = 10_000
    let private lag = 0.01
    let private particles = 1000

    /// The largest difference of a well's mass between two samples.
    let private massGap (data: Samples) (particles: Samples) : float =
        let masses (samples: Samples) =
            let counts = Array.zeroCreate 4
            let weights = Tensors.toArray samples.Weights

            Samples.values samples
            |> Array.chunkBySize 2
            |> Array.iteri (fun i x -> counts[FourWells.wellOf x] <- counts[FourWells.wellOf x] + weights[i])

            counts

        Array.map2 (fun a b -> abs (a - b)) (masses data) (masses particles)
        |> Array.max

    let private scores (data: Samples) : Samples -> Samples -> Score list =
        QuadrupleWell.scores
            [
                QuadrupleWell.massError
                {
                    Name = "mass_to_data"
                    Of = massGap data
                }
                QuadrupleWell.meanPotential
            ]

    let private trial (size: Size) (seed: Seed) : Outcome<Trial> =
        result {
            let system = Systems.quadrupleWell.Value

            let draw purpose count =
                Systems.equilibrium system count (Seed.derive purpose seed)

            use! trajectory = Systems.trajectory system rows lag (Seed.derive "trajectory" seed)
            use! pairs = SnapshotPairs.ofTrajectory lag trajectory
            use! reference = draw "reference" (2 * particles)
            use! independent = draw "independent" particles
            use! start = FourWells.startInTheMiddle particles (Seed.derive "start" seed)
            let data = pairs.From
            let plane = Manifold.euclidean 2

            use! observables =
                Observables.gaussiansOver
                    { Observables.automatic with
                        Seed = Seed.derive "centres" seed
                    }
                    data

            use! spectrum = Edmd.reversible Edmd.defaults observables pairs
            use! field = ParticleField.ofPairs 0.0 spectrum pairs
            use origin = torch.zeros (1L, 2L, dtype = torch.float64)
            use diffusion = field.DiffusionAt origin
            let a = Tensors.toArray diffusion

            let follow (field: ParticleField) =
                ParticleFlow.follow
                    Control.none
                    ParticleFlow.defaults
                    (Seed.derive "jitter" seed)
                    plane
                    field
                    data
                    start

            use! linear = Observables.monomials 1 2
            use! motion = KramersMoyal.estimate KramersMoyal.defaults linear pairs

            let! methods =
                [
                    Contenders.plain "kswgd" (fun () ->
                        result {
                            use! spectrum = Edmd.reversible Edmd.defaults observables pairs
                            use! field = ParticleField.ofPairs 0.0 spectrum pairs
                            let! flow = follow field
                            return Drawn.ofFlow flow
                        })
                    Contenders.plain "kswgd_form" (fun () ->
                        result {
                            use! field =
                                ParticleField.fullRankWithDiffusion 0.0 motion.DiffusionAt observables data

                            let! flow = follow field
                            return Drawn.ofFlow flow
                        })
                    yield! Contenders.simple plane data start seed
                    Contenders.samples "floor" (fun () -> draw "floor" particles)
                ]
                |> Contenders.ofSize size
                |> Contenders.scored data (scores data reference independent)

            let! shown = follow field
            use _ = shown.Particles

            return
                {
                    Methods = methods
                    Facts =
                        [
                            for k in 1..3 do
                                $"eta{k}", spectrum.Rates[k - 1]
                            for k in 1..3 do
                                $"eta{k}_exact", system.Rates[k - 1]
                            "diffusion_xx", a[0]
                            "diffusion_xy", a[1]
                            "diffusion_yy", a[3]
                            "diffusion_exact", 2.0 * system.Temperature
                            "energy_ratio", shown.EnergyRatio
                            "trajectory_mass_error", FourWells.massError data
                        ]
                    Sections = FourWells.sections spectrum start shown
                }
        }

    /// <summary>For <c>./koopman reproduce trajectory</c>.</summary>
    let experiment: Experiment =
        {
            Name = "trajectory"
            Summary = "particles in four wells from the spectrum of one trajectory of 9,999 pairs at lag .01"
            Minutes = 2.0
            Work =
                Work.InParts(fun size journal ->
                    Comparison.over
                        journal
                        (size.Choose(5, 1))
                        "KL by kernel density on a grid, with the same bias in all rows. mass to data: the largest difference of a well's mass from that in the trajectory, whose own error is in trajectory_mass_error."
                        (fun _ -> [])
                        (trial size))
        }
