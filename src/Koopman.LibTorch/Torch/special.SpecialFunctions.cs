using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Error, gamma and Bessel functions, element by element.
        public static partial class special
        {
            /// <summary>The error function of each element.</summary>
            public static Tensor erf(Tensor input) => Given(input).erf();

            /// <summary>One minus the error function of each element, exact in the tail.</summary>
            public static Tensor erfc(Tensor input) => Given(input).erfc();

            /// <summary>The inverse of the error function of each element in (-1, 1).</summary>
            public static Tensor erfinv(Tensor input) => Given(input).erfinv();

            /// <summary>The logarithmic derivative of the gamma function of each element.</summary>
            public static Tensor digamma(Tensor input) => Given(input).digamma();

            /// <summary>The modified Bessel function of the first kind and order 0 of each element.</summary>
            public static Tensor i0(Tensor input) => Given(input).i0();

            /// <summary>The p-th derivative of digamma of each element.</summary>
            public static Tensor polygamma(long n, Tensor input) => Given(input).polygamma(n);
        }
    }
}
