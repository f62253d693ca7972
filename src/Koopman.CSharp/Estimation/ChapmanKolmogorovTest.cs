using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using Microsoft.FSharp.Collections;

namespace Koopman.CSharp;

/// <summary>One mode over one multiple of the lag: what the model predicts and what the data say.</summary>
public sealed record ChapmanKolmogorovComparison
{
    internal ChapmanKolmogorovComparison(ChapmanKolmogorovPoint core)
    {
        Mode = core.Mode;
        Time = core.Time;
        Predicted = core.Predicted;
        Estimated = core.Estimated;
        StandardError = core.StandardError;
        Deviation = core.Deviation;
    }

    /// <summary>The place of the mode, as in <see cref="ModeEstimate.Index"/>.</summary>
    public int Mode { get; }

    /// <summary>The time kτ.</summary>
    public double Time { get; }

    /// <summary>λ^k of the model.</summary>
    public Complex Predicted { get; }

    /// <summary>The eigenvalue of K_kτ that pairs at lag kτ show for the same function.</summary>
    public Complex Estimated { get; }

    /// <summary>The standard error of the difference.</summary>
    public double StandardError { get; }

    /// <summary>The difference in standard errors.</summary>
    public double Deviation { get; }
}

/// <summary>The Chapman-Kolmogorov test of a model: whether K_kτ = K_τ^k (Prinz et al. 2011).</summary>
public sealed class ChapmanKolmogorovTest
{
    private ChapmanKolmogorovTest(ChapmanKolmogorov core)
    {
        Points = [.. core.Points.Select(point => new ChapmanKolmogorovComparison(point))];
        MaxDeviation = core.MaxDeviation;
    }

    /// <summary>All modes over all times.</summary>
    public IReadOnlyList<ChapmanKolmogorovComparison> Points { get; }

    /// <summary>The largest deviation in standard errors; of m points of a true model about √(2 log m).</summary>
    public double MaxDeviation { get; }

    /// <summary>Tests every mode that carries an error bar at multiples of the model's lag.</summary>
    /// <param name="model">From pairs <paramref name="steps"/> rows apart.</param>
    /// <param name="pairsAt">The pairs a number of rows apart. What it answers is freed.</param>
    /// <param name="steps">The lag of the model in rows.</param>
    /// <param name="multiples">The multiples of it, 2 or more.</param>
    /// <exception cref="KoopmanException">The model is none of a propagator, or lags do not match.</exception>
    public static ChapmanKolmogorovTest Run(SpectralModel model, Func<int, TransitionSet> pairsAt, int steps, params IEnumerable<int> multiples)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(pairsAt);
        ArgumentNullException.ThrowIfNull(multiples);
        return new(ChapmanKolmogorovModule.test(
            model.Core,
            Bridge.ToResult<int, SnapshotPairs>(rows => pairsAt(rows).Core),
            steps,
            ListModule.OfSeq(multiples)).OrThrow());
    }
}
