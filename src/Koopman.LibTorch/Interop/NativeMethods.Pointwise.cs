using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Functions of each element. See native/pointwise.cpp.
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
        internal static partial nint kt_add(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_add_inplace(TensorHandle a, TensorHandle b, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_add_scaled(TensorHandle a, TensorHandle b, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_add_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_add_scalar_scaled(TensorHandle a, in NativeScalar b, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial int kt_add_scalar_inplace(TensorHandle a, in NativeScalar b, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_div(TensorHandle a, TensorHandle b);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint kt_div_mode(TensorHandle a, TensorHandle b, string mode);

        [LibraryImport(Library)]
        internal static partial nint kt_div_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint kt_div_scalar_mode(TensorHandle a, in NativeScalar b, string mode);

        [LibraryImport(Library)]
        internal static partial int kt_div_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int kt_div_mode_(TensorHandle a, TensorHandle b, string mode);

        [LibraryImport(Library)]
        internal static partial int kt_div_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int kt_div_scalar_mode_(TensorHandle a, in NativeScalar b, string mode);

        [LibraryImport(Library)]
        internal static partial nint kt_addcmul(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial int kt_addcmul_(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial nint kt_addcdiv(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial int kt_addcdiv_(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial nint kt_lerp(TensorHandle a, TensorHandle end, TensorHandle weight);

        [LibraryImport(Library)]
        internal static partial int kt_lerp_(TensorHandle a, TensorHandle end, TensorHandle weight);

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
        internal static partial nint kt_gelu(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_gelu_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_log_sigmoid(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_elu(TensorHandle a, in NativeScalar alpha, in NativeScalar scale, in NativeScalar input_scale);

        [LibraryImport(Library)]
        internal static partial int kt_elu_(TensorHandle a, in NativeScalar alpha, in NativeScalar scale, in NativeScalar input_scale);

        [LibraryImport(Library)]
        internal static partial nint kt_celu(TensorHandle a, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial int kt_celu_(TensorHandle a, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_leaky_relu(TensorHandle a, in NativeScalar slope);

        [LibraryImport(Library)]
        internal static partial int kt_leaky_relu_(TensorHandle a, in NativeScalar slope);

        [LibraryImport(Library)]
        internal static partial nint kt_hardtanh(TensorHandle a, in NativeScalar min, in NativeScalar max);

        [LibraryImport(Library)]
        internal static partial int kt_hardtanh_(TensorHandle a, in NativeScalar min, in NativeScalar max);

        [LibraryImport(Library)]
        internal static partial nint kt_threshold(TensorHandle a, in NativeScalar threshold, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial int kt_threshold_(TensorHandle a, in NativeScalar threshold, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial nint kt_softplus(TensorHandle a, in NativeScalar beta, in NativeScalar threshold);

        [LibraryImport(Library)]
        internal static partial nint kt_prelu(TensorHandle a, TensorHandle weight);

        [LibraryImport(Library)]
        internal static partial nint kt_glu(TensorHandle a, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_softmax(TensorHandle a, long dim, int type);

        [LibraryImport(Library)]
        internal static partial nint kt_log_softmax(TensorHandle a, long dim, int type);

        [LibraryImport(Library)]
        internal static partial nint kt_polygamma(TensorHandle a, long p);

        [LibraryImport(Library)]
        internal static partial int kt_polygamma_(TensorHandle a, long p);

        [LibraryImport(Library)]
        internal static partial nint kt_mvlgamma(TensorHandle a, long p);

        [LibraryImport(Library)]
        internal static partial int kt_mvlgamma_(TensorHandle a, long p);

        [LibraryImport(Library)]
        internal static partial nint kt_real(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_imag(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_numpy_T(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_matrix_H(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_entr(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_erfcx(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_i0e(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_i1(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_i1e(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_ndtr(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_ndtri(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_xlog1py(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_zeta(TensorHandle a, TensorHandle b);

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

        [LibraryImport(Library)]
        internal static partial nint kt_sub_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_sub(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_sub_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_sub_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_mul_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_mul(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_mul_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_mul_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_floor_divide_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_floor_divide(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_floor_divide_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_floor_divide_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_remainder_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_remainder(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_remainder_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_remainder_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_fmod_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_fmod(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_fmod_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_fmod_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_neg(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_neg_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_positive(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_gcd(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_gcd_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_lcm(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_lcm_(TensorHandle a, TensorHandle b);

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

        [LibraryImport(Library)]
        internal static partial nint kt_relu(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_relu_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_relu6(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_relu6_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_selu(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_selu_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_silu(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_silu_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_hardsigmoid(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_hardsigmoid_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_hardswish(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_hardswish_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_erf(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_erf_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_erfc(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_erfc_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_erfinv(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_erfinv_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_lgamma(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_lgamma_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_digamma(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_digamma_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_i0(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_igamma(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_igammac(TensorHandle a, TensorHandle b);

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
