using System;
using Microsoft.FSharp.Core;
using TorchSharp;
using Koopman.Particles;

namespace Koopman.CSharp;

/// <summary>A law of R^d by its density or its score, as samplers need it that use them.</summary>
public sealed class TargetLaw
{
    internal TargetLaw(Target core)
    {
        Core = core;
    }

    internal Target Core { get; }

    /// <summary>The dimension d.</summary>
    public int Dimension => Core.Dimension;

    /// <summary>The invariant law of a simulated system.</summary>
    public static TargetLaw Of(Simulation system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return new(TargetModule.ofSystem(system.Core));
    }

    /// <summary>A Gaussian.</summary>
    /// <exception cref="KoopmanException">The covariance is not positive definite, or of another dimension than the mean.</exception>
    public static TargetLaw Gaussian(double[] mean, double[,] covariance)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(covariance);
        return new(TargetModule.gaussian(mean, covariance).OrThrow());
    }

    /// <summary>Gaussians of one width around weighted centres: a mixture, or the kernel density of data.</summary>
    /// <param name="centres">The centres. They must outlive the law.</param>
    /// <param name="width">The standard deviation of each.</param>
    /// <exception cref="KoopmanException">The width is not positive.</exception>
    public static TargetLaw KernelDensity(SampleSet centres, double width)
    {
        ArgumentNullException.ThrowIfNull(centres);
        return new(TargetModule.kernelDensity(width, centres.Core).OrThrow());
    }

    /// <summary>A law of your own.</summary>
    /// <param name="dimension">d.</param>
    /// <param name="logDensity">The logarithm of the density up to a constant, (n, d) to (n), float64.</param>
    /// <param name="score">Its gradient, (n, d) to (n, d), float64.</param>
    public static TargetLaw Of(int dimension, Func<torch.Tensor, torch.Tensor> logDensity, Func<torch.Tensor, torch.Tensor> score)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentNullException.ThrowIfNull(logDensity);
        ArgumentNullException.ThrowIfNull(score);
        return new(new Target(dimension, FuncConvert.FromFunc(logDensity), FuncConvert.FromFunc(score)));
    }
}
