namespace Koopman

open System
open System.Numerics
open MathNet.Numerics.Statistics
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
        /// <summary>
        /// The last value, the last season, the drift of the window, an autoregression of each column whose order is chosen by Akaike's criterion, and a ridge
        /// regression of its own for every horizon. None of them knows the inputs.
        /// </summary>
        Rivals: ForecastScore[]
        /// <summary>The share of values inside the intervals, for each row ahead (H).</summary>
        Coverage: float[]
        /// <summary>The share of paths of H rows that lie inside their joint band as a whole.</summary>
        JointCoverage: float
        /// <summary>The share of values inside the intervals that scenarios give, over all rows ahead.</summary>
        ScenarioCoverage: float
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

    let private lastValue: string = "last value"

    /// The squared errors of the last value of a random walk grow with the rows ahead, those of noise around a level do not.
    let private growsAsWalk (last: ForecastScore) : bool =
        let errors = last.SquaredErrors
        Array.last errors > float errors.Length / 4.0 * errors[0]

    /// Intervals that held far fewer values than they were to.
    let private shortfall (level: float) (coverage: float) : string =
        let missed, allowed = 1.0 - coverage, 1.0 - level

        if missed > min (2.0 * allowed) (allowed + 0.1) then
            $"; the intervals contained {100.0 * coverage:F0} %% of the values, not {100.0 * level:G3} %%: the rows of the test differ from those before, and the intervals of the forecast may be too narrow"
        else
            ""

    let private verdict (level: float) (coverage: float) (model: ForecastScore) (rivals: ForecastScore[]) : string =
        let best = rivals |> Array.minBy _.MeanSquaredError
        let ratio = best.MeanSquaredError / model.MeanSquaredError

        let figures =
            $"mean squared error {best.MeanSquaredError:F4} against {model.MeanSquaredError:F4}"

        let last = rivals |> Array.find (fun rival -> rival.Name = lastValue)

        let walk =
            if last.MeanSquaredError >= 1.02 * model.MeanSquaredError then
                ""
            elif growsAsWalk last then
                "; the last value repeated is as good as the forecaster: this series is close to a random walk"
            else
                "; the last value repeated is as good as the forecaster"

        let held = shortfall level coverage

        if ratio < 0.98 then
            $"the rival \"{best.Name}\" is better, {figures}{walk}{held}"
        elif ratio < 1.02 then
            $"the rival \"{best.Name}\" is as good, {figures}{walk}{held}"
        else
            $"the forecaster is better than every rival; the best of them is \"{best.Name}\", {figures}{held}"

    /// The errors of one column from the first origin on, as a function of origin and row ahead.
    let private lookUp (horizon: int) (first: int) (errors: float[]) : int -> int -> float =
        fun origin h ->
            if origin < first then
                nan
            else
                errors[(origin - first) * horizon + h]

    /// Forecasts that need no fit, from an origin for a row ahead.
    let private naive (look: int) (season: int) : (string * (float[] -> int -> int -> float)) list =
        [
            lastValue, (fun x o _ -> x[o - 1])
            $"last season ({season} rows)", lastSeason season
            "drift", (fun x o h -> x[o - 1] + float (h + 1) * (x[o - 1] - x[o - look]) / float (look - 1))
        ]

    /// The quantiles of past errors at each row ahead, in units of the widths: the ends of the intervals that scenarios give.
    let private scenarioEnds (level: float) (horizon: int) (c: int) (paths: float[][]) : struct (float * float)[] =
        Array.init horizon (fun h ->
            let errors = paths |> Array.map (fun path -> path[c * horizon + h])
            let tail = (1.0 - level) / 2.0
            struct (ArrayStatistics.QuantileInplace(errors, tail), ArrayStatistics.QuantileInplace(errors, 1.0 - tail)))

    /// Where the parts of the data begin and end, in rows.
    [<NoComparison; NoEquality>]
    type private Cuts =
        {
            Horizon: int
            LookBack: int
            Fitted: int
            /// The first row of the test.
            Test: int
        }

    /// How many values, and paths, lay inside.
    [<NoComparison; NoEquality>]
    type private Hits =
        {
            Own: float[]
            mutable Joint: float
            mutable Scenario: float
        }

    /// Counts what lay inside the bands of a column as they were at each origin of the test; errors are in standard deviations of the column, and the
    /// unit is the spread of the window before an origin.
    let private countInside
        (cuts: Cuts)
        (last: int)
        (error: int -> int -> float)
        (unit: int -> float)
        (ends: struct (float * float)[])
        (bands: ForecastBands)
        (hits: Hits)
        : unit =
        let horizon = cuts.Horizon

        let visit (origin: int) (bands: ForecastBands) =
            let unit = unit origin
            let mutable isInside = true

            for h in 0 .. horizon - 1 do
                let e, width = error origin h, bands.Widths[h] * unit

                if abs e <= width then
                    hits.Own[h] <- hits.Own[h] + 1.0

                if abs e > ForecastBands.jointWidth horizon h bands * unit then
                    isInside <- false

                let struct (low, high) = ends[h]

                if low * width <= e && e <= high * width then
                    hits.Scenario <- hits.Scenario + 1.0

            if isInside then
                hits.Joint <- hits.Joint + 1.0

        ForecastBands.follow
            (fun origin h ->
                if origin < cuts.Fitted then
                    nan
                else
                    error origin h / unit origin)
            visit
            cuts.Test
            last
            bands
        |> ignore

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
            let cut = fitted + calibration

            if
                fitted < look + horizon + ForecastFit.fewest - 1
                || calibration < horizon
                || shortest < cut + horizon
            then
                return!
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"A backtest with {fitted} rows to fit, {calibration} to calibrate and {max 0 (shortest - cut)} to test is too short for a look-back of {look} and a horizon of {horizon}"
                        $"It needs {look + horizon + ForecastFit.fewest - 1} rows to fit and {horizon} for each of the others: set LookBack or Horizon lower, or give longer trajectories"
            else
                let raw = ForecastFit.columns trajectories
                let weights = ForecastFit.weights trajectories
                let each (rows: int) = raw |> Array.map (fun _ -> rows)
                let struct (means, scales) = ForecastFit.scales (each fitted) raw
                let series = raw |> Array.map (ForecastFit.standardise means scales)

                let! driven =
                    Driven.learn options (each fitted) (ForecastFit.inputs trajectories) series

                let free, skipped = driven.Series, Driven.skipped driven

                // What is left to be chosen is chosen without the rows of the test.
                let early = free |> Array.map (Array.map (Array.truncate (cut - skipped)))
                let earlyCuts = each (fitted - skipped)
                use! chosen = ForecastFit.chosen options look weights earlyCuts early

                let struct (bands, paths) =
                    ForecastFit.bands options chosen.LookBack earlyCuts early chosen.Errors

                use map = DelayOperator.forecastMatrix chosen.Centre horizon chosen.Operator

                let sums =
                    series
                    |> Seq.mapi (fun k one -> weights[k], 0, fitted, one)
                    |> ForecastFit.sums { options with HalfLife = None } ForecastColumns.Shared look

                let! direct = DelayOperator.directMatrix chosen.Centre options.Ridge sums
                let season = season chosen.Operator look horizon fitted cut series

                let cuts =
                    {
                        Horizon = horizon
                        LookBack = look
                        Fitted = fitted
                        Test = cut
                    }

                let autoregressions =
                    Array.init means.Length (fun c ->
                        series
                        |> Array.map (fun one -> Array.truncate fitted one[c])
                        |> Autoregression.fit (min 200 (min look (fitted / 10)))
                        |> Autoregression.forecastMatrix look horizon
                        |> Tensors.ofRows look)

                let rules = naive look season
                let named = tally horizon

                let model, ridge, auto =
                    named "forecaster", named "direct ridge", named "autoregression"

                let simple = rules |> List.map (fun (name, rule) -> named name, rule)

                let hits =
                    {
                        Own = Array.zeroCreate horizon
                        Joint = 0.0
                        Scenario = 0.0
                    }

                let ends =
                    Array.init means.Length (fun c -> scenarioEnds options.Level horizon c paths)

                let testOne (k: int) : unit =
                    let last = (series[k].[0]).Length - horizon
                    let origins = [| cut..last |]

                    let errors =
                        ForecastFit.errorsBetween map chosen.Layout (fitted - skipped) 1 (last - skipped) (free[k])

                    for c in 0 .. means.Length - 1 do
                        let column = series[k][c]
                        let error = lookUp horizon fitted (errors[c])

                        let ofMap (map: Tensor) =
                            RollingOrigins.errors map 1 cut 1 last column
                            |> Array.head
                            |> lookUp horizon cut

                        count error origins model
                        count (ofMap direct) origins ridge
                        count (ofMap autoregressions[c]) origins auto

                        for tally, rule in simple do
                            count (fun o h -> column[o + h] - rule column o h) origins tally

                        let spreads =
                            RollingOrigins.spreads chosen.LookBack (fitted - skipped) (last - skipped) (free[k].[c])

                        countInside cuts last error (fun origin -> spreads[origin - fitted]) (ends[c]) (bands[c]) hits

                Array.iter testOne [| 0 .. series.Length - 1 |]

                let cases =
                    means.Length
                    * (series |> Array.sumBy (fun one -> one[0].Length - horizon - cut + 1))

                let scored = score (float cases)

                let rivals = [| yield! List.map fst simple; auto; ridge |] |> Array.map scored

                let found = scored model
                let coverage = hits.Own |> Array.map (fun hits -> hits / float cases)

                return
                    {
                        FittedRows = fitted
                        CalibrationRows = calibration
                        Origins = cases / means.Length
                        Model = found
                        Rivals = rivals
                        Coverage = coverage
                        JointCoverage = hits.Joint / float cases
                        ScenarioCoverage = hits.Scenario / float (cases * horizon)
                        Level = options.Level
                        Season = season
                        Verdict = verdict options.Level (Array.average coverage) found rivals
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
