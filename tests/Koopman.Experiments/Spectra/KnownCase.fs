namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli

/// <summary>The computed values of a case, with residual and intervals.</summary>
[<NoComparison>]
type CaseResult =
    {
        /// <summary>The computed values, one for each exact value.</summary>
        Values: float[]
        /// <summary>The largest residual of the eigenpairs, NaN if there is none.</summary>
        Residual: float
        /// <summary>The 95 % intervals of the values; empty where the data carry no sampling error.</summary>
        Intervals: (float * float)[]
    }

/// <summary>A spectrum, or a number, with a known answer.</summary>
[<NoComparison; NoEquality>]
type KnownCase =
    {
        /// <summary>A short name.</summary>
        Id: string
        /// <summary>The computation and its method.</summary>
        What: string
        /// <summary>The exact values.</summary>
        Exact: float[]
        /// <summary>The largest accepted error: relative, or absolute if the exact value is below 1e-6.</summary>
        Tolerance: float
        /// <summary>Computes the values.</summary>
        Compute: Seed -> Outcome<CaseResult>
    }

/// <summary>Makes and checks known cases.</summary>
[<RequireQualifiedAccess>]
module KnownCase =

    /// <summary>Values without residual or interval.</summary>
    let plain (values: float[]) : CaseResult =
        {
            Values = values
            Residual = nan
            Intervals = [||]
        }

    /// <summary>The leading rates of a spectrum, with their largest residual and their intervals.</summary>
    let ofSpectrum (count: int) (spectrum: Spectrum) : CaseResult =
        let modes = spectrum.Modes |> Array.truncate count

        {
            Values = Array.truncate count spectrum.Rates
            Residual = modes |> Array.map _.Residual |> Array.max
            Intervals =
                if modes |> Array.forall (fun m -> m.Upper > m.Lower) then
                    modes |> Array.map (fun m -> m.Lower, m.Upper)
                else
                    [||]
        }

    /// <summary>The largest error of the computed values.</summary>
    let error (exact: float[]) (computed: float[]) : float =
        if exact.Length <> computed.Length then
            nan
        else
            Array.map2 (fun e c -> abs (c - e) / (if abs e < 1e-6 then 1.0 else abs e)) exact computed
            |> Array.max

    /// <summary>True if the computed values are within the tolerance.</summary>
    let passes (case: KnownCase) (found: CaseResult) : bool =
        error case.Exact found.Values <= case.Tolerance

    let private list (values: float[]) : string =
        String.Join(", ", values |> Array.map Ui.number)

    let private intervals (found: CaseResult) : string =
        String.Join(
            " ",
            found.Intervals
            |> Array.map (fun (low, high) -> $"[{Ui.number low}, {Ui.number high}]")
        )

    /// <summary>The headings of the table of cases.</summary>
    let columns: string list =
        [
            "<case"
            "<what"
            "<computed"
            "<exact"
            "error"
            "tolerance"
            "residual"
            "<95 % intervals"
            "<"
        ]

    /// <summary>A row of the table of cases.</summary>
    let row (case: KnownCase) (found: CaseResult) : string list =
        [
            case.Id
            case.What
            list found.Values
            list case.Exact
            Ui.number (error case.Exact found.Values)
            Ui.number case.Tolerance
            Ui.number found.Residual
            intervals found
            (if passes case found then "pass" else "FAIL")
        ]

    /// <summary>The same as JSON.</summary>
    let toJson (case: KnownCase) (found: CaseResult) : Json =
        let numbers (values: float[]) =
            Json.list (values |> Array.map Json.number)

        Json.members
            [
                "id", Json.text case.Id
                "what", Json.text case.What
                "computed", numbers found.Values
                "exact", numbers case.Exact
                "error", Json.number (error case.Exact found.Values)
                "tolerance", Json.number case.Tolerance
                "residual", Json.number found.Residual
                "intervals",
                Json.list (
                    found.Intervals
                    |> Array.map (fun (low, high) -> Json.list [ Json.number low; Json.number high ])
                )
                "passed", Json.flag (passes case found)
            ]
