using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Convolution of signals.</summary>
        public sealed class Conv1d : Convolution
        {
            internal Conv1d(
                long in_channels, long out_channels, long kernel_size, long stride, long padding, Padding? padding_type, long dilation,
                PaddingModes padding_mode, long groups, bool bias, Device? device, ScalarType? dtype)
                : base(
                    nameof(Conv1d), in_channels, out_channels, [kernel_size], [stride], [padding], padding_type, [dilation], false, [0], groups,
                    bias, padding_mode, device, dtype)
            { }

            /// <summary>(batch, in, length) to (batch, out, new length); the batch may be left out.</summary>
            public override Tensor forward(Tensor input)
            {
                CheckShape(input);
                using var padded = Padded(input);
                if (padding_type is { } type && padded is null)
                    return functional.NamedPadding(input, weight, bias, stride, type, dilation, groups);
                return functional.conv1d(
                    padded ?? input, weight, bias, stride[0], padded is null ? padding![0] : 0, dilation[0], groups);
            }
        }

        /// <summary>Convolution of images.</summary>
        public sealed class Conv2d : Convolution
        {
            internal Conv2d(
                long in_channels, long out_channels, (long, long) kernel_size, (long, long) stride, (long, long) padding,
                Padding? padding_type, (long, long) dilation, PaddingModes padding_mode, long groups, bool bias, Device? device,
                ScalarType? dtype)
                : base(
                    nameof(Conv2d), in_channels, out_channels, [kernel_size.Item1, kernel_size.Item2], [stride.Item1, stride.Item2],
                    [padding.Item1, padding.Item2], padding_type, [dilation.Item1, dilation.Item2], false, [0, 0], groups, bias, padding_mode,
                    device, dtype)
            { }

            /// <summary>(batch, in, height, width) to (batch, out, new height, new width); the batch may be left out.</summary>
            public override Tensor forward(Tensor input)
            {
                CheckShape(input);
                using var padded = Padded(input);
                if (padding_type is { } type && padded is null)
                    return functional.NamedPadding(input, weight, bias, stride, type, dilation, groups);
                return functional.conv2d(padded ?? input, weight, bias, stride, padded is null ? padding : [0, 0], dilation, groups);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Convolution of signals.</summary>
            public static Conv1d Conv1d(
                long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, padding, null, dilation, padding_mode, groups, bias, device, dtype);

            /// <summary>Convolution of signals, padded by name.</summary>
            public static Conv1d Conv1d(
                long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, 0, padding, dilation, padding_mode, groups, bias, device, dtype);

            /// <summary>Convolution of images.</summary>
            public static Conv2d Conv2d(
                long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(
                    in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (padding, padding), null, (dilation, dilation),
                    padding_mode, groups, bias, device, dtype);

            /// <summary>Convolution of images.</summary>
            public static Conv2d Conv2d(
                long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null,
                (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device? device = null, ScalarType? dtype = null) =>
                new(
                    in_channels, out_channels, kernel_size, stride ?? (1, 1), padding ?? (0, 0), null, dilation ?? (1, 1), padding_mode, groups,
                    bias, device, dtype);

            /// <summary>Convolution of images, padded by name.</summary>
            public static Conv2d Conv2d(
                long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(
                    in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (0, 0), padding, (dilation, dilation), padding_mode,
                    groups, bias, device, dtype);

            /// <summary>Convolution of images, padded by name.</summary>
            public static Conv2d Conv2d(
                long in_channels, long out_channels, (long, long) kernel_size, Padding padding, (long, long)? stride = null,
                (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device? device = null, ScalarType? dtype = null) =>
                new(
                    in_channels, out_channels, kernel_size, stride ?? (1, 1), (0, 0), padding, dilation ?? (1, 1), padding_mode, groups, bias,
                    device, dtype);
        }
    }
}
