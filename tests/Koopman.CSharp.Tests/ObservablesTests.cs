using System;
using TorchSharp;
using Xunit;

namespace Koopman.CSharp.Tests;

public class ObservablesTests
{
    private static Samples Points() => Samples.FromArray(new double[,] { { 2, 3 }, { -1, 0.5 } });

    [Fact]
    public void Monomials_are_products_of_powers()
    {
        using var points = Points();
        using var monomials = Observables.Monomials(degree: 2, dimension: 2);
        Assert.Equal(6, monomials.Count);
        Assert.Equal(new double[,] { { 1, 2, 3, 4, 6, 9 }, { 1, -1, 0.5, 1, -0.5, 0.25 } }, monomials.Values(points));
        Assert.Equal(new double[,] { { 0, 0, 1, 0, 2, 6 }, { 0, 0, 1, 0, -1, 1 } }, monomials.Partial(points, axis: 1));
        Assert.Null(monomials.LengthScale);
    }

    [Fact]
    public void Gaussians_fall_off_over_their_width()
    {
        using var points = Points();
        using var gaussians = Observables.Gaussians(width: 2, centres: new double[,] { { 2, 1 }, { 0, 0 } });
        var values = gaussians.Values(points);
        Assert.Equal(Math.Exp(-4 / 8.0), values[0, 0], 14);
        Assert.Equal(Math.Exp(-13 / 8.0), values[0, 1], 14);
        Assert.Equal(values[0, 0] * -2 / 4, gaussians.Partial(points, axis: 1)[0, 0], 14);
        Assert.Equal(2, gaussians.LengthScale);
    }

    [Fact]
    public void Sets_can_be_joined()
    {
        using var points = Points();
        using var monomials = Observables.Monomials(1, 2);
        using var both = monomials.Append(Observables.Gaussians(1, new double[,] { { 2, 3 }, { 0, 0 } }));
        var values = both.Values(points);
        Assert.Equal((5, 2), (both.Count, both.Dimension));
        Assert.Equal((1.0, 2.0, 3.0, 1.0), (values[0, 0], values[0, 1], values[0, 2], values[0, 3]));
        Assert.Equal(1, both.LengthScale);
    }

    [Fact]
    public void Gaussians_are_laid_over_the_data_as_asked()
    {
        using var data = LangevinSystem.QuadrupleWell.EquilibriumSamples(300, seed: 1);
        using var automatic = Observables.GaussiansOver(data);
        using var few = Observables.GaussiansOver(data, new GaussianSettings { Centres = 20, Width = 0.7 });
        Assert.Equal(100, automatic.Count);
        Assert.Equal((20, 0.7), (few.Count, few.LengthScale));
        using var same = Observables.GaussiansOver(data, settings: null);
        Assert.Equal(automatic.Values(data), same.Values(data));
    }

    [Fact]
    public void Your_own_functions_fit_like_the_built_in_ones()
    {
        using var data = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(2000, seed: 4);
        using var own = new Powers();
        using var builtIn = Observables.Monomials(3, 1);
        using var first = new LangevinEstimator().Fit(own, data);
        using var second = new LangevinEstimator().Fit(builtIn, data);
        // The constant among the monomials is no mode, so that both dictionaries span the same space.
        Assert.Equal(3, first.Rank);
        for (var k = 0; k < 3; k++)
            Assert.Equal(second.Rates[k], first.Rates[k], 8);
        Assert.InRange(first.Rates[0], 0.9, 1.1);
        Assert.InRange(first.Gradients(data).Length, 6000, 6000);
    }

    [Fact]
    public void Your_own_functions_are_freed_once_by_their_owner()
    {
        var own = new Powers();
        using (var data = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(100, seed: 4))
        using (new LangevinEstimator().Fit(own, data))
            Assert.Equal(0, own.Disposals);
        Assert.Equal(0, own.Disposals);
        own.Dispose();
        Assert.Equal(1, own.Disposals);
    }

    [Fact]
    public void Functions_may_answer_the_points_themselves()
    {
        using var data = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(100, seed: 4);
        using var coordinate = new Coordinate();
        Assert.Equal(data.ToArray(), coordinate.Values(data));
        using var model = new LangevinEstimator().Fit(coordinate, data);
        Assert.Equal(100, data.ToArray().GetLength(0));
        Assert.Equal(1, model.Rank);
    }

    [Fact]
    public void A_wrong_answer_of_your_own_functions_is_named()
    {
        using var data = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(100, seed: 4);
        using var own = new TooFew();
        var error = Assert.Throws<InvalidOperationException>(() => new LangevinEstimator().Fit(own, data));
        Assert.Contains("TooFew.ValuesAt must return Float64 of shape (", error.Message);
        Assert.Contains(", 3), but returned Float64 of shape (", error.Message);
    }

    private sealed class Coordinate() : UserObservables(1, 1, "x")
    {
        protected override torch.Tensor ValuesAt(torch.Tensor points) => points;

        protected override torch.Tensor PartialAt(torch.Tensor points, int axis) => torch.ones_like(points);
    }

    private sealed class TooFew : Powers
    {
        protected override torch.Tensor ValuesAt(torch.Tensor points) => points.mul(2);
    }
}
