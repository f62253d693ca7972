namespace Koopman

open System.Numerics

/// <summary>
/// Σ w_i w_j over windows w of L + H consecutive rows of D values, row after row in the window, for the values i of the past and of one more row, and
/// all values j. Sums of disjoint windows add up; every estimate of a forecaster is made from them.
/// </summary>
[<NoComparison; NoEquality>]
type internal WindowSums =
    {
        /// L, the number of rows of the past.
        LookBack: int
        /// H, the number of rows of the future.
        Horizon: int
        /// D, the number of columns in a window.
        Columns: int
        /// The number of windows, with their weights.
        Windows: float
        /// (L + 1)D·(L + H)D numbers, row after row.
        Products: float[]
    }

/// The windows of D columns that begin at the rows First to First + Count - 1.
[<NoComparison; NoEquality>]
type internal WindowRange =
    {
        /// Row after row of D values.
        Values: float[]
        First: int
        Count: int
        /// The weight of its last window.
        Weight: float
    }

[<RequireQualifiedAccess>]
module internal WindowSums =

    /// y + ax.
    let private add (a: float) (x: float[]) (from: int) (y: float[]) (into: int) (count: int) : unit =
        let factor, width = Vector<float>(a), Vector<float>.Count
        let whole = count - count % width
        let mutable j = 0

        while j < whole do
            (Vector<float>(y, into + j) + factor * Vector<float>(x, from + j)).CopyTo(y, into + j)
            j <- j + width

        for j in whole .. count - 1 do
            y[into + j] <- y[into + j] + a * x[from + j]

    /// <summary>
    /// The sums over windows, a window weighing <paramref name="decay"/> times the next. Only the first D rows are summed: S_ij differs from
    /// S_{i-D,j-D} by what enters and leaves at the two ends.
    /// </summary>
    let ofRanges (decay: float) (lookBack: int) (horizon: int) (columns: int) (ranges: WindowRange list) : WindowSums =
        let d, width = columns, (lookBack + horizon) * columns
        let ranges = ranges |> List.filter (fun range -> range.Count > 0)
        let products: float[] = Array.zeroCreate ((lookBack + 1) * d * width)

        let weight (range: WindowRange) (t: int) =
            if decay = 1.0 then
                range.Weight
            else
                range.Weight * decay ** float (range.Count - 1 - t)

        for range in ranges do
            for t in 0 .. range.Count - 1 do
                let at = (range.First + t) * d
                let weight = weight range t

                for c in 0 .. d - 1 do
                    add (weight * range.Values[at + c]) range.Values at products (c * width) width

        for i in d .. (lookBack + 1) * d - 1 do
            let row, above = i * width, (i - d) * width

            for c in 0 .. d - 1 do
                products[row + c] <- products[c * width + i]

            for j in d .. width - 1 do
                products[row + j] <- decay * products[above + j - d]

            for range in ranges do
                let x, before = range.Values, (range.First - 1) * d
                let after = before + range.Count * d
                add (range.Weight * x[after + i]) x (after + d) products (row + d) (width - d)
                // What left with the first window.
                add (-(decay * weight range 0) * x[before + i]) x (before + d) products (row + d) (width - d)

        {
            LookBack = lookBack
            Horizon = horizon
            Columns = d
            Windows =
                ranges
                |> List.sumBy (fun range -> Seq.init range.Count (weight range) |> Seq.sum)
            Products = products
        }

    /// The sums over the windows of both, those of the first with a factor.
    let merge (factor: float) (a: WindowSums) (b: WindowSums) : WindowSums =
        { a with
            Windows = factor * a.Windows + b.Windows
            Products = Array.map2 (fun a b -> factor * a + b) a.Products b.Products
        }
