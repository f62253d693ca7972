namespace Koopman

open System
open System.Numerics
open TorchSharp

/// The steps of a fit, which the tests and the monitor of forecasters share.
[<RequireQualifiedAccess>]
module internal ForecastFit =

    let check (options: ForecastOptions) : Outcome<unit> =
        Require.settings "Forecaster.defaults" {
            Require.optional (Require.atLeast 2) "LookBack" options.LookBack
            Require.atLeast 4 "Horizon" options.Horizon
            Require.atLeast 1 "Rank" options.Rank
            Require.positive "Ridge" options.Ridge
            Require.oneOf (Enum.GetValues<ForecastCentre>()) "Centre" options.Centre
            Require.oneOf (Enum.GetValues<ForecastColumns>()) "Columns" options.Columns
            Require.oneOf (Enum.GetValues<ForecastStructure>()) "Structure" options.Structure
            Require.optional Require.positive "HalfLife" options.HalfLife
            Require.optional (Require.atLeast 0) "InputLags" options.InputLags
            Require.inside 0.0 1.0 "Level" options.Level
            Require.inside 0.0 1.0 "HeldOut" options.HeldOut

            if
                options.Periods
                |> Array.exists (fun period -> not (Double.IsFinite period && period >= 2.0))
            then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "A period is less than 2 rows, or not finite"
                    "Give Periods in rows; a day of hourly rows is 24"

            if options.Periods.Length > 0 && options.Structure = ForecastStructure.Symmetric then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "A symmetric operator has real eigenvalues, and so no periods"
                    "Leave out Periods, or choose another Structure"
        }

    /// Rows (n, d) column by column.
    let ofRows (rows: float[,]) : float[][] =
        Array.init (Array2D.length2 rows) (fun c -> rows[*, c])

    /// The end of each column.
    let lastRows (count: int) (columns: float[][]) : float[][] =
        columns |> Array.map (fun column -> Array.skip (column.Length - count) column)

    let checkFinite (what: string) (rows: float[,]) : Outcome<unit> =
        if rows |> Seq.cast<float> |> Seq.exists (Double.IsFinite >> not) then
            KoopmanError.fail ErrorKind.NotFinite $"{what} contain NaN or infinity" "Remove or repair these rows"
        else
            Ok()

    /// The step of trajectories that can be forecast.
    let step (trajectories: Trajectories) : Outcome<float> =
        match trajectories.Step with
        | None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The times of these trajectories are not equally spaced, so that a window has no fixed length"
                "If only some rows are missing, fill them with ReadOptions.Missing = Fill; else interpolate the states to equally spaced times first"
        | Some step -> Ok step

    /// The values of each trajectory column by column.
    let private byColumn (trajectories: Trajectories) (values: Tensor) : float[][][] =
        let d = int values.shape[1]
        let values = Tensors.toArray values

        Array.map2
            (fun start length -> Array.init d (fun c -> Array.init length (fun t -> values[(start + t) * d + c])))
            trajectories.Starts
            trajectories.Lengths

    /// Each trajectory column by column.
    let columns (trajectories: Trajectories) : float[][][] =
        byColumn trajectories trajectories.States.Points

    /// The inputs of each trajectory column by column; none without inputs.
    let inputs (trajectories: Trajectories) : float[][][] option =
        trajectories.Inputs |> Option.map (byColumn trajectories)

    /// The weight of each trajectory: 1 for all, unless they have weights.
    let weights (trajectories: Trajectories) : float[] =
        let each = Tensors.toArray trajectories.States.Weights
        let first = trajectories.Starts |> Array.map (fun start -> each[start])
        let mean = Array.average first
        first |> Array.map (fun weight -> weight / mean)

    /// Mean and standard deviation of each column over the first rows of each trajectory; 1 for a constant column.
    let scales (rows: int[]) (series: float[][][]) : struct (float[] * float[]) =
        let perColumn (c: int) =
            let values =
                Array.map2 (fun (one: float[][]) count -> Array.truncate count one[c]) series rows
                |> Array.concat

            let mean = Array.average values
            let spread = sqrt (values |> Array.averageBy (fun x -> (x - mean) * (x - mean)))
            mean, (if spread > 1e-12 * abs mean then spread else 1.0)

        let means, spreads = Array.init series[0].Length perColumn |> Array.unzip
        struct (means, spreads)

    let standardise (means: float[]) (scales: float[]) (series: float[][]) : float[][] =
        series
        |> Array.mapi (fun c values -> values |> Array.map (fun x -> (x - means[c]) / scales[c]))

    /// The products of pairs of columns, and their squares.
    let private products (columns: float[][]) : float[][] =
        [|
            for i in 0 .. columns.Length - 1 do
                for j in i .. columns.Length - 1 -> Array.map2 (*) columns[i] columns[j]
        |]

    /// D.
    let width (layout: ForecastColumns) (columns: int) : int =
        match layout with
        | ForecastColumns.Coupled -> columns
        | ForecastColumns.Products -> columns + columns * (columns + 1) / 2
        | _ -> 1

    /// Columns as the values of windows: each of its own (D = 1), or all of them, with their products or without, row by row.
    let arrange (layout: ForecastColumns) (columns: float[][]) : float[][] =
        let interleave (columns: float[][]) =
            let d = columns.Length
            [| Array.init (d * columns[0].Length) (fun i -> columns[i % d][i / d]) |]

        match layout with
        | ForecastColumns.Coupled -> interleave columns
        | ForecastColumns.Products -> Array.append columns (products columns) |> interleave
        | _ -> columns

    /// The share by which a window counts less than the next.
    let decay (options: ForecastOptions) : float =
        match options.HalfLife with
        | None -> 1.0
        | Some rows -> 2.0 ** (-1.0 / rows)

    /// <summary>The sums over the windows of some trajectories that begin at a row or later, and end before another.</summary>
    let sums
        (options: ForecastOptions)
        (layout: ForecastColumns)
        (look: int)
        (parts: (float * int * int * float[][]) seq)
        : WindowSums =
        let mutable d = 1

        let ranges =
            [
                for weight, first, until, columns in parts do
                    d <- width layout columns.Length

                    for values in arrange layout columns ->
                        {
                            Values = values
                            First = first
                            Count = until - first - look - options.Horizon + 1
                            Weight = weight
                        }
            ]

        WindowSums.ofRanges (decay options) look options.Horizon d ranges

    let settings (options: ForecastOptions) (centre: ForecastCentre) : DelaySettings =
        {
            Centre = centre
            Rank = options.Rank
            Ridge = options.Ridge
            Structure = options.Structure
            Periods = options.Periods
        }

    let fitted
        (options: ForecastOptions)
        (centre: ForecastCentre)
        (share: float)
        (sums: WindowSums)
        : Outcome<DelayOperator> =
        DelayOperator.fit (settings options centre) sums
        |> Result.map (DelayOperator.withShare share)

    /// The errors of each column from an origin to another.
    let errorsBetween
        (map: Tensor)
        (layout: ForecastColumns)
        (first: int)
        (stride: int)
        (last: int)
        (columns: float[][])
        : float[][] =
        arrange layout columns
        |> Array.collect (RollingOrigins.errors map (width layout columns.Length) first stride last)
        // Products are forecast too, but not asked for.
        |> Array.truncate columns.Length

    /// <summary>The errors of each trajectory and column from the rows of the fit on.</summary>
    /// <param name="map">F.</param>
    /// <param name="layout">Whose windows F takes.</param>
    /// <param name="stride">The distance of origins.</param>
    /// <param name="cuts">The first held-out row of each trajectory; at the end where there is none.</param>
    /// <param name="series">The trajectories.</param>
    let errors (map: Tensor) (layout: ForecastColumns) (stride: int) (cuts: int[]) (series: float[][][]) : float[][][] =
        Array.map2
            (fun cut (one: float[][]) ->
                let rows = one[0].Length

                if cut >= rows then
                    [||]
                else
                    errorsBetween map layout cut stride (rows - 1) one)
            cuts
            series

    /// The mean square of the errors that are known.
    let meanSquare (errors: float[][][]) : float =
        let mutable sum, count = 0.0, 0

        for one in errors do
            for column in one do
                for e in column do
                    if not (Double.IsNaN e) then
                        sum <- sum + e * e
                        count <- count + 1

        sum / float (max 1 count)

    /// The errors of the last value, repeated, in the places of those of a forecaster.
    let private ofLastValue
        (horizon: int)
        (stride: int)
        (cuts: int[])
        (series: float[][][])
        (errors: float[][][])
        : float[][][] =
        errors
        |> Array.mapi (fun k one ->
            one
            |> Array.mapi (fun c errors ->
                let column = series[k][c]

                errors
                |> Array.mapi (fun i e ->
                    if Double.IsNaN e then
                        nan
                    else
                        let origin = cuts[k] + stride * (i / horizon)
                        column[origin + i % horizon] - column[origin - 1])))

    /// The share s of what a forecaster adds to the last value that leaves the smallest errors e₀ - s(e₀ - e), with these; 0 if they are smaller by
    /// less than 2 % than without.
    let private supported (repeated: float[][][]) (errors: float[][][]) : struct (float * float[][][]) =
        let mutable along, square = 0.0, 0.0

        Array.iter2
            (Array.iter2 (
                Array.iter2 (fun e0 e ->
                    if not (Double.IsNaN e) then
                        along <- along + e0 * (e0 - e)
                        square <- square + (e0 - e) * (e0 - e))
            ))
            repeated
            errors

        let share = Math.Clamp(along / max 1e-300 square, 0.0, 1.0)

        let shrunk =
            Array.map2 (Array.map2 (Array.map2 (fun e0 e -> e0 - share * (e0 - e)))) repeated errors

        if meanSquare shrunk < 0.98 * meanSquare repeated then
            struct (share, shrunk)
        else
            struct (0.0, repeated)

    /// The look-back of a layout: windows of several columns have at most 512 values.
    let layoutLookBack (layout: ForecastColumns) (look: int) (columns: int) : int =
        match width layout columns with
        | 1 -> look
        | d -> Math.Clamp(512 / d, 2, look)

    /// The most values of a future of several columns that are tried without being asked for: more take long to fit.
    let private mostValues: int = 1500

    /// The most columns of a window that are tried without being asked for.
    let private mostColumns: int = 64

    /// The layouts that are tried.
    let layouts (options: ForecastOptions) (columns: int) : ForecastColumns list =
        match options.Columns with
        | ForecastColumns.Automatic ->
            let isTried (layout: ForecastColumns) =
                let d = width layout columns
                d > 1 && d <= mostColumns && d * options.Horizon <= mostValues

            ForecastColumns.Shared
            :: ([ ForecastColumns.Coupled; ForecastColumns.Products ] |> List.filter isTried)
        | ForecastColumns.Coupled when columns = 1 -> [ ForecastColumns.Shared ]
        | asked -> [ asked ]

    /// The most origins that choices are made by.
    let private mostOrigins: int = 400

    /// The number of windows for each of their values above which the ridge stays as it was set.
    let private windowsPerValue: float = 30.0

    /// How often the ridge is raised tenfold, at most.
    let private ridgeRungs: int = 4

    /// Whose windows, a centre, a ridge, the share of the amplitudes, the operator of the first rows, and its errors on the later ones.
    [<NoComparison; NoEquality>]
    type Attempt =
        {
            Layout: ForecastColumns
            LookBack: int
            Centre: ForecastCentre
            Ridge: float
            Share: float
            Sums: WindowSums
            Operator: DelayOperator
            /// From every origin, once it is chosen.
            Errors: float[][][]
        }

        interface IDisposable with
            member this.Dispose() = this.Operator.Dispose()

    /// <summary>
    /// Whether the level of the columns over the first half of the rows of the fit is the better centre for the second half too: one held-out part may be
    /// close to the level of the rest by chance.
    /// </summary>
    let private keepsLevel
        (options: ForecastOptions)
        (look: int)
        (weights: float[])
        (cuts: int[])
        (series: float[][][])
        : bool =
        let known =
            series |> Array.mapi (fun k one -> one |> Array.map (Array.truncate cuts[k]))

        let halves = cuts |> Array.map (fun cut -> cut / 2)
        let struct (means, scales) = scales halves known
        let known = known |> Array.map (standardise means scales)
        let stride = max 1 (Array.sum halves / mostOrigins)

        let sums =
            known
            |> Seq.mapi (fun k one -> weights[k], 0, halves[k], one)
            |> sums options ForecastColumns.Shared look

        let score (centre: ForecastCentre) =
            fitted options centre 1.0 sums
            |> Result.map (fun operator ->
                use operator = operator
                use map = DelayOperator.forecastMatrix centre options.Horizon operator

                errors map ForecastColumns.Shared stride (halves |> Array.map (max look)) known
                |> meanSquare)

        match score ForecastCentre.Level, score ForecastCentre.Mean with
        | Ok level, Ok mean -> sums.Windows >= 20.0 && level < 0.98 * mean
        | _ -> false

    /// <summary>The operator of the first rows with its errors on the later ones; what was left to be chosen is chosen by them. The caller disposes of it.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="look">L.</param>
    /// <param name="weights">The weight of each trajectory.</param>
    /// <param name="cuts">The first held-out row of each trajectory; at the end where there is none.</param>
    /// <param name="series">The trajectories, standardised.</param>
    let chosen
        (options: ForecastOptions)
        (look: int)
        (weights: float[])
        (cuts: int[])
        (series: float[][][])
        : Outcome<Attempt> =
        let d = series[0].Length

        let centres =
            match options.Centre with
            | ForecastCentre.Automatic when keepsLevel options look weights cuts series ->
                [ ForecastCentre.Mean; ForecastCentre.Last; ForecastCentre.Level ]
            | ForecastCentre.Automatic -> [ ForecastCentre.Mean; ForecastCentre.Last ]
            | centre -> [ centre ]

        let heldOut =
            Array.map2 (fun (one: float[][]) cut -> one[0].Length - cut) series cuts

        let stride = max 1 (Array.sum heldOut / mostOrigins)

        let errorsAt
            (stride: int)
            (layout: ForecastColumns)
            (centre: ForecastCentre)
            (share: float)
            (operator: DelayOperator)
            =
            use map = DelayOperator.forecastMatrix centre options.Horizon operator
            let errors = errors map layout stride cuts series

            if centre = ForecastCentre.Last then
                let repeated = ofLastValue options.Horizon stride cuts series errors

                if Double.IsNaN share then
                    supported repeated errors
                else
                    struct (share,
                            Array.map2 (Array.map2 (Array.map2 (fun e0 e -> e0 - share * (e0 - e)))) repeated errors)
            else
                struct (1.0, errors)

        let attemptWith
            (ridge: float)
            (layout: ForecastColumns)
            (look: int)
            (sums: WindowSums)
            (centre: ForecastCentre)
            =
            fitted { options with Ridge = ridge } centre 1.0 sums
            |> Result.map (fun operator ->
                let struct (share, errors) = errorsAt stride layout centre nan operator

                {
                    Layout = layout
                    LookBack = look
                    Centre = centre
                    Ridge = ridge
                    Share = share
                    Sums = sums
                    Operator = operator
                    Errors = errors
                })

        /// Few windows are learned by heart: the ridge is raised as long as that pays.
        let rec raised (rungs: int) (current: Attempt) : Attempt =
            let values = float (current.LookBack * current.Sums.Columns)

            // With forgetting, the rows before the held-out ones may be of another system.
            if
                rungs = 0
                || options.HalfLife.IsSome
                || current.Sums.Windows > windowsPerValue * values
            then
                current
            else
                match
                    attemptWith (10.0 * current.Ridge) current.Layout current.LookBack current.Sums current.Centre
                with
                | Ok next when meanSquare next.Errors < 0.98 * meanSquare current.Errors ->
                    current.Operator.Dispose()
                    raised (rungs - 1) next
                | Ok next ->
                    next.Operator.Dispose()
                    current
                | Error _ -> current

        let attempt (layout: ForecastColumns) (look: int) (sums: WindowSums) (centre: ForecastCentre) =
            attemptWith options.Ridge layout look sums centre
            |> Result.map (raised ridgeRungs)

        /// With the errors from every origin, and its share of the amplitudes.
        let complete (attempt: Attempt) =
            let errors =
                if stride = 1 then
                    attempt.Errors
                else
                    let struct (_, errors) =
                        errorsAt 1 attempt.Layout attempt.Centre attempt.Share attempt.Operator

                    errors

            { attempt with
                Operator = DelayOperator.withShare attempt.Share attempt.Operator
                Errors = errors
            }

        let better (current: Outcome<Attempt> option) (next: Outcome<Attempt>) =
            match current, next with
            | None, next -> next
            | Some(Error error), Error _ -> Error error
            | Some(Ok current), Error error ->
                // Coupled columns may fail where each alone can be forecast.
                if options.Columns = ForecastColumns.Automatic then
                    Ok current
                else
                    current.Operator.Dispose()
                    Error error
            | Some(Error error), Ok next ->
                next.Operator.Dispose()
                Error error
            | Some(Ok current), Ok next ->
                let isBetter = meanSquare next.Errors < 0.98 * meanSquare current.Errors
                let kept, other = if isBetter then next, current else current, next
                other.Operator.Dispose()
                Ok kept

        let mutable best: Outcome<Attempt> option = None

        for layout in layouts options d do
            let look = layoutLookBack layout look d

            let sums =
                series
                |> Seq.mapi (fun k one -> weights[k], 0, cuts[k], one)
                |> sums options layout look

            // The centre that is best for columns of their own is that of coupled ones too.
            let centres =
                match best with
                | Some(Ok current) -> [ current.Centre ]
                | _ -> centres

            for centre in centres do
                best <- Some(better best (attempt layout look sums centre))

        best.Value |> Result.map complete

    /// The bands of every column from the errors of all trajectories, each in units of the spread of its window.
    let private relative
        (options: ForecastOptions)
        (look: int)
        (cuts: int[])
        (series: float[][][])
        (errors: float[][][])
        : float[][][] =
        errors
        |> Array.mapi (fun k one ->
            one
            |> Array.mapi (fun c errors ->
                let column = series[k][c]
                let unit = RollingOrigins.spreads look cuts[k] (column.Length - 1) column
                let result: float[] = Array.zeroCreate errors.Length

                for i in 0 .. unit.Length - 1 do
                    for at in i * options.Horizon .. (i + 1) * options.Horizon - 1 do
                        result[at] <- errors[at] / unit[i]

                result))

    /// The most paths of errors that are kept for scenarios.
    let private mostPaths: int = 200

    /// <summary>
    /// The bands of every column from the errors of all trajectories, each in units of the spread of its window; and whole paths (count, d, H) of these
    /// errors in units of the widths, of origins spread evenly.
    /// </summary>
    let bands
        (options: ForecastOptions)
        (look: int)
        (cuts: int[])
        (series: float[][][])
        (errors: float[][][])
        : struct (ForecastBands[] * float[][]) =
        let d, horizon = series[0].Length, options.Horizon
        let relative = relative options look cuts series errors
        let heldOut = relative |> Array.filter (fun one -> one.Length > 0)

        let bands =
            Array.init d (fun c ->
                heldOut
                |> Array.collect (fun one -> one[c])
                |> ForecastBands.calibrate options.Level horizon)

        let whole =
            [|
                for one in heldOut do
                    for i in 0 .. one[0].Length / horizon - 1 do
                        if not (Double.IsNaN(one[0].[i * horizon + horizon - 1])) then
                            one, i
            |]

        let count = min mostPaths whole.Length

        let path (k: int) =
            let one, i = whole[k * whole.Length / count]

            Array.init (d * horizon) (fun j ->
                let c, h = j / horizon, j % horizon
                let width = bands[c].Widths[h]
                if width > 0.0 then one[c][i * horizon + h] / width else 0.0)

        struct (bands, Array.init count path)

    let private tooShort (rows: int) (look: int) (options: ForecastOptions) (needed: int) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.TooFewSamples
            $"The longest trajectory has {rows} rows, but a look-back of {look} and a horizon of {options.Horizon} need {needed}: windows to learn from, and later rows to calibrate the intervals"
            "Set LookBack or Horizon lower, or give longer trajectories"

    /// The rows that are held out of n.
    let heldOut (options: ForecastOptions) (n: int) : int =
        max (int (Math.Ceiling(options.HeldOut * float n))) (options.Horizon + 20)

    /// The look-back, as set or by the number of rows of the fit.
    let lookBack (options: ForecastOptions) (rows: int) : int =
        options.LookBack
        |> Option.defaultWith (fun () -> Math.Clamp((rows - options.Horizon) / 2, 2, 512))

    /// The fewest windows that a fit makes do with.
    let fewest: int = 20

    /// The look-back, and the first held-out row of each trajectory; its number of rows for one that is too short to hold any out.
    let split (options: ForecastOptions) (lengths: int[]) : Outcome<struct (int * int[])> =
        let longest = Array.max lengths
        let look = lookBack options (longest - heldOut options longest)
        let needed = look + options.Horizon + fewest - 1

        let cuts =
            lengths
            |> Array.map (fun n ->
                let cut = n - heldOut options n
                if cut >= needed then cut else n)

        let errors =
            Array.map2 (fun n cut -> max 0 (n - cut - options.Horizon + 1)) lengths cuts
            |> Array.sum

        if Array.forall2 (=) cuts lengths then
            tooShort longest look options (needed + heldOut options longest)
        elif not (ForecastBands.isReached options.Level errors) then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"Intervals at the level {options.Level} need {ForecastBands.fewest options.Level} forecasts of held-out rows to the horizon, but there are {errors}"
                "Set Level or Horizon lower, or HeldOut higher, or give more rows"
        else
            Ok(struct (look, cuts))

    let remarks
        (options: ForecastOptions)
        (layout: ForecastColumns)
        (centre: ForecastCentre)
        (share: float)
        (operator: DelayOperator)
        (effect: InputEffect option)
        (constant: int)
        : string[] =
        [|
            match operator.Moved with
            | _ when options.Structure = ForecastStructure.MeasurePreserving ->
                "all eigenvalues were moved onto the unit circle, as the operator is said to keep the measure"
            | [||] -> ()
            | moved ->
                let largest = moved |> Array.map Complex.Abs |> Array.max

                $"{moved.Length} eigenvalue(s) outside the unit circle, the largest of modulus {largest:F6}, were moved onto it, so that forecasts do not grow without bound"

            if options.Columns = ForecastColumns.Automatic then
                match layout with
                | ForecastColumns.Coupled ->
                    $"every column is forecast from the last {operator.LookBack} rows of all columns, which was better on the held-out rows than from its own alone"
                | ForecastColumns.Products when operator.Columns = 2 ->
                    $"the column is forecast from its last {operator.LookBack} rows and their squares, which was better on the held-out rows than without squares"
                | ForecastColumns.Products ->
                    $"every column is forecast from the last {operator.LookBack} rows of all columns and their products, which was better on the held-out rows than without products"
                | _ -> ()

            if share = 0.0 then
                "nothing was better on the held-out rows than the last value repeated, as for a random walk: that is the forecast"
            elif options.Centre = ForecastCentre.Automatic && centre = ForecastCentre.Last then
                "windows are taken from their last value, which was better on the held-out rows than their mean"
            elif options.Centre = ForecastCentre.Automatic && centre = ForecastCentre.Level then
                "windows are taken from the mean of their column over the fit, which was better on the held-out rows than their own mean"

            match effect with
            | None -> ()
            | Some effect ->
                let past =
                    if effect.Lags = 0 then
                        ""
                    else
                        $" and their last {effect.Lags} row(s)"

                $"the inputs{past} account for {100.0 * effect.Explained:F1} %% of the variance of the columns"

            if constant > 0 then
                $"{constant} column(s) kept one value on the rows of the fit; their forecast is that value"
        |]
