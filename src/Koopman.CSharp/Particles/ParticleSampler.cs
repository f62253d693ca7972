using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;
using Koopman.Particles;

namespace Koopman.CSharp;

/// <summary>
/// Moves particles to the law of the data along the learned spectrum (Koopman spectral Wasserstein gradient descent). Neither the
/// potential nor its score is used. Equal seeds and starts give equal particles.
/// </summary>
/// <param name="model">Eigenfunctions with gradients; keep all modes: few modes leave the shape of the start.</param>
/// <param name="data">The samples that the model was fitted to; they guard against strays.</param>
/// <param name="settings">Settings; null is the default.</param>
/// <param name="seed">Of the jitter.</param>
public sealed class ParticleSampler(SpectralModel model, SampleSet data, ParticleSettings? settings = null, int seed = 0)
{
    /// <summary>The model that is sampled. The sampler does not own it.</summary>
    public SpectralModel Model { get; } = model ?? throw new ArgumentNullException(nameof(model));

    /// <summary>The data that guard. The sampler does not own them.</summary>
    public SampleSet Data { get; } = data ?? throw new ArgumentNullException(nameof(data));

    /// <summary>The settings.</summary>
    public ParticleSettings Settings { get; } = settings ?? new();

    /// <summary>The seed of the jitter.</summary>
    public int Seed { get; } = seed;

    /// <summary>Moves particles. The start is copied, not changed.</summary>
    /// <param name="start">Where they start; anywhere will do, those far from all data start on it.</param>
    /// <param name="progress">Told after every iteration, on the thread that works.</param>
    /// <param name="cancellation">Asked before every iteration.</param>
    /// <exception cref="KoopmanException">Shapes that do not match, a setting out of its range, or particles that left all bounds.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ParticleRun Run(SampleSet start, IProgress<ParticleProgress>? progress = null, CancellationToken cancellation = default) =>
        new(Core(start, progress, cancellation).OrThrow());

    /// <summary>As <see cref="Run"/>, without throwing over data and settings.</summary>
    /// <returns>Whether there is a run; if not, <paramref name="error"/> says why.</returns>
    public bool TryRun(
        SampleSet start,
        [NotNullWhen(true)] out ParticleRun? run,
        [NotNullWhen(false)] out KoopmanError? error,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Core(start, progress, cancellation).TryGet(core => new ParticleRun(core), out run, out error);

    /// <summary>As <see cref="Run"/>, on its own thread. Keep start, data and model until it ends.</summary>
    /// <inheritdoc cref="Run" path="/exception"/>
    public Task<ParticleRun> RunAsync(
        SampleSet start,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Run(start, progress, cancellation), cancellation);

    /// <summary>Moves particles along a field, on a manifold.</summary>
    /// <param name="field">What drives them; on a manifold best made of <see cref="StateManifold.Observables"/>.</param>
    /// <param name="data">Samples of the law to be reached; they guard against strays.</param>
    /// <param name="start">Where the particles start. It is copied, not changed.</param>
    /// <param name="manifold">What they stay on; null is the whole space.</param>
    /// <param name="settings">Settings; null is the default.</param>
    /// <param name="seed">Of the jitter.</param>
    /// <param name="progress">Told after every iteration, on the thread that works.</param>
    /// <param name="cancellation">Asked before every iteration.</param>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static ParticleRun Follow(
        ParticleField field,
        SampleSet data,
        SampleSet start,
        StateManifold? manifold = null,
        ParticleSettings? settings = null,
        int seed = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(start);
        return new(SpectralFlow.follow(
            Telling(progress, cancellation),
            (settings ?? new()).ToCore(),
            SeedModule.ofInt(seed),
            (manifold ?? StateManifold.Euclidean(data.Dimension)).Core,
            field.Core,
            data.Core,
            start.Core).OrThrow());
    }

    /// <summary>As <see cref="Follow"/>, but at its start: the session moves it, can be stopped at any iteration, and saved.</summary>
    /// <param name="field">What drives the particles; it must outlive the session.</param>
    /// <param name="data">Samples of the law to be reached; they must outlive the session.</param>
    /// <param name="start">Where the particles start. It is copied, not changed.</param>
    /// <param name="manifold">What they stay on; null is the whole space.</param>
    /// <param name="settings">Settings; null is the default.</param>
    /// <param name="seed">Of the jitter.</param>
    /// <exception cref="KoopmanException">Shapes that do not match, or a setting out of its range.</exception>
    public static ParticleSession Start(
        ParticleField field,
        SampleSet data,
        SampleSet start,
        StateManifold? manifold = null,
        ParticleSettings? settings = null,
        int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(start);
        return new(SpectralFlow.start(
            (settings ?? new()).ToCore(),
            SeedModule.ofInt(seed),
            (manifold ?? StateManifold.Euclidean(data.Dimension)).Core,
            field.Core,
            data.Core,
            start.Core).OrThrow());
    }

    /// <summary>As <see cref="Follow"/>, on its own thread. Keep field, data and start until it ends.</summary>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static Task<ParticleRun> FollowAsync(
        ParticleField field,
        SampleSet data,
        SampleSet start,
        StateManifold? manifold = null,
        ParticleSettings? settings = null,
        int seed = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Follow(field, data, start, manifold, settings, seed, progress, cancellation), cancellation);

    /// <summary>How Core is told of progress and cancellation.</summary>
    internal static Control<FlowProgress> Telling(IProgress<ParticleProgress>? progress, CancellationToken cancellation) =>
        new(
            Bridge.ToFunction<FlowProgress>(now => progress?.Report(new ParticleProgress(now.Iteration, now.Total, now.EnergyRatio))),
            cancellation);

    private FSharpResult<FlowResult, KoopmanError> Core(
        SampleSet start, IProgress<ParticleProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(start);
        return SpectralFlow.run(
            Telling(progress, cancellation), Settings.ToCore(), SeedModule.ofInt(Seed), Model.Core, Data.Core, start.Core);
    }
}
