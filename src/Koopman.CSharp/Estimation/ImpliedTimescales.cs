using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.FSharp.Collections;

namespace Koopman.CSharp;

/// <summary>An implied timescale with its 95 % interval, in the data's unit of time.</summary>
/// <param name="Value">1/rate.</param>
/// <param name="Lower">Lower end of the interval.</param>
/// <param name="Upper">Upper end of the interval; infinite if a rate of 0 is inside.</param>
public sealed record TimescaleEstimate(double Value, double Lower, double Upper);

/// <summary>The timescales found at one lag, the slowest first.</summary>
/// <param name="Steps">The lag in rows of the data.</param>
/// <param name="Lag">The lag in units of time.</param>
/// <param name="Timescales">One a process; fewer where modes have decayed.</param>
public sealed record TimescalesAtLag(int Steps, double Lag, IReadOnlyList<TimescaleEstimate> Timescales);

/// <summary>Implied timescales over lags: those of a Markov process do not depend on the lag.</summary>
public sealed class ImpliedTimescales
{
    private ImpliedTimescales(TimescaleTable core)
    {
        Rows = [.. core.Rows.Select(row => new TimescalesAtLag(
            row.Steps,
            row.Lag,
            [.. row.Timescales.Select(time => new TimescaleEstimate(time.Value, time.Lower, time.Upper))]))];
        Plateaus = [.. core.Plateaus.Select(plateau => plateau.ToNullable())];
    }

    /// <summary>One row a lag, ascending.</summary>
    public IReadOnlyList<TimescalesAtLag> Rows { get; }

    /// <summary>
    /// For every process the shortest lag from which on all intervals have a time in common, or null if there is none with at least three
    /// lags: from there on no dependence on the lag can be seen.
    /// </summary>
    public IReadOnlyList<double?> Plateaus { get; }

    /// <summary>The timescales of the slowest processes at every lag.</summary>
    /// <param name="processes">How many processes at most.</param>
    /// <param name="estimator">For example <c>pairs => new EdmdEstimator().Fit(observables, pairs)</c>. What it answers is freed.</param>
    /// <param name="pairsAt">The pairs a number of rows apart. What it answers is freed.</param>
    /// <param name="lags">The lags in rows.</param>
    /// <exception cref="KoopmanException">There is no process or no lag, or one of the functions threw it.</exception>
    public static ImpliedTimescales Compute(
        int processes,
        Func<TransitionSet, SpectralModel> estimator,
        Func<int, TransitionSet> pairsAt,
        params IEnumerable<int> lags)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(pairsAt);
        ArgumentNullException.ThrowIfNull(lags);
        return new(Timescales.implied(
            processes,
            Bridge.ToResult<SnapshotPairs, Spectrum>(pairs => estimator(new TransitionSet(pairs)).Core),
            Bridge.ToResult<int, SnapshotPairs>(steps => pairsAt(steps).Core),
            ListModule.OfSeq(lags)).OrThrow());
    }
}
