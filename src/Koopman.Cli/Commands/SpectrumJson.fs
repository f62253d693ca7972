namespace Koopman.Cli

open Koopman

/// <summary>What <c>koopman spectrum --json</c> writes.</summary>
[<RequireQualifiedAccess>]
module SpectrumJson =

    let private ofPoint (point: ChapmanKolmogorovPoint) : Json =
        Json.members
            [
                "mode", Json.integer point.Mode
                "time", Json.number point.Time
                "predicted", Json.number point.Predicted.Real
                "predicted_imaginary", Json.number point.Predicted.Imaginary
                "estimated", Json.number point.Estimated.Real
                "estimated_imaginary", Json.number point.Estimated.Imaginary
                "standard_error", Json.number point.StandardError
                "deviation", Json.number point.Deviation
            ]

    /// <summary>Everything about a fit.</summary>
    let create
        (file: string)
        (input: EstimatorInput)
        (estimator: NamedEstimator)
        (balance: BalanceTest option)
        (choice: Choice option)
        (test: ChapmanKolmogorov option)
        (fitted: Fitted)
        : Json =
        let spectrum = fitted.Spectrum

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
                    "frequency_error", Json.number m.FrequencyError
                    "timescale", Json.number m.Timescale
                    "constant", Json.flag m.IsConstant
                    "near_degenerate", Json.flag m.NearDegenerate
                    "warnings",
                    Json.list (
                        m.Warnings
                        |> Array.map (fun w ->
                            Json.members [ "kind", Json.text (string w.Kind); "message", Json.text w.Message ])
                    )
                ]

        let candidate (score: CandidateScore) =
            Json.members
                [
                    "dictionary", Json.text score.Description
                    "score", Json.number score.Mean
                    "standard_error", Json.number score.StandardError
                    "chosen", Json.flag score.Chosen
                ]

        Json.members
            [
                "file", Json.text file
                "understood", Json.text input.Loaded.Understood
                "time_unit", Json.text input.Loaded.TimeUnit
                "columns", Json.list (input.Loaded.Names |> Seq.map Json.text)
                "samples", Json.integer input.Samples.Count
                "estimator", Json.text estimator.Name
                "observables", Json.text spectrum.Observables.Description
                "convention", Json.text (string spectrum.Convention)
                "measure", Json.text spectrum.Measure
                "residual_norm", Json.text spectrum.ResidualNorm
                "rank", Json.integer spectrum.Rank
                "modes", Json.list (spectrum.Modes |> Array.map mode)
                match balance with
                | None -> ()
                | Some test ->
                    "detailed_balance",
                    Json.members
                        [
                            "statistic", Json.number test.Statistic
                            "critical", Json.number test.Critical
                            "circulation", Json.number test.Circulation
                            "functions", Json.text test.Functions
                            "drift", Json.number test.Drift
                            "out_of_equilibrium", Json.flag test.IsOutOfEquilibrium
                            "deterministic", Json.flag test.IsDeterministic
                            "violated", Json.flag test.IsViolated
                        ]
                match choice with
                | None -> ()
                | Some choice -> "candidates", Json.list (choice.Table |> Array.map candidate)
                match test with
                | None -> ()
                | Some test -> "chapman_kolmogorov", Json.list (test.Points |> Seq.map ofPoint)
                yield! fitted.Details
                "environment", Inputs.environment ()
            ]
