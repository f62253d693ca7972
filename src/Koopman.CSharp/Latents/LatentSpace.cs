using System;
using System.Diagnostics.CodeAnalysis;
using TorchSharp;
using Koopman.Latents;

namespace Koopman.CSharp;

/// <summary>
/// A map from data in R^d to latents in R^k and back: few coordinates in which operators are learned and particles move. Holds tensors:
/// dispose of it.
/// </summary>
public sealed class LatentSpace : IDisposable
{
    private LatentMap? core;

    internal LatentSpace(LatentMap core)
    {
        this.core = core;
    }

    /// <summary>The dimension d of the data.</summary>
    public int Dimension => Core.Dimension;

    /// <summary>The dimension k of the latents.</summary>
    public int Latents => Core.Latents;

    /// <summary>What it is, for reports: "16 principal components".</summary>
    public string Description => Core.Description;

    private LatentMap Core => core ?? throw new ObjectDisposedException(nameof(LatentSpace));

    /// <summary>Coordinates along principal components, which are copied.</summary>
    public static LatentSpace FromPrincipalComponents(PrincipalComponents components)
    {
        ArgumentNullException.ThrowIfNull(components);
        return new(LatentMapModule.ofPca(components.Core));
    }

    /// <summary>The latents (n, k) of samples (n, d), with their weights.</summary>
    /// <exception cref="KoopmanException">The samples have another dimension than the data.</exception>
    public SampleSet Encode(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new(LatentMapModule.encode(Core, samples.Core).OrThrow());
    }

    /// <summary>The points (n, d) of latents (n, k), with their weights.</summary>
    /// <exception cref="KoopmanException">The latents have another dimension than k, or lead to no finite points.</exception>
    public SampleSet Decode(SampleSet latents)
    {
        ArgumentNullException.ThrowIfNull(latents);
        return new(LatentMapModule.decode(Core, latents.Core).OrThrow());
    }

    /// <summary>The latents (n, k), float64, of float64 points (n, d). The caller owns them.</summary>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    public torch.Tensor Encode(torch.Tensor points) => Core.Encode(Check.Points(points, Dimension, nameof(points)));

    /// <summary>The points (n, d), float64, of float64 latents (n, k). The caller owns them.</summary>
    /// <exception cref="ArgumentException">The latents have another shape.</exception>
    public torch.Tensor Decode(torch.Tensor latents) => Core.Decode(Check.Points(latents, Latents, nameof(latents)));

    /// <summary>The root mean squared error of a coordinate when samples are encoded and decoded, in units of the data.</summary>
    /// <exception cref="KoopmanException">The samples have another dimension than the data.</exception>
    public double Error(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return LatentMapModule.error(Core, samples.Core).OrThrow();
    }

    /// <summary>
    /// The space with latents of mean 0, unit variance and no correlation on these samples: what flow matching from normal noise wants. It takes
    /// over this one, which then is as if disposed of.
    /// </summary>
    /// <exception cref="KoopmanException">The latents vary in fewer than k directions; this space is then still yours.</exception>
    public LatentSpace Whitened(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var whitened = new LatentSpace(LatentMapModule.whitened(samples.Core, Core).OrThrow());
        core = null;
        return whitened;
    }

    /// <summary>Writes the space to a safetensors file, which is replaced in one step.</summary>
    /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
    /// <exception cref="KoopmanException">The file cannot be written, and is then what it was.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        LatentMapModule.save(path, Core).OrThrow();
    }

    /// <summary>Reads a space from a file of <see cref="Save"/>: it gives the same bits.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="KoopmanException">
    /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
    /// </exception>
    public static LatentSpace Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(LatentMapModule.load(path).OrThrow());
    }

    /// <summary>As <see cref="Load"/>, without throwing over the file.</summary>
    /// <returns>Whether there is a space; if not, <paramref name="error"/> says why.</returns>
    public static bool TryLoad(string path, [NotNullWhen(true)] out LatentSpace? space, [NotNullWhen(false)] out KoopmanError? error)
    {
        ArgumentNullException.ThrowIfNull(path);
        return LatentMapModule.load(path).TryGet(core => new LatentSpace(core), out space, out error);
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        ((IDisposable?)core)?.Dispose();
        core = null;
    }

    /// <inheritdoc/>
    public override string ToString() => Description;
}
