using System;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Particles;

namespace Koopman;

/// <summary>
/// Samples of a law under a likelihood, from samples of the law and the likelihood at them. Both ways rest on importance weights, and fail
/// with them when too few samples carry weight.
/// </summary>
/// <param name="prior">Samples of the law. The sampler does not own them.</param>
/// <param name="logLikelihood">The logarithm of the likelihood at each sample, up to a constant.</param>
public sealed class PosteriorSampler(Samples prior, ReadOnlyMemory<double> logLikelihood) : IDisposable
{
    /// <summary>The prior's samples under the likelihood's weights.</summary>
    public Samples Weighted { get; } =
        Conditioning.weigh(logLikelihood.ToArray(), prior ?? throw new ArgumentNullException(nameof(prior))).OrThrow();

    /// <summary>
    /// Moves the prior's particles along the prior's field until its means are those of the posterior. For mild likelihoods; no new fit.
    /// </summary>
    /// <param name="field">The field of the prior; smooth global functions, polynomials for instance, move tails best.</param>
    /// <param name="start">Particles of the prior.</param>
    /// <param name="settings">Settings of the flow; null is the default.</param>
    /// <param name="seed">Of the jitter.</param>
    /// <param name="progress">Reports after every iteration.</param>
    /// <param name="cancellation">Obeyed within one iteration.</param>
    /// <exception cref="KoopmanException">Too few samples carry weight, or shapes that do not match.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ConditionalResult Shift(
        ParticleField field,
        Samples start,
        ParticleSettings? settings = null,
        int seed = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(start);
        return Conditioning.shift(
            progress.ToControl(cancellation),
            (settings ?? new()).ToCore(),
            seed.ToSeed(),
            field,
            Weighted,
            start).OrThrow();
    }

    /// <summary>
    /// Learns the posterior's own generator under the weights, and moves particles that start on samples drawn by weight. For strong
    /// likelihoods, and the most accurate for all.
    /// </summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="count">How many particles.</param>
    /// <param name="temperature">T of the prior's dynamics; it only sets the unit of time.</param>
    /// <param name="settings">Settings of the flow; null is the default.</param>
    /// <param name="seed">Of start and jitter.</param>
    /// <param name="progress">Reports after every iteration.</param>
    /// <param name="cancellation">Obeyed within one iteration.</param>
    /// <inheritdoc cref="Shift" path="/exception"/>
    public ConditionalResult Generate(
        Observables observables,
        int count,
        double temperature = 1.0,
        ParticleSettings? settings = null,
        int seed = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(observables);
        return Conditioning.generator(
            progress.ToControl(cancellation),
            (settings ?? new()).ToCore(),
            seed.ToSeed(),
            temperature,
            observables,
            Weighted,
            count).OrThrow();
    }

    /// <summary>As <see cref="Generate"/>, on its own thread.</summary>
    /// <inheritdoc cref="Shift" path="/exception"/>
    public Task<ConditionalResult> GenerateAsync(
        Observables observables,
        int count,
        double temperature = 1.0,
        ParticleSettings? settings = null,
        int seed = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Generate(observables, count, temperature, settings, seed, progress, cancellation), cancellation);

    /// <summary>Frees the weighted samples.</summary>
    public void Dispose() => Weighted.Dispose();
}
