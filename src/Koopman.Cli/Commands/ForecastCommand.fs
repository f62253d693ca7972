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
        InputNames: string[]
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
            /// automatic, shared or coupled.
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

    let private numbered (count: int) : string[] =
        if count = 1 then
            [| "x" |]
        else
            Array.init count (fun c -> $"x{c + 1}")

    /// A date, with the time of the day unless steps are days.
    let private dateText (step: float) (date: DateTime) : string =
        date.ToString(
            (if step % 86400.0 = 0.0 then
                 "yyyy-MM-dd"
             else
                 "yyyy-MM-dd HH:mm:ss"),
            CultureInfo.InvariantCulture
        )

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

                parse stamps[last] + float (row - last) * step |> dateText step.TotalSeconds

    /// The columns of a table with these names, and the others.
    let private split (file: string) (names: string list) (table: CsvTable) : Outcome<struct (int[] * int[])> =
        let all = table.Columns

        match names |> List.tryFind (fun name -> not (Array.contains name all)) with
        | Some name ->
            let found = String.Join(", ", all)

            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{file} has no column '{name}'; its columns are {found}"
                "Give --inputs the names of columns of the file, separated by commas"
        | None ->
            let chosen =
                names |> List.map (fun name -> Array.IndexOf(all, name)) |> Array.ofList

            Ok(struct (chosen, Array.except chosen [| 0 .. all.Length - 1 |]))

    let private pick (columns: int[]) (table: CsvTable) : float[,] =
        let width = table.Values.Shape[1]
        let values = table.Values.Values
        Array2D.init table.Values.Shape[0] columns.Length (fun t i -> values[t * width + columns[i]])

    let private ofDated (file: string) (inputs: string list) (stamps: string[]) (table: CsvTable) : Outcome<Series> =
        result {
            let! struct (driving, states) =
                if inputs.IsEmpty then
                    Ok(struct ([||], [| 0 .. table.Values.Shape[1] - 1 |]))
                else
                    split file inputs table

            let! plain = Trajectories.ofArrays 1.0 [ pick states table ]

            let! data =
                if driving.Length = 0 then
                    Ok plain
                else
                    use plain = plain
                    let rows = pick driving table

                    use inputs =
                        Tensors.ofRows (Array2D.length1 rows) (rows |> Seq.cast<float> |> Array.ofSeq)

                    Trajectories.withInputs [ inputs ] plain

            return
                {
                    File = file
                    Data = data
                    Names =
                        (if table.Columns.Length > 0 then
                             states |> Array.map (fun c -> table.Columns[c])
                         else
                             numbered data.Dimension)
                    InputNames = Array.ofList inputs
                    Label = dateLabel stamps
                }
        }

    let private ofDataset (options: ReadOptions) (file: string) (paths: string list) : Outcome<Series> =
        Inputs.read options paths
        |> Result.bind (fun (struct (dataset, understood)) ->
            match dataset with
            | Paths data -> Ok(data, understood)
            | Points points ->
                use points = points

                Trajectories.create 1.0 [ points.Points ]
                |> Result.map (fun data -> data, understood)
            | other ->
                other.Dispose()

                KoopmanError.fail
                    ErrorKind.UnreadableFile
                    $"{file} holds no time series"
                    "Give rows in time order (.csv, .npy), or trajectories (.npz)")
        |> Result.map (fun (data, understood) ->
            let names = understood.States
            let times = data.Times
            let first = times.Length - Array.last data.Lengths
            let step = Trajectories.step data |> Option.defaultValue 1.0

            // Times count seconds from the first date.
            let stamps =
                match paths with
                | [ path ] when understood.Sentence.Contains "from the dates" ->
                    match Csv.readDated path with
                    | Ok(struct (stamps, _)) -> Array.tryHead stamps
                    | Error _ -> None
                | _ -> None

            {
                File = file
                Data = data
                Names =
                    (if names = Understood.numbered data.Dimension then
                         numbered data.Dimension
                     else
                         names)
                InputNames = understood.Inputs
                Label =
                    match stamps with
                    | Some(stamp: string) ->
                        let start = DateTime.Parse(stamp, CultureInfo.InvariantCulture)
                        fun row -> dateText step (start.AddSeconds(times[first] + float row * step))
                    | None -> fun row -> (times[first] + float row * step).ToString("G7", CultureInfo.InvariantCulture)
            })

    let private load (options: ReadOptions) (paths: string list) : Outcome<Series> =
        let file = Inputs.title paths

        match paths, Files.ending paths.Head with
        | [ path ], (".csv" | ".txt" | ".tsv") when
            { options with
                Formats = [||]
                Inputs = []
            }
                =
                Dataset.defaults
            && IO.File.Exists path
            ->
            Csv.readDated path
            |> Result.bind (fun (struct (stamps, table)) ->
                // The general reader says where something is missing, and fills it if asked.
                if stamps.Length > 1 && Array.forall Double.IsFinite table.Values.Values then
                    ofDated file options.Inputs stamps table
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

    let private modeColumns =
        [ "period, rows"; "decay time, rows"; "|eigenvalue|"; "amplitude"; "residual" ]

    /// The modes without the level, in units of rows.
    let private turning (step: float) (modes: ForecastMode[]) : ForecastMode[] =
        modes
        |> Array.filter (fun mode -> not (Double.IsNaN mode.Amplitude))
        |> Array.map (fun mode ->
            { mode with
                Period = mode.Period / step
                DecayTime = mode.DecayTime / step
            })

    let private modeRows (count: int) (modes: ForecastMode[]) : string list list =
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

    let private effectColumns =
        [ "<input"; "rows later"; "<column"; "effect of a unit" ]

    let private effectRows (series: Series) (forecaster: Forecaster) : string list list =
        let effects = forecaster.InputEffects

        [
            for i in 0 .. Array3D.length2 effects - 1 do
                for k in 0 .. Array3D.length1 effects - 1 do
                    for c in 0 .. Array3D.length3 effects - 1 ->
                        [ series.InputNames[i]; string k; series.Names[c]; Ui.number effects[k, i, c] ]
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

    /// Everything that a run found.
    [<NoComparison; NoEquality>]
    type private Found =
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

    let private toJson (found: Found) : Json =
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

    let private testCaption (test: Backtest) : string =
        $"{test.Origins} origins: {test.FittedRows} rows fitted, {test.CalibrationRows} for the intervals, the rest forecast; errors in standard deviations of a column"

    /// How often the other bands held, as a sentence without its full stop.
    let private bandSentence (test: Backtest) : string =
        $"{100.0 * test.JointCoverage:F1} %% of whole paths lay inside their joint band, and {100.0 * test.ScenarioCoverage:F1} %% of values inside the intervals of scenarios"

    /// The scores of later rows.
    let private scores (watch: ForecastWatch) : Block =
        let rows = Array.init watch.RowPValues.Length (fun t -> float (t + 1))

        [ Layer.line 0 "share of held-out errors as large" rows watch.RowPValues ]
        |> Figure.create "Later rows" (Axis.linear "row") (Axis.logarithmic "share of held-out errors as large")
        |> Block.Chart

    let private report (command: string) (path: string) (found: Found) : Outcome<unit> =
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

    /// The rows of a table, without a date in its first column, and the columns with these names if it has names.
    let private rowsOf (path: string) (names: string[]) : Outcome<float[,]> =
        Csv.readDated path
        |> Result.bind (fun (struct (_, table)) ->
            let width = table.Values.Shape[table.Values.Shape.Length - 1]

            if table.Columns.Length = 0 && width = names.Length then
                Ok(pick [| 0 .. width - 1 |] table)
            else
                match names |> Array.tryFind (fun name -> not (Array.contains name table.Columns)) with
                | Some name ->
                    let has = String.Join(", ", table.Columns)

                    KoopmanError.fail
                        ErrorKind.ShapeMismatch
                        $"{IO.Path.GetFileName path} has no column '{name}'; its columns are {has}"
                        "Give a table with the same names as the file that was learned from"
                | None -> Ok(pick (names |> Array.map (fun name -> Array.IndexOf(table.Columns, name))) table))

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
            rowsOf path series.InputNames
            |> Result.bind (fun inputs ->
                let rows = Array2D.length1 inputs

                if rows < request.Horizon then
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"--future has {rows} rows, but {request.Horizon} are to be forecast"
                        $"Give one row for each row ahead, or --horizon {rows}"
                else
                    Forecaster.forecastGiven inputs[.. request.Horizon - 1, *] forecaster)

    let private tell (request: Request) (found: Found) : unit =
        let series, forecaster, made = found.Series, found.Forecaster, found.Made
        let names = String.Join(", ", Array.truncate 8 series.Names)
        let more = if series.Names.Length > 8 then ", ..." else ""
        let last = Array.last series.Data.Lengths

        let inputs =
            if series.InputNames.Length = 0 then
                ""
            else
                let names = String.Join(", ", series.InputNames)
                $", {series.InputNames.Length} input(s) ({names})"

        Ui.say
            $"{series.File}: {series.Data.States.Count} rows of {series.Names.Length} column(s) ({names}{more}){inputs} in {series.Data.Count} series, the last from {series.Label 0} to {series.Label(last - 1)}; {request.Horizon} rows ahead at level {request.Level}"

        match found.Selection with
        | None -> ()
        | Some selection -> Ui.say $"chosen by validation: {selection.Verdict}"

        Ui.say $"{forecaster}"
        Ui.table forecastColumns (forecastRows series (shown request.Horizon) made)
        Ui.table modeColumns (modeRows 10 found.Modes)
        Ui.say "amplitude: root mean square share in the forecasts, in standard deviations of a column"

        if forecaster.InputCount > 0 then
            Ui.table effectColumns (effectRows series forecaster)

        forecaster.Remarks |> Array.iter Ui.say

        match found.Test with
        | Error error -> Ui.say $"no test beside rivals: {error.Message}"
        | Ok test ->
            Ui.table testColumns (testRows test)
            Ui.say (testCaption test)
            Ui.say (bandSentence test)
            Ui.say $"verdict: {test.Verdict}"

        match found.Watch with
        | None -> ()
        | Some watch -> Ui.say $"later rows: {watch.Verdict}"

    /// <summary>Forecasts the rows that follow those of a file.</summary>
    let run (command: string) (request: Request) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ request.Json; request.Report; request.Save ]

            do!
                Require.atLeast 1 "the horizon" request.Horizon
                |> Require.advise "Give --horizon a number of rows, 1 or more"

            do!
                Require.atLeast 0 "the number of scenarios" request.Scenarios
                |> Require.advise "Give --scenarios a number, 0 or more"

            let! asked = optionsOf request
            use! series = load request.Reading request.Files

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
                        let! rows = rowsOf path series.Names
                        use! monitor = ForecastMonitor.learn options series.Data
                        let! seen = ForecastMonitor.watch rows monitor
                        return Some seen
                    }

            let found =
                {
                    Series = series
                    Forecaster = forecaster
                    Made = made
                    Modes = turning (defaultArg (Trajectories.step series.Data) 1.0) modes
                    Test =
                        Backtest.run
                            { options with
                                LookBack = Some(defaultArg options.LookBack forecaster.LookBack)
                            }
                            series.Data
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
            | Some path -> do! Json.write path (toJson found)

            match request.Report with
            | None -> ()
            | Some path ->
                do! report command path found
                Ui.say $"report: {IO.Path.GetFullPath path}"
        }
