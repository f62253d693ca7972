using System;

namespace Koopman;

/// <summary>Settings of <see cref="GeneratorEstimator"/>.</summary>
public sealed record GeneratorSettings
{
    /// <summary>The number of leading modes with residuals and error bars; at least 1. Default 10.</summary>
    public int Modes { get; init; } = GeneratorEdmd.defaults.Modes;

    /// <summary>
    /// Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. From 0 to below 1, default 1e-10.
    /// </summary>
    public double RankTolerance { get; init; } = GeneratorEdmd.defaults.RankTolerance;

    /// <summary>
    /// True if the samples are declared to follow the invariant law of the motion. Default false: every mode of a motion with noise then
    /// has a warning.
    /// </summary>
    public bool Invariant { get; init; } = GeneratorEdmd.defaults.Invariant;

    /// <summary>For motion without noise: the largest residual without a warning, as a fraction of the largest |μ|. Default 1e-6.</summary>
    public double Tolerance { get; init; } = GeneratorEdmd.defaults.Tolerance;

    internal GeneratorOptions ToCore() => new(Modes, RankTolerance, Invariant, Tolerance);
}

/// <summary>
/// Generator EDMD: the generator 𝓛f = b·∇f + ½ a:∇²f from a drift and a diffusion that are known at samples (Klus et al. 2020).
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class GeneratorEstimator(GeneratorSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public GeneratorSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the generator.</summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="samples">The samples at which the motion is known; at least 40, and two per function.</param>
    /// <param name="motion">Drift and diffusion at the samples, row by row.</param>
    /// <exception cref="KoopmanException">Too few samples, shapes that do not match, or a setting out of range.</exception>
    public GeneratorModel Fit(Observables observables, Samples samples, DriftDiffusion motion)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(motion);
        return GeneratorEdmd.fit(Settings.ToCore(), observables, samples, motion).OrThrow();
    }
}
