namespace Koopman

open System
open System.Runtime.Intrinsics

/// Squared Euclidean distances. Every sum adds the axes in the same order, so that the distance to a box that contains a point
/// is never above the distance to the point, despite rounding; this makes the search below exact.
module internal SquaredDistance =

    let between (a: ReadOnlySpan<float>) (b: ReadOnlySpan<float>) : float =
        let mutable sum = 0.0

        for k in 0 .. a.Length - 1 do
            let difference = a[k] - b[k]
            sum <- sum + difference * difference

        sum

    let norm (offsets: Span<float>) : float =
        let mutable sum = 0.0

        for k in 0 .. offsets.Length - 1 do
            sum <- sum + offsets[k] * offsets[k]

        sum

    /// For many axes: four lanes, the same on every processor, and an early end once the sum is above the bound.
    let bounded (bound: float) (a: ReadOnlySpan<float>) (b: ReadOnlySpan<float>) : float =
        let lanes = Vector256<float>.Count
        let mutable sum = 0.0
        let mutable k = 0

        while k + lanes <= a.Length && sum <= bound do
            let mutable lane = Vector256<float>.Zero
            // The bound is checked every eight steps, because a check costs more than a step.
            let chunkEnd = min (k + 8 * lanes) a.Length

            while k + lanes <= chunkEnd do
                let difference =
                    Vector256.Create<float>(a.Slice(k, lanes))
                    - Vector256.Create<float>(b.Slice(k, lanes))

                lane <- lane + difference * difference
                k <- k + lanes

            sum <- sum + ((lane[0] + lane[1]) + (lane[2] + lane[3]))

        if sum <= bound then
            sum + between (a.Slice k) (b.Slice k)
        else
            sum

/// The layout of a balanced kd-tree in one array: the point in the middle of a range splits it.
module internal KdTree =

    /// Ranges this short are not split.
    let leafSize: int = 12

    let private widestAxis (dimension: int) (points: float[]) (first: int) (last: int) : int =
        let mutable widest = 0
        let mutable width = -1.0

        for axis in 0 .. dimension - 1 do
            let mutable low = points[first * dimension + axis]
            let mutable high = low

            for i in first + 1 .. last do
                let value = points[i * dimension + axis]

                if value < low then
                    low <- value

                if value > high then
                    high <- value

            if high - low > width then
                width <- high - low
                widest <- axis

        widest

    let private swap (dimension: int) (points: float[]) (order: int[]) (i: int) (j: int) : unit =
        let index = order[i]
        order[i] <- order[j]
        order[j] <- index

        for k in 0 .. dimension - 1 do
            let value = points[i * dimension + k]
            points[i * dimension + k] <- points[j * dimension + k]
            points[j * dimension + k] <- value

    /// Hoare's selection: afterwards no element before the middle is larger, and none after it smaller, than the middle.
    let private select
        (dimension: int)
        (points: float[])
        (order: int[])
        (axis: int)
        (first: int)
        (last: int)
        (middle: int)
        : unit =
        let inline at (i: int) : float = points[i * dimension + axis]
        let mutable low = first
        let mutable high = last

        while low < high do
            // The median of three values, so that sorted data costs no more than other data.
            let a, b, c = at low, at ((low + high) >>> 1), at high
            let pivot = max (min a b) (min (max a b) c)
            let mutable i = low
            let mutable j = high

            while i <= j do
                while at i < pivot do
                    i <- i + 1

                while pivot < at j do
                    j <- j - 1

                if i <= j then
                    swap dimension points order i j
                    i <- i + 1
                    j <- j - 1

            if middle <= j then high <- j
            elif middle >= i then low <- i
            else low <- high

    /// Arranges the positions from first to last; returns the lowest index among their points.
    let rec private split
        (dimension: int)
        (points: float[])
        (order: int[])
        (axes: byte[])
        (lowest: int[])
        (first: int)
        (last: int)
        : int =
        let middle = (first + last) >>> 1

        lowest[middle] <-
            if last - first < leafSize then
                let mutable low = order[first]

                for i in first + 1 .. last do
                    low <- min low order[i]

                low
            else
                let axis = widestAxis dimension points first last
                axes[middle] <- byte axis
                select dimension points order axis first last middle
                let before = split dimension points order axes lowest first (middle - 1)
                let behind = split dimension points order axes lowest (middle + 1) last
                min order[middle] (min before behind)

        lowest[middle]

    /// Reorders the points for the tree.
    /// Returns the point at each position; the axis along which the middle position of each range splits it; and, at the
    /// middle of each range, the lowest index in it.
    let arrange (dimension: int) (points: float[]) : struct (int[] * byte[] * int[]) =
        let count = points.Length / dimension
        let order = Array.init count id
        let axes = Array.zeroCreate<byte> count
        let lowest = Array.zeroCreate<int> count
        split dimension points order axes lowest 0 (count - 1) |> ignore
        struct (order, axes, lowest)
