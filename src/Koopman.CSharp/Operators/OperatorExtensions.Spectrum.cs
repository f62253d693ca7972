using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Koopman;

// Eigenfunctions at samples as arrays, what fresh pairs show of modes, and files. Results share the observables.
public static partial class OperatorExtensions
{
    extension(Spectrum)
    {
        /// <summary>Reads a spectrum from a file of <c>Save</c>: it gives the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">
        /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
        /// </exception>
        public static Spectrum Load(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            return SpectrumModule.load(path).OrThrow();
        }

        /// <summary>As <c>Load</c>, without throwing over the file.</summary>
        /// <returns>Whether there is a spectrum; if not, <paramref name="error"/> says why.</returns>
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
        /// The residuals of the leading modes on pairs, by every estimator that the pairs allow. On the data of the fit they come out too
        /// small; on fresh data they are honest. The lag may differ from that of the fit.
        /// </summary>
        /// <param name="pairs">At least 40 pairs.</param>
        /// <param name="test">Test functions of the projection; null for Gaussians on twice as many centres as the spectrum has observables.</param>
        /// <exception cref="KoopmanException">The pairs are too few, or of another dimension.</exception>
        public ResidualReport[] Residuals(SnapshotPairs pairs, Observables? test = null)
        {
            ArgumentNullException.ThrowIfNull(pairs);
            return Diagnostics.residuals(test.ToOption(), spectrum, pairs).OrThrow();
        }

        /// <summary>
        /// The same spectrum with what pairs show of its leading modes: residuals, error bars where there are none yet, and warnings.
        /// </summary>
        /// <param name="pairs">At least 40 pairs.</param>
        /// <param name="noise">Whether successors are random; null to find out from the data.</param>
        /// <exception cref="KoopmanException">The pairs are too few, or of another dimension.</exception>
        public Spectrum Assess(SnapshotPairs pairs, Noise? noise = null)
        {
            ArgumentNullException.ThrowIfNull(pairs);
            return Diagnostics.assess(noise ?? Noise.Automatic, spectrum, pairs).OrThrow();
        }

        /// <summary>The spectrum of the <paramref name="rank"/> slowest modes, and of one more if that would tear a conjugate pair apart.</summary>
        /// <exception cref="KoopmanException">The rank is below 1.</exception>
        public Spectrum Truncate(int rank) => SpectrumModule.truncate(rank, spectrum).OrThrow();

        /// <summary>
        /// Writes the spectrum with its observables to a safetensors file, which is replaced in one step: eigenvalues, eigenfunctions,
        /// residuals, error bars, warnings, measure and convention.
        /// </summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">
        /// Some of the observables are functions of your own, which a file cannot hold; or the file cannot be written, and is then what it was.
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
