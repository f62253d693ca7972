using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.FSharp.Core;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>Data that do not fit into memory, as their user reads them: batch by batch.</summary>
public sealed class StreamingTests : IDisposable
{
    private const int Rows = 3001;

    private readonly TemporaryFolder folder = new();
    private readonly Samples states = LangevinSystem.DoubleWell().Trajectory(Rows, lag: 0.1, seed: 1);
    private readonly Observables observables;

    public StreamingTests() => observables = Observables.GaussiansOver(states, new() { Centres = 20 });

    public void Dispose()
    {
        observables.Dispose();
        states.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_file_read_in_batches_gives_what_it_gives_at_once()
    {
        states.Save(folder.File("states.npy"));
        var stream = PairStream.FromTrajectoryFile(folder.File("states.npy"), lag: 0.1, batch: 250);
        var listener = new Listener<StreamProgress>();
        using var moments = StreamedMoments.Collect(observables, stream, listener);
        Assert.Equal(12, moments.BlockCount);
        Assert.Equal(new StreamProgress(12, Rows - 1), listener.Heard[^1]);

        using var streamed = moments.FitReversible();
        using var pairs = SnapshotPairs.FromTrajectory(states, 0.1);
        using var whole = new EdmdEstimator().Fit(observables, pairs);
        Assert.All(streamed.Rates.Take(3).Zip(whole.Rates), pair => Assert.Equal(1, pair.First / pair.Second, 6));
        // The jackknife's error bar and the delta method's estimate one and the same scatter.
        Assert.InRange(streamed.Modes[0].StandardError / whole.Modes[0].StandardError, 0.5, 2);

        using var general = moments.FitDynamics();
        using var both = new EdmdEstimator().FitDynamics(observables, pairs);
        Assert.Equal(both.Spectrum.Eigenvalues[0].Real, general.Spectrum.Eigenvalues[0].Real, 6);
    }

    [Fact]
    public void Batches_of_ones_own_and_two_files_are_streams_too()
    {
        using var pairs = SnapshotPairs.FromTrajectory(states, 0.1);
        pairs.From.Save(folder.File("x.npy"));
        pairs.To.Save(folder.File("y.npy"));
        using var files = StreamedMoments.Collect(
            observables, PairStream.FromFiles(folder.File("x.npy"), folder.File("y.npy"), 0.1, batch: 300));
        using var own = StreamedMoments.Collect(observables, PairStream.FromBatches(Batches(300, 0.1), 0.1));
        using var first = files.FitReversible();
        using var second = own.FitReversible();
        Assert.Equal(first.Rates, second.Rates);
    }

    [Fact]
    public void The_same_bits_come_from_Core()
    {
        var file = folder.File("states.npy");
        states.Save(file);
        using var own = StreamedMoments.Collect(observables, PairStream.FromTrajectoryFile(file, 0.1, batch: 300));
        using var face = own.FitReversible();

        using IDisposable read = DatasetModule.read(file).ResultValue;
        var coreStates = DatasetModule.samples((Dataset)read);
        var options = new GaussianOptions(FSharpOption<int>.Some(20), null, ObservablesModule.automatic.Seed);
        using var coreObservables = ObservablesModule.gaussiansOver(options, coreStates).ResultValue;
        var stream = PairStreamModule.ofTrajectoryFile(0.1, 300, file);
        var blocks = Streaming.moments(Control.none<StreamProgress>(), coreObservables, stream).ResultValue;
        using var core = FitFromMoments.reversible(Edmd.defaults, coreObservables, 0.1, blocks).ResultValue;
        Assert.Equal(core.Rates, face.Rates);
        Array.ForEach(blocks, block => ((IDisposable)block).Dispose());
    }

    [Fact]
    public void Cancelling_ends_the_pass_with_its_batch()
    {
        using var source = new CancellationTokenSource();
        var listener = new Listener<StreamProgress>(progress =>
        {
            if (progress.Batches == 3)
                source.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => StreamedMoments.Collect(
            observables, PairStream.FromBatches(Batches(300, 0.1), 0.1), listener, source.Token));
        Assert.Equal(3, listener.Heard.Count);
    }

    [Fact]
    public void What_cannot_be_streamed_says_why()
    {
        var missing = PairStream.FromTrajectoryFile(folder.File("none.npy"), 0.1);
        Assert.Contains("none.npy", Assert.Throws<KoopmanException>(() => StreamedMoments.Collect(observables, missing)).Error.Cause);

        var mixed = PairStream.FromBatches(Batches(300, 0.1).Concat(Batches(300, 0.2)), 0.1);
        Assert.Contains("0.2", Assert.Throws<KoopmanException>(() => StreamedMoments.Collect(observables, mixed)).Message);

        Assert.Throws<KoopmanException>(() => StreamedMoments.Collect(observables, PairStream.FromBatches([], 0.1)));
        using var plane = Observables.Monomials(2, 2);
        Assert.Contains(
            "2 dimensions",
            Assert.Throws<KoopmanException>(() => StreamedMoments.Collect(plane, PairStream.FromBatches(Batches(300, 0.1), 0.1))).Message);

        Assert.Throws<ArgumentOutOfRangeException>(() => PairStream.FromTrajectoryFile("x.npy", 0.1, batch: 1));
        using var few = StreamedMoments.Collect(observables, PairStream.FromBatches(Batches(1000, 0.1), 0.1));
        Assert.Contains("5", Assert.Throws<KoopmanException>(() => few.FitReversible()).Message);
        few.Dispose();
        Assert.Throws<ObjectDisposedException>(() => few.FitReversible());
    }

    [Fact]
    public void Nothing_is_left_of_a_pass_that_ends_well_or_badly() => Lifetimes.AllDieIn(() =>
    {
        using (var moments = StreamedMoments.Collect(observables, PairStream.FromBatches(Batches(300, 0.1), 0.1)))
        {
            moments.FitReversible().Dispose();
            moments.FitDynamics().Dispose();
        }

        var mixed = PairStream.FromBatches(Batches(300, 0.1).Concat(Batches(300, 0.2)), 0.1);
        Assert.Throws<KoopmanException>(() => StreamedMoments.Collect(observables, mixed));
    });

    /// <summary>The trajectory's pairs in batches of so many.</summary>
    private IEnumerable<SnapshotPairs> Batches(int size, double lag)
    {
        var rows = states.ToArray();
        for (var start = 0; start + size < Rows; start += size)
        {
            var (x, y) = (new double[size, 1], new double[size, 1]);
            for (var i = 0; i < size; i++)
                (x[i, 0], y[i, 0]) = (rows[start + i, 0], rows[start + i + 1, 0]);
            yield return SnapshotPairs.FromArrays(x, y, lag);
        }
    }
}
