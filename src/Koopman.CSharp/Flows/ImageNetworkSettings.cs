using System.Collections.Generic;
using Koopman.Learning;
using Microsoft.FSharp.Collections;

namespace Koopman;

/// <summary>A convolutional network of (t, image): a U-Net. Images are rows of their numbers, channel after channel, each row by row from the top.</summary>
public sealed record ImageNetworkSettings
{
    /// <summary>Channels of an image; at least 1. Default 1.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>Rows of an image; they must halve as often as there are Multipliers after the first.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns of an image; they must halve as rows do.</summary>
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

    internal UNetOptions ToCore() =>
        new((Channels, Rows, Columns), Width, ListModule.OfSeq(Multipliers), Attention, Classes, DoublePrecision, Device);
}
