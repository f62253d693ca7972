namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>The errors of one way to forecast, in standard deviations of a column over the rows of the fit, in the mean over columns and origins.</summary>
[<NoComparison>]
type ForecastScore =
    {
        /// <summary>Its name.</summary>
        Name: string
        /// <summary>The mean squared error of each row ahead (H).</summary>
        SquaredErrors: float[]
        /// <summary>The mean absolute error of each row ahead (H).</summary>
        AbsoluteErrors: float[]
    }

    /// <summary>The mean squared error over all rows ahead.</summary>
    member this.MeanSquaredError: float = Array.average this.SquaredErrors

    /// <summary>The mean absolute error over all rows ahead.</summary>
    member this.MeanAbsoluteError: float = Array.average this.AbsoluteErrors

/// <summary>Forecasts of the last rows of the data, beside simple rivals, from origins none of which knew what followed.</summary>
[<NoComparison>]
type Backtest =
    {
        /// <summary>The rows of each trajectory that the fit saw.</summary>
        FittedRows: int
        /// <summary>The rows after them that calibrated the intervals.</summary>
        CalibrationRows: int
        /// <summary>The number of origins of the test, of all trajectories.</summary>
        Origins: int
        /// <summary>The forecaster.</summary>
        Model: ForecastScore
        /// <summary>The last value, the last season, the drift of the window, and a ridge regression of its own for every horizon.</summary>
        Rivals: ForecastScore[]
        /// <summary>The share of values inside the intervals, for each row ahead (H).</summary>
        Coverage: float[]
        /// <summary>The share that the intervals are to contain.</summary>
        Level: float
        /// <summary>The rows of a season: the period of the fit whose repetition forecasts the rows of the calibration best; 1 if it has none.</summary>
        Season: int
        /// <summary>Which way is best, as a sentence without its full stop.</summary>
        Verdict: string
    }

    /// <summary>The share of values inside the intervals over all rows ahead.</summary>
    member this.MeanCoverage: float = Array.average this.Coverage

/// <summary>Tests forecasters on the last rows of the data.</summary>
[<RequireQualifiedAccess>]
module Backtest =

    /// Sums of squares and sizes of errors for each row ahead.
    [<NoComparison; NoEquality>]
    type private Tally =
        {
            Name: string
            Squares: float[]
            Sizes: float[]
        }

    let private tally (horizon: int) (name: string) : Tally =
        {
            Name = name
            Squares = Array.zeroCreate horizon
            Sizes = Array.zeroCreate horizon
        }

    let private count (error: int -> int -> float) (origins: int seq) (tally: Tally) : unit =
        for origin in origins do
            for h in 0 .. tally.Squares.Length - 1 do
                let e = error origin h
                tally.Squares[h] <- tally.Squares[h] + e * e
                tally.Sizes[h] <- tally.Sizes[h] + abs e

    let private score (cases: float) (tally: Tally) : ForecastScore =
        {
            Name = tally.Name
            SquaredErrors = tally.Squares |> Array.map (fun sum -> sum / cases)
            AbsoluteErrors = tally.Sizes |> Array.map (fun sum -> sum / cases)
        }

    let private lastSeason (season: int) (column: float[]) (origin: int) (h: int) : float =
        column[origin - season + h % season]

    /// The period in rows of a mode, at most half the look-back, whose repetition forecasts the rows of the calibration best; 1 if there is none.
    let private season
        (operator: DelayOperator)
        (look: int)
        (horizon: int)
        (fitted: int)
        (cut: int)
        (series: float[][][])
        : int =
        let origins = [| fitted .. max 1 ((cut - horizon - fitted) / 50) .. cut - horizon |]

        let meanSquare (season: int) =
            Array.concat series
            |> Array.averageBy (fun column ->
                origins
                |> Array.averageBy (fun origin ->
                    Seq.init horizon (fun h -> (column[origin + h] - lastSeason season column origin h) ** 2.0)
                    |> Seq.average))

        operator.Eigenvalues
        |> Array.map (fun value -> Math.Round(2.0 * Math.PI / abs value.Phase))
        |> Array.filter (fun period -> period >= 2.0 && period <= float look / 2.0)
        |> Array.map int
        |> Array.distinct
        |> function
            | [||] -> 1
            | periods -> periods |> Array.minBy meanSquare

    let private verdict (model: ForecastScore) (rivals: ForecastScore[]) : string =
        let best = rivals |> Array.minBy _.MeanSquaredError
        let ratio = best.MeanSquaredError / model.MeanSquaredError

        let figures =
            $"mean squared error {best.MeanSquaredError:F4} against {model.MeanSquaredError:F4}"

        let walk =
            if best.Name = "last value" then
                ": this series is close to a random walk"
            else
                ""

        if ratio < 0.98 then
            $"the rival \"{best.Name}\" is better, {figures}{walk}"
        elif ratio < 1.02 then
            $"the rival \"{best.Name}\" is as good, {figures}{walk}"
        else
            $"the forecaster is better than every rival; the best of them is \"{best.Name}\", {figures}"

    let private windowError (map: Tensor) (first: int) (column: float[]) : int -> int -> float =
        let horizon = int map.shape[1]
        let errors = RollingOrigins.errors map first (column.Length - 1) column

        fun origin h ->
            if origin < first then
                nan
            else
                errors[(origin - first) * horizon + h]

    /// Forecasts that need no fit, from an origin for a row ahead.
    let private naive (look: int) (season: int) : (string * (float[] -> int -> int -> float)) list =
        [
            "last value", (fun x o _ -> x[o - 1])
            $"last season ({season} rows)", lastSeason season
            "drift", (fun x o h -> x[o - 1] + float (h + 1) * (x[o - 1] - x[o - look]) / float (look - 1))
        ]

    /// The errors of all ways, and how many values lay inside the intervals, over all origins from the cut on.
    let private measure
        (horizon: int)
        (look: int)
        (season: int)
        (fitted: int)
        (cut: int)
        (map: Tensor)
        (direct: Tensor)
        (bands: ForecastBands[])
        (series: float[][][])
        : struct (Tally * Tally[] * float[] * int) =
        let model, ridge = tally horizon "forecaster", tally horizon "direct ridge"

        let rules =
            naive look season |> List.map (fun (name, rule) -> tally horizon name, rule)

        let inside: float[] = Array.zeroCreate horizon
        let mutable cases = 0

        for one in series do
            for c in 0 .. one.Length - 1 do
                let column = one[c]
                let last = column.Length - horizon
                let origins = [| cut..last |]
                let error = windowError map fitted column
                let unit = RollingOrigins.spreads look fitted last column
                count error origins model
                count (windowError direct cut column) origins ridge

                for tally, rule in rules do
                    count (fun o h -> column[o + h] - rule column o h) origins tally

                ForecastBands.follow
                    (fun origin h ->
                        if origin < fitted then
                            nan
                        else
                            error origin h / unit[origin - fitted])
                    (fun origin widths ->
                        for h in 0 .. horizon - 1 do
                            if abs (error origin h) <= widths[h] * unit[origin - fitted] then
                                inside[h] <- inside[h] + 1.0)
                    cut
                    last
                    bands[c]
                |> ignore

                cases <- cases + origins.Length

        struct (model, [| yield! rules |> List.map fst; ridge |], inside, cases)

    /// <summary>
    /// Fits to the first rows of each trajectory, calibrates the intervals on the next ones, and forecasts the rest from every origin whose horizon the
    /// data hold. The operator stays as it was fitted; the widths of the intervals follow the errors that are known at each origin.
    /// </summary>
    /// <param name="fitted">The number of rows of each trajectory to fit.</param>
    /// <param name="calibration">The number of rows after them that calibrate the intervals, at least H.</param>
    /// <param name="options">Settings; <c>HeldOut</c> is not used.</param>
    /// <param name="trajectories">The data.</param>
    let between
        (fitted: int)
        (calibration: int)
        (options: ForecastOptions)
        (trajectories: Trajectories)
        : Outcome<Backtest> =
        result {
            do! ForecastFit.check options
            let! _ = ForecastFit.step trajectories
            use _ = Tensors.scope ()
            let horizon = options.Horizon
            let shortest = Array.min trajectories.Lengths
            let look = ForecastFit.lookBack options fitted
            let width = look + horizon
            let cut = fitted + calibration

            if
                fitted < width + ForecastFit.fewest - 1
                || calibration < horizon
                || shortest < cut + horizon
            then
                return!
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"A backtest with {fitted} rows to fit, {calibration} to calibrate and {max 0 (shortest - cut)} to test is too short for a look-back of {look} and a horizon of {horizon}"
                        $"It needs {width + ForecastFit.fewest - 1} rows to fit and {horizon} for each of the others: set LookBack or Horizon lower, or give longer trajectories"
            else
                let raw = ForecastFit.columns trajectories

                let struct (means, scales) =
                    ForecastFit.scales (raw |> Array.map (fun _ -> fitted)) raw

                let series = raw |> Array.map (ForecastFit.standardise means scales)

                let sums =
                    series
                    |> List.ofArray
                    |> List.collect (ForecastFit.ranges width 0 fitted)
                    |> WindowSums.ofRanges look horizon

                // The centre is chosen without the rows of the test.
                let early = series |> Array.map (Array.map (Array.truncate cut))
                let cuts = series |> Array.map (fun _ -> fitted)

                use! chosen = ForecastFit.chosen options sums cuts early
                let centre, operator = chosen.Centre, chosen.Operator
                let bands = ForecastFit.bands options look cuts early chosen.Errors
                let map = DelayOperator.forecastMatrix centre horizon operator
                let! direct = DelayOperator.directMatrix centre options.Ridge sums
                let season = season operator look horizon fitted cut series

                let struct (model, rivals, inside, cases) =
                    measure horizon look season fitted cut map direct bands series

                let scored = score (float cases)
                let rivals = rivals |> Array.map scored
                let found = scored model

                return
                    {
                        FittedRows = fitted
                        CalibrationRows = calibration
                        Origins = cases / means.Length
                        Model = found
                        Rivals = rivals
                        Coverage = inside |> Array.map (fun hits -> hits / float cases)
                        Level = options.Level
                        Season = season
                        Verdict = verdict found rivals
                    }
        }

    /// <summary>
    /// The test over the last part of the data: <c>HeldOut</c> of the rows, and at least twice the horizon, for the test, as many for the calibration before
    /// it, and the rest for the fit. Trajectories are cut by the shortest of them.
    /// </summary>
    let run (options: ForecastOptions) (trajectories: Trajectories) : Outcome<Backtest> =
        ForecastFit.check options
        |> Result.bind (fun () ->
            let shortest = Array.min trajectories.Lengths
            let part = max (int (options.HeldOut * float shortest)) (2 * options.Horizon)
            between (max 0 (shortest - 2 * part)) part options trajectories)
