using System;
using System.Collections.Generic;
using Koopman.Particles;

namespace Koopman.CSharp;

/// <summary>How far a run is.</summary>
/// <param name="Iteration">Iterations done.</param>
/// <param name="Total">The most iterations there will be.</param>
/// <param name="EnergyRatio">The energy over that of as many independent samples.</param>
public readonly record struct ParticleProgress(int Iteration, int Total, double EnergyRatio);

/// <summary>Where a run ended. Holds the particles: dispose of it, or of them.</summary>
public sealed class ParticleRun : IDisposable
{
    private readonly FlowResult core;

    internal ParticleRun(FlowResult core)
    {
        this.core = core;
        Particles = new SampleSet(core.Particles);
        Energies = Array.AsReadOnly(core.Energies);
        Groups = Array.AsReadOnly(core.Groups);
    }

    /// <summary>The particles (M, d), equally weighted.</summary>
    public SampleSet Particles { get; }

    /// <summary>E = ½ Σ_k c_k²/η_k before every iteration and at the end.</summary>
    public IReadOnlyList<double> Energies { get; }

    /// <summary>The mean E of as many independent samples of the law.</summary>
    public double IndependentEnergy => core.IndependentEnergy;

    /// <summary>The last energy over that of independent samples: well below 1 when the moments match.</summary>
    public double EnergyRatio => core.EnergyRatio;

    /// <summary>Iterations made in all.</summary>
    public int Iterations => core.Iterations;

    /// <summary>How many times a particle was put back on the data.</summary>
    public int Snapped => core.Snapped;

    /// <summary>Whether the tolerance was reached before the jitter.</summary>
    public bool Converged => core.Converged;

    /// <summary>The masses of the groups into which the data fall, by falling mass; one entry of 1 if they hang together.</summary>
    public IReadOnlyList<double> Groups { get; }

    /// <summary>What the particles cannot know, in words, or null: the masses of groups with no data between them.</summary>
    public string? Warning => core.Warning?.Value;

    /// <summary>Frees the particles.</summary>
    public void Dispose() => Particles.Dispose();
}
