using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // New tensors. See native/creation.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static unsafe partial nint kt_copy_of(void* data, int type, ReadOnlySpan<long> sizes, int sizesCount, in NativeOptions o);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_share(void* data, int type, ReadOnlySpan<long> sizes, int sizesCount, in NativeOptions o, delegate* unmanaged<nint, void> release, nint context);

        [LibraryImport(Library)]
        internal static partial nint kt_zeros(ReadOnlySpan<long> size, int sizeCount, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_ones(ReadOnlySpan<long> size, int sizeCount, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_empty(ReadOnlySpan<long> size, int sizeCount, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_empty_strided(ReadOnlySpan<long> size, int sizeCount, ReadOnlySpan<long> strides, int stridesCount, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_full(ReadOnlySpan<long> size, int sizeCount, in NativeScalar value, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_zeros_like(TensorHandle t, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_ones_like(TensorHandle t, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_empty_like(TensorHandle t, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_full_like(TensorHandle t, in NativeScalar value, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_eye(long rows, long columns, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_arange(in NativeScalar start, in NativeScalar stop, in NativeScalar step, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_linspace(double start, double end, long steps, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_logspace(double start, double end, long steps, double @base, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_complex(TensorHandle real, TensorHandle imaginary);

        [LibraryImport(Library)]
        internal static partial nint kt_polar(TensorHandle abs, TensorHandle angle);

        [LibraryImport(Library)]
        internal static partial nint kt_tril_indices(long row, long column, long offset, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_triu_indices(long row, long column, long offset, in NativeOptions o);
    }
}
