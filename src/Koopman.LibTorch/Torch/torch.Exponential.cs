using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Exponentials, logarithms, powers and roots, element by element.
    public static partial class torch
    {
        /// <summary>The exponential of each element.</summary>
        public static Tensor exp(Tensor input) => Given(input).exp();

        /// <summary>The exponential of each element; in place.</summary>
        public static Tensor exp_(Tensor input) => Given(input).exp_();

        /// <summary>Two to the power of each element.</summary>
        public static Tensor exp2(Tensor input) => Given(input).exp2();

        /// <summary>exp(x) - 1 of each element, exact near 0.</summary>
        public static Tensor expm1(Tensor input) => Given(input).expm1();

        /// <summary>exp(x) - 1 of each element, exact near 0; in place.</summary>
        public static Tensor expm1_(Tensor input) => Given(input).expm1_();

        /// <summary>The natural logarithm of each element; NaN for negative reals.</summary>
        public static Tensor log(Tensor input) => Given(input).log();

        /// <summary>The natural logarithm of each element; NaN for negative reals; in place.</summary>
        public static Tensor log_(Tensor input) => Given(input).log_();

        /// <summary>The logarithm to base 2 of each element.</summary>
        public static Tensor log2(Tensor input) => Given(input).log2();

        /// <summary>The logarithm to base 2 of each element; in place.</summary>
        public static Tensor log2_(Tensor input) => Given(input).log2_();

        /// <summary>The logarithm to base 10 of each element.</summary>
        public static Tensor log10(Tensor input) => Given(input).log10();

        /// <summary>The logarithm to base 10 of each element; in place.</summary>
        public static Tensor log10_(Tensor input) => Given(input).log10_();

        /// <summary>log(1 + x) of each element, exact near 0.</summary>
        public static Tensor log1p(Tensor input) => Given(input).log1p();

        /// <summary>log(1 + x) of each element, exact near 0; in place.</summary>
        public static Tensor log1p_(Tensor input) => Given(input).log1p_();

        /// <summary>The square root of each element; NaN for negative reals.</summary>
        public static Tensor sqrt(Tensor input) => Given(input).sqrt();

        /// <summary>The square root of each element; NaN for negative reals; in place.</summary>
        public static Tensor sqrt_(Tensor input) => Given(input).sqrt_();

        /// <summary>The reciprocal of the square root of each element.</summary>
        public static Tensor rsqrt(Tensor input) => Given(input).rsqrt();

        /// <summary>The reciprocal of the square root of each element; in place.</summary>
        public static Tensor rsqrt_(Tensor input) => Given(input).rsqrt_();

        /// <summary>The square of each element.</summary>
        public static Tensor square(Tensor input) => Given(input).square();

        /// <summary>One over each element.</summary>
        public static Tensor reciprocal(Tensor input) => Given(input).reciprocal();

        /// <summary>One over each element; in place.</summary>
        public static Tensor reciprocal_(Tensor input) => Given(input).reciprocal_();

        /// <summary>Each element to the power of the exponent.</summary>
        public static Tensor pow(Tensor left, Scalar exponent) => Given(left).pow(exponent);

        /// <summary>Each element to the power of the exponent.</summary>
        public static Tensor pow(Tensor left, Tensor exponent) => Given(left).pow(exponent);

        /// <summary>Each element to the power of the exponent; in place.</summary>
        public static Tensor pow_(Tensor left, Scalar exponent) => Given(left).pow_(exponent);

        /// <summary>Each element to the power of the exponent; in place.</summary>
        public static Tensor pow_(Tensor left, Tensor exponent) => Given(left).pow_(exponent);

        /// <summary>Each element to the power of the exponent, computed in double (or complex double) precision.</summary>
        public static Tensor float_power(Tensor input, Tensor target) => Given(input).float_power(target);

        /// <summary>log(exp(x) + exp(y)) of each pair, without overflow.</summary>
        public static Tensor logaddexp(Tensor left, Tensor right) => Given(left).logaddexp(right);

        /// <summary>log2(2^x + 2^y) of each pair, without overflow.</summary>
        public static Tensor logaddexp2(Tensor left, Tensor right) => Given(left).logaddexp2(right);

        /// <summary>x * 2^y of each pair.</summary>
        public static Tensor ldexp(Tensor input, Tensor other) => Given(input).ldexp(other);

        /// <summary>x * 2^y of each pair; in place.</summary>
        public static Tensor ldexp_(Tensor input, Tensor other) => Given(input).ldexp_(other);

        /// <summary>x * log(y) of each pair, 0 where x is 0.</summary>
        public static Tensor xlogy(Tensor x, Scalar y) => Given(x).xlogy(y);

        /// <summary>x * log(y) of each pair, 0 where x is 0.</summary>
        public static Tensor xlogy(Tensor x, Tensor y) => Given(x).xlogy(y);

        /// <summary>x * log(y) of each pair, 0 where x is 0; in place.</summary>
        public static Tensor xlogy_(Tensor x, Scalar y) => Given(x).xlogy_(y);

        /// <summary>x * log(y) of each pair, 0 where x is 0; in place.</summary>
        public static Tensor xlogy_(Tensor x, Tensor y) => Given(x).xlogy_(y);

        /// <summary>The logistic function 1 / (1 + exp(-x)) of each element.</summary>
        public static Tensor sigmoid(Tensor input) => Given(input).sigmoid();

        /// <summary>The logistic function 1 / (1 + exp(-x)) of each element; in place.</summary>
        public static Tensor sigmoid_(Tensor input) => Given(input).sigmoid_();

        /// <summary>log(x / (1 - x)) of each element; with eps, elements are first clamped to [eps, 1 - eps].</summary>
        public static Tensor logit(Tensor input, double? eps = null) => Given(input).logit(eps);

        /// <summary>The running logarithm of the sum of exponentials along a dimension.</summary>
        public static Tensor logcumsumexp(Tensor input, long dim) => Given(input).logcumsumexp(dim);

        /// <summary>The logarithm of the sum of exponentials along a dimension, without overflow.</summary>
        public static Tensor logsumexp(Tensor input, long dim, bool keepdim = false) => Given(input).logsumexp(dim, keepdim);
    }
}
