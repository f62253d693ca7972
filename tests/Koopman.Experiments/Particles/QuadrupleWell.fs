namespace Koopman.Experiments

open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Particles

/// <summary>
/// V = (x²-1)² + (y²-1)² at T = 1: the generator from independent samples by Gaussian generator EDMD, particles by the spectral
/// flow, both compared with exact values, an independent exact sample (the floor), a bootstrap of the data and other samplers.
/// </summary>
[<RequireQualifiedAccess>]
module QuadrupleWell =

    let private samples = 2000
    let private particles = 1000

    /// <summary>The largest error of a well's mass.</summary>
    let massError: Score =
        {
            Name = "mass_error"
            Of = FourWells.massError
        }

    /// <summary>⟨V⟩ over the particles.</summary>
    let meanPotential: Score =
        {
            Name = "mean_potential"
            Of = FourWells.meanPotential
        }

    /// <summary>Scores of particles in the four wells: KL, the standard ones, and further ones.</summary>
    let scores (further: Score list) (reference: Samples) (independent: Samples) : Score list =
        {
            Name = "kl"
            Of = FourWells.divergence
        }
        :: Comparison.standard reference independent
        @ further

    let private nearWells: Score =
        {
            Name = "near_wells"
            Of = FourWells.nearWells
        }

    let private trial (size: Size) (data: Samples) (seed: Seed) : Outcome<Trial> =
        result {
            let system = Systems.quadrupleWell.Value

            let draw purpose count =
                Systems.equilibrium system count (Seed.derive purpose seed)

            use! reference = draw "reference" (2 * particles)
            use! independent = draw "independent" particles
            use! start = FourWells.startInTheMiddle particles (Seed.derive "start" seed)

            let! methods =
                Contenders.ofSystem Contenders.defaults system data start seed
                |> Contenders.ofSize size
                |> Contenders.scored data (scores [ nearWells; massError; meanPotential ] reference independent)

            use! observables = Observables.gaussiansOver Observables.automatic data
            use! spectrum = Langevin.fit Langevin.defaults observables data

            let! flow =
                ParticleFlow.run Control.none ParticleFlow.defaults (Seed.derive "jitter" seed) spectrum data start

            use _ = flow.Particles

            return
                {
                    Methods = methods
                    Facts =
                        [
                            for k in 1..3 do
                                $"eta{k}", spectrum.Rates[k - 1]
                            for k in 1..3 do
                                $"eta{k}_exact", system.Rates[k - 1]
                            "energy_ratio", flow.EnergyRatio
                            "snapped", float flow.Snapped
                        ]
                    Sections = FourWells.sections spectrum start flow
                }
        }

    let private caption =
        $"KL by kernel density on a grid, with the same bias in all rows; near wells: fraction within .4 of a well, exactly {Ui.number FourWells.exactNearWells}; ⟨V⟩: exactly {Ui.number FourWells.exactMeanPotential}; nn ratio: median nearest-neighbour distance over that of an independent sample."

    /// <summary>For <c>./koopman reproduce quadruple-well</c>.</summary>
    let experiment: Experiment =
        {
            Name = "quadruple-well"
            Summary = "generator and particles in four equal wells, compared with exact values"
            Minutes = 3.0
            Work =
                Work.InParts(fun size journal ->
                    Comparison.over journal (size.Choose(5, 1)) caption (fun _ -> []) (fun seed ->
                        result {
                            use! data =
                                Systems.equilibrium Systems.quadrupleWell.Value samples (Seed.derive "data" seed)

                            return! trial size data seed
                        }))
        }
