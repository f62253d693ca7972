using System;
using System.Collections.Generic;
using Koopman.Particles;

namespace Koopman;

/// <summary>
/// The inverse generator as an average over paths (Feynman and Kac): w(x) = E ∫ g(X_s) ds from x solves L w = g for a g of mean 0; and the rate at which
/// killing paths conditions a law.
/// </summary>
public static class PathAverages
{
    /// <summary>(L⁻¹g)(x) by simulated paths with Euler steps, up to a horizon.</summary>
    /// <param name="system">The dynamics.</param>
    /// <param name="function">g, of mean 0 in the invariant law.</param>
    /// <param name="points">The points x.</param>
    /// <param name="horizon">The length of the paths, several times 1/η₁.</param>
    /// <param name="step">The time step.</param>
    /// <param name="paths">Paths per point; at least 2.</param>
    /// <param name="seed">The seed of the noise.</param>
    /// <exception cref="KoopmanException">Settings out of range, or points of another dimension.</exception>
    public static PathAverage[] Inverse(
        LangevinSystem system, Func<double[], double> function, Samples points, double horizon, double step, int paths = 1000, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(points);
        return FeynmanKac.inverse(system, function.ToField(), horizon, step, paths, seed.ToSeed(), points).OrThrow();
    }

    /// <summary>The same from a spectrum, Σ ⟨g, φ⟩ φ(x)/η with the mean over the data.</summary>
    /// <param name="model">Reversible.</param>
    /// <param name="data">The samples that it was fitted to.</param>
    /// <param name="values">g at each of them.</param>
    /// <param name="points">The points x.</param>
    /// <exception cref="KoopmanException">A model that is not reversible, or not one value per sample.</exception>
    public static double[] InverseBySpectrum(Spectrum model, Samples data, IReadOnlyList<double> values, Samples points)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(points);
        return FeynmanKac.inverseBySpectrum(model, data, [.. values], points).OrThrow();
    }

    /// <summary>
    /// The rate c = T(¼|∇U|² - ½ΔU) + ½∇V·∇U of a likelihood e^{-U} with (L + c) e^{-U/2} = 0: killing paths at this rate is weighting by the likelihood.
    /// </summary>
    /// <param name="system">Potential and temperature of the prior.</param>
    /// <param name="energy">U.</param>
    /// <param name="gradient">∇U.</param>
    /// <param name="laplacian">ΔU.</param>
    public static Func<double[], double> KillingRate(
        LangevinSystem system, Func<double[], double> energy, Func<double[], double[]> gradient, Func<double[], double> laplacian)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(energy);
        ArgumentNullException.ThrowIfNull(gradient);
        ArgumentNullException.ThrowIfNull(laplacian);
        var rate = FeynmanKac.killing(
            system,
            new Likelihood(energy.ToField(), new VectorField((x, slope) => gradient(x.ToArray()).CopyTo(slope)), laplacian.ToField()));
        return x => rate.Invoke(x);
    }
}
