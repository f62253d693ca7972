namespace Koopman.Cli

open System
open System.Globalization
open Koopman

/// <summary><c>koopman forecast</c>: the rows that follow, with intervals, modes, and a test beside simple rivals.</summary>
[<RequireQualifiedAccess>]
module ForecastCommand =

    /// <summary>The user's request.</summary>
    [<NoComparison>]
    type Request =
        {
            Files: string list
            /// How the files are to be understood.
            Reading: ReadOptions
            /// Whether rows are equally spaced whatever their times say.
            ByRow: bool
            Horizon: int
            Level: float
            LookBack: int option
            /// automatic, shared, coupled or products.
            Coupling: string
            /// free, measure-preserving or symmetric.
            Structure: string
            /// Periods in rows, separated by commas.
            Periods: string option
            HalfLife: float option
            InputLags: int option
            /// The file with the inputs of the coming rows.
            Future: string option
            /// Whether settings are chosen by validation.
            Select: bool
            /// A file with later rows.
            Watch: string option
            Scenarios: int
            Seed: int
            /// Where the forecaster is stored.
            Save: string option
            Json: string option
            Report: string option
        }

    let private ofWord (option: string) (words: (string * 'T) list) (word: string) : Outcome<'T> =
        match words |> List.tryFind (fun (name, _) -> name = word) with
        | Some(_, value) -> Ok value
        | None ->
            let names = String.Join(", ", List.map fst words)

            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"'{word}' is not a value of {option}"
                $"Give {option} one of {names}"

    let private periodsOf (text: string) : Outcome<float[]> =
        let parse (part: string) =
            match Double.TryParse(part.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture) with
            | true, value -> Ok value
            | _ ->
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"'{part}' is not a number of rows"
                    "Give --periods numbers separated by commas, as in 24,168"

        text.Split ',' |> Outcome.collect parse |> Result.map Array.ofList

    let private optionsOf (request: Request) : Outcome<ForecastOptions> =
        result {
            let! columns =
                request.Coupling
                |> ofWord
                    "--coupling"
                    [
                        "automatic", ForecastColumns.Automatic
                        "shared", ForecastColumns.Shared
                        "coupled", ForecastColumns.Coupled
                        "products", ForecastColumns.Products
                    ]

            let! structure =
                request.Structure
                |> ofWord
                    "--structure"
                    [
                        "free", ForecastStructure.Free
                        "measure-preserving", ForecastStructure.MeasurePreserving
                        "symmetric", ForecastStructure.Symmetric
                    ]

            let! periods =
                match request.Periods with
                | None -> Ok [||]
                | Some text -> periodsOf text

            return
                { Forecaster.defaults with
                    Horizon = max 4 request.Horizon
                    LookBack = request.LookBack
                    Level = request.Level
                    Columns = columns
                    Structure = structure
                    Periods = periods
                    HalfLife = request.HalfLife
                    InputLags = request.InputLags
                }
        }

    let private forecastOf (request: Request) (series: Series) (forecaster: Forecaster) : Outcome<Forecast> =
        match request.Future with
        | None when forecaster.InputCount = 0 -> Forecaster.forecast request.Horizon forecaster
        | None ->
            let names = String.Join(", ", series.InputNames)

            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The inputs {names} of the {request.Horizon} coming rows are not known"
                $"Give them with --future FILE, a table with the columns {names} and one row for each row ahead"
        | Some _ when forecaster.InputCount = 0 ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "--future holds inputs, but no column is an input"
                "Name the inputs with --inputs, or leave --future out"
        | Some path ->
            ForecastSeries.rowsOf path series.InputNames
            |> Result.bind (fun inputs ->
                let rows = Array2D.length1 inputs

                if rows < request.Horizon then
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"--future has {rows} rows, but {request.Horizon} are to be forecast"
                        $"Give one row for each row ahead, or --horizon {rows}"
                else
                    Forecaster.forecastGiven inputs[.. request.Horizon - 1, *] forecaster)

    let private tell (request: Request) (found: FoundForecast) : unit =
        let series, forecaster, made = found.Series, found.Forecaster, found.Made
        let names = String.Join(", ", Array.truncate 8 series.Names)
        let more = if series.Names.Length > 8 then ", ..." else ""
        let last = Array.last series.Data.Lengths
        let spacing = if series.Spacing = "" then "" else $", {series.Spacing}"

        let inputs =
            if series.InputNames.Length = 0 then
                ""
            else
                let names = String.Join(", ", series.InputNames)
                $", {series.InputNames.Length} input(s) ({names})"

        Ui.say
            $"{series.File}: {series.Data.States.Count} rows of {series.Names.Length} column(s) ({names}{more}){inputs} in {series.Data.Count} series, the last from {series.Label 0} to {series.Label(last - 1)}{spacing}; {request.Horizon} rows ahead at level {request.Level}"

        match found.Selection with
        | None -> ()
        | Some selection -> Ui.say $"chosen by validation: {selection.Verdict}"

        Ui.say $"{forecaster}"

        Ui.table
            ForecastReport.forecastColumns
            (ForecastReport.forecastRows series (ForecastReport.shown request.Horizon) made)

        Ui.table ForecastReport.modeColumns (ForecastReport.modeRows 10 found.Modes)
        Ui.say "amplitude: root mean square share in the forecasts, in standard deviations of a column"

        if forecaster.InputCount > 0 then
            Ui.table ForecastReport.effectColumns (ForecastReport.effectRows series forecaster)

        forecaster.Remarks |> Array.iter Ui.say

        match found.Test with
        | Error error -> Ui.say $"no test beside rivals: {error.Message}"
        | Ok test ->
            Ui.table ForecastReport.testColumns (ForecastReport.testRows test)
            Ui.say (ForecastReport.testCaption test)
            Ui.say (ForecastReport.bandSentence test)
            Ui.say $"verdict: {test.Verdict}"

        match found.Watch with
        | None -> ()
        | Some watch -> Ui.say $"later rows: {watch.Verdict}"

    /// What settings are called on the command line; those without an option are left as advice to change others.
    let private words: KoopmanError -> KoopmanError =
        ToolWords.withOptions
            [
                ", or HeldOut higher", ""
                "Horizon or Rank higher", "--horizon higher"
                " as Horizon, and at most Rank, for each column", " as rows ahead"
                "LookBack", "--lookback"
                "Horizon", "--horizon"
                "Level", "--level"
                "Periods", "--periods"
                "HalfLife", "--half-life"
                "InputLags", "--input-lags"
                "Structure", "--structure"
                "Raise Ridge", "Give data that vary more, or fewer columns"
            ]

    let private forecast (command: string) (request: Request) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ request.Json; request.Report; request.Save ]

            do!
                Require.atLeast 1 "the horizon" request.Horizon
                |> Require.advise "Give --horizon a number of rows, 1 or more"

            do!
                Require.atLeast 0 "the number of scenarios" request.Scenarios
                |> Require.advise "Give --scenarios a number, 0 or more"

            let! asked = optionsOf request
            use! series = ForecastSeries.load request.Reading request.ByRow request.Files

            if request.InputLags.IsSome && series.InputNames.Length = 0 then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "--input-lags counts past rows of inputs, but no column is an input"
                        "Name the inputs with --inputs, or leave --input-lags out"

            let! selection =
                if request.Select then
                    ForecastSelection.run asked series.Data |> Result.map Some
                else
                    Ok None

            let options = selection |> Option.map _.Best |> Option.defaultValue asked

            use! forecaster = Forecaster.fit options series.Data
            let! made = forecastOf request series forecaster
            let! modes = Forecaster.modes request.Horizon forecaster

            let! scenarios =
                if request.Scenarios = 0 then
                    Ok None
                else
                    Forecaster.scenarios request.Scenarios (Seed.ofInt request.Seed) made forecaster
                    |> Result.map Some

            let! watch =
                match request.Watch with
                | None -> Ok None
                | Some path ->
                    result {
                        let! rows = ForecastSeries.rowsOf path series.Names
                        use! monitor = ForecastMonitor.learn options series.Data
                        let! seen = ForecastMonitor.watch rows monitor
                        return Some seen
                    }

            let found =
                {
                    Series = series
                    Forecaster = forecaster
                    Made = made
                    Modes = ForecastReport.turning (defaultArg (Trajectories.step series.Data) 1.0) modes
                    Test =
                        Backtest.run
                            { options with
                                LookBack = Some(defaultArg options.LookBack forecaster.LookBack)
                            }
                            series.Data
                        |> Result.mapError words
                    Scenarios = scenarios
                    Selection = selection
                    Watch = watch
                }

            tell request found

            match request.Save with
            | None -> ()
            | Some path ->
                do! Forecaster.save path forecaster
                Ui.say $"forecaster: {IO.Path.GetFullPath path}"

            match request.Json with
            | None -> ()
            | Some path -> do! Json.write path (ForecastReport.toJson found)

            match request.Report with
            | None -> ()
            | Some path ->
                do! ForecastReport.report command path found
                Ui.say $"report: {IO.Path.GetFullPath path}"
        }

    /// <summary>Forecasts the rows that follow those of a file.</summary>
    let run (command: string) (request: Request) : Outcome<unit> =
        forecast command request |> Result.mapError words
