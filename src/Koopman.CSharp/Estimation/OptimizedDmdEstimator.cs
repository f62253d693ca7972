using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>Settings of <see cref="OptimizedDmdEstimator"/>.</summary>
public sealed record OptimizedDmdSettings
{
    /// <summary>How many exponents; at least 1. Default null: by <see cref="Energy"/>, or else by the optimal hard threshold.</summary>
    public int? Rank { get; init; }

    /// <summary>The share of the sum of squares to keep, above 0 and at most 1. Default null; at most one of this and <see cref="Rank"/> is set.</summary>
    public double? Energy { get; init; }

    /// <summary>The most iterations of a fit; at least 1. Default 200.</summary>
    public int Iterations { get; init; } = OptimizedDmd.defaults.Iterations;

    /// <summary>
    /// How many fits to random subsets of the states give the error bars; 0, the default, takes them from the curvature of the least
    /// squares, which is right for white noise on the states.
    /// </summary>
    public int Bags { get; init; } = OptimizedDmd.defaults.Bags;

    /// <summary>The share of the states in a bag, above 0 and below 1. Default .5.</summary>
    public double Share { get; init; } = OptimizedDmd.defaults.Share;

    /// <summary>The seed of the bags. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>Directions below this share of the largest singular value are taken for rounding errors. From 0 to below 1, default 1e-10.</summary>
    public double RankTolerance { get; init; } = OptimizedDmd.defaults.RankTolerance;

    internal OptimizedDmdOptions ToCore() =>
        new(DmdSettings.RankOf(Rank, Energy), Iterations, Bags, Share, SeedModule.ofInt(Seed), RankTolerance);
}

/// <summary>How far the bags are.</summary>
/// <param name="Bags">Bags fitted so far.</param>
/// <param name="Total">Bags in all.</param>
/// <param name="Converged">How many of those fitted reached their minimum.</param>
public readonly record struct BagProgress(int Bags, int Total, int Converged);

/// <summary>
/// Optimised dynamic mode decomposition: a sum of exponentials fitted to whole trajectories at their own times, regular or not (Askham
/// and Kutz 2018). Noise on the states brings no bias. The spectrum is that of the generator d/dt, with error bars.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
public sealed class OptimizedDmdEstimator(OptimizedDmdSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public OptimizedDmdSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the exponents.</summary>
    /// <param name="trajectories">The data, without inputs; trajectories with no more states than exponents are not used.</param>
    /// <param name="progress">Told after every bag.</param>
    /// <param name="cancellation">Obeyed within one iteration.</param>
    /// <exception cref="KoopmanException">Too few states, inputs, exponents that do not settle, or a setting out of its range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the fit ended.</exception>
    public DynamicsModel Fit(
        TrajectorySet trajectories, IProgress<BagProgress>? progress = null, CancellationToken cancellation = default) =>
        new(Core(trajectories, progress, cancellation).OrThrow(), null);

    /// <summary>As <see cref="Fit"/>, without throwing over the data.</summary>
    /// <returns>Whether there is a model; if not, <paramref name="error"/> says why.</returns>
    public bool TryFit(
        TrajectorySet trajectories,
        [NotNullWhen(true)] out DynamicsModel? model,
        [NotNullWhen(false)] out KoopmanError? error) =>
        Core(trajectories, null, CancellationToken.None).TryGet(core => new DynamicsModel(core, null), out model, out error);

    /// <summary>As <see cref="Fit"/>, on its own thread.</summary>
    /// <inheritdoc cref="Fit" path="/exception"/>
    public Task<DynamicsModel> FitAsync(
        TrajectorySet trajectories, IProgress<BagProgress>? progress = null, CancellationToken cancellation = default) =>
        OwnThread.Run(() => Fit(trajectories, progress, cancellation), cancellation);

    private FSharpResult<LinearModel, KoopmanError> Core(
        TrajectorySet trajectories, IProgress<BagProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        var tell = Bridge.ToFunction<BaggingProgress>(now => progress?.Report(new BagProgress(now.Bags, now.Total, now.Converged)));
        return OptimizedDmd.fit(Settings.ToCore(), new Control<BaggingProgress>(tell, cancellation), trajectories.Core);
    }
}
