using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>How far one eigenfunction is from φ(x_t) = e^{μt}φ(x_0) at one horizon.</summary>
/// <param name="Mode">The place of the mode, as in <see cref="ModeEstimate.Index"/>.</param>
/// <param name="Time">The horizon t.</param>
/// <param name="Deviation">
/// Of deterministic data the relative error of the prediction; of random data its mean error in units of the eigenfunction, projected on
/// test functions.
/// </param>
public sealed record LinearityDeviation(int Mode, double Time, double Deviation);

/// <summary>Whether eigenfunctions evolve linearly along data: what a residual at one lag cannot promise.</summary>
public static class LinearityTest
{
    /// <summary>The deviation of every leading mode at every horizon.</summary>
    /// <param name="model">Best tested on data it was not fitted to.</param>
    /// <param name="pairsAt">The pairs a number of rows apart. What it answers is freed.</param>
    /// <param name="horizons">The horizons in rows.</param>
    /// <param name="noise">Whether successors are random.</param>
    /// <exception cref="KoopmanException">There is no horizon, or there are too few pairs.</exception>
    public static IReadOnlyList<LinearityDeviation> Along(
        SpectralModel model,
        Func<int, TransitionSet> pairsAt,
        IEnumerable<int> horizons,
        NoiseModel noise = NoiseModel.Automatic)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(horizons);
        var found = Linearity.along(noise.ToCore(), model.Core, Pairs(pairsAt), ListModule.OfSeq(horizons)).OrThrow();
        return [.. found.Select(point => new LinearityDeviation(point.Mode, point.Time, point.Deviation))];
    }

    /// <summary>
    /// The same model with a warning <see cref="WarningKind.NotLinear"/> on every mode that deviates too far at some horizon. It shares the
    /// observables with the original, which must outlive it.
    /// </summary>
    /// <inheritdoc cref="Along"/>
    public static SpectralModel Flag(
        SpectralModel model,
        Func<int, TransitionSet> pairsAt,
        IEnumerable<int> horizons,
        NoiseModel noise = NoiseModel.Automatic)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(horizons);
        return new(
            Linearity.flag(noise.ToCore(), model.Core, Pairs(pairsAt), ListModule.OfSeq(horizons)).OrThrow(),
            model.Observables);
    }

    private static FSharpFunc<int, FSharpResult<SnapshotPairs, KoopmanError>> Pairs(Func<int, TransitionSet> pairsAt)
    {
        ArgumentNullException.ThrowIfNull(pairsAt);
        return Bridge.ToResult<int, SnapshotPairs>(steps => pairsAt(steps).Core);
    }
}
