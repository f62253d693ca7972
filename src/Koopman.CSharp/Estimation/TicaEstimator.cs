using System;

namespace Koopman;

/// <summary>
/// Time-lagged independent component analysis: the slowest linear functions of the coordinates of a reversible process in equilibrium.
/// It is <see cref="EdmdEstimator"/> on the coordinates.
/// </summary>
/// <param name="settings">Settings; null for the default: no decaying component is dropped.</param>
public sealed class TicaEstimator(EdmdSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public EdmdSettings Settings { get; } = settings ?? new() { SmallestEigenvalue = Tica.defaults.SmallestEigenvalue };

    /// <summary>Fits the components.</summary>
    /// <param name="pairs">The data, in time order if from a trajectory; at least 40 pairs.</param>
    /// <exception cref="KoopmanException">Too few pairs, a setting out of range, or data on which everything has decayed.</exception>
    public Spectrum Fit(SnapshotPairs pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Tica.fit(Settings.ToCore(), pairs).OrThrow();
    }

    /// <summary>
    /// The eigenfunctions of a model at the samples, scaled, as an array (n, r): slow coordinates in which distances are meaningful.
    /// </summary>
    /// <param name="model">From this estimator or from <see cref="EdmdEstimator.Fit"/>.</param>
    /// <param name="samples">The points.</param>
    /// <param name="scaling">The scaling.</param>
    /// <exception cref="KoopmanException">The model is not that of a reversible propagator.</exception>
    /// <exception cref="ArgumentException">The samples have another dimension.</exception>
    public static double[,] Coordinates(Spectrum model, Samples samples, MapScaling scaling = MapScaling.Kinetic)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(samples);
        return Tica.coordinates(scaling, model, Check.Points(samples, model.Observables.Dimension, nameof(samples)))
            .OrThrow().Taken(tensor => tensor.ToMatrix());
    }
}
