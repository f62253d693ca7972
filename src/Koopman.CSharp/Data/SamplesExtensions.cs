using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using TorchSharp;

namespace Koopman;

/// <summary>Makes samples, and computes simple statistics. Values are copied.</summary>
public static class SamplesExtensions
{
    extension(Samples)
    {
        /// <summary>Samples from a matrix (n, d), one row per sample.</summary>
        /// <exception cref="KoopmanException">Fewer than two rows, no column, or a value that is NaN or infinite.</exception>
        public static Samples FromArray(double[,] points)
        {
            ArgumentNullException.ThrowIfNull(points);
            return SamplesModule.ofArray2D(points).OrThrow();
        }

        /// <summary>Samples from n·d values in row-major order.</summary>
        /// <param name="values">The points one after another.</param>
        /// <param name="dimension">The number of values per point, d.</param>
        /// <exception cref="KoopmanException">The values do not divide into rows, are too few, or are not finite.</exception>
        public static Samples FromValues(ReadOnlySpan<double> values, int dimension) =>
            SamplesModule.ofValues(dimension, values.ToArray()).OrThrow();

        /// <summary>Samples from rows of equal length d.</summary>
        /// <exception cref="ArgumentException">A row is null or has another length than the first.</exception>
        /// <exception cref="KoopmanException">Fewer than two rows, no column, or a value that is NaN or infinite.</exception>
        public static Samples FromRows(IEnumerable<double[]> rows)
        {
            ArgumentNullException.ThrowIfNull(rows);
            var all = rows.ToArray();
            if (all.Length == 0)
                return Samples.FromArray(new double[0, 1]);
            var dimension = all[0]?.Length ?? 0;
            var wrong = Array.FindIndex(all, row => row?.Length != dimension || dimension == 0);
            if (wrong >= 0)
                throw new ArgumentException(
                    $"Row {wrong} (counted from 0) has {all[wrong]?.Length ?? 0} values, but the first has {dimension}.", nameof(rows));
            return SamplesModule.ofValues(dimension, [.. all.SelectMany(row => row)]).OrThrow();
        }

        /// <summary>
        /// Samples from a tensor (n, d) in its own dtype, float32 or float64, and on its own device. Particles keep dtype and device;
        /// estimators require samples from <c>FromTensor</c>.
        /// </summary>
        /// <exception cref="KoopmanException">The tensor is not a matrix, has too few rows, or contains NaN or infinity.</exception>
        public static Samples Placed(torch.Tensor points)
        {
            ArgumentNullException.ThrowIfNull(points);
            return SamplesModule.placed(points).OrThrow();
        }

        /// <summary>Samples from a tensor (n, d) of any real dtype and device, as float64 on the CPU.</summary>
        /// <exception cref="KoopmanException">The tensor is not a matrix, has too few rows, or contains NaN or infinity.</exception>
        public static Samples FromTensor(torch.Tensor points)
        {
            ArgumentNullException.ThrowIfNull(points);
            return SamplesModule.ofTensor(points).OrThrow();
        }

        /// <summary>
        /// Reads <c>.npy</c> (n, d), <c>.csv</c> (one row per sample), <c>.npz</c> (its array x), or a folder with MNIST's idx files (one
        /// row an image, values from 0 to 1). From pairs it takes the first states, from trajectories all states.
        /// </summary>
        /// <exception cref="KoopmanException">The file is missing, damaged or of another kind, or holds no samples.</exception>
        public static Samples Read(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            return DatasetModule.readSamples(path).OrThrow();
        }

        /// <summary>As <c>Read</c>, with what the settings say.</summary>
        /// <param name="path">The file.</param>
        /// <param name="settings">How it is to be understood.</param>
        /// <param name="understood">What was understood, in words.</param>
        /// <exception cref="KoopmanException">The file is missing, damaged or of another kind, or holds no samples.</exception>
        public static Samples Read(string path, ReadSettings settings, out Interpretation understood)
        {
            ArgumentNullException.ThrowIfNull(path);
            ArgumentNullException.ThrowIfNull(settings);
            (var samples, understood) = DatasetModule.readSamplesWith(settings.ToCore(), path).OrThrow();
            return samples;
        }

        /// <summary>As <c>Read</c>, with what the settings say.</summary>
        /// <exception cref="KoopmanException">The file is missing, damaged or of another kind, or holds no samples.</exception>
        public static Samples Read(string path, ReadSettings settings) => Samples.Read(path, settings, out _);

        /// <summary>As <c>Read</c>, without throwing for file errors.</summary>
        /// <returns>True if the file was read; if not, <paramref name="error"/> gives the reason.</returns>
        public static bool TryRead(string path, [NotNullWhen(true)] out Samples? samples, [NotNullWhen(false)] out KoopmanError? error)
        {
            ArgumentNullException.ThrowIfNull(path);
            return DatasetModule.readSamples(path).TryGet(out samples, out error);
        }
    }

    extension(Samples samples)
    {
        /// <summary>True if the points are nodes of a quadrature rule rather than random draws: spectra then carry no error bars.</summary>
        public bool IsQuadrature => samples.Sampling.IsQuadrature;

        /// <summary>
        /// Writes the points to <c>.npy</c> or <c>.csv</c>, the latter with these names of the columns. If writing fails, an existing file is
        /// left unchanged.
        /// </summary>
        /// <param name="path">The file to make or replace.</param>
        /// <param name="names">One name for each coordinate.</param>
        /// <exception cref="KoopmanException">The file cannot be written, its name has another extension, or there are too few or too many names.</exception>
        public void Save(string path, IReadOnlyList<string> names)
        {
            ArgumentNullException.ThrowIfNull(path);
            ArgumentNullException.ThrowIfNull(names);
            SamplesModule.saveNamed([.. names], path, samples).OrThrow();
        }

        /// <summary>Writes the points to <c>.npy</c> or <c>.csv</c>. If writing fails, an existing file is left unchanged.</summary>
        /// <exception cref="KoopmanException">The file cannot be written, or its name has another extension.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            SamplesModule.save(path, samples).OrThrow();
        }

        /// <summary>The points as a fresh array (n, d).</summary>
        public double[,] ToArray() => samples.Points.ToMatrix();

        /// <summary>The same samples with other weights (n), such as importance weights.</summary>
        /// <param name="weights">One per point; they need not be normalised.</param>
        /// <exception cref="KoopmanException">Their number is not n, or they are negative, not finite or all zero.</exception>
        public Samples WithWeights(ReadOnlySpan<double> weights) => SamplesModule.withWeights(weights.ToArray(), samples).OrThrow();

        /// <summary>The points as nodes of a quadrature rule with these weights (n). Spectra then carry no error bars.</summary>
        /// <param name="weights">One per point; they need not be normalised.</param>
        /// <exception cref="KoopmanException">Their number is not n, or they are negative, not finite or all zero.</exception>
        public Samples AsQuadrature(ReadOnlySpan<double> weights) => SamplesModule.quadrature(weights.ToArray(), samples).OrThrow();

        /// <summary>The first <paramref name="count"/> points, or all if there are fewer; equally weighted.</summary>
        /// <exception cref="KoopmanException">Fewer than two are requested.</exception>
        public Samples Take(int count)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            return SamplesModule.take(count, samples).OrThrow();
        }

        /// <summary>The weighted mean (d).</summary>
        public double[] Mean() => SamplesModule.mean(samples).Taken(tensor => tensor.ToVector());

        /// <summary>The weighted covariance (d, d), divided by the total weight.</summary>
        public double[,] Covariance() => SamplesModule.covariance(samples).Taken(tensor => tensor.ToMatrix());

        /// <summary>Points drawn from the Gaussian with the mean and covariance of the samples: a start for particles.</summary>
        /// <param name="count">The number of draws, at least 2.</param>
        /// <param name="seed">Equal seeds give equal points.</param>
        /// <exception cref="KoopmanException">Fewer than two are requested.</exception>
        public Samples GaussianLike(int count, int seed)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            return SamplesModule.gaussianLike(count, seed.ToSeed(), samples).OrThrow();
        }
    }
}
