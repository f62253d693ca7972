using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // LAPACK: decompositions, systems, norms. See native/linalg.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_matrix_exp(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_matrix_power(TensorHandle a, long n);

        [LibraryImport(Library)]
        internal static partial nint kt_cholesky(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool upper);

        [LibraryImport(Library)]
        internal static partial nint kt_cholesky_solve(TensorHandle b, TensorHandle factor, [MarshalAs(UnmanagedType.U1)] bool upper);

        [LibraryImport(Library)]
        internal static partial nint kt_cholesky_inverse(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool upper);

        [LibraryImport(Library)]
        internal static partial nint kt_inv(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_pinverse(TensorHandle a, double rcond, [MarshalAs(UnmanagedType.U1)] bool hermitian);

        [LibraryImport(Library)]
        internal static partial nint kt_det(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_logdet(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_slogdet(TensorHandle a, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_eigh(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool upper, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_eigvalsh(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool upper);

        [LibraryImport(Library)]
        internal static partial int kt_eig(TensorHandle a, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_eigvals(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_svd(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool full, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_svdvals(TensorHandle a);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int kt_qr(TensorHandle a, string mode, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_cholesky_ex(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool check_errors, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_inv_ex(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool check_errors, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_lu(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool pivot, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial int kt_lu_factor(TensorHandle a, [MarshalAs(UnmanagedType.U1)] bool pivot, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_lu_solve(TensorHandle lu, TensorHandle pivots, TensorHandle b, [MarshalAs(UnmanagedType.U1)] bool left, [MarshalAs(UnmanagedType.U1)] bool adjoint);

        [LibraryImport(Library)]
        internal static partial int kt_lu_solve_out(TensorHandle lu, TensorHandle pivots, TensorHandle b, [MarshalAs(UnmanagedType.U1)] bool left, [MarshalAs(UnmanagedType.U1)] bool adjoint, TensorHandle result);

        [LibraryImport(Library)]
        internal static partial nint kt_solve(TensorHandle a, TensorHandle b, [MarshalAs(UnmanagedType.U1)] bool left);

        [LibraryImport(Library)]
        internal static partial int kt_solve_ex(TensorHandle a, TensorHandle b, [MarshalAs(UnmanagedType.U1)] bool left, [MarshalAs(UnmanagedType.U1)] bool check_errors, Span<nint> @out);

        [LibraryImport(Library)]
        internal static partial nint kt_solve_triangular(TensorHandle a, TensorHandle b, [MarshalAs(UnmanagedType.U1)] bool upper, [MarshalAs(UnmanagedType.U1)] bool left, [MarshalAs(UnmanagedType.U1)] bool unitriangular);

        [LibraryImport(Library)]
        internal static partial int kt_solve_triangular_out(TensorHandle a, TensorHandle b, [MarshalAs(UnmanagedType.U1)] bool upper, [MarshalAs(UnmanagedType.U1)] bool left, [MarshalAs(UnmanagedType.U1)] bool unitriangular, TensorHandle result);

        [LibraryImport(Library)]
        internal static unsafe partial int kt_lstsq(TensorHandle a, TensorHandle b, double* rcond, Span<nint> @out);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_pinv(TensorHandle a, double* atol, double* rtol, [MarshalAs(UnmanagedType.U1)] bool hermitian);

        [LibraryImport(Library)]
        internal static partial nint kt_pinv_tensor(TensorHandle a, TensorHandle atol, TensorHandle rtol, [MarshalAs(UnmanagedType.U1)] bool hermitian);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_matrix_rank(TensorHandle a, double* atol, double* rtol, [MarshalAs(UnmanagedType.U1)] bool hermitian);

        [LibraryImport(Library)]
        internal static partial nint kt_matrix_rank_tensor(TensorHandle a, TensorHandle atol, TensorHandle rtol, [MarshalAs(UnmanagedType.U1)] bool hermitian);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_cond(TensorHandle a, NativeScalar* p);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint kt_cond_named(TensorHandle a, string p);

        [LibraryImport(Library)]
        internal static unsafe partial nint kt_linalg_norm(TensorHandle a, NativeScalar* ord, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool all, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint kt_linalg_norm_named(TensorHandle a, string ord, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool all, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial nint kt_vector_norm(TensorHandle a, in NativeScalar ord, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool all, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial nint kt_matrix_norm(TensorHandle a, in NativeScalar ord, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint kt_matrix_norm_named(TensorHandle a, string ord, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool keepdim);

        [LibraryImport(Library)]
        internal static partial nint kt_linalg_cross(TensorHandle a, TensorHandle b, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_vecdot(TensorHandle a, TensorHandle b, long dim);

        [LibraryImport(Library)]
        internal static partial int kt_vecdot_out(TensorHandle a, TensorHandle b, long dim, TensorHandle result);
    }
}
