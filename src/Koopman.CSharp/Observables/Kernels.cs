using System;

namespace Koopman;

/// <summary>
/// Makes kernels k(x, y): similarities of two points whose sections k(·, c) span a space of functions. Widths and lengths are in the units
/// of the data and positive; r is the distance |x-y|. Kernels with equal parameters are equal.
/// </summary>
public static class Kernels
{
    /// <summary>x·y.</summary>
    public static Kernel Linear => KernelModule.linear;

    /// <summary>r² log r: a radial function for dictionaries, not a kernel for kernel methods, as it is only conditionally positive
    /// definite.</summary>
    public static Kernel ThinPlate => Kernel.ThinPlate;

    /// <summary>exp(-r²/2σ²): smooth.</summary>
    /// <exception cref="KoopmanException">The width is not positive.</exception>
    public static Kernel Gaussian(double width) => Checked(Kernel.NewGaussian(width));

    /// <summary>exp(-r/ℓ): with a kink at r = 0, where its gradient is taken as 0.</summary>
    /// <exception cref="KoopmanException">The length is not positive.</exception>
    public static Kernel Laplacian(double length) => Checked(Kernel.NewLaplacian(length));

    /// <summary>(1 + √3 r/ℓ) exp(-√3 r/ℓ): twice differentiable.</summary>
    /// <exception cref="KoopmanException">The length is not positive.</exception>
    public static Kernel Matern32(double length) => Checked(Kernel.NewMatern32(length));

    /// <summary>(1 + √5 r/ℓ + 5r²/3ℓ²) exp(-√5 r/ℓ): four times differentiable.</summary>
    /// <exception cref="KoopmanException">The length is not positive.</exception>
    public static Kernel Matern52(double length) => Checked(Kernel.NewMatern52(length));

    /// <summary>(1 + r²/2αℓ²)^-α: smooth, with tails heavier than the Gaussian, its limit for α → ∞.</summary>
    /// <exception cref="KoopmanException">Power or length is not positive.</exception>
    public static Kernel RationalQuadratic(double power, double length) => Checked(Kernel.NewRationalQuadratic(power, length));

    /// <summary>(1 + r²/ℓ²)^-½: smooth, slow decay.</summary>
    /// <exception cref="KoopmanException">The length is not positive.</exception>
    public static Kernel InverseMultiquadric(double length) => Checked(Kernel.NewInverseMultiquadric(length));

    /// <summary>(scale x·y + offset)^degree: the monomials to the degree.</summary>
    /// <param name="degree">At least 1.</param>
    /// <param name="scale">Positive.</param>
    /// <param name="offset">0 or positive; at 0 only monomials of the degree itself are in the span.</param>
    /// <exception cref="KoopmanException">A parameter is out of range.</exception>
    public static Kernel Polynomial(int degree, double scale = 1, double offset = 1) =>
        Checked(Kernel.NewPolynomial(degree, scale, offset));

    /// <summary>The median distance between two of the samples, the usual first choice of a width.</summary>
    /// <exception cref="KoopmanException">At least half of the pairs of points coincide.</exception>
    public static double MedianWidth(Samples samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return KernelModule.medianWidth(samples).OrThrow();
    }

    extension(Kernel kernel)
    {
        /// <summary>True if every kernel matrix is positive semi-definite, as kernel methods need.</summary>
        public bool IsPositive => KernelModule.isPositive(kernel);

        /// <summary>True if it has bounded second derivatives, as generators with noise need.</summary>
        public bool IsTwiceDifferentiable => KernelModule.isTwiceDifferentiable(kernel);

        /// <summary>The length over which it varies, in units of the data; null for kernels of x·y and the thin plate.</summary>
        public double? Length => KernelModule.length(kernel).ToNullable();

        /// <summary>k(x_a, y_b) for all pairs of samples, as an array (n, m).</summary>
        /// <exception cref="ArgumentException">The samples have different dimensions.</exception>
        public double[,] Matrix(Samples first, Samples second)
        {
            Check.SameSpace(first, second, nameof(second));
            return KernelModule.matrix(kernel, first.Points, second.Points).Taken(tensor => tensor.ToMatrix());
        }
    }

    private static Kernel Checked(Kernel kernel) => KernelModule.check(kernel).OrThrow();
}
