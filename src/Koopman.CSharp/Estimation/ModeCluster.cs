using System;
using System.Collections.Generic;

namespace Koopman.CSharp;

/// <summary>
/// Neighbouring modes whose rates lie closer than 3 standard errors. Estimated levels repel each other, so that the single values are
/// biased apart; their mean is not.
/// </summary>
public sealed record ModeCluster
{
    internal ModeCluster(Cluster core)
    {
        Members = Array.AsReadOnly(core.Members);
        Rate = core.Rate;
        StandardError = core.StandardError;
        Lower = core.Lower;
        Upper = core.Upper;
    }

    /// <summary>The <see cref="ModeEstimate.Index"/> of every member, ascending; at least two.</summary>
    public IReadOnlyList<int> Members { get; }

    /// <summary>The mean rate of the members.</summary>
    public double Rate { get; }

    /// <summary>The standard error of the mean rate, with the bias estimate inside.</summary>
    public double StandardError { get; }

    /// <summary>Lower end of the 95 % interval of the mean rate, corrected for bias.</summary>
    public double Lower { get; }

    /// <summary>Upper end of the 95 % interval of the mean rate, corrected for bias.</summary>
    public double Upper { get; }
}
