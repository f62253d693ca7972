using System;

namespace Koopman;

/// <summary>
/// Laws that observables, operators, spectra and estimators obey, as checks for your own. A law that fails is reported, not thrown.
/// </summary>
public static class OperatorLaws
{
    /// <summary>
    /// Derivatives agree with differences of the values, and the combined sums over functions and points with their definitions.
    /// </summary>
    /// <param name="observables">The functions.</param>
    /// <param name="samples">The points at which to check, away from kinks; a few tens are enough.</param>
    /// <exception cref="ArgumentException">The samples have another dimension.</exception>
    public static LawOutcome[] Check(Observables observables, Samples samples)
    {
        ArgumentNullException.ThrowIfNull(observables);
        return [.. Laws.observables(Koopman.Check.Points(samples, observables.Dimension, nameof(samples)), observables)];
    }

    /// <summary>Moments add up, and EDMD depends neither on the order of the pairs nor on the basis of the dictionary's span.</summary>
    /// <param name="observables">Functions that the data resolve well.</param>
    /// <param name="pairs">At least 40 pairs, and two per function.</param>
    public static LawOutcome[] Check(Observables observables, SnapshotPairs pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        Koopman.Check.Points(pairs.From, observables.Dimension, nameof(pairs));
        return [.. Laws.moments(observables, pairs), .. Laws.edmd(observables, pairs)];
    }

    /// <summary>Semigroup, adjoint, eigen-decomposition, and exp inverts log where there is a logarithm.</summary>
    /// <param name="propagator">A propagator whose Gram matrix is not singular.</param>
    public static LawOutcome[] Check(Propagator propagator)
    {
        ArgumentNullException.ThrowIfNull(propagator);
        return [.. Laws.propagator(propagator)];
    }

    /// <summary>Semigroup, group, adjoint and eigen-decomposition.</summary>
    /// <param name="generator">A generator whose Gram matrix is not singular.</param>
    /// <param name="time">The time of the check; about 1/rate of the modes of interest.</param>
    public static LawOutcome[] Check(Generator generator, double time)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return [.. Laws.generator(time, generator)];
    }

    /// <summary>The eigenfunctions of a reversible spectrum have mean 0 and are orthonormal on the samples it was fitted to.</summary>
    /// <exception cref="ArgumentException">The samples have another dimension.</exception>
    public static LawOutcome[] Check(Spectrum spectrum, Samples samples)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        Koopman.Check.Points(samples, spectrum.Observables.Dimension, nameof(samples));
        return [.. Laws.reversible(samples, spectrum)];
    }

    /// <summary>A forecast of 0 steps is the state, and three steps are the third power of the propagator.</summary>
    /// <param name="model">A model without inputs.</param>
    /// <param name="states">States (n, d) to forecast from.</param>
    public static LawOutcome[] Check(LinearModel model, double[,] states)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var points = states.ToTensor(nameof(states));
        return [.. Laws.forecasts(points, model)];
    }
}
