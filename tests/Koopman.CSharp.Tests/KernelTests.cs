using System;
using System.Linq;
using System.Numerics;
using Xunit;

namespace Koopman.CSharp.Tests;

public class KernelTests
{
    /// <summary>The map (x, y) → (.9x - .1y, .8y) on points of a spiral.</summary>
    private static SnapshotPairs Toy(int count = 200)
    {
        var x = new double[count, 2];
        var y = new double[count, 2];
        for (var i = 0; i < count; i++)
        {
            var (angle, radius) = (2.4 * i, 2 * Math.Sqrt((i + 0.5) / count));
            (x[i, 0], x[i, 1]) = (radius * Math.Cos(angle), radius * Math.Sin(angle));
            (y[i, 0], y[i, 1]) = (0.9 * x[i, 0] - 0.1 * x[i, 1], 0.8 * x[i, 1]);
        }

        using var from = Samples.FromArray(x);
        using var to = Samples.FromArray(y);
        return SnapshotPairs.FromSamples(from, to, lag: 1);
    }

    private static Samples Circle(int count) =>
        Samples.FromValues(
            Enumerable.Range(0, count).SelectMany(i => new[] { Math.Cos(2 * Math.PI * i / count), Math.Sin(2 * Math.PI * i / count) }).ToArray(),
            dimension: 2);

    private static readonly KernelEdmdSettings Quadratic = new()
    {
        Kernel = Kernels.Polynomial(2),
        Rank = 6,
        Ridge = 0,
        Reduction = KernelMethod.NewPivotedCholesky(0),
    };

    [Fact]
    public void A_polynomial_kernel_finds_the_products_of_the_eigenvalues()
    {
        using var pairs = Toy();
        using var fit = new KernelEdmdEstimator(Quadratic).Fit(pairs);
        double[] expected = [1, 0.9, 0.81, 0.8, 0.72, 0.64];
        foreach (var (value, found) in expected.Zip(fit.Model.Spectrum.Eigenvalues))
            Assert.InRange(Complex.Abs(found - value), 0, 1e-7);
        Assert.Equal(6, fit.Report.Sections);
        Assert.InRange(fit.Report.TraceError, 0, 1e-10);
        var path = fit.Model.Forecast(new double[,] { { 1, 1 } }, 1);
        Assert.InRange(path.Cast<double>().Last() - 0.8, -1e-6, 1e-6);
    }

    [Fact]
    public void Kernel_models_are_made_again_or_refused()
    {
        using var pairs = Toy();
        var estimator = new KernelEdmdEstimator(new() { Rank = 8, Regression = KernelRegression.ReducedRank });
        using var fit = estimator.Fit(pairs);
        using var again = estimator.Fit(pairs);
        Assert.Equal(fit.Model.Spectrum.Eigenvalues, again.Model.Spectrum.Eigenvalues);
        Assert.Equal(ErrorKind.TooFewSamples, Assert.Throws<KoopmanException>(() => new KernelEdmdEstimator(new() { Rank = 150 }).Fit(pairs)).Kind);
        var dense = new KernelEdmdEstimator(new() { Reduction = KernelMethod.Dense, MemoryLimit = 0.1 });
        Assert.InRange(dense.MemoryFor(10_000), 0.7, 1.5);
        using var thin = Toy(4000);
        var refused = Assert.Throws<KoopmanException>(() => dense.Fit(thin).Dispose());
        Assert.Contains("PivotedCholesky", refused.Message);
    }

    [Fact]
    public void Kernels_are_values()
    {
        Assert.Equal(Kernels.Gaussian(0.5), Kernels.Gaussian(0.5));
        Assert.NotEqual(Kernels.Gaussian(0.5), Kernels.Matern52(0.5));
        Assert.Equal(Kernels.Linear, Kernels.Polynomial(1, 1, 0));
        Assert.Equal((0.5, false, true), (Kernels.Laplacian(0.5).Length, Kernels.Laplacian(0.5).IsTwiceDifferentiable, Kernels.Matern32(2).IsPositive));
        Assert.False(Kernels.ThinPlate.IsPositive);
        Assert.Equal(ErrorKind.InvalidSetting, Assert.Throws<KoopmanException>(() => Kernels.Gaussian(0)).Kind);
        using var line = Samples.FromValues([0, 1, 3], 1);
        Assert.Equal(Math.Exp(-2), Kernels.Gaussian(0.5).Matrix(line, line)[0, 1], 12);
        Assert.Equal(2, Kernels.MedianWidth(line));
    }

    [Fact]
    public void Sections_are_observables_like_others()
    {
        using var samples = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(2000, seed: 2);
        using var sections = Observables.SectionsOver(Kernels.Gaussian(1.5), samples);
        using var model = new LangevinEstimator().Fit(sections, samples);
        Assert.InRange(model.Rates[0], 0.85, 1.15);
        using var plates = Observables.Sections(Kernels.ThinPlate, new double[,] { { 0 }, { 1 } });
        using var points = Samples.FromValues([2, 3], 1);
        Assert.Equal(4 * Math.Log(2), plates.Values(points)[0, 0], 12);
    }

    [Fact]
    public void A_diffusion_map_of_the_circle_has_rates_k_squared()
    {
        using var circle = Circle(300);
        var estimator = new DiffusionMapEstimator(new() { Width = 0.1, Modes = 4 });
        using var model = estimator.Fit(circle);
        Assert.True(model.Convention.IsPositiveGenerator);
        foreach (var (expected, rate) in new[] { 1.0, 1, 4, 4 }.Zip(model.Rates))
            Assert.InRange(rate, 0.98 * expected, 1.02 * expected);
        var gradients = model.Gradients(circle);
        Assert.Equal((300, 4, 2), (gradients.GetLength(0), gradients.GetLength(1), gradients.GetLength(2)));
        using var same = estimator.Fit(circle);
        Assert.Equal(model.Rates, same.Rates);
        var broken = new DiffusionMapEstimator(new() { Width = 1e-3 });
        Assert.Equal(ErrorKind.IllConditioned, Assert.Throws<KoopmanException>(() => broken.Fit(circle)).Kind);
        Assert.InRange(new DiffusionMapEstimator(new() { Landmarks = 1000 }).MemoryFor(1_000_000), 0.01, 0.03);
    }

    [Fact]
    public void The_harmonic_oscillator_has_its_energies()
    {
        using var points = Samples.FromValues(Enumerable.Range(0, 100).Select(i => -5 + i / 9.9).ToArray(), 1);
        using var model = new SchroedingerEstimator().Fit(Kernels.Gaussian(0.5), x => x[0] * x[0] / 2, points);
        foreach (var (rate, k) in model.Rates.Take(5).Select((rate, k) => (rate, k)))
            Assert.InRange(rate - k - 0.5, -1e-4, 1e-4);
        var refused = Assert.Throws<KoopmanException>(() => new SchroedingerEstimator().Fit(Kernels.Laplacian(1), x => 0, points));
        Assert.Equal(ErrorKind.InvalidSetting, refused.Kind);
    }

    [Fact]
    public void Both_faces_give_the_same_bits()
    {
        using var pairs = Toy();
        using var corePairs = SnapshotPairsModule.create(pairs.Lag, pairs.From.Points, pairs.To.Points).ResultValue;
        using var core = KernelEdmd.fit(KernelEdmd.defaults, corePairs).ResultValue.Model;
        using var face = new KernelEdmdEstimator().Fit(pairs);
        Assert.Equal(core.Spectrum.Eigenvalues, face.Model.Spectrum.Eigenvalues);
        Assert.Equal(core.Spectrum.Modes.Select(mode => mode.Residual), face.Model.Spectrum.Modes.Select(mode => mode.Residual));
        using var map = DiffusionMap.fit(DiffusionMap.defaults, corePairs.From).ResultValue;
        using var mapFace = new DiffusionMapEstimator().Fit(pairs.From);
        Assert.Equal(map.Rates, mapFace.Rates);
        // The numbers that the documentation comments name.
        var kernel = new KernelEdmdSettings();
        Assert.Equal((25, 1e-6, 10, 4.0), (kernel.Rank, kernel.Ridge, kernel.Modes, kernel.MemoryLimit));
        Assert.Equal((KernelMethod.NewPivotedCholesky(1e-4), null), (kernel.Reduction, kernel.Kernel));
        var diffusion = new DiffusionMapSettings();
        Assert.Equal((0.5, 10, 1.0, 4.0), (diffusion.Alpha, diffusion.Modes, diffusion.Temperature, diffusion.MemoryLimit));
        var schroedinger = new SchroedingerSettings();
        Assert.Equal((1e-6, 10, 1e-10), (schroedinger.Tolerance, schroedinger.Modes, schroedinger.RankTolerance));
    }

    [Fact]
    public void Nothing_is_left_behind() =>
        Lifetimes.AllDieIn(() =>
        {
            using var pairs = Toy();
            using var fit = new KernelEdmdEstimator(Quadratic).Fit(pairs);
            _ = fit.Model.Spectrum.Observables.Values(pairs.From);
            using var circle = Circle(60);
            using var map = new DiffusionMapEstimator(new() { Width = 0.3 }).Fit(circle);
            _ = map.Gradients(circle);
            using var sections = Observables.SectionsOver(Kernels.Matern52(1), circle);
            _ = Kernels.Linear.Matrix(circle, circle);
        });
}
