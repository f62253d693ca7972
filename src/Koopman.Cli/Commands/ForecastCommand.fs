namespace Koopman.Cli

open System
open System.Globalization
open System.Numerics
open Koopman
open Koopman.Cli.Reporting
open Koopman.Plots

/// A series to forecast: its rows, the names of its columns, and how the time of a row is written.
[<NoComparison; NoEquality>]
type internal Series =
    {
        File: string
        Data: Trajectories
        Names: string[]
        /// The time of rows of the last trajectory and of those that follow it, counted from its first.
        Label: int -> string
    }

    interface IDisposable with
        member this.Dispose() = this.Data.Dispose()

/// <summary><c>koopman forecast</c>: the rows that follow, with intervals, modes, and a test beside simple rivals.</summary>
[<RequireQualifiedAccess>]
module ForecastCommand =

    /// <summary>The user's request.</summary>
    [<NoComparison>]
    type Request =
        {
            Files: string list
            /// How the files is to be understood.
            Reading: ReadOptions
            Horizon: int
            Level: float
            LookBack: int option
            Json: string option
            Report: string option
        }

    let private numbered (count: int) : string[] =
        if count = 1 then
            [| "x" |]
        else
            Array.init count (fun c -> $"x{c + 1}")

    /// How dates go on at the distance of the last two; counted rows if they cannot be read.
    let private dateLabel (stamps: string[]) : int -> string =
        let culture = CultureInfo.InvariantCulture
        let parse (text: string) = DateTime.Parse(text, culture)
        let last = stamps.Length - 1

        fun row ->
            if row <= last then
                stamps[row]
            else
                let step = parse stamps[last] - parse stamps[last - 1]

                (parse stamps[last] + float (row - last) * step)
                    .ToString(
                        (if step.Ticks % TimeSpan.TicksPerDay = 0L then
                             "yyyy-MM-dd"
                         else
                             "yyyy-MM-dd HH:mm:ss"),
                        culture
                    )

    let private ofDated (file: string) (stamps: string[]) (table: CsvTable) : Outcome<Series> =
        result {
            use! samples = Samples.ofNumericArray table.Values
            let! data = Trajectories.create 1.0 [ samples.Points ]

            return
                {
                    File = file
                    Data = data
                    Names =
                        (if table.Columns.Length > 0 then
                             table.Columns
                         else
                             numbered data.Dimension)
                    Label = dateLabel stamps
                }
        }

    let private ofDataset (options: ReadOptions) (file: string) (paths: string list) : Outcome<Series> =
        Inputs.read options paths
        |> Result.bind (fun (struct (dataset, understood)) ->
            match dataset with
            | Paths data -> Ok(data, understood.States)
            | Points points ->
                use points = points

                Trajectories.create 1.0 [ points.Points ]
                |> Result.map (fun data -> data, understood.States)
            | other ->
                other.Dispose()

                KoopmanError.fail
                    ErrorKind.UnreadableFile
                    $"{file} holds no time series"
                    "Give rows in time order (.csv, .npy), or trajectories (.npz)")
        |> Result.map (fun (data, names) ->
            let times = data.Times
            let first = times.Length - Array.last data.Lengths
            let step = Trajectories.step data |> Option.defaultValue 1.0

            {
                File = file
                Data = data
                Names =
                    (if names = Understood.numbered data.Dimension then
                         numbered data.Dimension
                     else
                         names)
                Label = fun row -> (times[first] + float row * step).ToString("G7", CultureInfo.InvariantCulture)
            })

    let private load (options: ReadOptions) (paths: string list) : Outcome<Series> =
        let file = Inputs.title paths

        match paths, Files.ending paths.Head with
        | [ path ], (".csv" | ".txt" | ".tsv") when
            { options with Formats = [||] } = Dataset.defaults && IO.File.Exists path
            ->
            Csv.readDated path
            |> Result.bind (fun (struct (stamps, table)) ->
                if stamps.Length > 1 then
                    ofDated file stamps table
                else
                    ofDataset options file paths)
        | _ -> ofDataset options file paths

    /// The rows ahead that the terminal shows: 1, 2, 3, 6, 12, 24 and so on, and the last.
    let private shown (horizon: int) : int list =
        [ 1; 2; 3; 6; 12; 24; 48; 96; 192; 336; 720 ]
        |> List.filter (fun h -> h < horizon)
        |> fun few -> few @ [ horizon ]

    let private forecastColumns =
        [ "ahead"; "<time"; "<column"; "lower"; "forecast"; "upper" ]

    let private forecastRows (series: Series) (rows: int list) (made: Forecast) : string list list =
        let last = Array.last series.Data.Lengths

        [
            for h in rows do
                for c in 0 .. series.Names.Length - 1 ->
                    [
                        string h
                        series.Label(last + h - 1)
                        series.Names[c]
                        Ui.number made.Lower[h - 1, c]
                        Ui.number made.Mean[h - 1, c]
                        Ui.number made.Upper[h - 1, c]
                    ]
        ]

    /// One of every conjugate pair, by falling share in the forecasts.
    let private leading (forecaster: Forecaster) : (Complex * float)[] =
        Array.zip forecaster.Eigenvalues forecaster.Amplitudes
        |> Array.filter (fun (value, _) -> value.Imaginary >= 0.0)
        |> Array.sortByDescending snd

    let private period (value: Complex) : float =
        if value.Phase = 0.0 then
            infinity
        else
            2.0 * Math.PI / abs value.Phase

    let private decay (value: Complex) : float =
        let size = Complex.Abs value
        if size > 1.0 - 1e-9 then infinity else -1.0 / log size

    let private residual (forecaster: Forecaster) (value: Complex) : float =
        let step = defaultArg (Option.ofNullable forecaster.Spectrum.Lag) 1.0
        let target = Complex.Log value / Complex(step, 0.0)

        forecaster.Spectrum.Modes
        |> Array.minBy (fun mode -> Complex.Abs(Complex(-mode.Rate, mode.Frequency) - target))
        |> _.Residual

    let private modeColumns =
        [ "period, rows"; "decay time, rows"; "|eigenvalue|"; "amplitude"; "residual" ]

    let private modeRows (count: int) (forecaster: Forecaster) : string list list =
        [
            for value, size in Array.truncate count (leading forecaster) ->
                [
                    Ui.number (period value)
                    Ui.number (decay value)
                    Ui.number (Complex.Abs value)
                    Ui.number size
                    Ui.number (residual forecaster value)
                ]
        ]

    let private testColumns =
        [ "<method"; "mean squared error"; "mean absolute error"; "coverage" ]

    let private testRows (test: Backtest) : string list list =
        [
            for score in Array.append [| test.Model |] test.Rivals ->
                [
                    score.Name
                    Ui.number score.MeanSquaredError
                    Ui.number score.MeanAbsoluteError
                    (if score.Name = test.Model.Name then
                         Ui.number test.MeanCoverage
                     else
                         "")
                ]
        ]

    let private matrix (values: float[,]) : Json =
        Json.list (
            seq {
                for h in 0 .. Array2D.length1 values - 1 ->
                    Json.list (seq { for c in 0 .. Array2D.length2 values - 1 -> Json.number values[h, c] })
            }
        )

    let private score (score: ForecastScore) : Json =
        Json.members
            [
                "name", Json.text score.Name
                "mse", Json.number score.MeanSquaredError
                "mae", Json.number score.MeanAbsoluteError
                "squared_errors", score.SquaredErrors |> Seq.map Json.number |> Json.list
            ]

    let private toJson (series: Series) (forecaster: Forecaster) (made: Forecast) (test: Outcome<Backtest>) : Json =
        let last = Array.last series.Data.Lengths

        Json.members
            [
                "file", Json.text series.File
                "columns", series.Names |> Seq.map Json.text |> Json.list
                "rows", Json.integer series.Data.States.Count
                "trajectories", Json.integer series.Data.Count
                "look_back", Json.integer forecaster.LookBack
                "horizon", Json.integer (Array2D.length1 made.Mean)
                "level", Json.number made.Level
                "centre", Json.text ((string forecaster.Centre).ToLowerInvariant())
                "times",
                Seq.init made.Times.Length (fun h -> Json.text (series.Label(last + h)))
                |> Json.list
                "forecast", matrix made.Mean
                "lower", matrix made.Lower
                "upper", matrix made.Upper
                "modes",
                Json.list (
                    leading forecaster
                    |> Array.map (fun (value, size) ->
                        Json.members
                            [
                                "eigenvalue", Json.number value.Real
                                "eigenvalue_imaginary", Json.number value.Imaginary
                                "period_rows", Json.number (period value)
                                "decay_rows", Json.number (decay value)
                                "amplitude", Json.number size
                                "residual", Json.number (residual forecaster value)
                            ])
                )
                "remarks", forecaster.Remarks |> Seq.map Json.text |> Json.list
                match test with
                | Error error -> "backtest_refused", Json.text error.Cause
                | Ok test ->
                    "backtest",
                    Json.members
                        [
                            "origins", Json.integer test.Origins
                            "fitted_rows", Json.integer test.FittedRows
                            "calibration_rows", Json.integer test.CalibrationRows
                            "season_rows", Json.integer test.Season
                            "model", score test.Model
                            "rivals", test.Rivals |> Seq.map score |> Json.list
                            "coverage", test.Coverage |> Seq.map Json.number |> Json.list
                            "mean_coverage", Json.number test.MeanCoverage
                            "verdict", Json.text test.Verdict
                        ]
                "environment", Inputs.environment ()
            ]

    /// The end of the history of a column, its forecast, and the interval.
    let private picture (series: Series) (made: Forecast) (c: int) : Block =
        let count = Array.last series.Data.Lengths
        let ahead = Array2D.length1 made.Mean
        let history = min count (3 * ahead)
        let d, rows = series.Data.Dimension, series.Data.States.Count
        let values = Tensors.toArray series.Data.States.Points
        let past = Array.init history (fun i -> values[(rows - history + i) * d + c])
        let before = Array.init history (fun i -> float (i - history + 1))
        let after = Array.init ahead (fun h -> float (h + 1))

        [
            Layer.band 0 $"{100.0 * made.Level:G3} %%" after made.Lower[*, c] made.Upper[*, c]
            Layer.line 0 "forecast" after made.Mean[*, c]
            Layer.line 1 "observed" before past
        ]
        |> Figure.create series.Names[c] (Axis.linear "rows from the last one") (Axis.linear series.Names[c])
        |> Block.Chart

    let private errorsByHorizon (test: Backtest) : Block =
        let ahead = Array.init test.Coverage.Length (fun h -> float (h + 1))

        [
            for i, score in Array.indexed (Array.append [| test.Model |] test.Rivals) ->
                Layer.line i score.Name ahead score.SquaredErrors
        ]
        |> Figure.create "Errors" (Axis.linear "rows ahead") (Axis.linear "mean squared error")
        |> Block.Chart

    let private coverageByHorizon (test: Backtest) : Block =
        let ahead = Array.init test.Coverage.Length (fun h -> float (h + 1))

        [
            Layer.line 0 "inside the interval" ahead test.Coverage
            Layer.dashed 5 "nominal" [| ahead[0]; Array.last ahead |] [| test.Level; test.Level |]
        ]
        |> Figure.create "Coverage" (Axis.linear "rows ahead") (Axis.linear "share of values")
        |> Block.Chart

    let private testCaption (test: Backtest) : string =
        $"{test.Origins} origins: {test.FittedRows} rows fitted, {test.CalibrationRows} for the intervals, the rest forecast; errors in standard deviations of a column"

    let private report
        (command: string)
        (path: string)
        (series: Series)
        (forecaster: Forecaster)
        (made: Forecast)
        (test: Outcome<Backtest>)
        : Outcome<unit> =
        Report.write
            path
            {
                Title = $"The forecast of {series.File}"
                Subtitle = string forecaster + "."
                Sections =
                    [
                        {
                            Heading = "Forecast"
                            Blocks = [ for c in 0 .. min 12 series.Names.Length - 1 -> picture series made c ]
                        }
                        {
                            Heading = "Modes"
                            Blocks =
                                [
                                    PageTable.ofText
                                        "Amplitude: root mean square share in the forecasts, in standard deviations of a column."
                                        modeColumns
                                        (modeRows 24 forecaster)
                                    yield! forecaster.Remarks |> Array.map Block.Paragraph
                                ]
                        }
                        {
                            Heading = "Test"
                            Blocks =
                                match test with
                                | Error error -> [ Block.Paragraph $"No test: {error.Message}" ]
                                | Ok test ->
                                    [
                                        Block.Paragraph $"In the test {test.Verdict}."
                                        PageTable.ofText (testCaption test + ".") testColumns (testRows test)
                                        Block.Beside [ errorsByHorizon test; coverageByHorizon test ]
                                    ]
                        }
                        {
                            Heading = "Numbers"
                            Blocks =
                                [
                                    PageTable.ofText
                                        $"Intervals contain {100.0 * made.Level:G3} %% of values."
                                        forecastColumns
                                        (forecastRows series [ 1 .. Array2D.length1 made.Mean ] made)
                                ]
                        }
                    ]
                Provenance = Inputs.provenance command None
            }

    /// <summary>Forecasts the rows that follow those of a file.</summary>
    let run (command: string) (request: Request) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ request.Json; request.Report ]

            do!
                Require.atLeast 1 "the horizon" request.Horizon
                |> Require.advise "Give --horizon a number of rows, 1 or more"

            use! series = load request.Reading request.Files

            let options =
                { Forecaster.defaults with
                    Horizon = max 4 request.Horizon
                    LookBack = request.LookBack
                    Level = request.Level
                }

            let names = String.Join(", ", Array.truncate 8 series.Names)
            let more = if series.Names.Length > 8 then ", ..." else ""
            let last = Array.last series.Data.Lengths

            use! forecaster = Forecaster.fit options series.Data
            let! made = Forecaster.forecast request.Horizon forecaster

            let test =
                Backtest.run
                    { options with
                        LookBack = Some forecaster.LookBack
                    }
                    series.Data

            Ui.say
                $"{series.File}: {series.Data.States.Count} rows of {series.Names.Length} column(s) ({names}{more}) in {series.Data.Count} series, the last from {series.Label 0} to {series.Label(last - 1)}; {request.Horizon} rows ahead at level {request.Level}"

            Ui.say $"{forecaster}"
            Ui.table forecastColumns (forecastRows series (shown request.Horizon) made)
            Ui.table modeColumns (modeRows 10 forecaster)
            Ui.say "amplitude: root mean square share in the forecasts, in standard deviations of a column"

            forecaster.Remarks |> Array.iter Ui.say

            match test with
            | Error error -> Ui.say $"no test beside rivals: {error.Message}"
            | Ok test ->
                Ui.table testColumns (testRows test)
                Ui.say (testCaption test)
                Ui.say $"verdict: {test.Verdict}"

            match request.Json with
            | None -> ()
            | Some path -> do! Json.write path (toJson series forecaster made test)

            match request.Report with
            | None -> ()
            | Some path ->
                do! report command path series forecaster made test
                Ui.say $"report: {IO.Path.GetFullPath path}"
        }
