namespace Koopman.Cli

open System
open System.Globalization
open System.Numerics
open Koopman
open Koopman.Cli.Reporting
open Koopman.Plots

/// Everything that a run found.
[<NoComparison; NoEquality>]
type internal FoundForecast =
    {
        Series: Series
        Forecaster: Forecaster
        Made: Forecast
        Modes: ForecastMode[]
        Test: Outcome<Backtest>
        Scenarios: float[,,] option
        Selection: ForecastSelection option
        Watch: ForecastWatch option
    }

/// What <c>koopman forecast</c> found, as tables, JSON and a page of charts.
[<RequireQualifiedAccess>]
module internal ForecastReport =

    /// The rows ahead that the terminal shows: 1, 2, 3, 6, 12, 24 and so on, and the last.
    let shown (horizon: int) : int list =
        [ 1; 2; 3; 6; 12; 24; 48; 96; 192; 336; 720 ]
        |> List.filter (fun h -> h < horizon)
        |> fun few -> few @ [ horizon ]

    let forecastColumns = [ "ahead"; "<time"; "<column"; "lower"; "forecast"; "upper" ]

    let forecastRows (series: Series) (rows: int list) (made: Forecast) : string list list =
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

    let modeColumns =
        [ "period, rows"; "decay time, rows"; "|eigenvalue|"; "amplitude"; "residual" ]

    /// The modes without the level, in units of rows.
    let turning (step: float) (modes: ForecastMode[]) : ForecastMode[] =
        modes
        |> Array.filter (fun mode -> not (Double.IsNaN mode.Amplitude))
        |> Array.map (fun mode ->
            { mode with
                Period = mode.Period / step
                DecayTime = mode.DecayTime / step
            })

    let modeRows (count: int) (modes: ForecastMode[]) : string list list =
        [
            for mode in Array.truncate count modes ->
                [
                    Ui.number mode.Period
                    Ui.number mode.DecayTime
                    Ui.number (Complex.Abs mode.Eigenvalue)
                    Ui.number mode.Amplitude
                    Ui.number mode.Residual
                ]
        ]

    let effectColumns = [ "<input"; "rows later"; "<column"; "effect of a unit" ]

    let effectRows (series: Series) (forecaster: Forecaster) : string list list =
        let effects = forecaster.InputEffects

        [
            for i in 0 .. Array3D.length2 effects - 1 do
                for k in 0 .. Array3D.length1 effects - 1 do
                    for c in 0 .. Array3D.length3 effects - 1 ->
                        [ series.InputNames[i]; string k; series.Names[c]; Ui.number effects[k, i, c] ]
        ]

    let testColumns =
        [ "<method"; "mean squared error"; "mean absolute error"; "coverage" ]

    let testRows (test: Backtest) : string list list =
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

    let private watchJson (watch: ForecastWatch) : Json =
        Json.members
            [
                "row_p_values", watch.RowPValues |> Seq.map Json.number |> Json.list
                "p_values", matrix watch.PValues
                "change_p_values", watch.ChangePValues |> Seq.map Json.number |> Json.list
                "verdict", Json.text watch.Verdict
            ]

    let private selectionJson (selection: ForecastSelection) : Json =
        Json.members
            [
                "verdict", Json.text selection.Verdict
                "candidates",
                Json.list (
                    selection.Candidates
                    |> Array.map (fun tried ->
                        Json.members
                            [
                                "look_back", Json.integer tried.LookBack
                                "rank", Json.integer tried.Rank
                                "ridge", Json.number tried.Ridge
                                "centre", Json.text ((string tried.Centre).ToLowerInvariant())
                                "coupling", Json.text ((string tried.Columns).ToLowerInvariant())
                                "errors", tried.Errors |> Seq.map Json.number |> Json.list
                            ])
                )
            ]

    let toJson (found: FoundForecast) : Json =
        let series, forecaster, made = found.Series, found.Forecaster, found.Made
        let last = Array.last series.Data.Lengths
        let effects = forecaster.InputEffects

        Json.members
            [
                "file", Json.text series.File
                "columns", series.Names |> Seq.map Json.text |> Json.list
                "inputs", series.InputNames |> Seq.map Json.text |> Json.list
                "rows", Json.integer series.Data.States.Count
                "trajectories", Json.integer series.Data.Count
                "look_back", Json.integer forecaster.LookBack
                "horizon", Json.integer (Array2D.length1 made.Mean)
                "level", Json.number made.Level
                "ridge", Json.number forecaster.Ridge
                "spacing", Json.text series.Spacing
                "centre", Json.text ((string forecaster.Centre).ToLowerInvariant())
                "coupling", Json.text ((string forecaster.Columns).ToLowerInvariant())
                "times",
                Seq.init made.Times.Length (fun h -> Json.text (series.Label(last + h)))
                |> Json.list
                "forecast", matrix made.Mean
                "lower", matrix made.Lower
                "upper", matrix made.Upper
                "joint_lower", matrix made.JointLower
                "joint_upper", matrix made.JointUpper
                match found.Scenarios with
                | None -> ()
                | Some all ->
                    "scenarios",
                    Json.list (
                        seq {
                            for i in 0 .. Array3D.length1 all - 1 ->
                                matrix (
                                    Array2D.init (Array3D.length2 all) (Array3D.length3 all) (fun h c -> all[i, h, c])
                                )
                        }
                    )
                "modes",
                Json.list (
                    found.Modes
                    |> Array.map (fun mode ->
                        Json.members
                            [
                                "eigenvalue", Json.number mode.Eigenvalue.Real
                                "eigenvalue_imaginary", Json.number mode.Eigenvalue.Imaginary
                                "period_rows", Json.number mode.Period
                                "decay_rows", Json.number mode.DecayTime
                                "amplitude", Json.number mode.Amplitude
                                "residual", Json.number mode.Residual
                                "curve", matrix mode.Curve
                            ])
                )
                if Array3D.length1 effects > 0 then
                    "input_effects",
                    Json.list (
                        seq {
                            for k in 0 .. Array3D.length1 effects - 1 ->
                                matrix (
                                    Array2D.init (Array3D.length2 effects) (Array3D.length3 effects) (fun i c ->
                                        effects[k, i, c])
                                )
                        }
                    )
                match found.Selection with
                | None -> ()
                | Some selection -> "selection", selectionJson selection
                match found.Watch with
                | None -> ()
                | Some watch -> "watch", watchJson watch
                "remarks", forecaster.Remarks |> Seq.map Json.text |> Json.list
                match found.Test with
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
                            "joint_coverage", Json.number test.JointCoverage
                            "scenario_coverage", Json.number test.ScenarioCoverage
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
            Layer.band 2 $"{100.0 * made.Level:G3} %% of paths" after made.JointLower[*, c] made.JointUpper[*, c]
            Layer.band 0 $"{100.0 * made.Level:G3} %% of values" after made.Lower[*, c] made.Upper[*, c]
            Layer.line 0 "forecast" after made.Mean[*, c]
            Layer.line 1 "observed" before past
        ]
        |> Figure.create series.Names[c] (Axis.linear "rows from the last one") (Axis.linear series.Names[c])
        |> Block.Chart

    /// What the largest modes add to the forecast of a column.
    let private curves (series: Series) (modes: ForecastMode[]) (c: int) : Block =
        let ahead = Array.init (Array2D.length1 modes[0].Curve) (fun h -> float (h + 1))

        let name (mode: ForecastMode) =
            if Double.IsFinite mode.Period then
                $"{mode.Period:G4} rows"
            elif Double.IsFinite mode.DecayTime then
                $"decays in {mode.DecayTime:G4} rows"
            else
                "constant"

        [
            for i, mode in modes |> Array.truncate 5 |> Array.indexed -> Layer.line i (name mode) ahead mode.Curve[*, c]
        ]
        |> Figure.create
            series.Names[c]
            (Axis.linear "rows from the last one")
            (Axis.linear $"part of {series.Names[c]}")
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

    let testCaption (test: Backtest) : string =
        $"{test.Origins} origins: {test.FittedRows} rows fitted, {test.CalibrationRows} for the intervals, the rest forecast; errors in standard deviations of a column"

    /// How often the other bands held, as a sentence without its full stop.
    let bandSentence (test: Backtest) : string =
        $"{100.0 * test.JointCoverage:F1} %% of whole paths lay inside their joint band, and {100.0 * test.ScenarioCoverage:F1} %% of values inside the intervals of scenarios"

    /// The scores of later rows.
    let private scores (watch: ForecastWatch) : Block =
        let rows = Array.init watch.RowPValues.Length (fun t -> float (t + 1))

        [ Layer.line 0 "share of held-out errors as large" rows watch.RowPValues ]
        |> Figure.create "Later rows" (Axis.linear "row") (Axis.logarithmic "share of held-out errors as large")
        |> Block.Chart

    let report (command: string) (path: string) (found: FoundForecast) : Outcome<unit> =
        let series, forecaster, made = found.Series, found.Forecaster, found.Made
        let charts = min 12 series.Names.Length - 1

        Report.write
            path
            {
                Title = $"The forecast of {series.File}"
                Subtitle = string forecaster + "."
                Sections =
                    [
                        {
                            Heading = "Forecast"
                            Blocks = [ for c in 0..charts -> picture series made c ]
                        }
                        {
                            Heading = "Modes"
                            Blocks =
                                [
                                    yield! forecaster.Remarks |> Array.map (fun remark -> Block.Paragraph $"{remark}.")
                                    for c in 0..charts do
                                        yield curves series found.Modes c

                                    yield
                                        PageTable.ofText
                                            "Amplitude: root mean square share in the forecasts, in standard deviations of a column. The charts show what the five largest add to this forecast."
                                            modeColumns
                                            (modeRows 24 found.Modes)

                                    if forecaster.InputCount > 0 then
                                        yield
                                            PageTable.ofText
                                                "What a unit of an input adds to a column."
                                                effectColumns
                                                (effectRows series forecaster)
                                ]
                        }
                        {
                            Heading = "Test"
                            Blocks =
                                match found.Test with
                                | Error error -> [ Block.Paragraph $"No test: {error.Message}" ]
                                | Ok test ->
                                    [
                                        Block.Paragraph $"In the test {test.Verdict}."
                                        Block.Paragraph(bandSentence test + ".")
                                        PageTable.ofText (testCaption test + ".") testColumns (testRows test)
                                        Block.Beside [ errorsByHorizon test; coverageByHorizon test ]
                                    ]
                        }
                        match found.Watch with
                        | None -> ()
                        | Some watch ->
                            {
                                Heading = "Later rows"
                                Blocks = [ Block.Paragraph $"Of the later rows {watch.Verdict}."; scores watch ]
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
