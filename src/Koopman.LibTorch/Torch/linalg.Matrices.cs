using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Matrix functions that tensors have themselves.
        public static partial class linalg
        {
            /// <summary>The matrix exponential, batched over leading dimensions.</summary>
            public static Tensor matrix_exp(Tensor input) => Given(input).matrix_exp();

            /// <summary>The triangular Cholesky factor of a positive-definite matrix, lower unless upper is asked for; ExternalException if it is not positive definite.</summary>
            public static Tensor cholesky(Tensor input) => Given(input).cholesky();

            /// <summary>The inverse of a square matrix; ExternalException if it is singular.</summary>
            public static Tensor inv(Tensor input) => Given(input).inverse();

            /// <summary>The determinant of a square matrix.</summary>
            public static Tensor det(Tensor input) => Given(input).det();

            /// <summary>The sign and the logarithm of the absolute value of the determinant.</summary>
            public static (Tensor res, Tensor logabsdet) slogdet(Tensor input) => Two(parts => kt_slogdet(Of(input), parts));
        }
    }
}
