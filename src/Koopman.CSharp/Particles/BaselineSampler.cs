using System;
using System.Threading;
using Koopman.Particles;

namespace Koopman;

/// <summary>Settings of the Markov chains of <see cref="BaselineSampler"/>.</summary>
public sealed record ChainSettings
{
    /// <summary>The step in time of ULA and MALA, the step of the leapfrog of HMC. Default .01.</summary>
    public double Step { get; init; } = Chains.defaults.Step;

    /// <summary>The number of steps, or proposals. Default 500.</summary>
    public int Iterations { get; init; } = Chains.defaults.Iterations;

    /// <summary>Leapfrog steps per proposal of HMC. Default 10.</summary>
    public int Leapfrogs { get; init; } = Chains.defaults.Leapfrogs;

    internal ChainOptions ToCore() => new(Step, Iterations, Leapfrogs);
}

/// <summary>Settings of Stein variational gradient descent.</summary>
public sealed record SteinSettings
{
    /// <summary>The step. Default .1.</summary>
    public double Step { get; init; } = Svgd.defaults.Step;

    /// <summary>The number of steps. Default 300.</summary>
    public int Iterations { get; init; } = Svgd.defaults.Iterations;

    /// <summary>True if each coordinate's step is scaled by its past velocities. Default true.</summary>
    public bool Adaptive { get; init; } = Svgd.defaults.Adaptive;

    internal SvgdOptions ToCore() => new(Step, Iterations, Adaptive);
}

/// <summary>
/// Other sampling methods for comparison: they use the density or score of the target, or only the data. Starts are copied. Equal
/// seeds give equal particles.
/// </summary>
public static class BaselineSampler
{
    /// <summary>The unadjusted Langevin algorithm, on a manifold or in R^d. Its bias depends on the step.</summary>
    /// <param name="target">The law.</param>
    /// <param name="start">The starting points of the particles.</param>
    /// <param name="settings">Settings; null for the default.</param>
    /// <param name="seed">The seed of the noise.</param>
    /// <param name="manifold">The manifold of the particles; null for the whole space.</param>
    /// <param name="progress">Reports after every iteration.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
    /// <exception cref="KoopmanException">A setting out of range, shapes that do not match, or particles that diverged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SamplerResult Ula(
        Target target,
        Samples start,
        ChainSettings? settings = null,
        int seed = 0,
        Manifold? manifold = null,
        IProgress<SamplerProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Refuse(target, start);
        return Chains.ula(
            progress.ToControl(cancellation),
            (settings ?? new()).ToCore(),
            seed.ToSeed(),
            manifold ?? Manifold.Euclidean(start.Dimension),
            target,
            start).OrThrow();
    }

    /// <summary>Metropolis-adjusted Langevin: the step of ULA as a proposal, so that the law itself is invariant.</summary>
    /// <inheritdoc cref="Ula"/>
    public static SamplerResult Mala(
        Target target,
        Samples start,
        ChainSettings? settings = null,
        int seed = 0,
        IProgress<SamplerProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Refuse(target, start);
        return Chains.mala(
            progress.ToControl(cancellation), (settings ?? new()).ToCore(), seed.ToSeed(), target, start).OrThrow();
    }

    /// <summary>Hamiltonian Monte Carlo.</summary>
    /// <inheritdoc cref="Ula"/>
    public static SamplerResult Hmc(
        Target target,
        Samples start,
        ChainSettings? settings = null,
        int seed = 0,
        IProgress<SamplerProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Refuse(target, start);
        return Chains.hmc(
            progress.ToControl(cancellation), (settings ?? new()).ToCore(), seed.ToSeed(), target, start).OrThrow();
    }

    /// <summary>
    /// Stein variational gradient descent, with an isotropic kernel or one with distances measured by the inverse of a matrix.
    /// </summary>
    /// <param name="target">The law.</param>
    /// <param name="start">The starting points of the particles.</param>
    /// <param name="settings">Settings; null for the default.</param>
    /// <param name="matrix">Symmetric and positive definite, such as the covariance of the data; null for the isotropic kernel.</param>
    /// <param name="progress">Reports after every iteration.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
    /// <inheritdoc cref="Ula" path="/exception"/>
    public static SamplerResult Stein(
        Target target,
        Samples start,
        SteinSettings? settings = null,
        double[,]? matrix = null,
        IProgress<SamplerProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Refuse(target, start);
        var options = (settings ?? new()).ToCore();
        if (matrix is null)
            return Svgd.plain(progress.ToControl(cancellation), options, target, start).OrThrow();
        using var tensor = matrix.ToTensor(nameof(matrix));
        return Svgd.matrix(progress.ToControl(cancellation), options, tensor, target, start).OrThrow();
    }

    /// <summary>LAWGD: the flow along the eigenfunctions of the true generator, in at most three dimensions.</summary>
    /// <param name="system">The potential.</param>
    /// <param name="start">The starting points of the particles.</param>
    /// <param name="low">The lower end, along every axis, of a box that contains all but a negligible part of the mass.</param>
    /// <param name="high">The upper end.</param>
    /// <param name="degree">The total degree of the Legendre polynomials.</param>
    /// <param name="nodes">Gauss points along every axis.</param>
    /// <param name="settings">Settings of the flow; null for the default.</param>
    /// <param name="seed">The seed of the jitter.</param>
    /// <param name="progress">Reports after every iteration.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
    /// <inheritdoc cref="Ula" path="/exception"/>
    public static ParticleResult ExactFlow(
        LangevinSystem system,
        Samples start,
        double low = -2.5,
        double high = 2.5,
        int degree = 20,
        int nodes = 60,
        ParticleSettings? settings = null,
        int seed = 0,
        IProgress<ParticleProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(start);
        return Lawgd.run(
            progress.ToControl(cancellation),
            new LawgdOptions(low, high, degree, nodes),
            (settings ?? new()).ToCore(),
            seed.ToSeed(),
            system,
            start).OrThrow();
    }

    /// <summary>Data resampled with replacement, by their weights, optionally with noise.</summary>
    /// <param name="data">The data.</param>
    /// <param name="count">The number of draws, at least 2.</param>
    /// <param name="noise">The standard deviation of the noise in every coordinate.</param>
    /// <param name="seed">The seed of draws and noise.</param>
    /// <exception cref="KoopmanException">Fewer than 2 draws, or negative noise.</exception>
    public static Samples Bootstrap(Samples data, int count, double noise = 0.0, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(data);
        return noise == 0.0
            ? Koopman.Particles.Bootstrap.draw(count, seed.ToSeed(), data).OrThrow()
            : Koopman.Particles.Bootstrap.jittered(noise, count, seed.ToSeed(), data).OrThrow();
    }

    private static void Refuse(Target target, Samples start)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(start);
    }
}
