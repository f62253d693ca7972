using System;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Particles;

namespace Koopman;

/// <summary>
/// Moves particles to the law of the data along the learned spectrum (Koopman spectral Wasserstein gradient descent). Neither the
/// potential nor its score is used. Equal seeds and starts give equal particles.
/// </summary>
/// <param name="model">Eigenfunctions with gradients. Keep all modes: with few modes the result keeps the shape of the start.</param>
/// <param name="data">The samples that the model was fitted to; they keep stray particles near the data.</param>
/// <param name="settings">Settings; null for the default.</param>
/// <param name="seed">The seed of the jitter.</param>
public sealed class ParticleSampler(Spectrum model, Samples data, ParticleSettings? settings = null, int seed = 0)
{
    /// <summary>The spectrum. The sampler does not own it.</summary>
    public Spectrum Model { get; } = model ?? throw new ArgumentNullException(nameof(model));

    /// <summary>The data near which particles are kept. The sampler does not own them.</summary>
    public Samples Data { get; } = data ?? throw new ArgumentNullException(nameof(data));

    /// <summary>The settings.</summary>
    public ParticleSettings Settings { get; } = settings ?? new();

    /// <summary>The seed of the jitter.</summary>
    public int Seed { get; } = seed;

    /// <summary>Moves particles. The start is copied, not changed.</summary>
    /// <param name="start">The starting points, anywhere; those far from all data are first moved to the data.</param>
    /// <param name="progress">Reports after every iteration, on the worker thread.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
    /// <exception cref="KoopmanException">Shapes that do not match, a setting out of range, or particles that diverged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ParticleResult Run(Samples start, IProgress<ParticleProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        return ParticleFlow.run(progress.ToControl(cancellation), Settings.ToCore(), Seed.ToSeed(), Model, Data, start).OrThrow();
    }

    /// <summary>As <see cref="Run"/>, on its own thread. Keep start, data and model until it ends.</summary>
    /// <inheritdoc cref="Run" path="/exception"/>
    public Task<ParticleResult> RunAsync(
        Samples start, IProgress<ParticleProgress>? progress = null, CancellationToken cancellation = default) =>
        OwnThread.Run(() => Run(start, progress, cancellation), cancellation);

    /// <summary>
    /// New samples of the law that data follow, in one call and the same in any units: every column is measured in its own scale, automatic
    /// Gaussians are laid over the data, and particles flow from a Gaussian of their mean and covariance. If a marginal misses that of the data, it is
    /// done again with the Gaussians twice and four times as wide, and the best is returned. Constant columns stay exactly constant. Read the
    /// result's <c>Warnings</c>.
    /// </summary>
    /// <param name="data">Samples of the law, weighted or not.</param>
    /// <param name="count">How many particles, at least 2.</param>
    /// <param name="settings">Settings, with lengths in units of each column's scale; null is the default.</param>
    /// <param name="seed">Of centres, start and jitter.</param>
    /// <param name="progress">Reports after every iteration, on the worker thread.</param>
    /// <param name="cancellation">Obeyed within one iteration.</param>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static ParticleResult Sample(
        Samples data,
        int count,
        ParticleSettings? settings = null,
        int seed = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return ParticleFlow.sample(progress.ToControl(cancellation), (settings ?? new()).ToCore(), count, seed.ToSeed(), data).OrThrow();
    }

    /// <summary>The same from a start of one's own.</summary>
    /// <param name="data">Samples of the law, weighted or not.</param>
    /// <param name="start">The starting points of the particles. It is copied, not changed.</param>
    /// <param name="settings">Settings, with lengths in units of each column's scale; null is the default.</param>
    /// <param name="seed">Of centres and jitter.</param>
    /// <param name="progress">Reports after every iteration, on the worker thread.</param>
    /// <param name="cancellation">Obeyed within one iteration.</param>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static ParticleResult Sample(
        Samples data,
        Samples start,
        ParticleSettings? settings = null,
        int seed = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(start);
        return ParticleFlow.sampleFrom(progress.ToControl(cancellation), (settings ?? new()).ToCore(), seed.ToSeed(), data, start).OrThrow();
    }

    /// <summary>Moves particles along a field, optionally on a manifold.</summary>
    /// <param name="field">The velocity field; on a manifold preferably made from <c>manifold.Observables</c>.</param>
    /// <param name="data">Samples of the target law; they keep stray particles near the data.</param>
    /// <param name="start">The starting points of the particles. It is copied, not changed.</param>
    /// <param name="manifold">The manifold of the particles; null for the whole space.</param>
    /// <param name="settings">Settings; null for the default.</param>
    /// <param name="seed">The seed of the jitter.</param>
    /// <param name="progress">Reports after every iteration, on the worker thread.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static ParticleResult Follow(
        ParticleField field,
        Samples data,
        Samples start,
        Manifold? manifold = null,
        ParticleSettings? settings = null,
        int seed = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using var run = Start(field, data, start, manifold, settings, seed);
        run.Continue(progress, cancellation);
        return run.Result();
    }

    /// <summary>
    /// As <see cref="Follow"/>, but before its first iteration: the run can be continued, stopped at any iteration, and saved.
    /// </summary>
    /// <param name="field">The velocity field of the particles.</param>
    /// <param name="data">Samples of the target law.</param>
    /// <param name="start">The starting points of the particles. It is copied, not changed.</param>
    /// <param name="manifold">The manifold of the particles; null for the whole space.</param>
    /// <param name="settings">Settings; null for the default.</param>
    /// <param name="seed">The seed of the jitter.</param>
    /// <exception cref="KoopmanException">Shapes that do not match, or a setting out of range.</exception>
    public static ParticleRun Start(
        ParticleField field, Samples data, Samples start, Manifold? manifold = null, ParticleSettings? settings = null, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(start);
        return ParticleFlow.start(
            (settings ?? new()).ToCore(), seed.ToSeed(), manifold ?? Manifold.Euclidean(data.Dimension), field, data, start).OrThrow();
    }
}
