using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // What a tensor is. See native/properties.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial long kt_dim(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial long kt_numel(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial long kt_sizes(TensorHandle t, Span<long> sizes, long capacity);

        [LibraryImport(Library)]
        internal static partial long kt_strides(TensorHandle t, Span<long> strides, long capacity);

        [LibraryImport(Library)]
        internal static partial long kt_size(TensorHandle t, long dim);

        [LibraryImport(Library)]
        internal static partial int kt_stride(TensorHandle t, long dim, out long stride);

        [LibraryImport(Library)]
        internal static partial int kt_dtype(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial long kt_element_size(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial long kt_storage_offset(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial int kt_device(TensorHandle t, out int type, out int index);

        [LibraryImport(Library)]
        internal static partial int kt_is_contiguous(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial int kt_is_sparse(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial int kt_is_pinned(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial int kt_is_conj(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial int kt_is_neg(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial int kt_is_nonzero(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial int kt_allclose(
            TensorHandle a, TensorHandle b, double rtol, double atol, [MarshalAs(UnmanagedType.U1)] bool equal_nan);

        [LibraryImport(Library)]
        internal static partial int kt_equal(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_data(TensorHandle t, out nint data);

        [LibraryImport(Library)]
        internal static partial int kt_item(TensorHandle t, out NativeScalar result);

        /// <summary>A count that a native call answered; a negative one is a failure.</summary>
        internal static long Counted(long count) => count >= 0 ? count : throw Failure();
    }
}
