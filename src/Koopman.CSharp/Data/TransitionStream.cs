using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>
/// Pairs batch by batch, for data that do not fit into memory. It says where the pairs come from and holds none; a pass over it may
/// be made more than once if its source can.
/// </summary>
public sealed class TransitionStream
{
    private TransitionStream(IEnumerable<FSharpResult<SnapshotPairs, KoopmanError>> core, double lag)
    {
        Core = core;
        Lag = lag;
    }

    /// <summary>Pairs in a batch of a file, unless told otherwise: 65,536.</summary>
    public static int DefaultBatch => PairStreamModule.batch;

    /// <summary>The time from x to y in every pair.</summary>
    public double Lag { get; }

    internal IEnumerable<FSharpResult<SnapshotPairs, KoopmanError>> Core { get; }

    /// <summary>The pairs of consecutive rows of one trajectory in a <c>.npy</c> file (n, d), which is mapped into memory and open only during a pass.</summary>
    /// <param name="path">The file: float64 or float32.</param>
    /// <param name="lag">The time between two rows.</param>
    /// <param name="batch">Pairs in a batch, at least 2; null for <see cref="DefaultBatch"/>.</param>
    public static TransitionStream FromTrajectoryFile(string path, double lag, int? batch = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(PairStreamModule.ofTrajectoryFile(lag, Size(batch), path), lag);
    }

    /// <summary>The pairs of two <c>.npy</c> files of one shape (n, d): states and their successors.</summary>
    /// <param name="from">The file of the states.</param>
    /// <param name="to">The file of their successors, row by row.</param>
    /// <param name="lag">The time between the two.</param>
    /// <param name="batch">Pairs in a batch, at least 2; null for <see cref="DefaultBatch"/>.</param>
    public static TransitionStream FromFiles(string from, string to, double lag, int? batch = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return new(PairStreamModule.ofPairFiles(lag, Size(batch), from, to), lag);
    }

    /// <summary>Batches as they come, from a simulation or a reader of your own. Each is freed after use.</summary>
    /// <param name="batches">The batches in time order, with at least two pairs each.</param>
    /// <param name="lag">The lag of all of them.</param>
    public static TransitionStream FromBatches(IEnumerable<TransitionSet> batches, double lag)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return new(batches.Select(batch => Given(batch, lag)), lag);
    }

    private static FSharpResult<SnapshotPairs, KoopmanError> Given(TransitionSet batch, double lag)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Lag == lag)
            return FSharpResult<SnapshotPairs, KoopmanError>.NewOk(batch.Core);
        using (batch)
        {
            return FSharpResult<SnapshotPairs, KoopmanError>.NewError(KoopmanErrorModule.create(
                ErrorKind.ShapeMismatch,
                $"A batch has lag {batch.Lag}, but the stream was said to have {lag}",
                "Stream pairs of one lag at a time"));
        }
    }

    private static int Size(int? batch)
    {
        var size = batch ?? DefaultBatch;
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2, nameof(batch));
        return size;
    }
}
