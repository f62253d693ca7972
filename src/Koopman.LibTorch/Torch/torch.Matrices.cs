using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Matrix functions that tensors have themselves.
    public static partial class torch
    {
        /// <summary>The matrix exponential, batched over leading dimensions.</summary>
        public static Tensor matrix_exp(Tensor input) => Given(input).matrix_exp();

        /// <summary>A square matrix to an integer power; negative powers invert it first.</summary>
        public static Tensor matrix_power(Tensor input, int n) => Given(input).matrix_power(n);

        /// <summary>The triangular Cholesky factor of a positive-definite matrix, lower unless upper is asked for; ExternalException if it is not positive definite.</summary>
        public static Tensor cholesky(Tensor input) => Given(input).cholesky();

        /// <summary>The triangular Cholesky factor of a positive-definite matrix, lower unless upper is asked for; ExternalException if it is not positive definite.</summary>
        public static Tensor cholesky(Tensor input, bool upper) => Given(input).cholesky(upper);

        /// <summary>The solution X of A X = this, given the Cholesky factor input2 of A.</summary>
        public static Tensor cholesky_solve(Tensor input, Tensor input2, bool upper = false) => Given(input).cholesky_solve(input2, upper);

        /// <summary>The inverse of a positive-definite matrix, given its Cholesky factor.</summary>
        public static Tensor cholesky_inverse(Tensor input, bool upper = false) => Given(input).cholesky_inverse(upper);

        /// <summary>The inverse of a square matrix; ExternalException if it is singular.</summary>
        public static Tensor inverse(Tensor input) => Given(input).inverse();

        /// <summary>The Moore-Penrose inverse; singular values up to rcond times the largest count as zero.</summary>
        public static Tensor pinverse(Tensor input, double rcond = 1E-15, bool hermitian = false) => Given(input).pinverse(rcond, hermitian);

        /// <summary>The determinant of a square matrix.</summary>
        public static Tensor det(Tensor input) => Given(input).det();

        /// <summary>The logarithm of the determinant; NaN if it is negative.</summary>
        public static Tensor logdet(Tensor input) => Given(input).logdet();

        /// <summary>The sign and the logarithm of the absolute value of the determinant.</summary>
        public static (Tensor res, Tensor logabsdet) slogdet(Tensor A) => Two(parts => kt_slogdet(Of(A), parts));
    }
}
