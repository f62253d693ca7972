using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>A dictionary to try.</summary>
/// <param name="Description">What it is, for the table.</param>
/// <param name="Make">Lays it over data; the set it answers is freed by whoever asked.</param>
/// <param name="RankTolerance">Directions of the Gram matrix below this share of its largest eigenvalue are dropped.</param>
public sealed record DictionaryCandidate(string Description, Func<SampleSet, ObservableSet> Make, double RankTolerance = 1e-10)
{
    internal Candidate ToCore() =>
        new(
            Description,
            FSharpFunc<Samples, FSharpResult<Observables, KoopmanError>>.FromConverter(samples =>
            {
                try
                {
                    using var borrowed = new SampleSet(samples, isBorrowed: true);
                    return FSharpResult<Observables, KoopmanError>.NewOk(Make(borrowed).Core);
                }
                catch (KoopmanException exception)
                {
                    return FSharpResult<Observables, KoopmanError>.NewError(exception.Error);
                }
            }),
            RankTolerance);
}

/// <summary>What cross-validation found for one candidate.</summary>
/// <param name="Description">What it is.</param>
/// <param name="Scores">The score on each fold, larger is better; empty if it could not be fitted.</param>
/// <param name="Mean">The mean score; NaN if it could not be fitted.</param>
/// <param name="StandardError">The standard error of the mean over the folds.</param>
/// <param name="IsChosen">Whether it was chosen.</param>
/// <param name="Failure">Why it could not be fitted, or null.</param>
public sealed record CandidateResult(
    string Description, IReadOnlyList<double> Scores, double Mean, double StandardError, bool IsChosen, KoopmanError? Failure)
{
    internal static CandidateResult Of(CandidateScore core) =>
        new(core.Description, Array.AsReadOnly(core.Scores), core.Mean, core.StandardError, core.Chosen, core.Failure?.Value);
}

/// <summary>How a selection goes.</summary>
/// <param name="Done">Candidates tried so far.</param>
/// <param name="Total">All candidates.</param>
/// <param name="Last">The last one's result.</param>
public sealed record SelectorProgress(int Done, int Total, CandidateResult Last);

/// <summary>Settings of <see cref="ModelSelector"/>.</summary>
public sealed record SelectorSettings
{
    /// <summary>What to choose from. Default: null, twelve Gaussian dictionaries.</summary>
    public IReadOnlyList<DictionaryCandidate>? Candidates { get; init; }

    /// <summary>Modes that count in a reversible spectrum, the constant among them; at least 2. Default 4.</summary>
    public int Rank { get; init; } = 4;

    /// <summary>Residuals that count for a deterministic system; at least 1. Default 6.</summary>
    public int Residuals { get; init; } = 6;

    /// <summary>The lags to look ahead in a forecast; at least 1. Default 25.</summary>
    public int Horizon { get; init; } = 25;

    /// <summary>The temperature T of the Langevin generator; positive. Default 1.</summary>
    public double Temperature { get; init; } = 1;
}

/// <summary>A model with the dictionary that cross-validation chose. Dispose of it: the model and the dictionary die with it.</summary>
/// <typeparam name="TModel">The model.</typeparam>
public sealed class SelectedModel<TModel> : IDisposable
    where TModel : class, IDisposable
{
    private readonly IDisposable core;

    internal SelectedModel(IDisposable core, TModel model, CandidateScore[] candidates, string criterion)
    {
        this.core = core;
        Model = model;
        Candidates = Array.AsReadOnly(candidates.Select(CandidateResult.Of).ToArray());
        Criterion = criterion;
    }

    /// <summary>The model fitted to all data; its error bars do not know of the selection. Freed with this object.</summary>
    public TModel Model { get; }

    /// <summary>All candidates in the order given, with their scores.</summary>
    public IReadOnlyList<CandidateResult> Candidates { get; }

    /// <summary>The one that was chosen.</summary>
    public CandidateResult Best => Candidates.First(candidate => candidate.IsChosen);

    /// <summary>What the scores are, in words.</summary>
    public string Criterion { get; }

    /// <summary>Frees the model and its dictionary.</summary>
    public void Dispose() => core.Dispose();

    /// <inheritdoc/>
    public override string ToString() => core.ToString()!;
}

/// <summary>
/// Chooses a dictionary, its width and its rank by scores on held-out data, one criterion for each task, and fits with it. Five
/// contiguous folds.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
public sealed class ModelSelector(SelectorSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public SelectorSettings Settings { get; } = settings ?? new();

    /// <summary>For the spectrum of a reversible process from pairs: the VAMP-E score, then <see cref="EdmdEstimator"/>.</summary>
    /// <param name="pairs">The data, in time order if from trajectories.</param>
    /// <param name="progress">Told after every candidate, on the thread that works.</param>
    /// <param name="cancellation">Asked before every candidate.</param>
    /// <exception cref="KoopmanException">No candidate can be fitted, or a setting is out of its range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SelectedModel<SpectralModel> SelectReversible(
        TransitionSet pairs, IProgress<SelectorProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Spectral(SelectionModule.reversible(Control(progress, cancellation), Settings.Rank, Grid(false, pairs.Core.Dimension), pairs.Core));
    }

    /// <summary>For the Langevin generator from samples: the bounded Dirichlet score, then <see cref="LangevinEstimator"/>.</summary>
    /// <param name="samples">Samples of the invariant law.</param>
    /// <param name="progress">Told after every candidate, on the thread that works.</param>
    /// <param name="cancellation">Asked before every candidate.</param>
    /// <inheritdoc cref="SelectReversible" path="/exception"/>
    public SelectedModel<SpectralModel> SelectLangevin(
        SampleSet samples, IProgress<SelectorProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Spectral(SelectionModule.langevin(
            Control(progress, cancellation), Settings.Temperature, Settings.Rank, Grid(false, samples.Dimension), samples.Core));
    }

    /// <summary>For a deterministic system from clean pairs: the smallest held-out residuals, then <see cref="EdmdEstimator.FitDynamics"/>.</summary>
    /// <param name="pairs">The data, in time order if from trajectories.</param>
    /// <param name="progress">Told after every candidate, on the thread that works.</param>
    /// <param name="cancellation">Asked before every candidate.</param>
    /// <inheritdoc cref="SelectReversible" path="/exception"/>
    public SelectedModel<DynamicsModel> SelectDeterministic(
        TransitionSet pairs, IProgress<SelectorProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Dynamic(SelectionModule.deterministic(
            Control(progress, cancellation), Settings.Residuals, Grid(true, pairs.Core.Dimension), pairs.Core));
    }

    /// <summary>For forecasts: the error some lags on, on held-out runs, then <see cref="EdmdEstimator.FitDynamics"/>.</summary>
    /// <param name="pairs">The data, in time order, from trajectories longer than the horizon.</param>
    /// <param name="progress">Told after every candidate, on the thread that works.</param>
    /// <param name="cancellation">Asked before every candidate.</param>
    /// <inheritdoc cref="SelectReversible" path="/exception"/>
    public SelectedModel<DynamicsModel> SelectForecast(
        TransitionSet pairs, IProgress<SelectorProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Dynamic(SelectionModule.forecast(
            Control(progress, cancellation), Settings.Horizon, Grid(true, pairs.Core.Dimension), pairs.Core));
    }

    /// <summary>As <see cref="SelectReversible"/>, on its own thread. Keep the pairs until it ends.</summary>
    /// <inheritdoc cref="SelectReversible" path="/exception"/>
    public Task<SelectedModel<SpectralModel>> SelectReversibleAsync(
        TransitionSet pairs, IProgress<SelectorProgress>? progress = null, CancellationToken cancellation = default) =>
        OwnThread.Run(() => SelectReversible(pairs, progress, cancellation), cancellation);

    /// <summary>As <see cref="SelectLangevin"/>, on its own thread. Keep the samples until it ends.</summary>
    /// <inheritdoc cref="SelectReversible" path="/exception"/>
    public Task<SelectedModel<SpectralModel>> SelectLangevinAsync(
        SampleSet samples, IProgress<SelectorProgress>? progress = null, CancellationToken cancellation = default) =>
        OwnThread.Run(() => SelectLangevin(samples, progress, cancellation), cancellation);

    /// <summary>As <see cref="SelectDeterministic"/>, on its own thread. Keep the pairs until it ends.</summary>
    /// <inheritdoc cref="SelectReversible" path="/exception"/>
    public Task<SelectedModel<DynamicsModel>> SelectDeterministicAsync(
        TransitionSet pairs, IProgress<SelectorProgress>? progress = null, CancellationToken cancellation = default) =>
        OwnThread.Run(() => SelectDeterministic(pairs, progress, cancellation), cancellation);

    /// <summary>As <see cref="SelectForecast"/>, on its own thread. Keep the pairs until it ends.</summary>
    /// <inheritdoc cref="SelectReversible" path="/exception"/>
    public Task<SelectedModel<DynamicsModel>> SelectForecastAsync(
        TransitionSet pairs, IProgress<SelectorProgress>? progress = null, CancellationToken cancellation = default) =>
        OwnThread.Run(() => SelectForecast(pairs, progress, cancellation), cancellation);

    private static Control<SelectionProgress> Control(IProgress<SelectorProgress>? progress, CancellationToken cancellation) =>
        new(
            Bridge.ToFunction<SelectionProgress>(now =>
                progress?.Report(new SelectorProgress(now.Done, now.Total, CandidateResult.Of(now.Last)))),
            cancellation);

    private static SelectedModel<SpectralModel> Spectral(FSharpResult<Selection<Spectrum>, KoopmanError> found)
    {
        var core = found.OrThrow();
        return new(core, new SpectralModel(core.Model, null), core.Candidates, core.Criterion);
    }

    private static SelectedModel<DynamicsModel> Dynamic(FSharpResult<Selection<LinearModel>, KoopmanError> found)
    {
        var core = found.OrThrow();
        return new(core, new DynamicsModel(core.Model, null), core.Candidates, core.Criterion);
    }

    private FSharpList<Candidate> Grid(bool withState, int dimension) =>
        Settings.Candidates is { } given
            ? ListModule.OfSeq(given.Select(candidate => candidate.ToCore()))
            : SelectionModule.grid(withState, dimension);
}
