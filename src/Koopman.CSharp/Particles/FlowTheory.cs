using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Koopman.Particles;

namespace Koopman.CSharp;

/// <summary>The flow of a density at one time. f = ρ - 1 for the density ratio ρ to the target.</summary>
/// <param name="Time">The time of the flow.</param>
/// <param name="Kl">KL divergence to the target.</param>
/// <param name="ChiSquared">‖f‖².</param>
/// <param name="Rate">-dKL/dt, by the true generator.</param>
/// <param name="Tail">What the modes do not see of f.</param>
/// <param name="Mismatch">How far the learned inverse generator is from one, relative to ‖f‖².</param>
/// <param name="IdealKl">KL of the ideal flow.</param>
public readonly record struct TheoryPoint(
    double Time, double Kl, double ChiSquared, double Rate, double Tail, double Mismatch, double IdealKl);

/// <summary>A density's flow with the bounds that theory gives for it.</summary>
public sealed class TheoryRun
{
    internal TheoryRun(DissipationRun core)
    {
        Points = Array.AsReadOnly(core.Points
            .Select(p => new TheoryPoint(p.Time, p.Kl, p.ChiSquared, p.Rate, p.Tail, p.Mismatch, p.IdealKl)).ToArray());
        Bound = Array.AsReadOnly(core.Bound);
        RunningBound = Array.AsReadOnly(core.RunningBound);
        Floor = core.Floor;
    }

    /// <summary>The measurements, in time.</summary>
    public IReadOnlyList<TheoryPoint> Points { get; }

    /// <summary>Theorem 4.7 at each time, with the largest tail and mismatch of the run.</summary>
    public IReadOnlyList<double> Bound { get; }

    /// <summary>The same inequality with the tail of each time.</summary>
    public IReadOnlyList<double> RunningBound { get; }

    /// <summary>What the bound falls to; infinite if the mismatch reaches 1.</summary>
    public double Floor { get; }
}

/// <summary>What the theory of the flow promises, and how to measure it.</summary>
public static class FlowTheory
{
    /// <summary>KL of the ideal flow at a time, from density ratios to the target at points of the start and their masses.</summary>
    /// <exception cref="ArgumentException">The numbers of ratios and masses differ.</exception>
    public static double IdealKl(double time, ReadOnlySpan<double> ratios, ReadOnlySpan<double> masses) =>
        IdealFlow.kl(time, ratios.ToArray(), Matching(ratios, masses));

    /// <summary>χ² of the ideal flow at a time, which is -dKL/dt.</summary>
    /// <inheritdoc cref="IdealKl"/>
    public static double IdealChiSquared(double time, ReadOnlySpan<double> ratios, ReadOnlySpan<double> masses) =>
        IdealFlow.chiSquared(time, ratios.ToArray(), Matching(ratios, masses));

    /// <summary>Moves a density in the field of a spectrum and measures it.</summary>
    /// <param name="system">The truth to measure against.</param>
    /// <param name="model">Reversible.</param>
    /// <param name="data">The samples that it was fitted to.</param>
    /// <param name="logStart">The logarithm of the start's density up to a constant.</param>
    /// <param name="volumes">Points with volumes as weights, that hold both laws.</param>
    /// <param name="step">The time step.</param>
    /// <param name="steps">How many.</param>
    /// <param name="every">Measure every so many steps.</param>
    /// <param name="cancellation">Asked at every step.</param>
    /// <exception cref="KoopmanException">Shapes that do not match, or points that no longer resolve the density.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static TheoryRun Measure(
        Simulation system,
        SpectralModel model,
        SampleSet data,
        Func<double[], double> logStart,
        SampleSet volumes,
        double step = 0.05,
        int steps = 100,
        int every = 10,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(logStart);
        ArgumentNullException.ThrowIfNull(volumes);
        return new(Dissipation.measure(
            new Control<double>(Bridge.ToFunction<double>(_ => { }), cancellation),
            system.Core,
            model.Core,
            data.Core,
            new ScalarField(point => logStart(point.ToArray())),
            volumes.Core,
            step,
            steps,
            every).OrThrow());
    }

    private static double[] Matching(ReadOnlySpan<double> ratios, ReadOnlySpan<double> masses) =>
        ratios.Length == masses.Length
            ? masses.ToArray()
            : throw new ArgumentException($"There are {ratios.Length} ratios and {masses.Length} masses.", nameof(masses));
}
