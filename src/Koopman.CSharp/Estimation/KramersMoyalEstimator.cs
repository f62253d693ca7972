using System;

namespace Koopman;

/// <summary>Settings of <see cref="KramersMoyalEstimator"/>.</summary>
public sealed record KramersMoyalSettings
{
    /// <summary>True if the diffusion depends on the state, on the same observables as the drift. Default false: one matrix.</summary>
    public bool StateDependentDiffusion { get; init; } = KramersMoyalModule.defaults.Form.IsStateDependentDiffusion;

    /// <summary>The order in the lag of what is left of the error that a finite lag makes: 1 or 2 (the default).</summary>
    public int Order { get; init; } = KramersMoyalModule.defaults.Order;

    /// <summary>Directions of the Gram matrix below this share of its largest eigenvalue are dropped. From 0 to below 1, default 1e-10.</summary>
    public double RankTolerance { get; init; } = KramersMoyalModule.defaults.RankTolerance;

    internal KramersMoyalOptions ToCore() =>
        new(StateDependentDiffusion ? DiffusionForm.StateDependentDiffusion : DiffusionForm.ConstantDiffusion, Order, RankTolerance);
}

/// <summary>
/// Drift and diffusion from pairs: conditional mean and covariance of the increments by their lag, as regressions on observables.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
public sealed class KramersMoyalEstimator(KramersMoyalSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public KramersMoyalSettings Settings { get; } = settings ?? new();

    /// <summary>Fits drift and diffusion.</summary>
    /// <param name="observables">The dictionary of the regressions.</param>
    /// <param name="pairs">States and successors at a lag well below the time in which drift and diffusion change.</param>
    /// <exception cref="KoopmanException">Too few pairs, shapes that do not match, inputs, or a setting out of its range.</exception>
    public KramersMoyal Fit(Observables observables, SnapshotPairs pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return KramersMoyalModule.estimate(Settings.ToCore(), observables, pairs).OrThrow();
    }
}
