using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Means over windows of images.</summary>
        public sealed class AvgPool2d : ParameterLessModule<Tensor, Tensor>
        {
            internal AvgPool2d(
                long[] kernel_size, long[]? stride, long[]? padding, bool ceil_mode, bool count_include_pad, long? divisor_override)
                : base(nameof(AvgPool2d))
            {
                this.kernel_size = kernel_size;
                this.stride = stride;
                this.padding = padding;
                this.ceil_mode = ceil_mode;
                this.count_include_pad = count_include_pad;
                this.divisor_override = divisor_override;
            }

            /// <summary>The size of the window.</summary>
            public long[] kernel_size { get; set; }

            /// <summary>The step from window to window; null: the window's size.</summary>
            public long[]? stride { get; set; }

            /// <summary>How many zeros are added at both ends; null: none.</summary>
            public long[]? padding { get; set; }

            /// <summary>Whether a window may hang over the end.</summary>
            public bool ceil_mode { get; set; }

            /// <summary>Whether added zeros count.</summary>
            public bool count_include_pad { get; set; }

            /// <summary>What sums are divided by instead of the window's size.</summary>
            public long? divisor_override { get; set; }

            /// <summary>(batch, channels, height, width) to fewer rows and columns.</summary>
            public override Tensor forward(Tensor input) =>
                functional.avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
        }

        /// <summary>Maxima over windows of images.</summary>
        public sealed class MaxPool2d : ParameterLessModule<Tensor, Tensor>
        {
            internal MaxPool2d(long[] kernel_size, long[]? stride, long[]? padding, long[]? dilation, bool ceil_mode) : base(nameof(MaxPool2d))
            {
                this.kernel_size = kernel_size;
                this.stride = stride;
                this.padding = padding;
                this.dilation = dilation;
                this.ceil_mode = ceil_mode;
            }

            /// <summary>The size of the window.</summary>
            public long[] kernel_size { get; set; }

            /// <summary>The step from window to window; null: the window's size.</summary>
            public long[]? stride { get; set; }

            /// <summary>How much is added at both ends; null: nothing.</summary>
            public long[]? padding { get; set; }

            /// <summary>The step from element to element within a window; null: 1.</summary>
            public long[]? dilation { get; set; }

            /// <summary>Whether a window may hang over the end.</summary>
            public bool ceil_mode { get; set; }

            /// <summary>(batch, channels, height, width) to fewer rows and columns.</summary>
            public override Tensor forward(Tensor input) =>
                functional.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Means over windows of images; without a stride the windows lie side by side.</summary>
            public static AvgPool2d AvgPool2d(
                long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true,
                long? divisor_override = null) => new(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);

            /// <inheritdoc cref="AvgPool2d(long[], long[], long[], bool, bool, long?)"/>
            public static AvgPool2d AvgPool2d(
                (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, bool ceil_mode = false,
                bool count_include_pad = true, long? divisor_override = null) =>
                new(Both(kernel_size), Both(stride), Both(padding), ceil_mode, count_include_pad, divisor_override);

            /// <inheritdoc cref="AvgPool2d(long[], long[], long[], bool, bool, long?)"/>
            public static AvgPool2d AvgPool2d(
                long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true,
                long? divisor_override = null) =>
                new([kernel_size, kernel_size], Both(stride), Both(padding), ceil_mode, count_include_pad, divisor_override);

            /// <summary>Maxima over windows of images; without a stride the windows lie side by side.</summary>
            public static MaxPool2d MaxPool2d(
                long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                new(kernel_size, stride, padding, dilation, ceil_mode);

            /// <inheritdoc cref="MaxPool2d(long[], long[], long[], long[], bool)"/>
            public static MaxPool2d MaxPool2d(
                (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null,
                bool ceil_mode = false) => new(Both(kernel_size), Both(stride), Both(padding), Both(dilation), ceil_mode);

            /// <inheritdoc cref="MaxPool2d(long[], long[], long[], long[], bool)"/>
            public static MaxPool2d MaxPool2d(
                long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                new([kernel_size, kernel_size], Both(stride), Both(padding), Both(dilation), ceil_mode);

            private static long[] Both((long, long) pair) => [pair.Item1, pair.Item2];

            private static long[]? Both((long, long)? pair) => pair is { } p ? [p.Item1, p.Item2] : null;

            private static long[]? Both(long? number) => number is { } n ? [n, n] : null;
        }
    }
}
