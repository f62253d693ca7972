using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>Settings of <see cref="MotionEstimator"/>.</summary>
public sealed record MotionSettings
{
    /// <summary>Whether the diffusion depends on the state, on the same observables as the drift. Default false: one matrix.</summary>
    public bool StateDependentDiffusion { get; init; } = KramersMoyalModule.defaults.Form.IsStateDependentDiffusion;

    /// <summary>The order in the lag of what is left of the error that a finite lag makes: 1 or 2 (the default).</summary>
    public int Order { get; init; } = KramersMoyalModule.defaults.Order;

    /// <summary>Directions of the Gram matrix below this share of its largest eigenvalue are dropped. From 0 to below 1, default 1e-10.</summary>
    public double RankTolerance { get; init; } = KramersMoyalModule.defaults.RankTolerance;

    internal KramersMoyalOptions ToCore() =>
        new(StateDependentDiffusion ? DiffusionForm.StateDependentDiffusion : DiffusionForm.ConstantDiffusion, Order, RankTolerance);
}

/// <summary>
/// An estimated equation of motion dX = b(X) dt + σ(X) dW on observables. Holds tensors: dispose of it. It uses the observables it was
/// fitted with, which must outlive it.
/// </summary>
public sealed class EstimatedMotion : IDisposable
{
    private readonly KramersMoyal core;

    internal EstimatedMotion(KramersMoyal core) => this.core = core;

    private KramersMoyal Core
    {
        get
        {
            Check.Alive(core.Drift, this);
            return core;
        }
    }

    /// <summary>The drift's coefficients (N, d). A copy.</summary>
    public double[,] Drift() => Convert.ToMatrix(Core.Drift.alias());

    /// <summary>Their standard errors from sampling alone (N, d). A copy.</summary>
    public double[,] DriftErrors() => Convert.ToMatrix(Core.DriftErrors.alias());

    /// <summary>Drift and diffusion at points.</summary>
    /// <exception cref="ArgumentException">The points have another dimension.</exception>
    public EquationOfMotion At(SampleSet points)
    {
        ArgumentNullException.ThrowIfNull(points);
        return new(Core.At(Check.Points(points.Points, Core.Observables.Dimension, nameof(points))));
    }

    /// <summary>Frees the tensors. The observables live on.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => core.ToString();
}

/// <summary>
/// Drift and diffusion from pairs: conditional mean and covariance of the increments by their lag, as regressions on observables.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
public sealed class MotionEstimator(MotionSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public MotionSettings Settings { get; } = settings ?? new();

    /// <summary>Fits drift and diffusion.</summary>
    /// <param name="observables">The dictionary of the regressions; it must outlive the result.</param>
    /// <param name="pairs">States and successors at a lag well below the time in which drift and diffusion change.</param>
    /// <exception cref="KoopmanException">Too few pairs, shapes that do not match, inputs, or a setting out of its range.</exception>
    public EstimatedMotion Fit(ObservableSet observables, TransitionSet pairs) => new(Core(observables, pairs).OrThrow());

    /// <summary>As <see cref="Fit"/>, without throwing over the data.</summary>
    /// <returns>Whether there is a result; if not, <paramref name="error"/> says why.</returns>
    public bool TryFit(
        ObservableSet observables,
        TransitionSet pairs,
        [NotNullWhen(true)] out EstimatedMotion? motion,
        [NotNullWhen(false)] out KoopmanError? error) =>
        Core(observables, pairs).TryGet(core => new EstimatedMotion(core), out motion, out error);

    /// <summary>As <see cref="Fit"/>, on its own thread. A fit is one step: when cancelled it ends with that step, without a result.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the fit ended.</exception>
    /// <inheritdoc cref="Fit" path="/exception"/>
    public Task<EstimatedMotion> FitAsync(ObservableSet observables, TransitionSet pairs, CancellationToken cancellation = default) =>
        OwnThread.RunWhole(() => Fit(observables, pairs), cancellation);

    private FSharpResult<KramersMoyal, KoopmanError> Core(ObservableSet observables, TransitionSet pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return KramersMoyalModule.estimate(Settings.ToCore(), observables.Core, pairs.Core);
    }
}
