using System;

namespace Koopman;

/// <summary>Settings of <see cref="EdmdEstimator"/>.</summary>
public sealed record EdmdSettings
{
    /// <summary>The number of leading modes with residuals and error bars; at least 1. Default 10.</summary>
    public int Modes { get; init; } = Edmd.defaults.Modes;

    /// <summary>Modes with an eigenvalue at or below this are dropped: their rates are noise. From 0 to below 1, default .05.</summary>
    public double SmallestEigenvalue { get; init; } = Edmd.defaults.SmallestEigenvalue;

    /// <summary>
    /// Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. From 0 to below 1, default 1e-10.
    /// </summary>
    public double RankTolerance { get; init; } = Edmd.defaults.RankTolerance;

    /// <summary>
    /// True if successors are random, which decides how <see cref="EdmdEstimator.FitDynamics"/> measures residuals. Default: detected from
    /// the data.
    /// </summary>
    public Noise Noise { get; init; } = Edmd.defaults.Noise;

    /// <summary>Deterministic data: modes whose residual exceeds this have a warning. Positive, default 1e-6.</summary>
    public double Tolerance { get; init; } = Edmd.defaults.Tolerance;

    internal EdmdOptions ToCore() => new(Modes, SmallestEigenvalue, RankTolerance, Noise, Tolerance);
}

/// <summary>
/// Extended dynamic mode decomposition of a reversible process in equilibrium: the spectrum of the propagator over one lag, from
/// pairs (Williams, Kevrekidis and Rowley 2015).
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class EdmdEstimator(EdmdSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public EdmdSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the spectrum.</summary>
    /// <param name="observables">The dictionary; a constant is not needed.</param>
    /// <param name="pairs">The data, in time order if from a trajectory; at least 40 pairs, and two per function.</param>
    /// <exception cref="KoopmanException">
    /// Too few pairs, shapes that do not match, a setting out of range, or data on which everything has decayed.
    /// </exception>
    public Spectrum Fit(Observables observables, SnapshotPairs pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return Edmd.reversible(Settings.ToCore(), observables, pairs).OrThrow();
    }

    /// <summary>
    /// Fits the propagator of any process, reversible or not: eigenvalues may be complex, and the model forecasts. The
    /// observables should span the coordinates, as monomials do. <see cref="EdmdSettings.SmallestEigenvalue"/> is not used.
    /// </summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="pairs">The data, in time order if from a trajectory; at least 40 pairs, and two per function.</param>
    /// <exception cref="KoopmanException">Too few pairs, shapes that do not match, or a setting out of range.</exception>
    public LinearModel FitDynamics(Observables observables, SnapshotPairs pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return Edmd.fit(Settings.ToCore(), observables, pairs).OrThrow();
    }
}
