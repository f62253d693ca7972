using System;
using Koopman.Particles;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>
/// What drives particles: the energy E = ½ Δᵀ P Δ of the difference between their mean of some functions and a target mean, and the
/// velocity -T ∇ψᵀ P Δ. Holds tensors: dispose of it.
/// </summary>
public sealed class ParticleField : IDisposable
{
    internal ParticleField(FlowField core)
    {
        this.core = core;
    }

    private readonly FlowField core;

    internal FlowField Core
    {
        get
        {
            Check.Alive(core.Root, this);
            return core;
        }
    }

    /// <summary>How many independent functions are matched.</summary>
    public int Rank => Core.Rank;

    /// <summary>The temperature T.</summary>
    public double Temperature => core.Temperature;

    /// <summary>The field of a spectrum, whose model must outlive it.</summary>
    /// <param name="model">Reversible.</param>
    /// <param name="data">The samples that it was fitted to.</param>
    /// <param name="resolvent">A rate added to all rates: more slows slow modes down.</param>
    /// <exception cref="KoopmanException">A spectrum that drives nothing, shapes that do not match, or a negative resolvent.</exception>
    public static ParticleField FromSpectrum(SpectralModel model, SampleSet data, double resolvent = 0.0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        return new(FlowFieldModule.ofSpectrum(resolvent, model.Core, data.Core).OrThrow());
    }

    /// <summary>The field of all functions, without an eigenproblem. The functions must outlive it.</summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="data">Samples of the law, weighted or not.</param>
    /// <param name="temperature">T, positive.</param>
    /// <param name="resolvent">A rate added to all rates.</param>
    /// <exception cref="KoopmanException">A setting out of its range, shapes that do not match, or functions constant on the data.</exception>
    public static ParticleField FullRank(ObservableSet observables, SampleSet data, double temperature = 1.0, double resolvent = 0.0)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(data);
        return new(FlowFieldModule.fullRank(resolvent, temperature, observables.Core, data.Core).OrThrow());
    }

    /// <summary>The same field with the means over other samples as its target.</summary>
    /// <exception cref="KoopmanException">The samples are of another space.</exception>
    public ParticleField Towards(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new(FlowFieldModule.towards(samples.Core, Core).OrThrow());
    }

    /// <summary>E of particles.</summary>
    /// <exception cref="ArgumentException">They are of another space.</exception>
    public double Energy(SampleSet particles) => FlowFieldModule.energy(Core, Particles(particles));

    /// <summary>The velocity of each particle (M, d).</summary>
    /// <exception cref="ArgumentException">They are of another space.</exception>
    public double[,] Velocity(SampleSet particles) => Convert.ToMatrix(FlowFieldModule.velocity(Core, Particles(particles)));

    /// <summary>The mean energy of as many independent samples of the law.</summary>
    public double IndependentEnergy(int particles)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(particles, 1);
        return Core.IndependentEnergy(particles);
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    private Samples Particles(SampleSet particles)
    {
        ArgumentNullException.ThrowIfNull(particles);
        Check.Points(particles.Points, Core.Observables.Dimension, nameof(particles));
        return particles.Core;
    }
}
