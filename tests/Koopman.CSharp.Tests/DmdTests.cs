using System;
using System.Linq;
using System.Threading;
using Xunit;

namespace Koopman.CSharp.Tests;

public class DmdTests
{
    /// <summary>A decaying oscillation e^{(-.1±2i)t} seen in two coordinates, every .1, from two starts.</summary>
    private static Trajectories Spirals(double noise = 0, int states = 60)
    {
        var random = new Random(1);
        double[,] One(double phase)
        {
            var x = new double[states, 2];
            for (var i = 0; i < states; i++)
            {
                var (t, size) = (0.1 * i, Math.Exp(-0.01 * i));
                x[i, 0] = size * Math.Cos((2 * t) + phase) + (noise * (random.NextDouble() - 0.5));
                x[i, 1] = size * Math.Sin((2 * t) + phase) + (noise * (random.NextDouble() - 0.5));
            }

            return x;
        }

        return Trajectories.FromArrays([One(0), One(1)], step: 0.1);
    }

    [Fact]
    public void Trajectories_in_a_spectrum_and_a_forecast_out()
    {
        using var trajectories = Spirals();
        using var pairs = trajectories.Pairs();
        using var model = new DmdEstimator().Fit(pairs);
        Assert.Equal((2, 0.1, 118), (model.Spectrum.Rank, model.Lag, pairs.Count));
        Assert.Equal(0.1, model.Spectrum.Modes[0].Rate, 9);
        Assert.Equal(2, Math.Abs(model.Spectrum.Modes[0].Frequency), 9);
        Assert.Equal(2, model.Dimension);
    }

    [Fact]
    public void A_known_input_matrix_brings_out_an_unstable_system_under_feedback()
    {
        using var plain = SnapshotPairs.FromArrays(
            new double[,] { { 4, 7 }, { 2, .7 }, { 1, .07 }, { .5, .007 } },
            new double[,] { { 2, .7 }, { 1, .07 }, { .5, .007 }, { .25, .0007 } },
            lag: 1);
        using var pairs = plain.WithInputs(new double[,] { { -4 }, { -2 }, { -1 }, { -.5 } });
        using var model = new DmdEstimator().Fit(pairs, new double[,] { { 1, 0 } });
        Assert.Equal([1.5, 0.1], model.Spectrum.Eigenvalues.Select(value => Math.Round(value.Real, 7)));
        Assert.Equal((1, 1), (pairs.InputCount, model.InputCount));

        // What the inputs do cannot be found from inputs that follow the state.
        Assert.Equal(ErrorKind.IllConditioned, Assert.Throws<KoopmanException>(() => new DmdEstimator().Fit(pairs)).Kind);
    }

    [Fact]
    public void Optimised_fits_take_irregular_times_and_tell_their_errors()
    {
        using var regular = Spirals(noise: 0.05);
        using var kept = regular.Select([0]);
        var all = kept.ToArray(0);
        var rows = Enumerable.Range(0, 60).Where(i => i % 3 != 1).ToArray();
        var states = new double[rows.Length, 2];
        for (var i = 0; i < rows.Length; i++)
            (states[i, 0], states[i, 1]) = (all[rows[i], 0], all[rows[i], 1]);
        using var some = Trajectories.FromArrays([states], step: 1);
        using var trajectories = some.WithTimes([rows.Select(row => 0.1 * row).ToArray()]);
        Assert.Null(trajectories.Step);
        Assert.Equal(ErrorKind.InvalidSetting, Assert.Throws<KoopmanException>(() => trajectories.Pairs()).Kind);

        using var model = new OptimizedDmdEstimator(new OptimizedDmdSettings { Rank = 2 }).Fit(trajectories);
        var mode = model.Spectrum.Modes[0];
        Assert.Equal(Convention.InfinitesimalGenerator, model.Spectrum.Convention);
        Assert.InRange(mode.StandardError, 1e-4, 0.02);
        Assert.InRange(mode.Rate - 0.1, -4 * mode.StandardError, 4 * mode.StandardError);
        Assert.InRange(Math.Abs(mode.Frequency) - 2, -4 * mode.FrequencyError, 4 * mode.FrequencyError);
    }

    [Fact]
    public void Bags_report_their_progress_and_can_be_cancelled()
    {
        using var trajectories = Spirals(noise: 0.05);
        var estimator = new OptimizedDmdEstimator(new OptimizedDmdSettings { Rank = 2, Bags = 5 });
        var progress = new Listener<BaggingProgress>();
        using var model = estimator.Fit(trajectories, progress);
        Assert.Equal(new BaggingProgress(5, 5, 5), progress.Heard[^1]);
        Assert.True(model.Spectrum.Modes[0].StandardError > 0);

        using var source = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(
            () => estimator.Fit(trajectories, new Listener<BaggingProgress>(_ => source.Cancel()), source.Token));
    }

    [Fact]
    public void The_same_bits_as_in_fsharp()
    {
        using var trajectories = Spirals(noise: 0.05);
        using var pairs = trajectories.Pairs();
        using var model = new DmdEstimator(new DmdSettings { Method = DmdMethod.TotalLeastSquares, Rank = 2 }).Fit(pairs);
        using var optimised = new OptimizedDmdEstimator().Fit(trajectories);

        using var core = Outcome.get(
            TrajectoriesModule.ofArrays(0.1, [trajectories.ToArray(0), trajectories.ToArray(1)]));
        using var corePairs = Outcome.get(TrajectoriesModule.pairs(1, core));
        var options = new DmdOptions(DmdMethod.TotalLeastSquares, DmdRank.NewFixed(2), false, 10, 1e-10);
        using var coreModel = Outcome.get(Dmd.fit(options, corePairs));
        using var coreOptimised = Outcome.get(
            OptimizedDmd.fit(OptimizedDmd.defaults, Control.none<BaggingProgress>(), core));
        Assert.Equal(coreModel.Spectrum.Eigenvalues, model.Spectrum.Eigenvalues);
        Assert.Equal(coreOptimised.Spectrum.Eigenvalues, optimised.Spectrum.Eigenvalues);
    }

    [Fact]
    public void Trajectories_survive_files_splits_and_delays()
    {
        using var folder = new TemporaryFolder();
        using var plain = Spirals(states: 20);
        using var trajectories = plain.WithInputs([new double[20, 1], new double[20, 1]]);
        var path = folder.File("paths.npz");
        trajectories.Save(path);
        using var back = Trajectories.Read(path);
        Assert.Equal(trajectories.States.ToArray(), back.States.ToArray());
        Assert.Equal((2, 1, 0.1), (back.Count, back.InputCount, back.Step!.Value));
        Assert.Equal([20, 20], back.Lengths);

        // A file of trajectories is no file of pairs; as points it is all states.
        Assert.False(SnapshotPairs.TryRead(path, out _, out var error));
        Assert.Contains("Trajectories.Read", error.Remedy);
        using var points = Samples.Read(path);
        Assert.Equal(40, points.Count);

        var (learn, test) = back.SplitInTime(heldOut: 0.25);
        using (learn)
        using (test)
        {
            Assert.Equal([15, 15], learn.Lengths);
            Assert.Equal([5, 5], test.Lengths);
        }

        using var delayed = plain.Delays(3);
        Assert.Equal((6, 18), (delayed.Dimension, delayed.Lengths[0]));
        using var weighted = plain.WithWeights([3, 1]);
        using var pairs = weighted.Pairs();
        Assert.Equal(3, pairs.From.Weights.ToVector()[0] / pairs.From.Weights.ToVector()[37], 12);
        Assert.Throws<KoopmanException>(() => Trajectories.FromArrays([], 0.1));
    }

    [Fact]
    public void Settings_that_contradict_each_other_are_refused()
    {
        using var trajectories = Spirals();
        using var pairs = trajectories.Pairs();
        Assert.Throws<ArgumentException>(() => new DmdEstimator(new DmdSettings { Rank = 2, Energy = 0.9 }).Fit(pairs));
        Assert.Equal(
            ErrorKind.InvalidSetting,
            Assert.Throws<KoopmanException>(() => new OptimizedDmdEstimator(new OptimizedDmdSettings { Share = 1 }).Fit(trajectories)).Kind);
    }

    [Fact]
    public void Models_free_the_coordinates_they_made()
    {
        static void Work()
        {
            using var trajectories = Spirals(noise: 0.05);
            using var pairs = trajectories.Pairs();
            using var weighted = pairs.WithWeights(Enumerable.Repeat(1.0, pairs.Count).ToArray());
            using var model = new DmdEstimator().Fit(weighted);
            using var optimised = new OptimizedDmdEstimator(new OptimizedDmdSettings { Bags = 3 }).Fit(trajectories);
            Assert.Throws<KoopmanException>(() => new OptimizedDmdEstimator(new OptimizedDmdSettings { Iterations = 1 }).Fit(trajectories));
        }

        Work();
        Lifetimes.AllDieIn(Work);
    }
}
