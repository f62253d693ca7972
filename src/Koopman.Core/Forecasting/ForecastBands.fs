namespace Koopman

open System
open MathNet.Numerics.Statistics
open TorchSharp

/// Forecasts from every origin of a series, against what followed.
[<RequireQualifiedAccess>]
module internal RollingOrigins =

    /// <summary>
    /// Observed minus forecast of each of D columns, row by row for the origins first, first + stride, ..., up to last: the forecast from origin o knows
    /// the rows before it. H numbers for each origin, NaN where nothing was observed any more.
    /// </summary>
    /// <param name="map">F (LD, HD).</param>
    /// <param name="columns">D.</param>
    /// <param name="first">The first origin, at least L.</param>
    /// <param name="stride">The distance of origins.</param>
    /// <param name="last">The last origin, at most the number of rows.</param>
    /// <param name="values">Row after row of D values.</param>
    let errors (map: Tensor) (columns: int) (first: int) (stride: int) (last: int) (values: float[]) : float[][] =
        let d = columns
        let look, horizon = int map.shape[0] / d, int map.shape[1] / d
        let rows = values.Length / d
        let origins = (last - first) / stride + 1

        let result = Array.init d (fun _ -> Array.zeroCreate (origins * horizon): float[])

        let memory = ReadOnlyMemory values

        for struct (start, count) in Tensors.pieces 1024 origins do
            Tensors.within (fun () ->
                let from = (first + start * stride - look) * d

                let part =
                    Tensors.ofVector (memory.Slice(from, ((count - 1) * stride + look) * d).ToArray())

                let forecasts =
                    Tensors.toArray (part.unfold(0L, int64 (look * d), int64 (stride * d)).mm map)

                for i in 0 .. count - 1 do
                    let origin = first + (start + i) * stride
                    let known = Math.Clamp(rows - origin, 0, horizon)

                    for c in 0 .. d - 1 do
                        let into = (start + i) * horizon

                        for h in 0 .. known - 1 do
                            result[c][into + h] <- values[(origin + h) * d + c] - forecasts[(i * horizon + h) * d + c]

                        for h in known .. horizon - 1 do
                            result[c][into + h] <- nan)

        result

    /// <summary>
    /// The standard deviation of the window before each origin first to last, at least a tenth of that of the column. Errors are compared in this unit,
    /// so that intervals widen at once when the data become livelier.
    /// </summary>
    let spreads (look: int) (first: int) (last: int) (column: float[]) : float[] =
        let sums = Array.scan (+) 0.0 column
        let squares = column |> Array.scan (fun sum x -> sum + x * x) 0.0

        let over (sums: float[]) (origin: int) =
            (sums[origin] - sums[origin - look]) / float look

        Array.init (last - first + 1) (fun i ->
            let mean = over sums (first + i)
            max 0.1 (sqrt (max 0.0 (over squares (first + i) - mean * mean))))

/// <summary>
/// Half widths of the intervals of one column, one for each horizon, in units of the spread of a window: the conformal quantile of past errors, which then follows new ones. After every
/// error s the width q becomes q + g(1[s > q] - α), whose share of misses tends to α = 1 - level however the errors drift (Gibbs and Candès 2021;
/// Angelopoulos, Candès and Tibshirani 2023). The band of a whole path is wider by a factor: the quantile of the largest error in units of the widths.
/// </summary>
[<NoComparison; NoEquality>]
type internal ForecastBands =
    {
        /// The share of values that the intervals are to contain.
        Level: float
        /// q (H).
        Widths: float[]
        /// g (H).
        Gains: float[]
        /// The factor (H) of the band of the first rows ahead, for each number of rows.
        Joint: float[]
        /// What all factors are multiplied by, since the whole paths that were seen.
        Stretch: float
    }

[<RequireQualifiedAccess>]
module internal ForecastBands =

    /// The relative change of a width at a miss: small, as errors of neighbouring origins are alike, and some rows pass before an error is known, or the
    /// widths would swing.
    let private gain: float = 0.002

    /// The smallest error that at least a share of level of further ones does not exceed, in the mean over exchangeable errors.
    let private quantile (level: float) (sizes: float[]) : float =
        let rank = int (Math.Ceiling(level * float (sizes.Length + 1)))
        ArrayStatistics.OrderStatisticInplace(sizes, min rank sizes.Length)

    /// Whether a number of errors has a quantile at a level.
    let isReached (level: float) (errors: int) : bool =
        Math.Ceiling(level * float (errors + 1)) <= float errors

    /// The fewest errors that have a quantile at a level.
    let fewest (level: float) : int =
        let guess = max 1 (int (level / (1.0 - level)) - 1)
        Seq.initInfinite (fun i -> guess + i) |> Seq.find (isReached level)

    /// The sizes of errors (origins, H) for each row ahead.
    let private sizes (horizon: int) (errors: float[]) : float[][] =
        let origins = errors.Length / horizon
        let result = Array.init horizon (fun _ -> Array.zeroCreate origins: float[])

        // In pieces that stay in the cache.
        for first in 0..64 .. origins - 1 do
            for h in 0 .. horizon - 1 do
                let row = result[h]

                for i in first .. min (origins - 1) (first + 63) do
                    row[i] <- abs errors[i * horizon + h]

        result

    /// <summary>The widths from errors (origins, H), leaving out NaN.</summary>
    let calibrate (level: float) (horizon: int) (errors: float[]) : ForecastBands =
        let known (values: float[]) =
            values |> Array.filter (Double.IsNaN >> not) |> quantile level

        let sizes = sizes horizon errors
        let widths = sizes |> Array.map known
        // The largest of the errors up to a row ahead, in units of the widths; NaN once one is not known.
        let largest: float[] = Array.zeroCreate (errors.Length / horizon)

        let joint =
            Array.init horizon (fun h ->
                let row, width = sizes[h], widths[h]

                for i in 0 .. row.Length - 1 do
                    let relative =
                        if width > 0.0 then row[i] / width
                        elif Double.IsNaN row[i] then nan
                        else 0.0

                    largest[i] <- Math.Max(largest[i], relative)

                known largest)

        {
            Level = level
            Widths = widths
            Gains = widths |> Array.map (fun q -> gain * q)
            Joint = joint
            Stretch = 1.0
        }

    /// The half width of the interval, and of the joint band of some rows, h rows ahead.
    let jointWidth (rows: int) (h: int) (bands: ForecastBands) : float =
        bands.Stretch * bands.Joint[min rows bands.Joint.Length - 1] * bands.Widths[h]

    /// Whether a path lies inside its joint band; none if it is not known to its end.
    let private holds (error: int -> float) (widths: float[]) (factor: float) : bool option =
        let mutable inside, complete = true, true

        for h in 0 .. widths.Length - 1 do
            let size = abs (error h)

            if Double.IsNaN size then
                complete <- false
            elif size > factor * widths[h] then
                inside <- false

        if complete then Some inside else None

    /// <summary>The widths after the errors of the rows first to last became known, row after row.</summary>
    /// <param name="error">The error of the forecast from an origin at a horizon; NaN if there is none.</param>
    /// <param name="visit">Sees the bands as they are before each row.</param>
    /// <param name="first">The first row.</param>
    /// <param name="last">The last row.</param>
    /// <param name="bands">The widths before.</param>
    let follow
        (error: int -> int -> float)
        (visit: int -> ForecastBands -> unit)
        (first: int)
        (last: int)
        (bands: ForecastBands)
        : ForecastBands =
        let widths = Array.copy bands.Widths
        let horizon = widths.Length
        let mutable current = { bands with Widths = widths }

        for row in first..last do
            visit row current
            let origin = row - horizon + 1

            match holds (error origin) widths (current.Stretch * current.Joint[horizon - 1]) with
            | None -> ()
            | Some inside ->
                let miss = if inside then 0.0 else 1.0

                current <-
                    { current with
                        Stretch = max 0.0 (current.Stretch + gain * (miss - (1.0 - bands.Level)))
                    }

            for h in 0 .. horizon - 1 do
                let size = abs (error (row - h) h)

                if not (Double.IsNaN size) then
                    let miss = if size > widths[h] then 1.0 else 0.0
                    widths[h] <- max 0.0 (widths[h] + bands.Gains[h] * (miss - (1.0 - bands.Level)))

        current
