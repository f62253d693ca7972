using System;
using System.IO;
using TorchSharp;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>What goes wrong on a first day, and what the message then says.</summary>
public class BadInputTests
{
    private static KoopmanException Refused(ErrorKind kind, Action action, params string[] told)
    {
        var error = Assert.Throws<KoopmanException>(action);
        Assert.Equal(kind, error.Kind);
        Assert.Equal($"{error.Error.Cause}. {error.Error.Remedy}.", error.Message);
        Assert.All(told, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
        return error;
    }

    [Fact]
    public void A_missing_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("nowhere.npy");
        Refused(ErrorKind.MissingFile, () => Samples.Read(path), path);
        Refused(ErrorKind.MissingFile, () => SnapshotPairs.Read(folder.File("nowhere.npz")));
        Assert.False(Samples.TryRead(path, out var samples, out var error));
        Assert.Null(samples);
        Assert.Equal(ErrorKind.MissingFile, error.Kind);
        Assert.False(SnapshotPairs.TryRead(path, out var pairs, out error));
        Assert.Null(pairs);
        Assert.Equal(ErrorKind.MissingFile, error.Kind);
    }

    [Theory]
    [InlineData("foreign.npy", "this is no array")]
    [InlineData("ragged.csv", "1,2\n3\n")]
    [InlineData("words.csv", "1,2\n3,four\n")]
    [InlineData("picture.png", "?")]
    public void A_file_that_is_damaged_or_of_another_kind(string name, string text)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(name, text);
        Refused(ErrorKind.UnreadableFile, () => Samples.Read(path), name);
    }

    [Fact]
    public void Points_where_pairs_are_wanted()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("points.csv", "1,2\n3,4\n5,6\n");
        Lifetimes.AllDieIn(() => Refused(ErrorKind.UnreadableFile, () => SnapshotPairs.Read(path), "without successors", "FromTrajectory"));
    }

    [Fact]
    public void Rows_that_are_not_numbers()
    {
        double[,] values = { { 0, 1 }, { 2, double.NaN }, { 4, double.PositiveInfinity } };
        Lifetimes.AllDieIn(() =>
            Refused(ErrorKind.NotFinite, () => Samples.FromArray(values), "2 rows hold", "row 1, column 1"));
    }

    [Fact]
    public void One_sample_or_none()
    {
        Refused(ErrorKind.TooFewSamples, () => Samples.FromArray(new double[,] { { 1, 2 } }), "1 sample");
        Refused(ErrorKind.TooFewSamples, () => Samples.FromRows([]));
        Refused(ErrorKind.TooFewSamples, () => LangevinSystem.DoubleWell().EquilibriumSamples(1, seed: 1));
        using var two = Samples.FromArray(new double[,] { { 1 }, { 2 } });
        Refused(ErrorKind.TooFewSamples, () => SnapshotPairs.FromTrajectory(two, lag: 1));
        Refused(ErrorKind.TooFewSamples, () => Observables.GaussiansOver(two));
    }

    [Fact]
    public void Fewer_samples_than_functions()
    {
        using var pairs = LangevinSystem.QuadrupleWell.EquilibriumPairs(60, lag: 0.1, seed: 1);
        using var observables = Observables.Monomials(10, 2);
        Lifetimes.AllDieIn(() =>
        {
            Refused(
                ErrorKind.TooFewSamples,
                () => new LangevinEstimator().Fit(observables, pairs.From),
                "60 samples",
                "66 observables",
                "at most 30");
            Refused(ErrorKind.TooFewSamples, () => new EdmdEstimator().Fit(observables, pairs), "66 observables");
        });
    }

    [Fact]
    public void Shapes_that_do_not_match()
    {
        using var line = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(60, seed: 1);
        using var plane = LangevinSystem.QuadrupleWell.EquilibriumSamples(60, seed: 1);
        using var pairs = LangevinSystem.QuadrupleWell.EquilibriumPairs(60, lag: 0.1, seed: 1);
        using var observables = Observables.Monomials(2, 1);
        using var model = new LangevinEstimator().Fit(observables, line);
        using var cube = torch.zeros(2, 3, 4);
        Refused(ErrorKind.ShapeMismatch, () => Samples.FromTensor(cube));
        Refused(ErrorKind.ShapeMismatch, () => Samples.FromValues([1, 2, 3], dimension: 2), "3 values");
        Refused(ErrorKind.ShapeMismatch, () => SnapshotPairs.FromSamples(line, plane, lag: 1), "(60, 1)", "(60, 2)");
        Refused(ErrorKind.ShapeMismatch, () => new LangevinEstimator().Fit(observables, plane));
        Refused(ErrorKind.ShapeMismatch, () => new EdmdEstimator().Fit(observables, pairs));
        Refused(ErrorKind.ShapeMismatch, () => new ParticleSampler(model, line).Run(plane));
        Refused(ErrorKind.ShapeMismatch, () => observables.Append(Observables.Monomials(2, 2)));
        Refused(ErrorKind.ShapeMismatch, () => line.WithWeights([1, 2]));
        Assert.Contains("(60, 2)", Assert.Throws<ArgumentException>(() => model.Values(plane)).Message);
        Assert.Throws<ArgumentException>(() => model.Gradients(cube));
        Assert.Throws<ArgumentException>(() => observables.Values(plane));
        Assert.Throws<ArgumentOutOfRangeException>(() => observables.Partial(line, axis: 1));
        Assert.Throws<ArgumentException>(() => Samples.FromRows([[1, 2], [3]]));
        Assert.Throws<ArgumentException>(() => LangevinSystem.QuadrupleWell.PotentialAt(line));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_lag_that_is_no_positive_time(double lag)
    {
        using var samples = Samples.FromArray(new double[,] { { 1 }, { 2 }, { 3 } });
        var told = FormattableString.Invariant($"The lag is {lag}, but must be positive");
        Refused(ErrorKind.InvalidSetting, () => SnapshotPairs.FromTrajectory(samples, lag), told);
        Refused(ErrorKind.InvalidSetting, () => SnapshotPairs.FromSamples(samples, samples, lag), told);
        Refused(ErrorKind.InvalidSetting, () => LangevinSystem.DoubleWell().EquilibriumPairs(10, lag, seed: 1), told);
    }

    [Fact]
    public void A_place_that_cannot_be_written()
    {
        using var folder = new TemporaryFolder();
        using var pairs = LangevinSystem.DoubleWell().EquilibriumPairs(10, lag: 0.1, seed: 1);
        Directory.CreateDirectory(folder.File("folder.npy"));
        Refused(ErrorKind.UnwritableFile, () => pairs.From.Save(Path.Combine(folder.FullName, "no", "points.npy")), "points.npy");
        Refused(ErrorKind.UnwritableFile, () => pairs.From.Save(folder.File("folder.npy")));
        Refused(ErrorKind.UnwritableFile, () => pairs.From.Save(folder.File("points.xlsx")), ".npy or .csv");
        Refused(ErrorKind.UnwritableFile, () => pairs.Save(Path.Combine(folder.FullName, "no", "pairs.npz")));
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void Settings_out_of_their_range()
    {
        using var samples = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(60, seed: 1);
        using var observables = Observables.Monomials(2, 1);
        using var model = new LangevinEstimator().Fit(observables, samples);
        using var gaussians = Observables.GaussiansOver(samples);
        using var smooth = new LangevinEstimator().Fit(gaussians, samples);
        Refused(ErrorKind.InvalidSetting, () => new LangevinEstimator(new() { Temperature = 0 }).Fit(observables, samples), "Temperature is 0");
        Refused(ErrorKind.InvalidSetting, () => new LangevinEstimator(new() { Modes = 0 }).Fit(observables, samples), "Modes is 0");
        Refused(ErrorKind.InvalidSetting, () => new ParticleSampler(smooth, samples, new() { Step = 2 }).Run(samples), "Step is 2", "between 0 and 2");
        Refused(ErrorKind.InvalidSetting, () => new ParticleSampler(model, samples).Run(samples), "Set Length");
        Refused(ErrorKind.InvalidSetting, () => model.Truncate(0));
        Refused(ErrorKind.InvalidSetting, () => samples.WithWeights(new double[60]));
        Refused(ErrorKind.InvalidSetting, () => Observables.Monomials(0, 1));
        Refused(ErrorKind.InvalidSetting, () => Observables.Gaussians(0, new double[,] { { 1 }, { 2 } }));
        Refused(ErrorKind.InvalidSetting, () => Observables.GaussiansOver(samples, new() { Centres = 0 }));
        Refused(ErrorKind.InvalidSetting, () => LangevinSystem.Named("triple-well"), "triple-well", "quadruple-well");
        Assert.Throws<ArgumentOutOfRangeException>(() => LangevinSystem.DoubleWell(temperature: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BadCount());
    }

    [Fact]
    public void Nothing_where_something_is_needed()
    {
        using var samples = Samples.FromArray(new double[,] { { 1 }, { 2 } });
        using var observables = Observables.Monomials(2, 1);
        Assert.Throws<ArgumentNullException>(() => Samples.FromArray(null!));
        Assert.Throws<ArgumentNullException>(() => Samples.FromTensor(null!));
        Assert.Throws<ArgumentNullException>(() => Samples.Read(null!));
        Assert.Throws<ArgumentNullException>(() => samples.Save(null!));
        Assert.Throws<ArgumentNullException>(() => SnapshotPairs.FromSamples(samples, null!, lag: 1));
        Assert.Throws<ArgumentNullException>(() => new LangevinEstimator().Fit(null!, samples));
        Assert.Throws<ArgumentNullException>(() => new EdmdEstimator().Fit(observables, null!));
        Assert.Throws<ArgumentNullException>(() => new ParticleSampler(null!, samples));
        Assert.Throws<ArgumentNullException>(() => Pca.Fit(null!, 1));
        Assert.Throws<ArgumentNullException>(() => SampleMetrics.Mmd(samples, null!));
    }

    [Fact]
    public void Use_after_dispose()
    {
        var samples = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(60, seed: 1);
        using var observables = Observables.Monomials(2, 1);
        var model = new LangevinEstimator().Fit(observables, samples);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Values(samples));
        samples.Dispose();
        samples.Dispose();
        Assert.Throws<ObjectDisposedException>(() => samples.ToArray());
        Assert.Throws<ObjectDisposedException>(() => new LangevinEstimator().Fit(observables, samples));
    }

    private sealed class BadCount() : UserObservables(1, 0, "none")
    {
        protected override torch.Tensor ValuesAt(torch.Tensor points) => points;

        protected override torch.Tensor PartialAt(torch.Tensor points, int axis) => points;
    }
}
