using System;
using Xunit;

namespace Koopman.CSharp.Tests;

public class MetricsTests
{
    private static Samples Two(double a, double b) => Samples.FromArray(new double[,] { { a }, { b } });

    [Fact]
    public void Mmd_of_four_points_is_what_the_formula_says()
    {
        using var x = Two(0, 1);
        using var y = Two(2, 4);
        static double K(double d) => Math.Exp(-d * d / 6);
        var xx = (1 + K(1)) / 2;
        var yy = (1 + K(2)) / 2;
        var xy = (K(2) + K(4) + K(1) + K(3)) / 4;
        Assert.Equal(Math.Sqrt(xx + yy - 2 * xy), SampleMetrics.Mmd(x, y, bandwidth: 3), 12);
        Assert.Equal(0, SampleMetrics.Mmd(x, x), 7);
        // Without a bandwidth h is the squared median distance in the reference, here 4.
        Assert.Equal(SampleMetrics.Mmd(x, y, bandwidth: 4), SampleMetrics.Mmd(x, y), 12);
    }

    [Fact]
    public void A_shift_on_a_line_is_as_far_as_it_is()
    {
        using var x = Two(0, 1);
        using var y = Two(5, 6);
        Assert.Equal(5, SampleMetrics.SlicedWasserstein(x, y), 10);
        Assert.Equal(0, SampleMetrics.SlicedWasserstein(x, x), 10);
    }

    [Fact]
    public void The_exact_distance_matches_points_and_the_Frechet_distance_moments()
    {
        using var x = Samples.FromArray(new double[,] { { 0, 0 }, { 4, 0 } });
        using var y = Samples.FromArray(new double[,] { { 4, 3 }, { 0, 1 } });
        // (0,0) goes to (0,1) and (4,0) to (4,3).
        Assert.Equal(Math.Sqrt((1 + 9) / 2.0), SampleMetrics.Wasserstein(x, y), 12);
        using var line = Two(-1, 1);
        using var wide = Two(1, 7);
        Assert.Equal(Math.Sqrt((4 * 4) + (2 * 2)), SampleMetrics.Frechet(line, wide), 10);
        using var three = Samples.FromValues([0, 1, 2], dimension: 1);
        Assert.Equal(ErrorKind.ShapeMismatch, Assert.Throws<KoopmanException>(() => SampleMetrics.Wasserstein(line, three)).Kind);
    }

    [Fact]
    public void Coverage_falls_where_a_region_is_missing()
    {
        var well = LangevinSystem.DoubleWell();
        using var reference = well.EquilibriumSamples(2000, seed: 1);
        using var independent = well.EquilibriumSamples(1000, seed: 2);
        using var exact = well.EquilibriumSamples(1000, seed: 3);
        using var half = Samples.FromValues(Array.FindAll(Flat(exact), x => x > 0), dimension: 1);
        Assert.InRange(SampleMetrics.Coverage(reference, independent, exact), 0.92, 0.98);
        Assert.InRange(SampleMetrics.Coverage(reference, independent, half), 0.45, 0.58);
    }

    [Fact]
    public void Clumps_show_in_the_distance_to_the_neighbour()
    {
        using var spread = Samples.FromValues([0, 1, 2, 3], dimension: 1);
        using var clumped = Samples.FromValues([0, 0.25, 2, 2.25], dimension: 1);
        Assert.Equal(0.25, SampleMetrics.NeighbourRatio(spread, clumped), 12);
    }

    [Fact]
    public void Sets_that_cannot_be_compared_are_refused()
    {
        using var line = Two(0, 1);
        using var plane = Samples.FromArray(new double[,] { { 0, 1 }, { 2, 3 } });
        using var weighted = line.WithWeights([1, 2]);
        Assert.Throws<ArgumentException>(() => SampleMetrics.Mmd(line, plane));
        Assert.Throws<ArgumentException>(() => SampleMetrics.SlicedWasserstein(line, plane));
        Assert.Throws<ArgumentException>(() => SampleMetrics.Coverage(line, line, plane));
        Assert.Throws<ArgumentException>(() => SampleMetrics.NeighbourRatio(line, plane));
        Assert.Throws<ArgumentException>(() => SampleMetrics.SlicedWasserstein(line, weighted));
        Assert.Throws<ArgumentException>(() => SampleMetrics.Wasserstein(line, weighted));
        Assert.Throws<ArgumentException>(() => SampleMetrics.Wasserstein(line, plane));
        Assert.Throws<ArgumentException>(() => SampleMetrics.Frechet(line, plane));
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleMetrics.SlicedWasserstein(line, line, directions: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleMetrics.Mmd(line, line, bandwidth: 0));
    }

    private static double[] Flat(Samples samples)
    {
        var values = new double[samples.Count];
        Buffer.BlockCopy(samples.ToArray(), 0, values, 0, values.Length * sizeof(double));
        return values;
    }
}
