using System;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>What transposed convolutions have in common.</summary>
        public abstract class ConvolutionTranspose : Convolution
        {
            private protected ConvolutionTranspose(
                string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, long[] dilation,
                long[] output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
                : base(
                    name, in_channels, out_channels, kernel_size, stride, padding, null, dilation, true, output_padding, groups, bias,
                    padding_mode, device, dtype)
            { }

            /// <summary>The forward pass with the smallest output, but for the layer's output padding.</summary>
            public override Tensor forward(Tensor input) => forward(input, null);

            /// <summary>The forward pass to a given size, of those that the same convolution would map to the input's.</summary>
            /// <exception cref="ArgumentException">No input of this size exists.</exception>
            public abstract Tensor forward(Tensor input, long[]? output_size);

            /// <summary>How much longer than its smallest the output is to be.</summary>
            private protected long[] Excess(Tensor input, long[]? size)
            {
                if (size is null) return output_padding;
                var n = kernel_size.Length;
                var wanted = size.Length > n ? size[^n..] : size;
                if (wanted.Length != n) throw new ArgumentException($"{GetName()} needs an output size of {n} numbers, not {size.Length}.");
                return Enumerable.Range(0, n).Select(i =>
                {
                    var least = (input.shape[^(n - i)] - 1) * stride[i] - 2 * padding![i] + dilation[i] * (kernel_size[i] - 1) + 1;
                    var excess = wanted[i] - least;
                    if (excess < 0 || excess >= Math.Max(stride[i], dilation[i]))
                        throw new ArgumentException($"{GetName()} can reach sizes {least} to {least + stride[i] - 1} here, not {wanted[i]}.");
                    return excess;
                }).ToArray();
            }
        }

        /// <summary>Transposed convolution of signals.</summary>
        public sealed class ConvTranspose1d : ConvolutionTranspose
        {
            internal ConvTranspose1d(
                long in_channels, long out_channels, long kernel_size, long stride, long padding, long output_padding, long dilation,
                PaddingModes padding_mode, long groups, bool bias, Device? device, ScalarType? dtype)
                : base(
                    nameof(ConvTranspose1d), in_channels, out_channels, [kernel_size], [stride], [padding], [dilation], [output_padding], groups,
                    bias, padding_mode, device, dtype)
            { }

            /// <inheritdoc/>
            public override Tensor forward(Tensor input, long[]? output_size)
            {
                CheckShape(input);
                return functional.conv_transpose1d(
                    input, weight, bias, stride[0], padding![0], Excess(input, output_size)[0], dilation[0], groups);
            }
        }

        /// <summary>Transposed convolution of images.</summary>
        public sealed class ConvTranspose2d : ConvolutionTranspose
        {
            internal ConvTranspose2d(
                long in_channels, long out_channels, (long, long) kernel_size, (long, long) stride, (long, long) padding,
                (long, long) output_padding, (long, long) dilation, PaddingModes padding_mode, long groups, bool bias, Device? device,
                ScalarType? dtype)
                : base(
                    nameof(ConvTranspose2d), in_channels, out_channels, [kernel_size.Item1, kernel_size.Item2], [stride.Item1, stride.Item2],
                    [padding.Item1, padding.Item2], [dilation.Item1, dilation.Item2], [output_padding.Item1, output_padding.Item2], groups, bias,
                    padding_mode, device, dtype)
            { }

            /// <inheritdoc/>
            public override Tensor forward(Tensor input, long[]? output_size)
            {
                CheckShape(input);
                return functional.conv_transpose2d(
                    input, weight, bias, stride, padding, Excess(input, output_size), dilation, groups);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Transposed convolution of signals.</summary>
            public static ConvTranspose1d ConvTranspose1d(
                long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0,
                long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, padding, output_padding, dilation, padding_mode, groups, bias, device, dtype);

            /// <summary>Transposed convolution of images.</summary>
            public static ConvTranspose2d ConvTranspose2d(
                long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0,
                long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(
                    in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (padding, padding), (output_padding, output_padding),
                    (dilation, dilation), padding_mode, groups, bias, device, dtype);

            /// <summary>Transposed convolution of images.</summary>
            public static ConvTranspose2d ConvTranspose2d(
                long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null,
                (long, long)? output_padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros,
                long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(
                    in_channels, out_channels, kernel_size, stride ?? (1, 1), padding ?? (0, 0), output_padding ?? (0, 0), dilation ?? (1, 1),
                    padding_mode, groups, bias, device, dtype);
        }
    }
}
