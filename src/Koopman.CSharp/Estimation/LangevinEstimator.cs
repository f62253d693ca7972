using System;
using Microsoft.FSharp.Core;
using TorchSharp;

namespace Koopman;

/// <summary>Settings of <see cref="LangevinEstimator"/>.</summary>
public sealed record LangevinSettings
{
    /// <summary>The temperature T of dX = -∇V dt + √(2T) dW; positive. Default 1.</summary>
    public double Temperature { get; init; } = Langevin.defaults.Temperature;

    /// <summary>The number of leading modes with residuals and error bars; at least 1. Default 10.</summary>
    public int Modes { get; init; } = Langevin.defaults.Modes;

    /// <summary>
    /// Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. From 0 to below 1, default 1e-10.
    /// </summary>
    public double RankTolerance { get; init; } = Langevin.defaults.RankTolerance;

    internal LangevinOptions ToCore() => new(Temperature, Modes, RankTolerance);
}

/// <summary>
/// The spectrum of the generator L = -TΔ + ∇V·∇ of Langevin dynamics, from samples of its invariant law alone: neither V nor time is
/// needed (generator EDMD in Dirichlet form; Klus et al. 2020).
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class LangevinEstimator(LangevinSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public LangevinSettings Settings { get; } = settings ?? new();

    /// <summary>Fits the spectrum. Rates converge to the true ones from above.</summary>
    /// <param name="observables">The dictionary; a constant is not needed.</param>
    /// <param name="samples">Samples of the invariant law, weighted or not; at least 40, and two per function.</param>
    /// <exception cref="KoopmanException">Too few samples, shapes that do not match, or a setting out of range.</exception>
    public Spectrum Fit(Observables observables, Samples samples)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(samples);
        return Langevin.fit(Settings.ToCore(), observables, samples).OrThrow();
    }

    /// <summary>
    /// Fits the spectrum for an anisotropic diffusion a = σσᵀ: S = ½⟨∇ψ, a∇ψᵀ⟩. The temperature of the settings is not used.
    /// </summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="samples">Samples of the invariant law.</param>
    /// <param name="diffusion">a (d, d), the same everywhere.</param>
    /// <exception cref="KoopmanException">The matrix is not d by d, not symmetric or has a negative eigenvalue; or as for <see cref="Fit"/>.</exception>
    public Spectrum FitWithDiffusion(Observables observables, Samples samples, double[,] diffusion)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(samples);
        using var matrix = diffusion.ToTensor(nameof(diffusion));
        var everywhere = FSharpFunc<torch.Tensor, Diffusion>.FromConverter(_ => Diffusion.NewConstant(matrix));
        return Langevin.fitWithDiffusion(Settings.ToCore(), everywhere, observables, samples).OrThrow();
    }
}
