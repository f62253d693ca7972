using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Latents;
using Koopman.Learning;
using Microsoft.FSharp.Collections;

namespace Koopman;

/// <summary>Settings of <see cref="ClassifierTrainer"/>.</summary>
public sealed record ClassifierSettings
{
    /// <summary>The widths of the layers between data and classes, at least one; the last of them are the features. Default 256 and 64.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [.. ClassifierModule.defaults.Widths];

    /// <summary>The activation function between layers. Default SiLU.</summary>
    public Activation Activation { get; init; } = ClassifierModule.defaults.Activation;

    /// <summary>Noise on the data while training, in units of their standard deviation; not negative. Default .3.</summary>
    public double Noise { get; init; } = ClassifierModule.defaults.Noise;

    /// <summary>Rows in one step; at least 1. Default 128.</summary>
    public int Batch { get; init; } = ClassifierModule.defaults.Batch;

    /// <summary>The device of the training: "cpu" (the default) or a CUDA device such as "cuda:1". The result lives on the CPU.</summary>
    public string Device { get; init; } = ClassifierModule.defaults.Device;

    /// <summary>The training. Default 1,500 steps of at most 3e-3.</summary>
    public FlowDescentSettings Descent { get; init; } = FlowDescentSettings.From(ClassifierModule.defaults.Descent);

    internal ClassifierOptions ToCore() => new(ListModule.OfSeq(Widths), Activation, Noise, Batch, Device, Descent.ToCore());
}

/// <summary>Trains a classifier. Equal seeds give equal bits on a CPU with the same number of threads.</summary>
/// <param name="settings">Settings; null for the default.</param>
/// <param name="seed">The seed of the initial parameters, the batches and the noise.</param>
public sealed class ClassifierTrainer(ClassifierSettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public ClassifierSettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Learns from samples. The caller disposes the result.</summary>
    /// <param name="data">The data. Weights are taken into account.</param>
    /// <param name="labels">The class of each sample, counted from 0 without gaps.</param>
    /// <param name="progress">Reports every 50 steps, on the worker thread.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <exception cref="KoopmanException">Invalid settings or labels, data that are one point, or a loss that is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Classifier Train(
        Samples data,
        IReadOnlyList<int> labels,
        IProgress<DescentProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using var training = Start(data, labels);
        training.Continue(progress, cancellation);
        return training.Classifier();
    }

    /// <summary>As <see cref="Train"/>, on its own thread. Keep the data until it ends.</summary>
    /// <inheritdoc cref="Train" path="/exception"/>
    public Task<Classifier> TrainAsync(
        Samples data,
        IReadOnlyList<int> labels,
        IProgress<DescentProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Train(data, labels, progress, cancellation), cancellation);

    /// <summary>A training at its start, which can be stopped at any step and taken up again with the same result. The caller disposes of it.</summary>
    /// <param name="data">The data, which are copied. Weights count.</param>
    /// <param name="labels">The class of each sample, counted from 0 without gaps.</param>
    /// <exception cref="KoopmanException">Settings or labels that cannot be, or data that are one point.</exception>
    public ClassifierTraining Start(Samples data, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(labels);
        return ClassifierModule.start(Settings.ToCore(), Seed.ToSeed(), [.. labels], data).OrThrow();
    }
}
