using Koopman.Particles;
namespace Koopman;

/// <summary>Settings of <see cref="SwarmSampler"/>.</summary>
public sealed record SwarmSettings
{
    /// <summary>T of dX = -∇V dt + √(2T) dW. Default: null, that of the pairs, or the estimate from their increments.</summary>
    public double? Temperature { get; init; } = Swarm.defaults.Temperature.ToNullable();

    /// <summary>Settings of the Gaussian observables.</summary>
    public GaussianSettings Observables { get; init; } = new();

    /// <summary>The cut of the reweighting. Default: null, the one with the least negative weight.</summary>
    public double? RankTolerance { get; init; }

    /// <summary>Settings of the flow.</summary>
    public ParticleSettings Flow { get; init; } = new();

    /// <summary>The number of blocks for error bars, at least 4. Default 20.</summary>
    public int Blocks { get; init; } = Swarm.defaults.Blocks;

    internal SwarmOptions ToCore() =>
        new(Temperature.ToOption(), Observables.ToCore(), (RankTolerance is { } cut ? new ReweightingOptions(cut) : null).ToOption(), Flow.ToCore(), Blocks);
}
