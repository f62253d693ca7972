using System;
using System.Linq;
using Xunit;

namespace Koopman.CSharp.Tests;

public class PcaTests
{
    // A line along (3, 4)/5 with a little across it.
    private static Samples Line() => Samples.FromArray(new double[,] { { 4, 5 }, { -2, -3 }, { 1.08, 0.94 }, { 0.92, 1.06 } });

    [Fact]
    public void They_follow_the_longest_axis()
    {
        using var data = Line();
        using var components = Pca.Fit(data, 2);
        var axes = components.Components.ToMatrix();
        Assert.Equal([1, 1], components.Mean.ToVector());
        Assert.Equal(0.6, Math.Abs(axes[0, 0]), 10);
        Assert.Equal(0.8, Math.Abs(axes[0, 1]), 10);
        Assert.Equal(12.5, components.Variances[0], 10);
        Assert.Equal(0.005, components.Variances[1], 10);
        Assert.Equal(1, components.Explained, 10);
    }

    [Fact]
    public void All_of_them_lose_nothing_and_few_lose_what_is_across()
    {
        using var data = Line();
        using var both = Pca.Fit(data, 2);
        using var all = both.Encode(data);
        using var back = both.Decode(all);
        using var first = Pca.Fit(data, 1);
        using var along = first.Encode(data);
        using var flat = first.Decode(along);
        var (x, y, z) = (data.ToArray().Cast<double>(), back.ToArray().Cast<double>(), flat.ToArray().Cast<double>());
        Assert.All(x.Zip(y), pair => Assert.Equal(pair.First, pair.Second, 12));
        Assert.Equal(1, along.Dimension);
        Assert.Equal(0.02, x.Zip(z).Sum(pair => Math.Pow(pair.First - pair.Second, 2)), 10);
        Assert.Equal(12.5 / 12.505, first.Explained, 10);
    }

    [Fact]
    public void More_than_there_are_dimensions_cannot_be_had()
    {
        using var data = Line();
        Assert.Equal(ErrorKind.InvalidSetting, Assert.Throws<KoopmanException>(() => Pca.Fit(data, 3)).Kind);
        Pca.Fit(data, 1).Dispose();
        Assert.Equal(ErrorKind.InvalidSetting, Assert.Throws<KoopmanException>(() => Pca.Fit(data, 0)).Kind);
    }
}
