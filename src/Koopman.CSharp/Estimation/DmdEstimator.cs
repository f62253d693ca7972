using System;

namespace Koopman;

/// <summary>Settings of <see cref="DmdEstimator"/>.</summary>
public sealed record DmdSettings
{
    /// <summary>The variant. Default <see cref="DmdMethod.Exact"/>.</summary>
    public DmdMethod Method { get; init; } = Dmd.defaults.Method;

    /// <summary>The rank: the number of directions kept; at least 1. Default null: by <see cref="Energy"/>, or else by the optimal hard threshold.</summary>
    public int? Rank { get; init; }

    /// <summary>The fraction of the sum of squares to keep, above 0 and at most 1. Default null; at most one of this and <see cref="Rank"/>
    /// is set.</summary>
    public double? Energy { get; init; }

    /// <summary>
    /// True if the constant 1 is added to the coordinates, so that motion about a point other than 0 is linear. Default false.
    /// </summary>
    public bool Constant { get; init; } = Dmd.defaults.Constant;

    /// <summary>The number of leading modes with a residual; at least 1, and the second of a conjugate pair is added. Default 10.</summary>
    public int Modes { get; init; } = Dmd.defaults.Modes;

    /// <summary>Directions below this fraction of the largest singular value are treated as rounding errors. From 0 to below 1, default
    /// 1e-10.</summary>
    public double RankTolerance { get; init; } = Dmd.defaults.RankTolerance;

    internal DmdOptions ToCore() => new(Method, RankOf(Rank, Energy), Constant, Modes, RankTolerance);

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
/// <param name="settings">Settings; null for the default.</param>
public sealed class DmdEstimator(DmdSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public DmdSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the propagator; if the pairs have inputs, also their effect.</summary>
    /// <param name="pairs">The data, weighted or not; more pairs than directions and inputs.</param>
    /// <exception cref="KoopmanException">Too few pairs, states that do not vary, inputs collinear with the state, or a setting out of
    /// range.</exception>
    public LinearModel Fit(SnapshotPairs pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Dmd.fit(Settings.ToCore(), pairs).OrThrow();
    }

    /// <summary>As <see cref="Fit(SnapshotPairs)"/>, with a known input matrix. The inputs may then depend on the state.</summary>
    /// <param name="pairs">The data with inputs.</param>
    /// <param name="inputMatrix">B (m, d): the contribution of each input to the state in one lag, per unit.</param>
    /// <inheritdoc cref="Fit(SnapshotPairs)" path="/exception"/>
    public LinearModel Fit(SnapshotPairs pairs, double[,] inputMatrix)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        using var known = inputMatrix.ToTensor(nameof(inputMatrix));
        return Dmd.fitWithInput(Settings.ToCore(), known, pairs).OrThrow();
    }
}
