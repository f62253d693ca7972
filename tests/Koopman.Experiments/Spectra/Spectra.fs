namespace Koopman.Experiments

open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting

/// <summary><c>./koopman reproduce spectra</c>: systems with known spectra, with estimated and exact values.</summary>
[<RequireQualifiedAccess>]
module Spectra =

    /// <summary>All cases.</summary>
    let cases: KnownCase list =
        LinearCases.all
        @ DeterministicCases.all
        @ StochasticCases.all
        @ GeometryCases.all

    /// Every case in turn, up to the first error.
    let private computeAll (report: float -> unit) (seed: Seed) (cases: KnownCase list) =
        List.indexed cases
        |> Outcome.collect (fun (i, case) ->
            case.Compute(Seed.derive case.Id seed)
            |> Result.mapError (fun error ->
                { error with
                    Cause = $"{case.Id}: {error.Cause}"
                })
            |> Result.map (fun found ->
                report (float (i + 1) / float cases.Length)
                case, found))

    /// <summary>Computes every case.</summary>
    let run (report: float -> unit) (seed: Seed) : Outcome<Findings> =
        result {
            let! finished = computeAll report seed cases
            let passed = finished |> List.filter (fun pair -> pair ||> KnownCase.passes)
            let rows = finished |> List.map (fun pair -> pair ||> KnownCase.row)

            return
                {
                    Metrics = [ "cases", float finished.Length; "cases_passed", float passed.Length ]
                    Extra =
                        [
                            "cases", Json.list (finished |> List.map (fun pair -> pair ||> KnownCase.toJson))
                        ]
                    Table = KnownCase.columns, rows
                    Sections =
                        [
                            {
                                Heading = "Known answers"
                                Blocks =
                                    [
                                        PageTable.ofText
                                            "The error is relative, or absolute if the exact value is 0."
                                            KnownCase.columns
                                            rows
                                    ]
                            }
                        ]
                }
        }

    /// <summary>For <c>./koopman reproduce spectra</c>.</summary>
    let experiment: Experiment =
        {
            Name = "spectra"
            Summary = "systems with known spectra: computed, exact, error, residual, interval"
            Minutes = 1.0
            Work = Work.AtOnce(fun _ -> run)
        }
