using System;
using System.Collections.Generic;
using Koopman.Learning;
using Microsoft.FSharp.Collections;
using TorchSharp;

namespace Koopman;

/// <summary>
/// The network of a velocity field, or of the features or the decoder of a flow: <see cref="FlowNetworkSettings"/>, <see
/// cref="ImageNetworkSettings"/>, or a module of your own, accepted in place of settings.
/// </summary>
public abstract record NetworkSettings
{
    private protected NetworkSettings()
    {
    }

    /// <summary>A module of your own.</summary>
    /// <param name="module">
    /// Of times (n, 1) and points (n, d). It still belongs to the caller, is trained in place, and is shared by the learned fields and
    /// flows. A training's <c>Field</c> sets its averaged parameters, so call that when the training is over. Its tangents take two
    /// backward passes; networks described by settings are faster.
    /// </param>
    public static NetworkSettings FromModule(torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return new ModuleSettings(module);
    }

    /// <inheritdoc cref="FromModule"/>
    public static implicit operator NetworkSettings(torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> module) => FromModule(module);

    internal abstract Network ToCore(int dimension, int outputs);

    private sealed record ModuleSettings(torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> Module) : NetworkSettings
    {
        internal override Network ToCore(int dimension, int outputs) =>
            Network.NewCustom(NetModule.ofModule(dimension, Math.Max(outputs, 1), Module));
    }
}

/// <summary>A network of (t, x): layers with a nonlinearity between them.</summary>
public sealed record FlowNetworkSettings : NetworkSettings
{
    /// <summary>The widths of the layers between input and output; at least one. Default three of 96.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [.. NetModule.mlpDefaults.Widths];

    /// <summary>The activation function between layers. Default SiLU.</summary>
    public Activation Activation { get; init; } = NetModule.mlpDefaults.Activation;

    /// <summary>The number of classes it is conditioned on; 0, the default, for none.</summary>
    public int Classes { get; init; } = NetModule.mlpDefaults.Classes;

    /// <summary>float64 instead of float32 parameters. Default false.</summary>
    public bool DoublePrecision { get; init; } = NetModule.mlpDefaults.DoublePrecision;

    /// <summary>The device of network and training: "cpu" (the default) or a CUDA device such as "cuda:1".</summary>
    public string Device { get; init; } = NetModule.mlpDefaults.Device;

    internal override Network ToCore(int dimension, int outputs) =>
        Network.NewMlp(new(ListModule.OfSeq(Widths), Activation, Classes, DoublePrecision, Device));
}

/// <summary>
/// A convolutional network of (t, image): a U-Net. Points are flattened images, channel by channel, row by row from the top.
/// </summary>
public sealed record ImageNetworkSettings : NetworkSettings
{
    /// <summary>Channels of an image; at least 1. Default 1.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>Rows of an image; divisible by 2 once for each of the Multipliers after the first.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns of an image; divisible as the rows.</summary>
    public required int Columns { get; init; }

    /// <summary>Channels at the first level. Default 32.</summary>
    public int Width { get; init; } = NetModule.uNetDefaults.Width;

    /// <summary>Channels of each level in multiples of Width. Default 1, 2, 2.</summary>
    public IReadOnlyList<int> Multipliers { get; init; } = [.. NetModule.uNetDefaults.Multipliers];

    /// <summary>True if pixels attend to each other at the last level. Default true.</summary>
    public bool Attention { get; init; } = NetModule.uNetDefaults.Attention;

    /// <summary>The number of classes it is conditioned on; 0, the default, for none.</summary>
    public int Classes { get; init; } = NetModule.uNetDefaults.Classes;

    /// <summary>float64 instead of float32 parameters. Default false.</summary>
    public bool DoublePrecision { get; init; } = NetModule.uNetDefaults.DoublePrecision;

    /// <summary>The device of network and training: "cpu" (the default) or a CUDA device such as "cuda:1".</summary>
    public string Device { get; init; } = NetModule.uNetDefaults.Device;

    internal override Network ToCore(int dimension, int outputs) =>
        Network.NewUNet(
            new((Channels, Rows, Columns), Width, ListModule.OfSeq(Multipliers), Attention, Classes, DoublePrecision, Device));
}
