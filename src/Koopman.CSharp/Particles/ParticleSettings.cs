using Koopman.Particles;
namespace Koopman;

/// <summary>Settings of <see cref="ParticleSampler"/>. Lengths are in units of the data.</summary>
public sealed record ParticleSettings
{
    /// <summary>The step of Euler's method; every moment decays by this share per step near the target. Between 0 and 2, default .3.</summary>
    public double Step { get; init; } = ParticleFlow.defaults.Step;

    /// <summary>The most iterations before the jitter; at least 1. Default 60.</summary>
    public int Iterations { get; init; } = ParticleFlow.defaults.Iterations;

    /// <summary>Stop when the energy is this share of what independent samples would have. Default 1e-3.</summary>
    public double Tolerance { get; init; } = ParticleFlow.defaults.Tolerance;

    /// <summary>Put strays back on the data every so many iterations; 0 never does. Default 5.</summary>
    public int GuardEvery { get; init; } = ParticleFlow.defaults.GuardEvery;

    /// <summary>After convergence noise of this many lengths is added once, against clumping; 0 adds none. Default .6.</summary>
    public double Jitter { get; init; } = ParticleFlow.defaults.Jitter;

    /// <summary>Iterations after the jitter. Default 30.</summary>
    public int RefineIterations { get; init; } = ParticleFlow.defaults.RefineIterations;

    /// <summary>The length that caps a step and scales guard and jitter. Default: null, that of the observables.</summary>
    public double? Length { get; init; } = ParticleFlow.defaults.Length.ToNullable();

    internal ParticleOptions ToCore() => new(Step, Iterations, Tolerance, GuardEvery, Jitter, RefineIterations, Length.ToOption());
}
