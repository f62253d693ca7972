namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting

/// <summary><c>koopman spectrum</c>: eigenvalues with the reasons to trust them.</summary>
[<RequireQualifiedAccess>]
module SpectrumCommand =

    /// A warning in two words; the sentence stands under the table.
    let private remark (kind: WarningKind) : string =
        match kind with
        | WarningKind.NearDegenerate -> "near-degenerate"
        | WarningKind.NotConverged -> "not converged"
        | WarningKind.BelowNoise -> "below noise"
        | WarningKind.Imprecise -> "imprecise"
        | WarningKind.LargeResidual -> "large residual"
        | WarningKind.NoiseFloor -> "noise floor"
        | WarningKind.Impossible -> "impossible"
        | WarningKind.MeasureNotInvariant -> "measure"
        | WarningKind.IllConditioned -> "ill-conditioned"
        | WarningKind.NotLinear -> "not linear"
        | other -> string other

    /// <summary>The rows of a table of modes.</summary>
    let rows (spectrum: Spectrum) : string list list =
        [
            for m in spectrum.Modes ->
                [
                    string m.Index
                    Ui.complex m.Eigenvalue
                    Ui.number m.Rate
                    Ui.number m.Frequency
                    Ui.number m.StandardError
                    $"[{Ui.number m.Lower}, {Ui.number m.Upper}]"
                    Ui.number (1.0 / m.Rate)
                    Ui.number m.Residual
                    String.Join(", ", m.Warnings |> List.map (fun w -> remark w.Kind) |> List.distinct)
                ]
        ]

    /// <summary>The headings of that table.</summary>
    let columns: string list =
        [
            "mode"
            "eigenvalue"
            "rate"
            "frequency"
            "± error"
            "95 % interval of rate"
            "timescale"
            "residual"
            "<remark"
        ]

    let private toJson (file: string) (count: int) (spectrum: Spectrum) : Json =
        let mode (m: Mode) =
            Json.members
                [
                    "index", Json.integer m.Index
                    "eigenvalue", Json.number m.Eigenvalue.Real
                    "eigenvalue_imaginary", Json.number m.Eigenvalue.Imaginary
                    "rate", Json.number m.Rate
                    "frequency", Json.number m.Frequency
                    "standard_error", Json.number m.StandardError
                    "lower", Json.number m.Lower
                    "upper", Json.number m.Upper
                    "residual", Json.number m.Residual
                    "condition", Json.number m.Condition
                    "near_degenerate", Json.flag m.NearDegenerate
                    "warnings",
                    Json.list (
                        m.Warnings
                        |> List.map (fun w ->
                            Json.members [ "kind", Json.text (string w.Kind); "message", Json.text w.Message ])
                    )
                ]

        Json.members
            [
                "file", Json.text file
                "samples", Json.integer count
                "observables", Json.text spectrum.Observables.Description
                "convention", Json.text (string spectrum.Convention)
                "measure", Json.text spectrum.Measure
                "residual_norm", Json.text spectrum.ResidualNorm
                "rank", Json.integer spectrum.Rank
                "modes", Json.list (spectrum.Modes |> Array.map mode)
                "environment", Inputs.environment ()
            ]

    /// The sentences of the warnings, each once, with the modes they belong to.
    let private warnings (spectrum: Spectrum) : string list =
        [
            for m in spectrum.Modes do
                for w in m.Warnings do
                    if w.Kind <> WarningKind.NearDegenerate then
                        $"mode {m.Index}: {w.Message}"
        ]

    /// <summary>What the user asked for.</summary>
    type Request =
        {
            File: string
            Estimator: string option
            Observables: string
            Lag: float option
            Temperature: float option
            Modes: int
            Json: string option
            Report: string option
        }

    let private report (command: string) (path: string) (request: Request) (samples: Samples) (spectrum: Spectrum) =
        Report.write
            path
            {
                Title = $"The spectrum of {IO.Path.GetFileName request.File}"
                Subtitle = $"{samples}; {spectrum.Observables.Description}."
                Sections =
                    SpectrumPictures.sections spectrum samples
                    @ [
                        {
                            Heading = "Numbers"
                            Blocks =
                                [
                                    PageTable.ofText
                                        $"{spectrum.Convention}. Measure: {spectrum.Measure}. Residual: {spectrum.ResidualNorm}."
                                        columns
                                        (rows spectrum)
                                    yield! warnings spectrum |> List.map Block.Paragraph
                                ]
                        }
                    ]
                Provenance = Inputs.provenance command None
            }

    /// <summary>Fits the data of a file and shows the modes with the reasons to trust them, and not to.</summary>
    let run (command: string) (request: Request) : Result<unit, KoopmanError> =
        result {
            do! Inputs.checkWritable [ request.Json; request.Report ]
            use! dataset = Inputs.read request.File request.Lag
            let samples = Dataset.samples dataset
            let! estimator = Estimators.find request.Estimator dataset

            let dictionary =
                lazy (ObservableSpec.parse (Seed.ofInt 0) samples request.Observables)

            use _ =
                { new IDisposable with
                    member _.Dispose() =
                        if dictionary.IsValueCreated then
                            dictionary.Value |> Result.iter _.Dispose()
                }

            let! fitted, remarks =
                estimator.Fit
                    {
                        File = request.File
                        Dataset = dataset
                        Observables = dictionary
                        Temperature = lazy (Inputs.temperature request.Temperature dataset)
                        Modes = request.Modes
                    }

            use spectrum = fitted
            Ui.say $"{request.File}: {samples} | {spectrum.Observables.Description}"
            Ui.table columns (rows spectrum)
            Ui.say $"{spectrum.Convention}"
            Ui.say $"measure: {spectrum.Measure}"
            Ui.say $"residual: {spectrum.ResidualNorm}; 0 is perfect"

            Ui.say
                "near-degenerate: closer than 3 errors to a neighbour; the two repel, and only their mean is well determined"

            Ui.say "interval: delta method, corrected for bias; it does not see what lies beyond the data's tails"
            warnings spectrum @ remarks |> List.iter Ui.say

            match request.Json with
            | None -> ()
            | Some path -> do! Json.write path (toJson request.File samples.Count spectrum)

            match request.Report with
            | None -> ()
            | Some path ->
                do! report command path request samples spectrum
                Ui.say $"report: {IO.Path.GetFullPath path}"
        }
