using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>Settings of <see cref="DiffusionMapEstimator"/>.</summary>
public sealed record DiffusionMapSettings
{
    /// <summary>
    /// How far the density of the points is divided out, from 0 to 1. Default ½: the Langevin generator of their law. 1: the
    /// Laplace-Beltrami operator of the manifold they lie on, whatever their density.
    /// </summary>
    public double Alpha { get; init; } = DiffusionMap.defaults.Alpha;

    /// <summary>σ of the kernel exp(-|x-y|²/2σ²). Default: null, σ² = ½ m²/log(n+1) for the median distance m of the points.</summary>
    public double? Width { get; init; }

    /// <summary>How many modes, the constant not counted; at least 1. Default 10.</summary>
    public int Modes { get; init; } = DiffusionMap.defaults.Modes;

    /// <summary>The temperature T of the generator -TΔ + ∇V·∇; positive. Default 1.</summary>
    public double Temperature { get; init; } = DiffusionMap.defaults.Temperature;

    /// <summary>Use this many points, drawn at random, and extend from them to the others. Default: null, all points.</summary>
    public int? Landmarks { get; init; }

    /// <summary>Of the draw of landmarks. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>The most memory in GiB; what would take more is refused before it starts. Default 4.</summary>
    public double MemoryLimit { get; init; } = DiffusionMap.defaults.MemoryLimit;

    internal DiffusionMapOptions ToCore() =>
        new(Alpha, Width.ToOption(), Modes, Temperature, Landmarks.ToOption(), SeedModule.ofInt(Seed), MemoryLimit);
}

/// <summary>
/// Diffusion maps: the Langevin or Laplace-Beltrami generator from points alone, by a random walk among them (Coifman and Lafon 2006).
/// Eigenfunctions extend to any point, with gradients.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
public sealed class DiffusionMapEstimator(DiffusionMapSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public DiffusionMapSettings Settings { get; } = settings ?? new();

    /// <summary>The memory in GiB that the map of this many points takes.</summary>
    public double MemoryFor(int points) => DiffusionMap.memory(Settings.ToCore(), points);

    /// <summary>Fits the spectrum. Rates are off by a multiple of the squared width, which the residuals show.</summary>
    /// <param name="samples">The points, weighted or not; at least 40.</param>
    /// <exception cref="KoopmanException">
    /// Too few points, a setting out of its range, points that the kernel does not connect, or more memory than the limit.
    /// </exception>
    public SpectralModel Fit(SampleSet samples) => new(Core(samples).OrThrow(), null);

    /// <summary>As <see cref="Fit"/>, without throwing over the data.</summary>
    /// <returns>Whether there is a model; if not, <paramref name="error"/> says why.</returns>
    public bool TryFit(
        SampleSet samples,
        [NotNullWhen(true)] out SpectralModel? model,
        [NotNullWhen(false)] out KoopmanError? error) =>
        Core(samples).TryGet(core => new SpectralModel(core, null), out model, out error);

    /// <summary>As <see cref="Fit"/>, on its own thread. A fit is one step: when cancelled it ends with that step, without a model.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the fit ended.</exception>
    /// <inheritdoc cref="Fit" path="/exception"/>
    public Task<SpectralModel> FitAsync(SampleSet samples, CancellationToken cancellation = default) =>
        OwnThread.RunWhole(() => Fit(samples), cancellation);

    private FSharpResult<Spectrum, KoopmanError> Core(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return DiffusionMap.fit(Settings.ToCore(), samples.Core);
    }
}
