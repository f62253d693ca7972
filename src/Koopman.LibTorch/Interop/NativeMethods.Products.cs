using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Products of vectors and matrices. See native/products.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_matmul(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_mm(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_bmm(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_mv(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_dot(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_vdot(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_inner(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_outer(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_addmm(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar beta, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial int kt_addmm_(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar beta, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_addmv(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar beta, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial int kt_addmv_(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar beta, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_addr(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar beta, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial int kt_addr_(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar beta, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_addbmm(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar beta, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial int kt_addbmm_(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar beta, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_baddbmm(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar beta, in NativeScalar alpha);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint kt_einsum(string equation, ReadOnlySpan<nint> tensors, int tensorsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_tensordot(TensorHandle a, TensorHandle b, ReadOnlySpan<long> dims1, int dims1Count, ReadOnlySpan<long> dims2, int dims2Count);

        [LibraryImport(Library)]
        internal static partial nint kt_multi_dot(ReadOnlySpan<nint> tensors, int tensorsCount);

        [LibraryImport(Library)]
        internal static partial nint kt_cdist(TensorHandle a, TensorHandle b, double p, long mode);

        [LibraryImport(Library)]
        internal static partial nint kt_cov(TensorHandle a, long correction, TensorHandle fweights, TensorHandle aweights);

        [LibraryImport(Library)]
        internal static partial nint kt_kron(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_corrcoef(TensorHandle a);
    }
}
