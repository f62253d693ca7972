using System;
using System.Collections.Generic;
using System.Numerics;

namespace Koopman.CSharp;

/// <summary>What the logarithm of a propagator had to decide.</summary>
public sealed record BranchSummary
{
    internal BranchSummary(BranchReport core)
    {
        NearBranchCut = Array.AsReadOnly(core.NearBranchCut);
        NearZero = Array.AsReadOnly(core.NearZero);
        LargestFrequency = core.LargestFrequency;
    }

    /// <summary>
    /// Eigenvalues that turn by more than 9/10 of half a circle in one lag: their frequencies could not be told from slower ones if they
    /// were only a little larger. Empty if the lag is short enough.
    /// </summary>
    public IReadOnlyList<Complex> NearBranchCut { get; }

    /// <summary>Eigenvalues below 1e-6 of the largest: their rates are noise.</summary>
    public IReadOnlyList<Complex> NearZero { get; }

    /// <summary>π/τ, the largest angular frequency that this lag can show, in radians a time unit.</summary>
    public double LargestFrequency { get; }

    /// <summary>Whether no eigenvalue is in doubt.</summary>
    public bool IsClear => NearBranchCut.Count == 0 && NearZero.Count == 0;
}
