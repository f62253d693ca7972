using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;

namespace Koopman.CSharp;

/// <summary>Settings of <see cref="EdmdEstimator"/>.</summary>
public sealed record EdmdSettings
{
    /// <summary>How many leading modes get residuals and error bars; at least 1. Default 10.</summary>
    public int Modes { get; init; } = Edmd.defaults.Modes;

    /// <summary>Modes with an eigenvalue at or below this are dropped: their rates are noise. From 0 to below 1, default .05.</summary>
    public double SmallestEigenvalue { get; init; } = Edmd.defaults.SmallestEigenvalue;

    /// <summary>Directions of the Gram matrix below this share of its largest eigenvalue are dropped. From 0 to below 1, default 1e-10.</summary>
    public double RankTolerance { get; init; } = Edmd.defaults.RankTolerance;

    /// <summary>
    /// Whether successors are random, which decides how <see cref="EdmdEstimator.FitDynamics"/> measures residuals. Default: found
    /// out from the data.
    /// </summary>
    public NoiseModel Noise { get; init; } = NoiseModel.Automatic;

    /// <summary>Deterministic data: modes whose residual exceeds this carry a warning. Positive, default 1e-6.</summary>
    public double Tolerance { get; init; } = Edmd.defaults.Tolerance;

    internal EdmdOptions ToCore() => new(Modes, SmallestEigenvalue, RankTolerance, Noise.ToCore(), Tolerance);
}

/// <summary>
/// Extended dynamic mode decomposition of a reversible process in equilibrium: the spectrum of the propagator over one lag, from
/// pairs (Williams, Kevrekidis and Rowley 2015).
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
public sealed class EdmdEstimator(EdmdSettings? settings = null)
{
    private FitPath<TransitionSet, Spectrum, SpectralModel> Reversible => new(
        (observables, pairs) => Edmd.reversible(Settings.ToCore(), observables.Core, pairs.Core),
        (core, observables) => new(core, observables));

    private FitPath<TransitionSet, LinearModel, DynamicsModel> Dynamics => new(
        (observables, pairs) => Edmd.fit(Settings.ToCore(), observables.Core, pairs.Core),
        (core, observables) => new(core, observables));

    /// <summary>The settings.</summary>
    public EdmdSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the spectrum.</summary>
    /// <param name="observables">The dictionary; it must outlive the model. A constant is not needed.</param>
    /// <param name="pairs">The data, in time order if from a trajectory; at least 40 pairs, and two a function.</param>
    /// <exception cref="KoopmanException">
    /// Too few pairs, shapes that do not match, a setting out of its range, or data on which everything has decayed.
    /// </exception>
    public SpectralModel Fit(ObservableSet observables, TransitionSet pairs) =>
        Reversible.Fit(observables, pairs);

    /// <summary>As <see cref="Fit"/>, without throwing over the data.</summary>
    /// <returns>Whether there is a model; if not, <paramref name="error"/> says why.</returns>
    public bool TryFit(
        ObservableSet observables,
        TransitionSet pairs,
        [NotNullWhen(true)] out SpectralModel? model,
        [NotNullWhen(false)] out KoopmanError? error) =>
        Reversible.TryFit(observables, pairs, out model, out error);

    /// <summary>As <see cref="Fit"/>, on its own thread. A fit is one step: when cancelled it ends with that step, without a model.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the fit ended.</exception>
    /// <inheritdoc cref="Fit" path="/exception"/>
    public Task<SpectralModel> FitAsync(ObservableSet observables, TransitionSet pairs, CancellationToken cancellation = default) =>
        Reversible.FitAsync(observables, pairs, cancellation);

    /// <summary>
    /// Fits the propagator of any process, reversible or not: eigenvalues may be complex, and the model forecasts. The
    /// observables should span the coordinates, as monomials do. <see cref="EdmdSettings.SmallestEigenvalue"/> has no say here.
    /// </summary>
    /// <param name="observables">The dictionary; it must outlive the model.</param>
    /// <param name="pairs">The data, in time order if from a trajectory; at least 40 pairs, and two a function.</param>
    /// <exception cref="KoopmanException">Too few pairs, shapes that do not match, or a setting out of its range.</exception>
    public DynamicsModel FitDynamics(ObservableSet observables, TransitionSet pairs) =>
        Dynamics.Fit(observables, pairs);

    /// <summary>As <see cref="FitDynamics"/>, without throwing over the data.</summary>
    /// <returns>Whether there is a model; if not, <paramref name="error"/> says why.</returns>
    public bool TryFitDynamics(
        ObservableSet observables,
        TransitionSet pairs,
        [NotNullWhen(true)] out DynamicsModel? model,
        [NotNullWhen(false)] out KoopmanError? error) =>
        Dynamics.TryFit(observables, pairs, out model, out error);

    /// <summary>As <see cref="FitDynamics"/>, on its own thread. A fit is one step: when cancelled it ends with that step, without a model.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the fit ended.</exception>
    /// <inheritdoc cref="FitDynamics" path="/exception"/>
    public Task<DynamicsModel> FitDynamicsAsync(ObservableSet observables, TransitionSet pairs, CancellationToken cancellation = default) =>
        Dynamics.FitAsync(observables, pairs, cancellation);
}
