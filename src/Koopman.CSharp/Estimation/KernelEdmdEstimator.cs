using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>How kernel EDMD regresses the future on the present.</summary>
public enum RegressionKind
{
    /// <summary>On the leading principal components of the kernel's covariance.</summary>
    PrincipalComponents,

    /// <summary>On the directions that predict best (Kostic et al. 2022): finds modes of small variance that matter for the motion.</summary>
    ReducedRank,
}

/// <summary>How a kernel method reduces the n sections k(·, x_a) of its data to what it computes with.</summary>
public sealed record KernelReduction
{
    private KernelReduction(KernelMethod core) => Core = core;

    internal KernelMethod Core { get; }

    /// <summary>All n sections: the reference. Memory n².</summary>
    public static KernelReduction Dense { get; } = new(KernelMethod.Dense);

    /// <summary>Sections at pivots, until the mean error of the kernel matrix is below this share of its trace. Memory n a pivot, and a certificate.</summary>
    /// <param name="tolerance">From 0 to below 1.</param>
    public static KernelReduction PivotedCholesky(double tolerance = 1e-4) => new(KernelMethod.NewPivotedCholesky(tolerance));

    /// <summary>Sections at this many centres, drawn at random from the data.</summary>
    public static KernelReduction Nystrom(int centres, int seed = 0) => new(KernelMethod.NewNystrom(centres, SeedModule.ofInt(seed)));

    /// <inheritdoc/>
    public override string ToString() => Core.ToString();
}

/// <summary>Settings of <see cref="KernelEdmdEstimator"/>.</summary>
public sealed record KernelEdmdSettings
{
    /// <summary>The kernel. Default: null, which is a Gaussian of the median distance between two states.</summary>
    public KernelFunction? Kernel { get; init; }

    /// <summary>How many modes there are at most; at least 1. Default 25.</summary>
    public int Rank { get; init; } = KernelEdmd.defaults.Rank;

    /// <summary>γ of the regression, as a share of the mean of k(x,x). Default 1e-6.</summary>
    public double Ridge { get; init; } = KernelEdmd.defaults.Ridge;

    /// <summary>How the sections are reduced. Default: pivoted Cholesky to 1e-4 of the trace.</summary>
    public KernelReduction Reduction { get; init; } = KernelReduction.PivotedCholesky();

    /// <summary>The regression. Default: principal components.</summary>
    public RegressionKind Regression { get; init; }

    /// <summary>How many leading modes get residuals; at least 1. Default 10.</summary>
    public int Modes { get; init; } = KernelEdmd.defaults.Modes;

    /// <summary>The most memory in GiB; what would take more is refused before it starts. Default 4.</summary>
    public double MemoryLimit { get; init; } = KernelEdmd.defaults.MemoryLimit;

    internal KernelEdmdOptions ToCore() =>
        new(
            Kernel is { } kernel ? FSharpOption<Koopman.Kernel>.Some(kernel.Core) : null,
            Rank,
            Ridge,
            (Reduction ?? throw new InvalidOperationException($"{nameof(Reduction)} is null.")).Core,
            Regression == RegressionKind.ReducedRank ? KernelRegression.ReducedRank : KernelRegression.PrincipalComponent,
            Modes,
            MemoryLimit);
}

/// <summary>What a kernel method did, and how far its reduction of the kernel can matter.</summary>
public sealed record KernelSummary
{
    internal KernelSummary(KernelReport core)
    {
        Kernel = core.Kernel.ToString();
        Reduction = core.Method.ToString();
        Sections = core.Sections;
        TraceError = core.TraceError;
        SmallestKept = core.SmallestKept;
        Certificate = core.Certificate;
        Memory = core.Memory;
    }

    /// <summary>The kernel, in words.</summary>
    public string Kernel { get; }

    /// <summary>How the sections were reduced, in words.</summary>
    public string Reduction { get; }

    /// <summary>How many sections there are in the functions.</summary>
    public int Sections { get; }

    /// <summary>The mean error of k(x,x), a share of its mean: no covariance eigenvalue is off by more. 0 for the dense method.</summary>
    public double TraceError { get; }

    /// <summary>The smallest covariance eigenvalue that the rank kept, a share of the trace.</summary>
    public double SmallestKept { get; }

    /// <summary>
    /// <see cref="TraceError"/> over <see cref="SmallestKept"/>: well below 1, the kept directions are those of the full kernel. It does
    /// not bound the eigenvalues of the operator, whose errors are usually far smaller.
    /// </summary>
    public double Certificate { get; }

    /// <summary>Memory that the reduced kernel took, in GiB.</summary>
    public double Memory { get; }
}

/// <summary>A model by kernel EDMD with the summary of its kernel. Dispose of it; the model dies with it.</summary>
public sealed class KernelDynamics : IDisposable
{
    internal KernelDynamics(KernelEdmdFit core)
    {
        Model = new DynamicsModel(core.Model, null);
        Summary = new KernelSummary(core.Report);
    }

    /// <summary>The model, on combinations of kernel sections that it owns.</summary>
    public DynamicsModel Model { get; }

    /// <summary>What was done to the kernel.</summary>
    public KernelSummary Summary { get; }

    /// <summary>Frees the model.</summary>
    public void Dispose() => Model.Dispose();
}

/// <summary>
/// Kernel EDMD: the propagator on the functions that kernel sections span, by principal component or reduced rank regression, fast
/// through a certified low-rank factor of the kernel matrix. No dictionary is needed.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
public sealed class KernelEdmdEstimator(KernelEdmdSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public KernelEdmdSettings Settings { get; } = settings ?? new();

    /// <summary>The memory in GiB that a fit to this many pairs takes before anything else.</summary>
    public double MemoryFor(int pairs) => KernelEdmd.memory(Settings.ToCore(), pairs);

    /// <summary>Fits the model. Residuals are of held-out pairs: for a stochastic process the spread of y given x is in them.</summary>
    /// <param name="pairs">The data; at least two pairs a mode. States of trajectories are evaluated once.</param>
    /// <exception cref="KoopmanException">
    /// Too few pairs, pairs with inputs, a setting out of its range, or a method that takes more memory than the limit.
    /// </exception>
    public KernelDynamics Fit(TransitionSet pairs) => new(Core(pairs).OrThrow());

    /// <summary>As <see cref="Fit"/>, without throwing over the data.</summary>
    /// <returns>Whether there is a model; if not, <paramref name="error"/> says why.</returns>
    public bool TryFit(
        TransitionSet pairs,
        [NotNullWhen(true)] out KernelDynamics? model,
        [NotNullWhen(false)] out KoopmanError? error) =>
        Core(pairs).TryGet(core => new KernelDynamics(core), out model, out error);

    /// <summary>As <see cref="Fit"/>, on its own thread. A fit is one step: when cancelled it ends with that step, without a model.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the fit ended.</exception>
    /// <inheritdoc cref="Fit" path="/exception"/>
    public Task<KernelDynamics> FitAsync(TransitionSet pairs, CancellationToken cancellation = default) =>
        OwnThread.RunWhole(() => Fit(pairs), cancellation);

    private FSharpResult<KernelEdmdFit, KoopmanError> Core(TransitionSet pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return KernelEdmd.fit(Settings.ToCore(), pairs.Core);
    }
}
