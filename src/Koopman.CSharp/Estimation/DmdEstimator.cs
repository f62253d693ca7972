using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>Settings of <see cref="DmdEstimator"/>.</summary>
public sealed record DmdSettings
{
    /// <summary>How the operator is found. Default <see cref="DmdMethod.Exact"/>.</summary>
    public DmdMethod Method { get; init; } = Dmd.defaults.Method;

    /// <summary>How many directions are kept; at least 1. Default null: by <see cref="Energy"/>, or else by the optimal hard threshold.</summary>
    public int? Rank { get; init; }

    /// <summary>The share of the sum of squares to keep, above 0 and at most 1. Default null; at most one of this and <see cref="Rank"/> is set.</summary>
    public double? Energy { get; init; }

    /// <summary>How many leading modes get a residual; at least 1, and the second of a conjugate pair is added. Default 10.</summary>
    public int Modes { get; init; } = Dmd.defaults.Modes;

    /// <summary>Directions below this share of the largest singular value are taken for rounding errors. From 0 to below 1, default 1e-10.</summary>
    public double RankTolerance { get; init; } = Dmd.defaults.RankTolerance;

    internal DmdOptions ToCore() => new(Method, RankOf(Rank, Energy), Modes, RankTolerance);

    internal static DmdRank RankOf(int? rank, double? energy) => (rank, energy) switch
    {
        (null, null) => DmdRank.OptimalThreshold,
        ({ } count, null) => DmdRank.NewFixed(count),
        (null, { } share) => DmdRank.NewEnergy(share),
        _ => throw new ArgumentException("Set Rank or Energy, not both."),
    };
}

/// <summary>
/// Dynamic mode decomposition: the propagator of a system of many coordinates, in the few directions in which its snapshots vary
/// (Schmid 2010), with control (Proctor, Brunton and Kutz 2016). Give complex states as their real and imaginary parts.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
public sealed class DmdEstimator(DmdSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public DmdSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the propagator; if the pairs carry inputs, their effect is found as well.</summary>
    /// <param name="pairs">The data, weighted or not; more pairs than directions and inputs.</param>
    /// <exception cref="KoopmanException">Too few pairs, states that do not vary, inputs that follow the state, or a setting out of its range.</exception>
    public DynamicsModel Fit(TransitionSet pairs) => new(Core(pairs, null).OrThrow(), null);

    /// <summary>As <see cref="Fit(TransitionSet)"/>, when it is known what the inputs do. They may then follow the state.</summary>
    /// <param name="pairs">The data with inputs.</param>
    /// <param name="inputMatrix">B (m, d): what each input adds to the state in one lag, per unit.</param>
    /// <inheritdoc cref="Fit(TransitionSet)" path="/exception"/>
    public DynamicsModel Fit(TransitionSet pairs, double[,] inputMatrix)
    {
        ArgumentNullException.ThrowIfNull(inputMatrix);
        return new(Core(pairs, inputMatrix).OrThrow(), null);
    }

    /// <summary>As <see cref="Fit(TransitionSet)"/>, without throwing over the data.</summary>
    /// <returns>Whether there is a model; if not, <paramref name="error"/> says why.</returns>
    public bool TryFit(TransitionSet pairs, [NotNullWhen(true)] out DynamicsModel? model, [NotNullWhen(false)] out KoopmanError? error) =>
        Core(pairs, null).TryGet(core => new DynamicsModel(core, null), out model, out error);

    /// <summary>As <see cref="Fit(TransitionSet)"/>, on its own thread. A fit is one step: when cancelled it ends with that step, without a model.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the fit ended.</exception>
    /// <inheritdoc cref="Fit(TransitionSet)" path="/exception"/>
    public Task<DynamicsModel> FitAsync(TransitionSet pairs, CancellationToken cancellation = default) =>
        OwnThread.RunWhole(() => Fit(pairs), cancellation);

    private FSharpResult<LinearModel, KoopmanError> Core(TransitionSet pairs, double[,]? inputMatrix)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        if (inputMatrix is null)
            return Dmd.fit(Settings.ToCore(), pairs.Core);
        using var known = torch.tensor(inputMatrix, torch.float64);
        return Dmd.fitWithInput(Settings.ToCore(), known, pairs.Core);
    }
}
