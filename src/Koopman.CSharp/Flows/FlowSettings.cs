using Koopman.Flows;
using Koopman.Learning;

namespace Koopman;

/// <summary>
/// Settings of a training: Adam with a linear warm-up and a half-cosine decay of the learning rate to 0, and gradient clipping by norm.
/// </summary>
public sealed record FlowDescentSettings
{
    /// <summary>The total number of steps; at least 1.</summary>
    public required int Steps { get; init; }

    /// <summary>The peak learning rate of Adam; positive.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Warm-up steps. Default 100.</summary>
    public int WarmUp { get; init; } = FlowMatching.defaults.Descent.WarmUp;

    /// <summary>The maximum norm of the gradient; positive. Default 1.</summary>
    public double GradientClip { get; init; } = FlowMatching.defaults.Descent.GradientClip;

    /// <summary>The decay of the mean squared gradient, between 0 and 1. Default .999.</summary>
    public double Beta2 { get; init; } = FlowMatching.defaults.Descent.Beta2;

    /// <summary>
    /// The decay of the moving average of the parameters, which is the result; below 1. Default 0, for the last parameters.
    /// </summary>
    public double EmaDecay { get; init; }

    internal static FlowDescentSettings From(DescentOptions core) =>
        new()
        {
            Steps = core.Steps,
            LearningRate = core.LearningRate,
            WarmUp = core.WarmUp,
            GradientClip = core.GradientClip,
            Beta2 = core.Beta2,
            EmaDecay = core.EmaDecay,
        };

    internal DescentOptions ToCore() => new(Steps, LearningRate, WarmUp, GradientClip, Beta2, EmaDecay);
}

/// <summary>Settings of <see cref="FlowTrainer"/>.</summary>
public sealed record FlowSettings
{
    /// <summary>The network: layers, convolutions for images, or a module of your own with d outputs. Default three layers of 96.</summary>
    public NetworkSettings Network { get; init; } = new FlowNetworkSettings();

    /// <summary>The path that is learned. Default straight lines between independent ends.</summary>
    public ProbabilityPath Path { get; init; } = FlowMatching.defaults.Path;

    /// <summary>Rows in one step; at least 1. Default 512.</summary>
    public int Batch { get; init; } = FlowMatching.defaults.Batch;

    /// <summary>The fraction of rows that are trained without their class, for class-free guidance; from 0 to 1. Default 0; .15 is usual.</summary>
    public double ClassFreeShare { get; init; } = FlowMatching.defaults.ClassFreeShare;

    /// <summary>The training. Default 5,000 steps of at most 4e-3, averaged with decay .995.</summary>
    public FlowDescentSettings Descent { get; init; } = FlowDescentSettings.From(FlowMatching.defaults.Descent);

    internal FlowMatchingOptions ToCore(int dimension) =>
        new(Network.ToCore(dimension, dimension), Path, Batch, ClassFreeShare, Descent.ToCore());
}
