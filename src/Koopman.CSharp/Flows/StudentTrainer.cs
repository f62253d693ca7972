using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;
using TorchSharp;
using Koopman.Learning;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>
/// Trains a linear flow that follows a velocity field, its teacher, which is not changed: samples then take one step. Equal seeds give equal
/// bits on a CPU with as many threads.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
/// <param name="seed">Of the first parameters and of everything that is drawn.</param>
public sealed class StudentTrainer(StudentSettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public StudentSettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Learns to follow a teacher. The caller disposes of the result.</summary>
    /// <param name="teacher">The velocity field to follow.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    /// <param name="classes">The class of each sample, counted from 0, for networks with classes; else null.</param>
    /// <param name="progress">Told every 50 steps, on the thread that works.</param>
    /// <param name="cancellation">Asked before every step.</param>
    /// <exception cref="KoopmanException">Data of another dimension, classes that do not fit, a setting out of its range, or a loss that is no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public LinearFlow Train(
        VelocityField teacher,
        SampleSet data,
        IReadOnlyList<int>? classes = null,
        IProgress<StudentTrainingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        new(Core(teacher, data, classes, progress, cancellation).OrThrow());

    /// <summary>As <see cref="Train"/>, without throwing over data and settings.</summary>
    /// <returns>Whether there is a flow; if not, <paramref name="error"/> says why.</returns>
    public bool TryTrain(
        VelocityField teacher,
        SampleSet data,
        [NotNullWhen(true)] out LinearFlow? flow,
        [NotNullWhen(false)] out KoopmanError? error,
        IReadOnlyList<int>? classes = null,
        IProgress<StudentTrainingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Core(teacher, data, classes, progress, cancellation).TryGet(core => new LinearFlow(core), out flow, out error);

    /// <summary>As <see cref="Train"/>, on its own thread. Keep teacher and data until it ends.</summary>
    /// <inheritdoc cref="Train" path="/exception"/>
    public Task<LinearFlow> TrainAsync(
        VelocityField teacher,
        SampleSet data,
        IReadOnlyList<int>? classes = null,
        IProgress<StudentTrainingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Train(teacher, data, classes, progress, cancellation), cancellation);

    /// <summary>
    /// A training at its start, which can be stopped at any step and taken up again with the same result. The caller disposes of it; the
    /// teacher must outlive it.
    /// </summary>
    /// <inheritdoc cref="Train" path="/param[@name='teacher' or @name='data' or @name='classes']"/>
    /// <exception cref="KoopmanException">Data of another dimension, classes that do not fit, or a setting out of its range.</exception>
    public StudentSession Start(VelocityField teacher, SampleSet data, IReadOnlyList<int>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(data);
        return new(Begin(teacher, data, classes).OrThrow());
    }

    /// <summary>As <see cref="Start(VelocityField, SampleSet, IReadOnlyList{int})"/>, with features of a network of your own.</summary>
    /// <param name="teacher">The velocity field to follow; it must outlive the session.</param>
    /// <param name="data">The data that the teacher was trained on.</param>
    /// <param name="features">
    /// F, a module of times (n, 1) and points (n, d). It stays yours, and is trained in place. Its tangents take two backward passes; the networks of the
    /// settings are faster.
    /// </param>
    /// <param name="count">The number m of its outputs.</param>
    /// <exception cref="KoopmanException">Data of another dimension, a module without parameters, or a setting out of its range.</exception>
    public StudentSession Start(
        VelocityField teacher, SampleSet data, torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> features, int count)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var lift = LiftModule.ofNet(Settings.Operator.Core, SeedModule.ofInt(Seed), NetModule.ofModule(data.Dimension, count, features)).OrThrow();
        return new(Take(lift, teacher, data, null).OrThrow());
    }

    internal static Control<StudentProgress> Control(IProgress<StudentTrainingProgress>? progress, CancellationToken cancellation) =>
        new(
            Bridge.ToFunction<StudentProgress>(now =>
                progress?.Report(
                    new StudentTrainingProgress(
                        now.Step,
                        now.Total,
                        now.Loss,
                        now.GradientLength,
                        now.VelocityResidual,
                        now.LogNorm,
                        now.SmallestFeature))),
            cancellation);

    private FSharpResult<Lift, KoopmanError> Core(
        VelocityField teacher,
        SampleSet data,
        IReadOnlyList<int>? classes,
        IProgress<StudentTrainingProgress>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(data);
        var begun = Begin(teacher, data, classes);
        if (begun.IsError)
            return FSharpResult<Lift, KoopmanError>.NewError(begun.ErrorValue);

        using var session = new StudentSession(begun.ResultValue);
        var ended = Student.resume(Control(progress, cancellation), begun.ResultValue);
        return ended.IsError
            ? FSharpResult<Lift, KoopmanError>.NewError(ended.ErrorValue)
            : FSharpResult<Lift, KoopmanError>.NewOk(Student.lift(begun.ResultValue));
    }

    private FSharpResult<StudentTraining, KoopmanError> Begin(VelocityField teacher, SampleSet data, IReadOnlyList<int>? classes)
    {
        var options = Settings.ToCore();
        var seed = SeedModule.ofInt(Seed);
        if (Settings.Images is { } images)
            return Settings.Decoder is null
                ? Student.startImages(options, images.ToCore(), seed, teacher.Core, FlowTrainer.ToOption(classes), data.Core)
                : throw new InvalidOperationException("A lift of images has no decoder: its pixels are coordinates.");

        if (Settings.Decoder is null)
            return Student.start(options, seed, teacher.Core, FlowTrainer.ToOption(classes), data.Core);

        var lift = LiftModule.createDecoding(options.Lift, Settings.Decoder.ToCore(), seed, data.Dimension);
        return lift.IsError
            ? FSharpResult<StudentTraining, KoopmanError>.NewError(lift.ErrorValue)
            : Take(lift.ResultValue, teacher, data, classes);
    }

    /// <summary>A training of this lift, which is freed if there is none.</summary>
    private FSharpResult<StudentTraining, KoopmanError> Take(
        Lift lift, VelocityField teacher, SampleSet data, IReadOnlyList<int>? classes)
    {
        var training = Student.startLift(
            Settings.ToCore(), SeedModule.ofInt(Seed), lift, teacher.Core, FlowTrainer.ToOption(classes), data.Core);
        if (training.IsError)
            ((IDisposable)lift).Dispose();

        return training;
    }
}

/// <summary>
/// The training of a linear flow: it can be stopped at any step and taken up again with the same result. Holds tensors: dispose of it. One
/// thread at a time.
/// </summary>
public sealed class StudentSession : IDisposable
{
    private readonly StudentTraining core;

    internal StudentSession(StudentTraining core)
    {
        this.core = core;
    }

    /// <summary>Steps made.</summary>
    public int Step => core.Step;

    /// <summary>Whether all steps are made.</summary>
    public bool IsFinished => core.IsFinished;

    /// <summary>Goes on until all steps are made. After a cancellation it can be called again.</summary>
    /// <param name="progress">Told every 50 steps, on the thread that works.</param>
    /// <param name="cancellation">Asked before every step.</param>
    /// <exception cref="KoopmanException">A loss that is no finite number; the parameters are those before that step.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Continue(IProgress<StudentTrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        Student.resume(StudentTrainer.Control(progress, cancellation), core).OrThrow();

    /// <summary>The flow learned so far: a copy. The caller disposes of it.</summary>
    public LinearFlow Flow() => new(Student.lift(core));

    /// <summary>Writes everything that the training knows to a file, which is replaced in one step.</summary>
    /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
    /// <exception cref="KoopmanException">The file cannot be written, and is then what it was.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var state = Student.state(core);
        RunStateModule.save(path, state).OrThrow();
    }

    /// <summary>Takes this training to a state that one with the same settings, seed, teacher and data saved: it goes on to the same bits.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="KoopmanException">There is no such file, it is damaged, or it is of another lift; then nothing is changed.</exception>
    public void Restore(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var state = RunStateModule.load(path).OrThrow();
        Student.restore(state, core).OrThrow();
    }

    /// <summary>Frees the tensors, not the teacher. Flows that were made live on.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();
}
