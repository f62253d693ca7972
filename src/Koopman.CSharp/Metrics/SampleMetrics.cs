using System;

namespace Koopman;

/// <summary>Distances between two sets of samples. Each value is best compared with that of an independent exact sample.</summary>
public static class SampleMetrics
{
    /// <summary>
    /// The maximum mean discrepancy with the kernel exp(-|x-y|²/2h), as a V-statistic: positive also between two samples of the same law.
    /// </summary>
    /// <param name="samples">The samples to evaluate.</param>
    /// <param name="reference">The samples to compare with, of the same dimension.</param>
    /// <param name="bandwidth">h, a squared length; null measures every column in its scale in the reference, with the squared median distance there as h.</param>
    /// <exception cref="ArgumentException">The dimensions differ, or the bandwidth is not positive.</exception>
    public static double Mmd(Samples samples, Samples reference, double? bandwidth = null)
    {
        Check.SameSpace(samples, reference, nameof(reference));
        if (bandwidth is not { } h)
            return Koopman.Metrics.Mmd.scaled(reference, samples, reference);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(h, nameof(bandwidth));
        return Koopman.Metrics.Mmd.distance(h, samples, reference);
    }

    /// <summary>
    /// The sliced 2-Wasserstein distance: root mean square over random directions of the distance of the projections, by 500
    /// quantiles. In units of the data.
    /// </summary>
    /// <param name="samples">The samples to evaluate, equally weighted.</param>
    /// <param name="reference">The samples to compare with, equally weighted and of the same dimension.</param>
    /// <param name="directions">The number of directions; default 200.</param>
    /// <param name="seed">The seed of the directions: use the same for all samples to be compared.</param>
    /// <exception cref="ArgumentException">The dimensions differ, a set is weighted, or there is no direction.</exception>
    public static double SlicedWasserstein(Samples samples, Samples reference, int directions = 200, int seed = 0)
    {
        Check.SameSpace(samples, reference, nameof(reference));
        ArgumentOutOfRangeException.ThrowIfLessThan(directions, 1);
        Check.EquallyWeighted(samples, nameof(samples));
        Check.EquallyWeighted(reference, nameof(reference));
        return Koopman.Metrics.Wasserstein.sliced(directions, seed.ToSeed(), samples, reference);
    }

    /// <summary>
    /// The 2-Wasserstein distance, by an exact assignment. Between two independent samples of the same law it is not 0: compare it with
    /// that of an exact sample. In many dimensions this floor dominates; use <see cref="SlicedWasserstein"/> there.
    /// </summary>
    /// <param name="samples">The samples to evaluate, equally weighted. At most 20,000, unless on a line; 2,000 take about a
    /// second.</param>
    /// <param name="reference">As many samples to compare with, equally weighted and of the same dimension.</param>
    /// <exception cref="ArgumentException">The dimensions differ, or a set is weighted.</exception>
    /// <exception cref="KoopmanException">The counts differ, or are too large.</exception>
    public static double Wasserstein(Samples samples, Samples reference)
    {
        Check.SameSpace(samples, reference, nameof(reference));
        Check.EquallyWeighted(samples, nameof(samples));
        Check.EquallyWeighted(reference, nameof(reference));
        return Koopman.Metrics.Wasserstein.exact(samples, reference).OrThrow();
    }

    /// <summary>
    /// The Fréchet distance: the 2-Wasserstein distance of the normal laws with the means and covariances of the samples. For Inception
    /// features its square is the FID. It depends only on the first two moments, and is biased upwards by sampling.
    /// </summary>
    /// <param name="samples">The samples to evaluate, already mapped to features.</param>
    /// <param name="reference">The samples to compare with, of the same dimension.</param>
    /// <exception cref="ArgumentException">The dimensions differ.</exception>
    public static double Frechet(Samples samples, Samples reference)
    {
        Check.SameSpace(samples, reference, nameof(reference));
        return Koopman.Metrics.Frechet.distance(samples, reference).OrThrow();
    }

    /// <summary>
    /// The fraction of the reference with a particle nearby: within the distance at which 95 % of the reference has a point of an
    /// independent sample. Nominally .95; missing regions lower it.
    /// </summary>
    /// <param name="reference">Points to be covered.</param>
    /// <param name="independent">An independent sample of the same law and of the size of the particles.</param>
    /// <param name="particles">The particles.</param>
    /// <exception cref="ArgumentException">The dimensions differ.</exception>
    public static double Coverage(Samples reference, Samples independent, Samples particles)
    {
        Check.SameSpace(reference, independent, nameof(independent));
        Check.SameSpace(reference, particles, nameof(particles));
        return Koopman.Metrics.Coverage.ofReference(reference, independent, particles);
    }

    /// <summary>
    /// The median distance of a particle to its nearest other, relative to that of an independent sample of equal size. Below 1 the
    /// particles clump; 0 means duplicates.
    /// </summary>
    /// <param name="independent">An independent sample of the law.</param>
    /// <param name="particles">The particles.</param>
    /// <exception cref="ArgumentException">The dimensions differ.</exception>
    public static double NeighbourRatio(Samples independent, Samples particles)
    {
        Check.SameSpace(independent, particles, nameof(particles));
        return Koopman.Metrics.Coverage.neighbourRatio(independent, particles);
    }
}
