using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Koopman.Latents;
using Koopman.Learning;

namespace Koopman;

/// <summary>Maps from data in R^d to latents in R^k and back, what classifiers say of samples, and trainings of both under way.</summary>
public static class LatentExtensions
{
    extension(LatentMap)
    {
        /// <summary>Coordinates along principal components, which are copied.</summary>
        public static LatentMap FromPca(Pca components)
        {
            ArgumentNullException.ThrowIfNull(components);
            return LatentMapModule.ofPca(components);
        }

        /// <summary>
        /// Coordinates with one mean and one scale for all, as networks for images require: the samples have mean 0 and deviation 1 over all
        /// coordinates together.
        /// </summary>
        /// <exception cref="KoopmanException">All samples are one point.</exception>
        public static LatentMap Standard(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return LatentMapModule.standard(samples).OrThrow();
        }

        /// <summary>Reads a map from a file written by <c>Save</c>; it computes the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">
        /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
        /// </exception>
        public static LatentMap Load(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            return LatentMapModule.load(path).OrThrow();
        }

        /// <summary>As <c>Load</c>, without throwing for file errors.</summary>
        /// <returns>True if a map was read; if not, <paramref name="error"/> gives the reason.</returns>
        public static bool TryLoad(string path, [NotNullWhen(true)] out LatentMap? map, [NotNullWhen(false)] out KoopmanError? error)
        {
            ArgumentNullException.ThrowIfNull(path);
            return LatentMapModule.load(path).TryGet(out map, out error);
        }
    }

    extension(LatentMap map)
    {
        /// <summary>The latents (n, k) of samples (n, d), with their weights.</summary>
        /// <exception cref="KoopmanException">The samples have another dimension than the data.</exception>
        public Samples Encode(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return LatentMapModule.encode(map, samples).OrThrow();
        }

        /// <summary>The points (n, d) of latents (n, k), with their weights.</summary>
        /// <exception cref="KoopmanException">The latents have another dimension than k, or decode to points that are not
        /// finite.</exception>
        public Samples Decode(Samples latents)
        {
            ArgumentNullException.ThrowIfNull(latents);
            return LatentMapModule.decode(map, latents).OrThrow();
        }

        /// <summary>The root mean square error per coordinate after encoding and decoding samples, in units of the data.</summary>
        /// <exception cref="KoopmanException">The samples have another dimension than the data.</exception>
        public double Error(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return LatentMapModule.error(map, samples).OrThrow();
        }

        /// <summary>
        /// The map with latents of mean 0, unit variance and no correlation on these samples: as flow matching from normal noise requires.
        /// It takes ownership of this one, which is then disposed.
        /// </summary>
        /// <exception cref="KoopmanException">The latents vary in fewer than k directions; this map then still belongs to the
        /// caller.</exception>
        public LatentMap Whitened(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return LatentMapModule.whitened(samples, map).OrThrow();
        }

        /// <summary>Writes the map to a safetensors file, which is replaced atomically.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The map is of a user-defined class; or the file cannot be written; an existing file is then
        /// unchanged.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            LatentMapModule.save(path, map).OrThrow();
        }
    }

    extension(AutoencoderTraining training)
    {
        /// <summary>Continues until all steps are made. After a cancellation it can be called again.</summary>
        /// <param name="progress">Reports every 50 steps, on the worker thread.</param>
        /// <param name="cancellation">Obeyed within one step.</param>
        /// <exception cref="KoopmanException">A loss that is no finite number; the parameters are those before that step.</exception>
        /// <exception cref="OperationCanceledException">Cancelled.</exception>
        public void Continue(IProgress<DescentProgress>? progress = null, CancellationToken cancellation = default) =>
            Autoencoder.resume(progress.ToControl(cancellation), training).OrThrow();

        /// <summary>The map learned so far: a copy. The caller disposes of it.</summary>
        public LatentMap Map() => Autoencoder.map(training);

        /// <summary>Writes everything that the training knows to a file, which is replaced in one step.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The file cannot be written, and is then what it was.</exception>
        public void Save(string path) => RunFiles.Save(path, Autoencoder.state(training));

        /// <summary>Takes this training to a state that one with the same settings, seed and data saved: it continues to the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">There is no such file, it is damaged, or it is of other networks; then nothing is changed.</exception>
        public void Restore(string path) => RunFiles.Restore(path, state => Autoencoder.restore(state, training));

        /// <summary>
        /// From now on <c>Continue</c> writes the state to a file: at its start, after every interval, and at its end or cancellation, so that a run
        /// that is killed loses no more than one interval. The file is replaced atomically between two steps.
        /// </summary>
        /// <param name="interval">The time between two writes; 30 seconds are usual.</param>
        /// <param name="path">The file. If it cannot be written at the start, <c>Continue</c> fails; if it cannot later, the next interval
        /// tries again.</param>
        /// <exception cref="KoopmanException">The interval is negative.</exception>
        public void SaveEvery(TimeSpan interval, string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            Autoencoder.saveEvery(interval, path, training).OrThrow();
        }
    }

    extension(ClassifierTraining training)
    {
        /// <summary>Continues until all steps are made. After a cancellation it can be called again.</summary>
        /// <param name="progress">Reports every 50 steps, on the worker thread.</param>
        /// <param name="cancellation">Obeyed within one step.</param>
        /// <exception cref="KoopmanException">A loss that is no finite number; the parameters are those before that step.</exception>
        /// <exception cref="OperationCanceledException">Cancelled.</exception>
        public void Continue(IProgress<DescentProgress>? progress = null, CancellationToken cancellation = default) =>
            ClassifierModule.resume(progress.ToControl(cancellation), training).OrThrow();

        /// <summary>The classifier learned so far: a copy. The caller disposes of it.</summary>
        public Classifier Classifier() => ClassifierModule.trained(training);

        /// <summary>Writes everything that the training knows to a file, which is replaced in one step.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The file cannot be written, and is then what it was.</exception>
        public void Save(string path) => RunFiles.Save(path, ClassifierModule.state(training));

        /// <summary>Takes this training to a state that one with the same settings, seed and data saved: it continues to the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">There is no such file, it is damaged, or it is of another network; then nothing is changed.</exception>
        public void Restore(string path) => RunFiles.Restore(path, state => ClassifierModule.restore(state, training));

        /// <summary>
        /// From now on <c>Continue</c> writes the state to a file: at its start, after every interval, and at its end or cancellation, so that a run
        /// that is killed loses no more than one interval. The file is replaced atomically between two steps.
        /// </summary>
        /// <param name="interval">The time between two writes; 30 seconds are usual.</param>
        /// <param name="path">The file. If it cannot be written at the start, <c>Continue</c> fails; if it cannot later, the next interval
        /// tries again.</param>
        /// <exception cref="KoopmanException">The interval is negative.</exception>
        public void SaveEvery(TimeSpan interval, string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            ClassifierModule.saveEvery(interval, path, training).OrThrow();
        }
    }

    extension(Classifier classifier)
    {
        /// <summary>The most probable class of every sample.</summary>
        /// <exception cref="KoopmanException">The samples have another dimension.</exception>
        public int[] Predict(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return ClassifierModule.predict(classifier, samples).OrThrow();
        }

        /// <summary>The probability of the most probable class, for every sample.</summary>
        /// <exception cref="KoopmanException">The samples have another dimension.</exception>
        public double[] Confidence(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return ClassifierModule.confidence(classifier, samples).OrThrow();
        }

        /// <summary>The fraction of samples whose most probable class is their label.</summary>
        /// <exception cref="KoopmanException">The samples have another dimension, or there is not one label per sample.</exception>
        public double Accuracy(Samples samples, IReadOnlyList<int> labels)
        {
            ArgumentNullException.ThrowIfNull(samples);
            ArgumentNullException.ThrowIfNull(labels);
            return ClassifierModule.accuracy(classifier, [.. labels], samples).OrThrow();
        }

        /// <summary>The features of samples, to compare by <see cref="SampleMetrics.Frechet"/>.</summary>
        /// <exception cref="KoopmanException">The samples have another dimension.</exception>
        public Samples Features(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return ClassifierModule.features(classifier, samples).OrThrow();
        }
    }
}
