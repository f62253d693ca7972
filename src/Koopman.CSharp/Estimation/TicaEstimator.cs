using System;
using System.Diagnostics.CodeAnalysis;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>
/// Time-lagged independent component analysis: the slowest linear functions of the coordinates of a reversible process in equilibrium.
/// It is <see cref="EdmdEstimator"/> on the coordinates themselves.
/// </summary>
/// <param name="settings">Settings; null is the default: no component that decays is dropped.</param>
public sealed class TicaEstimator(EdmdSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public EdmdSettings Settings { get; } = settings ?? new() { SmallestEigenvalue = Tica.defaults.SmallestEigenvalue };

    /// <summary>Fits the components. The model owns the coordinate functions.</summary>
    /// <param name="pairs">The data, in time order if from a trajectory; at least 40 pairs.</param>
    /// <exception cref="KoopmanException">Too few pairs, a setting out of its range, or data on which everything has decayed.</exception>
    public SpectralModel Fit(TransitionSet pairs) => new(Core(pairs).OrThrow(), null);

    /// <summary>As <see cref="Fit"/>, without throwing over the data.</summary>
    /// <returns>Whether there is a model; if not, <paramref name="error"/> says why.</returns>
    public bool TryFit(TransitionSet pairs, [NotNullWhen(true)] out SpectralModel? model, [NotNullWhen(false)] out KoopmanError? error) =>
        Core(pairs).TryGet(core => new SpectralModel(core, null), out model, out error);

    /// <summary>
    /// The eigenfunctions of a model at the samples, scaled, as an array (n, r): slow coordinates in which distances mean something.
    /// </summary>
    /// <param name="model">From this estimator or from <see cref="EdmdEstimator.Fit"/>.</param>
    /// <param name="samples">The points.</param>
    /// <param name="scaling">What by.</param>
    /// <exception cref="KoopmanException">The model is not one of a reversible propagator.</exception>
    /// <exception cref="ArgumentException">The samples have another dimension.</exception>
    public static double[,] Coordinates(SpectralModel model, SampleSet samples, MapScaling scaling = MapScaling.Kinetic)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(samples);
        return Convert.ToMatrix(
            Tica.coordinates(scaling, model.Core, Check.Points(samples.Points, model.Dimension, nameof(samples))).OrThrow());
    }

    private FSharpResult<Spectrum, KoopmanError> Core(TransitionSet pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Tica.fit(Settings.ToCore(), pairs.Core);
    }
}
