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
                private static readonly long[] One = [1, 1];
                private static readonly long[] Zero = [0, 0];

                /// <summary>x Wᵀ + b.</summary>
                /// <param name="input">(…, in).</param>
                /// <param name="weights">(out, in).</param>
                /// <param name="bias">(out).</param>
                public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) =>
                    Take(kt_linear(Of(input), Of(weights), Maybe(bias)));

                /// <summary>Convolution of signals (batch, in, length) with weights (out, in / groups, size).</summary>
                public static Tensor conv1d(
                    Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null,
                    long groups = 1) =>
                    Take(kt_conv(Of(input), Of(weight), Maybe(bias), 1, [stride ?? 1], [padding ?? 0], [dilation ?? 1], groups));

                /// <summary>Convolution of images (batch, in, height, width) with weights (out, in / groups, rows, columns).</summary>
                public static Tensor conv2d(
                    Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null,
                    long[]? dilation = null, long groups = 1) =>
                    Take(kt_conv(
                        Of(input), Of(weight), Maybe(bias), 2, Two(strides ?? One), Two(padding ?? Zero), Two(dilation ?? One), groups));

                /// <summary>The transpose of <see cref="conv1d"/>; weights (in, out / groups, size).</summary>
                public static Tensor conv_transpose1d(
                    Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null,
                    long? output_padding = null, long? dilation = null, long groups = 1) =>
                    Take(kt_conv_transpose(
                        Of(input), Of(weight), Maybe(bias), 1, [stride ?? 1], [padding ?? 0], [output_padding ?? 0], [dilation ?? 1], groups));

                /// <summary>The transpose of <see cref="conv2d"/>; weights (in, out / groups, rows, columns).</summary>
                public static Tensor conv_transpose2d(
                    Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null,
                    long[]? output_padding = null, long[]? dilation = null, long groups = 1) =>
                    Take(kt_conv_transpose(
                        Of(input), Of(weight), Maybe(bias), 2, Two(strides ?? One), Two(padding ?? Zero), Two(output_padding ?? Zero),
                        Two(dilation ?? One), groups));

                /// <summary>Sliding blocks of images as columns: (batch, channels · block, blocks).</summary>
                public static Tensor unfold(Tensor input, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                    unfold(input, (kernel_size, kernel_size), (dilation, dilation), (padding, padding), (stride, stride));

                /// <inheritdoc cref="unfold(Tensor, long, long, long, long)"/>
                public static Tensor unfold(
                    Tensor input, (long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null,
                    (long, long)? stride = null) =>
                    Take(kt_unfold(
                        Of(input), default, Two(kernel_size), Two(dilation ?? (1, 1)), Two(padding ?? (0, 0)), Two(stride ?? (1, 1))));

                /// <summary>The transpose of <see cref="unfold(Tensor, long, long, long, long)"/>: blocks are summed where they overlap.</summary>
                public static Tensor fold(
                    Tensor input, long output_size, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                    fold(input, (output_size, output_size), (kernel_size, kernel_size), (dilation, dilation), (padding, padding), (stride, stride));

                /// <inheritdoc cref="fold(Tensor, long, long, long, long, long)"/>
                public static Tensor fold(
                    Tensor input, (long, long) output_size, (long, long) kernel_size, (long, long)? dilation = null,
                    (long, long)? padding = null, (long, long)? stride = null) =>
                    Take(kt_unfold(
                        Of(input), Two(output_size), Two(kernel_size), Two(dilation ?? (1, 1)), Two(padding ?? (0, 0)), Two(stride ?? (1, 1))));

                /// <summary>Convolution whose padding has a name.</summary>
                internal static Tensor NamedPadding(
                    Tensor input, Tensor weight, Tensor? bias, long[] stride, Padding padding, long[] dilation, long groups) =>
                    Take(kt_conv_named(
                        Of(input), Of(weight), Maybe(bias), stride.Length, stride, padding == Padding.Same ? 1 : 0, dilation, groups));

                private static long[] Two((long, long) pair) => [pair.Item1, pair.Item2];

                /// <summary>One number for both dimensions, or one for each.</summary>
                private static long[] Two(long[] sizes) => sizes.Length switch
                {
                    1 => [sizes[0], sizes[0]],
                    2 => sizes,
                    _ => throw new ArgumentException($"Two dimensions need one or two numbers, not {sizes.Length}."),
                };
            }
        }
    }
}
