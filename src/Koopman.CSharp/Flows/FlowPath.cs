using Koopman.Flows;
namespace Koopman.CSharp;

/// <summary>A path of laws from normal noise at t = 0 to the data at t = 1, as flow matching learns it: which noise goes to which data point, and what lies between.</summary>
public sealed class FlowPath
{
    private readonly string name;

    private FlowPath(ProbabilityPath core, string name)
    {
        Core = core;
        this.name = name;
    }

    internal ProbabilityPath Core { get; }

    /// <summary>Straight lines between independent ends (I-CFM).</summary>
    public static FlowPath Independent { get; } = new(Paths.independent, "independent ends, straight lines");

    /// <summary>Straight lines between ends paired by exact optimal transport within blocks of a batch (OT-CFM).</summary>
    public static FlowPath OptimalTransport { get; } = new(Paths.optimalTransport, "optimal transport, straight lines");

    /// <summary>Noise that shrinks towards each data point (Lipman et al. 2022).</summary>
    public static FlowPath ShrinkingNoise { get; } = new(Paths.flowMatching, "independent ends, shrinking noise");

    /// <summary>cos(πt/2) noise + sin(πt/2) data (Albergo and Vanden-Eijnden 2022).</summary>
    public static FlowPath VariancePreserving { get; } = new(Paths.variancePreserving, "independent ends, constant variance");

    /// <summary>Brownian bridges between ends paired by entropic optimal transport (Tong et al. 2023).</summary>
    /// <param name="scale">σ of the bridges; training refuses one that is not positive.</param>
    public static FlowPath SchroedingerBridge(double scale) => new(Paths.schrodingerBridge(scale), $"Schrödinger bridge of scale {scale:G3}");

    /// <inheritdoc/>
    public override string ToString() => name;
}
