namespace Koopman.Cli

open Koopman
open Koopman.Cli.Reporting
open Koopman.Metrics
open Koopman.Particles

/// <summary>What a report shows of particles in the quadruple well.</summary>
[<RequireQualifiedAccess>]
module WellsPictures =

    /// <summary>Particles before and after over the exact density, rates with intervals, and the energy over the iterations.</summary>
    let sections (grid: DensityGrid) (spectrum: Spectrum) (start: Samples) (flow: FlowResult) : Section list =
        let system = Systems.quadrupleWell.Value
        let density = Kde.boltzmann grid system
        let axis = grid.Axis

        let map: Grid =
            {
                Name = "exact density"
                X = axis
                Y = axis
                // The wells are symmetric in x and y, but the grid's last axis is y: a row of the picture is one y.
                Z =
                    [|
                        for j in 0 .. grid.Points - 1 ->
                            [| for i in 0 .. grid.Points - 1 -> density[i * grid.Points + j] |]
                    |]
            }

        let particles (title: string) (samples: Samples) =
            let values = Samples.values samples
            let x = Array.init samples.Count (fun i -> values[2 * i])
            let y = Array.init samples.Count (fun i -> values[2 * i + 1])

            Plot.create
                title
                (Axis.linear "x" |> Axis.between -2.2 2.2)
                (Axis.linear "y" |> Axis.between -2.2 2.2)
                [ Trace.Contour map; Trace.Points("particles", x, y) ]
            |> Plot.withEqualUnits
            |> Block.Plot

        let index = spectrum.Modes |> Array.map (fun m -> float m.Index)
        let exact = Array.truncate index.Length system.Rates

        let rates =
            Plot.create
                "Rates"
                (Axis.linear "mode")
                (Axis.linear "rate η (1/time)")
                [
                    Trace.Points("exact", Array.take exact.Length index, exact)
                    Trace.Measured(
                        "estimate with 95 % interval",
                        index,
                        spectrum.Modes |> Array.map (fun m -> 0.5 * (m.Lower + m.Upper)),
                        spectrum.Modes |> Array.map (fun m -> 0.5 * (m.Upper - m.Lower))
                    )
                ]
            |> Plot.withCaption
                "The slow rates decide how long wells keep their mass; intervals are corrected for bias."
            |> Block.Plot

        let energy =
            Plot.create
                "Energy of the particles"
                (Axis.linear "iteration")
                (Axis.logarithmic "E")
                [
                    Trace.Line("E", Array.init flow.Energies.Length float, flow.Energies |> Array.map (max 1e-16))
                    Trace.Dashed(
                        "independent samples",
                        [| 0.0; float (flow.Energies.Length - 1) |],
                        [| flow.IndependentEnergy; flow.IndependentEnergy |]
                    )
                ]
            |> Plot.withCaption
                "E = ½ Σ c²/η falls until the moments match better than those of independent samples; the step up is the jitter against clumping."
            |> Block.Plot

        [
            {
                Heading = "Particles"
                Blocks = [ Block.Beside [ particles "Start" start; particles "End" flow.Particles ] ]
            }
            {
                Heading = "Spectrum and energy"
                Blocks = [ Block.Beside [ rates; energy ] ]
            }
        ]
