namespace Koopman.Cli

open System
open System.Diagnostics
open Koopman
open Koopman.Cli.Reporting

/// <summary><c>koopman demo</c>: simulate, learn, move and measure, with exact values beside ours.</summary>
[<RequireQualifiedAccess>]
module DemoCommand =

    let private pairs = 20_000
    let private lag = 0.1
    let private particles = 1000

    /// One line of the closing table: what, ours, exact or floor, whether it holds.
    let private judged (what: string) (ours: float) (beside: string) (holds: bool) : Cell list =
        [
            Cell.text what
            Cell.text (Ui.number ours)
            Cell.text beside
            Cell.judged holds (if holds then "yes" else "no")
        ]

    let private closing (edmd: Spectrum) (findings: Findings) : Cell list list =
        let metrics = Map.ofList findings.Metrics
        let m name = metrics[name]
        let exact = Systems.quadrupleWell.Value.Rates

        [
            for k in 1..3 do
                let e = edmd.Modes[k - 1]
                let tolerance = if k < 3 then 0.15 else 0.10

                judged
                    $"rate {k} from pairs (EDMD), interval [{Ui.number e.Lower}, {Ui.number e.Upper}]"
                    e.Rate
                    (Ui.number exact[k - 1])
                    (abs (e.Rate - exact[k - 1]) <= tolerance * exact[k - 1])

            for k in 1..3 do
                let tolerance = if k < 3 then 0.15 else 0.10

                judged
                    $"rate {k} from points (generator)"
                    (m $"eta{k}")
                    (Ui.number exact[k - 1])
                    (abs (m $"eta{k}" - exact[k - 1]) <= tolerance * exact[k - 1])

            judged
                "KL of the particles; an exact sample beside it"
                (m "kswgd.kl")
                (Ui.number (m "floor.kl"))
                (m "kswgd.kl" <= m "floor.kl" + 0.02)

            judged "coverage; nominal value beside it" (m "kswgd.coverage") "0.9500" (m "kswgd.coverage" >= 0.91)
            judged "largest error of a well's mass 1/4" (m "kswgd.mass_error") "0" (m "kswgd.mass_error" <= 0.03)

            judged
                "mean potential"
                (m "kswgd.mean_potential")
                (Ui.number QuadrupleWell.exactMeanPotential)
                (abs (m "kswgd.mean_potential" - QuadrupleWell.exactMeanPotential) <= 0.12)
        ]

    let private headings =
        [
            "what", Alignment.Left
            "ours", Alignment.Right
            "exact", Alignment.Right
            "within tolerance", Alignment.Left
        ]

    /// <summary>Runs the chain and writes the report.</summary>
    let run (command: string) (seed: int) (page: string) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ Some page ]
            let clock = Stopwatch.StartNew()
            let root = Seed.ofInt seed

            let! edmd, findings =
                Ui.progress "simulating, learning, moving" (fun report ->
                    result {
                        use! data =
                            Systems.equilibriumPairs Systems.quadrupleWell.Value pairs lag (Seed.derive "demo" root)

                        report 0.1
                        use! observables = Observables.gaussiansOver Observables.automatic data.From
                        use! edmd = Edmd.reversible Edmd.defaults observables data
                        report 0.4

                        let! findings =
                            QuadrupleWell.evaluate particles data.From (fun p -> report (0.4 + 0.6 * p)) root

                        return edmd, findings
                    })

            Ui.say
                $"{pairs} pairs of the quadruple well V = (x²-1)² + (y²-1)², T = 1, lag {lag}; the spectrum from pairs:"

            Ui.table SpectrumCommand.columns (SpectrumCommand.rows edmd)
            Ui.say "Particles that started in the middle and saw only data, beside an exact sample of as many:"
            findings.Table ||> Ui.table
            let rows = closing edmd findings
            Ui.table [ "<what"; "ours"; "exact"; "<within tolerance" ] (rows |> List.map (List.map _.Text))

            do!
                Report.write
                    page
                    {
                        Title = "One operator, learned from data"
                        Subtitle =
                            $"Four wells from {pairs} pairs: the rates, and {particles} new particles, beside exact values."
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
                                yield! findings.Sections
                                {
                                    Heading = "Spectrum from pairs"
                                    Blocks =
                                        [
                                            PageTable.ofText
                                                $"{edmd.Convention}. Residual: {edmd.ResidualNorm}. Near-degenerate: closer than 3 errors to a neighbour; only the mean of the two is well determined."
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
