using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static partial class functional
            {
                /// <summary>Changes the size of signals, images or volumes (batch, channels, …).</summary>
                /// <param name="x">What is resized.</param>
                /// <param name="size">The new size; either this or the factors.</param>
                /// <param name="scale_factor">A factor for all dimensions or one for each.</param>
                /// <param name="mode">How new values arise.</param>
                /// <param name="align_corners">Whether corners meet corners, rather than edges edges (linear and cubic modes).</param>
                /// <param name="recompute_scale_factor">Whether to interpolate by the factor that the rounded size has.</param>
                /// <param name="antialias">Whether to blur before shrinking.</param>
                public static Tensor interpolate(
                    Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest,
                    bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false) =>
                    Take(kt_interpolate(
                        Of(x), size, size?.Length ?? 0, scale_factor, scale_factor?.Length ?? 0, (int)mode,
                        align_corners switch { null => 0, true => 1, false => 2 }, recompute_scale_factor ? 1 : 0, antialias ? 1 : 0));

                /// <summary>Changes the size as <see cref="interpolate"/> does.</summary>
                public static Tensor upsample(
                    Tensor input, long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest,
                    bool align_corners = false) =>
                    interpolate(
                        input, size, scale_factor, (InterpolationMode)mode, mode == UpsampleMode.Nearest ? null : align_corners);

                /// <summary>Adds elements at the ends of dimensions.</summary>
                /// <param name="input">What is padded.</param>
                /// <param name="pad">How many before and after, for the last dimension, then for the one before it, and so on.</param>
                /// <param name="mode">What is added.</param>
                /// <param name="value">The number that <see cref="PaddingModes.Constant"/> adds.</param>
                public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                    Take(kt_pad(
                        Of(input), pad, pad.Length, (int)(mode == PaddingModes.Zeros ? PaddingModes.Constant : mode),
                        mode == PaddingModes.Zeros ? 0 : value));

                /// <inheritdoc cref="pad(Tensor, ReadOnlySpan{long}, PaddingModes, double)"/>
                public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                    functional.pad(input, (ReadOnlySpan<long>)Given(pad), mode, value);

                /// <inheritdoc cref="pad(Tensor, ReadOnlySpan{long}, PaddingModes, double)"/>
                public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                    functional.pad(input, (ReadOnlySpan<long>)[pad.Item1, pad.Item2], mode, value);

                /// <inheritdoc cref="pad(Tensor, ReadOnlySpan{long}, PaddingModes, double)"/>
                public static Tensor pad(
                    Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                    functional.pad(input, (ReadOnlySpan<long>)[pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

                /// <summary>Adds the same number of elements at both ends of every dimension.</summary>
                public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
                {
                    var everywhere = new long[2 * Given(input).dim()];
                    everywhere.AsSpan().Fill(pad);
                    return functional.pad(input, (ReadOnlySpan<long>)everywhere, mode, value);
                }
            }
        }
    }
}
