using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_linear(TensorHandle x, TensorHandle weight, TensorHandle bias);

        [LibraryImport(Library)]
        internal static partial nint kt_conv(
            TensorHandle x, TensorHandle weight, TensorHandle bias, int dimensions, ReadOnlySpan<long> stride,
            ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, long groups);

        [LibraryImport(Library)]
        internal static partial nint kt_conv_named(
            TensorHandle x, TensorHandle weight, TensorHandle bias, int dimensions, ReadOnlySpan<long> stride, int same,
            ReadOnlySpan<long> dilation, long groups);

        [LibraryImport(Library)]
        internal static partial nint kt_conv_transpose(
            TensorHandle x, TensorHandle weight, TensorHandle bias, int dimensions, ReadOnlySpan<long> stride,
            ReadOnlySpan<long> padding, ReadOnlySpan<long> outputPadding, ReadOnlySpan<long> dilation, long groups);

        [LibraryImport(Library)]
        internal static partial nint kt_group_norm(TensorHandle x, long groups, TensorHandle weight, TensorHandle bias, double eps);

        [LibraryImport(Library)]
        internal static partial nint kt_layer_norm(
            TensorHandle x, ReadOnlySpan<long> shape, int dimensions, TensorHandle weight, TensorHandle bias, double eps);

        [LibraryImport(Library)]
        internal static partial nint kt_batch_norm(
            TensorHandle x, TensorHandle mean, TensorHandle variance, TensorHandle weight, TensorHandle bias, int training,
            double momentum, double eps);

        [LibraryImport(Library)]
        internal static partial nint kt_embedding(TensorHandle table, TensorHandle index, long paddingIndex, int scaleByFrequency, int sparse);

        [LibraryImport(Library)]
        internal static partial int kt_embedding_renorm(TensorHandle table, TensorHandle index, double maxNorm, double normType);

        [LibraryImport(Library)]
        internal static partial nint kt_pad(TensorHandle x, ReadOnlySpan<long> sizes, int count, int mode, double value);

        [LibraryImport(Library)]
        internal static partial nint kt_avg_pool2d(
            TensorHandle x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, int strideCount, ReadOnlySpan<long> padding,
            int ceilMode, int countIncludePad, ReadOnlySpan<long> divisor);

        [LibraryImport(Library)]
        internal static partial nint kt_max_pool2d(
            TensorHandle x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, int strideCount, ReadOnlySpan<long> padding,
            ReadOnlySpan<long> dilation, int ceilMode);

        [LibraryImport(Library)]
        internal static partial nint kt_adaptive_avg_pool2d(TensorHandle x, ReadOnlySpan<long> size);

        [LibraryImport(Library)]
        internal static partial nint kt_unfold(
            TensorHandle x, ReadOnlySpan<long> size, ReadOnlySpan<long> kernel, ReadOnlySpan<long> dilation, ReadOnlySpan<long> padding,
            ReadOnlySpan<long> stride);

        [LibraryImport(Library)]
        internal static partial nint kt_one_hot(TensorHandle x, long classes);

        [LibraryImport(Library)]
        internal static partial nint kt_attention(
            TensorHandle query, TensorHandle key, TensorHandle value, TensorHandle mask, double dropout, int causal);

        [LibraryImport(Library)]
        internal static partial nint kt_interpolate(
            TensorHandle x, ReadOnlySpan<long> size, int sizeCount, ReadOnlySpan<double> scale, int scaleCount, int mode,
            int alignCorners, int recomputeScale, int antialias);

        [LibraryImport(Library)]
        internal static partial nint kt_dropout(TensorHandle x, double p, int training, int inPlace);

        [LibraryImport(Library)]
        internal static partial nint kt_mish(TensorHandle x, int inPlace);
    }
}
