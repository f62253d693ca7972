namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open Koopman.Metrics
open Koopman.Particles

/// <summary>V = (x²-1)² + a x on a line: its exact values, and the scores of particles.</summary>
[<NoComparison; NoEquality>]
type TiltedWell =
    {
        System: LangevinSystem
        /// <summary>The top of the barrier.</summary>
        Barrier: float
        /// <summary>The mass to the right of it.</summary>
        Right: float
    }

/// <summary>Experiments in one dimension, from particles that all start in one well.</summary>
[<RequireQualifiedAccess>]
module TiltedWells =

    let private grid: DensityGrid =
        {
            Low = -2.6
            High = 2.6
            Points = 601
            Dimension = 1
        }

    /// <summary>The well with this tilt and temperature.</summary>
    let well (tilt: float) (temperature: float) : TiltedWell =
        let system =
            if tilt = 0.0 then
                Systems.doubleWell temperature
            else
                Systems.asymmetricWell tilt temperature

        // The slope 4x³ - 4x + a falls through 0 at the top.
        let barrier =
            ((0.0, seq { 1..50 })
             ||> Seq.fold (fun x _ -> x - (4.0 * x * x * x - 4.0 * x + tilt) / (12.0 * x * x - 4.0)))

        let density x =
            exp (-system.Potential.Invoke(ReadOnlySpan [| x |]) / temperature)

        let integral low high =
            MathNet.Numerics.Integration.GaussLegendreRule.Integrate(density, low, high, 128)

        let right = integral barrier 4.0

        {
            System = system
            Barrier = barrier
            Right = right / (integral -4.0 barrier + right)
        }

    /// <summary>The fraction of the samples to the right of the barrier.</summary>
    let massRight (well: TiltedWell) (samples: Samples) : float =
        Samples.values samples
        |> Array.averageBy (fun x -> if x > well.Barrier then 1.0 else 0.0)

    /// <summary>KL on a grid, the standard scores, the mass to the right and its error.</summary>
    let scores (well: TiltedWell) (reference: Samples) (independent: Samples) : Score list =
        let exact = Kde.boltzmann grid well.System

        {
            Name = "kl"
            Of = fun particles -> Kde.divergence grid (Kde.density 0.1 grid particles) exact
        }
        :: Comparison.standard reference independent
        @ [
            { Name = "mass"; Of = massRight well }
            {
                Name = "mass_error"
                Of = fun particles -> abs (massRight well particles - well.Right)
            }
        ]

    /// <summary>Particles and the exact density.</summary>
    let picture (well: TiltedWell) (title: string) (samples: Samples) : Block =
        ParticlePlot.overDensity title grid (Kde.boltzmann grid well.System) samples
        |> Block.Chart

    /// <summary>Particles in a small cloud around a minimum.</summary>
    let cloud (around: float) (count: int) (seed: Seed) : Outcome<Samples> =
        use noise = Seed.normal [| int64 count; 1L |] seed

        Tensors.toArray noise
        |> Array.map (fun v -> around + 0.1 * v)
        |> Samples.ofValues 1

    let private caption =
        "KL by kernel density on a grid, with the same bias in all rows. mass: right of the barrier. CPU: learning and moving."

    let private trial
        (size: Size)
        (well: TiltedWell)
        (settings: ContenderSettings)
        (samples: int)
        (particles: int)
        (from: float)
        (seed: Seed)
        : Outcome<Trial> =
        result {
            let draw purpose count =
                Systems.equilibrium well.System count (Seed.derive purpose seed)

            use! data = draw "data" samples
            use! reference = draw "reference" (2 * particles)
            use! independent = draw "independent" particles
            use! start = cloud from particles (Seed.derive "start" seed)
            let scores = scores well reference independent

            let! methods =
                Contenders.ofSystem settings well.System data start seed
                |> Contenders.ofSize size
                |> Contenders.scored data scores

            use! flow =
                Contenders.kswgd settings.Flow well.System.Temperature (Manifold.euclidean 1) data start seed
                |> Result.map _.Particles

            let ours = massRight well flow
            let ofData = massRight well data

            return
                {
                    Methods = methods
                    Facts =
                        [
                            "mass_exact", well.Right
                            "mass_data", ofData
                            "mass_to_data", abs (ours - ofData)
                            "mass_to_exact", abs (ours - well.Right)
                        ]
                    Sections =
                        [
                            {
                                Heading = "Particles"
                                Blocks = [ Block.Beside [ picture well "start" start; picture well "KSWGD" flow ] ]
                            }
                        ]
                }
        }

    /// The maximum of a quantity over the trials.
    let private greatest (name: string) (trials: Trial list) : float =
        trials
        |> List.map (fun trial -> trial.Facts |> List.find (fun (n, _) -> n = name) |> snd)
        |> List.max

    /// Legendre polynomials fine enough for the narrow wells of a cold system.
    let private settings =
        { Contenders.defaults with
            Lawgd =
                { Lawgd.defaults with
                    Degree = 30
                    Nodes = 200
                }
        }

    /// <summary>For <c>./koopman reproduce asymmetric-well</c>: all particles start in the wrong well.</summary>
    let asymmetric: Experiment =
        let at (size: Size) (journal: Journal) temperature =
            let well = well 0.5 temperature

            Comparison.over
                journal
                (size.Choose(5, 1))
                $"V = (x²-1)² + x/2 at T = {temperature}; 2000 samples, 1000 particles that start in the right well, whose mass is {Ui.number well.Right}. {caption}"
                (fun trials -> [ "mass_to_data_max", greatest "mass_to_data" trials ])
                (trial size well settings 2000 1000 0.95)

        {
            Name = "asymmetric-well"
            Summary = "a rare well from particles that all start in it, at T = .5 and .3"
            Minutes = 8.0
            Work =
                Work.InParts(fun size journal report seed ->
                    result {
                        let! warm = at size (journal.Within "warm") 0.5 (fun p -> report (0.5 * p)) seed

                        let! cold =
                            at size (journal.Within "cold") 0.3 (fun p -> report (0.5 + 0.5 * p)) seed

                        return Comparison.both "cold" warm cold
                    })
        }

    /// <summary>For <c>./koopman reproduce cold-well</c>: a barrier that takes 90 units of time to cross.</summary>
    let cold: Experiment =
        let within trials =
            trials
            |> List.filter (fun trial -> trial.Facts |> List.find (fun (n, _) -> n = "mass_to_exact") |> snd <= 0.05)
            |> List.length

        {
            Name = "cold-well"
            Summary = "two wells at T = .2, where the slowest rate is .011, from one of them"
            Minutes = 8.0
            Work =
                Work.InParts(fun size journal report seed ->
                    let well = well 0.0 0.2

                    Comparison.over
                        journal
                        (size.Choose(10, 1))
                        $"V = (x²-1)² at T = .2, slowest rate {Ui.number well.System.Rates[0]}; 2000 samples, 1000 particles that start in the left well. {caption}"
                        (fun trials ->
                            [
                                "seeds_within_0.05", float (within trials)
                                "eta1_exact", well.System.Rates[0]
                            ])
                        (trial
                            size
                            well
                            { settings with
                                Ula = { settings.Ula with Iterations = 2000 }
                                Mala = { settings.Mala with Iterations = 2000 }
                            }
                            2000
                            1000
                            -1.0)
                        report
                        seed)
        }
