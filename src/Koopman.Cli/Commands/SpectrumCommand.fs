namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting
open Koopman.Flows

/// <summary><c>koopman spectrum</c>: eigenvalues with error bars, residuals and warnings.</summary>
[<RequireQualifiedAccess>]
module SpectrumCommand =

    /// A warning in two words; the full sentence is under the table.
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
        | WarningKind.NotReversible -> "not reversible"
        | WarningKind.Repeated -> "repeated data"
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
                    Ui.number m.Timescale
                    Ui.number m.Residual
                    String.Join(
                        ", ",
                        [|
                            if m.IsConstant then
                                "constant"
                            yield! m.Warnings |> Array.map (fun w -> remark w.Kind) |> Array.distinct
                        |]
                    )
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

    let private toJson
        (file: string)
        (understood: string)
        (count: int)
        (estimator: NamedEstimator)
        (balance: BalanceTest option)
        (choice: Choice option)
        (spectrum: Spectrum)
        : Json =
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
                "understood", Json.text understood
                "samples", Json.integer count
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
                "environment", Inputs.environment ()
            ]

    /// The sentences of the warnings, each once, with their modes.
    let private warnings (spectrum: Spectrum) : string list =
        let found =
            [
                for m in spectrum.Modes do
                    for w in m.Warnings do
                        if w.Kind <> WarningKind.NearDegenerate then
                            w.Message, m.Index
            ]

        found
        |> List.groupBy fst
        |> List.map (fun (message, modes) ->
            match modes |> List.map snd with
            | [ one ] -> $"mode {one}: {message}"
            | several when several.Length = spectrum.Modes.Length -> $"all modes: {message}"
            | several -> "modes " + String.Join(", ", several) + ": " + message)

    /// Why this estimator, where it was chosen.
    let private chosen (estimator: NamedEstimator) (balance: BalanceTest option) : string =
        match balance with
        | None -> estimator.Summary
        | Some test -> $"{test}; chosen for it: {estimator.Name}"

    /// <summary>The user's request.</summary>
    [<NoComparison>]
    type Request =
        {
            Files: string list
            Estimator: string option
            Observables: string option
            /// True if cross-validation chooses the dictionary.
            Auto: bool
            /// How the file is to be understood.
            Reading: ReadOptions
            Delays: int
            Temperature: float option
            Modes: int
            Json: string option
            Report: string option
        }

    let private candidateColumns = [ "<dictionary"; "score"; "± error"; "<" ]

    let private candidateRows (choice: Choice) : string list list =
        [
            for candidate in choice.Table ->
                [
                    candidate.Description
                    Ui.number candidate.Mean
                    Ui.number candidate.StandardError
                    match candidate.Failure with
                    | null when candidate.Chosen -> "chosen"
                    | null -> ""
                    | failure -> failure.Error.Cause
                ]
        ]

    let private choose (estimator: NamedEstimator) (input: EstimatorInput) : Outcome<Choice> =
        match estimator.Choose with
        | Some choose -> Ui.progress "choosing a dictionary" (fun report -> choose report input)
        | None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The estimator {estimator.Name} takes no dictionary"
                "Leave out --auto, or use --estimator edmd, edmd-general or generator"

    /// Timescales at lags up to a tenth of the shortest trajectory.
    let private timescales (estimator: NamedEstimator) (input: EstimatorInput) : Outcome<Section list> =
        match estimator.Refit, input.Loaded.Paths with
        | Some refit, Some paths ->
            let longest = Array.min paths.Lengths / 10

            match [ 1; 2; 3; 5; 10; 20; 30; 50; 100 ] |> List.filter (fun lag -> lag <= longest) with
            | []
            | [ _ ] -> Ok []
            | lags ->
                Timescales.implied 4 (refit input) (fun steps -> Trajectories.pairs steps paths) lags
                |> Result.map (fun table -> [ SpectrumPictures.timescales table ])
        | _ -> Ok []

    /// The pseudospectrum around the eigenvalues, for a dictionary over pairs.
    let private pseudospectrum (input: EstimatorInput) (spectrum: Spectrum) : Outcome<Section list> =
        match input.Loaded.Dataset, spectrum.Convention with
        | Pairs pairs, PropagatorAtLag _ ->
            result {
                use! residuals =
                    Pseudospectrum.fit
                        { Pseudospectrum.defaults with
                            RankTolerance = max 1e-8 input.RankTolerance
                        }
                        spectrum.Observables
                        pairs

                let radius =
                    spectrum.Modes
                    |> Array.map (fun m -> Numerics.Complex.Abs m.Eigenvalue)
                    |> Array.fold max 1.0

                let side = -1.2 * radius, 1.2 * radius

                let! grid =
                    Ui.progress "pseudospectrum" (fun report ->
                        Pseudospectrum.grid
                            (Control.report report)
                            {
                                Real = side
                                Imaginary = side
                                Columns = 60
                                Rows = 60
                            }
                            residuals)

                return [ SpectrumPictures.pseudospectrum grid spectrum ]
            }
        | _ -> Ok []

    let private report
        (command: string)
        (path: string)
        (request: Request)
        (estimator: NamedEstimator)
        (input: EstimatorInput)
        (choice: Choice option)
        (spectrum: Spectrum)
        : Outcome<unit> =
        result {
            let samples = input.Samples
            let! overLags = timescales estimator input
            let! overPlane = pseudospectrum input spectrum

            return!
                Report.write
                    path
                    {
                        Title = $"The spectrum of {Inputs.title request.Files}"
                        Subtitle = $"{input.Loaded.Understood}; {spectrum.Observables.Description}."
                        Sections =
                            SpectrumPictures.sections spectrum samples
                            @ overLags
                            @ overPlane
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
                                            match choice with
                                            | None -> ()
                                            | Some choice ->
                                                PageTable.ofText
                                                    $"Dictionaries tried; score: {choice.Criterion} on held-out fifths, larger is better."
                                                    candidateColumns
                                                    (candidateRows choice)
                                        ]
                                }
                            ]
                        Provenance = Inputs.provenance command None
                    }
        }

    let private say
        (request: Request)
        (samples: Samples)
        (estimator: NamedEstimator)
        (balance: BalanceTest option)
        (fitted: Fitted)
        : unit =
        let spectrum = fitted.Spectrum

        let apart =
            match Centres.apartInWords samples with
            | Some words -> $"; {words}"
            | None -> ""

        Ui.say $"estimator {estimator.Name}: {chosen estimator balance}{apart}"
        Ui.say $"{Inputs.title request.Files}: {samples} | {spectrum.Observables.Description}"
        Ui.table columns (rows spectrum)
        Ui.say $"{spectrum.Convention}"
        Ui.say $"measure: {spectrum.Measure}"
        Ui.say $"residual: {spectrum.ResidualNorm}; 0: too small to resolve with these data"

        Ui.say
            "near-degenerate: closer than 3 standard errors to a neighbour; the two repel, and only their mean is well determined"

        Ui.say "interval: delta method, corrected for bias; it does not account for tails that the data lack"
        warnings spectrum @ fitted.Remarks |> List.iter Ui.say

    /// <summary>Fits the data of a file and shows the modes with error bars, residuals and warnings.</summary>
    let run (command: string) (request: Request) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ request.Json; request.Report ]
            use! loaded = Inputs.load request.Reading request.Files request.Delays
            let! estimator, balance = Estimators.find request.Estimator loaded.Dataset

            let dictionary =
                request.Observables |> Option.defaultValue (Estimators.dictionaryOf estimator)

            let typed =
                {
                    Loaded = loaded
                    Observables = lazy (ObservableSpec.parse (Seed.ofInt 0) (Dataset.samples loaded.Dataset) dictionary)
                    RankTolerance = Edmd.defaults.RankTolerance
                    Temperature = lazy (Inputs.temperature request.Temperature loaded.Dataset)
                    Modes = request.Modes
                    Balance = balance
                }

            // Motion without noise is exact in the right functions and nowhere near in others: these are tried out.
            let isDetermined =
                match balance, loaded.Dataset, request.Observables with
                | Some _, Pairs pairs, None ->
                    estimator.Name = "edmd-general"
                    && not (Noise.isStochastic Noise.Automatic pairs)
                | _ -> false

            let! choice =
                if request.Auto || isDetermined then
                    choose estimator typed |> Result.map Some
                else
                    Ok None

            let input =
                match choice with
                | None -> typed
                | Some choice ->
                    { typed with
                        Observables = lazy (choice.Candidate.Observables typed.Samples)
                        RankTolerance = choice.Candidate.RankTolerance
                    }

            use _ =
                { new IDisposable with
                    member _.Dispose() =
                        if input.Observables.IsValueCreated then
                            input.Observables.Value |> Result.iter _.Dispose()
                }

            use! fitted = estimator.Fit input

            match choice with
            | None -> ()
            | Some choice ->
                Ui.table candidateColumns (candidateRows choice)

                Ui.say
                    $"score: {choice.Criterion} on held-out fifths, larger is better; the error bars below do not include this choice"

            say request input.Samples estimator balance fitted

            match request.Json with
            | None -> ()
            | Some path ->
                do!
                    Json.write
                        path
                        (toJson
                            (String.Join(", ", request.Files))
                            loaded.Understood
                            input.Samples.Count
                            estimator
                            balance
                            choice
                            fitted.Spectrum)

            match request.Report with
            | None -> ()
            | Some path ->
                do! report command path request estimator input choice fitted.Spectrum
                Ui.say $"report: {IO.Path.GetFullPath path}"
        }
