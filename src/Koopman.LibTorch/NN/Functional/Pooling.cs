using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static partial class functional
            {
                /// <summary>Means over windows of images; without a stride the windows lie side by side.</summary>
                public static Tensor avg_pool2d(
                    Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false,
                    bool count_include_pad = true, long? divisor_override = null)
                {
                    var steps = stride is null ? [] : Two(stride);
                    return Take(kt_avg_pool2d(
                        Of(input), Two(Given(kernel_size)), steps, steps.Length, Two(padding ?? Zero), ceil_mode ? 1 : 0,
                        count_include_pad ? 1 : 0, divisor_override is { } divisor ? [divisor] : default));
                }

                /// <inheritdoc cref="avg_pool2d(Tensor, long[], long[], long[], bool, bool, long?)"/>
                public static Tensor avg_pool2d(
                    Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null,
                    bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                    avg_pool2d(
                        input, Two(kernel_size), stride is { } s ? Two(s) : null, padding is { } p ? Two(p) : null, ceil_mode,
                        count_include_pad, divisor_override);

                /// <inheritdoc cref="avg_pool2d(Tensor, long[], long[], long[], bool, bool, long?)"/>
                public static Tensor avg_pool2d(
                    Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false,
                    bool count_include_pad = true, long? divisor_override = null) =>
                    avg_pool2d(input, [kernel_size], stride is { } s ? [s] : null, [padding], ceil_mode, count_include_pad, divisor_override);

                /// <summary>Maxima over windows of images; without strides the windows lie side by side.</summary>
                public static Tensor max_pool2d(
                    Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null,
                    bool ceil_mode = false)
                {
                    var steps = strides is null ? [] : Two(strides);
                    return Take(kt_max_pool2d(
                        Of(input), Two(Given(kernel_size)), steps, steps.Length, Two(padding ?? Zero), Two(dilation ?? One), ceil_mode ? 1 : 0));
                }

                /// <inheritdoc cref="max_pool2d(Tensor, long[], long[], long[], long[], bool)"/>
                public static Tensor max_pool2d(
                    Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null,
                    (long, long)? dilation = null, bool ceil_mode = false) =>
                    max_pool2d(
                        input, Two(kernel_size), stride is { } s ? Two(s) : null, padding is { } p ? Two(p) : null,
                        dilation is { } d ? Two(d) : null, ceil_mode);

                /// <inheritdoc cref="max_pool2d(Tensor, long[], long[], long[], long[], bool)"/>
                public static Tensor max_pool2d(
                    Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                    max_pool2d(input, [kernel_size], stride is { } s ? [s] : null, [padding ?? 0], [dilation ?? 1], ceil_mode);

                /// <summary>Means over windows that are chosen so that the output has this size.</summary>
                public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) =>
                    Take(kt_adaptive_avg_pool2d(Of(input), Two(Given(output_size))));

                /// <inheritdoc cref="adaptive_avg_pool2d(Tensor, long[])"/>
                public static Tensor adaptive_avg_pool2d(Tensor input, (long, long) output_size) =>
                    adaptive_avg_pool2d(input, Two(output_size));

                /// <inheritdoc cref="adaptive_avg_pool2d(Tensor, long[])"/>
                public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => adaptive_avg_pool2d(input, [output_size]);
            }
        }
    }
}
