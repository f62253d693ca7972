using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Koopman;

// Eigenfunctions at samples as arrays, checks of modes on fresh pairs, and files. Results share the observables.
public static partial class OperatorExtensions
{
    extension(Spectrum)
    {
        /// <summary>Reads a spectrum from a file written by <c>Save</c>; it computes the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">
        /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
        /// </exception>
        public static Spectrum Load(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            return SpectrumModule.load(path).OrThrow();
        }

        /// <summary>As <c>Load</c>, without throwing for file errors.</summary>
        /// <returns>True if a spectrum was read; if not, <paramref name="error"/> gives the reason.</returns>
        public static bool TryLoad(string path, [NotNullWhen(true)] out Spectrum? spectrum, [NotNullWhen(false)] out KoopmanError? error)
        {
            ArgumentNullException.ThrowIfNull(path);
            return SpectrumModule.load(path).TryGet(out spectrum, out error);
        }
    }

    extension(Spectrum spectrum)
    {
        /// <summary>The eigenfunctions at the samples, as an array (n, r), if they are real.</summary>
        /// <exception cref="ArgumentException">The samples have another dimension than the spectrum.</exception>
        /// <exception cref="InvalidOperationException">The eigenfunctions are complex.</exception>
        public double[,] Values(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            RequireReal(spectrum, "ComplexValues");
            return spectrum.Values(samples.Points).Taken(tensor => tensor.ToMatrix());
        }

        /// <summary>The eigenfunctions at the samples, real or not, as an array (n, r).</summary>
        /// <exception cref="ArgumentException">The samples have another dimension than the spectrum.</exception>
        public Complex[,] ComplexValues(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return spectrum.Values(samples.Points).Taken(tensor => tensor.ToComplexMatrix());
        }

        /// <summary>The gradients of the eigenfunctions at the samples, as an array (n, r, d), if they are real.</summary>
        /// <exception cref="ArgumentException">The samples have another dimension than the spectrum.</exception>
        /// <exception cref="InvalidOperationException">The eigenfunctions are complex.</exception>
        public double[,,] Gradients(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            RequireReal(spectrum, "ComplexGradients");
            return spectrum.Gradients(samples.Points).Taken(tensor => tensor.ToCube());
        }

        /// <summary>The gradients of the eigenfunctions at the samples, real or not, as an array (n, r, d).</summary>
        /// <exception cref="ArgumentException">The samples have another dimension than the spectrum.</exception>
        public Complex[,,] ComplexGradients(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return spectrum.Gradients(samples.Points).Taken(tensor => tensor.ToComplexCube());
        }

        /// <summary>
        /// The residuals of the leading modes on pairs, by every estimator that the pairs allow. On the data of the fit they are too small;
        /// use fresh data. The lag may differ from that of the fit.
        /// </summary>
        /// <param name="pairs">At least 40 pairs.</param>
        /// <param name="test">Test functions of the projection; null for Gaussians, twice the number of observables.</param>
        /// <exception cref="KoopmanException">The pairs are too few, or of another dimension.</exception>
        public ResidualReport[] Residuals(SnapshotPairs pairs, Observables? test = null)
        {
            ArgumentNullException.ThrowIfNull(pairs);
            return Diagnostics.residuals(test.ToOption(), spectrum, pairs).OrThrow();
        }

        /// <summary>
        /// The same spectrum with the results of pairs for its leading modes: residuals, error bars where there are none yet, and warnings.
        /// </summary>
        /// <param name="pairs">At least 40 pairs.</param>
        /// <param name="noise">True if successors are random; null to detect it from the data.</param>
        /// <exception cref="KoopmanException">The pairs are too few, or of another dimension.</exception>
        public Spectrum Assess(SnapshotPairs pairs, Noise? noise = null)
        {
            ArgumentNullException.ThrowIfNull(pairs);
            return Diagnostics.assess(noise ?? Noise.Automatic, spectrum, pairs).OrThrow();
        }

        /// <summary>
        /// The spectrum of the <paramref name="rank"/> slowest modes, and of one more if that would split a conjugate pair.
        /// </summary>
        /// <exception cref="KoopmanException">The rank is below 1.</exception>
        public Spectrum Truncate(int rank) => SpectrumModule.truncate(rank, spectrum).OrThrow();

        /// <summary>
        /// Writes the spectrum with its observables to a safetensors file, which is replaced atomically: eigenvalues, eigenfunctions,
        /// residuals, error bars, warnings, measure and convention.
        /// </summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">
        /// Some of the observables are user-defined functions, which cannot be stored in a file; or the file cannot be written; an existing
        /// file is then unchanged.
        /// </exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            SpectrumModule.save(path, spectrum).OrThrow();
        }
    }

    private static void RequireReal(Spectrum spectrum, string otherwise)
    {
        if (spectrum.Coefficients.is_complex())
            throw new InvalidOperationException($"The eigenfunctions are complex: use {otherwise}, or the tensors.");
    }
}
