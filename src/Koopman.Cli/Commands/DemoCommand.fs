namespace Koopman.Cli

open System
open System.Diagnostics
open Koopman
open Koopman.Cli.Reporting
open Koopman.Metrics
open Koopman.Particles

/// <summary><c>koopman demo</c>: simulate, estimate, move particles and evaluate, with exact values for comparison.</summary>
[<RequireQualifiedAccess>]
module DemoCommand =

    let private pairs = 20_000
    let private lag = 0.1
    let private particles = 1000

    /// One row of the closing table: quantity, result, exact value or floor, true if it agrees.
    let private judged (what: string) (ours: float) (beside: string) (holds: bool) : Cell list =
        [
            Cell.text what
            Cell.text (Ui.number ours)
            Cell.text beside
            Cell.judged holds (if holds then "yes" else "no")
        ]

    /// The results of the demo.
    [<NoComparison; NoEquality>]
    type private Outcome =
        {
            Edmd: Spectrum
            Generator: Spectrum
            /// Names and scores of the particles, of resampled data points and of an exact sample, by the name of the score.
            Scores: (string * (string * float) list) list
            Sections: Section list
        }

    /// The scores of the particles, of resampled data points and of an exact sample of equal size.
    let private scored
        (flow: ParticleResult)
        (data: Samples)
        (seed: Seed)
        : Outcome<(string * (string * float) list) list> =
        result {
            let draw purpose count =
                Systems.equilibrium Systems.quadrupleWell.Value count (Seed.derive purpose seed)

            use! reference = draw "reference" (2 * particles)
            use! independent = draw "independent" particles
            use! floor = draw "floor" particles
            use! again = Bootstrap.draw particles (Seed.derive "bootstrap" seed) data
            let bandwidth = Mmd.bandwidth reference

            return
                [
                    for name, samples in
                        [
                            "particles", flow.Particles
                            "equally many data points", again
                            "independent exact sample (floor)", floor
                        ] ->
                        name,
                        [
                            "KL", FourWells.divergence samples
                            "MMD", Mmd.distance bandwidth samples reference
                            "sliced W2", Wasserstein.sliced 200 (Seed.ofInt 7) samples reference
                            "coverage", Coverage.ofReference reference independent samples
                            "near wells", FourWells.nearWells samples
                            "mass error", FourWells.massError samples
                            "⟨V⟩", FourWells.meanPotential samples
                        ]
                ]
        }

    let private closing (outcome: Outcome) : Cell list list =
        let score row name =
            outcome.Scores[row] |> snd |> List.find (fun (known, _) -> known = name) |> snd

        let ours, floor = score 0, score 2
        let exact = Systems.quadrupleWell.Value.Rates

        let rates (what: Mode -> string) (spectrum: Spectrum) =
            [
                for k in 1..3 do
                    let mode = spectrum.Modes[k - 1]
                    let tolerance = if k < 3 then 0.15 else 0.10

                    judged
                        (what mode)
                        mode.Rate
                        (Ui.number exact[k - 1])
                        (abs (mode.Rate - exact[k - 1]) <= tolerance * exact[k - 1])
            ]

        [
            yield!
                outcome.Edmd
                |> rates (fun m ->
                    $"rate {m.Index} from pairs (EDMD), interval [{Ui.number m.Lower}, {Ui.number m.Upper}]")
            yield! outcome.Generator |> rates (fun m -> $"rate {m.Index} from points (generator)")
            judged
                "KL of the particles; that of an exact sample"
                (ours "KL")
                (Ui.number (floor "KL"))
                (ours "KL" <= floor "KL" + 0.02)
            judged "coverage; nominal value" (ours "coverage") "0.9500" (ours "coverage" >= 0.91)
            judged "largest error of a well's mass; exact mass 1/4" (ours "mass error") "0" (ours "mass error" <= 0.03)
            judged
                "mean potential"
                (ours "⟨V⟩")
                (Ui.number FourWells.exactMeanPotential)
                (abs (ours "⟨V⟩" - FourWells.exactMeanPotential) <= 0.12)
        ]

    let private headings =
        [
            "what", Alignment.Left
            "ours", Alignment.Right
            "exact", Alignment.Right
            "within tolerance", Alignment.Left
        ]

    /// <summary>Runs the demonstration and writes the report.</summary>
    let run (command: string) (seed: int) (page: string) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ Some page ]
            let clock = Stopwatch.StartNew()
            let root = Seed.ofInt seed

            use! data =
                Systems.equilibriumPairs Systems.quadrupleWell.Value pairs lag (Seed.derive "demo" root)

            use! observables = Observables.gaussiansOver Observables.automatic data.From

            let! outcome =
                Ui.progress "learning, moving" (fun report ->
                    result {
                        let! edmd = Edmd.reversible Edmd.defaults observables data
                        report 0.3
                        let! generator = Langevin.fit Langevin.defaults observables data.From
                        report 0.6
                        use! start = FourWells.startInTheMiddle particles (Seed.derive "start" root)

                        let! flow =
                            ParticleFlow.run
                                Control.none
                                ParticleFlow.defaults
                                (Seed.derive "jitter" root)
                                generator
                                data.From
                                start

                        use _ = flow.Particles
                        report 0.8
                        let! scores = scored flow data.From root

                        return
                            {
                                Edmd = edmd
                                Generator = generator
                                Scores = scores
                                Sections = FourWells.sections generator start flow
                            }
                    })

            use edmd = outcome.Edmd
            use _ = outcome.Generator

            Ui.say
                $"{pairs} pairs of the quadruple well V = (x²-1)² + (y²-1)², T = 1, lag {lag}; the spectrum from pairs:"

            Ui.table SpectrumCommand.columns (SpectrumCommand.rows edmd)
            Ui.say "Particles that started in the middle and used only data, and an exact sample of equal size:"

            let columns = "<" :: (outcome.Scores.Head |> snd |> List.map fst)

            let scores =
                [
                    for name, values in outcome.Scores -> name :: (values |> List.map (snd >> Ui.number))
                ]

            Ui.table columns scores
            let rows = closing outcome
            Ui.table [ "<what"; "ours"; "exact"; "<within tolerance" ] (rows |> List.map (List.map _.Text))

            do!
                Report.write
                    page
                    {
                        Title = "One operator, learned from data"
                        Subtitle =
                            $"Four wells from {pairs} pairs: the rates and {particles} new particles, compared with exact values."
                        Sections =
                            [
                                {
                                    Heading = "In short"
                                    Blocks =
                                        [
                                            Block.Table
                                                {
                                                    Caption = ""
                                                    Columns = headings
                                                    Rows = rows
                                                }
                                        ]
                                }
                                {
                                    Heading = "Scores of the particles"
                                    Blocks =
                                        [
                                            PageTable.ofText
                                                $"KL by kernel density on a grid, with the same bias in all rows; near wells: fraction within .4 of a well, exactly {Ui.number FourWells.exactNearWells}; ⟨V⟩: exactly {Ui.number FourWells.exactMeanPotential}. The last row is the reference for the others."
                                                columns
                                                scores
                                        ]
                                }
                                yield! outcome.Sections
                                {
                                    Heading = "Spectrum from pairs"
                                    Blocks =
                                        [
                                            PageTable.ofText
                                                $"{edmd.Convention}. Residual: {edmd.ResidualNorm}. Near-degenerate: closer than 3 standard errors to a neighbour; only the mean of the two is well determined."
                                                SpectrumCommand.columns
                                                (SpectrumCommand.rows edmd)
                                        ]
                                }
                            ]
                        Provenance = Inputs.provenance command (Some seed)
                    }

            Ui.say $"{clock.Elapsed.TotalSeconds:F1} s"
            Ui.say $"report: {IO.Path.GetFullPath page}"
        }
