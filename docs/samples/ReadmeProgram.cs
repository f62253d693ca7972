using System;
using System.Linq;
using Koopman;

namespace DocumentedPrograms;

/// <summary>The C# program of README.md. The tests run it.</summary>
internal static class ReadmeProgram
{
    public static void Run()
    {
        // <program>
        var wells = LangevinSystem.QuadrupleWell; // V = (x²-1)² + (y²-1)² at temperature 1
        using var data = wells.EquilibriumSamples(2000, seed: 1);
        using var observables = Observables.GaussiansOver(data);
        using var model = new LangevinEstimator().Fit(observables, data);
        foreach (var mode in model.Modes.Take(3))
            Console.WriteLine($"rate {mode.Rate:F3} ± {mode.StandardError:F3}, exact {wells.Rates[mode.Index - 1]:F3}");

        using var start = data.GaussianLike(1000, seed: 2);
        using var run = new ParticleSampler(model, data).Run(start);
        run.Particles.Save("particles.npy");
        // </program>
    }
}
