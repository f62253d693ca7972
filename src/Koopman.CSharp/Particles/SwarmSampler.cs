using System;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Particles;
using Microsoft.FSharp.Core;

namespace Koopman;

/// <summary>
/// Equilibrium samples from a swarm of short trajectories with arbitrary starts: Koopman reweighting, the Langevin generator under the
/// weights, and the flow of particles. The starts must cover all regions that have mass.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
/// <param name="seed">The seed of start and jitter.</param>
public sealed class SwarmSampler(SwarmSettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public SwarmSettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Reweights the pairs, learns the generator and moves particles.</summary>
    /// <param name="pairs">The ends of the short trajectories.</param>
    /// <param name="particles">The number of particles.</param>
    /// <param name="region">The index of the region of a point, from 0; negative for none. Null if no masses are wanted.</param>
    /// <param name="regions">The number of regions.</param>
    /// <param name="progress">Reports after every iteration of the flow.</param>
    /// <param name="cancellation">Checked at every iteration of the flow.</param>
    /// <exception cref="KoopmanException">Data that cannot be reweighted, or a setting out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SwarmResult Run(
        SnapshotPairs pairs,
        int particles,
        Func<double[], int>? region = null,
        int regions = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Swarm.run(
            progress.ToControl(cancellation),
            Settings.ToCore(),
            Seed.ToSeed(),
            FuncConvert.FromFunc(region ?? (_ => -1)),
            regions,
            particles,
            null,
            pairs).OrThrow();
    }

    /// <summary>As <see cref="Run"/>, on its own thread. Keep the pairs until it ends.</summary>
    /// <inheritdoc cref="Run" path="/exception"/>
    public Task<SwarmResult> RunAsync(
        SnapshotPairs pairs,
        int particles,
        Func<double[], int>? region = null,
        int regions = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Run(pairs, particles, region, regions, progress, cancellation), cancellation);
}
