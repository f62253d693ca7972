namespace Koopman.Cli

open System
open System.Diagnostics
open Koopman
open Koopman.Cli.Reporting

/// <summary>Settings of the quadruple-well experiment.</summary>
type WellsSettings =
    {
        /// <summary>Samples the generator is learned from.</summary>
        Samples: int
        /// <summary>Particles that are moved.</summary>
        Particles: int
    }

/// <summary>A set of particles, measured against the exact law of the quadruple well.</summary>
type WellsScore =
    {
        Kl: float
        Mmd: float
        SlicedW2: float
        /// <summary>The part of an exact sample that has a particle nearby; nominally .95.</summary>
        Coverage: float
        /// <summary>The part of the particles within .4 of a well; exactly .380738.</summary>
        NearWells: float
        /// <summary>The largest deviation of a well's mass from 1/4.</summary>
        WellMassError: float
        MeanPotential: float
        NeighbourRatio: float
    }

/// <summary>
/// V = (x²-1)² + (y²-1)² at T = 1: the generator from independent samples by Gaussian generator EDMD, particles by the spectral
/// flow, both against exact values, an independent exact sample (the floor) and a bootstrap of the data.
/// </summary>
[<RequireQualifiedAccess>]
module QuadrupleWell =

    /// <summary>2000 samples, 1000 particles.</summary>
    let defaults: WellsSettings = { Samples = 2000; Particles = 1000 }

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

    /// <summary>Measures particles against the exact law.</summary>
    let score (reference: Samples) (independent: Samples) (particles: Samples) : WellsScore =
        let system = Systems.quadrupleWell.Value
        let exact = Kde.boltzmann grid system
        let values = Samples.values particles
        let points = Array.init particles.Count (fun i -> values[2 * i], values[2 * i + 1])

        let share predicate =
            float (points |> Array.filter predicate |> Array.length) / float points.Length

        let near (x, y) =
            let dx, dy = abs x - 1.0, abs y - 1.0
            dx * dx + dy * dy <= 0.16

        let wells =
            [
                for sx in [ -1.0; 1.0 ] do
                    for sy in [ -1.0; 1.0 ] -> share (fun (x, y) -> x * sx > 0.0 && y * sy > 0.0)
            ]

        {
            Kl = Kde.divergence grid (Kde.density bandwidth grid particles) exact
            Mmd = Mmd.distance (Mmd.bandwidth reference) particles reference
            SlicedW2 = Wasserstein.sliced 200 (Seed.ofInt 7) particles reference
            Coverage = Coverage.ofReference reference independent particles
            NearWells = share near
            WellMassError = wells |> List.map (fun mass -> abs (mass - 0.25)) |> List.max
            MeanPotential = Systems.potential system particles |> Array.average
            NeighbourRatio = Coverage.neighbourRatio independent particles
        }

    /// The disc of radius 1 around the origin, where no well lies: a start that knows nothing of the target's shape.
    let private startInTheMiddle (count: int) (seed: Seed) : Result<Samples, KoopmanError> =
        use u = Seed.uniform [| int64 count; 2L |] seed
        let u = Tensors.toArray u

        Array.init (2 * count) (fun i ->
            let radius, angle = sqrt u[i / 2 * 2], 2.0 * Math.PI * u[i / 2 * 2 + 1]
            if i % 2 = 0 then radius * cos angle else radius * sin angle)
        |> Samples.ofValues 2

    let private rows (scores: (string * WellsScore) list) : string list list =
        scores
        |> List.map (fun (name, s) ->
            [
                name
                Ui.number s.Kl
                Ui.number s.Mmd
                Ui.number s.SlicedW2
                Ui.number s.Coverage
                Ui.number s.NearWells
                Ui.number s.WellMassError
                Ui.number s.MeanPotential
                Ui.number s.NeighbourRatio
            ])

    let private columns =
        [
            "<particles"
            "KL"
            "MMD"
            "sliced W2"
            "coverage"
            "near wells"
            "mass error"
            "⟨V⟩"
            "nn ratio"
        ]

    /// <summary>Learns from samples of the well, moves particles and measures them.</summary>
    let evaluate
        (particles: int)
        (data: Samples)
        (report: float -> unit)
        (seed: Seed)
        : Result<Findings, KoopmanError> =
        result {
            let system = Systems.quadrupleWell.Value

            let draw purpose count =
                Systems.equilibrium system count (Seed.derive purpose seed)

            use! reference = draw "reference" (2 * particles)
            use! independent = draw "independent" particles
            use! floor = draw "floor" particles
            report 0.05
            let clock = Process.GetCurrentProcess().TotalProcessorTime
            use! observables = Observables.gaussiansOver Observables.automatic data
            use! spectrum = Langevin.fit Langevin.defaults observables data
            report 0.3
            use! start = startInTheMiddle particles (Seed.derive "start" seed)

            let control =
                Control.report (fun (p: FlowProgress) -> report (0.3 + 0.6 * float p.Iteration / float p.Total))

            let! flow =
                SpectralFlow.run control SpectralFlow.defaults (Seed.derive "jitter" seed) spectrum data start

            use moved = flow.Particles
            use current = Process.GetCurrentProcess()
            let seconds = (current.TotalProcessorTime - clock).TotalSeconds
            let picks = Seed.permutation data.Count (Seed.derive "bootstrap" seed)

            use! bootstrap =
                Samples.pick (Array.init particles (fun i -> picks[i % picks.Length])) data

            let ours = score reference independent moved
            let exact = score reference independent floor
            let again = score reference independent bootstrap
            report 1.0

            let table =
                rows
                    [
                        "KSWGD", ours
                        "independent exact sample (floor)", exact
                        "bootstrap of the data", again
                    ]
                @ [
                    [
                        "exact value"
                        "0"
                        "0"
                        "0"
                        "0.9500"
                        Ui.number exactNearWells
                        "0"
                        Ui.number exactMeanPotential
                        "1"
                    ]
                ]

            let eta k = spectrum.Rates[k - 1]

            return
                {
                    Metrics =
                        [
                            "eta1", eta 1
                            "eta2", eta 2
                            "eta3", eta 3
                            "eta1_exact", system.Rates[0]
                            "eta2_exact", system.Rates[1]
                            "eta3_exact", system.Rates[2]
                            "kl", ours.Kl
                            "kl_floor", exact.Kl
                            "kl_bootstrap", again.Kl
                            "mmd", ours.Mmd
                            "mmd_floor", exact.Mmd
                            "mmd_bootstrap", again.Mmd
                            "sliced_w2", ours.SlicedW2
                            "sliced_w2_floor", exact.SlicedW2
                            "coverage", ours.Coverage
                            "coverage_floor", exact.Coverage
                            "near_wells", ours.NearWells
                            "well_mass_error", ours.WellMassError
                            "well_mass_error_floor", exact.WellMassError
                            "mean_potential", ours.MeanPotential
                            "nn_ratio", ours.NeighbourRatio
                            "energy_ratio", flow.EnergyRatio
                            "snapped", float flow.Snapped
                            "iterations", float flow.Iterations
                            "cpu_seconds", seconds
                        ]
                    Extra = []
                    Table = columns, table
                    Sections =
                        {
                            Heading = "Result"
                            Blocks =
                                [
                                    PageTable.ofText
                                        "KL by kernel density on a grid, biased alike for all rows; near wells: part within .4 of a well; nn ratio: median nearest-neighbour distance over that of an independent sample."
                                        columns
                                        table
                                ]
                        }
                        :: WellsPictures.sections grid spectrum start flow
                }
        }

    /// <summary>The same on fresh independent samples.</summary>
    let run (settings: WellsSettings) (report: float -> unit) (seed: Seed) : Result<Findings, KoopmanError> =
        result {
            use! data =
                Systems.equilibrium Systems.quadrupleWell.Value settings.Samples (Seed.derive "data" seed)

            return! evaluate settings.Particles data report seed
        }

    /// <summary>For <c>koopman reproduce quadruple-well</c>.</summary>
    let experiment: Experiment =
        {
            Name = "quadruple-well"
            Summary = "generator and particles on four equal wells against exact values"
            Run = run defaults
        }
