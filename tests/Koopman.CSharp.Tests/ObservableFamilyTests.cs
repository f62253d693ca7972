using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using Xunit;

namespace Koopman.CSharp.Tests;

public class ObservableFamilyTests
{
    /// <summary>Functions of one variable of every family.</summary>
    internal static readonly Dictionary<string, Func<Samples, Observables>> Families = new()
    {
        ["the constant"] = _ => Observables.Constant(1),
        ["coordinates"] = _ => Observables.Coordinates(1),
        ["monomials"] = _ => Observables.Monomials(3, 1),
        ["Hermite"] = _ => Observables.Hermite(4, 1),
        ["classical Hermite"] = _ => Observables.Hermite(4, 1, classical: true),
        ["Legendre"] = _ => Observables.Legendre(4, [-3], [3]),
        ["classical Legendre"] = _ => Observables.Legendre(4, [-3], [3], classical: true),
        ["Fourier"] = _ => Observables.Fourier(2, 6),
        ["random Fourier"] = _ => Observables.RandomFourier(5, width: 1, dimension: 1),
        ["boxes"] = _ => Observables.GridIndicators([4], [-3], [3]),
        ["cells"] = _ => Observables.CellIndicators(new double[,] { { -1 }, { 1 } }),
        ["cells over data"] = data => Observables.CellIndicatorsOver(data, 3),
        ["Gaussians"] = data => Observables.GaussiansOver(data),
        ["a function"] = _ => Observables.FromFunction(1, 2, "waves", x => torch.cat([x.sin(), x.cos()], 1)),
        ["fields"] = _ => Observables.FromFields(1, "a bump", x => Math.Exp(-x[0] * x[0])),
        ["a network"] = _ => Observables.FromModule(Network(), 1, 3),
        ["products"] = _ => Observables.Monomials(2, 1).Product(Observables.Fourier(1, 6)),
        ["a selection"] = _ => Observables.Monomials(3, 1).Select(3, 1),
        ["one delay"] = _ => Observables.Hermite(3, 1).OnDelays(1),
        ["whitened"] = data => Observables.Hermite(3, 1).Whitened(data),
        ["your own"] = _ => new Powers(),
    };

    public static TheoryData<string> Names => [.. Families.Keys];

    private static torch.nn.Module<torch.Tensor, torch.Tensor> Network() =>
        torch.nn.Sequential(
            torch.nn.Linear(1, 4, dtype: torch.float64),
            torch.nn.Tanh(),
            torch.nn.Linear(4, 3, dtype: torch.float64));

    [Theory]
    [MemberData(nameof(Names))]
    public void Derivatives_are_those_of_the_values(string name)
    {
        const double Step = 1e-4;
        double[] places = [-1.31, -0.4, 0.27, 0.9, 1.57, 2.2];
        using var data = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(60, seed: 4);
        using var functions = Families[name](data);
        using var here = Samples.FromValues(places, 1);
        using var ahead = Samples.FromValues([.. places.Select(x => x + Step)], 1);
        using var behind = Samples.FromValues([.. places.Select(x => x - Step)], 1);

        void Agree(double[,] derivative, double[,] after, double[,] before)
        {
            for (var i = 0; i < places.Length; i++)
                for (var j = 0; j < functions.Count; j++)
                    Assert.Equal((after[i, j] - before[i, j]) / (2 * Step), derivative[i, j], 1e-5);
        }

        Agree(functions.Partial(here, 0), functions.Values(ahead), functions.Values(behind));
        Agree(functions.SecondPartial(here, 0, 0), functions.Partial(ahead, 0), functions.Partial(behind, 0));
        using var second = functions.SecondPartial(here.Points, 0, 0);
        Assert.Equal(functions.SecondPartial(here, 0, 0).Cast<double>(), second.data<double>().ToArray());
        Assert.NotEqual("", functions.NameOf(functions.Count - 1));
    }

    [Fact]
    public void Polynomials_have_the_values_of_the_tables()
    {
        using var point = Samples.FromValues([0.5, 2], 1);
        using var hermite = Observables.Hermite(3, 1, classical: true);
        using var legendre = Observables.Legendre(2, [0], [2], classical: true);
        Assert.Equal(new double[,] { { 1, 0.5, -0.75, -1.375 }, { 1, 2, 3, 2 } }, hermite.Values(point));
        Assert.Equal(new double[,] { { 1, -0.5, -0.125 }, { 1, 1, 1 } }, legendre.Values(point));
        Assert.Equal("He3(x0)", hermite.NameOf(3));
    }

    [Fact]
    public void Cells_give_a_Markov_state_model()
    {
        using var pairs = LangevinSystem.DoubleWell().EquilibriumPairs(2000, lag: 0.1, seed: 2);
        using var cells = Observables.CellIndicatorsOver(pairs.From, 10);
        using var model = new EdmdEstimator().Fit(cells, pairs);
        Assert.False(cells.IsDifferentiable);
        Assert.InRange(model.Eigenvalues[0].Real, 0.5, 1);
        var error = Assert.Throws<KoopmanException>(() => new LangevinEstimator().Fit(cells, pairs.From));
        Assert.Equal(ErrorKind.InvalidSetting, error.Kind);
        Assert.Contains("no gradients", error.Message);
    }

    [Fact]
    public void Your_functions_in_one_line_fit_like_the_built_in_ones()
    {
        using var data = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(2000, seed: 4);
        using var own = Observables.FromFunction(1, 3, "powers", x => torch.cat([x, x.pow(2), x.pow(3)], 1));
        using var builtIn = Observables.Monomials(3, 1);
        using var first = new LangevinEstimator().Fit(own, data);
        using var second = new LangevinEstimator().Fit(builtIn, data);
        for (var k = 0; k < 3; k++)
            Assert.Equal(second.Rates[k], first.Rates[k], 8);
    }

    [Fact]
    public void Sets_are_put_on_other_coordinates()
    {
        using var data = LangevinSystem.QuadrupleWell.EquilibriumSamples(500, seed: 3);
        using var components = Pca.Fit(data, 1);
        using var leading = Observables.Coordinates(1).OnPrincipalComponents(components);
        using var latents = components.Encode(data);
        using var white = Observables.Coordinates(2).Whitened(data);
        using var delays = Observables.Monomials(2, 1).OnDelays(2);
        Assert.Equal(latents.ToArray(), leading.Values(data));
        using var values = Samples.FromArray(white.Values(data));
        Assert.Equal([1, 0, 0, 1], values.Covariance().Cast<double>().Select(x => Math.Round(x, 9) + 0.0));
        Assert.Equal((2, 6), (delays.Dimension, delays.Count));
    }

    [Fact]
    public void What_is_no_dictionary_is_refused()
    {
        static void Refused(ErrorKind kind, string told, Action action)
        {
            var error = Assert.Throws<KoopmanException>(action);
            Assert.Equal(kind, error.Kind);
            Assert.Contains(told, error.Message, StringComparison.Ordinal);
        }

        using var flat = Samples.FromArray(new double[,] { { 1, 7 }, { 2, 7 }, { 4, 7 } });
        using var line = Samples.FromValues([1, 2, 3], 1);
        using var single = torch.nn.Linear(1, 2);
        using var plane = Observables.Coordinates(2);
        Refused(ErrorKind.InvalidSetting, "The degree of Hermite polynomials is 0", () => Observables.Hermite(0, 1));
        Refused(ErrorKind.InvalidSetting, "box", () => Observables.Legendre(2, [1], [1]));
        Refused(ErrorKind.InvalidSetting, "periods", () => Observables.Fourier(2, -1));
        Refused(ErrorKind.InvalidSetting, "width", () => Observables.RandomFourier(5, 0, 1));
        Refused(ErrorKind.InvalidSetting, "same point", () => Observables.CellIndicators(new double[,] { { 1 }, { 1 } }));
        Refused(ErrorKind.InvalidSetting, "3 samples", () => Observables.CellIndicatorsOver(flat, 4));
        Refused(ErrorKind.ShapeMismatch, "(3, 2)", () => Observables.FromFunction(1, 2, "one column", x => x));
        Refused(ErrorKind.InvalidSetting, "Float32", () => Observables.FromModule(single, 1, 2));
        Refused(ErrorKind.IllConditioned, "Coordinate 1", () => plane.Whitened(flat));
        Refused(ErrorKind.InvalidSetting, "no function 2", () => plane.Select(2));
        Assert.Throws<ArgumentNullException>(() => Observables.FromFunction(1, 1, "nothing", null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => Observables.Constant(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => plane.SecondPartial(flat, 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Powers().SecondPartial(line.Points, 0, -1));
    }
}
