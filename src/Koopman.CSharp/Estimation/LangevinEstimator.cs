using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>Settings of <see cref="LangevinEstimator"/>.</summary>
public sealed record LangevinSettings
{
    /// <summary>The temperature T of dX = -∇V dt + √(2T) dW; positive. Default 1.</summary>
    public double Temperature { get; init; } = Langevin.defaults.Temperature;

    /// <summary>How many leading modes get residuals and error bars; at least 1. Default 10.</summary>
    public int Modes { get; init; } = Langevin.defaults.Modes;

    /// <summary>Directions of the Gram matrix below this share of its largest eigenvalue are dropped. From 0 to below 1, default 1e-10.</summary>
    public double Cut { get; init; } = Langevin.defaults.Cut;

    internal LangevinOptions ToCore() => new(Temperature, Modes, Cut);
}

/// <summary>
/// The spectrum of the generator L = -TΔ + ∇V·∇ of Langevin dynamics, from samples of its invariant law alone: neither V nor time is
/// needed (generator EDMD in Dirichlet form; Klus et al. 2020).
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
public sealed class LangevinEstimator(LangevinSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public LangevinSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the spectrum. Rates converge to the true ones from above.</summary>
    /// <param name="observables">The dictionary; it must outlive the model. A constant is not needed.</param>
    /// <param name="samples">Samples of the invariant law, weighted or not; at least 40, and two a function.</param>
    /// <exception cref="KoopmanException">Too few samples, shapes that do not match, or a setting out of its range.</exception>
    public SpectralModel Fit(ObservableSet observables, SampleSet samples) =>
        new(Core(observables, samples).OrThrow(), observables);

    /// <summary>As <see cref="Fit"/>, without throwing over the data.</summary>
    /// <returns>Whether there is a model; if not, <paramref name="error"/> says why.</returns>
    public bool TryFit(
        ObservableSet observables,
        SampleSet samples,
        [NotNullWhen(true)] out SpectralModel? model,
        [NotNullWhen(false)] out KoopmanError? error) =>
        Core(observables, samples).TryGet(core => new SpectralModel(core, observables), out model, out error);

    /// <summary>As <see cref="Fit"/>, on its own thread. A fit is one step: when cancelled it ends with that step, without a model.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the fit ended.</exception>
    /// <inheritdoc cref="Fit" path="/exception"/>
    public Task<SpectralModel> FitAsync(ObservableSet observables, SampleSet samples, CancellationToken cancellation = default) =>
        OwnThread.RunWhole(() => Fit(observables, samples), cancellation);

    private FSharpResult<Spectrum, KoopmanError> Core(ObservableSet observables, SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(samples);
        return Langevin.fit(Settings.ToCore(), observables.Core, samples.Core);
    }
}
