using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>How a pass over a stream goes.</summary>
/// <param name="Batches">Batches so far.</param>
/// <param name="Pairs">Pairs so far.</param>
public readonly record struct StreamingProgress(int Batches, long Pairs);

/// <summary>
/// What one pass over a stream leaves of it: sums over contiguous blocks, which are all that EDMD needs. Memory does not grow with
/// the number of pairs, and error bars come from leaving blocks out. Holds tensors: dispose of it.
/// </summary>
public sealed class StreamedMoments : IDisposable
{
    private readonly Moments[] blocks;
    private readonly double lag;

    private StreamedMoments(ObservableSet observables, Moments[] blocks, double lag)
    {
        Observables = observables;
        this.blocks = blocks;
        this.lag = lag;
    }

    /// <summary>The dictionary the sums are of; it must outlive this object and the models.</summary>
    public ObservableSet Observables { get; }

    /// <summary>How many blocks there are: 10 to 40, fewer for few batches.</summary>
    public int BlockCount => blocks.Length;

    /// <summary>Passes over a stream once.</summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="stream">The pairs.</param>
    /// <param name="progress">Told after every batch, on the thread that works.</param>
    /// <param name="cancellation">Asked before every batch.</param>
    /// <exception cref="KoopmanException">A file that cannot be read, no pairs, or batches that do not fit the dictionary or each other.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static StreamedMoments Collect(
        ObservableSet observables,
        TransitionStream stream,
        IProgress<StreamingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        new(observables, Pass(observables, stream, progress, cancellation).OrThrow(), stream.Lag);

    /// <summary>As <see cref="Collect"/>, without throwing over the data.</summary>
    /// <returns>Whether there are sums; if not, <paramref name="error"/> says why.</returns>
    public static bool TryCollect(
        ObservableSet observables,
        TransitionStream stream,
        [NotNullWhen(true)] out StreamedMoments? moments,
        [NotNullWhen(false)] out KoopmanError? error,
        IProgress<StreamingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Pass(observables, stream, progress, cancellation)
            .TryGet(blocks => new StreamedMoments(observables, blocks, stream.Lag), out moments, out error);

    /// <summary>As <see cref="Collect"/>, on its own thread.</summary>
    /// <inheritdoc cref="Collect" path="/exception"/>
    public static Task<StreamedMoments> CollectAsync(
        ObservableSet observables,
        TransitionStream stream,
        IProgress<StreamingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Collect(observables, stream, progress, cancellation), cancellation);

    /// <summary>The spectrum of a reversible process, as <see cref="EdmdEstimator.Fit"/>; residuals are not estimated.</summary>
    /// <param name="settings">Settings; null is the default.</param>
    /// <exception cref="KoopmanException">Fewer than five blocks (batches), a setting out of its range, or data on which everything has decayed.</exception>
    public SpectralModel FitReversible(EdmdSettings? settings = null) =>
        new(FitFromMoments.reversible((settings ?? new()).ToCore(), Observables.Core, lag, Alive()).OrThrow(), Observables);

    /// <summary>
    /// The propagator of any process, as <see cref="EdmdEstimator.FitDynamics"/>. Residuals are those of residual DMD on the block
    /// left out: for a random process they include the spread of the successors.
    /// </summary>
    /// <param name="settings">Settings; null is the default.</param>
    /// <exception cref="KoopmanException">Fewer than five blocks (batches), or a setting out of its range.</exception>
    public DynamicsModel FitDynamics(EdmdSettings? settings = null) =>
        new(FitFromMoments.general((settings ?? new()).ToCore(), Observables.Core, lag, Alive()).OrThrow(), Observables);

    /// <summary>Frees the sums.</summary>
    public void Dispose() => Array.ForEach(blocks, block => ((IDisposable)block).Dispose());

    private static FSharpResult<Moments[], KoopmanError> Pass(
        ObservableSet observables, TransitionStream stream, IProgress<StreamingProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(stream);
        var control = new Control<StreamProgress>(
            Bridge.ToFunction<StreamProgress>(now => progress?.Report(new(now.Batches, now.Pairs))), cancellation);
        return Streaming.moments(control, observables.Core, stream.Core);
    }

    private Moments[] Alive()
    {
        Check.Alive(blocks[0].Gram, this);
        return blocks;
    }
}
