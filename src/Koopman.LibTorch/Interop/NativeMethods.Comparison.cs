using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Comparisons, logic and bits of each element. See native/comparison.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_isclose(TensorHandle a, TensorHandle b, double rtol, double atol, [MarshalAs(UnmanagedType.U1)] bool equal_nan);

        [LibraryImport(Library)]
        internal static partial nint kt_isin(TensorHandle a, TensorHandle b, [MarshalAs(UnmanagedType.U1)] bool assume_unique, [MarshalAs(UnmanagedType.U1)] bool invert);

        [LibraryImport(Library)]
        internal static partial nint kt_logical_not(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_logical_not_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_bitwise_not(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_bitwise_not_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_eq_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_eq(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_eq_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_eq_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_ne_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_ne(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_ne_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_ne_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_lt_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_lt(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_lt_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_lt_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_le_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_le(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_le_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_le_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_gt_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_gt(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_gt_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_gt_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_ge_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_ge(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_ge_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_ge_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_isnan(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_isinf(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_isfinite(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_isposinf(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_isneginf(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_isreal(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_logical_and(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_logical_and_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_logical_or(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_logical_or_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_logical_xor(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_logical_xor_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_bitwise_and(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_bitwise_and_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_bitwise_or(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_bitwise_or_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_bitwise_xor(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_bitwise_xor_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_bitwise_left_shift(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_bitwise_left_shift_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_bitwise_right_shift(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_bitwise_right_shift_(TensorHandle a, TensorHandle b);
    }
}
