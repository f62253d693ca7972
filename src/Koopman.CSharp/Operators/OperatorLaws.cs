using System;
using System.Collections.Generic;
using System.Linq;

namespace Koopman.CSharp;

/// <summary>What a law found when it was tried on an object.</summary>
/// <param name="Law">The law, as a statement.</param>
/// <param name="Defect">By how much the two sides differ, relative to their size.</param>
/// <param name="Tolerance">The largest defect that rounding explains.</param>
public sealed record LawResult(string Law, double Defect, double Tolerance)
{
    /// <summary>Whether the law holds.</summary>
    public bool Holds => Defect <= Tolerance;
}

/// <summary>
/// Laws that observables, operators, spectra and estimators obey: try them on your own. A law that fails is reported, not thrown.
/// </summary>
public static class OperatorLaws
{
    /// <summary>Derivatives are those of the values, and sums over functions and points are what they claim.</summary>
    /// <param name="observables">The functions.</param>
    /// <param name="samples">Where to try it, away from kinks; some tens of points are enough.</param>
    /// <exception cref="ArgumentException">The samples have another dimension.</exception>
    public static IReadOnlyList<LawResult> Check(ObservableSet observables, SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(samples);
        var points = CSharp.Check.Points(samples.Points, observables.Dimension, nameof(samples));
        return Results(Laws.observables(points, observables.Core));
    }

    /// <summary>Moments add up, and EDMD depends neither on the order of the pairs nor on the basis of the dictionary's span.</summary>
    /// <param name="observables">Functions that the data resolve well.</param>
    /// <param name="pairs">At least 40 pairs, and two a function.</param>
    public static IReadOnlyList<LawResult> Check(ObservableSet observables, TransitionSet pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        CSharp.Check.Points(pairs.From.Points, observables.Dimension, nameof(pairs));
        return [.. Results(Laws.moments(observables.Core, pairs.Core)), .. Results(Laws.edmd(observables.Core, pairs.Core))];
    }

    /// <summary>Semigroup, adjoint, eigen-decomposition, and that exp undoes log where there is a logarithm.</summary>
    /// <param name="propagator">A propagator whose Gram matrix is not singular.</param>
    public static IReadOnlyList<LawResult> Check(PropagatorOperator propagator)
    {
        ArgumentNullException.ThrowIfNull(propagator);
        return Results(Laws.propagator(propagator.Core));
    }

    /// <summary>Semigroup, group, adjoint and eigen-decomposition.</summary>
    /// <param name="generator">A generator whose Gram matrix is not singular.</param>
    /// <param name="time">The time over which to try it; about 1/rate of the modes of interest.</param>
    public static IReadOnlyList<LawResult> Check(GeneratorOperator generator, double time)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return Results(Laws.generator(time, generator.Core));
    }

    /// <summary>The eigenfunctions of a reversible spectrum have mean 0 and are orthonormal on the samples it was fitted to.</summary>
    /// <exception cref="ArgumentException">The samples have another dimension.</exception>
    public static IReadOnlyList<LawResult> Check(SpectralModel model, SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(samples);
        CSharp.Check.Points(samples.Points, model.Dimension, nameof(samples));
        return Results(Laws.reversible(samples.Core, model.Core));
    }

    /// <summary>A forecast of no steps shows the state, and three steps are the third power of the propagator.</summary>
    /// <param name="model">A model without inputs.</param>
    /// <param name="states">States (n, d) to forecast from.</param>
    public static IReadOnlyList<LawResult> Check(DynamicsModel model, double[,] states)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var points = Convert.ToTensor(states, nameof(states));
        return Results(Laws.forecasts(points, model.Core));
    }

    private static LawResult[] Results(IEnumerable<LawOutcome> outcomes) =>
        [.. outcomes.Select(outcome => new LawResult(outcome.Law, outcome.Defect, outcome.Tolerance))];
}
