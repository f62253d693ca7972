using System;
using TorchSharp;

namespace Koopman;

/// <summary>Settings of <see cref="VampEstimator"/>.</summary>
public sealed record VampSettings
{
    /// <summary>The number of singular functions to keep, or null for all. Default null.</summary>
    public int? Rank { get; init; } = Vamp.defaults.Rank.ToNullable();

    /// <summary>True to remove the means, so that the constant pair with singular value 1 is left out. Default true.</summary>
    public bool Centred { get; init; } = Vamp.defaults.Centred;

    /// <summary>
    /// Directions of the Gram matrices below this fraction of their largest eigenvalue are dropped. From 0 to below 1, default 1e-10.
    /// </summary>
    public double RankTolerance { get; init; } = Vamp.defaults.RankTolerance;

    /// <summary>The number of contiguous folds for cross-validation; at least 2, default 5.</summary>
    public int Folds { get; init; } = Vamp.defaults.Folds;

    internal VampOptions ToCore() => new(Rank.ToOption(), Centred, RankTolerance, Folds);
}

/// <summary>
/// The variational approach to Markov processes (Wu and Noé 2020): singular values and functions of the propagator, for processes that need
/// not be reversible or in equilibrium, and held-out scores that compare dictionaries.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class VampEstimator(VampSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public VampSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the singular functions.</summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="pairs">The data; at least 40 pairs, and two per function.</param>
    /// <exception cref="KoopmanException">Too few pairs, shapes that do not match, or a setting out of range.</exception>
    public VampModel Fit(Observables observables, SnapshotPairs pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return Vamp.fit(Settings.ToCore(), observables, pairs).OrThrow();
    }

    /// <summary>
    /// One score per fold: the model of all other folds evaluated on it. Compare dictionaries by the mean, at the same lag.
    /// </summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="pairs">The data.</param>
    /// <param name="score">The score. VAMP-E also penalises overfitting.</param>
    /// <inheritdoc cref="Fit" path="/exception"/>
    public double[] CrossValidate(Observables observables, SnapshotPairs pairs, VampScore score = VampScore.VampE)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return Vamp.crossValidate(Settings.ToCore(), score, observables, pairs).OrThrow();
    }
}

// Singular functions at samples as arrays, and scores on fresh pairs.
public static partial class EstimationExtensions
{
    extension(VampModel model)
    {
        /// <summary>f at the samples, as an array (n, r).</summary>
        /// <exception cref="ArgumentException">The samples have another dimension.</exception>
        public double[,] LeftFunctions(Samples samples) => model.LeftValues(Points(model, samples)).Taken(tensor => tensor.ToMatrix());

        /// <summary>g at the samples, as an array (n, r).</summary>
        /// <exception cref="ArgumentException">The samples have another dimension.</exception>
        public double[,] RightFunctions(Samples samples) => model.RightValues(Points(model, samples)).Taken(tensor => tensor.ToMatrix());

        /// <summary>
        /// The left functions at the samples, scaled, as an array (n, r): slow coordinates in which distances are meaningful.
        /// </summary>
        /// <exception cref="ArgumentException">The samples have another dimension.</exception>
        public double[,] Coordinates(Samples samples, MapScaling scaling = MapScaling.Kinetic) =>
            model.Coordinates(scaling, Points(model, samples)).Taken(tensor => tensor.ToMatrix());

        /// <summary>The score on other pairs at the same lag.</summary>
        /// <param name="pairs">Pairs not used in the fit.</param>
        /// <param name="score">The score.</param>
        /// <exception cref="KoopmanException">The singular functions cannot be whitened on these pairs.</exception>
        public double Score(SnapshotPairs pairs, VampScore score = VampScore.Vamp2)
        {
            ArgumentNullException.ThrowIfNull(pairs);
            Points(model, pairs.From);
            using var moments = MomentsModule.ofPairs(model.Observables, 0, pairs.Count, pairs);
            return Vamp.score(score, model, moments).OrThrow();
        }
    }

    private static torch.Tensor Points(VampModel model, Samples samples) =>
        Check.Points(samples, model.Observables.Dimension, nameof(samples));
}
