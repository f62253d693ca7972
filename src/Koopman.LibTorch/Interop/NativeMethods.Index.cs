using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    /// <summary>One entry of an index expression; <c>long.MinValue</c> is an absent end of a slice. Mirrors <c>KtIndex</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeIndex
    {
        internal long Kind;
        internal long Start;
        internal long Stop;
        internal long Step;
        internal nint Positions;
    }

    // Index expressions. See native/index.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_index(TensorHandle t, ReadOnlySpan<NativeIndex> indices, int count);

        [LibraryImport(Library)]
        internal static partial int kt_index_put_(TensorHandle t, ReadOnlySpan<NativeIndex> indices, int count, TensorHandle value);

        [LibraryImport(Library)]
        internal static partial int kt_index_put_scalar_(TensorHandle t, ReadOnlySpan<NativeIndex> indices, int count, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial int kt_index_put_tensors_(
            TensorHandle t, ReadOnlySpan<nint> positions, int count, TensorHandle value, [MarshalAs(UnmanagedType.U1)] bool accumulate);
    }
}
