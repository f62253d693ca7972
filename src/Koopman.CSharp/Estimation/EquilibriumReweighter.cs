using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>
/// Koopman reweighting (Wu, Nüske, Paul, Klus, Koltai and Noé 2017): weights under which pairs that were started anywhere become pairs
/// of the process in equilibrium. Error bars of what follows do not contain the error of the weights.
/// </summary>
/// <param name="cut">
/// Directions of the Gram matrix below this share of its largest eigenvalue are dropped; more smooths the weights. Null is the default, 1e-6.
/// </param>
public sealed class EquilibriumReweighter(double? cut = null)
{
    /// <summary>The cut.</summary>
    public double RankTolerance { get; } = cut ?? Reweighting.defaults.RankTolerance;

    /// <summary>Finds the weights.</summary>
    /// <param name="observables">The dictionary, in which the ratio of the laws must be shown; a constant is not needed.</param>
    /// <param name="pairs">The data; their starts must cover the invariant law.</param>
    /// <exception cref="KoopmanException">
    /// Too few pairs, shapes that do not match, a cut out of its range, or data in which regions are not connected.
    /// </exception>
    public ReweightedTransitions Fit(ObservableSet observables, TransitionSet pairs) =>
        new(Core(observables, pairs).OrThrow(), pairs);

    /// <summary>As <see cref="Fit"/>, without throwing over the data.</summary>
    /// <returns>Whether there are weights; if not, <paramref name="error"/> says why.</returns>
    public bool TryFit(
        ObservableSet observables,
        TransitionSet pairs,
        [NotNullWhen(true)] out ReweightedTransitions? result,
        [NotNullWhen(false)] out KoopmanError? error) =>
        Core(observables, pairs).TryGet(core => new ReweightedTransitions(core, pairs), out result, out error);

    private FSharpResult<EquilibriumWeights, KoopmanError> Core(ObservableSet observables, TransitionSet pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return Reweighting.fit(new(RankTolerance), observables.Core, pairs.Core);
    }
}

/// <summary>The weights with the pairs that carry them. Holds tensors: dispose of it.</summary>
public sealed class ReweightedTransitions : IDisposable
{
    internal ReweightedTransitions(EquilibriumWeights core, TransitionSet pairs)
    {
        Weights = Array.AsReadOnly(core.Weights);
        NegativeShare = core.NegativeShare;
        EffectiveSize = core.EffectiveSize;
        Gap = core.Gap;
        Pairs = new TransitionSet(SnapshotPairsModule.withWeights(core.Weights, pairs.Core).OrThrow());
    }

    /// <summary>The weight of every pair, not negative, with mean 1.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>The share of the absolute weight that came out negative and was clipped at 0.</summary>
    public double NegativeShare { get; }

    /// <summary>How many equally weighted pairs would carry as much.</summary>
    public double EffectiveSize { get; }

    /// <summary>The smallest singular value of 1 - K off the constants; errors of the data reach the weights divided by it.</summary>
    public double Gap { get; }

    /// <summary>
    /// The pairs under these weights, for <see cref="EdmdEstimator"/>; <see cref="TransitionSet.From"/> is a weighted sample of the invariant
    /// law for <see cref="LangevinEstimator"/>. They live as long as this object.
    /// </summary>
    public TransitionSet Pairs { get; }

    /// <summary>Frees the weighted pairs. The original ones live on.</summary>
    public void Dispose() => Pairs.Dispose();
}
