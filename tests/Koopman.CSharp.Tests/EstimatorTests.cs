using System;
using System.Linq;
using Xunit;

namespace Koopman.CSharp.Tests;

public class EstimatorTests
{
    private static readonly LangevinSystem Process = LangevinSystem.OrnsteinUhlenbeck();

    [Fact]
    public void Edmd_finds_the_rates_of_a_known_process()
    {
        using var pairs = Process.EquilibriumPairs(20_000, lag: 0.2, seed: 1);
        using var observables = Observables.Monomials(4, 1);
        using var model = new EdmdEstimator().Fit(observables, pairs);
        Assert.Equal((true, 0.2, null), (model.Convention.IsPropagatorAtLag, model.Lag, model.Temperature));
        foreach (var mode in model.Modes.Take(2))
        {
            Assert.InRange(mode.Rate - Process.Rates[mode.Index - 1], -4 * mode.StandardError, 4 * mode.StandardError);
            Assert.Equal(Math.Exp(-0.2 * mode.Rate), mode.Eigenvalue.Real, 12);
            Assert.InRange(mode.StandardError, 1e-4, 0.2);
            Assert.True(mode.Lower < mode.Upper);
            Assert.InRange(mode.Residual, 0, 0.1);
        }
    }

    [Fact]
    public void The_generator_needs_samples_only()
    {
        using var samples = Process.EquilibriumSamples(20_000, seed: 2);
        using var observables = Observables.Monomials(4, 1);
        using var model = new LangevinEstimator().Fit(observables, samples);
        Assert.Equal((true, null, 1.0), (model.Convention.IsPositiveGenerator, model.Lag, model.Temperature));
        Assert.Equal(model.Rates.Order(), model.Rates);
        foreach (var mode in model.Modes.Take(2))
        {
            Assert.InRange(mode.Rate - Process.Rates[mode.Index - 1], -4 * mode.StandardError, 4 * mode.StandardError);
            Assert.Equal(mode.Rate, mode.Eigenvalue);
        }
    }

    [Fact]
    public void Rates_scale_with_the_temperature()
    {
        using var samples = Process.EquilibriumSamples(500, seed: 2);
        using var observables = Observables.Monomials(3, 1);
        using var cold = new LangevinEstimator().Fit(observables, samples);
        using var warm = new LangevinEstimator(new LangevinSettings { Temperature = 2, Modes = 1 }).Fit(observables, samples);
        Assert.Equal(2 * cold.Rates[0], warm.Rates[0], 10);
        Assert.Single(warm.Modes);
        Assert.Equal(3, warm.Rank);
    }

    [Fact]
    public void Nodes_of_a_quadrature_carry_no_error_bars()
    {
        var x = Enumerable.Range(0, 401).Select(i => -6 + 0.03 * i).ToArray();
        using var line = Samples.FromValues(x, dimension: 1);
        using var nodes = line.AsQuadrature(x.Select(v => Math.Exp(-v * v / 2)).ToArray());
        using var observables = Observables.Monomials(4, 1);
        using var model = new LangevinEstimator().Fit(observables, nodes);
        // The trapezoidal rule integrates a Gaussian times a polynomial to rounding, but for the cut-off tails.
        for (var k = 0; k < 3; k++)
        {
            Assert.Equal(k + 1, model.Rates[k], 4);
            Assert.Equal(0, model.Modes[k].StandardError);
        }
    }

    [Fact]
    public void Eigenfunctions_are_orthonormal_on_the_data()
    {
        using var samples = Process.EquilibriumSamples(500, seed: 2);
        using var observables = Observables.GaussiansOver(samples);
        using var model = new LangevinEstimator().Fit(observables, samples);
        var phi = model.Values(samples);
        for (var j = 0; j < 4; j++)
        {
            Assert.Equal(0, Enumerable.Range(0, 500).Average(i => phi[i, j]), 6);
            for (var k = 0; k < 4; k++)
                Assert.Equal(j == k ? 1 : 0, Enumerable.Range(0, 500).Average(i => phi[i, j] * phi[i, k]), 6);
        }
    }

    [Fact]
    public void Gradients_are_the_slopes_of_the_eigenfunctions()
    {
        using var samples = LangevinSystem.QuadrupleWell.EquilibriumSamples(600, seed: 2);
        using var observables = Observables.GaussiansOver(samples, new GaussianSettings { Centres = 40 });
        using var model = new LangevinEstimator().Fit(observables, samples);
        const double h = 1e-5;
        using var left = Samples.FromArray(new double[,] { { 0.5, -0.2 - h }, { 1, 1 - h } });
        using var middle = Samples.FromArray(new double[,] { { 0.5, -0.2 }, { 1, 1 } });
        using var right = Samples.FromArray(new double[,] { { 0.5, -0.2 + h }, { 1, 1 + h } });
        var (low, high, slope) = (model.Values(left), model.Values(right), model.Gradients(middle));
        Assert.Equal(new[] { 2, model.Rank, 2 }, Enumerable.Range(0, 3).Select(slope.GetLength));
        for (var i = 0; i < 2; i++)
        {
            for (var k = 0; k < 5; k++)
                Assert.Equal((high[i, k] - low[i, k]) / (2 * h), slope[i, k, 1], 5);
        }
    }

    [Fact]
    public void Tensors_and_arrays_hold_the_same_numbers()
    {
        using var samples = Process.EquilibriumSamples(200, seed: 2);
        using var observables = Observables.Monomials(3, 1);
        using var model = new LangevinEstimator().Fit(observables, samples);
        using var values = model.Values(samples.Points);
        using var gradients = model.Gradients(samples.Points);
        Assert.Equal([200, 3], values.shape);
        Assert.Equal([200, 3, 1], gradients.shape);
        Assert.Equal(model.Values(samples).Cast<double>(), values.data<double>().ToArray());
        Assert.Equal(model.Gradients(samples).Cast<double>(), gradients.data<double>().ToArray());
    }

    [Fact]
    public void A_truncated_model_keeps_the_slowest_modes()
    {
        using var samples = Process.EquilibriumSamples(200, seed: 2);
        using var observables = Observables.Monomials(4, 1);
        using var model = new LangevinEstimator().Fit(observables, samples);
        using var two = model.Truncate(2);
        Assert.Equal(2, two.Rank);
        Assert.Equal(model.Rates.Take(2), two.Rates);
        Assert.Equal(model.Values(samples)[7, 1], two.Values(samples)[7, 1], 12);
        Assert.Contains("generator", two.ToString());
        Assert.NotEqual("", two.Measure);
        Assert.NotEqual("", two.ResidualNorm);
    }

    [Fact]
    public void Too_many_functions_are_refused_with_numbers()
    {
        using var samples = Process.EquilibriumSamples(200, seed: 2);
        using var observables = Observables.Monomials(4, 1);
        using var model = new LangevinEstimator().Fit(observables, samples);
        Assert.Equal(4, model.Rank);
        using var many = Observables.Monomials(150, 1);
        var error = Assert.Throws<KoopmanException>(() => new LangevinEstimator().Fit(many, samples)).Error;
        Assert.Equal(ErrorKind.TooFewSamples, error.Kind);
        Assert.Contains("200 samples", error.Cause);
        Assert.Contains("at most 100 observables", error.Remedy);
    }
}
