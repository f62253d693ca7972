namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open TorchSharp
open Koopman.Particles

/// <summary>
/// Stochastic Allen-Cahn fields in equilibrium: π ∝ exp(-β ∫ ½κ|∇u|² + ¼(u²-1)² dx) on a periodic lattice, at parameters with two phases of equal
/// mass. The particles start as a Gaussian with the data's mean and covariance, which has none. The exact samples come from chains of two
/// starts, and every run says how far these agree.
/// </summary>
[<RequireQualifiedAccess>]
module AllenCahn =

    /// A field with the sizes of its experiment.
    type private Setting =
        {
            Name: string
            Field: AllenCahnField
            Samples: int
            Particles: int
            /// Principal coordinates moved by the flow.
            Leading: int
        }

    /// The steps of the chains behind the exact samples.
    let private steps = 600

    let private trial (size: Size) (setting: Setting) (seed: Seed) : Outcome<Trial> =
        let field = setting.Field

        result {
            let sizes =
                [ setting.Samples; 2 * setting.Particles; setting.Particles; setting.Particles ]

            let! all, reduction =
                AllenCahnField.drawChecked field steps (List.sum sizes) (Seed.derive "exact" seed)

            use all = all

            let part (k: int) =
                let start = sizes |> List.take k |> List.sum
                Samples.pick [| start .. start + sizes[k] - 1 |] all

            use! data = part 0
            use! reference = part 1
            use! independent = part 2
            use! wide = Samples.gaussianLike setting.Particles (Seed.derive "wide" seed) data
            use! pca = Pca.fit setting.Leading data
            let scores = AllenCahnField.scores reference independent pca

            let! methods =
                [
                    Contenders.plain "kswgd" (fun () -> Mixtures.leading setting.Leading data wide seed)
                    Contenders.samples "bootstrap" (fun () ->
                        Bootstrap.draw setting.Particles (Seed.derive "bootstrap" seed) data)
                    Contenders.samples "start" (fun () -> Samples.take setting.Particles wide)
                    AllenCahnField.ula field wide seed
                    AllenCahnField.chained "pcn" [ nan ] (fun _ -> AllenCahnField.walk field) wide seed
                    Contenders.samples "floor" (fun () -> part 3)
                ]
                |> Contenders.ofSize size
                |> Contenders.scored data scores

            use! shown =
                Mixtures.leading setting.Leading data wide seed |> Result.map _.Particles

            return
                {
                    Methods = methods
                    Facts =
                        [
                            "explained", pca.Explained
                            "scale_reduction", reduction
                            "between_phases", AllenCahnField.betweenPhases reference
                        ]
                    Sections =
                        [
                            {
                                Heading = "Fields"
                                Blocks =
                                    [
                                        AllenCahnField.pictures field "The Gaussian start." wide
                                        AllenCahnField.pictures field "KSWGD." shown
                                        AllenCahnField.pictures field "Exact samples." independent
                                    ]
                            }
                        ]
                }
        }

    let private ring: Setting =
        {
            Name = "ring"
            Field =
                {
                    Sites = 64
                    Axes = 1
                    Kappa = 0.03
                    Beta = 40.0
                }
            Samples = 3000
            Particles = 1000
            Leading = 4
        }

    let private torus: Setting =
        {
            Name = "torus"
            Field =
                {
                    Sites = 32
                    Axes = 2
                    Kappa = 0.05
                    Beta = 60.0
                }
            Samples = 1000
            Particles = 400
            Leading = 8
        }

    let private over (size: Size) (journal: Journal) (setting: Setting) =
        Comparison.over
            journal
            (size.Choose(5, 1))
            $"{setting.Field.Count} sites on a {setting.Name}, κ = {setting.Field.Kappa}, β = {setting.Field.Beta}: {setting.Samples} samples, {setting.Particles} particles from a Gaussian with the data's mean and covariance. KSWGD moves {setting.Leading} principal coordinates. mass: of a phase; pixel TV: of the law of a site's value; trace ratio: of the leading coordinates' covariance."
            (fun _ -> [])
            (trial size setting)

    /// <summary>Samples of the ring and their scale reduction, after some steps of the chains; the experiment takes 600.</summary>
    let ofRing (steps: int) (count: int) (seed: Seed) : Outcome<Samples * float> =
        AllenCahnField.drawChecked ring.Field steps count seed

    /// <summary>For <c>./koopman reproduce allen-cahn</c>.</summary>
    let experiment: Experiment =
        {
            Name = "allen-cahn"
            Summary = "fields with two phases: 32 x 32 sites (16 x 16 in a quick run), and a ring of 64"
            Minutes = 15.0
            Work =
                Work.InParts(fun size journal report seed ->
                    result {
                        let! plane =
                            over
                                size
                                (journal.Within "torus")
                                { torus with
                                    Setting.Field.Sites = size.Choose(32, 16)
                                }
                                (fun p -> report (0.7 * p))
                                seed

                        let! line =
                            over size (journal.Within "ring") ring (fun p -> report (0.7 + 0.3 * p)) seed

                        return Comparison.both "ring" plane line
                    })
        }
