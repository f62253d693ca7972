namespace Koopman

open System

/// The best point found so far, as a mutable cell passed down the search.
[<Struct; NoComparison; NoEquality>]
type internal Nearest =
    {
        mutable Index: int
        mutable Squared: float
    }

/// <summary>A fixed set of points with nearest-neighbour queries: exact, and the same on every run.</summary>
/// <remarks>Up to 12 dimensions it is a balanced kd-tree (Bentley 1975; Friedman, Bentley and Finkel 1977) laid out in one array without nodes:
/// the point in the middle of a range splits it, along the axis on which the range is widest. Above, where a tree prunes almost nothing, all
/// points are compared, each only until it cannot be the nearest. Of equally near points the one with the lowest index is chosen.</remarks>
[<Sealed>]
type internal Neighbours private (dimension: int, points: float[], order: int[], axes: byte[], lowest: int[]) =

    static let widestTree: int = 12

    static let requireFinite (what: string) (values: ReadOnlySpan<float>) : unit =
        for value in values do
            if not (Double.IsFinite value) then
                raise (ArgumentException($"The {what} hold NaN or infinity."))

    member private _.Row(i: int) : ReadOnlySpan<float> =
        ReadOnlySpan(points, i * dimension, dimension)

    /// True if a point at this distance, or the lowest index of many, would become the best.
    member private _.Leads(squared: float, index: int, best: byref<Nearest>) : bool =
        squared < best.Squared || (squared = best.Squared && index < best.Index)

    member private this.Offer(i: int, query: ReadOnlySpan<float>, excluded: int, best: byref<Nearest>) : unit =
        if order[i] <> excluded then
            let squared = SquaredDistance.between query (this.Row i)

            if this.Leads(squared, order[i], &best) then
                best.Index <- order[i]
                best.Squared <- squared

    /// offsets: how far the query lies outside the box of this range, along each axis.
    member private this.Descend
        (first: int, last: int, query: ReadOnlySpan<float>, excluded: int, offsets: Span<float>, best: byref<Nearest>)
        : unit =
        if last - first < KdTree.leafSize then
            for i in first..last do
                this.Offer(i, query, excluded, &best)
        else
            let middle = (first + last) >>> 1
            let axis = int axes[middle]
            let beyond = query[axis] - points[middle * dimension + axis]

            let struct (nearFirst, nearLast, farFirst, farLast) =
                if beyond <= 0.0 then
                    struct (first, middle - 1, middle + 1, last)
                else
                    struct (middle + 1, last, first, middle - 1)

            this.Descend(nearFirst, nearLast, query, excluded, offsets, &best)
            this.Offer(middle, query, excluded, &best)
            let before = offsets[axis]
            offsets[axis] <- beyond

            if this.Leads(SquaredDistance.norm offsets, lowest[(farFirst + farLast) >>> 1], &best) then
                this.Descend(farFirst, farLast, query, excluded, offsets, &best)

            offsets[axis] <- before

    member private this.Scan(query: ReadOnlySpan<float>, excluded: int, best: byref<Nearest>) : unit =
        for i in 0 .. order.Length - 1 do
            if i <> excluded then
                let squared = SquaredDistance.bounded best.Squared query (this.Row i)

                if this.Leads(squared, i, &best) then
                    best.Index <- i
                    best.Squared <- squared

    member private this.Search(query: ReadOnlySpan<float>, excluded: int) : struct (int * float) =
        // Any point is better than this one, even if its squared distance overflows.
        let mutable best =
            {
                Index = Int32.MaxValue
                Squared = infinity
            }

        if axes.Length = 0 then
            this.Scan(query, excluded, &best)
        else
            let offsets = Array.zeroCreate<float> dimension
            this.Descend(0, order.Length - 1, query, excluded, Span offsets, &best)

        struct (best.Index, sqrt best.Squared)

    /// <summary>The number of coordinates of each point.</summary>
    member _.Dimension: int = dimension

    /// <summary>The number of points.</summary>
    member _.Count: int = order.Length

    /// <summary>The point nearest to a query, with its Euclidean distance.</summary>
    /// <param name="query">The coordinates of one point, as many as <c>Dimension</c>.</param>
    /// <exception cref="T:System.ArgumentException">The query has the wrong number of coordinates, or one is not finite.</exception>
    member this.Nearest(query: ReadOnlySpan<float>) : struct (int * float) =
        if query.Length <> dimension then
            raise (ArgumentException $"The query has {query.Length} coordinates, the points have {dimension}.")

        requireFinite "coordinates of the query" query
        this.Search(query, -1)

    /// The nearest other point to the point at a position in the tree; undefined, with infinite distance, if there is none.
    member internal this.NearestOtherAt(place: int) : struct (int * float) =
        this.Search(this.Row place, order[place])

    /// The original index of the point at a position in the tree.
    member internal _.IndexAt(place: int) : int = order[place]

    static member internal Create(dimension: int, points: float[]) : Neighbours =
        if dimension < 1 then
            raise (ArgumentOutOfRangeException(nameof dimension, dimension, "Points have at least one coordinate."))

        if points.Length = 0 || points.Length % dimension <> 0 then
            raise (
                ArgumentException(
                    $"{points.Length} numbers are not the coordinates of one or more points of dimension {dimension}."
                )
            )

        requireFinite "coordinates of the points" (ReadOnlySpan points)
        let own = Array.copy points

        if dimension > widestTree then
            Neighbours(dimension, own, Array.init (points.Length / dimension) id, [||], [||])
        else
            let struct (order, axes, lowest) = KdTree.arrange dimension own
            Neighbours(dimension, own, order, axes, lowest)

/// <summary>Builds sets of points for nearest-neighbour queries, and answers queries for many points at once.</summary>
[<RequireQualifiedAccess>]
module internal Neighbours =

    /// <summary>Prepares a set of n points for queries, in O(n log n) steps up to 12 dimensions.</summary>
    /// <param name="dimension">The number of coordinates of a point.</param>
    /// <param name="points">The points, row by row (n x dimension). The array is copied.</param>
    /// <exception cref="T:System.ArgumentException">There is no point, the number of values is not a multiple of the dimension, or a value is not finite.</exception>
    let build (dimension: int) (points: float[]) : Neighbours = Neighbours.Create(dimension, points)

    /// <summary>For each point of the set the Euclidean distance to the nearest other one: the spacing of the set. Duplicate points have distance 0.</summary>
    /// <returns>n distances in the order in which the points were given; infinity if there is only one point.</returns>
    let nearestOther (neighbours: Neighbours) : float[] =
        let found = Array.zeroCreate<float> neighbours.Count

        // In the order of the tree, in which consecutive queries access nearby memory.
        for place in 0 .. neighbours.Count - 1 do
            let struct (_, distance) = neighbours.NearestOtherAt place
            found[neighbours.IndexAt place] <- distance

        found

    /// <summary>For each query the Euclidean distance to the nearest point of the set.</summary>
    /// <param name="neighbours">The set.</param>
    /// <param name="queries">The queries, row by row (m x dimension).</param>
    /// <returns>m distances.</returns>
    /// <exception cref="T:System.ArgumentException">The number of values is not a multiple of the dimension, or a value is not finite.</exception>
    let nearestDistances (neighbours: Neighbours) (queries: float[]) : float[] =
        let dimension = neighbours.Dimension

        if queries.Length % dimension <> 0 then
            raise (
                ArgumentException
                    $"{queries.Length} numbers are not the coordinates of points of dimension {dimension}."
            )

        Array.init (queries.Length / dimension) (fun i ->
            let struct (_, distance) =
                neighbours.Nearest(ReadOnlySpan(queries, i * dimension, dimension))

            distance)
