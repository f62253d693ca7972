using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>Settings of <see cref="EdmdEstimator"/>.</summary>
public sealed record EdmdSettings
{
    /// <summary>How many leading modes get residuals and error bars; at least 1. Default 10.</summary>
    public int Modes { get; init; } = Edmd.defaults.Modes;

    /// <summary>Modes with an eigenvalue at or below this are dropped: their rates are noise. From 0 to below 1, default .05.</summary>
    public double Floor { get; init; } = Edmd.defaults.Floor;

    /// <summary>Directions of the Gram matrix below this share of its largest eigenvalue are dropped. From 0 to below 1, default 1e-10.</summary>
    public double Cut { get; init; } = Edmd.defaults.Cut;

    internal EdmdOptions ToCore() => new(Modes, Floor, Cut);
}

/// <summary>
/// Extended dynamic mode decomposition of a reversible process in equilibrium: the spectrum of the propagator over one lag, from
/// pairs (Williams, Kevrekidis and Rowley 2015).
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
public sealed class EdmdEstimator(EdmdSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public EdmdSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the spectrum.</summary>
    /// <param name="observables">The dictionary; it must outlive the model. A constant is not needed.</param>
    /// <param name="pairs">The data, in time order if from a trajectory; at least 40 pairs, and two a function.</param>
    /// <exception cref="KoopmanException">
    /// Too few pairs, shapes that do not match, a setting out of its range, or data on which everything has decayed.
    /// </exception>
    public SpectralModel Fit(ObservableSet observables, TransitionSet pairs) =>
        new(Core(observables, pairs).OrThrow(), observables);

    /// <summary>As <see cref="Fit"/>, without throwing over the data.</summary>
    /// <returns>Whether there is a model; if not, <paramref name="error"/> says why.</returns>
    public bool TryFit(
        ObservableSet observables,
        TransitionSet pairs,
        [NotNullWhen(true)] out SpectralModel? model,
        [NotNullWhen(false)] out KoopmanError? error) =>
        Core(observables, pairs).TryGet(core => new SpectralModel(core, observables), out model, out error);

    /// <summary>As <see cref="Fit"/>, on its own thread. A fit is one step: when cancelled it ends with that step, without a model.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the fit ended.</exception>
    /// <inheritdoc cref="Fit" path="/exception"/>
    public Task<SpectralModel> FitAsync(ObservableSet observables, TransitionSet pairs, CancellationToken cancellation = default) =>
        OwnThread.RunWhole(() => Fit(observables, pairs), cancellation);

    private FSharpResult<Spectrum, KoopmanError> Core(ObservableSet observables, TransitionSet pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return Edmd.reversible(Settings.ToCore(), observables.Core, pairs.Core);
    }
}
