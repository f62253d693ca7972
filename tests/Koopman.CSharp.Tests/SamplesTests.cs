using TorchSharp;
using Xunit;

namespace Koopman.CSharp.Tests;

public class SamplesTests
{
    private static readonly double[,] Triangle = { { 0, 0 }, { 3, 0 }, { 0, 6 } };

    [Fact]
    public void All_ways_to_make_samples_agree()
    {
        using var tensor = torch.tensor(Triangle);
        using var fromArray = Samples.FromArray(Triangle);
        using var fromValues = Samples.FromValues([0, 0, 3, 0, 0, 6], dimension: 2);
        using var fromRows = Samples.FromRows([[0, 0], [3, 0], [0, 6]]);
        using var fromTensor = Samples.FromTensor(tensor);
        foreach (var set in new[] { fromArray, fromValues, fromRows, fromTensor })
        {
            Assert.Equal((3, 2), (set.Count, set.Dimension));
            Assert.Equal(Triangle, set.ToArray());
            Assert.Equal([1 / 3.0, 1 / 3.0, 1 / 3.0], set.Weights.ToVector());
        }
    }

    [Fact]
    public void Single_precision_and_whole_numbers_become_double_precision()
    {
        using var single = torch.tensor(new float[,] { { 0.5f }, { 1.5f } });
        using var whole = torch.tensor(new long[,] { { 1 }, { 2 } });
        using var halves = Samples.FromTensor(single);
        using var integers = Samples.FromTensor(whole);
        Assert.Equal(torch.float64, halves.Points.dtype);
        Assert.Equal(new double[,] { { 0.5 }, { 1.5 } }, halves.ToArray());
        Assert.Equal(new double[,] { { 1 }, { 2 } }, integers.ToArray());
    }

    [Fact]
    public void The_values_are_copied()
    {
        using var tensor = torch.tensor(Triangle);
        using var samples = Samples.FromTensor(tensor);
        tensor.zero_();
        Assert.Equal(Triangle, samples.ToArray());
    }

    [Fact]
    public void Mean_and_covariance_follow_the_weights()
    {
        using var plain = Samples.FromArray(Triangle);
        Assert.Equal([1, 2], plain.Mean());
        Assert.Equal(2, plain.Covariance()[0, 0], 12);
        Assert.Equal(-2, plain.Covariance()[0, 1], 12);
        Assert.Equal(8, plain.Covariance()[1, 1], 12);
        using var weighted = plain.WithWeights([1, 3, 0]);
        Assert.Equal([0.25, 0.75, 0], weighted.Weights.ToVector());
        Assert.Equal([2.25, 0], weighted.Mean());
        Assert.False(weighted.IsQuadrature);
        using var nodes = plain.AsQuadrature([1, 2, 1]);
        Assert.True(nodes.IsQuadrature);
        Assert.Equal([0.25, 0.5, 0.25], nodes.Weights.ToVector());
    }

    [Theory]
    [InlineData("points.npy")]
    [InlineData("points.csv")]
    public void What_is_saved_is_read_back_to_the_last_bit(string name)
    {
        using var folder = new TemporaryFolder();
        using var written = LangevinSystem.QuadrupleWell.EquilibriumSamples(50, seed: 3);
        written.Save(folder.File(name));
        using var read = Samples.Read(folder.File(name));
        Assert.Equal(written.ToArray(), read.ToArray());
        Assert.Equal([name], folder.Names());
    }

    [Fact]
    public void Pairs_are_read_as_the_states_they_start_from()
    {
        using var folder = new TemporaryFolder();
        using var pairs = LangevinSystem.DoubleWell().EquilibriumPairs(10, lag: 0.1, seed: 1);
        pairs.Save(folder.File("pairs.npz"));
        using var samples = Samples.Read(folder.File("pairs.npz"));
        Assert.Equal(pairs.From.ToArray(), samples.ToArray());
    }

    [Fact]
    public void A_gaussian_start_has_the_mean_and_spread_of_the_data()
    {
        using var data = Samples.FromArray(new double[,] { { 9, 0 }, { 11, 0 }, { 10, 4 }, { 10, -4 } });
        using var start = data.GaussianLike(20_000, seed: 1);
        var covariance = start.Covariance();
        // Standard errors: .005 and .02 of the means, 1 % of the variances; four of them.
        Assert.InRange(start.Mean()[0], 10 - 0.02, 10 + 0.02);
        Assert.InRange(start.Mean()[1], -0.08, 0.08);
        Assert.InRange(covariance[0, 0], 0.5 * 0.96, 0.5 * 1.04);
        Assert.InRange(covariance[1, 1], 8 * 0.96, 8 * 1.04);
        using var again = data.GaussianLike(20_000, seed: 1);
        using var other = data.GaussianLike(20_000, seed: 2);
        Assert.Equal(start.ToArray(), again.ToArray());
        Assert.NotEqual(start.ToArray(), other.ToArray());
    }

    [Fact]
    public void Take_keeps_the_first()
    {
        using var samples = Samples.FromArray(Triangle);
        using var two = samples.Take(2);
        using var all = samples.Take(10);
        Assert.Equal(new double[,] { { 0, 0 }, { 3, 0 } }, two.ToArray());
        Assert.Equal(Triangle, all.ToArray());
    }
}
