namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting
open Koopman.Plots
open Koopman.Metrics
open Koopman.Particles

/// <summary>
/// V = (x²-1)² + (y²-1)² at T = 1, whose rates, density and masses are known: the system of <c>koopman demo</c>, with the scores and charts of
/// particles in it.
/// </summary>
[<RequireQualifiedAccess>]
module FourWells =

    /// <summary>Mass within .4 of a well, by quadrature.</summary>
    let exactNearWells: float = 0.380738

    /// <summary>⟨V⟩, by quadrature.</summary>
    let exactMeanPotential: float = 0.834509

    let private grid: DensityGrid =
        {
            Low = -2.2
            High = 2.2
            Points = 60
            Dimension = 2
        }

    let private bandwidth = 0.15

    /// <summary>KL of particles to the exact law, by a kernel density on a grid, with the same bias for all samples of equal size.</summary>
    let divergence: Samples -> float =
        let exact = lazy (Kde.boltzmann grid Systems.quadrupleWell.Value)
        fun particles -> Kde.divergence grid (Kde.density bandwidth grid particles) exact.Value

    /// <summary>The fraction of the particles within .4 of a well.</summary>
    let nearWells (particles: Samples) : float =
        let near (x: float[]) =
            let dx, dy = abs x[0] - 1.0, abs x[1] - 1.0
            if dx * dx + dy * dy <= 0.16 then 1.0 else 0.0

        Samples.values particles |> Array.chunkBySize 2 |> Array.averageBy near

    /// <summary>The well that a point belongs to, from 0 to 3.</summary>
    let wellOf (x: float[]) : int =
        (if x[0] > 0.0 then 2 else 0) + (if x[1] > 0.0 then 1 else 0)

    /// <summary>The largest error of a well's mass, which is 1/4 for each.</summary>
    let massError (particles: Samples) : float =
        let counts = Array.zeroCreate 4

        for x in Samples.values particles |> Array.chunkBySize 2 do
            counts[wellOf x] <- counts[wellOf x] + 1

        counts
        |> Array.map (fun count -> abs (float count / float particles.Count - 0.25))
        |> Array.max

    /// <summary>⟨V⟩ over the particles.</summary>
    let meanPotential (particles: Samples) : float =
        Systems.potential Systems.quadrupleWell.Value particles |> Array.average

    /// <summary>Points uniform on the disc of radius 1 around the origin, which contains no well: a start that is independent of the target's
    /// shape.</summary>
    let startInTheMiddle (count: int) (seed: Seed) : Outcome<Samples> =
        use u = Seed.uniform [| int64 count; 2L |] seed
        let u = Tensors.toArray u

        Array.init (2 * count) (fun i ->
            let radius, angle = sqrt u[i / 2 * 2], 2.0 * Math.PI * u[i / 2 * 2 + 1]
            if i % 2 = 0 then radius * cos angle else radius * sin angle)
        |> Samples.ofValues 2

    /// <summary>Particles before and after over the exact density, rates with intervals, and the energy over the iterations.</summary>
    let sections (spectrum: Spectrum) (start: Samples) (flow: ParticleResult) : Section list =
        let system = Systems.quadrupleWell.Value
        let density = Kde.boltzmann grid system

        [
            {
                Heading = "Particles"
                Blocks =
                    [
                        Block.Beside
                            [
                                Block.Chart(ParticlePlot.overDensity "Start" grid density start)
                                Block.Chart(ParticlePlot.overDensity "End" grid density flow.Particles)
                            ]
                    ]
            }
            {
                Heading = "Spectrum and energy"
                Blocks =
                    [
                        Block.Beside
                            [
                                Block.Chart(SpectrumPlot.ratesBeside system.Rates spectrum)
                                Block.Chart(ParticlePlot.energies flow)
                            ]
                    ]
            }
        ]
