namespace Koopman.Plots

open Koopman
open Plotly.NET

/// <summary>Charts of pseudospectra.</summary>
[<RequireQualifiedAccess>]
module PseudospectrumPlot =

    /// <summary>The smallest residual of any function over the complex plane, as the logarithm to base 10, and the eigenvalues.</summary>
    /// <param name="spectrum">The eigenvalues.</param>
    /// <param name="grid">From <c>Pseudospectrum.grid</c>.</param>
    /// <exception cref="T:Koopman.KoopmanException">The grid has no points.</exception>
    [<CompiledName("Contours")>]
    let contours (spectrum: Spectrum) (grid: PseudospectrumGrid) : GenericChart =
        Checks.notEmpty "points of the plane" "Give a grid with at least two rows and columns" grid.Residuals.Length

        let levels =
            grid.Residuals |> Array2D.map (fun residual -> log10 (max 1e-16 residual))

        [
            Layer.hollows "log10 residual" grid.Real grid.Imaginary levels
            Layer.points
                0
                "eigenvalues"
                (spectrum.Modes |> Array.map _.Eigenvalue.Real)
                (spectrum.Modes |> Array.map _.Eigenvalue.Imaginary)
        ]
        |> Figure.create "Smallest residual of any function" (Axis.linear "real part") (Axis.linear "imaginary part")
        |> Figure.withEqualUnits
        |> Figure.withCaption
            "‖φ(y) - zφ(x)‖ for the best φ of norm 1 in the span of the functions, over the plane of z. Eigenvalues lie in deep minima; a wide, shallow minimum means that small errors move them far. For a process with noise the residual includes the variance of φ(y), so the minima have a floor."
