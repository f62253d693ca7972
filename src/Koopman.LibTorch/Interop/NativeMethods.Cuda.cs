using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial int kt_cuda_device_count();

        [LibraryImport(Library)]
        internal static partial int kt_cuda_has_cudnn();

        [LibraryImport(Library)]
        internal static partial int kt_cuda_manual_seed(int index, ulong seed);

        [LibraryImport(Library)]
        internal static partial int kt_cuda_synchronize(int index);

        [LibraryImport(Library)]
        internal static partial int kt_tf32(int where);

        [LibraryImport(Library)]
        internal static partial int kt_set_tf32(int where, int on);
    }
}
