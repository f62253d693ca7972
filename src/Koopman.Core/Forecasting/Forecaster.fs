namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>Settings of a forecaster.</summary>
type ForecastOptions =
    {
        /// <summary>
        /// L, the number of rows of the past that a forecast is made of. Default none: 512, or half of what remains of the longest trajectory without
        /// the held-out rows, if that is less.
        /// </summary>
        LookBack: int option
        /// <summary>H, the number of rows ahead that are fitted and have intervals; at least 4. Default 96.</summary>
        Horizon: int
        /// <summary>The number of modes, at most H/2. Default 24.</summary>
        Rank: int
        /// <summary>Added to the second moments of the past, relative to their mean. Default 1e-2.</summary>
        Ridge: float
        /// <summary>The value that is subtracted from a window before the regression. Default <c>Automatic</c>: by the held-out rows.</summary>
        Centre: ForecastCentre
        /// <summary>The share of values that the intervals are to contain, strictly between 0 and 1. Default .9.</summary>
        Level: float
        /// <summary>The share of rows at the end of each trajectory that calibrate the intervals, strictly between 0 and 1. Default .2, and at least H + 20 rows.</summary>
        HeldOut: float
    }

/// <summary>A forecast of d columns over some rows, with intervals.</summary>
[<NoComparison>]
type Forecast =
    {
        /// <summary>The times of the rows, in the data's unit.</summary>
        Times: float[]
        /// <summary>The forecast (rows, d), in the data's units.</summary>
        Mean: float[,]
        /// <summary>The lower ends of the intervals (rows, d); NaN beyond the horizon of the fit.</summary>
        Lower: float[,]
        /// <summary>The upper ends (rows, d); NaN beyond the horizon of the fit.</summary>
        Upper: float[,]
        /// <summary>The share of values that the intervals are to contain.</summary>
        Level: float
    }

/// What a forecaster consists of; the operator and the spectrum belong to the forecaster.
[<NoComparison; NoEquality>]
type internal ForecasterParts =
    {
        /// With a look-back and a centre that were chosen.
        Options: ForecastOptions
        LookBack: int
        Centre: ForecastCentre
        /// The share of the amplitudes that the held-out rows support; 1 unless windows are taken from their last value.
        Share: float
        Step: float
        /// Of each column.
        Means: float[]
        Scales: float[]
        Sums: WindowSums
        Operator: DelayOperator
        Bands: ForecastBands[]
        /// The last L + H rows of the last trajectory, standardised, column after column.
        Tail: float[][]
        LastTime: float
        Remarks: string[]
    }

/// <summary>
/// Forecasts by one linear operator of windows of the past, learned from many windows and shared by all columns. Its eigenvalues are the periods and
/// decay times of the data. It does not change; an update gives a new one.
/// </summary>
[<Sealed>]
type Forecaster internal (parts: ForecasterParts, propagator: Propagator, spectrum: Spectrum) =

    member internal _.Parts: ForecasterParts = parts

    /// <summary>The operator over one row, on functions of a window of one standardised column, newest value first as <c>Trajectories.delays</c> orders
    /// it. Owned by this object.</summary>
    member _.Propagator: Propagator = propagator

    /// <summary>
    /// Its spectrum: the period of a mode is 2π/|frequency|, its decay time is the timescale, both in the data's unit of time. Owned by this object.
    /// </summary>
    member _.Spectrum: Spectrum = spectrum

    /// <summary>The number of columns d.</summary>
    member _.Dimension: int = parts.Means.Length

    /// <summary>L, the number of rows of the past that a forecast is made of.</summary>
    member _.LookBack: int = parts.LookBack

    /// <summary>H, the number of rows ahead that have intervals.</summary>
    member _.Horizon: int = parts.Options.Horizon

    /// <summary>The share of values that the intervals are to contain.</summary>
    member _.Level: float = parts.Options.Level

    /// <summary>The value that is subtracted from a window, as set or as chosen.</summary>
    member _.Centre: ForecastCentre = parts.Centre

    /// <summary>The eigenvalues over one row, by rising rate, none outside the unit circle.</summary>
    member _.Eigenvalues: Complex[] = Array.copy parts.Operator.Eigenvalues

    /// <summary>The root mean square share of each eigenvalue in the forecasts, in standard deviations of a column.</summary>
    member _.Amplitudes: float[] = Array.copy parts.Operator.Sizes

    /// <summary>What is to be known of the fit, in sentences without their full stops.</summary>
    member _.Remarks: string[] = Array.copy parts.Remarks

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            parts.Operator.Dispose()
            (propagator :> IDisposable).Dispose()
            (spectrum :> IDisposable).Dispose()

    override this.ToString() : string =
        $"forecaster of {this.Dimension} column(s): {parts.Operator.Eigenvalues.Length} modes from windows of {parts.LookBack} rows, {parts.Options.Horizon} rows ahead"

/// The steps of a fit, which a backtest shares.
[<RequireQualifiedAccess>]
module internal ForecastFit =

    let check (options: ForecastOptions) : Outcome<unit> =
        Require.settings "Forecaster.defaults" {
            Require.optional (Require.atLeast 2) "LookBack" options.LookBack
            Require.atLeast 4 "Horizon" options.Horizon
            Require.atLeast 1 "Rank" options.Rank
            Require.positive "Ridge" options.Ridge
            Require.oneOf (Enum.GetValues<ForecastCentre>()) "Centre" options.Centre
            Require.inside 0.0 1.0 "Level" options.Level
            Require.inside 0.0 1.0 "HeldOut" options.HeldOut
        }

    /// The step of trajectories that can be forecast.
    let step (trajectories: Trajectories) : Outcome<float> =
        match trajectories.Step with
        | _ when trajectories.Inputs.IsSome ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The trajectories have inputs, which a forecaster does not know"
                "Use Dmd.fit on their pairs, or drop the inputs with Trajectories.withoutInputs"
        | None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The times of these trajectories are not equally spaced, so that a window has no fixed length"
                "Interpolate the states to equally spaced times first"
        | Some step -> Ok step

    /// Each trajectory column by column.
    let columns (trajectories: Trajectories) : float[][][] =
        let d = trajectories.Dimension
        let values = Tensors.toArray trajectories.States.Points

        Array.map2
            (fun start length -> Array.init d (fun c -> Array.init length (fun t -> values[(start + t) * d + c])))
            trajectories.Starts
            trajectories.Lengths

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

    /// The windows that end before a row, and begin at another or later.
    let ranges (width: int) (first: int) (until: int) (series: float[][]) : WindowRange list =
        [
            for column in series ->
                {
                    Column = column
                    First = first
                    Count = until - first - width + 1
                }
        ]

    let fitted
        (options: ForecastOptions)
        (centre: ForecastCentre)
        (share: float)
        (sums: WindowSums)
        : Outcome<DelayOperator> =
        DelayOperator.fit centre options.Rank options.Ridge sums
        |> Result.map (DelayOperator.withShare share)

    /// <summary>The errors of each trajectory and column from the rows of the fit on.</summary>
    /// <param name="map">F (L, H).</param>
    /// <param name="cuts">The first held-out row of each trajectory; at the end where there is none.</param>
    /// <param name="series">The trajectories.</param>
    let errors (map: Tensor) (cuts: int[]) (series: float[][][]) : float[][][] =
        Array.map2
            (fun cut (one: float[][]) ->
                if cut >= one[0].Length then
                    [||]
                else
                    one
                    |> Array.map (fun column -> RollingOrigins.errors map cut (column.Length - 1) column))
            cuts
            series

    let private meanSquare (errors: float[][][]) : float =
        let mutable sum, count = 0.0, 0

        for one in errors do
            for column in one do
                for e in column do
                    if not (Double.IsNaN e) then
                        sum <- sum + e * e
                        count <- count + 1

        sum / float (max 1 count)

    /// The errors of the last value, repeated, in the places of those of a forecaster.
    let private ofLastValue (horizon: int) (cuts: int[]) (series: float[][][]) (errors: float[][][]) : float[][][] =
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
                        let origin = cuts[k] + i / horizon
                        column[origin + i % horizon] - column[origin - 1])))

    /// The share s of what a forecaster adds to the last value that leaves the smallest errors e₀ - s(e₀ - e), with these; 0 if they are smaller by
    /// less than 2 % than without.
    let private supported (repeated: float[][][]) (errors: float[][][]) : struct (float * float[][][]) =
        let combine (f: float -> float -> float) =
            Array.map2 (Array.map2 (Array.map2 f)) repeated errors

        let total (f: float -> float -> float) =
            combine f
            |> Seq.collect Seq.concat
            |> Seq.filter (Double.IsNaN >> not)
            |> Seq.sum

        let best =
            total (fun e0 e -> e0 * (e0 - e))
            / max 1e-300 (total (fun e0 e -> (e0 - e) ** 2.0))

        let share = Math.Clamp(best, 0.0, 1.0)
        let shrunk = combine (fun e0 e -> e0 - share * (e0 - e))

        if meanSquare shrunk < 0.98 * meanSquare repeated then
            struct (share, shrunk)
        else
            struct (0.0, repeated)

    /// A centre, the share of the amplitudes, the operator of the first rows, and its errors on the later ones.
    [<NoComparison; NoEquality>]
    type Attempt =
        {
            Centre: ForecastCentre
            Share: float
            Operator: DelayOperator
            Errors: float[][][]
        }

        interface IDisposable with
            member this.Dispose() = this.Operator.Dispose()

    /// <summary>The operator of the first rows with its errors on the later ones, and the centre that was chosen by them. The caller disposes of it.</summary>
    let chosen (options: ForecastOptions) (sums: WindowSums) (cuts: int[]) (series: float[][][]) : Outcome<Attempt> =
        let attempt (centre: ForecastCentre) =
            fitted options centre 1.0 sums
            |> Result.map (fun operator ->
                use map = DelayOperator.forecastMatrix centre options.Horizon operator
                let errors = errors map cuts series

                let struct (share, errors) =
                    if centre = ForecastCentre.Last then
                        supported (ofLastValue options.Horizon cuts series errors) errors
                    else
                        struct (1.0, errors)

                {
                    Centre = centre
                    Share = share
                    Operator = DelayOperator.withShare share operator
                    Errors = errors
                })

        match options.Centre with
        | ForecastCentre.Automatic ->
            attempt ForecastCentre.Mean
            |> Result.bind (fun byMean ->
                match attempt ForecastCentre.Last with
                | Error error ->
                    byMean.Operator.Dispose()
                    Error error
                | Ok byLast ->
                    let isBetter = meanSquare byLast.Errors < 0.98 * meanSquare byMean.Errors
                    let kept, other = if isBetter then byLast, byMean else byMean, byLast
                    other.Operator.Dispose()
                    Ok kept)
        | centre -> attempt centre

    /// The bands of every column from the errors of all trajectories, each in units of the spread of its window.
    let bands
        (options: ForecastOptions)
        (look: int)
        (cuts: int[])
        (series: float[][][])
        (errors: float[][][])
        : ForecastBands[] =
        let relative (k: int) (c: int) =
            let column = series[k][c]
            let unit = RollingOrigins.spreads look cuts[k] (column.Length - 1) column
            errors[k][c] |> Array.mapi (fun i e -> e / unit[i / options.Horizon])

        Array.init series[0].Length (fun c ->
            [| 0 .. series.Length - 1 |]
            |> Array.filter (fun k -> errors[k].Length > 0)
            |> Array.collect (fun k -> relative k c)
            |> ForecastBands.calibrate options.Level options.Horizon)

    let tooShort (rows: int) (look: int) (options: ForecastOptions) (needed: int) : Outcome<'T> =
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

    let remarks
        (options: ForecastOptions)
        (centre: ForecastCentre)
        (share: float)
        (operator: DelayOperator)
        (constant: int)
        : string[] =
        [|
            match operator.Moved with
            | [||] -> ()
            | moved ->
                let largest = moved |> Array.map Complex.Abs |> Array.max

                $"{moved.Length} eigenvalue(s) outside the unit circle, the largest of modulus {largest:F6}, were moved onto it, so that forecasts do not grow without bound"

            if share = 0.0 then
                "nothing was better on the held-out rows than the last value repeated: the series is close to a random walk, and that is its forecast"
            elif options.Centre = ForecastCentre.Automatic && centre = ForecastCentre.Last then
                "windows are taken from their last value, which was better on the held-out rows than their mean"

            if constant > 0 then
                $"{constant} column(s) kept one value on the rows of the fit; their forecast is that value"
        |]

/// The stored description of a forecaster, apart from its tensors.
[<NoComparison; NoEquality>]
type internal ForecastHeader =
    {
        Options: ForecastOptions
        LookBack: int
        Centre: ForecastCentre
        Share: float
        Step: float
        Means: float list
        Scales: float list
        Windows: float
        LastTime: float
        Sizes: float list
        Residuals: float list
        Remarks: string[]
    }

/// <summary>
/// Forecasts of time series with intervals: a reduced-rank regression of the future of windows on their past, made invariant to shifts in time, so that
/// one operator serves all horizons. All columns, each standardised, share it.
/// </summary>
[<RequireQualifiedAccess>]
module Forecaster =

    /// <summary>A look-back of 512 rows (fewer for short data), 96 rows ahead, 24 modes, ridge 1e-2, automatic centre, level .9, a fifth held out.</summary>
    let defaults: ForecastOptions =
        {
            LookBack = None
            Horizon = 96
            Rank = 24
            Ridge = 1e-2
            Centre = ForecastCentre.Automatic
            Level = 0.9
            HeldOut = 0.2
        }

    let private create (parts: ForecasterParts) : Outcome<Forecaster> =
        match DelayOperator.model parts.Step parts.Operator with
        | Ok(struct (propagator, spectrum)) -> Ok(new Forecaster(parts, propagator, spectrum))
        | Error error ->
            parts.Operator.Dispose()
            Error error

    /// <summary>
    /// Fits a forecaster. The intervals are calibrated on forecasts from rolling origins in the last rows of each trajectory by a fit to the rows before;
    /// then those rows join the fit. Trajectories that are too short for held-out rows are only learned from. The caller disposes of it.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="trajectories">The data, equally spaced and without inputs. Forecasts continue the last trajectory.</param>
    /// <returns>
    /// A <c>TooFewSamples</c> error if the data are too short for look-back and horizon or never vary; <c>InvalidSetting</c> for settings out of range,
    /// inputs or irregular times.
    /// </returns>
    let fit (options: ForecastOptions) (trajectories: Trajectories) : Outcome<Forecaster> =
        result {
            do! ForecastFit.check options
            let! step = ForecastFit.step trajectories
            let lengths = trajectories.Lengths
            let longest = Array.max lengths

            let look =
                ForecastFit.lookBack options (longest - ForecastFit.heldOut options longest)

            let width = look + options.Horizon

            let cuts =
                lengths
                |> Array.map (fun n ->
                    let cut = n - ForecastFit.heldOut options n
                    if cut >= width + ForecastFit.fewest - 1 then cut else n)

            let last = lengths[lengths.Length - 1]

            if Array.forall2 (=) cuts lengths then
                return!
                    ForecastFit.tooShort
                        longest
                        look
                        options
                        (width + ForecastFit.fewest - 1 + ForecastFit.heldOut options longest)
            elif last < look then
                return!
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"The last trajectory, which forecasts continue, has {last} rows, fewer than the look-back of {look}"
                        "Put a longer trajectory last, or set LookBack lower"
            else
                let raw = ForecastFit.columns trajectories
                let struct (means, scales) = ForecastFit.scales cuts raw
                let series = raw |> Array.map (ForecastFit.standardise means scales)

                let sumsOf (first: int -> int) (until: int -> int) =
                    [
                        for k in 0 .. series.Length - 1 do
                            yield! ForecastFit.ranges width (first k) (until k) series[k]
                    ]
                    |> WindowSums.ofRanges look options.Horizon

                let early = sumsOf (fun _ -> 0) (fun k -> cuts[k])
                use! chosen = ForecastFit.chosen options early cuts series
                let centre, share = chosen.Centre, chosen.Share

                let sums =
                    sumsOf
                        (fun k ->
                            if cuts[k] < lengths[k] then
                                cuts[k] - width + 1
                            else
                                lengths[k])
                        (fun k -> lengths[k])
                    |> WindowSums.merge early

                let! operator = ForecastFit.fitted options centre share sums

                let constant =
                    Array.init means.Length id
                    |> Array.filter (fun c ->
                        series
                        |> Array.forall (fun one -> one[c] |> Array.forall (fun x -> x = one[c][0])))

                let final = series[series.Length - 1]

                return!
                    create
                        {
                            Options = options
                            LookBack = look
                            Centre = centre
                            Share = share
                            Step = step
                            Means = means
                            Scales = scales
                            Sums = sums
                            Operator = operator
                            Bands = ForecastFit.bands options look cuts series chosen.Errors
                            Tail = final |> Array.map (fun column -> Array.skip (max 0 (last - width)) column)
                            LastTime = Array.last trajectories.Times
                            Remarks = ForecastFit.remarks options centre share operator constant.Length
                        }
        }

    /// The forecast from a standardised window (L values of each column).
    let private ofWindow (count: int) (window: float[][]) (forecaster: Forecaster) : Forecast =
        let parts = forecaster.Parts

        let means =
            Tensors.within (fun () ->
                let map = DelayOperator.forecastMatrix parts.Centre count parts.Operator
                Tensors.toArray ((Tensors.ofRows window.Length (Array.concat window)).mm map))

        let mean (h: int) (c: int) =
            parts.Means[c] + parts.Scales[c] * means[c * count + h]

        let spreads =
            window
            |> Array.map (fun column ->
                RollingOrigins.spreads parts.LookBack parts.LookBack parts.LookBack column
                |> Array.head)

        let width (h: int) (c: int) =
            if h < parts.Options.Horizon then
                parts.Scales[c] * spreads[c] * parts.Bands[c].Widths[h]
            else
                nan

        let table (value: int -> int -> float) = Array2D.init count window.Length value

        {
            Times = Array.init count (fun h -> parts.LastTime + float (h + 1) * parts.Step)
            Mean = table mean
            Lower = table (fun h c -> mean h c - width h c)
            Upper = table (fun h c -> mean h c + width h c)
            Level = parts.Options.Level
        }

    let private lastRows (count: int) (columns: float[][]) : float[][] =
        columns |> Array.map (fun column -> Array.skip (column.Length - count) column)

    /// <summary>The forecast of the rows that follow the last one.</summary>
    /// <param name="count">The number of rows ahead, at least 1; beyond the horizon of the fit there are no intervals.</param>
    /// <param name="forecaster">The forecaster.</param>
    let forecast (count: int) (forecaster: Forecaster) : Outcome<Forecast> =
        Require.atLeast 1 "the number of rows ahead" count
        |> Result.map (fun () -> ofWindow count (lastRows forecaster.LookBack forecaster.Parts.Tail) forecaster)

    let private checkRows (fewest: int) (rows: float[,]) (forecaster: Forecaster) : Outcome<unit> =
        Require.all {
            Require.dimension forecaster.Dimension "the rows" (Array2D.length2 rows)
            |> Require.advise "Give the columns of the fit, in their order"

            if Array2D.length1 rows < fewest then
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"{Array2D.length1 rows} row(s) were given, but {fewest} are needed"
                    "Give more rows, the newest last"

            if rows |> Seq.cast<float> |> Seq.exists (Double.IsFinite >> not) then
                KoopmanError.fail ErrorKind.NotFinite "The rows contain NaN or infinity" "Remove or repair these rows"
        }

    let private standardised (rows: float[,]) (forecaster: Forecaster) : float[][] =
        Array.init (Array2D.length2 rows) (fun c -> rows[*, c])
        |> ForecastFit.standardise forecaster.Parts.Means forecaster.Parts.Scales

    /// <summary>
    /// The forecast of what follows some other rows (at least L, d), newest last, by the same operator and intervals; times count from the last of them.
    /// </summary>
    let forecastFrom (count: int) (rows: float[,]) (forecaster: Forecaster) : Outcome<Forecast> =
        Require.atLeast 1 "the number of rows ahead" count
        |> Result.bind (fun () -> checkRows forecaster.LookBack rows forecaster)
        |> Result.map (fun () ->
            let made =
                ofWindow count (lastRows forecaster.LookBack (standardised rows forecaster)) forecaster

            { made with
                Times = Array.init count (fun h -> float (h + 1) * forecaster.Parts.Step)
            })

    /// <summary>
    /// The forecaster after new rows (n, d) that follow the last one: their windows join the sums, and the operator is that of a fit to all of them, in
    /// the units of the first fit. The widths of the intervals follow the errors of the forecasts of these rows. The caller disposes of it, and of the old one.
    /// </summary>
    let update (rows: float[,]) (forecaster: Forecaster) : Outcome<Forecaster> =
        result {
            do! checkRows 1 rows forecaster
            let parts = forecaster.Parts
            let horizon, look = parts.Options.Horizon, parts.LookBack
            let width = look + horizon
            let count = Array2D.length1 rows
            let before = parts.Tail[0].Length
            let joined = Array.map2 Array.append parts.Tail (standardised rows forecaster)

            use map = DelayOperator.forecastMatrix parts.Centre horizon parts.Operator
            let first = max look (before - horizon + 1)

            let bands =
                Array.map2
                    (fun column bands ->
                        let last = (column: float[]).Length - 1
                        let errors = RollingOrigins.errors map first last column
                        let unit = RollingOrigins.spreads look first last column

                        ForecastBands.follow
                            (fun origin h ->
                                if origin < first then
                                    nan
                                else
                                    errors[(origin - first) * horizon + h] / unit[origin - first])
                            (fun _ _ -> ())
                            before
                            (before + count - 1)
                            bands)
                    joined
                    parts.Bands

            let sums =
                ForecastFit.ranges width (max 0 (before - width + 1)) (before + count) joined
                |> WindowSums.ofRanges look horizon
                |> WindowSums.merge parts.Sums

            let! operator = ForecastFit.fitted parts.Options parts.Centre parts.Share sums

            return!
                create
                    { parts with
                        Sums = sums
                        Operator = operator
                        Bands = bands
                        Tail =
                            joined
                            |> Array.map (fun column -> Array.skip (max 0 (column.Length - width)) column)
                        LastTime = parts.LastTime + float count * parts.Step
                        Remarks = ForecastFit.remarks parts.Options parts.Centre parts.Share operator 0
                    }
        }

    let private kind: string = "forecaster"

    let private header: Codec<ForecastHeader, ForecastHeader> =
        codec {
            let! look = Codec.count<ForecastHeader> "lookBack" _.LookBack
            and! horizon = Codec.count<ForecastHeader> "horizon" _.Options.Horizon
            and! rank = Codec.count<ForecastHeader> "rank" _.Options.Rank
            and! ridge = Codec.positive<ForecastHeader> "ridge" _.Options.Ridge

            and! asked =
                Codec.choice<ForecastHeader, ForecastCentre> "centreAsked" _.Options.Centre

            and! centre = Codec.choice<ForecastHeader, ForecastCentre> "centre" _.Centre
            and! share = Codec.float<ForecastHeader> "share" _.Share
            and! level = Codec.positive<ForecastHeader> "level" _.Options.Level
            and! heldOut = Codec.positive<ForecastHeader> "heldOut" _.Options.HeldOut
            and! step = Codec.positive<ForecastHeader> "step" _.Step
            and! means = Codec.floats<ForecastHeader> "means" _.Means
            and! scales = Codec.floats<ForecastHeader> "scales" _.Scales
            and! windows = Codec.positive<ForecastHeader> "windows" _.Windows
            and! lastTime = Codec.float<ForecastHeader> "lastTime" _.LastTime
            and! sizes = Codec.floats<ForecastHeader> "amplitudes" _.Sizes
            and! residuals = Codec.floats<ForecastHeader> "residuals" _.Residuals

            and! remarks =
                Codec.list (Codec.text "text" id) "remarks" (fun header -> header.Remarks)

            return
                {
                    Options =
                        {
                            LookBack = Some look
                            Horizon = horizon
                            Rank = rank
                            Ridge = ridge
                            Centre = asked
                            Level = level
                            HeldOut = heldOut
                        }
                    LookBack = look
                    Centre = centre
                    Share = share
                    Step = step
                    Means = means
                    Scales = scales
                    Windows = windows
                    LastTime = lastTime
                    Sizes = sizes
                    Residuals = residuals
                    Remarks = remarks
                }
        }

    let private headerOf (parts: ForecasterParts) : ForecastHeader =
        {
            Options = parts.Options
            LookBack = parts.LookBack
            Centre = parts.Centre
            Share = parts.Share
            Step = parts.Step
            Means = List.ofArray parts.Means
            Scales = List.ofArray parts.Scales
            Windows = parts.Sums.Windows
            LastTime = parts.LastTime
            Sizes = List.ofArray parts.Operator.Sizes
            Residuals = List.ofArray parts.Operator.Residuals
            Remarks = parts.Remarks
        }

    let private rowsOf (rows: float[][]) : Tensor =
        Tensors.ofRows rows.Length (Array.concat rows)

    /// Complex numbers as rows of real and imaginary parts.
    let private complexRows (values: Complex[]) : Tensor =
        values
        |> Array.collect (fun value -> [| value.Real; value.Imaginary |])
        |> Tensors.ofVector
        |> fun flat -> flat.reshape (int64 values.Length, 2L)

    /// <summary>Writes a forecaster to a safetensors file, which is replaced atomically.</summary>
    /// <param name="path">The file to make or replace; the ending <c>.safetensors</c> is usual.</param>
    /// <param name="forecaster">It is not changed.</param>
    /// <returns><c>UnwritableFile</c>, with the old file unchanged, if the path cannot be written.</returns>
    let save (path: string) (forecaster: Forecaster) : Outcome<unit> =
        use _ = Tensors.scope ()
        let parts = forecaster.Parts
        let operator = parts.Operator

        Checkpoint.write
            path
            kind
            1
            (Codec.write header (headerOf parts))
            [
                "sums", Tensors.ofRows (parts.LookBack + 1) parts.Sums.Products
                "encode", operator.Encode
                "step", operator.Step
                "gram", operator.Gram
                "amplitudes.real", operator.Amplitudes.real
                "amplitudes.imaginary", operator.Amplitudes.imag
                "eigenvalues", complexRows operator.Eigenvalues
                "moved", complexRows operator.Moved
                "widths", rowsOf (parts.Bands |> Array.map _.Widths)
                "gains", rowsOf (parts.Bands |> Array.map _.Gains)
                "tail", rowsOf parts.Tail
            ]

    /// <summary>Reads a forecaster from a file written by <c>save</c>; its forecasts have the same bits. The caller disposes of it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>
    /// A <c>MissingFile</c> error; <c>UnreadableFile</c> if the file is damaged, was changed, or is not of this library;
    /// <c>CheckpointMismatch</c> if it holds something else or is of a newer version.
    /// </returns>
    let load (path: string) : Outcome<Forecaster> =
        result {
            use! checkpoint = Checkpoint.readKind kind 1 path
            use _ = Tensors.scope ()
            let! stored = header.Take checkpoint.Options
            let look, horizon = int64 stored.LookBack, int64 stored.Options.Horizon
            let d = int64 stored.Means.Length

            let take (name: string) (shape: int64 list) =
                checkpoint.Tensor name
                |> Result.bind (Checkpoint.fitAs torch.float64 name shape)

            let! encode = checkpoint.Tensor "encode"
            let r = Array.last encode.shape
            let! encode = take "encode" [ look; r ]
            let m = int64 stored.Sizes.Length
            let! step = take "step" [ r; r ]
            let! gram = take "gram" [ r; r ]
            let! real = take "amplitudes.real" [ look; m + 1L ]
            let! imaginary = take "amplitudes.imaginary" [ look; m + 1L ]
            let! eigenvalues = take "eigenvalues" [ m; 2L ]
            let! moved = checkpoint.Tensor "moved"
            let! moved = take "moved" [ moved.shape[0]; 2L ]
            let! sums = take "sums" [ look + 1L; look + horizon ]
            let! widths = take "widths" [ d; horizon ]
            let! gains = take "gains" [ d; horizon ]
            let! tail = checkpoint.Tensor "tail"
            let rows = Array.last tail.shape
            let! tail = take "tail" [ d; rows ]

            let each (tensor: Tensor) =
                Tensors.toArray tensor |> Array.chunkBySize (int (Array.last tensor.shape))

            let complexes (tensor: Tensor) =
                Tensors.toArray tensor
                |> Array.chunkBySize 2
                |> Array.map (fun pair -> Complex(pair[0], pair[1]))

            if rows < look || stored.Scales.Length <> stored.Means.Length then
                return!
                    KoopmanError.fail
                        ErrorKind.CheckpointMismatch
                        "The stored forecaster has fewer rows than its look-back"
                        "The file was written by another version of the library: write it again with this one"
            else
                return!
                    create
                        {
                            Options = stored.Options
                            LookBack = stored.LookBack
                            Centre = stored.Centre
                            Share = stored.Share
                            Step = stored.Step
                            Means = Array.ofList stored.Means
                            Scales = Array.ofList stored.Scales
                            Sums =
                                {
                                    LookBack = stored.LookBack
                                    Horizon = stored.Options.Horizon
                                    Windows = stored.Windows
                                    Products = Tensors.toArray sums
                                }
                            Operator =
                                {
                                    Encode = Tensors.copy encode
                                    Step = Tensors.copy step
                                    Gram = Tensors.copy gram
                                    Amplitudes = Tensors.own (fun () -> torch.complex (real, imaginary))
                                    Eigenvalues = complexes eigenvalues
                                    Moved = complexes moved
                                    Sizes = Array.ofList stored.Sizes
                                    Residuals = Array.ofList stored.Residuals
                                }
                            Bands =
                                Array.map2
                                    (fun widths gains ->
                                        {
                                            Level = stored.Options.Level
                                            Widths = widths
                                            Gains = gains
                                        })
                                    (each widths)
                                    (each gains)
                            Tail = each tail
                            LastTime = stored.LastTime
                            Remarks = stored.Remarks
                        }
        }
