using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;
using TorchSharp;
using Koopman.Learning;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>
/// Learns a velocity field from samples by conditional flow matching: it carries normal noise at t = 0 to the law of the data at t = 1. Equal
/// seeds give equal bits on a CPU with as many threads.
/// </summary>
/// <param name="settings">Settings; null is the default.</param>
/// <param name="seed">Of the first parameters and of everything that is drawn.</param>
public sealed class FlowTrainer(FlowSettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public FlowSettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Learns from samples. The caller disposes of the result.</summary>
    /// <param name="data">Samples of mean about 0 and deviation about 1. Weights count.</param>
    /// <param name="classes">The class of each sample, counted from 0, for a network with classes; else null.</param>
    /// <param name="progress">Told every 50 steps, on the thread that works.</param>
    /// <param name="cancellation">Asked before every step.</param>
    /// <exception cref="KoopmanException">Data out of scale, classes that do not fit, a setting out of its range, or a loss that is no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public VelocityField Train(
        SampleSet data,
        IReadOnlyList<int>? classes = null,
        IProgress<FlowTrainingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        new(Core(data, classes, progress, cancellation).OrThrow());

    /// <summary>As <see cref="Train"/>, without throwing over data and settings.</summary>
    /// <returns>Whether there is a field; if not, <paramref name="error"/> says why.</returns>
    public bool TryTrain(
        SampleSet data,
        [NotNullWhen(true)] out VelocityField? field,
        [NotNullWhen(false)] out KoopmanError? error,
        IReadOnlyList<int>? classes = null,
        IProgress<FlowTrainingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Core(data, classes, progress, cancellation).TryGet(core => new VelocityField(core), out field, out error);

    /// <summary>As <see cref="Train"/>, on its own thread. Keep the data until it ends.</summary>
    /// <inheritdoc cref="Train" path="/exception"/>
    public Task<VelocityField> TrainAsync(
        SampleSet data,
        IReadOnlyList<int>? classes = null,
        IProgress<FlowTrainingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Train(data, classes, progress, cancellation), cancellation);

    /// <summary>A training at its start, which can be stopped at any step and taken up again with the same result. The caller disposes of it.</summary>
    /// <param name="data">Samples of mean about 0 and deviation about 1. They are copied.</param>
    /// <param name="classes">The class of each sample, counted from 0, for a network with classes; else null.</param>
    /// <exception cref="KoopmanException">Data out of scale, classes that do not fit, or a setting out of its range.</exception>
    public FlowSession Start(SampleSet data, IReadOnlyList<int>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        var (settings, seed, numbers) = (Settings.ToCore(), SeedModule.ofInt(Seed), ToOption(classes));
        return new(
            (Settings.Images is { } images
                ? FlowMatching.startImages(settings, images.ToCore(), seed, numbers, data.Core)
                : FlowMatching.start(settings, seed, numbers, data.Core)).OrThrow());
    }

    /// <summary>As <see cref="Start(SampleSet, IReadOnlyList{int})"/>, for a network of your own.</summary>
    /// <param name="data">Samples of mean about 0 and deviation about 1. They are copied.</param>
    /// <param name="network">
    /// A module of times (n, 1) and points (n, d) with d outputs. It stays yours, and is trained in place; <see cref="FlowSession.Field"/> gives it the averaged
    /// parameters, so ask when the training is over.
    /// </param>
    /// <exception cref="KoopmanException">Data out of scale, a module without parameters, or a setting out of its range.</exception>
    public FlowSession Start(SampleSet data, torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> network)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(network);
        var net = NetModule.ofModule(data.Dimension, data.Dimension, network);
        return new(FlowMatching.startNet(Settings.ToCore(), SeedModule.ofInt(Seed), net, null, data.Core).OrThrow());
    }

    internal static FSharpOption<int[]>? ToOption(IReadOnlyList<int>? classes) => classes?.ToArray().ToOption();

    internal static Control<DescentProgress> Control(IProgress<FlowTrainingProgress>? progress, CancellationToken cancellation) =>
        new(
            Bridge.ToFunction<DescentProgress>(now =>
                progress?.Report(new FlowTrainingProgress(now.Step, now.Total, now.Loss, now.GradientLength))),
            cancellation);

    private FSharpResult<Velocity, KoopmanError> Core(
        SampleSet data, IReadOnlyList<int>? classes, IProgress<FlowTrainingProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(data);
        var (control, settings, seed, numbers) =
            (Control(progress, cancellation), Settings.ToCore(), SeedModule.ofInt(Seed), ToOption(classes));
        return Settings.Images is { } images
            ? FlowMatching.trainImages(control, settings, images.ToCore(), seed, numbers, data.Core)
            : FlowMatching.train(control, settings, seed, numbers, data.Core);
    }
}

/// <summary>
/// The training of a velocity field: it can be stopped at any step and taken up again with the same result. Holds tensors: dispose of it.
/// One thread at a time.
/// </summary>
public sealed class FlowSession : IDisposable
{
    private readonly FlowTraining core;

    internal FlowSession(FlowTraining core)
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
    public void Continue(IProgress<FlowTrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        FlowMatching.resume(FlowTrainer.Control(progress, cancellation), core).OrThrow();

    /// <summary>The velocity field learned so far: a copy with averaged parameters. The caller disposes of it.</summary>
    public VelocityField Field() => new(FlowMatching.velocity(core));

    /// <summary>Writes everything that the training knows to a file, which is replaced in one step.</summary>
    /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
    /// <exception cref="KoopmanException">The file cannot be written, and is then what it was.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var state = FlowMatching.state(core);
        RunStateModule.save(path, state).OrThrow();
    }

    /// <summary>Takes this training to a state that one with the same settings, seed and data saved: it goes on to the same bits.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="KoopmanException">There is no such file, it is damaged, or it is of another network; then nothing is changed.</exception>
    public void Restore(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var state = RunStateModule.load(path).OrThrow();
        FlowMatching.restore(state, core).OrThrow();
    }

    /// <summary>Frees the tensors. Fields that were made live on.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();
}
