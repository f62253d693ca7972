using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Koopman.Learning;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>How the training of a dictionary goes.</summary>
/// <param name="Epoch">Passes over the data made.</param>
/// <param name="TrainingLoss">The mean loss of the pass's steps.</param>
/// <param name="HeldOutLoss">The loss on the held-out rows, of the operator fitted to the others.</param>
public sealed record DictionaryProgress(int Epoch, double TrainingLoss, double HeldOutLoss);

/// <summary>Settings of <see cref="DictionaryTrainer"/>.</summary>
public sealed record DictionarySettings
{
    /// <summary>How many functions the network learns; at least 1. Default 8.</summary>
    public int Outputs { get; init; } = LearnedDictionary.defaults.Network.Outputs;

    /// <summary>The widths of the layers between. Default two of 32.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [.. LearnedDictionary.defaults.Network.Widths];

    /// <summary>What bends between layers. Default tanh.</summary>
    public Activation Activation { get; init; } = LearnedDictionary.defaults.Network.Activation;

    /// <summary>Where it is trained: "cpu" (the default) or a CUDA device such as "cuda:1".</summary>
    public string Device { get; init; } = LearnedDictionary.defaults.Network.Device;

    /// <summary>What is minimised. Default the reversible VAMP score.</summary>
    public DictionaryLoss Loss { get; init; } = LearnedDictionary.defaults.Loss;

    /// <summary>Adam's step; positive. Default .005.</summary>
    public double LearningRate { get; init; } = LearnedDictionary.defaults.LearningRate;

    /// <summary>Rows in one step; at least 1. Default 1000.</summary>
    public int Batch { get; init; } = LearnedDictionary.defaults.Batch;

    /// <summary>The most passes over the data; at least 1. Default 60.</summary>
    public int Epochs { get; init; } = LearnedDictionary.defaults.Epochs;

    /// <summary>Passes without a better loss on the held-out rows after which training ends; at least 1. Default 10.</summary>
    public int Patience { get; init; } = LearnedDictionary.defaults.Patience;

    /// <summary>The share of the rows, the last ones, held out. From above 0 to .5; default .2.</summary>
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
/// bars. Equal seeds give equal bits on a CPU with as many threads.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
/// <param name="seed">Of the first parameters and of the batches.</param>
public sealed class DictionaryTrainer(DictionarySettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public DictionarySettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Learns from pairs. The caller disposes of the result.</summary>
    /// <param name="pairs">The data, in time order if from a trajectory: the last ones are held out.</param>
    /// <param name="progress">Told after every pass, on the thread that works.</param>
    /// <param name="cancellation">Asked before every step.</param>
    /// <exception cref="KoopmanException">Too few pairs, a setting out of its range, or a loss that is no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ObservableSet Train(
        TransitionSet pairs, IProgress<DictionaryProgress>? progress = null, CancellationToken cancellation = default) =>
        new CoreObservables(Core(pairs, progress, cancellation).OrThrow());

    /// <summary>As <see cref="Train"/>, without throwing over data and settings.</summary>
    /// <returns>Whether there is a dictionary; if not, <paramref name="error"/> says why.</returns>
    public bool TryTrain(
        TransitionSet pairs,
        [NotNullWhen(true)] out ObservableSet? observables,
        [NotNullWhen(false)] out KoopmanError? error,
        IProgress<DictionaryProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Core(pairs, progress, cancellation).TryGet(made => new CoreObservables(made), out observables, out error);

    /// <summary>As <see cref="Train"/>, on its own thread. Keep the pairs until it ends.</summary>
    /// <inheritdoc cref="Train" path="/exception"/>
    public Task<ObservableSet> TrainAsync(
        TransitionSet pairs, IProgress<DictionaryProgress>? progress = null, CancellationToken cancellation = default) =>
        OwnThread.Run(() => Train(pairs, progress, cancellation), cancellation);

    /// <summary>Learns from an equation of motion: functions on which its generator closes. The loss of the settings has no say.</summary>
    /// <param name="samples">Where the motion is known; the last ones are held out.</param>
    /// <param name="motion">Drift and diffusion at the samples, row by row.</param>
    /// <param name="progress">Told after every pass, on the thread that works.</param>
    /// <param name="cancellation">Asked before every step.</param>
    /// <inheritdoc cref="Train" path="/exception"/>
    public ObservableSet TrainOnMotion(
        SampleSet samples,
        EquationOfMotion motion,
        IProgress<DictionaryProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(motion);
        return new CoreObservables(
            LearnedDictionary.trainOnMotion(
                Control(progress, cancellation), Settings.ToCore(), SeedModule.ofInt(Seed), samples.Core, motion.Core).OrThrow());
    }

    private static Control<TrainingProgress> Control(IProgress<DictionaryProgress>? progress, CancellationToken cancellation) =>
        new(
            Bridge.ToFunction<TrainingProgress>(now =>
                progress?.Report(new DictionaryProgress(now.Epoch, now.TrainingLoss, now.HeldOutLoss))),
            cancellation);

    private FSharpResult<Observables, KoopmanError> Core(
        TransitionSet pairs, IProgress<DictionaryProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return LearnedDictionary.train(Control(progress, cancellation), Settings.ToCore(), SeedModule.ofInt(Seed), pairs.Core);
    }
}
