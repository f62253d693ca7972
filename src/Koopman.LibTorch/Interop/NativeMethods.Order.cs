using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Sorting, counting and statistics. See native/order.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_var(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool unbiased);

        [LibraryImport(Library)]
        internal static partial nint kt_var_along(TensorHandle a, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool unbiased, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial nint kt_std(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool unbiased);

        [LibraryImport(Library)]
        internal static partial nint kt_std_along(TensorHandle a, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool unbiased, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial int kt_var_mean(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool unbiased, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_var_mean_along(TensorHandle a, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool unbiased, [MarshalAs(UnmanagedType.U1)] bool keepdim, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_std_mean(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool unbiased, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_std_mean_along(TensorHandle a, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool unbiased, [MarshalAs(UnmanagedType.U1)] bool keepdim, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_median(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_nanmedian(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_quantile(TensorHandle a, TensorHandle q, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial nint kt_nanquantile(TensorHandle a, TensorHandle q, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial int kt_mode(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_bincount(TensorHandle a, TensorHandle weights, long minlength);

        [LibraryImport(Library)]
        internal static partial nint kt_histc(TensorHandle a, long bins, in NativeScalar min, in NativeScalar max);

        [LibraryImport(Library)]
        internal static partial int kt_sort(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool stable, long dim, [MarshalAs(UnmanagedType.U1)] bool descending, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_argsort(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool descending);

        [LibraryImport(Library)]
        internal static partial int kt_topk(TensorHandle a, long k, long dim, [MarshalAs(UnmanagedType.U1)] bool largest, [MarshalAs(UnmanagedType.U1)] bool sorted, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_kthvalue(TensorHandle a, long k, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_unique(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool sorted, [MarshalAs(UnmanagedType.U1)] bool inverse, [MarshalAs(UnmanagedType.U1)] bool counts, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_unique_along(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool sorted, [MarshalAs(UnmanagedType.U1)] bool inverse, [MarshalAs(UnmanagedType.U1)] bool counts, Span<nint> @out);

        [LibraryImport(Library)]
        internal static unsafe partial int kt_unique_consecutive(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool inverse, [MarshalAs(UnmanagedType.U1)] bool counts, long* dim, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_searchsorted(TensorHandle a, TensorHandle values, [MarshalAs(UnmanagedType.U1)] bool int32, [MarshalAs(UnmanagedType.U1)] bool right, TensorHandle sorter);

        [LibraryImport(Library)]
        internal static partial nint kt_searchsorted_scalar(TensorHandle a, in NativeScalar value, [MarshalAs(UnmanagedType.U1)] bool int32, [MarshalAs(UnmanagedType.U1)] bool right, TensorHandle sorter);

        [LibraryImport(Library)]
        internal static partial nint kt_bucketize(TensorHandle a, TensorHandle boundaries, [MarshalAs(UnmanagedType.U1)] bool int32, [MarshalAs(UnmanagedType.U1)] bool right);

        [LibraryImport(Library)]
        internal static partial nint kt_diff(TensorHandle a, long n, long dim, TensorHandle prepend, TensorHandle append);

        [LibraryImport(Library)]
        internal static partial nint kt_trapezoid(TensorHandle a, in NativeScalar dx, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_trapezoid_over(TensorHandle a, TensorHandle x, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_vander(TensorHandle a, long n, [MarshalAs(UnmanagedType.U1)] bool increasing);

        [LibraryImport(Library)]
        internal static partial nint kt_cumulative_trapezoid(TensorHandle a, in NativeScalar dx, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_cumulative_trapezoid_over(TensorHandle a, TensorHandle x, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_msort(TensorHandle a);
    }
}
