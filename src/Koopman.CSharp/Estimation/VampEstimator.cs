using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using Microsoft.FSharp.Core;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>Settings of <see cref="VampEstimator"/>.</summary>
public sealed record VampSettings
{
    /// <summary>How many singular functions to keep, or null for all. Default null.</summary>
    public int? Rank { get; init; } = Vamp.defaults.Rank.ToNullable();

    /// <summary>Whether the means are taken out, so that the constant pair with singular value 1 is left out. Default true.</summary>
    public bool Centred { get; init; } = Vamp.defaults.Centred;

    /// <summary>Directions of the Gram matrices below this share of their largest eigenvalue are dropped. From 0 to below 1, default 1e-10.</summary>
    public double RankTolerance { get; init; } = Vamp.defaults.RankTolerance;

    /// <summary>The number of contiguous folds for cross-validation; at least 2, default 5.</summary>
    public int Folds { get; init; } = Vamp.defaults.Folds;

    internal VampOptions ToCore() => new(Rank.ToOption(), Centred, RankTolerance, Folds);
}

/// <summary>
/// The variational approach to Markov processes (Wu and Noé 2020): singular values and functions of the propagator, for processes that need
/// be neither reversible nor in equilibrium, and held-out scores that compare dictionaries.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
public sealed class VampEstimator(VampSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public VampSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the singular functions.</summary>
    /// <param name="observables">The dictionary; it must outlive the result.</param>
    /// <param name="pairs">The data; at least 40 pairs, and two a function.</param>
    /// <exception cref="KoopmanException">Too few pairs, shapes that do not match, or a setting out of its range.</exception>
    public VampDecomposition Fit(ObservableSet observables, TransitionSet pairs) =>
        new(Core(observables, pairs).OrThrow(), observables);

    /// <summary>As <see cref="Fit"/>, without throwing over the data.</summary>
    /// <returns>Whether there is a result; if not, <paramref name="error"/> says why.</returns>
    public bool TryFit(
        ObservableSet observables,
        TransitionSet pairs,
        [NotNullWhen(true)] out VampDecomposition? model,
        [NotNullWhen(false)] out KoopmanError? error) =>
        Core(observables, pairs).TryGet(core => new VampDecomposition(core, observables), out model, out error);

    /// <summary>
    /// One score a fold: the model of all other folds on it. Compare dictionaries by the mean, at the same lag.
    /// </summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="pairs">The data.</param>
    /// <param name="score">Which score. VAMP-E also punishes a fit that trusts noise.</param>
    /// <inheritdoc cref="Fit" path="/exception"/>
    public IReadOnlyList<double> CrossValidate(ObservableSet observables, TransitionSet pairs, VampScore score = VampScore.VampE)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return Array.AsReadOnly(Vamp.crossValidate(Settings.ToCore(), score, observables.Core, pairs.Core).OrThrow());
    }

    private FSharpResult<VampModel, KoopmanError> Core(ObservableSet observables, TransitionSet pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return Vamp.fit(Settings.ToCore(), observables.Core, pairs.Core);
    }
}

/// <summary>
/// Singular values and functions of the propagator: K g_k = σ_k f_k with f of unit variance at x and g of unit variance at y. Holds
/// tensors: dispose of it. It uses the observables it was fitted with, which belong to the caller and must outlive it.
/// </summary>
public sealed class VampDecomposition : IDisposable
{
    private readonly VampModel core;

    internal VampDecomposition(VampModel core, ObservableSet observables)
    {
        this.core = core;
        Observables = observables;
        SingularValues = Array.AsReadOnly(core.SingularValues);
    }

    private VampModel Core
    {
        get
        {
            Check.Alive(core.Left, this);
            return core;
        }
    }

    /// <summary>The dictionary that the singular functions are made of. The object does not own it.</summary>
    public ObservableSet Observables { get; }

    /// <summary>σ, falling; without the 1 of the constant if the means were taken out.</summary>
    public IReadOnlyList<double> SingularValues { get; }

    /// <summary>How many singular functions there are, r.</summary>
    public int Rank => core.Rank;

    /// <summary>The time τ between x and y.</summary>
    public double Lag => core.Lag;

    /// <summary>f at the samples, as an array (n, r).</summary>
    /// <exception cref="ArgumentException">The samples have another dimension.</exception>
    public double[,] LeftFunctions(SampleSet samples) => Convert.ToMatrix(Core.LeftValues(Points(samples)));

    /// <summary>g at the samples, as an array (n, r).</summary>
    /// <exception cref="ArgumentException">The samples have another dimension.</exception>
    public double[,] RightFunctions(SampleSet samples) => Convert.ToMatrix(Core.RightValues(Points(samples)));

    /// <summary>The left functions at the samples, scaled, as an array (n, r): slow coordinates in which distances mean something.</summary>
    /// <exception cref="ArgumentException">The samples have another dimension.</exception>
    public double[,] Coordinates(SampleSet samples, MapScaling scaling = MapScaling.Kinetic) =>
        Convert.ToMatrix(Core.Coordinates(scaling, Points(samples)));

    /// <summary>The score on other pairs at the same lag.</summary>
    /// <param name="pairs">Pairs that the fit has not seen.</param>
    /// <param name="score">Which score.</param>
    /// <exception cref="KoopmanException">The singular functions cannot be whitened on these pairs.</exception>
    public double Score(TransitionSet pairs, VampScore score = VampScore.Vamp2)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        Points(pairs.From);
        using var moments = MomentsModule.ofPairs(core.Observables, 0, pairs.Count, pairs.Core);
        return Vamp.score(score, Core, moments).OrThrow();
    }

    /// <summary>Frees the tensors. The observables live on.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => core.ToString();

    private torch.Tensor Points(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Check.Points(samples.Points, Observables.Dimension, nameof(samples));
    }
}
