using System;
using Koopman.Latents;

namespace Koopman;

// Fits and applies principal components.
public static partial class DataExtensions
{
    extension(Pca)
    {
        /// <summary>The k leading principal components of the data.</summary>
        /// <param name="samples">The data (n, d).</param>
        /// <param name="count">k, from 1 to d.</param>
        /// <exception cref="KoopmanException">There are fewer than k dimensions, or k is below 1.</exception>
        public static Pca Fit(Samples samples, int count)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return PcaModule.fit(count, samples).OrThrow();
        }
    }

    extension(Pca components)
    {
        /// <summary>Coordinates along the components: (n, d) to (n, k).</summary>
        /// <exception cref="KoopmanException">The samples have another dimension than the data.</exception>
        public Samples Encode(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return PcaModule.encode(components, samples).OrThrow();
        }

        /// <summary>Points with these coordinates: (n, k) to (n, d). The inverse of <c>Encode</c> on the span of the components.</summary>
        /// <exception cref="KoopmanException">The latents have another dimension than k.</exception>
        public Samples Decode(Samples latents)
        {
            ArgumentNullException.ThrowIfNull(latents);
            return PcaModule.decode(components, latents).OrThrow();
        }

        /// <summary>
        /// The points (m, d) with these leading coordinates, and the other directions drawn from the data. Encoding them returns the
        /// coordinates.
        /// </summary>
        /// <param name="latents">The leading coordinates (m, k); their weights are kept.</param>
        /// <param name="data">The data (n, d) from which the other directions are drawn. Weights are taken into account.</param>
        /// <param name="rule">The rule of the draws.</param>
        /// <param name="seed">The seed of the draws.</param>
        /// <exception cref="KoopmanException">Data or latents whose dimension does not match the components.</exception>
        public Samples Complete(Samples latents, Samples data, Complement rule = Complement.Gaussian, int seed = 0)
        {
            ArgumentNullException.ThrowIfNull(latents);
            ArgumentNullException.ThrowIfNull(data);
            return ComplementModule.complete(rule, seed.ToSeed(), components, data, latents).OrThrow();
        }
    }
}
