using System;
using System.Threading;

namespace Koopman;

/// <summary>Settings of <see cref="KernelEdmdEstimator"/>.</summary>
public sealed record KernelEdmdSettings
{
    /// <summary>The kernel. Default: null, which is a Gaussian of the median distance between two states.</summary>
    public Kernel? Kernel { get; init; }

    /// <summary>The largest number of modes; at least 1. Default 25.</summary>
    public int Rank { get; init; } = KernelEdmd.defaults.Rank;

    /// <summary>γ of the regression, as a fraction of the mean of k(x,x). Default 1e-6.</summary>
    public double Ridge { get; init; } = KernelEdmd.defaults.Ridge;

    /// <summary>The reduction of the sections. Default: pivoted Cholesky to 1e-4 of the trace.</summary>
    public KernelMethod Reduction { get; init; } = KernelEdmd.defaults.Method;

    /// <summary>The regression. Default: principal components.</summary>
    public KernelRegression Regression { get; init; } = KernelEdmd.defaults.Regression;

    /// <summary>The number of leading modes with residuals; at least 1. Default 10.</summary>
    public int Modes { get; init; } = KernelEdmd.defaults.Modes;

    /// <summary>The most memory in GiB; what would take more is refused before it starts. Default 4.</summary>
    public double MemoryLimit { get; init; } = KernelEdmd.defaults.MemoryLimit;

    internal KernelEdmdOptions ToCore() =>
        new(
            Kernel.ToOption(),
            Rank,
            Ridge,
            Reduction ?? throw new InvalidOperationException($"{nameof(Reduction)} is null."),
            Regression,
            Modes,
            MemoryLimit);
}

/// <summary>
/// Kernel EDMD: the propagator on the functions that kernel sections span, by principal component or reduced rank regression, fast
/// through a certified low-rank factor of the kernel matrix. No dictionary is needed.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class KernelEdmdEstimator(KernelEdmdSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public KernelEdmdSettings Settings { get; } = settings ?? new();

    /// <summary>The memory in GiB that the kernel matrices of a fit to this number of pairs take.</summary>
    public double MemoryFor(int pairs) => KernelEdmd.memory(Settings.ToCore(), pairs);

    /// <summary>
    /// Fits the model. Residuals are those of held-out pairs: for a stochastic process they include the spread of y given x.
    /// </summary>
    /// <param name="pairs">The data; at least two pairs per mode. States shared by consecutive pairs are evaluated once.</param>
    /// <exception cref="KoopmanException">
    /// Too few pairs, pairs with inputs, a setting out of range, or a method that needs more memory than the limit.
    /// </exception>
    public KernelEdmdFit Fit(SnapshotPairs pairs) => Fit(pairs, CancellationToken.None);

    /// <summary>
    /// As <see cref="Fit(SnapshotPairs)"/>, and can be cancelled at any moment: the wait ends at once, and what runs in a native library goes
    /// on unseen until it ends.
    /// </summary>
    /// <param name="pairs">The data.</param>
    /// <param name="cancellation">Cancels the fit.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <inheritdoc cref="Fit(SnapshotPairs)" path="/exception"/>
    public KernelEdmdFit Fit(SnapshotPairs pairs, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return KernelEdmd.fitUnder(cancellation, Settings.ToCore(), pairs).OrThrow();
    }
}
