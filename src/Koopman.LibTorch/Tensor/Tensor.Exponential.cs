using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Exponentials, logarithms, powers and roots, element by element.
        public partial class Tensor
        {
            /// <summary>The exponential of each element.</summary>
            public Tensor exp() => Take(kt_exp(handle));

            /// <summary>The exponential of each element; in place.</summary>
            public Tensor exp_() => Did(kt_exp_(handle));

            /// <summary>Two to the power of each element.</summary>
            public Tensor exp2() => Take(kt_exp2(handle));

            /// <summary>exp(x) - 1 of each element, exact near 0.</summary>
            public Tensor expm1() => Take(kt_expm1(handle));

            /// <summary>exp(x) - 1 of each element, exact near 0; in place.</summary>
            public Tensor expm1_() => Did(kt_expm1_(handle));

            /// <summary>The natural logarithm of each element; NaN for negative reals.</summary>
            public Tensor log() => Take(kt_log(handle));

            /// <summary>The natural logarithm of each element; NaN for negative reals; in place.</summary>
            public Tensor log_() => Did(kt_log_(handle));

            /// <summary>The logarithm to base 2 of each element.</summary>
            public Tensor log2() => Take(kt_log2(handle));

            /// <summary>The logarithm to base 2 of each element; in place.</summary>
            public Tensor log2_() => Did(kt_log2_(handle));

            /// <summary>The logarithm to base 10 of each element.</summary>
            public Tensor log10() => Take(kt_log10(handle));

            /// <summary>The logarithm to base 10 of each element; in place.</summary>
            public Tensor log10_() => Did(kt_log10_(handle));

            /// <summary>log(1 + x) of each element, exact near 0.</summary>
            public Tensor log1p() => Take(kt_log1p(handle));

            /// <summary>log(1 + x) of each element, exact near 0; in place.</summary>
            public Tensor log1p_() => Did(kt_log1p_(handle));

            /// <summary>The square root of each element; NaN for negative reals.</summary>
            public Tensor sqrt() => Take(kt_sqrt(handle));

            /// <summary>The square root of each element; NaN for negative reals; in place.</summary>
            public Tensor sqrt_() => Did(kt_sqrt_(handle));

            /// <summary>The reciprocal of the square root of each element.</summary>
            public Tensor rsqrt() => Take(kt_rsqrt(handle));

            /// <summary>The reciprocal of the square root of each element; in place.</summary>
            public Tensor rsqrt_() => Did(kt_rsqrt_(handle));

            /// <summary>The square of each element.</summary>
            public Tensor square() => Take(kt_square(handle));

            /// <summary>One over each element.</summary>
            public Tensor reciprocal() => Take(kt_reciprocal(handle));

            /// <summary>One over each element; in place.</summary>
            public Tensor reciprocal_() => Did(kt_reciprocal_(handle));

            /// <summary>Each element to the power of the exponent.</summary>
            public Tensor pow(Scalar exponent) => Take(kt_pow_scalar(handle, Num(exponent)));

            /// <summary>Each element to the power of the exponent.</summary>
            public Tensor pow(Tensor exponent) => Take(kt_pow(handle, Of(exponent)));

            /// <summary>Each element to the power of the exponent; in place.</summary>
            public Tensor pow_(Scalar exponent) => Did(kt_pow_scalar_(handle, Num(exponent)));

            /// <summary>Each element to the power of the exponent; in place.</summary>
            public Tensor pow_(Tensor exponent) => Did(kt_pow_(handle, Of(exponent)));

            /// <summary>Each element to the power of the exponent, computed in double (or complex double) precision.</summary>
            public Tensor float_power(Tensor target) => Take(kt_float_power(handle, Of(target)));

            /// <summary>log(exp(x) + exp(y)) of each pair, without overflow.</summary>
            public Tensor logaddexp(Tensor other) => Take(kt_logaddexp(handle, Of(other)));

            /// <summary>log2(2^x + 2^y) of each pair, without overflow.</summary>
            public Tensor logaddexp2(Tensor other) => Take(kt_logaddexp2(handle, Of(other)));

            /// <summary>x * 2^y of each pair.</summary>
            public Tensor ldexp(Tensor other) => Take(kt_ldexp(handle, Of(other)));

            /// <summary>x * 2^y of each pair; in place.</summary>
            public Tensor ldexp_(Tensor other) => Did(kt_ldexp_(handle, Of(other)));

            /// <summary>x * log(y) of each pair, 0 where x is 0.</summary>
            public Tensor xlogy(Scalar y) => Take(kt_xlogy_scalar(handle, Num(y)));

            /// <summary>x * log(y) of each pair, 0 where x is 0.</summary>
            public Tensor xlogy(Tensor y) => Take(kt_xlogy(handle, Of(y)));

            /// <summary>x * log(y) of each pair, 0 where x is 0; in place.</summary>
            public Tensor xlogy_(Scalar y) => Did(kt_xlogy_scalar_(handle, Num(y)));

            /// <summary>x * log(y) of each pair, 0 where x is 0; in place.</summary>
            public Tensor xlogy_(Tensor y) => Did(kt_xlogy_(handle, Of(y)));

            /// <summary>The logistic function 1 / (1 + exp(-x)) of each element.</summary>
            public Tensor sigmoid() => Take(kt_sigmoid(handle));

            /// <summary>The logistic function 1 / (1 + exp(-x)) of each element; in place.</summary>
            public Tensor sigmoid_() => Did(kt_sigmoid_(handle));

            /// <summary>log(x / (1 - x)) of each element; with eps, elements are first clamped to [eps, 1 - eps].</summary>
            public unsafe Tensor logit(double? eps = null)
            {
                var bound = eps.GetValueOrDefault();
                return Take(kt_logit(handle, eps is null ? null : &bound));
            }

            /// <summary>The running logarithm of the sum of exponentials along a dimension.</summary>
            public Tensor logcumsumexp(long dim) => Take(kt_logcumsumexp(handle, dim));

            /// <summary>The logarithm of the sum of exponentials along a dimension, without overflow.</summary>
            public Tensor logsumexp(long dim, bool keepdim = false) => Take(kt_logsumexp(handle, dim, keepdim));
        }
    }
}
