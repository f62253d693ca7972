using Koopman.Particles;
namespace Koopman;

/// <summary>Settings of <see cref="ParticleSampler"/>. Lengths are in units of the data.</summary>
public sealed record ParticleSettings
{
    /// <summary>
    /// The step of Euler's method; every moment decays by this fraction per step near the target. Between 0 and 2, default .3.
    /// </summary>
    public double Step { get; init; } = ParticleFlow.defaults.Step;

    /// <summary>The maximum number of iterations before the jitter; at least 1. Default 60.</summary>
    public int Iterations { get; init; } = ParticleFlow.defaults.Iterations;

    /// <summary>Stop when the energy is below this fraction of that of independent samples. Default 1e-3.</summary>
    public double Tolerance { get; init; } = ParticleFlow.defaults.Tolerance;

    /// <summary>Move stray particles back to the data every this many iterations; 0 for never. Default 5.</summary>
    public int GuardEvery { get; init; } = ParticleFlow.defaults.GuardEvery;

    /// <summary>After convergence, noise of this many lengths is added once, against clumping; 0 for none. Default .6.</summary>
    public double Jitter { get; init; } = ParticleFlow.defaults.Jitter;

    /// <summary>Iterations after the jitter. Default 30.</summary>
    public int RefineIterations { get; init; } = ParticleFlow.defaults.RefineIterations;

    /// <summary>
    /// The length that limits a step and sets the scale of the guard and the jitter. Default: null, that of the observables.
    /// </summary>
    public double? Length { get; init; } = ParticleFlow.defaults.Length.ToNullable();

    internal ParticleOptions ToCore() => new(Step, Iterations, Tolerance, GuardEvery, Jitter, RefineIterations, Length.ToOption());
}
