namespace Koopman

open System
open TorchSharp

/// Forecasts from every origin of a column, against what followed.
[<RequireQualifiedAccess>]
module internal RollingOrigins =

    /// <summary>
    /// Observed minus forecast, row by row for the origins first to last: the forecast from origin o knows the values before it. (last - first + 1)·H
    /// numbers, NaN where nothing was observed any more.
    /// </summary>
    /// <param name="map">F (L, H).</param>
    /// <param name="first">The first origin, at least L.</param>
    /// <param name="last">The last origin, at most the number of values.</param>
    /// <param name="column">The values.</param>
    let errors (map: Tensor) (first: int) (last: int) (column: float[]) : float[] =
        let look, horizon = int map.shape[0], int map.shape[1]
        let result: float[] = Array.zeroCreate ((last - first + 1) * horizon)
        let values = ReadOnlyMemory column

        for struct (start, count) in Tensors.pieces 1024 (last - first + 1) do
            Tensors.within (fun () ->
                let from = first + start - look
                let part = Tensors.ofVector (values.Slice(from, count + look - 1).ToArray())
                let forecasts = Tensors.toArray (part.unfold(0L, int64 look, 1L).mm map)

                for i in 0 .. count - 1 do
                    for h in 0 .. horizon - 1 do
                        let at = first + start + i + h

                        result[(start + i) * horizon + h] <-
                            if at < column.Length then
                                column[at] - forecasts[i * horizon + h]
                            else
                                nan)

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
/// Angelopoulos, Candès and Tibshirani 2023).
/// </summary>
[<NoComparison; NoEquality>]
type internal ForecastBands =
    {
        Level: float
        /// q (H).
        Widths: float[]
        /// g (H).
        Gains: float[]
    }

[<RequireQualifiedAccess>]
module internal ForecastBands =

    /// g in units of the first width: slow against the rows that pass before an error is known, or the widths would swing.
    let private gain: float = 0.002

    /// The smallest error that at least a share of level of further ones does not exceed, in the mean over exchangeable errors.
    let private quantile (level: float) (sizes: float[]) : float =
        Array.sortInPlace sizes
        let rank = int (Math.Ceiling(level * float (sizes.Length + 1)))
        sizes[min rank sizes.Length - 1]

    /// <summary>The widths from errors (origins, H), leaving out NaN.</summary>
    let calibrate (level: float) (horizon: int) (errors: float[]) : ForecastBands =
        let widths =
            Array.init horizon (fun h ->
                [|
                    for i in h..horizon .. errors.Length - 1 do
                        if not (Double.IsNaN errors[i]) then
                            abs errors[i]
                |]
                |> quantile level)

        {
            Level = level
            Widths = widths
            Gains = widths |> Array.map (fun q -> gain * q)
        }

    /// <summary>The widths after the errors of the rows first to last became known, row after row.</summary>
    /// <param name="error">The error of the forecast from an origin at a horizon; NaN if there is none.</param>
    /// <param name="visit">Sees the widths as they are before each row.</param>
    /// <param name="first">The first row.</param>
    /// <param name="last">The last row.</param>
    /// <param name="bands">The widths before.</param>
    let follow
        (error: int -> int -> float)
        (visit: int -> float[] -> unit)
        (first: int)
        (last: int)
        (bands: ForecastBands)
        : ForecastBands =
        let widths = Array.copy bands.Widths

        for row in first..last do
            visit row widths

            for h in 0 .. widths.Length - 1 do
                let size = abs (error (row - h) h)

                if not (Double.IsNaN size) then
                    let miss = if size > widths[h] then 1.0 else 0.0
                    widths[h] <- max 0.0 (widths[h] + bands.Gains[h] * (miss - (1.0 - bands.Level)))

        { bands with Widths = widths }
