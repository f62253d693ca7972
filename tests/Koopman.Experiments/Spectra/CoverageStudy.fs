namespace Koopman.Experiments

open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting

/// <summary>
/// The coverage of the 95 % intervals, the effect of noise on residuals, and the detection rates of warnings: every case is simulated and fitted for
/// each of many seeds.
/// </summary>
[<RequireQualifiedAccess>]
module CoverageStudy =

    [<NoComparison; NoEquality>]
    type private Total =
        {
            Case: CoverageCase
            Name: string
            Figure: float
            Trials: int
            AtLeast: float
            AtMost: float
        }

    /// With few seeds, two standard errors of the fraction are allowed for.
    let private passes (seeds: int) (total: Total) : bool =
        let slack =
            if seeds >= 100 then
                0.0
            else
                200.0 * sqrt (0.05 * 0.95 / float (max 1 total.Trials))

        total.Trials = 0
        || (total.Figure >= total.AtLeast - slack && total.Figure <= total.AtMost + slack)

    let private runCase
        (journal: Journal)
        (seeds: int)
        (tick: int -> unit)
        (seed: Seed)
        (case: CoverageCase)
        : Outcome<Total list> =
        [ 1..seeds ]
        |> List.chunkBySize 20
        |> Outcome.collect (fun some ->
            journal.Keep(
                $"{case.Name} from {some.Head}",
                fun () ->
                    some
                    |> Outcome.collect (fun i ->
                        case.Run(Seed.derive $"{case.Name} {i}" seed)
                        |> Result.map (fun figures ->
                            tick i
                            figures))
            ))
        |> Result.map List.concat
        |> Result.mapError (fun error ->
            { error with
                Cause = $"{case.Name}: {error.Cause}"
            })
        |> Result.map (fun figures ->
            figures
            |> List.concat
            |> List.groupBy _.Name
            |> List.map (fun (name, group) ->
                let trials = group |> List.sumBy _.Trials
                let hits = group |> List.sumBy _.Hits

                {
                    Case = case
                    Name = name
                    Figure =
                        if trials = 0 then
                            nan
                        else
                            100.0 * float hits / float trials
                    Trials = trials
                    AtLeast = group.Head.AtLeast
                    AtMost = group.Head.AtMost
                }))

    let private columns =
        [ "<case"; "<what"; "<figure"; "percent"; "trials"; "accepted from"; "to"; "<" ]

    let private row (seeds: int) (total: Total) : string list =
        [
            total.Case.Name
            total.Case.What
            total.Name
            Ui.number total.Figure
            string total.Trials
            Ui.number total.AtLeast
            Ui.number total.AtMost
            (if passes seeds total then "pass" else "FAIL")
        ]

    let private run (seeds: int) (journal: Journal) (report: float -> unit) (seed: Seed) : Outcome<Findings> =
        let cases = CoverageCases.all

        List.indexed cases
        |> Outcome.collect (fun (i, case) ->
            runCase
                journal
                seeds
                (fun done' -> report ((float i + float done' / float seeds) / float cases.Length))
                seed
                case)
        |> Result.map (fun found ->
            let totals = List.concat found
            let rows = totals |> List.map (row seeds)

            let passed =
                totals
                |> List.groupBy (fun total -> total.Case.Name)
                |> List.filter (fun (_, group) -> group |> List.forall (passes seeds))

            {
                Metrics =
                    [
                        "seeds", float seeds
                        "cases", float cases.Length
                        "cases_passed", float passed.Length
                    ]
                    @ (totals
                       |> List.map (fun total -> $"{total.Case.Name}.{total.Name}", total.Figure))
                Extra = []
                Table = columns, rows
                Sections =
                    [
                        {
                            Heading = "Coverage"
                            Blocks =
                                [
                                    PageTable.ofText
                                        $"Over {seeds} seeds. A coverage of 95 %% counted over 200 seeds has a standard error of 1.5."
                                        columns
                                        rows
                                ]
                        }
                    ]
            })

    /// <summary>For <c>./koopman reproduce coverage</c>: 200 seeds; quick: 20.</summary>
    let experiment: Experiment =
        {
            Name = "coverage"
            Summary = "coverage of the 95 % intervals, and detection by residuals and warnings, over 200 seeds"
            Minutes = 10.0
            Work = Work.InParts(fun size -> run (if size = Size.Brief then 1 else size.Choose(200, 20)))
        }
