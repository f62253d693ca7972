using System;
using System.Threading;
using Koopman.Particles;

namespace Koopman.CSharp;

/// <summary>How far a sampler is.</summary>
/// <param name="Iteration">Iterations done.</param>
/// <param name="Total">Iterations there will be.</param>
public readonly record struct SamplerStep(int Iteration, int Total);

/// <summary>Where a sampler ended. Holds the particles: dispose of it.</summary>
public sealed class SamplerRun : IDisposable
{
    internal SamplerRun(SamplerResult core)
    {
        Particles = new SampleSet(core.Particles);
        Iterations = core.Iterations;
        Acceptance = core.Acceptance;
    }

    /// <summary>The particles.</summary>
    public SampleSet Particles { get; }

    /// <summary>Iterations made.</summary>
    public int Iterations { get; }

    /// <summary>The share of proposals that were accepted; 1 for methods without proposals.</summary>
    public double Acceptance { get; }

    /// <summary>Frees the particles.</summary>
    public void Dispose() => Particles.Dispose();
}

/// <summary>Settings of the Markov chains of <see cref="ReferenceSampler"/>.</summary>
public sealed record ChainSettings
{
    /// <summary>The step in time of ULA and MALA, the step of the leapfrog of HMC. Default .01.</summary>
    public double Step { get; init; } = Chains.defaults.Step;

    /// <summary>How many steps, or proposals. Default 500.</summary>
    public int Iterations { get; init; } = Chains.defaults.Iterations;

    /// <summary>Leapfrog steps a proposal of HMC. Default 10.</summary>
    public int Leapfrogs { get; init; } = Chains.defaults.Leapfrogs;

    internal ChainOptions ToCore() => new(Step, Iterations, Leapfrogs);
}

/// <summary>Settings of Stein variational gradient descent.</summary>
public sealed record SteinSettings
{
    /// <summary>The step. Default .1.</summary>
    public double Step { get; init; } = Svgd.defaults.Step;

    /// <summary>How many steps. Default 300.</summary>
    public int Iterations { get; init; } = Svgd.defaults.Iterations;

    /// <summary>Whether each coordinate's step is scaled by its velocities so far. Default true.</summary>
    public bool Adaptive { get; init; } = Svgd.defaults.Adaptive;

    internal SvgdOptions ToCore() => new(Step, Iterations, Adaptive);
}

/// <summary>
/// Other ways to sample, to compare with: they use the density or score of the target, or nothing but the data. Starts are copied. Equal
/// seeds give equal particles.
/// </summary>
public static class ReferenceSampler
{
    /// <summary>Unadjusted Langevin, on a manifold or in space. Biased by the step.</summary>
    /// <param name="target">The law.</param>
    /// <param name="start">Where the particles start.</param>
    /// <param name="settings">Settings; null is the default.</param>
    /// <param name="seed">Of the noise.</param>
    /// <param name="manifold">What the particles stay on; null is the whole space.</param>
    /// <param name="progress">Told after every iteration.</param>
    /// <param name="cancellation">Asked before every iteration.</param>
    /// <exception cref="KoopmanException">A setting out of its range, shapes that do not match, or particles that left all bounds.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SamplerRun Ula(
        TargetLaw target,
        SampleSet start,
        ChainSettings? settings = null,
        int seed = 0,
        StateManifold? manifold = null,
        IProgress<SamplerStep>? progress = null,
        CancellationToken cancellation = default)
    {
        Refuse(target, start);
        return new(Chains.ula(
            Telling(progress, cancellation),
            (settings ?? new()).ToCore(),
            SeedModule.ofInt(seed),
            (manifold ?? StateManifold.Euclidean(start.Dimension)).Core,
            target.Core,
            start.Core).OrThrow());
    }

    /// <summary>Metropolis-adjusted Langevin: the step of ULA as a proposal, so that the law itself is invariant.</summary>
    /// <inheritdoc cref="Ula"/>
    public static SamplerRun Mala(
        TargetLaw target,
        SampleSet start,
        ChainSettings? settings = null,
        int seed = 0,
        IProgress<SamplerStep>? progress = null,
        CancellationToken cancellation = default)
    {
        Refuse(target, start);
        return new(Chains.mala(
            Telling(progress, cancellation), (settings ?? new()).ToCore(), SeedModule.ofInt(seed), target.Core, start.Core).OrThrow());
    }

    /// <summary>Hamiltonian Monte Carlo.</summary>
    /// <inheritdoc cref="Ula"/>
    public static SamplerRun Hmc(
        TargetLaw target,
        SampleSet start,
        ChainSettings? settings = null,
        int seed = 0,
        IProgress<SamplerStep>? progress = null,
        CancellationToken cancellation = default)
    {
        Refuse(target, start);
        return new(Chains.hmc(
            Telling(progress, cancellation), (settings ?? new()).ToCore(), SeedModule.ofInt(seed), target.Core, start.Core).OrThrow());
    }

    /// <summary>Stein variational gradient descent, with the round kernel or with one that measures distance by a matrix's inverse.</summary>
    /// <param name="target">The law.</param>
    /// <param name="start">Where the particles start.</param>
    /// <param name="settings">Settings; null is the default.</param>
    /// <param name="matrix">Symmetric and positive definite, for instance the covariance of the data; null is the round kernel.</param>
    /// <param name="progress">Told after every iteration.</param>
    /// <param name="cancellation">Asked before every iteration.</param>
    /// <inheritdoc cref="Ula" path="/exception"/>
    public static SamplerRun Stein(
        TargetLaw target,
        SampleSet start,
        SteinSettings? settings = null,
        double[,]? matrix = null,
        IProgress<SamplerStep>? progress = null,
        CancellationToken cancellation = default)
    {
        Refuse(target, start);
        var options = (settings ?? new()).ToCore();
        if (matrix is null)
            return new(Svgd.plain(Telling(progress, cancellation), options, target.Core, start.Core).OrThrow());
        using var tensor = Convert.ToTensor(matrix, nameof(matrix));
        return new(Svgd.matrix(Telling(progress, cancellation), options, tensor, target.Core, start.Core).OrThrow());
    }

    /// <summary>LAWGD: the flow along the eigenfunctions of the true generator, in at most three dimensions.</summary>
    /// <param name="system">The potential.</param>
    /// <param name="start">Where the particles start.</param>
    /// <param name="low">The lower end of a box that holds all but a negligible part of the mass, along every axis.</param>
    /// <param name="high">The upper end.</param>
    /// <param name="degree">The total degree of the Legendre polynomials.</param>
    /// <param name="nodes">Gauss points along every axis.</param>
    /// <param name="settings">Settings of the flow; null is the default.</param>
    /// <param name="seed">Of the jitter.</param>
    /// <param name="progress">Told after every iteration.</param>
    /// <param name="cancellation">Asked before every iteration.</param>
    /// <inheritdoc cref="Ula" path="/exception"/>
    public static ParticleRun ExactFlow(
        Simulation system,
        SampleSet start,
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
        return new(Lawgd.run(
            ParticleSampler.Telling(progress, cancellation),
            new LawgdOptions(low, high, degree, nodes),
            (settings ?? new()).ToCore(),
            SeedModule.ofInt(seed),
            system.Core,
            start.Core).OrThrow());
    }

    /// <summary>Data drawn again with replacement, by their weights, with noise if wanted.</summary>
    /// <param name="data">The data.</param>
    /// <param name="count">How many draws, at least 2.</param>
    /// <param name="noise">The standard deviation of the noise in every coordinate.</param>
    /// <param name="seed">Of draws and noise.</param>
    /// <exception cref="KoopmanException">Fewer than 2 draws, or negative noise.</exception>
    public static SampleSet Bootstrap(SampleSet data, int count, double noise = 0.0, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new(noise == 0.0
            ? Koopman.Particles.Bootstrap.draw(count, SeedModule.ofInt(seed), data.Core).OrThrow()
            : Koopman.Particles.Bootstrap.jittered(noise, count, SeedModule.ofInt(seed), data.Core).OrThrow());
    }

    private static void Refuse(TargetLaw target, SampleSet start)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(start);
    }

    private static Control<SamplerProgress> Telling(IProgress<SamplerStep>? progress, CancellationToken cancellation) =>
        new(Bridge.ToFunction<SamplerProgress>(now => progress?.Report(new SamplerStep(now.Iteration, now.Total))), cancellation);
}
