namespace Koopman.CSharp;

/// <summary>One eigenpair with the reasons to trust it.</summary>
public sealed record ModeEstimate
{
    internal ModeEstimate(Mode core)
    {
        Index = core.Index;
        Eigenvalue = core.Eigenvalue;
        Rate = core.Rate;
        StandardError = core.StandardError;
        Lower = core.Lower;
        Upper = core.Upper;
        Residual = core.Residual;
        IsNearDegenerate = core.NearDegenerate;
    }

    /// <summary>Its place by rising rate, from 1; the constant function has place 0 and is left out.</summary>
    public int Index { get; }

    /// <summary>The eigenvalue of the operator that <see cref="SpectralModel.Operator"/> names.</summary>
    public double Eigenvalue { get; }

    /// <summary>The rate η in 1/time.</summary>
    public double Rate { get; }

    /// <summary>The standard error of the rate, with the bias estimate inside.</summary>
    public double StandardError { get; }

    /// <summary>Lower end of the 95 % interval of the rate, corrected for bias, not below 0.</summary>
    public double Lower { get; }

    /// <summary>Upper end of the 95 % interval of the rate, corrected for bias; infinite when eigenvalue 0 is inside.</summary>
    public double Upper { get; }

    /// <summary>The residual, cross-fitted, in the norm that <see cref="SpectralModel.ResidualNorm"/> names; 0 is perfect.</summary>
    public double Residual { get; }

    /// <summary>Closer than 3 standard errors to a neighbour: the two repel, and only their mean is well determined.</summary>
    public bool IsNearDegenerate { get; }
}
