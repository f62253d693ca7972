namespace Koopman.Cli

open Koopman

/// <summary><c>koopman spectrum</c>: eigenvalues with the reasons to trust them.</summary>
[<RequireQualifiedAccess>]
module SpectrumCommand =

    /// <summary>The rows of a table of modes.</summary>
    let rows (spectrum: Spectrum) : string list list =
        [
            for m in spectrum.Modes ->
                [
                    string m.Index
                    Ui.number m.Eigenvalue
                    Ui.number m.Rate
                    Ui.number m.StandardError
                    $"[{Ui.number m.Lower}, {Ui.number m.Upper}]"
                    Ui.number (1.0 / m.Rate)
                    Ui.number m.Residual
                    (if m.NearDegenerate then "near-degenerate" else "")
                ]
        ]

    /// <summary>The headings of that table.</summary>
    let columns: string list =
        [
            "mode"
            "eigenvalue"
            "rate"
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
                    "eigenvalue", Json.number m.Eigenvalue
                    "rate", Json.number m.Rate
                    "standard_error", Json.number m.StandardError
                    "lower", Json.number m.Lower
                    "upper", Json.number m.Upper
                    "residual", Json.number m.Residual
                    "near_degenerate", Json.flag m.NearDegenerate
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

    /// <summary>Fits the data of a file: pairs by reversible EDMD, points (or pairs, if asked) by the generator's Dirichlet form.</summary>
    let run
        (file: string)
        (estimator: string option)
        (lag: float option)
        (temperature: float option)
        (modes: int)
        (json: string option)
        : Result<unit, KoopmanError> =
        result {
            do! Inputs.checkWritable [ json ]
            use! dataset = Inputs.read file lag
            let samples = Dataset.samples dataset
            use! observables = Observables.gaussiansOver Observables.automatic samples

            let generator () =
                let temperature = Inputs.temperature temperature dataset

                Langevin.fit
                    { Langevin.defaults with
                        Temperature = temperature
                        Modes = modes
                    }
                    observables
                    samples

            let fitted =
                match estimator, dataset with
                | (None | Some "edmd"), Pairs pairs ->
                    Edmd.reversible { Edmd.defaults with Modes = modes } observables pairs
                | Some "edmd", _ ->
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"{file} holds points without successors, which EDMD needs"
                        "Use --estimator generator, or --lag TIME if the rows are consecutive states"
                | (None | Some "generator"), _ -> generator ()
                | Some other, _ ->
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"There is no estimator named '{other}'"
                        "Choose edmd or generator"

            use! spectrum = fitted
            Ui.say $"{file}: {samples} | {observables.Description}"
            Ui.table columns (rows spectrum)
            Ui.say $"{spectrum.Convention}"
            Ui.say $"measure: {spectrum.Measure}"
            Ui.say $"residual: {spectrum.ResidualNorm}; 0 is perfect"

            Ui.say
                "near-degenerate: closer than 3 errors to a neighbour; the two repel, and only their mean is well determined"

            Ui.say "interval: delta method, corrected for bias; it does not see what lies beyond the data's tails"

            match json with
            | None -> ()
            | Some path -> do! Json.write path (toJson file samples.Count spectrum)
        }
