using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.FSharp.Core;
using TorchSharp;
using Koopman.Particles;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>
/// What a student is trained to make small: terms, each with a weight. Losses are values: <c>FlowLoss.Lagrangian + 0.03 *
/// FlowLoss.ScaledConsistency</c> is one. With the teacher v, the lift z = [1, t, x, F] and its operator L, r = J_z (1, v) - z L, and X(τ) is
/// the x part of z e^{τL}.
/// </summary>
public sealed class FlowLoss
{
    private FlowLoss(Loss core)
    {
        Core = core;
    }

    internal Loss Core { get; }

    /// <summary>C as in the paper: r² in the mean over all coordinates of the lift.</summary>
    public static FlowLoss Consistency { get; } = new(Losses.consistency);

    /// <summary>C with each feature's residual relative to its variance, so that nothing is gained by shrinking features.</summary>
    public static FlowLoss ScaledConsistency { get; } = new(Losses.scaledConsistency);

    /// <summary>Lag: how far X'(τ) is from the teacher's velocity along the student's own way. No equation is solved.</summary>
    public static FlowLoss Lagrangian { get; } = new(Losses.lagrangian);

    /// <summary>E: how fast the predicted end changes along the teacher's flow; 0 for a perfect lift.</summary>
    public static FlowLoss Decoded { get; } = new(Losses.decoded);

    /// <summary>P: how far z e^L of the noise is from z of the teacher's end.</summary>
    public static FlowLoss Phase { get; } = new(Losses.phase);

    /// <summary>T: how far X(1) is from the teacher's end.</summary>
    public static FlowLoss Target { get; } = new(Losses.target);

    /// <summary>Path: how far X(t) is from the teacher's paths at random times and at the end.</summary>
    /// <param name="endShare">The share of the end's weight, from 0 to 1.</param>
    public static FlowLoss Path(double endShare = 0.3) => new(Losses.path(endShare));

    /// <summary>R: how far decoded features are from the points they came from. Without a learned decoder it is 0.</summary>
    public static FlowLoss Reconstruction { get; } = new(Losses.reconstruction);

    /// <summary>
    /// How far an imitation of the teacher is from it, at points between noise and data. With this term <see cref="Lagrangian"/> asks the imitation, a second
    /// network that is learned along, so that the teacher is asked between noise and data only.
    /// </summary>
    public static FlowLoss Imitation { get; } = new(Losses.imitation);

    /// <summary>A term of your own.</summary>
    /// <param name="name">Its name in reports.</param>
    /// <param name="evaluate">One number, made of tensor operations on what was drawn.</param>
    /// <param name="needsPaths">Whether it needs paths of the teacher, which then are found before the training.</param>
    public static FlowLoss Custom(string name, Func<FlowBatch, torch.Tensor> evaluate, bool needsPaths = false)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(evaluate);
        return new(Losses.custom(name, needsPaths, FuncConvert.FromFunc<LossBatch, torch.Tensor>(batch => evaluate(new(batch)))));
    }

    /// <summary>Whether an imitation of the teacher is learned along.</summary>
    public bool NeedsImitation => Core.NeedsImitation;

    /// <summary>Whether paths of the teacher, found by a solver, are needed.</summary>
    public bool NeedsPaths => Core.NeedsPaths;

    /// <summary>The terms with their weights.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Weights =>
        [.. Core.Weights.Select(term => new KeyValuePair<string, double>(term.Item1, term.Item2))];

    /// <summary>All terms of both.</summary>
    public static FlowLoss operator +(FlowLoss left, FlowLoss right) => left.Add(right);

    /// <summary>All weights times a number.</summary>
    public static FlowLoss operator *(double factor, FlowLoss loss) => loss.Multiply(factor);

    /// <summary>All terms of both.</summary>
    public FlowLoss Add(FlowLoss other) => new(Core + other.Core);

    /// <summary>All weights times a number.</summary>
    public FlowLoss Multiply(double factor) => new(factor * Core);

    /// <inheritdoc/>
    public override string ToString() => Core.ToString();

    internal static FlowLoss From(Loss core) => new(core);
}
