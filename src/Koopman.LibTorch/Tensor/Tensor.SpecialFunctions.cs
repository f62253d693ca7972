using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Error, gamma and Bessel functions, element by element.
        public partial class Tensor
        {
            /// <summary>The error function of each element.</summary>
            public Tensor erf() => Take(kt_erf(handle));

            /// <summary>The error function of each element; in place.</summary>
            public Tensor erf_() => Did(kt_erf_(handle));

            /// <summary>One minus the error function of each element, exact in the tail.</summary>
            public Tensor erfc() => Take(kt_erfc(handle));

            /// <summary>One minus the error function of each element, exact in the tail; in place.</summary>
            public Tensor erfc_() => Did(kt_erfc_(handle));

            /// <summary>The inverse of the error function of each element in (-1, 1).</summary>
            public Tensor erfinv() => Take(kt_erfinv(handle));

            /// <summary>The inverse of the error function of each element in (-1, 1); in place.</summary>
            public Tensor erfinv_() => Did(kt_erfinv_(handle));

            /// <summary>The logarithm of the absolute value of the gamma function of each element.</summary>
            public Tensor lgamma() => Take(kt_lgamma(handle));

            /// <summary>The logarithm of the absolute value of the gamma function of each element; in place.</summary>
            public Tensor lgamma_() => Did(kt_lgamma_(handle));

            /// <summary>The logarithmic derivative of the gamma function of each element.</summary>
            public Tensor digamma() => Take(kt_digamma(handle));

            /// <summary>The logarithmic derivative of the gamma function of each element; in place.</summary>
            public Tensor digamma_() => Did(kt_digamma_(handle));

            /// <summary>The modified Bessel function of the first kind and order 0 of each element.</summary>
            public Tensor i0() => Take(kt_i0(handle));

            /// <summary>The regularised lower incomplete gamma function.</summary>
            public Tensor igamma(Tensor other) => Take(kt_igamma(handle, Of(other)));

            /// <summary>The regularised upper incomplete gamma function.</summary>
            public Tensor igammac(Tensor other) => Take(kt_igammac(handle, Of(other)));

            /// <summary>The p-th derivative of digamma of each element.</summary>
            public Tensor polygamma(long p) => Take(kt_polygamma(handle, p));

            /// <summary>The p-th derivative of digamma of each element; in place.</summary>
            public Tensor polygamma_(long p) => Did(kt_polygamma_(handle, p));

            /// <summary>The logarithm of the p-dimensional gamma function of each element.</summary>
            public Tensor mvlgamma(long p) => Take(kt_mvlgamma(handle, p));

            /// <summary>The logarithm of the p-dimensional gamma function of each element; in place.</summary>
            public Tensor mvlgamma_(long p) => Did(kt_mvlgamma_(handle, p));
        }
    }
}
