using System;
using Xunit;

namespace Koopman.CSharp.Tests;

public class SnapshotPairsTests
{
    [Fact]
    public void Pairs_of_a_trajectory_are_its_consecutive_states()
    {
        using var trajectory = Samples.FromArray(new double[,] { { 1 }, { 2 }, { 4 }, { 8 } });
        using var pairs = SnapshotPairs.FromTrajectory(trajectory, lag: 0.5);
        Assert.Equal(3, pairs.Count);
        Assert.Equal(0.5, pairs.Lag);
        Assert.Null(pairs.Temperature);
        Assert.Equal(new double[,] { { 1 }, { 2 }, { 4 } }, pairs.From.ToArray());
        Assert.Equal(new double[,] { { 2 }, { 4 }, { 8 } }, pairs.To.ToArray());
    }

    [Fact]
    public void What_is_saved_is_read_back_with_lag_and_temperature()
    {
        using var folder = new TemporaryFolder();
        using var written = SnapshotPairs.FromArrays(new double[,] { { 1 }, { 2 } }, new double[,] { { 3 }, { 5 } }, lag: 0.25, temperature: 1.5);
        written.Save(folder.File("pairs.npz"));
        using var read = SnapshotPairs.Read(folder.File("pairs.npz"));
        Assert.Equal((0.25, 1.5), (read.Lag, read.Temperature));
        Assert.Equal(written.From.ToArray(), read.From.ToArray());
        Assert.Equal(written.To.ToArray(), read.To.ToArray());
    }

    [Fact]
    public void The_temperature_shows_in_the_increments()
    {
        // Two steps of length 1 and 3 in one dimension at lag .5: mean square 5, over 2·1·.5.
        using var pairs = SnapshotPairs.FromArrays(new double[,] { { 0 }, { 0 } }, new double[,] { { 1 }, { -3 } }, lag: 0.5);
        Assert.Equal(5, pairs.EstimateTemperature(), 12);
    }

    [Fact]
    public void Its_ends_live_and_die_with_it()
    {
        var pairs = SnapshotPairs.FromArrays(new double[,] { { 1 }, { 2 } }, new double[,] { { 3 }, { 5 } }, lag: 1);
        pairs.From.Dispose();
        Assert.Equal(new double[,] { { 1 }, { 2 } }, pairs.From.ToArray());
        pairs.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pairs.From.ToArray());
    }

    [Fact]
    public void Known_systems_say_what_is_true_of_them()
    {
        var process = LangevinSystem.OrnsteinUhlenbeck(dimension: 1, theta: 2);
        Assert.Equal([2, 4, 6], [process.Rates[0], process.Rates[1], process.Rates[2]]);
        Assert.Equal([.7487, .7487, 1.4974], Array.ConvertAll([0, 1, 2], k => Math.Round(LangevinSystem.QuadrupleWell.Rates[k], 4)));
        foreach (var name in LangevinSystem.Names)
            Assert.Equal(name, LangevinSystem.Named(name).Name);
        using var corner = Samples.FromArray(new double[,] { { 1, 1 }, { 0, 0 } });
        Assert.Equal([0, 2], LangevinSystem.QuadrupleWell.PotentialAt(corner));
    }

    [Fact]
    public void A_trajectory_and_independent_pairs_have_the_lag_they_were_asked_for()
    {
        var well = LangevinSystem.DoubleWell(temperature: 0.5);
        using var pairs = well.EquilibriumPairs(4000, lag: 0.01, seed: 5);
        Assert.Equal((4000, 0.01, 0.5), (pairs.Count, pairs.Lag, pairs.Temperature));
        // Relative standard error √(2/4000) = 2.2 %, and the drift takes off less than 3 %.
        Assert.InRange(pairs.EstimateTemperature(), 0.5 * 0.9, 0.5 * 1.07);
        using var states = well.Trajectory(100, lag: 0.01, seed: 5);
        Assert.Equal((100, 1), (states.Count, states.Dimension));
    }
}
