using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_generator_new(ulong seed, int deviceType, int deviceIndex);

        [LibraryImport(Library)]
        internal static partial nint kt_generator_default();

        [LibraryImport(Library)]
        internal static partial void kt_generator_free(nint generator);

        [LibraryImport(Library)]
        internal static partial int kt_generator_set_seed(GeneratorHandle generator, ulong seed);

        [LibraryImport(Library)]
        internal static partial int kt_generator_fresh_seed(GeneratorHandle generator, out ulong seed);

        [LibraryImport(Library)]
        internal static partial int kt_generator_get_seed(GeneratorHandle generator, out ulong seed);

        [LibraryImport(Library)]
        internal static partial nint kt_generator_get_state(GeneratorHandle generator);

        [LibraryImport(Library)]
        internal static partial int kt_generator_set_state(GeneratorHandle generator, TensorHandle state);

        [LibraryImport(Library)]
        internal static partial int kt_manual_seed(ulong seed);
    }
}
