using TorchSharp;

namespace Koopman;

/// <summary>
/// Scrambled Sobol points: they fill space much more evenly than random ones, so that the noise contributes little to the measured error of
/// a generator. Equal seeds give equal points.
/// </summary>
public static class SobolNoise
{
    /// <summary>The maximum dimension.</summary>
    public static int Dimensions => Sobol.dimensions;

    /// <summary>Standard normal points (n, d), float64. The caller owns them.</summary>
    /// <param name="count">n; best a power of 2.</param>
    /// <param name="dimension">d, from 1 to <see cref="Dimensions"/>.</param>
    /// <param name="seed">The seed of the scrambling.</param>
    /// <exception cref="KoopmanException">No points, or too many dimensions.</exception>
    public static torch.Tensor Normal(int count, int dimension, int seed = 0) => Sobol.normal(count, dimension, seed.ToSeed()).OrThrow();

    /// <summary>Points (n, d) of the open unit cube, float64. The caller owns them.</summary>
    /// <inheritdoc cref="Normal" path="/param"/>
    /// <inheritdoc cref="Normal" path="/exception"/>
    public static torch.Tensor Uniform(int count, int dimension, int seed = 0) => Sobol.uniform(count, dimension, seed.ToSeed()).OrThrow();
}
