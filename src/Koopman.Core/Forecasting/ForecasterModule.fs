namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>What one mode, or a conjugate pair, adds to a forecast.</summary>
[<NoComparison>]
type ForecastMode =
    {
        /// <summary>λ over one row; of a pair the one with the positive imaginary part. The level, to which a forecast returns, has 1.</summary>
        Eigenvalue: Complex
        /// <summary>2π/|arg λ|, in the data's unit of time; infinite for real positive λ.</summary>
        Period: float
        /// <summary>-1/log |λ|, in the data's unit of time; infinite on the unit circle.</summary>
        DecayTime: float
        /// <summary>The root mean square share in the forecasts, in standard deviations of a column; NaN for the level.</summary>
        Amplitude: float
        /// <summary>‖φ(w') - λφ(w)‖/‖φ(w)‖ for windows w' one row after w; NaN for the level.</summary>
        Residual: float
        /// <summary>What it adds to the forecast (rows, d), in the data's units.</summary>
        Curve: float[,]
    }

/// <summary>
/// Forecasts of time series with intervals: a reduced-rank regression of the future of windows on their past, made invariant to shifts in time, so that
/// one operator serves all horizons. Each column is forecast from its own window, with one regression for all, or from the windows of all columns.
/// Inputs whose future is known add to the columns linearly.
/// </summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Forecaster =

    /// <summary>
    /// A look-back of 512 rows (fewer for short data), 96 rows ahead, 24 modes, ridge 1e-2, centre and columns automatic, no structure, no periods, no
    /// forgetting, level .9, a fifth held out.
    /// </summary>
    let defaults: ForecastOptions =
        {
            LookBack = None
            Horizon = 96
            Rank = 24
            Ridge = 1e-2
            Centre = ForecastCentre.Automatic
            Columns = ForecastColumns.Automatic
            Structure = ForecastStructure.Free
            Periods = [||]
            HalfLife = None
            InputLags = None
            Level = 0.9
            HeldOut = 0.2
        }

    /// <summary>
    /// Fits a forecaster. The intervals are calibrated on forecasts from rolling origins in the last rows of each trajectory by a fit to the rows before;
    /// then those rows join the fit. Trajectories that are too short for held-out rows are only learned from. The caller disposes of it.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="trajectories">
    /// The data, equally spaced. Forecasts continue the last trajectory. A row of inputs may act on the state of its own row and on later ones, so that it
    /// must be given for the last row too.
    /// </param>
    /// <returns>
    /// A <c>TooFewSamples</c> error if the data are too short for look-back and horizon or never vary; <c>InvalidSetting</c> for settings out of range
    /// or irregular times.
    /// </returns>
    let fit (options: ForecastOptions) (trajectories: Trajectories) : Outcome<Forecaster> =
        result {
            do! ForecastFit.check options
            let! step = ForecastFit.step trajectories
            let lengths = trajectories.Lengths
            let! struct (look, cuts) = ForecastFit.split options lengths
            let last = lengths[lengths.Length - 1]

            if last < look then
                return!
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"The last trajectory, which forecasts continue, has {last} rows, fewer than the look-back of {look}"
                        "Put a longer trajectory last, or set LookBack lower"
            else
                let raw = ForecastFit.columns trajectories
                let weights = ForecastFit.weights trajectories
                let struct (means, scales) = ForecastFit.scales cuts raw
                let standard = raw |> Array.map (ForecastFit.standardise means scales)
                let! early = Driven.learn options cuts (ForecastFit.inputs trajectories) standard

                use! chosen =
                    ForecastFit.chosen options look weights (Driven.cuts early cuts) early.Series

                let options = { options with Ridge = chosen.Ridge }
                let layout, look = chosen.Layout, chosen.LookBack

                let struct (bands, paths) =
                    ForecastFit.bands options look (Driven.cuts early cuts) early.Series chosen.Errors

                // Known inputs are learned again from all rows; without them the sums only grow.
                let! all = Driven.learn options lengths (ForecastFit.inputs trajectories) standard
                let series = all.Series
                let width = look + options.Horizon

                let parts (first: int -> int) =
                    series |> Seq.mapi (fun k one -> weights[k], first k, one[0].Length, one)

                let sums =
                    match all.Effect with
                    | Some _ -> parts (fun _ -> 0) |> ForecastFit.sums options layout look
                    | None ->
                        parts (fun k ->
                            if cuts[k] < lengths[k] then
                                cuts[k] - width + 1
                            else
                                lengths[k])
                        |> ForecastFit.sums options layout look
                        |> WindowSums.merge
                            (ForecastFit.decay options ** float (last - cuts[cuts.Length - 1]))
                            chosen.Sums

                let! operator = ForecastFit.fitted options chosen.Centre chosen.Share sums

                let constant =
                    Array.init means.Length id
                    |> Array.filter (fun c ->
                        standard
                        |> Array.forall (fun one -> one[c] |> Array.forall (fun x -> x = one[c][0])))

                let final = series[series.Length - 1]

                return!
                    Forecaster.Create
                        {
                            Options = options
                            Layout = layout
                            LookBack = look
                            Centre = chosen.Centre
                            Share = chosen.Share
                            Step = step
                            Means = means
                            Scales = scales
                            Sums = sums
                            Operator = operator
                            Bands = bands
                            Paths = paths
                            Tail = final |> ForecastFit.lastRows (min final[0].Length (look + options.Horizon))
                            LastTime = Array.last trajectories.Times
                            Effect = all.Effect
                            InputTail = Driven.tail all
                            Constant = constant.Length
                        }
        }

    let private table (values: float[][]) : float[,] =
        Array2D.init values[0].Length values.Length (fun h c -> values[c][h])

    /// The window (D blocks of LD values) that a forecast of some columns is made of.
    let private windows (parts: ForecasterParts) (columns: float[][]) : Tensor =
        let blocks =
            ForecastFit.lastRows parts.LookBack columns |> ForecastFit.arrange parts.Layout

        Tensors.ofRows blocks.Length (Array.concat blocks)

    /// Row by row of D columns, for every window, as columns; products, which come last, are left out.
    let private asColumns (columns: int) (d: int) (count: int) (values: Tensor) : float[][] =
        let all = Tensors.toArray values

        Array.init columns (fun c -> Array.init count (fun h -> all[(c / d) * count * d + h * d + c % d]))

    /// The forecast from standardised columns without the effect of inputs, and that effect (d columns of count values).
    let private ofColumns
        (first: float)
        (count: int)
        (columns: float[][])
        (effect: float[][] option)
        (forecaster: Forecaster)
        : Forecast =
        let parts = forecaster.Parts
        let horizon, d = parts.Options.Horizon, parts.Operator.Columns

        let means =
            Tensors.within (fun () ->
                let map =
                    if count <= horizon then
                        forecaster.Map
                    else
                        DelayOperator.forecastMatrix parts.Centre count parts.Operator

                (windows parts columns).mm map |> asColumns columns.Length d (max count horizon))
            |> Array.mapi (fun c column ->
                Array.truncate count column
                |> Array.mapi (fun h x ->
                    let added = effect |> Option.map (fun each -> each[c][h]) |> Option.defaultValue 0.0
                    parts.Means[c] + parts.Scales[c] * (x + added)))
            |> table

        let units =
            ForecastFit.lastRows parts.LookBack columns
            |> Array.mapi (fun c column ->
                parts.Scales[c]
                * Array.head (RollingOrigins.spreads parts.LookBack parts.LookBack parts.LookBack column))

        let around (sign: float) (width: ForecastBands -> int -> float) =
            means
            |> Array2D.mapi (fun h c mean ->
                if h < horizon then
                    mean + sign * units[c] * width parts.Bands[c] h
                else
                    nan)

        let own (bands: ForecastBands) (h: int) = bands.Widths[h]
        let joint (bands: ForecastBands) (h: int) = ForecastBands.jointWidth count h bands

        {
            Times = Array.init count (fun h -> first + float (h + 1) * parts.Step)
            Mean = means
            Lower = around -1.0 own
            Upper = around 1.0 own
            JointLower = around -1.0 joint
            JointUpper = around 1.0 joint
            Level = parts.Options.Level
        }

    let private checkInputs (rows: int option) (inputs: float[,]) (forecaster: Forecaster) : Outcome<unit> =
        Require.all {
            if forecaster.InputCount = 0 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "The forecaster was fitted without inputs"
                    "Fit it to trajectories with inputs, or leave the inputs out"

            if Array2D.length2 inputs <> forecaster.InputCount then
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"{Array2D.length2 inputs} inputs were given, but the fit had {forecaster.InputCount}"
                    "Give the inputs of the fit, in their order"

            match rows with
            | Some rows when Array2D.length1 inputs <> rows ->
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"{Array2D.length1 inputs} rows of inputs were given for {rows} rows"
                    "Give one row of inputs for each row"
            | _ -> ()

            ForecastFit.checkFinite "The inputs" inputs
        }

    let private withoutInputs (instead: string) (forecaster: Forecaster) : Outcome<unit> =
        if forecaster.InputCount > 0 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The forecaster has {forecaster.InputCount} input(s), whose values in these rows must be known"
                instead
        else
            Ok()

    /// The effect of inputs that follow the last row.
    let private effectOf (inputs: float[,]) (parts: ForecasterParts) : float[][] option =
        parts.Effect
        |> Option.map (fun effect ->
            let all = Array.map2 Array.append parts.InputTail (ForecastFit.ofRows inputs)
            Array.init parts.Means.Length (fun c -> InputEffect.values effect c all))

    /// <summary>The forecast of the rows that follow the last one.</summary>
    /// <param name="count">The number of rows ahead, at least 1; beyond the horizon of the fit there are no intervals.</param>
    /// <param name="forecaster">The forecaster.</param>
    /// <returns><c>InvalidSetting</c> for a forecaster with inputs, which <c>forecastGiven</c> takes.</returns>
    let forecast (count: int) (forecaster: Forecaster) : Outcome<Forecast> =
        Require.all {
            Require.atLeast 1 "the number of rows ahead" count

            withoutInputs
                "Forecast with Forecaster.forecastGiven and the inputs of the coming rows (Forecast(inputs) in C#)"
                forecaster
        }
        |> Result.map (fun () ->
            let parts = forecaster.Parts
            ofColumns parts.LastTime count parts.Tail None forecaster)

    /// <summary>The forecast of the rows that follow the last one, whose inputs are known.</summary>
    /// <param name="inputs">The inputs (rows ahead, p), in the data's units.</param>
    /// <param name="forecaster">A forecaster that was fitted with inputs.</param>
    let forecastGiven (inputs: float[,]) (forecaster: Forecaster) : Outcome<Forecast> =
        Require.all {
            checkInputs None inputs forecaster
            Require.atLeast 1 "the number of rows of inputs" (Array2D.length1 inputs)
        }
        |> Result.map (fun () ->
            let parts = forecaster.Parts
            ofColumns parts.LastTime (Array2D.length1 inputs) parts.Tail (effectOf inputs parts) forecaster)

    let private checkRows (fewest: int) (rows: float[,]) (forecaster: Forecaster) : Outcome<unit> =
        Require.all {
            Require.dimension forecaster.Dimension "the rows" (Array2D.length2 rows)
            |> Require.advise "Give the columns of the fit, in their order"

            if Array2D.length1 rows < fewest then
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"{Array2D.length1 rows} row(s) were given, but {fewest} are needed"
                    "Give more rows, the newest last"

            ForecastFit.checkFinite "The rows" rows
        }

    let private standardised (rows: float[,]) (forecaster: Forecaster) : float[][] =
        ForecastFit.ofRows rows
        |> ForecastFit.standardise forecaster.Parts.Means forecaster.Parts.Scales

    /// <summary>
    /// The forecast of what follows some other rows (at least L, d), newest last, by the same operator and intervals; times count from the last of them.
    /// </summary>
    let forecastFrom (count: int) (rows: float[,]) (forecaster: Forecaster) : Outcome<Forecast> =
        Require.all {
            Require.atLeast 1 "the number of rows ahead" count
            withoutInputs "Update the forecaster with the rows and their inputs, and forecast from there" forecaster
            checkRows forecaster.LookBack rows forecaster
        }
        |> Result.map (fun () -> ofColumns 0.0 count (standardised rows forecaster) None forecaster)

    /// The forecaster after standardised columns without the effect of inputs, and the rows of inputs that go with them.
    let private follow (columns: float[][]) (inputTail: float[][]) (forecaster: Forecaster) : Outcome<Forecaster> =
        result {
            let parts = forecaster.Parts
            let horizon, look = parts.Options.Horizon, parts.LookBack
            let width = look + horizon
            let before, count = parts.Tail[0].Length, columns[0].Length
            let joined = Array.map2 Array.append parts.Tail columns
            let first = max look (before - horizon + 1)
            let last = before + count - 1

            let errors =
                ForecastFit.errorsBetween forecaster.Map parts.Layout first 1 last joined

            let bands =
                Array.map3
                    (fun column (errors: float[]) bands ->
                        let unit = RollingOrigins.spreads look first last column

                        ForecastBands.follow
                            (fun origin h ->
                                if origin < first then
                                    nan
                                else
                                    errors[(origin - first) * horizon + h] / unit[origin - first])
                            (fun _ _ -> ())
                            before
                            last
                            bands)
                    joined
                    errors
                    parts.Bands

            let sums =
                [ 1.0, max 0 (before - width + 1), before + count, joined ]
                |> ForecastFit.sums parts.Options parts.Layout look
                |> WindowSums.merge (ForecastFit.decay parts.Options ** float count) parts.Sums

            let! operator = ForecastFit.fitted parts.Options parts.Centre parts.Share sums

            return!
                Forecaster.Create
                    { parts with
                        Sums = sums
                        Operator = operator
                        Bands = bands
                        Tail = joined |> ForecastFit.lastRows (min (before + count) width)
                        LastTime = parts.LastTime + float count * parts.Step
                        InputTail = inputTail
                        Constant = 0
                    }
        }

    /// <summary>
    /// The forecaster after new rows (n, d) that follow the last one: their windows join the sums, and the operator is that of a fit to all of them, in
    /// the units of the first fit; with a half-life, older windows count less. The widths of the intervals follow the errors of the forecasts of these
    /// rows. The caller disposes of it, and of the old one.
    /// </summary>
    let update (rows: float[,]) (forecaster: Forecaster) : Outcome<Forecaster> =
        Require.all {
            withoutInputs
                "Update with Forecaster.updateGiven and the inputs of these rows (Update(inputs, rows) in C#)"
                forecaster

            checkRows 1 rows forecaster
        }
        |> Result.bind (fun () -> follow (standardised rows forecaster) [||] forecaster)

    /// <summary>As <c>update</c>, for rows (n, d) whose inputs (n, p) are known. The effect of the inputs stays as it was fitted.</summary>
    let updateGiven (inputs: float[,]) (rows: float[,]) (forecaster: Forecaster) : Outcome<Forecaster> =
        Require.all {
            checkInputs (Some(Array2D.length1 rows)) inputs forecaster
            checkRows 1 rows forecaster
        }
        |> Result.bind (fun () ->
            let parts = forecaster.Parts
            let columns = standardised rows forecaster

            match effectOf inputs parts, parts.Effect with
            | Some added, Some effect ->
                let tail =
                    Array.map2 Array.append parts.InputTail (ForecastFit.ofRows inputs)
                    |> ForecastFit.lastRows effect.Lags

                follow (Array.map2 (Array.map2 (-)) columns added) tail forecaster
            | _ -> follow columns [||] forecaster)

    /// <summary>
    /// Futures that a forecast allows: whole paths of past errors, drawn with repetition and added to it, so that rows and columns depend on each other as
    /// the errors did. They are scaled as the intervals of the forecast are.
    /// </summary>
    /// <param name="count">The number of futures.</param>
    /// <param name="seed">The draws.</param>
    /// <param name="forecast">A forecast of this forecaster, at most to its horizon.</param>
    /// <param name="forecaster">The forecaster.</param>
    /// <returns>(count, rows, d), in the data's units.</returns>
    let scenarios (count: int) (seed: Seed) (forecast: Forecast) (forecaster: Forecaster) : Outcome<float[,,]> =
        let rows, d = Array2D.length1 forecast.Mean, Array2D.length2 forecast.Mean
        let horizon = forecaster.Horizon

        Require.all {
            Require.atLeast 1 "the number of scenarios" count

            if d <> forecaster.Dimension then
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"The forecast has {d} columns, but the forecaster {forecaster.Dimension}"
                    "Give a forecast of this forecaster"

            if rows > horizon then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"The forecast has {rows} rows, but errors are known for {horizon}"
                    "Forecast fewer rows, or fit with a larger Horizon"
        }
        |> Result.map (fun () ->
            let paths = forecaster.Parts.Paths

            let draws =
                Tensors.within (fun () -> Seed.uniform [| int64 count |] seed |> Tensors.toArray)
                |> Array.map (fun u -> int (u * float paths.Length))

            Array3D.init count rows d (fun i h c ->
                forecast.Mean[h, c]
                + (forecast.Upper[h, c] - forecast.Mean[h, c]) * paths[draws[i]][c * horizon + h]))

    /// <summary>
    /// What each mode adds to the forecast of the rows that follow the last one, without the effect of inputs: pairs by falling amplitude, then the level.
    /// The curves add up to the forecast.
    /// </summary>
    /// <param name="count">The number of rows ahead, at least 1.</param>
    /// <param name="forecaster">The forecaster.</param>
    let modes (count: int) (forecaster: Forecaster) : Outcome<ForecastMode[]> =
        Require.atLeast 1 "the number of rows ahead" count
        |> Result.map (fun () ->
            let parts = forecaster.Parts
            let operator = parts.Operator
            let m = operator.Eigenvalues.Length

            // Of each column: modes by rows, and the centre of its window.
            let shares, centre =
                Tensors.within (fun () ->
                    let windows = windows parts parts.Tail

                    let shares =
                        Array.init forecaster.Dimension (fun c ->
                            let window, c =
                                if operator.Columns = 1 then
                                    windows[int64 c], 0
                                else
                                    windows[0L], c

                            (DelayOperator.contributions count c window operator).real |> Tensors.toArray)

                    shares, DelayOperator.centre parts.Centre windows operator)

            let curve (factor: float) (j: int) =
                Array2D.init count forecaster.Dimension (fun h c ->
                    factor * parts.Scales[c] * shares[c][j * count + h])

            let ofEigenvalue (j: int) =
                let value = operator.Eigenvalues[j]
                let size = Complex.Abs value
                let angle = abs value.Phase

                {
                    Eigenvalue = value
                    Period =
                        if angle = 0.0 then
                            infinity
                        else
                            2.0 * Math.PI / angle * parts.Step
                    DecayTime =
                        if size > 1.0 - 1e-9 then
                            infinity
                        else
                            -parts.Step / log size
                    Amplitude = operator.Sizes[j]
                    Residual = operator.Residuals[j]
                    Curve = curve (if value.Imaginary > 0.0 then 2.0 else 1.0) j
                }

            let level =
                {
                    Eigenvalue = Complex.One
                    Period = infinity
                    DecayTime = infinity
                    Amplitude = nan
                    Residual = nan
                    Curve =
                        curve 1.0 m
                        |> Array2D.mapi (fun _ c x -> parts.Means[c] + parts.Scales[c] * centre[c] + x)
                }

            let pairs =
                [| 0 .. m - 1 |]
                |> Array.filter (fun j -> operator.Eigenvalues[j].Imaginary >= 0.0)
                |> Array.map ofEigenvalue
                |> Array.sortByDescending _.Amplitude

            Array.append pairs [| level |])

    /// <summary>Writes a forecaster to a safetensors file, which is replaced atomically.</summary>
    /// <param name="path">The file to make or replace; the ending <c>.safetensors</c> is usual.</param>
    /// <param name="forecaster">It is not changed.</param>
    /// <returns><c>UnwritableFile</c>, with the old file unchanged, if the path cannot be written.</returns>
    let save (path: string) (forecaster: Forecaster) : Outcome<unit> =
        ForecasterFile.write path forecaster.Parts

    /// <summary>Reads a forecaster from a file written by <c>save</c>; its forecasts have the same bits. The caller disposes of it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>
    /// A <c>MissingFile</c> error; <c>UnreadableFile</c> if the file is damaged, was changed, or is not of this library;
    /// <c>CheckpointMismatch</c> if it holds something else or is of a newer version.
    /// </returns>
    let load (path: string) : Outcome<Forecaster> =
        ForecasterFile.read path |> Result.bind Forecaster.Create
