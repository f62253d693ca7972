namespace Koopman.Plots

open Koopman
open Plotly.NET
open Koopman.Flows

/// <summary>Charts of the modes of a linear flow.</summary>
[<RequireQualifiedAccess>]
module FlowPlot =

    /// <summary>The eigenvalues of a linear flow in the complex plane, coloured by the contribution of their modes.</summary>
    /// <param name="contributions">One per mode, such as the last row of <c>FlowSpectrum.contributions</c>.</param>
    /// <param name="modes">The modes.</param>
    /// <exception cref="T:Koopman.KoopmanException">There is not one contribution per mode.</exception>
    [<CompiledName("Eigenvalues")>]
    let eigenvalues (contributions: float[]) (modes: FlowSpectrum) : GenericChart =
        [
            Layer.colouredPoints
                "contribution"
                "contribution at t = 1"
                (modes.Eigenvalues |> Array.map _.Real)
                (modes.Eigenvalues |> Array.map _.Imaginary)
                contributions
        ]
        |> Figure.create "Eigenvalues" (Axis.linear "growth (1/t)") (Axis.linear "angular frequency")
        |> Figure.withCaption
            "Modes with a positive real part grow on the way from noise to data; those off the real axis rotate."

    /// <summary>The contributions of modes to the points on the way from noise to data.</summary>
    /// <param name="shown">The modes to draw, counted from 0.</param>
    /// <param name="times">Times from 0, noise, to 1, data.</param>
    /// <param name="contributions">One row per time and one column per mode, from <c>FlowSpectrum.contributions</c>.</param>
    /// <exception cref="T:Koopman.KoopmanException">There are no modes to draw, or not one row per time.</exception>
    [<CompiledName("Contributions")>]
    let contributions (shown: int[]) (times: float[]) (contributions: float[][]) : GenericChart =
        Checks.notEmpty "modes" "Name at least one" shown.Length

        if contributions.Length <> times.Length then
            Checks.refuse
                $"{contributions.Length} rows of contributions at {times.Length} times"
                "Give one row per time"

        [
            for i, mode in Array.indexed shown ->
                Layer.line i $"mode {mode}" times (contributions |> Array.map (fun row -> row[mode]))
        ]
        |> Figure.create "Contributions" (Axis.linear "t") (Axis.linear "root mean square")
        |> Figure.withCaption
            "Large contributions of opposite sign may cancel; a large condition number means that single modes are unreliable."
