using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Special functions that only torch.special has.
        public static partial class special
        {
            /// <summary>-x log(x) of each element, 0 at 0.</summary>
            public static Tensor entr(Tensor input) => Take(kt_entr(Of(input)));

            /// <summary>exp(x^2) erfc(x) of each element, without underflow.</summary>
            public static Tensor erfcx(Tensor input) => Take(kt_erfcx(Of(input)));

            /// <summary>The logistic function of each element.</summary>
            public static Tensor expit(Tensor input) => Given(input).sigmoid();

            /// <summary>Two to the power of each element.</summary>
            public static Tensor exp2(Tensor input) => Given(input).exp2();

            /// <summary>exp(x) - 1 of each element, exact near 0.</summary>
            public static Tensor expm1(Tensor input) => Given(input).expm1();

            /// <summary>The regularised lower incomplete gamma function.</summary>
            public static Tensor gammainc(Tensor input, Tensor other) => Given(input).igamma(other);

            /// <summary>The regularised upper incomplete gamma function.</summary>
            public static Tensor gammaincc(Tensor input, Tensor other) => Given(input).igammac(other);

            /// <summary>The logarithm of the absolute value of the gamma function of each element.</summary>
            public static Tensor gammaln(Tensor input) => Given(input).lgamma();

            /// <summary>The logarithmic derivative of the gamma function of each element.</summary>
            public static Tensor psi(Tensor input) => Given(input).digamma();

            /// <summary>The modified Bessel function of order 0 times exp(-|x|).</summary>
            public static Tensor i0e(Tensor input) => Take(kt_i0e(Of(input)));

            /// <summary>The modified Bessel function of the first kind and order 1 of each element.</summary>
            public static Tensor i1(Tensor input) => Take(kt_i1(Of(input)));

            /// <summary>The modified Bessel function of order 1 times exp(-|x|).</summary>
            public static Tensor i1e(Tensor input) => Take(kt_i1e(Of(input)));

            /// <summary>The standard normal distribution function of each element.</summary>
            public static Tensor ndtr(Tensor input) => Take(kt_ndtr(Of(input)));

            /// <summary>The standard normal quantile of each element in (0, 1).</summary>
            public static Tensor ndtri(Tensor input) => Take(kt_ndtri(Of(input)));

            /// <summary>The normalised cardinal sine of each element.</summary>
            public static Tensor sinc(Tensor input) => Given(input).sinc();

            /// <summary>The logistic function of each element.</summary>
            public static Tensor sigmoid(Tensor input) => Given(input).sigmoid();

            /// <summary>The logistic function of each element; in place.</summary>
            public static Tensor sigmoid_(Tensor input) => Given(input).sigmoid_();

            /// <summary>log(x / (1 - x)) of each element.</summary>
            public static Tensor logit(Tensor input) => Given(input).logit();

            /// <summary>The logarithm of the p-dimensional gamma function of each element.</summary>
            public static Tensor multigammaln(Tensor input, long p) => Given(input).mvlgamma(p);

            /// <summary>x log(1 + y) of each pair, 0 where x is 0.</summary>
            public static Tensor xlog1py(Tensor input, Tensor other) => Take(kt_xlog1py(Of(input), Of(other)));

            /// <summary>The Hurwitz zeta function of each pair.</summary>
            public static Tensor zeta(Tensor x, Tensor q) => Take(kt_zeta(Of(x), Of(q)));
        }
    }
}
