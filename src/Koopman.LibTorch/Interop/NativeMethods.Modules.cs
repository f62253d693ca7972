using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial int kt_move(TensorHandle tensor, int dtype, int deviceType, int deviceIndex, int nonBlocking);

        [LibraryImport(Library)]
        internal static partial int kt_fill(TensorHandle tensor, int kind, double a, double b, GeneratorHandle generator);

        [LibraryImport(Library)]
        internal static partial int kt_fill_truncated(
            TensorHandle tensor, double mean, double deviation, double low, double high, GeneratorHandle generator);

        [LibraryImport(Library)]
        internal static partial int kt_fill_orthogonal(TensorHandle tensor, double gain);

        [LibraryImport(Library)]
        internal static partial int kt_fill_eye(TensorHandle tensor);

        [LibraryImport(Library)]
        internal static partial nint kt_parameters_to_vector(ReadOnlySpan<nint> parameters, int count);

        [LibraryImport(Library)]
        internal static partial int kt_vector_to_parameters(TensorHandle vector, ReadOnlySpan<nint> parameters, int count);
    }
}
