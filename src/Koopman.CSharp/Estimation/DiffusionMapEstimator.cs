using System;
using System.Threading;

namespace Koopman;

/// <summary>Settings of <see cref="DiffusionMapEstimator"/>.</summary>
public sealed record DiffusionMapSettings
{
    /// <summary>
    /// The power of the density that is divided out, from 0 to 1. Default ½: the Langevin generator of their law. 1: the Laplace-Beltrami
    /// operator of their manifold, for any density.
    /// </summary>
    public double Alpha { get; init; } = DiffusionMap.defaults.Alpha;

    /// <summary>σ of the kernel exp(-|x-y|²/2σ²). Default: null, σ² = ½ m²/log(n+1) for the median distance m of the points.</summary>
    public double? Width { get; init; }

    /// <summary>The number of modes without the constant; at least 1. Default 10.</summary>
    public int Modes { get; init; } = DiffusionMap.defaults.Modes;

    /// <summary>The temperature T of the generator -TΔ + ∇V·∇; positive. Default 1.</summary>
    public double Temperature { get; init; } = DiffusionMap.defaults.Temperature;

    /// <summary>The number of landmarks, drawn at random, from which eigenfunctions are extended to the other points. Default: null, all
    /// points.</summary>
    public int? Landmarks { get; init; }

    /// <summary>The seed of the landmarks. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>The memory limit in GiB; a fit that would need more is refused before it starts. Default 4.</summary>
    public double MemoryLimit { get; init; } = DiffusionMap.defaults.MemoryLimit;

    internal DiffusionMapOptions ToCore() =>
        new(Alpha, Width.ToOption(), Modes, Temperature, Landmarks.ToOption(), Seed.ToSeed(), MemoryLimit);
}

/// <summary>
/// Diffusion maps: the Langevin or Laplace-Beltrami generator from points alone, by a random walk on them (Coifman and Lafon 2006).
/// Eigenfunctions extend to any point, with gradients.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class DiffusionMapEstimator(DiffusionMapSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public DiffusionMapSettings Settings { get; } = settings ?? new();

    /// <summary>The memory in GiB that the map of this number of points takes.</summary>
    public double MemoryFor(int points) => DiffusionMap.memory(Settings.ToCore(), points);

    /// <summary>Fits the spectrum. The error of the rates is proportional to the squared width, and the residuals show it.</summary>
    /// <param name="samples">The points, weighted or not; at least 40.</param>
    /// <exception cref="KoopmanException">
    /// Too few points, a setting out of range, points that the kernel does not connect, or more memory than the limit.
    /// </exception>
    public Spectrum Fit(Samples samples) => Fit(samples, CancellationToken.None);

    /// <summary>
    /// As <see cref="Fit(Samples)"/>, and can be cancelled at any moment: the wait ends at once, and what runs in a native library goes on
    /// unseen until it ends.
    /// </summary>
    /// <param name="samples">The points.</param>
    /// <param name="cancellation">Cancels the fit.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <inheritdoc cref="Fit(Samples)" path="/exception"/>
    public Spectrum Fit(Samples samples, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return DiffusionMap.fitUnder(cancellation, Settings.ToCore(), samples).OrThrow();
    }
}
