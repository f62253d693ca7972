using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Circular, hyperbolic and exponential functions of each element. See native/elementary.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_float_power(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_logit(TensorHandle a, double* eps);

        [LibraryImport(Library)]
        internal static partial nint kt_logcumsumexp(TensorHandle a, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_logsumexp(TensorHandle a, long dim, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial nint kt_sin(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_sin_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_cos(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_cos_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_tan(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_tan_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_asin(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_asin_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_acos(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_acos_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_atan(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_atan_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_atan2(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_atan2_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_sinh(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_sinh_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_cosh(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_cosh_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_tanh(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_tanh_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_asinh(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_asinh_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_acosh(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_acosh_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_atanh(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_atanh_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_sinc(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_sinc_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_deg2rad(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_rad2deg(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_hypot(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_exp(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_exp_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_exp2(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_expm1(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_expm1_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_log(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_log_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_log2(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_log2_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_log10(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_log10_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_log1p(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_log1p_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_sqrt(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_sqrt_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_rsqrt(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_rsqrt_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_square(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_reciprocal(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_reciprocal_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_pow_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_pow(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_pow_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_pow_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_logaddexp(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_logaddexp2(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_ldexp(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_ldexp_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_xlogy_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_xlogy(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_xlogy_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_xlogy_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_sigmoid(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_sigmoid_(TensorHandle a);
    }
}
