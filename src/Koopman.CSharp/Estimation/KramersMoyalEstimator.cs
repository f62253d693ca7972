using System;

namespace Koopman;

/// <summary>Settings of <see cref="KramersMoyalEstimator"/>.</summary>
public sealed record KramersMoyalSettings
{
    /// <summary>True if the diffusion depends on the state, on the same observables as the drift. Default false: one matrix.</summary>
    public bool StateDependentDiffusion { get; init; } = KramersMoyalModule.defaults.Form.IsStateDependentDiffusion;

    /// <summary>The order in the lag of the remaining error due to the finite lag: 1 or 2. Default 2.</summary>
    public int Order { get; init; } = KramersMoyalModule.defaults.Order;

    /// <summary>
    /// Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. From 0 to below 1, default 1e-10.
    /// </summary>
    public double RankTolerance { get; init; } = KramersMoyalModule.defaults.RankTolerance;

    internal KramersMoyalOptions ToCore() =>
        new(StateDependentDiffusion ? DiffusionForm.StateDependentDiffusion : DiffusionForm.ConstantDiffusion, Order, RankTolerance);
}

/// <summary>
/// Drift and diffusion from pairs: conditional mean and covariance of the increments, divided by the lag, as regressions on observables.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class KramersMoyalEstimator(KramersMoyalSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public KramersMoyalSettings Settings { get; } = settings ?? new();

    /// <summary>Fits drift and diffusion.</summary>
    /// <param name="observables">The dictionary of the regressions.</param>
    /// <param name="pairs">States and successors at a lag well below the time in which drift and diffusion change.</param>
    /// <exception cref="KoopmanException">Too few pairs, shapes that do not match, inputs, or a setting out of range.</exception>
    public KramersMoyal Fit(Observables observables, SnapshotPairs pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return KramersMoyalModule.estimate(Settings.ToCore(), observables, pairs).OrThrow();
    }
}
