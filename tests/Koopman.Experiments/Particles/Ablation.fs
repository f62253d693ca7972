namespace Koopman.Experiments

open Koopman
open Koopman.Cli
open Koopman.Particles

/// <summary>
/// What each safeguard of the flow contributes: the guard, which moves strays back onto the data, with the dealing of particles to groups of data; the
/// jitter, which frees particles from each other; the polish after it; and the width of the Gaussians. On a cold well, where particles cross
/// an almost empty barrier, and on four warm ones.
/// </summary>
[<RequireQualifiedAccess>]
module Ablation =

    let private samples = 2000
    let private particles = 1000

    [<NoComparison; NoEquality>]
    type private Place =
        {
            System: LangevinSystem
            Start: Seed -> Outcome<Samples>
            Scores: Samples -> Samples -> Score list
        }

    let private cold: Place =
        let well = TiltedWells.well 0.0 0.2

        {
            System = well.System
            Start = TiltedWells.cloud -1.0 particles
            Scores = TiltedWells.scores well
        }

    let private warm: Place =
        {
            System = Systems.quadrupleWell.Value
            Start = FourWells.startInTheMiddle particles
            Scores = QuadrupleWell.scores [ QuadrupleWell.massError ]
        }

    let private variants: (string * float * (ParticleOptions -> ParticleOptions)) list =
        [
            "kswgd", 1.0, id
            "no_guard", 1.0, (fun o -> { o with GuardEvery = 0 })
            "no_jitter", 1.0, (fun o -> { o with Jitter = 0.0 })
            "no_polish", 1.0, (fun o -> { o with RefineIterations = 0 })
            "none", 1.0, (fun o -> { o with GuardEvery = 0; Jitter = 0.0 })
            "wide", 2.0, id
            "widest", 4.0, id
            "widest_no_guard", 4.0, (fun o -> { o with GuardEvery = 0 })
        ]

    let private trial (place: Place) (seed: Seed) : Outcome<Trial> =
        result {
            let draw purpose count =
                Systems.equilibrium place.System count (Seed.derive purpose seed)

            use! data = draw "data" samples
            use! reference = draw "reference" (2 * particles)
            use! independent = draw "independent" particles
            use! start = place.Start(Seed.derive "start" seed)

            let run (widen: float) (options: ParticleOptions) : Outcome<Drawn> =
                result {
                    use! observables =
                        Observables.gaussiansWidened
                            widen
                            { Observables.automatic with
                                Seed = seed
                            }
                            data

                    use! field = ParticleField.fullRank 0.0 place.System.Temperature observables data

                    let! flow =
                        ParticleFlow.follow
                            Control.none
                            options
                            (Seed.derive "jitter" seed)
                            (Manifold.euclidean data.Dimension)
                            field
                            data
                            start

                    return Drawn.ofFlow flow
                }

            let! methods =
                [
                    for name, widen, change in variants do
                        Contenders.plain name (fun () -> run widen (change ParticleFlow.defaults))
                    Contenders.samples "floor" (fun () -> draw "floor" particles)
                ]
                |> Contenders.scored data (place.Scores reference independent)

            return
                {
                    Methods = methods
                    Facts = []
                    Sections = []
                }
        }

    /// <summary>For <c>./koopman reproduce ablation</c>.</summary>
    let experiment: Experiment =
        let over (size: Size) (journal: Journal) (what: string) (place: Place) =
            Comparison.over
                journal
                (size.Choose(6, 1))
                $"{what}; {samples} samples, {particles} particles. put back: moves onto the data per particle."
                (fun _ -> [])
                (trial place)

        {
            Name = "ablation"
            Summary = "the flow of particles without its guard, jitter or polish, and with wider functions"
            Minutes = 1.0
            Work =
                Work.InParts(fun size journal report seed ->
                    result {
                        let! cold =
                            over
                                size
                                (journal.Within "cold")
                                "Two wells at T = .2 from one of them"
                                cold
                                (fun p -> report (0.5 * p))
                                seed

                        let! warm =
                            over
                                size
                                (journal.Within "warm")
                                "Four wells from the middle"
                                warm
                                (fun p -> report (0.5 + 0.5 * p))
                                seed

                        return Comparison.both "warm" cold warm
                    })
        }
