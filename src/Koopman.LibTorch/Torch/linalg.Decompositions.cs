using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Factorisations and spectra.
        public static partial class linalg
        {
            /// <summary>Ascending eigenvalues and orthonormal eigenvectors (in columns) of a Hermitian matrix, of which only the lower (L) or upper (U) triangle is read.</summary>
            public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => Two(parts => kt_eigh(Of(input), Upper(UPLO), parts));

            /// <summary>The ascending eigenvalues of a Hermitian matrix, of which only the lower (L) or upper (U) triangle is read.</summary>
            public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Take(kt_eigvalsh(Of(input), Upper(UPLO)));

            /// <summary>The complex eigenvalues and right eigenvectors (in columns) of a square matrix.</summary>
            public static (Tensor eigenvalues, Tensor eigenvectors) eig(Tensor input) => Two(parts => kt_eig(Of(input), parts));

            /// <summary>The complex eigenvalues of a square matrix.</summary>
            public static Tensor eigvals(Tensor input) => Take(kt_eigvals(Of(input)));

            /// <summary>The singular value decomposition U diag(S) Vh, with descending S; thin unless full matrices are asked for.</summary>
            public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) =>
                Three(parts => kt_svd(Of(input), fullMatrices, parts));

            /// <summary>The descending singular values.</summary>
            public static Tensor svdvals(Tensor input) => Take(kt_svdvals(Of(input)));

            /// <summary>The factors Q, with orthonormal columns, and R, upper triangular.</summary>
            public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced) =>
                Two(parts => kt_qr(Of(input), mode == QRMode.Complete ? "complete" : mode == QRMode.R ? "r" : "reduced", parts));

            /// <summary>The lower Cholesky factor and a zero, or the order of the first minor that is not positive definite.</summary>
            public static (Tensor L, Tensor info) cholesky_ex(Tensor input, bool check_errors = false) =>
                Two(parts => kt_cholesky_ex(Of(input), check_errors, parts));

            /// <summary>The inverse and a zero, or the number of the first zero pivot.</summary>
            public static (Tensor L, Tensor info) inv_ex(Tensor input, bool check_errors = false) =>
                Two(parts => kt_inv_ex(Of(input), check_errors, parts));

            /// <summary>The factors of A = P L U.</summary>
            public static (Tensor P, Tensor L, Tensor U) lu(Tensor input, bool pivot = true) => Three(parts => kt_lu(Of(input), pivot, parts));

            /// <summary>The packed factors L and U, and the pivots.</summary>
            public static (Tensor LU, Tensor? Pivots) lu_factor(Tensor input, bool pivot = true) =>
                Two(parts => kt_lu_factor(Of(input), pivot, parts));

            /// <summary>The solution of A X = B (or X A = B), given the packed factors of A.</summary>
            public static Tensor lu_solve(Tensor LU, Tensor pivots, Tensor B, bool left = true, bool adjoint = false, Tensor? @out = null) =>
                @out is null
    ? Take(kt_lu_solve(Of(LU), Of(pivots), Of(B), left, adjoint))
    : @out.Did(kt_lu_solve_out(Of(LU), Of(pivots), Of(B), left, adjoint, Of(@out)));
        }
    }
}
