using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;
using Koopman.Particles;

namespace Koopman.CSharp;

/// <summary>
/// From a swarm of short trajectories, started anywhere, to samples of the equilibrium that none of them reached: Koopman reweighting, the
/// Langevin generator under the weights, and the flow of particles. The starts must cover the regions that have mass.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
/// <param name="seed">Of start and jitter.</param>
public sealed class SwarmSampler(SwarmSettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public SwarmSettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Weighs, learns and moves.</summary>
    /// <param name="pairs">The ends of the short trajectories.</param>
    /// <param name="particles">How many particles.</param>
    /// <param name="region">The number of a point's region, from 0; negative for none. Null: no masses are asked for.</param>
    /// <param name="regions">How many regions.</param>
    /// <param name="progress">Told after every iteration of the flow.</param>
    /// <param name="cancellation">Asked before every iteration of the flow.</param>
    /// <exception cref="KoopmanException">Data that cannot be weighed, or a setting out of its range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SwarmRun Run(
        TransitionSet pairs,
        int particles,
        Func<double[], int>? region = null,
        int regions = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default) =>
        new(Core(pairs, particles, region, regions, progress, cancellation).OrThrow());

    /// <summary>As <see cref="Run"/>, without throwing over data and settings.</summary>
    /// <returns>Whether there is a run; if not, <paramref name="error"/> says why.</returns>
    public bool TryRun(
        TransitionSet pairs,
        int particles,
        [NotNullWhen(true)] out SwarmRun? run,
        [NotNullWhen(false)] out KoopmanError? error,
        Func<double[], int>? region = null,
        int regions = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Core(pairs, particles, region, regions, progress, cancellation).TryGet(core => new SwarmRun(core), out run, out error);

    /// <summary>As <see cref="Run"/>, on its own thread. Keep the pairs until it ends.</summary>
    /// <inheritdoc cref="Run" path="/exception"/>
    public Task<SwarmRun> RunAsync(
        TransitionSet pairs,
        int particles,
        Func<double[], int>? region = null,
        int regions = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Run(pairs, particles, region, regions, progress, cancellation), cancellation);

    private FSharpResult<SwarmResult, KoopmanError> Core(
        TransitionSet pairs,
        int particles,
        Func<double[], int>? region,
        int regions,
        IProgress<ParticleProgress>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Swarm.run(
            ParticleSampler.Telling(progress, cancellation),
            Settings.ToCore(),
            SeedModule.ofInt(Seed),
            FuncConvert.FromFunc(region ?? (_ => -1)),
            regions,
            particles,
            null,
            pairs.Core);
    }
}

/// <summary>The equilibrium mass of a region.</summary>
/// <param name="Particles">The part of the particles in it.</param>
/// <param name="Data">The part of the reweighted data in it.</param>
/// <param name="StandardError">Of the latter, by leaving out one block of pairs after the other.</param>
public readonly record struct EquilibriumMass(double Particles, double Data, double StandardError);

/// <summary>Equilibrium samples from short trajectories. Holds tensors: dispose of it.</summary>
public sealed class SwarmRun : IDisposable
{
    internal SwarmRun(SwarmResult core)
    {
        Flow = new ParticleRun(core.Flow);
        Reweighted = new SampleSet(core.Reweighted);
        EffectiveSize = core.Weights.EffectiveSize;
        NegativeShare = core.Weights.NegativeShare;
        Masses = Array.AsReadOnly(
            core.Masses.Select(mass => new EquilibriumMass(mass.Particles, mass.Data, mass.StandardError)).ToArray());
    }

    /// <summary>The flow with its particles.</summary>
    public ParticleRun Flow { get; }

    /// <summary>The states under their equilibrium weights.</summary>
    public SampleSet Reweighted { get; }

    /// <summary>How many equally weighted states would carry as much.</summary>
    public double EffectiveSize { get; }

    /// <summary>The share of the weight that came out negative and was dropped.</summary>
    public double NegativeShare { get; }

    /// <summary>The masses of the regions.</summary>
    public IReadOnlyList<EquilibriumMass> Masses { get; }

    /// <summary>Frees particles and samples.</summary>
    public void Dispose()
    {
        Flow.Dispose();
        Reweighted.Dispose();
    }
}
