using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Many elements to few. See native/reductions.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_sum(TensorHandle a, int type);

        [LibraryImport(Library)]
        internal static partial nint kt_sum_along(TensorHandle a, ReadOnlySpan<long> dim, int dimCount, [MarshalAs(UnmanagedType.U1)] bool keepdim, int type);

        [LibraryImport(Library)]
        internal static partial nint kt_mean(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_mean_along(TensorHandle a, ReadOnlySpan<long> dim, int dimCount, [MarshalAs(UnmanagedType.U1)] bool keepdim, int type);

        [LibraryImport(Library)]
        internal static partial nint kt_nansum(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_nanmean(TensorHandle a, ReadOnlySpan<long> dim, int dimCount, [MarshalAs(UnmanagedType.U1)] bool keepdim, int type);

        [LibraryImport(Library)]
        internal static partial nint kt_prod(TensorHandle a, int type);

        [LibraryImport(Library)]
        internal static partial nint kt_prod_along(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim, int type);

        [LibraryImport(Library)]
        internal static partial nint kt_cumsum(TensorHandle a, long dim, int type);

        [LibraryImport(Library)]
        internal static partial nint kt_cumprod(TensorHandle a, long dim, int type);

        [LibraryImport(Library)]
        internal static partial int kt_cummax(TensorHandle a, long dim, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_cummin(TensorHandle a, long dim, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_all(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_all_along(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial nint kt_any(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_any_along(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial nint kt_count_nonzero(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_count_nonzero_along(TensorHandle a, ReadOnlySpan<long> dim, int dimCount);

        [LibraryImport(Library)]
        internal static partial nint kt_norm(TensorHandle a, in NativeScalar p);

        [LibraryImport(Library)]
        internal static partial nint kt_norm_along(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim, in NativeScalar p);

        [LibraryImport(Library)]
        internal static partial nint kt_dist(TensorHandle a, TensorHandle b, in NativeScalar p);

        [LibraryImport(Library)]
        internal static partial nint kt_renorm(TensorHandle a, in NativeScalar p, long dim, in NativeScalar maxnorm);

        [LibraryImport(Library)]
        internal static partial nint kt_max(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_max_along(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_min(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_min_along(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_amax(TensorHandle a, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial int kt_amax_out(TensorHandle a, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool keepdim, TensorHandle result);

        [LibraryImport(Library)]
        internal static partial nint kt_amin(TensorHandle a, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial int kt_amin_out(TensorHandle a, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool keepdim, TensorHandle result);

        [LibraryImport(Library)]
        internal static unsafe partial int kt_aminmax(TensorHandle a, long* dim, [MarshalAs(UnmanagedType.U1)] bool keepdim, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_argmax(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_argmax_along(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial nint kt_argmin(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_argmin_along(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial nint kt_trace(TensorHandle a);
    }
}
