using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Parts of a tensor. See native/indexing.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_select(TensorHandle a, long dim, long index);

        [LibraryImport(Library)]
        internal static partial nint kt_narrow(TensorHandle a, long dim, long start, long length);

        [LibraryImport(Library)]
        internal static partial nint kt_slice(TensorHandle a, long dim, long start, long finish, long step);

        [LibraryImport(Library)]
        internal static partial nint kt_index_select(TensorHandle a, long dim, TensorHandle index);

        [LibraryImport(Library)]
        internal static partial nint kt_index_add(TensorHandle a, long dim, TensorHandle index, TensorHandle source, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial int kt_index_add_(TensorHandle a, long dim, TensorHandle index, TensorHandle source, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_index_copy(TensorHandle a, long dim, TensorHandle index, TensorHandle source);

        [LibraryImport(Library)]
        internal static partial int kt_index_copy_(TensorHandle a, long dim, TensorHandle index, TensorHandle source);

        [LibraryImport(Library)]
        internal static partial nint kt_index_fill(TensorHandle a, long dim, TensorHandle index, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial int kt_index_fill_(TensorHandle a, long dim, TensorHandle index, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial nint kt_gather(TensorHandle a, long dim, TensorHandle index, [MarshalAs(UnmanagedType.U1)] bool sparse);

        [LibraryImport(Library)]
        internal static partial nint kt_scatter(TensorHandle a, long dim, TensorHandle index, TensorHandle src);

        [LibraryImport(Library)]
        internal static partial int kt_scatter_(TensorHandle a, long dim, TensorHandle index, TensorHandle src);

        [LibraryImport(Library)]
        internal static partial nint kt_scatter_add(TensorHandle a, long dim, TensorHandle index, TensorHandle src);

        [LibraryImport(Library)]
        internal static partial int kt_scatter_add_(TensorHandle a, long dim, TensorHandle index, TensorHandle src);

        [LibraryImport(Library)]
        internal static partial nint kt_masked_fill(TensorHandle a, TensorHandle mask, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial int kt_masked_fill_(TensorHandle a, TensorHandle mask, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial nint kt_masked_select(TensorHandle a, TensorHandle mask);

        [LibraryImport(Library)]
        internal static partial nint kt_masked_scatter(TensorHandle a, TensorHandle mask, TensorHandle value);

        [LibraryImport(Library)]
        internal static partial int kt_masked_scatter_(TensorHandle a, TensorHandle mask, TensorHandle value);

        [LibraryImport(Library)]
        internal static partial nint kt_take(TensorHandle a, TensorHandle index);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_take_along_dim(TensorHandle a, TensorHandle index, long* dim);

        [LibraryImport(Library)]
        internal static partial nint kt_where(TensorHandle condition, TensorHandle x, TensorHandle y);

        [LibraryImport(Library)]
        internal static partial nint kt_where_true(TensorHandle condition);

        [LibraryImport(Library)]
        internal static partial nint kt_select_scatter(TensorHandle a, TensorHandle src, long dim, long index);

        [LibraryImport(Library)]
        internal static partial nint kt_diagonal_scatter(TensorHandle a, TensorHandle src, long k, long d0, long d1);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_slice_scatter(TensorHandle a, TensorHandle src, long dim, long* start, long* end, long step);

        [LibraryImport(Library)]
        internal static partial nint kt_nonzero(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_argwhere(TensorHandle a);
    }
}
