using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Flows;

namespace Koopman;

/// <summary>
/// Trains a linear flow that follows a velocity field, its teacher, which is not changed; samples of the flow take one step. Equal seeds
/// give equal bits on a CPU with the same number of threads.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
/// <param name="seed">The seed of the initial parameters and of all random draws.</param>
public sealed class DistillationTrainer(DistillationSettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public DistillationSettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Trains a linear flow to follow a teacher. The caller disposes the result.</summary>
    /// <param name="teacher">The velocity field to follow.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    /// <param name="classes">The class of each sample, counted from 0, for networks with classes; else null.</param>
    /// <param name="progress">Reports every 50 steps, on the worker thread.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <exception cref="KoopmanException">Data of another dimension, invalid classes, a setting out of range, or a loss that is not
    /// finite.</exception>
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
    /// A training at its first step, which can be stopped at any step and resumed with the same result. The caller disposes it.
    /// </summary>
    /// <param name="teacher">The velocity field to follow.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    /// <param name="classes">The class of each sample, counted from 0, for networks with classes; else null.</param>
    /// <exception cref="KoopmanException">Data of another dimension, invalid classes, a module without parameters, or a setting out of
    /// range.</exception>
    public DistillationTraining Start(VelocityField teacher, Samples data, IReadOnlyList<int>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(data);
        return Distillation.start(Settings.ToCore(data.Dimension), Seed.ToSeed(), teacher, FlowTrainer.ToOption(classes), data).OrThrow();
    }
}
