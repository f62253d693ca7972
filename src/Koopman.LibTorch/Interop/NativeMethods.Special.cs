using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Error, gamma and Bessel functions of each element. See native/special.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_polygamma(TensorHandle a, long p);

        [LibraryImport(Library)]
        internal static partial int kt_polygamma_(TensorHandle a, long p);

        [LibraryImport(Library)]
        internal static partial nint kt_mvlgamma(TensorHandle a, long p);

        [LibraryImport(Library)]
        internal static partial int kt_mvlgamma_(TensorHandle a, long p);

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
    }
}
