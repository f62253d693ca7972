using System;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>
/// The equation of motion dX = b(X) dt + σ(X) dW at n points: the drift b and the diffusion a = σσᵀ there. Holds tensors: dispose of it.
/// </summary>
public sealed class EquationOfMotion : IDisposable
{
    private readonly DriftDiffusion core;

    internal EquationOfMotion(DriftDiffusion core) => this.core = core;

    /// <summary>The number of points n.</summary>
    public int Count => core.Count;

    /// <summary>The dimension d of the space.</summary>
    public int Dimension => core.Dimension;

    /// <summary>Whether there is no noise.</summary>
    public bool IsDeterministic => core.IsDeterministic;

    internal DriftDiffusion Core
    {
        get
        {
            Check.Alive(core.Drift, this);
            return core;
        }
    }

    /// <summary>The motion dX = b dt without noise.</summary>
    /// <param name="drift">b (n, d), one row a point. Copied.</param>
    /// <exception cref="KoopmanException">The drift is empty, or holds NaN or infinity.</exception>
    public static EquationOfMotion FromDrift(double[,] drift)
    {
        using var tensor = Convert.ToTensor(drift, nameof(drift));
        return new(DriftDiffusionModule.ofDrift(tensor).OrThrow());
    }

    /// <summary>The motion of a simulated system at the samples: b = -∇V and a = 2T.</summary>
    /// <exception cref="KoopmanException">The samples have another dimension than the system.</exception>
    public static EquationOfMotion FromSimulation(Simulation simulation, SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(simulation);
        ArgumentNullException.ThrowIfNull(samples);
        return new(DriftDiffusionModule.ofLangevin(simulation.Core, samples.Points).OrThrow());
    }

    /// <summary>The same drift with the same diffusion a = σσᵀ (d, d) at all points, which is copied.</summary>
    /// <exception cref="KoopmanException">The matrix is not d by d, not symmetric, or has a negative eigenvalue.</exception>
    public EquationOfMotion WithDiffusion(double[,] diffusion)
    {
        using var tensor = Convert.ToTensor(diffusion, nameof(diffusion));
        return new(DriftDiffusionModule.withConstant(tensor, Core).OrThrow());
    }

    /// <summary>The same drift with a diagonal diffusion at each point (n, d), which is copied.</summary>
    /// <exception cref="KoopmanException">The shape is not that of the drift, or an entry is negative.</exception>
    public EquationOfMotion WithDiagonalDiffusion(double[,] diffusion)
    {
        using var tensor = Convert.ToTensor(diffusion, nameof(diffusion));
        return new(DriftDiffusionModule.withDiagonal(tensor, Core).OrThrow());
    }

    /// <summary>The same drift with a diffusion matrix at each point (n, d, d), which is copied.</summary>
    /// <exception cref="KoopmanException">The shape is another, or a matrix is not symmetric or has a negative eigenvalue.</exception>
    public EquationOfMotion WithDiffusion(double[,,] diffusion)
    {
        ArgumentNullException.ThrowIfNull(diffusion);
        using var tensor = torch.tensor(diffusion, dtype: torch.float64);
        return new(DriftDiffusionModule.withFull(tensor, Core).OrThrow());
    }

    /// <summary>b (n, d). A copy.</summary>
    public double[,] Drift() => Convert.ToMatrix(Core.Drift.alias());

    /// <summary>Frees the tensors.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => core.ToString();
}
