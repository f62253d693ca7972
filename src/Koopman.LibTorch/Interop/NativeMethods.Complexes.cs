using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Parts and views of complex tensors, and transposes. See native/complexes.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_real(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_imag(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_numpy_T(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_matrix_H(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_conj(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_conj_physical(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_conj_physical_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_resolve_conj(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_resolve_neg(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_angle(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_view_as_real(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_view_as_complex(TensorHandle a);
    }
}
