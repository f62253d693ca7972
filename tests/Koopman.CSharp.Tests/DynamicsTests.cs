using System;
using System.Linq;
using System.Numerics;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>Operators of processes that are not reversible: complex spectra and what models of dynamics know.</summary>
public class DynamicsTests
{
    private const double Lag = 0.5;

    /// <summary>Pairs of the map x → M x of the plane, from points that fill a square.</summary>
    internal static SnapshotPairs Linear(double[,] map, int count = 200)
    {
        var random = new Random(7);
        var x = new double[count, 2];
        var y = new double[count, 2];
        for (var i = 0; i < count; i++)
        {
            (x[i, 0], x[i, 1]) = (2 * random.NextDouble() - 1, 2 * random.NextDouble() - 1);
            for (var j = 0; j < 2; j++)
                y[i, j] = map[j, 0] * x[i, 0] + map[j, 1] * x[i, 1];
        }

        using var from = Samples.FromArray(x);
        using var to = Samples.FromArray(y);
        return SnapshotPairs.FromSamples(from, to, Lag);
    }

    internal static double[,] Rotation(double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        return new[,] { { cos, -sin }, { sin, cos } };
    }

    [Fact]
    public void Edmd_finds_the_products_of_the_eigenvalues_of_a_linear_map()
    {
        using var pairs = Linear(new[,] { { 0.8, -0.05 }, { 0, 0.7 } });
        using var observables = Observables.Monomials(3, 2);
        using var model = new EdmdEstimator().FitDynamics(observables, pairs);
        double[] exact = [1, 0.8, 0.7, 0.64, 0.56, 0.512, 0.49, 0.448, 0.392, 0.343];
        Assert.Equal(exact.Length, model.Spectrum.Rank);
        foreach (var (value, found) in exact.Zip(model.Spectrum.Eigenvalues))
            Assert.InRange(Complex.Abs(found - value), 0, 1e-9);
        Assert.Same(observables, model.Observables);
        Assert.Equal((2, Lag, 0), (model.Dimension, model.Lag, model.InputCount));
    }

    [Fact]
    public void A_rotation_has_complex_modes()
    {
        using var pairs = Linear(Rotation(30));
        using var observables = Observables.Monomials(1, 2);
        using var model = new EdmdEstimator().FitDynamics(observables, pairs);
        var spectrum = model.Spectrum;
        Assert.False(spectrum.IsReversible);
        Assert.Equal((true, Lag, null), (spectrum.Convention.IsPropagatorAtLag, spectrum.Lag, spectrum.Temperature));
        Assert.Equal(3, spectrum.Rank);
        Assert.All(spectrum.Eigenvalues, value => Assert.Equal(1, value.Magnitude, 10));
        // 30 degrees in half a unit of time.
        foreach (var (exact, found) in new[] { -Math.PI / 3, 0, Math.PI / 3 }.Zip(spectrum.Exponents.Select(exponent => exponent.Imaginary).Order()))
            Assert.Equal(exact, found, 10);

        // φ(y) = λ φ(x), for every mode and pair.
        var (before, after) = (spectrum.ComplexValues(pairs.From), spectrum.ComplexValues(pairs.To));
        for (var k = 0; k < spectrum.Rank; k++)
        {
            for (var i = 0; i < pairs.Count; i += 17)
                Assert.InRange(Complex.Abs(after[i, k] - spectrum.Eigenvalues[k] * before[i, k]), 0, 1e-9);
        }
    }

    [Fact]
    public void Complex_eigenfunctions_are_asked_for_as_such()
    {
        using var pairs = Linear(Rotation(30));
        using var observables = Observables.Monomials(1, 2);
        using var model = new EdmdEstimator().FitDynamics(observables, pairs);
        var error = Assert.Throws<InvalidOperationException>(() => model.Spectrum.Values(pairs.From));
        Assert.Contains("ComplexValues", error.Message);
        error = Assert.Throws<InvalidOperationException>(() => model.Spectrum.Gradients(pairs.From));
        Assert.Contains("ComplexGradients", error.Message);

        // A complex eigenfunction is linear: its gradient is the same everywhere, and gives its increments.
        var (values, slopes) = (model.Spectrum.ComplexValues(pairs.From), model.Spectrum.ComplexGradients(pairs.From));
        var x = pairs.From.ToArray();
        for (var k = 0; k < 3; k++)
        {
            var rise = slopes[0, k, 0] * (x[5, 0] - x[0, 0]) + slopes[0, k, 1] * (x[5, 1] - x[0, 1]);
            Assert.InRange(Complex.Abs(values[5, k] - values[0, k] - rise), 0, 1e-12);
            Assert.Equal(slopes[0, k, 1], slopes[5, k, 1]);
        }
    }

    [Fact]
    public void Real_eigenfunctions_are_complex_ones_without_imaginary_parts()
    {
        using var samples = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(200, seed: 2);
        using var observables = Observables.Monomials(3, 1);
        using var model = new LangevinEstimator().Fit(observables, samples);
        Assert.True(model.IsReversible);
        Assert.Equal(model.Rates, model.Eigenvalues.Select(value => value.Real));
        Assert.Equal(model.Rates, model.Exponents.Select(exponent => -exponent.Real));
        Assert.Equal(model.Values(samples).Cast<double>(), model.ComplexValues(samples).Cast<Complex>().Select(z => z.Real));
        Assert.Equal(model.Gradients(samples).Cast<double>(), model.ComplexGradients(samples).Cast<Complex>().Select(z => z.Real));
        Assert.All(model.ComplexValues(samples).Cast<Complex>(), z => Assert.Equal(0, z.Imaginary));
    }

    [Fact]
    public void A_model_knows_its_matrices()
    {
        double[,] map = { { 0.8, -0.05 }, { 0.1, 0.7 } };
        using var pairs = Linear(map);
        using var observables = Observables.Monomials(1, 2);
        using var model = new EdmdEstimator().FitDynamics(observables, pairs);
        var (k, c) = (model.Propagator.Matrix.ToMatrix(), model.Output.ToMatrix());
        for (var i = 0; i < 2; i++)
        {
            for (var j = 0; j < 2; j++)
            {
                // The observables are 1, x1, x2, and (K x_j)(x) = (M x)_j.
                Assert.Equal(map[j, i], k[i + 1, j + 1], 10);
                Assert.Equal(i == j ? 1 : 0, c[i + 1, j], 10);
            }
        }

        Assert.Equal((null, 0), (model.Input, model.InputCount));
        Assert.Contains("3 modes", model.ToString());
    }

    [Fact]
    public void A_model_is_refused_or_made_and_ends_with_its_disposal()
    {
        using var pairs = Linear(Rotation(30), count: 45);
        using var observables = Observables.Monomials(1, 2);
        var model = new EdmdEstimator().FitDynamics(observables, pairs);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Propagator.Matrix);
        Assert.Throws<ObjectDisposedException>(() => model.Spectrum.ComplexValues(pairs.From));
        using var many = Observables.Monomials(6, 2);
        Assert.Equal(ErrorKind.TooFewSamples, Assert.Throws<KoopmanException>(() => new EdmdEstimator().FitDynamics(many, pairs)).Kind);
    }

    [Fact]
    public void A_linear_map_is_forecast_to_rounding()
    {
        using var pairs = Linear(Rotation(30));
        using var observables = Observables.Monomials(2, 2);
        using var model = new EdmdEstimator().FitDynamics(observables, pairs);
        double[,] start = { { 1, 0 }, { 0, 2 } };
        foreach (var path in new[] { model.Forecast(start, steps: 12), model.Forecast(start, steps: 12, relift: true) })
        {
            Assert.Equal([2, 13, 2], Enumerable.Range(0, 3).Select(path.GetLength));
            for (var step = 0; step <= 12; step++)
            {
                var (sin, cos) = Math.SinCos(step * Math.PI / 6);
                Assert.Equal(cos, path[0, step, 0], 9);
                Assert.Equal(sin, path[0, step, 1], 9);
                Assert.Equal(-2 * sin, path[1, step, 0], 9);
            }
        }

        // Between the lags: 45 degrees take 1½ lags, which are .75 units of time.
        var halfway = model.ForecastAt(start, 0, 0.75);
        Assert.Equal([2, 2, 2], Enumerable.Range(0, 3).Select(halfway.GetLength));
        Assert.Equal(1, halfway[0, 0, 0], 8);
        Assert.Equal(Math.Sqrt(0.5), halfway[0, 1, 0], 8);
        Assert.Equal(Math.Sqrt(0.5), halfway[0, 1, 1], 8);
        Assert.Equal(1, model.Growth(), 8);
    }

    [Fact]
    public void Modes_of_the_state_add_up_to_the_state()
    {
        using var pairs = Linear(Rotation(30));
        using var observables = Observables.Monomials(2, 2);
        using var model = new EdmdEstimator().FitDynamics(observables, pairs);
        var (modes, phi, x) = (model.StateModes(), model.Spectrum.ComplexValues(pairs.From), pairs.From.ToArray());
        Assert.Equal((model.Spectrum.Rank, 2), (modes.GetLength(0), modes.GetLength(1)));
        for (var i = 0; i < 5; i++)
        {
            var sum = Enumerable.Range(0, model.Spectrum.Rank).Aggregate(Complex.Zero, (total, k) => total + phi[i, k] * modes[k, 1]);
            Assert.InRange(Complex.Abs(sum - x[i, 1]), 0, 1e-9);
        }
    }

    [Fact]
    public void Forecasts_say_what_they_cannot_do()
    {
        using var pairs = Linear(new double[,] { { 40, 0 }, { 0, 0.5 } });
        using var observables = Observables.Monomials(1, 2);
        using var model = new EdmdEstimator().FitDynamics(observables, pairs);
        double[,] start = { { 1, 1 } };
        Assert.Equal(40, model.Growth(), 8);
        Assert.Equal(ErrorKind.Diverged, Assert.Throws<KoopmanException>(() => model.Forecast(start, 500)).Kind);
        Assert.Equal(ErrorKind.InvalidSetting, Assert.Throws<KoopmanException>(() => model.Forecast(start, -1)).Kind);
        Assert.Contains("(n, 2)", Assert.Throws<KoopmanException>(() => model.Forecast(new double[1, 3], 1)).Message);
        Assert.Equal(ErrorKind.NotFinite, Assert.Throws<KoopmanException>(() => model.Forecast(new[,] { { double.NaN, 0 } }, 1)).Kind);
        Assert.Contains("without inputs", Assert.Throws<KoopmanException>(() => model.Forecast(start, new double[3, 1])).Message);
        Assert.Contains("without inputs", Assert.Throws<KoopmanException>(() => model.Forecast(start, new double[1, 3, 1])).Message);
        Assert.Contains("not negative", Assert.Throws<KoopmanException>(() => model.ForecastAt(start, -1)).Message);
        Assert.Contains("The list of times is empty", Assert.Throws<KoopmanException>(() => model.ForecastAt(start)).Message);
        Assert.Equal(ErrorKind.Diverged, Assert.Throws<KoopmanException>(() => model.ForecastAt(start, 1000)).Kind);
        Assert.Throws<ArgumentNullException>(() => model.Forecast((double[,])null!, 1));
    }
}
