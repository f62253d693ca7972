using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Matrix functions that tensors have themselves.
        public partial class Tensor
        {
            /// <summary>The matrix exponential, batched over leading dimensions.</summary>
            public Tensor matrix_exp() => Take(kt_matrix_exp(handle));

            /// <summary>A square matrix to an integer power; negative powers invert it first.</summary>
            public Tensor matrix_power(int n) => Take(kt_matrix_power(handle, n));

            /// <summary>The triangular Cholesky factor of a positive-definite matrix, lower unless upper is asked for; ExternalException if it is not positive definite.</summary>
            public Tensor cholesky(bool upper = false) => Take(kt_cholesky(handle, upper));

            /// <summary>The solution X of A X = this, given the Cholesky factor input2 of A.</summary>
            public Tensor cholesky_solve(Tensor input2, bool upper = false) => Take(kt_cholesky_solve(handle, Of(input2), upper));

            /// <summary>The inverse of a positive-definite matrix, given its Cholesky factor.</summary>
            public Tensor cholesky_inverse(bool upper = false) => Take(kt_cholesky_inverse(handle, upper));

            /// <summary>The inverse of a square matrix; ExternalException if it is singular.</summary>
            public Tensor inverse() => Take(kt_inv(handle));

            /// <summary>The Moore-Penrose inverse; singular values up to rcond times the largest count as zero.</summary>
            public Tensor pinverse(double rcond = 1E-15, bool hermitian = false) => Take(kt_pinverse(handle, rcond, hermitian));

            /// <summary>The determinant of a square matrix.</summary>
            public Tensor det() => Take(kt_det(handle));

            /// <summary>The logarithm of the determinant; NaN if it is negative.</summary>
            public Tensor logdet() => Take(kt_logdet(handle));
        }
    }
}
