using System.Collections.Generic;
using System.Linq;
using System.Numerics;

namespace Koopman.CSharp;

/// <summary>A reason not to take a mode at face value.</summary>
/// <param name="Kind">What kind of reason, to branch on.</param>
/// <param name="Message">The reason, one sentence without its full stop, with the numbers that matter.</param>
public sealed record ModeWarning(WarningKind Kind, string Message);

/// <summary>One eigenpair with the reasons to trust it.</summary>
public sealed record ModeEstimate
{
    internal ModeEstimate(Mode core)
    {
        Index = core.Index;
        Eigenvalue = core.Eigenvalue;
        Rate = core.Rate;
        Frequency = core.Frequency;
        StandardError = core.StandardError;
        FrequencyError = core.FrequencyError;
        Lower = core.Lower;
        Upper = core.Upper;
        Residual = core.Residual;
        Condition = core.Condition;
        Warnings = [.. core.Warnings.Select(warning => new ModeWarning(warning.Kind, warning.Message))];
        IsNearDegenerate = core.NearDegenerate;
    }

    /// <summary>
    /// Its place by rising rate. In a reversible spectrum the constant function has place 0 and is left out, so that places count
    /// from 1; elsewhere they count from 0 and the constant is a mode like the others.
    /// </summary>
    public int Index { get; }

    /// <summary>The eigenvalue of the operator that <see cref="SpectralModel.Operator"/> names.</summary>
    public Complex Eigenvalue { get; }

    /// <summary>The rate of decay -Re μ in 1/time; of a reversible process η.</summary>
    public double Rate { get; }

    /// <summary>The angular frequency Im μ in radians a time unit; 0 for a reversible process.</summary>
    public double Frequency { get; }

    /// <summary>The standard error of the rate, with the bias estimate inside; 0 without sampling error, NaN if not estimated.</summary>
    public double StandardError { get; }

    /// <summary>The standard error of the frequency; NaN if not estimated.</summary>
    public double FrequencyError { get; }

    /// <summary>Lower end of the 95 % interval of the rate, corrected for bias; NaN if not estimated.</summary>
    public double Lower { get; }

    /// <summary>Upper end of the 95 % interval of the rate, corrected for bias; infinite when eigenvalue 0 is inside, NaN if not estimated.</summary>
    public double Upper { get; }

    /// <summary>The residual, in the norm that <see cref="SpectralModel.ResidualNorm"/> names; 0 is perfect, NaN if not estimated.</summary>
    public double Residual { get; }

    /// <summary>The condition number of the eigenvalue, 1/|⟨u,v⟩| of the unit left and right eigenvectors; 1 for a self-adjoint operator.</summary>
    public double Condition { get; }

    /// <summary>The reasons not to take it at face value; empty if there are none.</summary>
    public IReadOnlyList<ModeWarning> Warnings { get; }

    /// <summary>Closer than 3 standard errors to a neighbour: the two repel, and only their mean is well determined.</summary>
    public bool IsNearDegenerate { get; }
}
