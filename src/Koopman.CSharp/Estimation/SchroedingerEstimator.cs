using System;

namespace Koopman;

/// <summary>Settings of <see cref="SchroedingerEstimator"/>.</summary>
public sealed record SchroedingerSettings
{
    /// <summary>Sections are added until the error of the kernel matrix is below this fraction of its trace. Default 1e-6.</summary>
    public double Tolerance { get; init; } = KernelGenerator.schroedingerDefaults.Tolerance;

    /// <summary>The number of leading modes with residuals; at least 1. Default 10.</summary>
    public int Modes { get; init; } = KernelGenerator.schroedingerDefaults.Modes;

    /// <summary>Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. Default 1e-10.</summary>
    public double RankTolerance { get; init; } = KernelGenerator.schroedingerDefaults.RankTolerance;

    internal SchroedingerOptions ToCore() => new(Tolerance, Modes, RankTolerance);
}

/// <summary>
/// The lowest eigenvalues of the Schrödinger operator H = -½Δ + V (ħ = m = 1) by Galerkin's method on kernel sections (Klus, Nüske and
/// Hamzi 2020). Rates are energies.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class SchroedingerEstimator(SchroedingerSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public SchroedingerSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the spectrum of e^{-tH}.</summary>
    /// <param name="kernel">A smooth kernel, about as wide as the features of the eigenfunctions.</param>
    /// <param name="potential">V, a function of a point (d).</param>
    /// <param name="points">Nodes that cover the region of the eigenfunctions; at least 40, and two per section.</param>
    /// <exception cref="KoopmanException">
    /// A kernel without second derivatives, a potential that is not finite, too few points, or a setting out of range.
    /// </exception>
    public Spectrum Fit(Kernel kernel, Func<double[], double> potential, Samples points)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(potential);
        ArgumentNullException.ThrowIfNull(points);
        return KernelGenerator.schroedinger(Settings.ToCore(), kernel, point => potential(point.ToArray()), points).OrThrow();
    }

    /// <summary>Fits the spectrum of e^{-tH} from the values of the potential at the points.</summary>
    /// <param name="kernel">A smooth kernel, about as wide as the features of the eigenfunctions.</param>
    /// <param name="potential">V at every point (n).</param>
    /// <param name="points">Nodes that cover the region of the eigenfunctions; at least 40, and two per section.</param>
    /// <exception cref="KoopmanException">
    /// A kernel without second derivatives, a potential that is not finite, another number of values than points, too few points, or a setting
    /// out of range.
    /// </exception>
    public Spectrum Fit(Kernel kernel, double[] potential, Samples points)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(potential);
        ArgumentNullException.ThrowIfNull(points);
        return KernelGenerator.schroedingerAt(Settings.ToCore(), kernel, potential, points).OrThrow();
    }
}
