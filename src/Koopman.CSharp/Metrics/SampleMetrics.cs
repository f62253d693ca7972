using System;

namespace Koopman;

/// <summary>Distances between two sets of samples. Each number is best read beside that of an independent exact sample.</summary>
public static class SampleMetrics
{
    /// <summary>
    /// The maximum mean discrepancy with the kernel exp(-|x-y|²/2h), as a V-statistic: positive also between two samples of one law.
    /// </summary>
    /// <param name="samples">The samples to judge.</param>
    /// <param name="reference">The samples to compare with, of the same dimension.</param>
    /// <param name="bandwidth">h, a squared length; null is the squared median distance in the reference.</param>
    /// <exception cref="ArgumentException">The dimensions differ, or the bandwidth is not positive.</exception>
    public static double Mmd(Samples samples, Samples reference, double? bandwidth = null)
    {
        Check.SameSpace(samples, reference, nameof(reference));
        if (bandwidth is { } given)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(given, nameof(bandwidth));
        return Koopman.Metrics.Mmd.distance(bandwidth ?? Koopman.Metrics.Mmd.bandwidth(reference), samples, reference);
    }

    /// <summary>
    /// The sliced 2-Wasserstein distance: root mean square over random directions of the distance of the projections, by 500
    /// quantiles. In units of the data.
    /// </summary>
    /// <param name="samples">The samples to judge, equally weighted.</param>
    /// <param name="reference">The samples to compare with, equally weighted and of the same dimension.</param>
    /// <param name="directions">How many directions; default 200.</param>
    /// <param name="seed">Of the directions: use one for all that is compared.</param>
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
    /// The 2-Wasserstein distance itself, by an exact assignment. Between two independent samples of one law it is not 0: read it beside
    /// that of an exact sample. In many dimensions that floor hides most else; use <see cref="SlicedWasserstein"/> there.
    /// </summary>
    /// <param name="samples">The samples to judge, equally weighted. At most 20,000, unless on a line; 2,000 take about a second.</param>
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
    /// The Fréchet distance: the 2-Wasserstein distance of the normal laws with the means and covariances of the samples. Its square is
    /// what is known as FID when the samples are Inception features. It sees two moments only, and is biased up by sampling.
    /// </summary>
    /// <param name="samples">The samples to judge, already taken through the feature map.</param>
    /// <param name="reference">The samples to compare with, of the same dimension.</param>
    /// <exception cref="ArgumentException">The dimensions differ.</exception>
    public static double Frechet(Samples samples, Samples reference)
    {
        Check.SameSpace(samples, reference, nameof(reference));
        return Koopman.Metrics.Frechet.distance(samples, reference).OrThrow();
    }

    /// <summary>
    /// The part of the reference that has a particle nearby: nearer than the distance within which 95 % of the reference has a point
    /// of an independent sample. Nominally .95; missing regions lower it.
    /// </summary>
    /// <param name="reference">Points to be covered.</param>
    /// <param name="independent">An independent sample of the same law, as many points as there are particles.</param>
    /// <param name="particles">The particles.</param>
    /// <exception cref="ArgumentException">The dimensions differ.</exception>
    public static double Coverage(Samples reference, Samples independent, Samples particles)
    {
        Check.SameSpace(reference, independent, nameof(independent));
        Check.SameSpace(reference, particles, nameof(particles));
        return Koopman.Metrics.Coverage.ofReference(reference, independent, particles);
    }

    /// <summary>
    /// The median distance of a particle to its nearest other, over the same of an independent sample of equal size. Below 1 the
    /// particles clump, 0 are duplicates.
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
