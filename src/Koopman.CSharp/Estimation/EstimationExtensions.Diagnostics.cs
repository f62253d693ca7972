using System;
using System.Collections.Generic;
using Microsoft.FSharp.Collections;

namespace Koopman;

/// <summary>Implied timescales over lags: those of a Markov process do not depend on the lag.</summary>
public static class ImpliedTimescales
{
    /// <summary>The timescales of the slowest processes at every lag.</summary>
    /// <param name="processes">The largest number of processes.</param>
    /// <param name="estimator">For example <c>pairs => new EdmdEstimator().Fit(observables, pairs)</c>. Its results are freed.</param>
    /// <param name="pairsAt">Returns the pairs a given number of rows apart. Its results are freed.</param>
    /// <param name="lags">The lags in rows.</param>
    /// <exception cref="KoopmanException">There is no process or no lag, or one of the functions threw it.</exception>
    public static TimescaleTable Compute(
        int processes, Func<SnapshotPairs, Spectrum> estimator, Func<int, SnapshotPairs> pairsAt, params IEnumerable<int> lags)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(pairsAt);
        ArgumentNullException.ThrowIfNull(lags);
        return Timescales.implied(processes, estimator.ToResult(), pairsAt.ToResult(), ListModule.OfSeq(lags)).OrThrow();
    }
}

// Tests of the linear evolution of eigenfunctions along data, over times beyond the lag of a residual.
public static partial class EstimationExtensions
{
    extension(ChapmanKolmogorov)
    {
        /// <summary>
        /// Tests at multiples of a spectrum's lag whether K_kτ = K_τ^k, for every mode with an error bar (Prinz et al. 2011).
        /// </summary>
        /// <param name="spectrum">From pairs <paramref name="steps"/> rows apart.</param>
        /// <param name="pairsAt">Returns the pairs a given number of rows apart. Its results are freed.</param>
        /// <param name="steps">The lag of the spectrum in rows.</param>
        /// <param name="multiples">Multiples of this lag, 2 or more.</param>
        /// <exception cref="KoopmanException">The spectrum is not that of a propagator, or lags do not match.</exception>
        public static ChapmanKolmogorov Test(
            Spectrum spectrum, Func<int, SnapshotPairs> pairsAt, int steps, params IEnumerable<int> multiples)
        {
            ArgumentNullException.ThrowIfNull(spectrum);
            ArgumentNullException.ThrowIfNull(pairsAt);
            ArgumentNullException.ThrowIfNull(multiples);
            return ChapmanKolmogorovModule.test(spectrum, pairsAt.ToResult(), steps, ListModule.OfSeq(multiples)).OrThrow();
        }
    }

    extension(Spectrum spectrum)
    {
        /// <summary>
        /// The distance of every leading mode from φ(x_t) = e^{μt}φ(x_0) at every horizon, preferably on data not used in the fit.
        /// </summary>
        /// <param name="pairsAt">Returns the pairs a given number of rows apart. Its results are freed.</param>
        /// <param name="horizons">The horizons in rows.</param>
        /// <param name="noise">True if successors are random; null to detect it from the data.</param>
        /// <exception cref="KoopmanException">There is no horizon, or there are too few pairs.</exception>
        public LinearityPoint[] DeviationsFromLinearity(Func<int, SnapshotPairs> pairsAt, IEnumerable<int> horizons, Noise? noise = null)
        {
            ArgumentNullException.ThrowIfNull(pairsAt);
            ArgumentNullException.ThrowIfNull(horizons);
            return [.. Linearity.along(noise ?? Noise.Automatic, spectrum, pairsAt.ToResult(), ListModule.OfSeq(horizons)).OrThrow()];
        }

        /// <summary>
        /// The same spectrum with a warning <see cref="WarningKind.NotLinear"/> on every mode that deviates too far at some horizon.
        /// </summary>
        /// <param name="pairsAt">Returns the pairs a given number of rows apart. Its results are freed.</param>
        /// <param name="horizons">The horizons in rows.</param>
        /// <param name="noise">True if successors are random; null to detect it from the data.</param>
        /// <exception cref="KoopmanException">There is no horizon, or there are too few pairs.</exception>
        public Spectrum FlagNotLinear(Func<int, SnapshotPairs> pairsAt, IEnumerable<int> horizons, Noise? noise = null)
        {
            ArgumentNullException.ThrowIfNull(pairsAt);
            ArgumentNullException.ThrowIfNull(horizons);
            return Linearity.flag(noise ?? Noise.Automatic, spectrum, pairsAt.ToResult(), ListModule.OfSeq(horizons)).OrThrow();
        }
    }
}
