using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Copies between types and devices. See native/conversion.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_to(
            TensorHandle t, int dtype, int deviceType, int deviceIndex, [MarshalAs(UnmanagedType.U1)] bool copy, [MarshalAs(UnmanagedType.U1)] bool nonBlocking);

        [LibraryImport(Library)]
        internal static partial int kt_copy_(TensorHandle t, TensorHandle source, [MarshalAs(UnmanagedType.U1)] bool nonBlocking);

        [LibraryImport(Library)]
        internal static partial nint kt_pin_memory(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial int kt_zero_(TensorHandle t);

        [LibraryImport(Library)]
        internal static partial int kt_fill_(TensorHandle t, in NativeScalar value);
    }
}
