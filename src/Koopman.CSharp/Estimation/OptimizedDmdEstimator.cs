using System;
using System.Threading;

namespace Koopman;

/// <summary>Settings of <see cref="OptimizedDmdEstimator"/>.</summary>
public sealed record OptimizedDmdSettings
{
    /// <summary>The number of exponents; at least 1. Default null: by <see cref="Energy"/>, or else by the optimal hard threshold.</summary>
    public int? Rank { get; init; }

    /// <summary>The share of the sum of squares to keep, above 0 and at most 1. Default null; at most one of this and <see cref="Rank"/> is set.</summary>
    public double? Energy { get; init; }

    /// <summary>
    /// True if the constant 1 is added to the coordinates, so that motion about a point other than 0 is linear. Default false.
    /// </summary>
    public bool Constant { get; init; } = OptimizedDmd.defaults.Constant;

    /// <summary>The maximum number of iterations of a fit; at least 1. Default 200.</summary>
    public int Iterations { get; init; } = OptimizedDmd.defaults.Iterations;

    /// <summary>
    /// The number of fits to random subsets of the states for error bars; 0, the default, takes them from the curvature of the least
    /// squares, which is valid for white noise on the states.
    /// </summary>
    public int Bags { get; init; } = OptimizedDmd.defaults.Bags;

    /// <summary>The fraction of the states in a bag, above 0 and below 1. Default .5.</summary>
    public double Share { get; init; } = OptimizedDmd.defaults.Share;

    /// <summary>The seed of the bags. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>Directions below this share of the largest singular value are taken for rounding errors. From 0 to below 1, default 1e-10.</summary>
    public double RankTolerance { get; init; } = OptimizedDmd.defaults.RankTolerance;

    internal OptimizedDmdOptions ToCore() =>
        new(DmdSettings.RankOf(Rank, Energy), Constant, Iterations, Bags, Share, Seed.ToSeed(), RankTolerance);
}

/// <summary>
/// Optimised dynamic mode decomposition: a sum of exponentials fitted to whole trajectories at their own times, regular or not (Askham
/// and Kutz 2018). Noise on the states causes no bias. The spectrum is that of the generator d/dt, with error bars.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class OptimizedDmdEstimator(OptimizedDmdSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public OptimizedDmdSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the exponents.</summary>
    /// <param name="trajectories">The data, without inputs; trajectories with no more states than exponents are not used.</param>
    /// <param name="progress">Reports after every bag.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
    /// <exception cref="KoopmanException">Too few states, inputs, exponents that do not converge, or a setting out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the fit ended.</exception>
    public LinearModel Fit(
        Trajectories trajectories, IProgress<BaggingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        return OptimizedDmd.fit(Settings.ToCore(), progress.ToControl(cancellation), trajectories).OrThrow();
    }
}
