using System;
using System.Threading;

namespace Koopman;

/// <summary>
/// The result of one pass over a stream: sums over contiguous blocks, which are all that EDMD needs. Memory does not grow with the number
/// of pairs, and error bars come from leaving blocks out. It holds tensors: dispose it.
/// </summary>
public sealed class StreamedMoments : IDisposable
{
    private readonly Moments[] blocks;
    private readonly double lag;
    private readonly IDisposable held;

    private StreamedMoments(Observables observables, Moments[] blocks, double lag)
    {
        Observables = observables;
        this.blocks = blocks;
        this.lag = lag;
        held = observables.Hold();
    }

    /// <summary>The dictionary of the sums.</summary>
    public Observables Observables { get; }

    /// <summary>The number of blocks: 10 to 40, fewer for few batches.</summary>
    public int BlockCount => blocks.Length;

    /// <summary>Computes the sums in one pass over a stream.</summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="stream">The pairs.</param>
    /// <param name="progress">Reports after every batch, on the worker thread.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <exception cref="KoopmanException">A file that cannot be read, no pairs, or batches that do not fit the dictionary or each other.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static StreamedMoments Collect(
        Observables observables,
        PairStream stream,
        IProgress<StreamProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(stream);
        return new(observables, Streaming.moments(progress.ToControl(cancellation), observables, stream).OrThrow(), stream.Lag);
    }

    /// <summary>The spectrum of a reversible process, as <see cref="EdmdEstimator.Fit"/>; residuals are not estimated.</summary>
    /// <param name="settings">Settings; null for the default.</param>
    /// <exception cref="KoopmanException">Fewer than five blocks (batches), a setting out of range, or data on which everything has
    /// decayed.</exception>
    public Spectrum FitReversible(EdmdSettings? settings = null) =>
        FitFromMoments.reversible((settings ?? new()).ToCore(), Observables, lag, Alive()).OrThrow();

    /// <summary>
    /// The propagator of any process, as <see cref="EdmdEstimator.FitDynamics"/>. Residuals are those of residual DMD on the left-out
    /// block: for a random process they include the spread of the successors.
    /// </summary>
    /// <param name="settings">Settings; null for the default.</param>
    /// <exception cref="KoopmanException">Fewer than five blocks (batches), or a setting out of range.</exception>
    public LinearModel FitDynamics(EdmdSettings? settings = null) =>
        FitFromMoments.general((settings ?? new()).ToCore(), Observables, lag, Alive()).OrThrow();

    /// <summary>Frees the sums and releases the dictionary.</summary>
    public void Dispose()
    {
        Array.ForEach(blocks, block => block.Dispose());
        held.Dispose();
    }

    private Moments[] Alive()
    {
        _ = blocks[0].C00; // throws after dispose
        return blocks;
    }
}
