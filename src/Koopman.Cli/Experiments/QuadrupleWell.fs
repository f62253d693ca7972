namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting
open Koopman.Metrics
open Koopman.Particles

/// <summary>
/// V = (x²-1)² + (y²-1)² at T = 1: the generator from independent samples by Gaussian generator EDMD, particles by the spectral
/// flow, both against exact values, an independent exact sample (the floor), a bootstrap of the data and other samplers.
/// </summary>
[<RequireQualifiedAccess>]
module QuadrupleWell =

    let private samples = 2000
    let private particles = 1000

    /// <summary>Mass within .4 of a well, by quadrature.</summary>
    let exactNearWells: float = 0.380738

    /// <summary>⟨V⟩, by quadrature.</summary>
    let exactMeanPotential: float = 0.834509

    /// <summary>The grid on which densities are compared, and the kernel's width.</summary>
    let grid: DensityGrid =
        {
            Low = -2.2
            High = 2.2
            Points = 60
            Dimension = 2
        }

    let private bandwidth = 0.15

    let private well (x: float[]) : int =
        (if x[0] > 0.0 then 2 else 0) + (if x[1] > 0.0 then 1 else 0)

    /// How particles are measured against the exact law.
    let private scores (reference: Samples) (independent: Samples) : Score list =
        let system = Systems.quadrupleWell.Value
        let exact = Kde.boltzmann grid system

        let near (x: float[]) =
            let dx, dy = abs x[0] - 1.0, abs x[1] - 1.0
            if dx * dx + dy * dy <= 0.16 then 1.0 else 0.0

        {
            Name = "kl"
            Of = fun moved -> Kde.divergence grid (Kde.density bandwidth grid moved) exact
        }
        :: Comparison.standard reference independent
        @ [
            {
                Name = "near_wells"
                Of = fun moved -> Samples.values moved |> Array.chunkBySize 2 |> Array.averageBy near
            }
            Comparison.massError (Array.create 4 0.25) well
            {
                Name = "mean_potential"
                Of = fun moved -> Systems.potential system moved |> Array.average
            }
        ]

    /// The disc of radius 1 around the origin, where no well lies: a start that knows nothing of the target's shape.
    let private startInTheMiddle (count: int) (seed: Seed) : Outcome<Samples> =
        use u = Seed.uniform [| int64 count; 2L |] seed
        let u = Tensors.toArray u

        Array.init (2 * count) (fun i ->
            let radius, angle = sqrt u[i / 2 * 2], 2.0 * Math.PI * u[i / 2 * 2 + 1]
            if i % 2 = 0 then radius * cos angle else radius * sin angle)
        |> Samples.ofValues 2

    let private trial (count: int) (everyMethod: bool) (data: Samples) (seed: Seed) : Outcome<Trial> =
        result {
            let system = Systems.quadrupleWell.Value

            let draw purpose count =
                Systems.equilibrium system count (Seed.derive purpose seed)

            use! reference = draw "reference" (2 * count)
            use! independent = draw "independent" count
            use! start = startInTheMiddle count (Seed.derive "start" seed)

            let! methods =
                Contenders.ofSystem Contenders.defaults system data start seed
                |> List.filter (fun (name, _) -> everyMethod || List.contains name [ "kswgd"; "bootstrap"; "floor" ])
                |> Contenders.scored (scores reference independent)

            use! observables = Observables.gaussiansOver Observables.automatic data
            use! spectrum = Langevin.fit Langevin.defaults observables data

            let! flow =
                SpectralFlow.run Control.none SpectralFlow.defaults (Seed.derive "jitter" seed) spectrum data start

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
                    Sections = WellsPictures.sections grid spectrum start flow
                }
        }

    let private caption =
        $"KL by kernel density on a grid, biased alike for all rows; near wells: part within .4 of a well, exactly {Ui.number exactNearWells}; ⟨V⟩: exactly {Ui.number exactMeanPotential}; nn ratio: median nearest-neighbour distance over that of an independent sample."

    /// <summary>Learns from given samples of the well, moves particles and measures them.</summary>
    let evaluate (count: int) (data: Samples) (report: float -> unit) (seed: Seed) : Outcome<Findings> =
        Comparison.over 1 caption (fun _ -> []) (trial count false data) report seed

    /// <summary>For <c>koopman reproduce quadruple-well</c>.</summary>
    let experiment: Experiment =
        {
            Name = "quadruple-well"
            Summary = "generator and particles on four equal wells against exact values"
            Run =
                Comparison.over 5 caption (fun _ -> []) (fun seed ->
                    result {
                        use! data =
                            Systems.equilibrium Systems.quadrupleWell.Value samples (Seed.derive "data" seed)

                        return! trial particles true data seed
                    })
        }
