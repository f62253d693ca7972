using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>A number estimated from random data.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="StandardError">Its standard error.</param>
public readonly record struct EstimatedValue(double Value, double StandardError);

/// <summary>
/// How far an eigenpair is from Kφ = λφ, told apart from the noise of the successors. All numbers are squared and relative to ⟨|φ|²⟩, so
/// that they add up; estimates of small ones may come out negative.
/// </summary>
public sealed record ModeResidual
{
    internal ModeResidual(ResidualReport core)
    {
        Index = core.Index;
        Pair = core.Pair;
        Projected = Convert(core.Projected);
        TwoSuccessors = Convert(core.TwoSuccessors);
        TwoLags = Convert(core.TwoLags);
        Squared = Convert(core.Squared);
        Variance = core.Variance;
    }

    /// <summary>The mode, as in <see cref="ModeEstimate.Index"/>.</summary>
    public int Index { get; }

    /// <summary>⟨|φ(y) - λφ(x)|²⟩: residual and spread of φ(y) given x together. For a deterministic system it is the residual.</summary>
    public double Pair { get; }

    /// <summary>‖P(Kφ - λφ)‖² with P the projection on test functions, free of noise; a lower bound of the residual.</summary>
    public EstimatedValue Projected { get; }

    /// <summary>‖Kφ - λφ‖² from two independent successors; null if the pairs have no second ones.</summary>
    public EstimatedValue? TwoSuccessors { get; }

    /// <summary>‖Kφ - λφ‖² of a reversible model along trajectories, from two lags; null elsewhere.</summary>
    public EstimatedValue? TwoLags { get; }

    /// <summary>Of these the one to go by: two successors, else two lags, else the projected one.</summary>
    public EstimatedValue Squared { get; }

    /// <summary>The variance of φ(y) given x: what of <see cref="Pair"/> is not residual.</summary>
    public double Variance { get; }

    private static EstimatedValue Convert(Estimate core) => new(core.Value, core.StandardError);

    private static EstimatedValue? Convert(FSharpOption<Estimate>? core) => core is null ? null : Convert(core.Value);
}
