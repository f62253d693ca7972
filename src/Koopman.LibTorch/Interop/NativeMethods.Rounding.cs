using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Absolute values, signs, rounding and bounds of each element. See native/rounding.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_round(TensorHandle a, long decimals);

        [LibraryImport(Library)]
        internal static partial int kt_round_(TensorHandle a, long decimals);

        [LibraryImport(Library)]
        internal static partial nint kt_round_whole(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_round_whole_(TensorHandle a);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_clamp(TensorHandle a, NativeScalar* min, NativeScalar* max);

        [LibraryImport(Library)]
        internal static unsafe partial int kt_clamp_(TensorHandle a, NativeScalar* min, NativeScalar* max);

        [LibraryImport(Library)]
        internal static partial nint kt_clamp_tensor(TensorHandle a, TensorHandle min, TensorHandle max);

        [LibraryImport(Library)]
        internal static partial int kt_clamp_tensor_(TensorHandle a, TensorHandle min, TensorHandle max);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_nan_to_num(TensorHandle a, double* nan, double* posinf, double* neginf);

        [LibraryImport(Library)]
        internal static partial nint kt_abs(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_abs_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_sign(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_sign_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_sgn(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_sgn_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_signbit(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_copysign(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_floor(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_floor_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_ceil(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_ceil_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_trunc(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_trunc_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_frac(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_frac_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_maximum(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_minimum(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_fmax(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_fmin(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_nextafter(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_heaviside(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_clamp_max_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_clamp_max_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_clamp_min_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_clamp_min_scalar_(TensorHandle a, in NativeScalar b);
    }
}
