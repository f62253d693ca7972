using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Flows;
using Koopman.Learning;
using Microsoft.FSharp.Core;

namespace Koopman;

/// <summary>
/// Learns a velocity field from samples by conditional flow matching: the field carries normal noise at t = 0 to the law of the data at t =
/// 1. Equal seeds give equal bits on a CPU with the same number of threads.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
/// <param name="seed">The seed of the initial parameters and of all random draws.</param>
public sealed class FlowTrainer(FlowSettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public FlowSettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Learns from samples. The caller disposes the result.</summary>
    /// <param name="data">Samples in any units, which are scaled inside where they differ from the noise. Weights are taken into account.</param>
    /// <param name="classes">The class of each sample, counted from 0, for a network with classes; else null.</param>
    /// <param name="progress">Reports every 50 steps, on the worker thread.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <exception cref="KoopmanException">Data that are all one point, classes that do not fit, a setting out of range, or a loss that
    /// is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public VelocityField Train(
        Samples data,
        IReadOnlyList<int>? classes = null,
        IProgress<DescentProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using var training = Start(data, classes);
        training.Continue(progress, cancellation);
        return training.Field();
    }

    /// <summary>As <see cref="Train"/>, on its own thread. Keep the data until it ends.</summary>
    /// <inheritdoc cref="Train" path="/exception"/>
    public Task<VelocityField> TrainAsync(
        Samples data,
        IReadOnlyList<int>? classes = null,
        IProgress<DescentProgress>? progress = null,
        CancellationToken cancellation = default) =>
        OwnThread.Run(() => Train(data, classes, progress, cancellation), cancellation);

    /// <summary>
    /// A training at its start, which can be stopped at any step and resumed with the same result. The caller disposes it.
    /// </summary>
    /// <param name="data">Samples in any units, which are scaled inside where they differ from the noise. They are copied.</param>
    /// <param name="classes">The class of each sample, counted from 0, for a network with classes; else null.</param>
    /// <exception cref="KoopmanException">Data that are all one point, classes that do not fit, a module without parameters, or a
    /// setting out of range.</exception>
    public FlowTraining Start(Samples data, IReadOnlyList<int>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return FlowMatching.start(Settings.ToCore(data.Dimension), Seed.ToSeed(), ToOption(classes), data).OrThrow();
    }

    internal static FSharpOption<int[]>? ToOption(IReadOnlyList<int>? classes) => classes?.ToArray().ToOption();
}
