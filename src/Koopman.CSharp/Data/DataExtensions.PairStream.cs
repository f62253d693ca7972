using System;
using System.Collections.Generic;

namespace Koopman;

/// <summary>Streams of pairs, principal components, and systems with known truth.</summary>
public static partial class DataExtensions
{
    extension(PairStream)
    {
        /// <summary>The default number of pairs in a batch of a file: 65,536.</summary>
        public static int DefaultBatch => PairStreamModule.batch;

        /// <summary>The pairs of consecutive rows of one trajectory in a <c>.npy</c> file (n, d), which is mapped into memory and open only during a pass.</summary>
        /// <param name="path">The file: float64 or float32.</param>
        /// <param name="lag">The time between two rows.</param>
        /// <param name="batch">Pairs in a batch, at least 2; null for <c>DefaultBatch</c>.</param>
        public static PairStream FromTrajectoryFile(string path, double lag, int? batch = null)
        {
            ArgumentNullException.ThrowIfNull(path);
            return PairStreamModule.ofTrajectoryFile(lag, Size(batch), path);
        }

        /// <summary>The pairs of two <c>.npy</c> files of one shape (n, d): states and their successors.</summary>
        /// <param name="from">The file of the states.</param>
        /// <param name="to">The file of their successors, row by row.</param>
        /// <param name="lag">The time between the two.</param>
        /// <param name="batch">Pairs in a batch, at least 2; null for <c>DefaultBatch</c>.</param>
        public static PairStream FromFiles(string from, string to, double lag, int? batch = null)
        {
            ArgumentNullException.ThrowIfNull(from);
            ArgumentNullException.ThrowIfNull(to);
            return PairStreamModule.ofPairFiles(lag, Size(batch), from, to);
        }

        /// <summary>Batches from a simulation or a reader of your own. Each is freed after use.</summary>
        /// <param name="batches">The batches in time order, with at least two pairs each.</param>
        /// <param name="lag">The lag of all of them.</param>
        public static PairStream FromBatches(IEnumerable<SnapshotPairs> batches, double lag)
        {
            ArgumentNullException.ThrowIfNull(batches);
            return PairStreamModule.ofBatches(lag, batches);
        }
    }

    private static int Size(int? batch)
    {
        var size = batch ?? PairStreamModule.batch;
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2, nameof(batch));
        return size;
    }
}
