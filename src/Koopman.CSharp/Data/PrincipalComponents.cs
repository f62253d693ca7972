using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;

namespace Koopman.CSharp;

/// <summary>
/// Principal components: an orthonormal map from R^d to R^k with an inverse on its range. Holds tensors: dispose of it.
/// </summary>
public sealed class PrincipalComponents : IDisposable
{
    private readonly Pca core;

    private PrincipalComponents(Pca core)
    {
        this.core = core;
        Variances = Array.AsReadOnly(core.Variances);
    }

    /// <summary>The variance of the data along each direction (k), falling.</summary>
    public IReadOnlyList<double> Variances { get; }

    /// <summary>The part of the data's variance that the k directions carry, between 0 and 1.</summary>
    public double Explained => core.Explained;

    internal Pca Core
    {
        get
        {
            Check.Alive(core.Mean, this);
            return core;
        }
    }

    /// <summary>The k leading principal components of the data.</summary>
    /// <param name="samples">The data (n, d).</param>
    /// <param name="count">k, from 1 to d.</param>
    /// <exception cref="KoopmanException">There are fewer than k dimensions, or k is below 1.</exception>
    public static PrincipalComponents Fit(SampleSet samples, int count)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new PrincipalComponents(PcaModule.fit(count, samples.Core).OrThrow());
    }

    /// <summary>As <see cref="Fit"/>, without throwing over data and settings.</summary>
    /// <returns>Whether there are components; if not, <paramref name="error"/> says why.</returns>
    public static bool TryFit(
        SampleSet samples,
        int count,
        [NotNullWhen(true)] out PrincipalComponents? components,
        [NotNullWhen(false)] out KoopmanError? error)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return PcaModule.fit(count, samples.Core).TryGet(pca => new PrincipalComponents(pca), out components, out error);
    }

    /// <summary>The mean of the data (d).</summary>
    public double[] Mean() => Convert.ToVector(core.Mean.alias());

    /// <summary>The principal directions in rows (k, d), orthonormal, by falling variance.</summary>
    public double[,] Components() => Convert.ToMatrix(core.Components.alias());

    /// <summary>Coordinates along the components: (n, d) to (n, k).</summary>
    /// <exception cref="KoopmanException">The samples have another dimension than the data.</exception>
    public SampleSet Encode(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new SampleSet(PcaModule.encode(core, samples.Core).OrThrow());
    }

    /// <summary>Points with these coordinates: (n, k) to (n, d). Undoes <see cref="Encode"/> on the span of the components.</summary>
    /// <exception cref="KoopmanException">The latents have another dimension than k.</exception>
    public SampleSet Decode(SampleSet latents)
    {
        ArgumentNullException.ThrowIfNull(latents);
        return new SampleSet(PcaModule.decode(core, latents.Core).OrThrow());
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();
}
