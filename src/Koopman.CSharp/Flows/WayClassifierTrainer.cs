using System;
using System.Collections.Generic;
using System.Threading;
using Koopman.Flows;
using Koopman.Learning;
using TorchSharp;

namespace Koopman;

/// <summary>Settings of <see cref="WayClassifierTrainer"/>.</summary>
public sealed record WayClassifierSettings
{
    /// <summary>The network, without classes of its own. Default two layers of 96.</summary>
    public NetworkSettings Network { get; init; } = new FlowNetworkSettings { Widths = [96, 96] };

    /// <summary>The path whose points are classified. Default straight lines between independent ends.</summary>
    public ProbabilityPath Path { get; init; } = WayClassifierModule.defaults.Path;

    /// <summary>Rows in one step; at least 1. Default 256.</summary>
    public int Batch { get; init; } = WayClassifierModule.defaults.Batch;

    /// <summary>The training. Default 2,000 steps of at most 3e-3.</summary>
    public FlowDescentSettings Descent { get; init; } = FlowDescentSettings.From(WayClassifierModule.defaults.Descent);

    internal WayClassifierOptions ToCore(int dimension, int classes) =>
        new(Network.ToCore(dimension, classes), Path, Batch, Descent.ToCore());
}

/// <summary>
/// Trains classifiers of points on the way from noise to data, by which <c>VelocityField.Steered</c> guides samples. Equal seeds give equal bits
/// on a CPU with the same number of threads.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
/// <param name="seed">The seed of the initial parameters and of all random draws.</param>
public sealed class WayClassifierTrainer(WayClassifierSettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public WayClassifierSettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Trains a classifier. The caller disposes the result.</summary>
    /// <param name="data">Samples, standardised as for the velocity field.</param>
    /// <param name="classes">The class of each, counted from 0.</param>
    /// <param name="progress">Reports every 50 steps.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <exception cref="KoopmanException">Not one class per sample, a setting out of range, or a loss that is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public WayClassifier Train(
        Samples data,
        IReadOnlyList<int> classes,
        IProgress<DescentProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(classes);
        int[] numbers = [.. classes];
        var count = 0;
        foreach (var number in numbers)
            count = Math.Max(count, number + 1);
        return WayClassifierModule.train(
            progress.ToControl(cancellation), Settings.ToCore(data.Dimension, count), Seed.ToSeed(), numbers, data).OrThrow();
    }
}

/// <summary>Evaluates classifiers of points on the way.</summary>
public static class WayClassifierExtensions
{
    extension(WayClassifier classifier)
    {
        /// <summary>The class probabilities (n, classes) of points (n, d) at one time from 0 (noise) to 1 (data), float32. The caller owns them.</summary>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        public torch.Tensor Probabilities(torch.Tensor points, double time = 1)
        {
            Check.Points(points, classifier.Dimension, nameof(points));
            using var scope = torch.NewDisposeScope();
            using var quiet = torch.no_grad();
            var single = points.detach().to(torch.float32);
            var times = torch.full([points.shape[0], 1], time, dtype: torch.float32, device: single.device);
            return classifier.LogProbabilities(times, single).exp().DetachFromDisposeScope();
        }
    }
}
