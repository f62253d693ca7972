using System;
using System.Linq;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>Whether eigenfunctions keep their promise several lags on.</summary>
public class LinearityTests
{
    [Fact]
    public void What_is_linear_stays_so_and_what_is_not_is_flagged()
    {
        // x_{t+1} = .9 x_t: the span of 1, x and x² is closed, so that every horizon is met.
        using var path = Trajectories.FromArrays([Orbit(x => 0.9 * x)], step: 1);
        using var closed = Observables.Monomials(2, 1);
        using var pairs = path.Pairs(1);
        using var model = new EdmdEstimator().FitDynamics(closed, pairs);
        var deviations = model.Spectrum.DeviationsFromLinearity(path.Pairs, [1, 5, 10], Noise.Deterministic);
        Assert.Equal([1, 5, 10], deviations.Select(point => point.Time).Distinct());
        Assert.All(deviations, point => Assert.InRange(point.Deviation, 0, 1e-6));
        using var clean = model.Spectrum.FlagNotLinear(path.Pairs, [1, 5, 10], Noise.Deterministic);
        Assert.DoesNotContain(clean.Modes.SelectMany(mode => mode.Warnings), warning => warning.Kind == WarningKind.NotLinear);

        // The logistic map on (1, x): no linear function of x evolves linearly.
        using var chaos = Trajectories.FromArrays([Orbit(x => 4 * x * (1 - x), 0.3)], step: 1);
        using var line = Observables.Monomials(1, 1);
        using var steps = chaos.Pairs(1);
        using var wrong = new EdmdEstimator().FitDynamics(line, steps);
        using var flagged = wrong.Spectrum.FlagNotLinear(chaos.Pairs, [1, 2, 3], Noise.Deterministic);
        Assert.Contains(flagged.Modes.SelectMany(mode => mode.Warnings), warning => warning.Kind == WarningKind.NotLinear);
    }

    [Fact]
    public void Horizons_are_asked_for_and_failures_of_the_users_function_are_errors()
    {
        using var path = Trajectories.FromArrays([Orbit(x => 0.9 * x)], step: 1);
        using var closed = Observables.Monomials(2, 1);
        using var pairs = path.Pairs(1);
        using var model = new EdmdEstimator().FitDynamics(closed, pairs);
        Assert.Throws<KoopmanException>(() => model.Spectrum.DeviationsFromLinearity(path.Pairs, []));
        Assert.Throws<KoopmanException>(() => model.Spectrum.DeviationsFromLinearity(path.Pairs, [1000]));
        Assert.Throws<ArgumentNullException>(() => model.Spectrum.DeviationsFromLinearity(null!, [1]));
        Lifetimes.AllDieIn(() => model.Spectrum.FlagNotLinear(path.Pairs, [1, 2], Noise.Deterministic).Dispose());
    }

    private static double[,] Orbit(Func<double, double> map, double start = 1)
    {
        var states = new double[120, 1];
        states[0, 0] = start;
        for (var i = 1; i < 120; i++)
            states[i, 0] = map(states[i - 1, 0]);
        return states;
    }
}
