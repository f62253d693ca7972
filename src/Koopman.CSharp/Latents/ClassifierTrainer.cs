using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using TorchSharp;
using Koopman.Learning;
using Koopman.Latents;

namespace Koopman.CSharp;

/// <summary>Settings of <see cref="ClassifierTrainer"/>.</summary>
public sealed record ClassifierSettings
{
    /// <summary>The widths of the layers between data and classes, at least one; the last of them are the features. Default 256 and 64.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [.. ClassifierModule.defaults.Widths];

    /// <summary>What bends between layers. Default SiLU.</summary>
    public Activation Activation { get; init; } = ClassifierModule.defaults.Activation;

    /// <summary>Noise on the data while training, in units of their spread; not negative. Default .3.</summary>
    public double Noise { get; init; } = ClassifierModule.defaults.Noise;

    /// <summary>Rows in one step; at least 1. Default 128.</summary>
    public int Batch { get; init; } = ClassifierModule.defaults.Batch;

    /// <summary>Where it is trained: "cpu" (the default) or a CUDA device such as "cuda:1". The result lives on the CPU.</summary>
    public string Device { get; init; } = ClassifierModule.defaults.Device;

    /// <summary>The training. Default 1,500 steps of at most 3e-3.</summary>
    public FlowDescentSettings Descent { get; init; } = FlowDescentSettings.From(ClassifierModule.defaults.Descent);

    internal ClassifierOptions ToCore() => new(ListModule.OfSeq(Widths), Activation, Noise, Batch, Device, Descent.ToCore());
}

/// <summary>Learns to tell classes apart. Equal seeds give equal bits on a CPU with as many threads.</summary>
/// <param name="settings">Settings; null is the default.</param>
/// <param name="seed">Of the first parameters, the batches and the noise.</param>
public sealed class ClassifierTrainer(ClassifierSettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public ClassifierSettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Learns from samples. The caller disposes of the result.</summary>
    /// <param name="data">The data. Weights count.</param>
    /// <param name="labels">The class of each sample, counted from 0 without gaps.</param>
    /// <param name="progress">Told every 50 steps, on the thread that works.</param>
    /// <param name="cancellation">Asked before every step.</param>
    /// <exception cref="KoopmanException">Settings or labels that cannot be, data that are one point, or a loss that is no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public TrainedClassifier Train(
        SampleSet data,
        IReadOnlyList<int> labels,
        IProgress<FlowTrainingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        new(Core(data, labels, progress, cancellation).OrThrow());

    /// <summary>As <see cref="Train"/>, without throwing over data and settings.</summary>
    /// <returns>Whether there is a classifier; if not, <paramref name="error"/> says why.</returns>
    public bool TryTrain(
        SampleSet data,
        IReadOnlyList<int> labels,
        [NotNullWhen(true)] out TrainedClassifier? classifier,
        [NotNullWhen(false)] out KoopmanError? error,
        IProgress<FlowTrainingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Core(data, labels, progress, cancellation).TryGet(core => new TrainedClassifier(core), out classifier, out error);

    /// <summary>As <see cref="Train"/>, on its own thread. Keep the data until it ends.</summary>
    /// <inheritdoc cref="Train" path="/exception"/>
    public Task<TrainedClassifier> TrainAsync(
        SampleSet data,
        IReadOnlyList<int> labels,
        IProgress<FlowTrainingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Train(data, labels, progress, cancellation), cancellation);

    private FSharpResult<Classifier, KoopmanError> Core(
        SampleSet data, IReadOnlyList<int> labels, IProgress<FlowTrainingProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(labels);
        return ClassifierModule.train(
            FlowTrainer.Control(progress, cancellation), Settings.ToCore(), SeedModule.ofInt(Seed), [.. labels], data.Core);
    }
}

/// <summary>
/// A network that tells classes apart: to judge what a generator makes, by the class that is seen in it, by how sure that is, and by the
/// features behind it. Holds tensors: dispose of it.
/// </summary>
public sealed class TrainedClassifier : IDisposable
{
    private readonly Classifier core;

    internal TrainedClassifier(Classifier core)
    {
        this.core = core;
    }

    /// <summary>The dimension d of the data.</summary>
    public int Dimension => core.Dimension;

    /// <summary>The number of classes.</summary>
    public int Classes => core.Classes;

    /// <summary>The probabilities (n, classes) at float64 points (n, d). The caller owns them.</summary>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    public torch.Tensor Probabilities(torch.Tensor points) => core.Probabilities(Check.Points(points, Dimension, nameof(points)));

    /// <summary>The most probable class of every sample.</summary>
    /// <exception cref="KoopmanException">The samples have another dimension.</exception>
    public IReadOnlyList<int> Predict(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Array.AsReadOnly(ClassifierModule.predict(core, samples.Core).OrThrow());
    }

    /// <summary>The probability of the most probable class, for every sample.</summary>
    /// <inheritdoc cref="Predict" path="/exception"/>
    public IReadOnlyList<double> Confidence(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Array.AsReadOnly(ClassifierModule.confidence(core, samples.Core).OrThrow());
    }

    /// <summary>The share of samples whose most probable class is that of the label.</summary>
    /// <exception cref="KoopmanException">The samples have another dimension, or there is not one label a sample.</exception>
    public double Accuracy(SampleSet samples, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(labels);
        return ClassifierModule.accuracy(core, [.. labels], samples.Core).OrThrow();
    }

    /// <summary>The features of samples, to compare by <see cref="SampleMetrics.Frechet"/>.</summary>
    /// <inheritdoc cref="Predict" path="/exception"/>
    public SampleSet Features(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new(ClassifierModule.features(core, samples.Core).OrThrow());
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();
}
