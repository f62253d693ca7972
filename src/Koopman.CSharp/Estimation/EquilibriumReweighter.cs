using System;

namespace Koopman;

/// <summary>
/// Koopman reweighting (Wu, Nüske, Paul, Klus, Koltai and Noé 2017): weights under which pairs with arbitrary starts represent the process
/// in equilibrium. Error bars of later results do not include the error of the weights.
/// </summary>
/// <param name="cut">
/// Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped; a larger value smooths the weights. Null for
/// the default, 1e-6.
/// </param>
public sealed class EquilibriumReweighter(double? cut = null)
{
    /// <summary>The cut.</summary>
    public double RankTolerance { get; } = cut ?? Reweighting.defaults.RankTolerance;

    /// <summary>
    /// Finds the weights, for <c>pairs.WithWeights</c>; the states x are then a weighted sample of the invariant law.
    /// </summary>
    /// <param name="observables">The dictionary, which must represent the ratio of the laws; a constant is not needed.</param>
    /// <param name="pairs">The data; their starts must cover the invariant law.</param>
    /// <exception cref="KoopmanException">
    /// Too few pairs, shapes that do not match, a cut out of its range, or data in which regions are not connected.
    /// </exception>
    public EquilibriumWeights Fit(Observables observables, SnapshotPairs pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return Reweighting.fit(new(RankTolerance), observables, pairs).OrThrow();
    }
}
