using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Threads, and how number types combine. See native/threads.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial int kt_get_num_threads();

        [LibraryImport(Library)]
        internal static partial int kt_set_num_threads(int count);

        [LibraryImport(Library)]
        internal static partial int kt_get_num_interop_threads();

        [LibraryImport(Library)]
        internal static partial int kt_set_num_interop_threads(int count);

        [LibraryImport(Library)]
        internal static partial int kt_result_type(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_promote_types(int a, int b);

        [LibraryImport(Library)]
        internal static partial int kt_can_cast(int from, int to);
    }
}
