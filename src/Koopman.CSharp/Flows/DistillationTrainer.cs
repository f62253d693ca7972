using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Flows;
using Koopman.Learning;
using TorchSharp;

namespace Koopman;

/// <summary>
/// Trains a linear flow that follows a velocity field, its teacher, which is not changed: samples then take one step. Equal seeds give equal
/// bits on a CPU with as many threads.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
/// <param name="seed">Of the first parameters and of everything that is drawn.</param>
public sealed class DistillationTrainer(DistillationSettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public DistillationSettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Learns to follow a teacher. The caller disposes of the result.</summary>
    /// <param name="teacher">The velocity field to follow.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    /// <param name="classes">The class of each sample, counted from 0, for networks with classes; else null.</param>
    /// <param name="progress">Reports every 50 steps, on the thread that works.</param>
    /// <param name="cancellation">Obeyed within one step.</param>
    /// <exception cref="KoopmanException">Data of another dimension, classes that do not fit, a setting out of its range, or a loss that is no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public LinearFlow Train(
        VelocityField teacher,
        Samples data,
        IReadOnlyList<int>? classes = null,
        IProgress<DistillationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using var training = Start(teacher, data, classes);
        training.Continue(progress, cancellation);
        return training.Flow();
    }

    /// <summary>As <see cref="Train"/>, on its own thread. Keep teacher and data until it ends.</summary>
    /// <inheritdoc cref="Train" path="/exception"/>
    public Task<LinearFlow> TrainAsync(
        VelocityField teacher,
        Samples data,
        IReadOnlyList<int>? classes = null,
        IProgress<DistillationProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Train(teacher, data, classes, progress, cancellation), cancellation);

    /// <summary>
    /// A training at its start, which can be stopped at any step and taken up again with the same result. The caller disposes of it; the
    /// teacher must outlive it.
    /// </summary>
    /// <param name="teacher">The velocity field to follow.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    /// <param name="classes">The class of each sample, counted from 0, for networks with classes; else null.</param>
    /// <exception cref="KoopmanException">Data of another dimension, classes that do not fit, or a setting out of its range.</exception>
    public DistillationTraining Start(VelocityField teacher, Samples data, IReadOnlyList<int>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(data);
        var options = Settings.ToCore();
        var seed = Seed.ToSeed();
        if (Settings.Images is { } images)
            return Settings.Decoder is null
                ? Distillation.startImages(options, images.ToCore(), seed, teacher, FlowTrainer.ToOption(classes), data).OrThrow()
                : throw new InvalidOperationException("A lift of images has no decoder: its pixels are coordinates.");
        return Settings.Decoder is { } decoder
            ? Take(LinearFlowModule.createDecoding(options.Lift, decoder.ToCore(), seed, data.Dimension).OrThrow(), teacher, data, classes)
            : Distillation.start(options, seed, teacher, FlowTrainer.ToOption(classes), data).OrThrow();
    }

    /// <summary>As <see cref="Start(VelocityField, Samples, IReadOnlyList{int})"/>, with features of a network of your own.</summary>
    /// <param name="teacher">The velocity field to follow; it must outlive the training.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    /// <param name="features">
    /// F, a module of times (n, 1) and points (n, d). It stays yours, and is trained in place. Its tangents take two backward passes; the networks of the
    /// settings are faster.
    /// </param>
    /// <param name="count">The number m of its outputs.</param>
    /// <exception cref="KoopmanException">Data of another dimension, a module without parameters, or a setting out of its range.</exception>
    public DistillationTraining Start(
        VelocityField teacher, Samples data, torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> features, int count)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(features);
        var net = NetModule.ofModule(data.Dimension, Check.AtLeastOne(count, nameof(count)), features);
        return Take(LinearFlowModule.ofNet(Settings.Operator, Seed.ToSeed(), net).OrThrow(), teacher, data, null);
    }

    /// <summary>A training of this lift, which is freed if there is none.</summary>
    private DistillationTraining Take(LinearFlow lift, VelocityField teacher, Samples data, IReadOnlyList<int>? classes)
    {
        var training = Distillation.startLift(Settings.ToCore(), Seed.ToSeed(), lift, teacher, FlowTrainer.ToOption(classes), data);
        if (training.IsError)
            lift.Dispose();
        return training.OrThrow();
    }
}
