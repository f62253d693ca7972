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

        /// <summary>Points with these coordinates: (n, k) to (n, d). Undoes <c>Encode</c> on the span of the components.</summary>
        /// <exception cref="KoopmanException">The latents have another dimension than k.</exception>
        public Samples Decode(Samples latents)
        {
            ArgumentNullException.ThrowIfNull(latents);
            return PcaModule.decode(components, latents).OrThrow();
        }

        /// <summary>
        /// The points (m, d) with these leading coordinates, the other directions drawn from the data. Encoding them gives the coordinates back.
        /// </summary>
        /// <param name="latents">The leading coordinates (m, k); their weights are kept.</param>
        /// <param name="data">The data (n, d) that the other directions come from. Weights count.</param>
        /// <param name="rule">How they are drawn.</param>
        /// <param name="seed">Of the draws.</param>
        /// <exception cref="KoopmanException">Data or latents of another dimension than the components take.</exception>
        public Samples Complete(Samples latents, Samples data, Complement rule = Complement.Gaussian, int seed = 0)
        {
            ArgumentNullException.ThrowIfNull(latents);
            ArgumentNullException.ThrowIfNull(data);
            return ComplementModule.complete(rule, seed.ToSeed(), components, data, latents).OrThrow();
        }
    }
}
