using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Error, gamma and Bessel functions, element by element.
    public static partial class torch
    {
        /// <summary>The error function of each element.</summary>
        public static Tensor erf(Tensor input) => Given(input).erf();

        /// <summary>The error function of each element; in place.</summary>
        public static Tensor erf_(Tensor input) => Given(input).erf_();

        /// <summary>One minus the error function of each element, exact in the tail.</summary>
        public static Tensor erfc(Tensor input) => Given(input).erfc();

        /// <summary>One minus the error function of each element, exact in the tail; in place.</summary>
        public static Tensor erfc_(Tensor input) => Given(input).erfc_();

        /// <summary>The inverse of the error function of each element in (-1, 1).</summary>
        public static Tensor erfinv(Tensor input) => Given(input).erfinv();

        /// <summary>The inverse of the error function of each element in (-1, 1); in place.</summary>
        public static Tensor erfinv_(Tensor input) => Given(input).erfinv_();

        /// <summary>The logarithm of the absolute value of the gamma function of each element.</summary>
        public static Tensor lgamma(Tensor input) => Given(input).lgamma();

        /// <summary>The logarithm of the absolute value of the gamma function of each element; in place.</summary>
        public static Tensor lgamma_(Tensor input) => Given(input).lgamma_();

        /// <summary>The logarithmic derivative of the gamma function of each element.</summary>
        public static Tensor digamma(Tensor input) => Given(input).digamma();

        /// <summary>The logarithmic derivative of the gamma function of each element; in place.</summary>
        public static Tensor digamma_(Tensor input) => Given(input).digamma_();

        /// <summary>The modified Bessel function of the first kind and order 0 of each element.</summary>
        public static Tensor i0(Tensor input) => Given(input).i0();

        /// <summary>The regularised lower incomplete gamma function.</summary>
        public static Tensor igamma(Tensor input, Tensor other) => Given(input).igamma(other);

        /// <summary>The regularised upper incomplete gamma function.</summary>
        public static Tensor igammac(Tensor input, Tensor other) => Given(input).igammac(other);

        /// <summary>The p-th derivative of digamma of each element.</summary>
        public static Tensor polygamma(Tensor input, long p) => Given(input).polygamma(p);

        /// <summary>The p-th derivative of digamma of each element; in place.</summary>
        public static Tensor polygamma_(Tensor input, long p) => Given(input).polygamma_(p);

        /// <summary>The logarithm of the p-dimensional gamma function of each element.</summary>
        public static Tensor mvlgamma(Tensor input, long p) => Given(input).mvlgamma(p);

        /// <summary>The logarithm of the p-dimensional gamma function of each element; in place.</summary>
        public static Tensor mvlgamma_(Tensor input, long p) => Given(input).mvlgamma_(p);
    }
}
