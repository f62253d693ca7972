using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // The same elements in another shape. See native/shape.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_reshape(TensorHandle a, ReadOnlySpan<long> shape, int shapeCount);

        [LibraryImport(Library)]
        internal static partial nint kt_view(TensorHandle a, ReadOnlySpan<long> shape, int shapeCount);

        [LibraryImport(Library)]
        internal static partial nint kt_flatten(TensorHandle a, long start, long end);

        [LibraryImport(Library)]
        internal static partial nint kt_unflatten(TensorHandle a, long dim, ReadOnlySpan<long> sizes, int sizesCount);

        [LibraryImport(Library)]
        internal static partial nint kt_ravel(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_squeeze(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_squeeze_at(TensorHandle a, long dim);

        [LibraryImport(Library)]
        internal static partial int kt_squeeze_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_squeeze_at_(TensorHandle a, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_unsqueeze(TensorHandle a, long dim);

        [LibraryImport(Library)]
        internal static partial int kt_unsqueeze_(TensorHandle a, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_transpose(TensorHandle a, long d0, long d1);

        [LibraryImport(Library)]
        internal static partial int kt_transpose_(TensorHandle a, long d0, long d1);

        [LibraryImport(Library)]
        internal static partial nint kt_t(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_permute(TensorHandle a, ReadOnlySpan<long> order, int orderCount);

        [LibraryImport(Library)]
        internal static partial nint kt_movedim(TensorHandle a, ReadOnlySpan<long> source, int sourceCount, ReadOnlySpan<long> destination, int destinationCount);

        [LibraryImport(Library)]
        internal static partial nint kt_expand(TensorHandle a, ReadOnlySpan<long> sizes, int sizesCount, [MarshalAs(UnmanagedType.U1)] bool implied);

        [LibraryImport(Library)]
        internal static partial nint kt_broadcast_to(TensorHandle a, ReadOnlySpan<long> shape, int shapeCount);

        [LibraryImport(Library)]
        internal static partial nint kt_repeat(TensorHandle a, ReadOnlySpan<long> sizes, int sizesCount);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_repeat_interleave(TensorHandle a, long repeats, long* dim, long* size);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_repeat_interleave_tensor(TensorHandle a, TensorHandle repeats, long* dim, long* size);

        [LibraryImport(Library)]
        internal static partial nint kt_tile(TensorHandle a, ReadOnlySpan<long> reps, int repsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_roll(TensorHandle a, ReadOnlySpan<long> shifts, int shiftsCount, ReadOnlySpan<long> dims, int dimsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_flip(TensorHandle a, ReadOnlySpan<long> dims, int dimsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_rot90(TensorHandle a, long k, ReadOnlySpan<long> dims, int dimsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_contiguous(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_clone(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_alias(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_as_strided(TensorHandle a, ReadOnlySpan<long> size, int sizeCount, ReadOnlySpan<long> strides, int stridesCount, long offset);

        [LibraryImport(Library)]
        internal static partial nint kt_windows(TensorHandle a, long dimension, long size, long step);

        [LibraryImport(Library)]
        internal static partial nint kt_atleast_1d(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_atleast_2d(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_tril(TensorHandle a, long k);

        [LibraryImport(Library)]
        internal static partial int kt_tril_(TensorHandle a, long k);

        [LibraryImport(Library)]
        internal static partial nint kt_triu(TensorHandle a, long k);

        [LibraryImport(Library)]
        internal static partial int kt_triu_(TensorHandle a, long k);

        [LibraryImport(Library)]
        internal static partial nint kt_diag(TensorHandle a, long k);

        [LibraryImport(Library)]
        internal static partial nint kt_diagflat(TensorHandle a, long k);

        [LibraryImport(Library)]
        internal static partial nint kt_diagonal(TensorHandle a, long k, long d0, long d1);

        [LibraryImport(Library)]
        internal static partial nint kt_diag_embed(TensorHandle a, long k, long d0, long d1);

        [LibraryImport(Library)]
        internal static partial nint kt_adjoint(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_fliplr(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_flipud(TensorHandle a);
    }
}
