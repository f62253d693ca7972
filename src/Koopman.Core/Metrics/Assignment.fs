namespace Koopman.Metrics

open System
open Koopman

/// <summary>A minimum-cost one-to-one assignment of n rows to n columns, with a certificate of optimality.</summary>
[<NoComparison; NoEquality>]
type internal Assignment =
    {
        /// <summary>The column of every row (n), a permutation.</summary>
        Columns: int[]
        /// <summary>The sum of the chosen costs.</summary>
        Cost: float
        /// <summary>
        /// The dual variables u of the rows (n). u_i + v_j ≤ c_ij everywhere, with equality on the chosen entries, both up to rounding: so no
        /// assignment costs less than Σu + Σv, which is the cost of this one.
        /// </summary>
        RowPotentials: float[]
        /// <summary>The dual variables v of the columns (n).</summary>
        ColumnPotentials: float[]
    }

/// <summary>
/// Exact solution of the linear assignment problem: Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
/// assignment problems", Computing 38 (1987). Time O(n³) in the worst case, nearly O(n²) for random costs; memory n².
/// </summary>
[<RequireQualifiedAccess>]
module internal Assignment =

    /// More rows than this would need more than 3 GB for the costs.
    let private most: int = 20_000

    /// The state passed between the stages of the algorithm: costs in row-major order, prices v of the columns, and both directions of the
    /// partial assignment, -1 for unassigned.
    [<NoComparison; NoEquality>]
    type private State =
        {
            N: int
            Cost: float[]
            Price: float[]
            ColumnOf: int[]
            RowOf: int[]
        }

    let private assign (state: State) (row: int) (column: int) : unit =
        state.ColumnOf[row] <- column
        state.RowOf[column] <- row

    /// Sets the price of every column to its cheapest entry and assigns each row one of the columns in which it is cheapest.
    let private reduceColumns (state: State) : unit =
        let n, cost, price = state.N, state.Cost, state.Price
        let cheapest = Array.zeroCreate<int> n
        Array.blit cost 0 price 0 n

        for i in 1 .. n - 1 do
            for j in 0 .. n - 1 do
                let c = cost[i * n + j]

                if c < price[j] then
                    price[j] <- c
                    cheapest[j] <- i

        for j in n - 1 .. -1 .. 0 do
            if state.ColumnOf[cheapest[j]] < 0 then
                assign state cheapest[j] j

    /// Lowers the price of each assigned column by the loss of its row with the second-best column, which leaves slack for later rows.
    let private transferReduction (state: State) : unit =
        let n, cost, price = state.N, state.Cost, state.Price

        for i in 0 .. n - 1 do
            let own = state.ColumnOf[i]

            if own >= 0 && n > 1 then
                let mutable second = Double.PositiveInfinity

                for j in 0 .. n - 1 do
                    if j <> own then
                        second <- min second (cost[i * n + j] - price[j])

                price[own] <- price[own] - (second - (cost[i * n + own] - price[own]))

    /// The cheapest column of a row at the current prices with its reduced cost, and the second cheapest.
    let private twoBest (state: State) (row: int) : struct (int * float * int * float) =
        let n, cost, price = state.N, state.Cost, state.Price
        let mutable first, second = -1, -1
        let mutable low, next = Double.PositiveInfinity, Double.PositiveInfinity

        for j in 0 .. n - 1 do
            let reduced = cost[row * n + j] - price[j]

            if reduced < low then
                second <- first
                next <- low
                first <- j
                low <- reduced
            elif reduced < next then
                second <- j
                next <- reduced

        struct (first, low, second, next)

    /// Every free row takes its best column and lowers the column's price to that of the second best; the row that loses the column
    /// tries again at once if the price fell, and otherwise waits for the next stage.
    let private reduceRows (state: State) : unit =
        let price = state.Price
        let free = [| 0 .. state.N - 1 |] |> Array.filter (fun i -> state.ColumnOf[i] < 0)
        // In floating point a decrease may be too small to end the competition of two rows.
        let mutable contests = 8 * state.N

        for start in free do
            let mutable row = start

            while row >= 0 do
                let struct (first, low, second, next) = twoBest state row
                let before = price[first]
                price[first] <- before - (next - low)
                let fell = price[first] < before
                // At a tie a free second-best column avoids displacing a row.
                let taken = if fell || state.RowOf[first] < 0 then first else second
                let loser = state.RowOf[taken]
                assign state row taken

                if loser >= 0 then
                    state.ColumnOf[loser] <- -1

                contests <- contests - 1
                row <- if fell && contests > 0 then loser else -1

    /// Assigns one free row along the shortest path of reduced costs to a free column (Dijkstra), and moves the prices so that all
    /// reduced costs stay at least 0.
    let private augment (state: State) (distance: float[]) (previous: int[]) (columns: int[]) (free: int) : unit =
        let n, cost, price = state.N, state.Cost, state.Price

        for j in 0 .. n - 1 do
            columns[j] <- j
            distance[j] <- cost[free * n + j] - price[j]
            previous[j] <- free

        // columns = [done | at the smallest distance | not yet reached].
        let mutable scanned, reached = 0, 0
        let mutable least = 0.0
        let mutable last = -1
        let mutable settled = 0

        while last < 0 do
            if scanned = reached then
                settled <- scanned
                least <- Double.PositiveInfinity

                for k in scanned .. n - 1 do
                    let j = columns[k]

                    if distance[j] <= least then
                        if distance[j] < least then
                            least <- distance[j]
                            reached <- scanned

                        columns[k] <- columns[reached]
                        columns[reached] <- j
                        reached <- reached + 1

                let mutable k = scanned

                while last < 0 && k < reached do
                    if state.RowOf[columns[k]] < 0 then
                        last <- columns[k]

                    k <- k + 1

            if last < 0 then
                let through = columns[scanned]
                scanned <- scanned + 1
                let row = state.RowOf[through]
                let offset = cost[row * n + through] - price[through] - least
                let mutable k = reached

                while last < 0 && k < n do
                    let j = columns[k]
                    let length = cost[row * n + j] - price[j] - offset

                    if length < distance[j] then
                        distance[j] <- length
                        previous[j] <- row

                        if length <= least then
                            if state.RowOf[j] < 0 then
                                last <- j
                            else
                                columns[k] <- columns[reached]
                                columns[reached] <- j
                                reached <- reached + 1

                    k <- k + 1

        for k in 0 .. settled - 1 do
            let j = columns[k]
            price[j] <- price[j] + distance[j] - least

        let mutable column = last
        let mutable row = -1

        while row <> free do
            row <- previous[column]
            let next = state.ColumnOf[row]
            assign state row column
            column <- next

    let private solved (n: int) (cost: float[]) : Assignment =
        let state =
            {
                N = n
                Cost = cost
                Price = Array.zeroCreate n
                ColumnOf = Array.create n -1
                RowOf = Array.create n -1
            }

        reduceColumns state
        transferReduction state
        reduceRows state
        reduceRows state

        let distance, previous, columns =
            Array.zeroCreate n, Array.zeroCreate n, Array.zeroCreate n

        for row in 0 .. n - 1 do
            if state.ColumnOf[row] < 0 then
                augment state distance previous columns row

        let chosen = state.ColumnOf |> Array.mapi (fun i j -> cost[i * n + j])

        {
            Columns = state.ColumnOf
            Cost = Array.sum chosen
            RowPotentials = Array.mapi (fun i j -> chosen[i] - state.Price[j]) state.ColumnOf
            ColumnPotentials = state.Price
        }

    /// <summary>The cheapest assignment for a square matrix of costs.</summary>
    /// <param name="n">The number of rows and columns, from 1 to 20,000.</param>
    /// <param name="cost">c_ij, n² finite numbers in row-major order.</param>
    /// <returns>The assignment, or an error if the costs are not a square matrix, not finite, or too many.</returns>
    let solve (n: int) (cost: float[]) : Outcome<Assignment> =
        if n < 1 then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"An assignment of {n} rows is not possible"
                "Give at least one row and one column"
        elif n > most then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"An exact assignment of {n:N0} rows needs {8.0 * float n * float n / 1e9:N0} GB and takes very long"
                $"Assign blocks of at most {most:N0} rows, or use the sliced distance to compare samples"
        elif cost.LongLength <> int64 n * int64 n then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"{cost.LongLength} costs are not a matrix of {n} rows and {n} columns"
                "Give n·n costs in row-major order"
        elif cost |> Array.exists (fun c -> not (Double.IsFinite c)) then
            KoopmanError.fail
                ErrorKind.NotFinite
                "The costs contain NaN or infinity"
                "Remove points that are not finite; to forbid a pair, give it a cost far above all others"
        else
            Ok(solved n cost)

    /// <summary>Matches the points of two sets (n, d) so that the sum of squared distances is minimal: the optimal coupling.</summary>
    /// <param name="x">The rows of the assignment, points (n, d) on any device.</param>
    /// <param name="y">Its columns, points (n, d).</param>
    /// <returns>The assignment, whose cost is Σ|x_i - y_σ(i)|²; or an error as in <c>solve</c>, or if the shapes differ.</returns>
    let ofPoints (x: Tensor) (y: Tensor) : Outcome<Assignment> =
        if x.dim () <> 2L || y.dim () <> 2L || x.shape <> y.shape then
            let shape (t: Tensor) = String.Join(", ", t.shape)

            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"Points of shapes ({shape x}) and ({shape y}) cannot be matched one to one"
                "Give equal numbers of points of the same dimension, one per row"
        elif x.shape[0] > int64 most then
            solve (int x.shape[0]) [||]
        else
            use _ = Tensors.scope ()

            let place (t: Tensor) =
                t.detach().cpu().to_type TorchSharp.torch.float64

            let x, y = place x, place y
            // Distances are computed from a common centre to keep precision.
            let middle = x.mean ([| 0L |])
            let x, y = x - middle, y - middle
            let square (t: Tensor) = (t * t).sum(1L)

            let cost =
                ((square x).unsqueeze(1L) + (square y).unsqueeze 0L).sub_(x.times(y.t ()).mul_(Tensors.num 2.0))

            solve (int x.shape[0]) (Tensors.toArray (cost.clamp_min_ (Tensors.num 0.0)))
