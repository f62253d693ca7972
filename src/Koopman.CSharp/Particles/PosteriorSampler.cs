using System;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Particles;

namespace Koopman;

/// <summary>
/// Samples of a posterior, from samples of the prior and the likelihood at them. Both methods use importance weights, and fail if too few
/// samples carry weight.
/// </summary>
/// <param name="prior">Samples of the prior. The sampler does not own them.</param>
/// <param name="logLikelihood">The logarithm of the likelihood at each sample, up to a constant.</param>
public sealed class PosteriorSampler(Samples prior, ReadOnlyMemory<double> logLikelihood) : IDisposable
{
    /// <summary>The samples of the prior, weighted by the likelihood.</summary>
    public Samples Weighted { get; } =
        Conditioning.weigh(logLikelihood.ToArray(), prior ?? throw new ArgumentNullException(nameof(prior))).OrThrow();

    /// <summary>
    /// Moves particles of the prior along the field of the prior until their means match those of the posterior. For mild likelihoods;
    /// needs no new fit.
    /// </summary>
    /// <param name="field">The field of the prior; smooth global functions, such as polynomials, move tails best.</param>
    /// <param name="start">Particles of the prior.</param>
    /// <param name="settings">Settings of the flow; null for the default.</param>
    /// <param name="seed">The seed of the jitter.</param>
    /// <param name="progress">Reports after every iteration.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
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
    /// Learns the generator of the posterior under the weights, and moves particles that start at samples drawn by weight. For strong
    /// likelihoods; also the most accurate for mild ones.
    /// </summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="count">The number of particles.</param>
    /// <param name="temperature">T of the prior's dynamics; it only sets the unit of time.</param>
    /// <param name="settings">Settings of the flow; null for the default.</param>
    /// <param name="seed">The seed of start and jitter.</param>
    /// <param name="progress">Reports after every iteration.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
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
