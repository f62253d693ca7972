using System;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Linear systems, inverses, ranks and norms.
        public static partial class linalg
        {
            /// <summary>The solution of A X = B, or of X A = B when left is false; ExternalException if A is singular.</summary>
            public static Tensor solve(Tensor A, Tensor B, bool left = true) => Take(kt_solve(Of(A), Of(B), left));

            /// <summary>The solution of A X = B and a zero, or the number of the first zero pivot.</summary>
            public static (Tensor result, Tensor info) solve_ex(Tensor A, Tensor B, bool left = true, bool check_errors = false) =>
                Two(parts => kt_solve_ex(Of(A), Of(B), left, check_errors, parts));

            /// <summary>The solution of A X = B, or of X A = B when left is false, for a triangular A.</summary>
            public static Tensor solve_triangular(Tensor A, Tensor B, bool upper, bool left = true, bool unitriangular = false, Tensor? @out = null) =>
                @out is null
    ? Take(kt_solve_triangular(Of(A), Of(B), upper, left, unitriangular))
    : @out.Did(kt_solve_triangular_out(Of(A), Of(B), upper, left, unitriangular, Of(@out)));

            /// <summary>The least-squares solution of input X = other, the squared residuals, the rank and the singular values; the last three can be empty.</summary>
            public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other) =>
                LeastSquares(input, other, null);

            /// <summary>The least-squares solution of input X = other, the squared residuals, the rank and the singular values; the last three can be empty.</summary>
            public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other, double rcond) =>
                LeastSquares(input, other, rcond);

            /// <summary>The Moore-Penrose inverse; singular values up to max(atol, rtol times the largest) count as zero.</summary>
            public static Tensor pinv(Tensor input, Tensor atol, Tensor? rtol = null, bool hermitian = false) =>
                Take(kt_pinv_tensor(Of(input), Of(atol), Maybe(rtol), hermitian));

            /// <summary>The Moore-Penrose inverse; singular values up to max(atol, rtol times the largest) count as zero.</summary>
            public static unsafe Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false)
            {
                var (absolute, relative) = (atol.GetValueOrDefault(), rtol.GetValueOrDefault());
                return Take(kt_pinv(Of(input), atol is null ? null : &absolute, rtol is null ? null : &relative, hermitian));
            }

            /// <summary>The number of singular values above max(atol, rtol times the largest).</summary>
            public static Tensor matrix_rank(Tensor input, Tensor atol, Tensor? rtol = null, bool hermitian = false) =>
                Take(kt_matrix_rank_tensor(Of(input), Of(atol), Maybe(rtol), hermitian));

            /// <summary>The number of singular values above max(atol, rtol times the largest).</summary>
            public static unsafe Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false)
            {
                var (absolute, relative) = (atol.GetValueOrDefault(), rtol.GetValueOrDefault());
                return Take(kt_matrix_rank(Of(input), atol is null ? null : &absolute, rtol is null ? null : &relative, hermitian));
            }

            /// <summary>The condition number: the ratio of the extreme singular values, or in the norm given.</summary>
            public static unsafe Tensor cond(Tensor input) => Take(kt_cond(Of(input), null));

            /// <summary>The condition number: the ratio of the extreme singular values, or in the norm given.</summary>
            public static unsafe Tensor cond(Tensor input, double p)
            {
                NativeScalar order = p;
                return Take(kt_cond(Of(input), &order));
            }

            /// <summary>The condition number: the ratio of the extreme singular values, or in the norm given.</summary>
            public static Tensor cond(Tensor input, int p) => cond(input, (double)p);

            /// <summary>The condition number: the ratio of the extreme singular values, or in the norm given.</summary>
            public static Tensor cond(Tensor input, string p) => Take(kt_cond_named(Of(input), p ?? throw new ArgumentNullException(nameof(p))));

            /// <summary>The vector norm of all elements, or the norm of the order given (2, "fro", "nuc", ...) along one or two dimensions.</summary>
            public static unsafe Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false)
            {
                NativeScalar order = ord;
                return Take(kt_linalg_norm(Of(input), &order, dims, dims?.Length ?? 0, dims is null, keepdim));
            }

            /// <summary>The vector norm of all elements, or the norm of the order given (2, "fro", "nuc", ...) along one or two dimensions.</summary>
            public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) => norm(input, (double)ord, dims, keepdim);

            /// <summary>The vector norm of all elements, or the norm of the order given (2, "fro", "nuc", ...) along one or two dimensions.</summary>
            public static unsafe Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) =>
                Take(kt_linalg_norm(Of(input), null, dims, dims?.Length ?? 0, dims is null, keepdim));

            /// <summary>The vector norm of all elements, or the norm of the order given (2, "fro", "nuc", ...) along one or two dimensions.</summary>
            public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) =>
                Take(kt_linalg_norm_named(Of(input), ord ?? throw new ArgumentNullException(nameof(ord)), dims, dims?.Length ?? 0, dims is null, keepdim));

            /// <summary>The vector norm of this order over all elements or along dimensions.</summary>
            public static Tensor vector_norm(Tensor input, double ord = 2, long[]? dims = null, bool keepdim = false) =>
                Take(kt_vector_norm(Of(input), ord, dims, dims?.Length ?? 0, dims is null, keepdim));

            /// <summary>The matrix norm of this order over two dimensions, the last two unless given.</summary>
            public static Tensor matrix_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
                Take(kt_matrix_norm(Of(input), ord, dims ?? [-2, -1], dims?.Length ?? 2, keepdim));

            /// <summary>The matrix norm of this order over two dimensions, the last two unless given.</summary>
            public static Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false) =>
                Take(kt_matrix_norm_named(Of(input), ord ?? throw new ArgumentNullException(nameof(ord)), dims ?? [-2, -1], dims?.Length ?? 2, keepdim));

            /// <summary>The cross product along a dimension of length 3.</summary>
            public static Tensor cross(Tensor input, Tensor other, long dim = -1) => Take(kt_linalg_cross(Of(input), Of(other), dim));

            /// <summary>The sum of products along a dimension, the elements of x conjugated.</summary>
            public static Tensor vecdot(Tensor x, Tensor y, long dim = -1, Tensor? @out = null) =>
                @out is null ? Take(kt_vecdot(Of(x), Of(y), dim)) : @out.Did(kt_vecdot_out(Of(x), Of(y), dim, Of(@out)));

            /// <summary>A view of the diagonal.</summary>
            public static Tensor diagonal(Tensor input, int offset = 0, int dim1 = -2, int dim2 = -1) => Given(input).diagonal(offset, dim1, dim2);
        }
    }
}
