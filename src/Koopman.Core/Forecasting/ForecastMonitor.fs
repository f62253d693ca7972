namespace Koopman

open System
open System.Numerics
open MathNet.Numerics.Distributions
open TorchSharp

/// <summary>What later rows are, beside what was learned.</summary>
[<NoComparison>]
type ForecastWatch =
    {
        /// <summary>
        /// For each row and column (n, d) the share of held-out errors, and of this one, that are as large: under .01 for one value of a hundred if nothing has
        /// changed. Errors are those of the forecast one row ahead, in units of the spread of its window.
        /// </summary>
        PValues: float[,]
        /// <summary>The same for each row (n): its largest error over the columns among the largest of the held-out rows.</summary>
        RowPValues: float[]
        /// <summary>For each column (d) the probability of a difference as large if the operator that moves it is the same; NaN for too few rows.</summary>
        ChangePValues: float[]
        /// <summary>What is to be said of the rows, as a sentence without its full stop.</summary>
        Verdict: string
    }

/// <summary>The operator of one stretch of the data.</summary>
[<NoComparison>]
type ForecastEpoch =
    {
        /// <summary>The time of its first row.</summary>
        First: float
        /// <summary>The time of its last row.</summary>
        Last: float
        /// <summary>The eigenvalues over one row, by rising rate.</summary>
        Eigenvalues: Complex[]
        /// <summary>The root mean square share of each in the forecasts, in standard deviations of a column.</summary>
        Amplitudes: float[]
    }

/// What one column of the held-out rows was like.
[<NoComparison; NoEquality>]
type internal WatchedColumn =
    {
        /// The sizes of the errors, sorted.
        Errors: float[]
        /// Products (rows, k) of the error with 1 and the leading functions of its window.
        Products: float[][]
    }

/// What the forecasts of a monitor are made of; the operator belongs to the monitor.
[<NoComparison; NoEquality>]
type internal WatchedSystem =
    {
        Layout: ForecastColumns
        LookBack: int
        /// Of each column.
        Means: float[]
        Scales: float[]
        Operator: DelayOperator
        /// The last L rows of what was learned from, standardised, column after column.
        Tail: float[][]
    }

/// <summary>
/// Watches a series: errors of the forecasts one row ahead, which held-out rows calibrate, and a test of whether its operator has changed.
/// </summary>
[<Sealed>]
type ForecastMonitor internal (system: WatchedSystem, map: Tensor, columns: WatchedColumn[], largest: float[]) =

    member internal _.System: WatchedSystem = system
    member internal _.Map: Tensor = map
    member internal _.Columns: WatchedColumn[] = columns
    member internal _.Largest: float[] = largest

    /// <summary>The number of columns d.</summary>
    member _.Dimension: int = columns.Length

    /// <summary>The number of held-out rows that calibrate it.</summary>
    member _.CalibrationRows: int = largest.Length

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            system.Operator.Dispose()
            map.Dispose()

/// <summary>
/// Monitoring by forecasts: the residual against what it was on held-out rows as a score of anomaly, and the operator over time.
/// </summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module ForecastMonitor =

    /// How many functions of a window the test of a change looks at.
    let private functions: int = 4

    /// The fewest stretches that rows are cut into for the test.
    let private fewestStretches: int = 10

    /// The errors one row ahead of each column from some origins on, in units of the spread of their windows, and its products with functions of the window.
    let private look
        (map: Tensor)
        (operator: DelayOperator)
        (layout: ForecastColumns)
        (first: int)
        (columns: float[][])
        : struct (float[][] * float[][][]) =
        let look, d = operator.LookBack, operator.Columns
        let last = columns[0].Length - 1
        let errors = ForecastFit.errorsBetween map layout first 1 last columns
        let k = min functions (int operator.Encode.shape[1])

        // Of each block of columns: the leading functions (rows, k), each of mean square 1 over the fit.
        let states =
            Tensors.within (fun () ->
                let size =
                    (operator.Gram.diagonal().narrow(0L, 0L, int64 k)).clamp_min(Tensors.num 1e-300).sqrt()

                ForecastFit.arrange layout columns
                |> Array.map (fun values ->
                    Tensors
                        .ofVector(values[(first - look) * d .. last * d - 1])
                        .unfold(0L, int64 (look * d), int64 d)
                        .mm(operator.Encode.narrow (1L, 0L, int64 k))
                    / size
                    |> Tensors.toArray
                    |> Array.chunkBySize k))

        let relative =
            errors
            |> Array.mapi (fun c errors -> RollingOrigins.spreads look first last columns[c] |> Array.map2 (/) errors)

        let products =
            relative
            |> Array.mapi (fun c errors ->
                Array.map2
                    (fun e state -> Array.append [| e |] (Array.map (fun z -> e * z) state))
                    errors
                    // All columns share the window of a layout with several.
                    states[if d = 1 then c else 0])

        struct (relative, products)

    let private rowWise (errors: float[][]) : float[] =
        Array.init errors[0].Length (fun t -> errors |> Array.map (fun column -> abs column[t]) |> Array.max)

    /// <summary>
    /// Learns from the first rows of each trajectory what the held-out rows calibrate; a forecast of one row ahead from every held-out row. The caller
    /// disposes of it.
    /// </summary>
    /// <param name="options">Settings as for <c>Forecaster.fit</c>.</param>
    /// <param name="trajectories">The data, equally spaced, without inputs. What is watched follows the last trajectory.</param>
    let learn (options: ForecastOptions) (trajectories: Trajectories) : Outcome<ForecastMonitor> =
        result {
            do! ForecastFit.check options
            let! _ = ForecastFit.step trajectories
            let lengths = trajectories.Lengths

            if trajectories.Inputs.IsSome then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "The trajectories have inputs, which a monitor does not know"
                        "Leave them out with Trajectories.withoutInputs, or watch the residuals of a forecaster with inputs"
            else
                let! struct (window, cuts) = ForecastFit.split options lengths

                if cuts[cuts.Length - 1] = lengths[lengths.Length - 1] then
                    return!
                        KoopmanError.fail
                            ErrorKind.TooFewSamples
                            $"The last trajectory, which is watched, has {lengths[lengths.Length - 1]} rows, too few to hold some out"
                            "Put a longer trajectory last, or set LookBack or Horizon lower"
                else
                    let raw = ForecastFit.columns trajectories
                    let weights = ForecastFit.weights trajectories
                    let struct (means, scales) = ForecastFit.scales cuts raw
                    let series = raw |> Array.map (ForecastFit.standardise means scales)
                    let! chosen = ForecastFit.chosen options window weights cuts series

                    let map =
                        Tensors.own (fun () -> DelayOperator.forecastMatrix chosen.Centre 1 chosen.Operator)

                    let found =
                        Array.zip cuts series
                        |> Array.filter (fun (cut, one) -> cut < one[0].Length)
                        |> Array.map (fun (cut, one) -> look map chosen.Operator chosen.Layout cut one)

                    let columns =
                        Array.init means.Length (fun c ->
                            {
                                Errors =
                                    found
                                    |> Array.collect (fun (struct (errors, _)) -> errors[c] |> Array.map abs)
                                    |> Array.sort
                                Products = found |> Array.collect (fun (struct (_, products)) -> products[c])
                            })

                    let system =
                        {
                            Layout = chosen.Layout
                            LookBack = chosen.LookBack
                            Means = means
                            Scales = scales
                            Operator = chosen.Operator
                            Tail = Array.last series |> ForecastFit.lastRows chosen.LookBack
                        }

                    let largest =
                        found
                        |> Array.collect (fun (struct (errors, _)) -> rowWise errors)
                        |> Array.sort

                    return new ForecastMonitor(system, map, columns, largest)
        }

    /// (1 + the number of sorted sizes that are as large)/(1 + their number).
    let private pValue (sorted: float[]) (size: float) : float =
        let at = Array.BinarySearch(sorted, size)
        let mutable first = if at < 0 then ~~~at else at

        while first > 0 && sorted[first - 1] >= size do
            first <- first - 1

        float (1 + sorted.Length - first) / float (1 + sorted.Length)

    /// The means of products over stretches of some length.
    let private stretches (length: int) (products: float[][]) : float[][] =
        Array.init (products.Length / length) (fun i ->
            Array.init products[0].Length (fun j ->
                Seq.init length (fun t -> products[i * length + t][j]) |> Seq.average))

    /// The test of Hotelling for two means of stretches; NaN if there are too few.
    let private difference (before: float[][]) (after: float[][]) : float =
        let n, m = before.Length, after.Length

        if min n m < fewestStretches then
            nan
        else
            Tensors.within (fun () ->
                let a, b =
                    Tensors.ofRows n (Array.concat before), Tensors.ofRows m (Array.concat after)

                let centred (x: Tensor) = x - x.mean ([| 0L |], true)
                let p = int a.shape[1]

                let pooled =
                    ((centred a).t().mm(centred a) + (centred b).t().mm(centred b))
                    / float (n + m - 2)

                let gap = (a.mean [| 0L |] - b.mean [| 0L |]).unsqueeze 1L

                let square =
                    gap.t().mm((torch.linalg.pinv (pooled, rtol = Nullable 1e-12)).mm gap).ToDouble()
                    * float (n * m)
                    / float (n + m)

                let freedom = n + m - p - 1
                let ratio = square * float freedom / float ((n + m - 2) * p)
                1.0 - FisherSnedecor.CDF(float p, float freedom, ratio))

    let private alarm: float = 0.01

    let private verdict (names: int -> string) (rows: float[]) (changes: float[]) : string =
        let found = rows |> Array.filter (fun p -> p < alarm) |> Array.length
        let expected = alarm * float rows.Length

        let anomalies =
            $"{found} of {rows.Length} row(s) have an error that fewer than {100.0 * alarm:G2} %% of the held-out rows have, {expected:G3} were to be expected"

        let known = changes |> Array.filter (Double.IsNaN >> not)

        let change =
            if known.Length = 0 then
                "too few of these or of the held-out rows to test whether the operator has changed"
            else
                // One of d columns.
                let c = Array.findIndex (fun p -> p = Array.min known) changes
                let p = min 1.0 (float known.Length * changes[c])

                if p < alarm then
                    $"the operator has changed: the errors of {names c} depend on the past (p = {p:G2})"
                else
                    $"no change of the operator is seen (p = {p:G2})"

        $"{anomalies}; {change}"

    /// <summary>
    /// Scores rows (n, d) that follow the last one, and tests whether the operator is still the one that was learned: whether the errors, and their products
    /// with the leading functions of the window, have the means that they had on the held-out rows (Hotelling's test on stretches of about √n rows, n the number of these rows or of the held-out ones, if they are fewer).
    /// </summary>
    let watch (rows: float[,]) (monitor: ForecastMonitor) : Outcome<ForecastWatch> =
        Require.all {
            Require.dimension monitor.Dimension "the rows" (Array2D.length2 rows)
            |> Require.advise "Give the columns that were learned, in their order"

            Require.atLeast 1 "the number of rows" (Array2D.length1 rows)

            ForecastFit.checkFinite "The rows" rows
        }
        |> Result.map (fun () ->
            let system = monitor.System
            let count, d = Array2D.length1 rows, Array2D.length2 rows

            let joined =
                ForecastFit.ofRows rows
                |> ForecastFit.standardise system.Means system.Scales
                |> Array.map2 Array.append system.Tail

            let struct (errors, products) =
                look monitor.Map system.Operator system.Layout system.LookBack joined

            // Both sides of the comparison are to have enough stretches.
            let length = max 1 (int (sqrt (float (min count monitor.CalibrationRows))))

            let changes =
                Array.init d (fun c ->
                    difference (stretches length monitor.Columns[c].Products) (stretches length products[c]))

            let rowValues = rowWise errors |> Array.map (pValue monitor.Largest)

            {
                PValues = Array2D.init count d (fun t c -> pValue monitor.Columns[c].Errors (abs (errors[c].[t])))
                RowPValues = rowValues
                ChangePValues = changes
                Verdict = verdict (fun c -> $"column {c + 1}") rowValues changes
            })

    /// <summary>The operators of stretches of the last trajectory, one after the other: how its periods and decay times change.</summary>
    /// <param name="rows">The number of rows of a stretch, at least L + H + 20.</param>
    /// <param name="options">Settings; an automatic centre is the mean, automatic columns are forecast from their own windows.</param>
    /// <param name="trajectories">The data, equally spaced.</param>
    let history (rows: int) (options: ForecastOptions) (trajectories: Trajectories) : Outcome<ForecastEpoch[]> =
        result {
            do! ForecastFit.check options
            let! _ = ForecastFit.step trajectories
            let window = ForecastFit.lookBack options rows
            let needed = window + options.Horizon + ForecastFit.fewest
            let total = Array.last trajectories.Lengths

            do!
                Require.atLeast needed "the number of rows of a stretch" rows
                |> Require.advise $"Give {needed} rows or more, or set LookBack or Horizon lower"

            if total < rows then
                return!
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"The last trajectory has {total} rows, fewer than a stretch of {rows}"
                        "Give shorter stretches, or put a longer trajectory last"
            else
                let raw = [| Array.last (ForecastFit.columns trajectories) |]
                let struct (means, scales) = ForecastFit.scales [| total |] raw
                let series = ForecastFit.standardise means scales raw[0]
                let layout = ForecastFit.layouts options means.Length |> List.head
                let window = ForecastFit.layoutLookBack layout window means.Length

                let centre =
                    if options.Centre = ForecastCentre.Automatic then
                        ForecastCentre.Mean
                    else
                        options.Centre

                let times = trajectories.Times
                let offset = times.Length - total

                let epoch (k: int) =
                    let first = k * rows

                    [ 1.0, first, first + rows, series ]
                    |> ForecastFit.sums options layout window
                    |> ForecastFit.fitted options centre 1.0
                    |> Result.map (fun operator ->
                        use operator = operator

                        {
                            First = times[offset + first]
                            Last = times[offset + first + rows - 1]
                            Eigenvalues = operator.Eigenvalues
                            Amplitudes = operator.Sizes
                        })

                let! epochs = [ 0 .. total / rows - 1 ] |> Outcome.collect epoch
                return Array.ofList epochs
        }
