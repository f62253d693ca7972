namespace Koopman

open System.Numerics

/// <summary>
/// Σ w_i w_j over windows w of L + H consecutive values, for the rows i of the past and one more, and all columns j. Sums of disjoint windows
/// add up; every estimate of a forecaster is made from them.
/// </summary>
[<NoComparison; NoEquality>]
type internal WindowSums =
    {
        /// L, the number of values of the past.
        LookBack: int
        /// H, the number of values of the future.
        Horizon: int
        /// The number of windows.
        Windows: float
        /// (L + 1)·(L + H) numbers, row after row.
        Products: float[]
    }

/// The windows of one column that begin at the rows First to First + Count - 1.
[<NoComparison; NoEquality>]
type internal WindowRange =
    {
        Column: float[]
        First: int
        Count: int
    }

[<RequireQualifiedAccess>]
module internal WindowSums =

    /// Adds Σ_t x_t x_{t+j} to entry j.
    let private correlate (range: WindowRange) (row: float[]) : unit =
        let x, width = range.Column, Vector<float>.Count
        let whole = row.Length - row.Length % width

        for t in range.First .. range.First + range.Count - 1 do
            let factor = Vector<float>(x[t])
            let mutable j = 0

            while j < whole do
                (Vector<float>(row, j) + factor * Vector<float>(x, t + j)).CopyTo(row, j)
                j <- j + width

            for j in whole .. row.Length - 1 do
                row[j] <- row[j] + x[t] * x[t + j]

    /// The sums over windows. Only the first row is summed: S_ij differs from S_{i-1,j-1} by what enters and leaves at the two ends.
    let ofRanges (lookBack: int) (horizon: int) (ranges: WindowRange list) : WindowSums =
        let width = lookBack + horizon
        let ranges = ranges |> List.filter (fun range -> range.Count > 0)
        let products: float[] = Array.zeroCreate ((lookBack + 1) * width)
        let first: float[] = Array.zeroCreate width

        for range in ranges do
            correlate range first

        first.CopyTo(products, 0)

        for i in 1..lookBack do
            products[i * width] <- first[i]

            for j in 1 .. width - 1 do
                products[i * width + j] <- products[(i - 1) * width + j - 1]

            for range in ranges do
                let x, before, after = range.Column, range.First - 1, range.First + range.Count - 1
                let leaves, enters = x[before + i], x[after + i]

                for j in 1 .. width - 1 do
                    let at = i * width + j
                    products[at] <- products[at] + (enters * x[after + j] - leaves * x[before + j])

        {
            LookBack = lookBack
            Horizon = horizon
            Windows = ranges |> List.sumBy (fun range -> float range.Count)
            Products = products
        }

    /// The sums over the windows of both.
    let merge (a: WindowSums) (b: WindowSums) : WindowSums =
        { a with
            Windows = a.Windows + b.Windows
            Products = Array.map2 (+) a.Products b.Products
        }
