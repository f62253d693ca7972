using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Latents;
using Koopman.Learning;
using Microsoft.FSharp.Collections;

namespace Koopman;

/// <summary>Settings of <see cref="AutoencoderTrainer"/>.</summary>
public sealed record AutoencoderSettings
{
    /// <summary>The number k of latents; at least 1. Default 16.</summary>
    public int Latents { get; init; } = Autoencoder.network.Latents;

    /// <summary>The widths of the layers between data and latents; reversed in the decoder. Default two of 256.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [.. Autoencoder.network.Widths];

    /// <summary>The activation function between layers. Default SiLU.</summary>
    public Activation Activation { get; init; } = Autoencoder.network.Activation;

    /// <summary>The output layer of the decoder: unrestricted (the default), or from 0 to 1 as for pixels.</summary>
    public AutoencoderOutput Output { get; init; } = Autoencoder.network.Output;

    /// <summary>The device of the training: "cpu" (the default) or a CUDA device such as "cuda:1". The result is on the CPU.</summary>
    public string Device { get; init; } = Autoencoder.network.Device;

    /// <summary>Noise on the latents while training, in units of their standard deviation; not negative. Default .05.</summary>
    public double Noise { get; init; } = Autoencoder.defaults.Noise;

    /// <summary>Rows in one step; at least 1. Default 128.</summary>
    public int Batch { get; init; } = Autoencoder.defaults.Batch;

    /// <summary>The training. Default 2,500 steps of at most 3e-3.</summary>
    public FlowDescentSettings Descent { get; init; } = FlowDescentSettings.From(Autoencoder.defaults.Descent);

    internal AutoencoderOptions ToCore() =>
        new(new AutoencoderNetwork(Latents, ListModule.OfSeq(Widths), Activation, Output, Device), Noise, Batch, Descent.ToCore());
}

/// <summary>
/// Learns an autoencoder: networks from data to latents and back whose composition changes the data as little as possible. Equal seeds give
/// equal bits on a CPU with the same number of threads.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
/// <param name="seed">The seed of the initial parameters, the batches and the noise.</param>
public sealed class AutoencoderTrainer(AutoencoderSettings? settings = null, int seed = 0)
{
    /// <summary>The settings.</summary>
    public AutoencoderSettings Settings { get; } = settings ?? new();

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Learns from samples. The caller disposes the result.</summary>
    /// <param name="data">The data. Weights are taken into account.</param>
    /// <param name="progress">Reports every 50 steps, on the worker thread.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <exception cref="KoopmanException">
    /// A setting out of range, data that are one point or outside [0, 1] for probabilities, or a loss that is not finite.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public LatentMap Train(
        Samples data, IProgress<DescentProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var training = Start(data);
        training.Continue(progress, cancellation);
        return training.Map();
    }

    /// <summary>As <see cref="Train"/>, on its own thread. Keep the data until it ends.</summary>
    /// <inheritdoc cref="Train" path="/exception"/>
    public Task<LatentMap> TrainAsync(
        Samples data, IProgress<DescentProgress>? progress = null, CancellationToken cancellation = default) =>
        OwnThread.Run(() => Train(data, progress, cancellation), cancellation);

    /// <summary>A training at its start, which can be stopped at any step and taken up again with the same result. The caller disposes of it.</summary>
    /// <param name="data">The data, which are copied. Weights count.</param>
    /// <exception cref="KoopmanException">A setting out of its range, or data that are one point or outside [0, 1] for probabilities.</exception>
    public AutoencoderTraining Start(Samples data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Autoencoder.start(Settings.ToCore(), Seed.ToSeed(), data).OrThrow();
    }
}
