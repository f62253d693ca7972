using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.FSharp.Collections;

namespace Koopman;

/// <summary>A candidate dictionary.</summary>
/// <param name="Description">A description for the table.</param>
/// <param name="Make">Makes the dictionary for given data; the caller disposes the result.</param>
/// <param name="RankTolerance">Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped.</param>
public sealed record DictionaryCandidate(string Description, Func<Samples, Observables> Make, double RankTolerance = 1e-10)
{
    internal Candidate ToCore() => new(Description, Make.ToResult(), RankTolerance);
}

/// <summary>Settings of <see cref="ModelSelector"/>.</summary>
public sealed record SelectorSettings
{
    /// <summary>The candidates. Default: null, twelve Gaussian dictionaries.</summary>
    public IReadOnlyList<DictionaryCandidate>? Candidates { get; init; }

    /// <summary>The number of modes scored in a reversible spectrum, including the constant; at least 2. Default 4.</summary>
    public int Rank { get; init; } = 4;

    /// <summary>The number of residuals scored for a deterministic system; at least 1. Default 6.</summary>
    public int Residuals { get; init; } = 6;

    /// <summary>The horizon of a forecast in lags; at least 1. Default 25.</summary>
    public int Horizon { get; init; } = 25;

    /// <summary>The temperature T of the Langevin generator; positive. Default 1.</summary>
    public double Temperature { get; init; } = 1;
}

/// <summary>
/// Chooses a dictionary, its width and its rank by scores on held-out data, with one criterion for each task and five contiguous folds, and
/// fits with it.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class ModelSelector(SelectorSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public SelectorSettings Settings { get; } = settings ?? new();

    /// <summary>For the spectrum of a reversible process from pairs: the VAMP-E score, then <see cref="EdmdEstimator"/>.</summary>
    /// <param name="pairs">The data, in time order if from trajectories.</param>
    /// <param name="progress">Reports after every candidate, on the worker thread.</param>
    /// <param name="cancellation">Checked at every candidate.</param>
    /// <exception cref="KoopmanException">No candidate can be fitted, or a setting is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Selection<Spectrum> SelectReversible(
        SnapshotPairs pairs, IProgress<SelectionProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return SelectionModule.reversible(progress.ToControl(cancellation), Settings.Rank, Grid(false, pairs.Dimension), pairs).OrThrow();
    }

    /// <summary>For the Langevin generator from samples: the bounded Dirichlet score, then <see cref="LangevinEstimator"/>.</summary>
    /// <param name="samples">Samples of the invariant law.</param>
    /// <param name="progress">Reports after every candidate, on the worker thread.</param>
    /// <param name="cancellation">Checked at every candidate.</param>
    /// <inheritdoc cref="SelectReversible" path="/exception"/>
    public Selection<Spectrum> SelectLangevin(
        Samples samples, IProgress<SelectionProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return SelectionModule.langevin(
            progress.ToControl(cancellation), Settings.Temperature, Settings.Rank, Grid(false, samples.Dimension), samples).OrThrow();
    }

    /// <summary>For a deterministic system from clean pairs: the smallest held-out residuals, then <see cref="EdmdEstimator.FitDynamics"/>.</summary>
    /// <param name="pairs">The data, in time order if from trajectories.</param>
    /// <param name="progress">Reports after every candidate, on the worker thread.</param>
    /// <param name="cancellation">Checked at every candidate.</param>
    /// <inheritdoc cref="SelectReversible" path="/exception"/>
    public Selection<LinearModel> SelectDeterministic(
        SnapshotPairs pairs, IProgress<SelectionProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return SelectionModule.deterministic(
            progress.ToControl(cancellation), Settings.Residuals, Grid(true, pairs.Dimension), pairs).OrThrow();
    }

    /// <summary>For forecasts: the error at the horizon, on held-out runs, then <see cref="EdmdEstimator.FitDynamics"/>.</summary>
    /// <param name="pairs">The data, in time order, from trajectories longer than the horizon.</param>
    /// <param name="progress">Reports after every candidate, on the worker thread.</param>
    /// <param name="cancellation">Checked at every candidate.</param>
    /// <inheritdoc cref="SelectReversible" path="/exception"/>
    public Selection<LinearModel> SelectForecast(
        SnapshotPairs pairs, IProgress<SelectionProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return SelectionModule.forecast(
            progress.ToControl(cancellation), Settings.Horizon, Grid(true, pairs.Dimension), pairs).OrThrow();
    }

    private FSharpList<Candidate> Grid(bool withState, int dimension) =>
        Settings.Candidates is { } given
            ? ListModule.OfSeq(given.Select(candidate => candidate.ToCore()))
            : SelectionModule.grid(withState, dimension);
}
