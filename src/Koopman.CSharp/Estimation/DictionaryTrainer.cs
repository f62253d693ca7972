using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Learning;
using Microsoft.FSharp.Collections;

namespace Koopman;

/// <summary>Settings of <see cref="DictionaryTrainer"/>.</summary>
public sealed record DictionarySettings
{
    /// <summary>The number of functions that the network learns; at least 1. Default 8.</summary>
    public int Outputs { get; init; } = LearnedDictionary.defaults.Network.Outputs;

    /// <summary>The widths of the hidden layers. Default two of 32.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [.. LearnedDictionary.defaults.Network.Widths];

    /// <summary>The activation function between layers. Default tanh.</summary>
    public Activation Activation { get; init; } = LearnedDictionary.defaults.Network.Activation;

    /// <summary>The device of the training: "cpu" (the default) or a CUDA device such as "cuda:1".</summary>
    public string Device { get; init; } = LearnedDictionary.defaults.Network.Device;

    /// <summary>The loss. Default the reversible VAMP score.</summary>
    public DictionaryLoss Loss { get; init; } = LearnedDictionary.defaults.Loss;

    /// <summary>The learning rate of Adam; positive. Default .005.</summary>
    public double LearningRate { get; init; } = LearnedDictionary.defaults.LearningRate;

    /// <summary>Rows in one step; at least 1. Default 1000.</summary>
    public int Batch { get; init; } = LearnedDictionary.defaults.Batch;

    /// <summary>The maximum number of passes over the data; at least 1. Default 60.</summary>
    public int Epochs { get; init; } = LearnedDictionary.defaults.Epochs;

    /// <summary>Passes without a better loss on the held-out rows after which training ends; at least 1. Default 10.</summary>
    public int Patience { get; init; } = LearnedDictionary.defaults.Patience;

    /// <summary>The fraction of the rows, the last ones, held out. From above 0 to .5; default .2.</summary>
    public double HeldOut { get; init; } = LearnedDictionary.defaults.HeldOut;

    internal DictionaryOptions ToCore() =>
        new(
            new NetworkOptions(Outputs, ListModule.OfSeq(Widths), Activation, Device),
            Loss,
            LearningRate,
            Batch,
            Epochs,
            Patience,
            HeldOut);
}

/// <summary>
/// Learns a dictionary [1, x, network(x)] by gradient descent. The final spectrum comes from any estimator on it, with its own error
/// bars. Equal seeds give equal bits on a CPU with the same number of threads.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
/// <param name="seed">The seed of the initial parameters and of the batches.</param>
public sealed class DictionaryTrainer(DictionarySettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public DictionarySettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Learns from pairs. The caller disposes the result.</summary>
    /// <param name="pairs">The data, in time order if from a trajectory: the last ones are held out.</param>
    /// <param name="progress">Reports after every pass, on the worker thread.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <exception cref="KoopmanException">Too few pairs, a setting out of range, or a loss that is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Observables Train(
        SnapshotPairs pairs, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return LearnedDictionary.train(progress.ToControl(cancellation), Settings.ToCore(), Seed.ToSeed(), pairs).OrThrow();
    }

    /// <summary>As <see cref="Train"/>, on its own thread. Keep the pairs until it ends.</summary>
    /// <inheritdoc cref="Train" path="/exception"/>
    public Task<Observables> TrainAsync(
        SnapshotPairs pairs, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        OwnThread.Run(() => Train(pairs, progress, cancellation), cancellation);

    /// <summary>Learns from an equation of motion: functions on which its generator closes. The loss of the settings is not used.</summary>
    /// <param name="samples">The samples at which the motion is known; the last ones are held out.</param>
    /// <param name="motion">Drift and diffusion at the samples, row by row.</param>
    /// <param name="progress">Reports after every pass, on the worker thread.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <inheritdoc cref="Train" path="/exception"/>
    public Observables TrainOnMotion(
        Samples samples,
        DriftDiffusion motion,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(motion);
        return LearnedDictionary.trainOnMotion(
            progress.ToControl(cancellation), Settings.ToCore(), Seed.ToSeed(), samples, motion).OrThrow();
    }

    /// <summary>
    /// A training on pairs at its start, which can be stopped at any step and taken up again with the same result. The caller disposes of it.
    /// </summary>
    /// <param name="pairs">The data, in time order if from a trajectory: the last ones are held out.</param>
    /// <exception cref="KoopmanException">Too few pairs, or a setting out of range.</exception>
    public DictionaryTraining Start(SnapshotPairs pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return LearnedDictionary.start(Settings.ToCore(), Seed.ToSeed(), pairs.From).OrThrow();
    }
}

/// <summary>Continues, reads and stores the training of a dictionary.</summary>
public static class DictionaryTrainingExtensions
{
    extension(DictionaryTraining training)
    {
        /// <summary>Continues until the training is finished. After a cancellation it can be called again.</summary>
        /// <param name="pairs">The data of the start.</param>
        /// <param name="progress">Reports after every pass, on the worker thread.</param>
        /// <param name="cancellation">Obeyed within one step.</param>
        /// <exception cref="KoopmanException">Other data than those of the start, or a loss that is no finite number.</exception>
        /// <exception cref="OperationCanceledException">Cancelled.</exception>
        public void Continue(
            SnapshotPairs pairs, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
        {
            ArgumentNullException.ThrowIfNull(pairs);
            LearnedDictionary.resume(progress.ToControl(cancellation), pairs, training).OrThrow();
        }

        /// <summary>The dictionary of the best pass so far: a copy. The caller disposes of it.</summary>
        public Observables Observables() => LearnedDictionary.observables(training);

        /// <summary>Writes everything that the training knows to a file, which is replaced in one step.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The file cannot be written, and is then what it was.</exception>
        public void Save(string path) => RunFiles.Save(path, LearnedDictionary.state(training));

        /// <summary>Takes this training to a state that one with the same settings, seed and data saved: it continues to the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">There is no such file, it is damaged, or it is of another training; then nothing is changed.</exception>
        public void Restore(string path) => RunFiles.Restore(path, state => LearnedDictionary.restore(state, training));

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
            LearnedDictionary.saveEvery(interval, path, training).OrThrow();
        }
    }
}
