namespace Koopman.Plots

open Koopman
open Plotly.NET

/// <summary>Charts of the density of one coordinate.</summary>
[<RequireQualifiedAccess>]
module DensityPlot =

    let private bins = 60

    let private layer (colour: int) (name: string) (coordinate: int) (samples: Samples) : GenericChart =
        Points.checkAxis coordinate samples.Dimension

        Layer.histogram
            colour
            name
            bins
            (Points.coordinate coordinate samples.Dimension (Samples.values samples) [| 0 .. samples.Count - 1 |])

    let private figure (title: string) (coordinate: int) (samples: Samples) (layers: GenericChart list) : GenericChart =
        layers
        |> Figure.create title (Axis.linear (Points.name coordinate samples.Dimension)) (Axis.linear "density")

    /// <summary>The distribution of samples along one coordinate.</summary>
    /// <param name="title">Name of the samples.</param>
    /// <param name="coordinate">The coordinate, counted from 0.</param>
    /// <param name="samples">The samples; their weights are not taken into account.</param>
    /// <exception cref="T:Koopman.KoopmanException">There is no such coordinate.</exception>
    [<CompiledName("Coordinate")>]
    let coordinate (title: string) (coordinate: int) (samples: Samples) : GenericChart =
        figure title coordinate samples [ layer 0 title coordinate samples ]

    /// <summary>The distribution of samples along one coordinate, with a known density.</summary>
    /// <param name="title">Name of the samples.</param>
    /// <param name="x">Positions at which the density is given, ascending.</param>
    /// <param name="density">The density at these positions, with integral 1.</param>
    /// <param name="coordinate">The coordinate, counted from 0.</param>
    /// <param name="samples">The samples; their weights are not taken into account.</param>
    /// <exception cref="T:Koopman.KoopmanException">There is no such coordinate, or not one value per position.</exception>
    [<CompiledName("BesideExact")>]
    let besideExact
        (title: string)
        (x: float[])
        (density: float[])
        (coordinate: int)
        (samples: Samples)
        : GenericChart =
        figure title coordinate samples [ layer 0 title coordinate samples; Layer.line 1 "exact" x density ]

    /// <summary>The distributions of two sets of samples along one coordinate, such as particles and data.</summary>
    /// <param name="title">Name of the samples.</param>
    /// <param name="otherName">Name of the others.</param>
    /// <param name="others">The others, of the same dimension.</param>
    /// <param name="coordinate">The coordinate, counted from 0.</param>
    /// <param name="samples">The samples; their weights are not taken into account.</param>
    /// <exception cref="T:Koopman.KoopmanException">There is no such coordinate.</exception>
    [<CompiledName("BesideSamples")>]
    let besideSamples
        (title: string)
        (otherName: string)
        (others: Samples)
        (coordinate: int)
        (samples: Samples)
        : GenericChart =
        figure title coordinate samples [ layer 1 otherName coordinate others; layer 0 title coordinate samples ]
