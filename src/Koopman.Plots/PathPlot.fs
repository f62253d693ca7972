namespace Koopman.Plots

open Koopman
open Plotly.NET

/// <summary>Charts of trajectories.</summary>
[<RequireQualifiedAccess>]
module PathPlot =

    /// More would overlap.
    let private mostPaths = 50

    /// Row numbers of the states drawn of each trajectory, a few thousand in all.
    let private rowsOf (paths: Trajectories) : int[][] =
        let lengths = paths.Lengths |> Array.truncate mostPaths
        let stride = max 1 (Array.sum lengths / 5000)

        Array.map2
            (fun start length -> [| start..stride .. start + length - 1 |])
            (Array.truncate mostPaths paths.Starts)
            lengths

    // Many paths share one colour, as they could not be told apart anyway.
    let private colourOf (count: int) (path: int) : int = if count > 6 then 1 else path

    let private lines (paths: Trajectories) (x: int -> float) (y: int -> float) : GenericChart list =
        let rows = rowsOf paths

        [
            for i, rows in Array.indexed rows ->
                Layer.line (colourOf paths.Count i) $"path {i + 1}" (rows |> Array.map x) (rows |> Array.map y)
        ]

    let private withoutCrowd (paths: Trajectories) (chart: GenericChart) : GenericChart =
        if paths.Count > 6 then
            chart |> Chart.withLayoutStyle (ShowLegend = false)
        else
            chart

    /// <summary>One coordinate of trajectories over time.</summary>
    /// <param name="coordinate">The coordinate, counted from 0.</param>
    /// <param name="paths">The trajectories; at most 50 are drawn.</param>
    /// <exception cref="T:Koopman.KoopmanException">There is no such coordinate.</exception>
    [<CompiledName("InTime")>]
    let inTime (coordinate: int) (paths: Trajectories) : GenericChart =
        let d = paths.Dimension
        Points.checkAxis coordinate d
        let times, values = paths.Times, Samples.values paths.States

        lines paths (fun row -> times[row]) (fun row -> values[row * d + coordinate])
        |> Figure.create "Paths" (Axis.linear "time") (Axis.linear (Points.name coordinate d))
        |> withoutCrowd paths

    /// <summary>Trajectories in their first two coordinates.</summary>
    /// <param name="paths">The trajectories, of two dimensions or more; at most 50 are drawn.</param>
    /// <exception cref="T:Koopman.KoopmanException">The states have one dimension.</exception>
    [<CompiledName("InPlane")>]
    let inPlane (paths: Trajectories) : GenericChart =
        let d = paths.Dimension
        Points.checkAxis 1 d
        let values = Samples.values paths.States

        lines paths (fun row -> values[row * d]) (fun row -> values[row * d + 1])
        |> Figure.create "Paths" (Axis.linear "x1") (Axis.linear "x2")
        |> Figure.withEqualUnits
        |> withoutCrowd paths
