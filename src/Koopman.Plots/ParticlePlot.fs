namespace Koopman.Plots

open Koopman
open Plotly.NET
open Koopman.Metrics
open Koopman.Particles

/// <summary>Charts of particles and of runs that move them.</summary>
[<RequireQualifiedAccess>]
module ParticlePlot =

    let private cloud (colour: int) (name: string) (samples: Samples) : GenericChart =
        let rows = Points.shown samples.Count
        let values = Samples.values samples

        Layer.points
            colour
            name
            (Points.coordinate 0 samples.Dimension values rows)
            (Points.coordinate 1 samples.Dimension values rows)

    let private plane (title: string) (dimension: int) (layers: GenericChart list) : GenericChart =
        layers
        |> Figure.create title (Axis.linear (Points.name 0 dimension)) (Axis.linear (Points.name 1 dimension))
        |> Figure.withEqualUnits

    /// <summary>Points in their first two coordinates, or their density in one dimension.</summary>
    /// <param name="title">Name of the points.</param>
    /// <param name="samples">The points; a few thousand of them are drawn.</param>
    [<CompiledName("Cloud")>]
    let cloudOf (title: string) (samples: Samples) : GenericChart =
        if samples.Dimension = 1 then
            DensityPlot.coordinate title 0 samples
        else
            plane title samples.Dimension [ cloud 0 title samples ]

    /// <summary>Particles and data in their first two coordinates, or their densities in one dimension.</summary>
    /// <param name="title">Name of the particles.</param>
    /// <param name="data">The data, of the same dimension.</param>
    /// <param name="particles">The particles; some thousand of them, and of the data, are drawn.</param>
    [<CompiledName("BesideData")>]
    let besideData (title: string) (data: Samples) (particles: Samples) : GenericChart =
        if particles.Dimension = 1 then
            DensityPlot.besideSamples title "data" data 0 particles
        else
            plane title particles.Dimension [ cloud 1 "data" data; cloud 0 title particles ]

    /// <summary>Particles over a density known on a grid: points over contours in two dimensions, a histogram and a curve in one.</summary>
    /// <param name="title">Name of the particles.</param>
    /// <param name="grid">The grid of the density, which is also the range shown.</param>
    /// <param name="density">Its values at the grid's nodes, the last coordinate fastest, as <c>Kde.boltzmann</c> and <c>Kde.density</c> give them.</param>
    /// <param name="particles">Of the grid's dimension; a few thousand of them are drawn.</param>
    /// <exception cref="T:Koopman.KoopmanException">The particles do not have the grid's dimension, or there is not one value per node.</exception>
    [<CompiledName("OverDensity")>]
    let overDensity (title: string) (grid: DensityGrid) (density: float[]) (particles: Samples) : GenericChart =
        if particles.Dimension <> grid.Dimension then
            Checks.refuse
                $"Particles in {particles.Dimension} dimensions over a density in {grid.Dimension}"
                "Give both in the same 1 or 2 dimensions"

        if density.Length <> pown grid.Points grid.Dimension then
            Checks.refuse
                $"{density.Length} density values on {pown grid.Points grid.Dimension} nodes"
                "Give one value per node, the last coordinate fastest"

        let axis = grid.Axis

        let shown title =
            Axis.linear title |> Axis.between grid.Low grid.High

        if grid.Dimension = 1 then
            DensityPlot.besideExact title axis density 0 particles
            |> Chart.withXAxis (shown "x")
        else
            let map =
                Array2D.init grid.Points grid.Points (fun row column -> density[column * grid.Points + row])

            [ Layer.contour "density" axis axis map; cloud 0 title particles ]
            |> Figure.create title (shown "x1") (shown "x2")
            |> Figure.withEqualUnits

    /// <summary>The energy of particles over the iterations, with that of independent samples.</summary>
    /// <param name="flow">A run of particles, with at least one energy; non-positive energies are drawn at 1e-16.</param>
    /// <exception cref="T:Koopman.KoopmanException">The run has no energies.</exception>
    [<CompiledName("Energies")>]
    let energies (flow: ParticleResult) : GenericChart =
        Checks.notEmpty "energies" "Give a run with at least one" flow.Energies.Length

        [
            Layer.line 0 "E" (Array.init flow.Energies.Length float) (flow.Energies |> Array.map (max 1e-16))
            Layer.dashed
                1
                "independent samples"
                [| 0.0; float (flow.Energies.Length - 1) |]
                [| flow.IndependentEnergy; flow.IndependentEnergy |]
        ]
        |> Figure.create "Energy of the particles" (Axis.linear "iteration") (Axis.logarithmic "E")
        |> Figure.withCaption
            "E = ½ Σ c²/η falls until the moments match better than those of independent samples; the final step up is the jitter that prevents clumping."
