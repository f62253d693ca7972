using System;

namespace Koopman.CSharp;

/// <summary>
/// A kernel k(x, y): a similarity of two points whose sections k(·, c) span a space of functions. Widths and lengths are in the units
/// of the data and positive; r is the distance |x-y|. Kernels with equal parameters are equal.
/// </summary>
public sealed record KernelFunction
{
    private KernelFunction(Kernel core) => Core = KernelModule.check(core).OrThrow();

    internal Kernel Core { get; }

    /// <summary>x·y.</summary>
    public static KernelFunction Linear { get; } = new(KernelModule.linear);

    /// <summary>r² log r: radial functions for a dictionary, not a kernel for kernel methods, because only conditionally positive definite.</summary>
    public static KernelFunction ThinPlate { get; } = new(Kernel.ThinPlate);

    /// <summary>Whether every kernel matrix is positive semi-definite, as kernel methods need.</summary>
    public bool IsPositive => KernelModule.isPositive(Core);

    /// <summary>Whether it has bounded second derivatives, as generators with noise need.</summary>
    public bool IsTwiceDifferentiable => KernelModule.isTwiceDifferentiable(Core);

    /// <summary>The length over which it varies, in units of the data; null for kernels of x·y and the thin plate.</summary>
    public double? Length => KernelModule.length(Core).ToNullable();

    /// <summary>exp(-r²/2σ²): smooth.</summary>
    /// <exception cref="KoopmanException">The width is not positive.</exception>
    public static KernelFunction Gaussian(double width) => new(Kernel.NewGaussian(width));

    /// <summary>exp(-r/ℓ): with a kink at r = 0, where its gradient is taken as 0.</summary>
    /// <exception cref="KoopmanException">The length is not positive.</exception>
    public static KernelFunction Laplacian(double length) => new(Kernel.NewLaplacian(length));

    /// <summary>(1 + √3 r/ℓ) exp(-√3 r/ℓ): twice differentiable.</summary>
    /// <exception cref="KoopmanException">The length is not positive.</exception>
    public static KernelFunction Matern32(double length) => new(Kernel.NewMatern32(length));

    /// <summary>(1 + √5 r/ℓ + 5r²/3ℓ²) exp(-√5 r/ℓ): four times differentiable.</summary>
    /// <exception cref="KoopmanException">The length is not positive.</exception>
    public static KernelFunction Matern52(double length) => new(Kernel.NewMatern52(length));

    /// <summary>(1 + r²/2αℓ²)^-α: smooth, with tails heavier than the Gaussian, its limit for α → ∞.</summary>
    /// <exception cref="KoopmanException">Power or length is not positive.</exception>
    public static KernelFunction RationalQuadratic(double power, double length) => new(Kernel.NewRationalQuadratic(power, length));

    /// <summary>(1 + r²/ℓ²)^-½: smooth, slow decay.</summary>
    /// <exception cref="KoopmanException">The length is not positive.</exception>
    public static KernelFunction InverseMultiquadric(double length) => new(Kernel.NewInverseMultiquadric(length));

    /// <summary>(scale x·y + offset)^degree: the monomials to the degree.</summary>
    /// <param name="degree">At least 1.</param>
    /// <param name="scale">Positive.</param>
    /// <param name="offset">0 or positive; at 0 only monomials of the degree itself are in the span.</param>
    /// <exception cref="KoopmanException">A parameter is out of its range.</exception>
    public static KernelFunction Polynomial(int degree, double scale = 1, double offset = 1) =>
        new(Kernel.NewPolynomial(degree, scale, offset));

    /// <summary>The median distance between two of the samples, the usual first choice of a width.</summary>
    /// <exception cref="KoopmanException">At least half of the pairs of points coincide.</exception>
    public static double MedianWidth(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return KernelModule.medianWidth(samples.Core).OrThrow();
    }

    /// <summary>k(x_a, y_b) for all pairs of samples, as an array (n, m).</summary>
    /// <exception cref="ArgumentException">The samples have different dimensions.</exception>
    public double[,] Matrix(SampleSet first, SampleSet second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        Check.SameSpace(first, second, nameof(second));
        return Convert.ToMatrix(KernelModule.matrix(Core, first.Points, second.Points));
    }

    /// <inheritdoc/>
    public override string ToString() => Core.ToString();
}
