using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Tensors put together and taken apart. See native/joining.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_cat(ReadOnlySpan<nint> tensors, int tensorsCount, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_stack(ReadOnlySpan<nint> tensors, int tensorsCount, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_hstack(ReadOnlySpan<nint> tensors, int tensorsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_vstack(ReadOnlySpan<nint> tensors, int tensorsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_column_stack(ReadOnlySpan<nint> tensors, int tensorsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_block_diag(ReadOnlySpan<nint> tensors, int tensorsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_split(TensorHandle a, long size, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_split_sizes(TensorHandle a, ReadOnlySpan<long> sizes, int sizesCount, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_chunk(TensorHandle a, long chunks, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_tensor_split(TensorHandle a, long size, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_tensor_split_sizes(TensorHandle a, ReadOnlySpan<long> sizes, int sizesCount, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_unbind(TensorHandle a, long dim);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint kt_meshgrid(ReadOnlySpan<nint> tensors, int tensorsCount, string indexing);

        [LibraryImport(Library)]
        internal static partial nint kt_cartesian_prod(ReadOnlySpan<nint> tensors, int tensorsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_broadcast_tensors(ReadOnlySpan<nint> tensors, int tensorsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_dstack(ReadOnlySpan<nint> tensors, int tensorsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_hsplit(TensorHandle a, long size);

        [LibraryImport(Library)]
        internal static partial nint kt_hsplit_sizes(TensorHandle a, ReadOnlySpan<long> sizes, int sizesCount);

        [LibraryImport(Library)]
        internal static partial nint kt_vsplit(TensorHandle a, long size);

        [LibraryImport(Library)]
        internal static partial nint kt_vsplit_sizes(TensorHandle a, ReadOnlySpan<long> sizes, int sizesCount);

        [LibraryImport(Library)]
        internal static partial nint kt_combinations(TensorHandle a, long r, [MarshalAs(UnmanagedType.U1)] bool repeated);
    }
}
