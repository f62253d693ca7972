using System;
using System.Threading;
using Koopman.Particles;

namespace Koopman;

/// <summary>Theoretical predictions for the flow, and their numerical check.</summary>
public static class FlowTheory
{
    /// <summary>KL of the ideal flow at a time, from the density ratios to the target at points of the start, and their masses.</summary>
    /// <exception cref="ArgumentException">The numbers of ratios and masses differ.</exception>
    public static double IdealKl(double time, ReadOnlySpan<double> ratios, ReadOnlySpan<double> masses) =>
        IdealFlow.kl(time, ratios.ToArray(), Matching(ratios, masses));

    /// <summary>χ² of the ideal flow at a time, which is -dKL/dt.</summary>
    /// <inheritdoc cref="IdealKl"/>
    public static double IdealChiSquared(double time, ReadOnlySpan<double> ratios, ReadOnlySpan<double> masses) =>
        IdealFlow.chiSquared(time, ratios.ToArray(), Matching(ratios, masses));

    /// <summary>Transports a density in the field of a spectrum and measures it.</summary>
    /// <param name="system">The exact system for comparison.</param>
    /// <param name="model">Reversible.</param>
    /// <param name="data">The samples that it was fitted to.</param>
    /// <param name="logStart">The logarithm of the start's density up to a constant.</param>
    /// <param name="volumes">Points with volumes as weights, which cover both laws.</param>
    /// <param name="step">The time step.</param>
    /// <param name="steps">The number of steps.</param>
    /// <param name="every">Measure every this many steps.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <exception cref="KoopmanException">Shapes that do not match, or points that no longer resolve the density.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DissipationRun Measure(
        LangevinSystem system,
        Spectrum model,
        Samples data,
        Func<double[], double> logStart,
        Samples volumes,
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
        return Dissipation.measure(
            default(IProgress<double>).ToControl(cancellation), system, model, data, logStart.ToField(), volumes, step, steps, every).OrThrow();
    }

    /// <summary>
    /// The same for Stein variational gradient descent with the exact score and a fixed Gaussian kernel. Its time is scaled so that it starts at the
    /// dissipation χ² of the ideal flow; it has no modes, so tail and errors are NaN.
    /// </summary>
    /// <param name="system">The system.</param>
    /// <param name="width">The standard deviation of the kernel, positive.</param>
    /// <param name="logStart">The logarithm of the start's density up to a constant.</param>
    /// <param name="volumes">Points with volumes as weights, which cover both laws. Work grows with their square.</param>
    /// <param name="step">The time step.</param>
    /// <param name="steps">The number of steps.</param>
    /// <param name="every">Measure every this many steps.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <exception cref="KoopmanException">Shapes that do not match, a width that is not positive, or points that no longer resolve the density.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DissipationRun MeasureSvgd(
        LangevinSystem system,
        double width,
        Func<double[], double> logStart,
        Samples volumes,
        double step = 0.05,
        int steps = 100,
        int every = 10,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(logStart);
        ArgumentNullException.ThrowIfNull(volumes);
        return Dissipation.measureSvgd(
            default(IProgress<double>).ToControl(cancellation), system, width, logStart.ToField(), volumes, step, steps, every).OrThrow();
    }

    private static double[] Matching(ReadOnlySpan<double> ratios, ReadOnlySpan<double> masses) =>
        ratios.Length == masses.Length
            ? masses.ToArray()
            : throw new ArgumentException($"There are {ratios.Length} ratios and {masses.Length} masses.", nameof(masses));
}
