using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Diagonals and triangles of matrices.
    public static partial class torch
    {
        /// <summary>The lower triangle, up to and with this diagonal; zeros above.</summary>
        public static Tensor tril(Tensor input, long diagonal = 0) => Given(input).tril(diagonal);

        /// <summary>The lower triangle, up to and with this diagonal; zeros above; in place.</summary>
        public static Tensor tril_(Tensor input, long diagonal = 0) => Given(input).tril_(diagonal);

        /// <summary>The upper triangle, from this diagonal on; zeros below.</summary>
        public static Tensor triu(Tensor input, long diagonal = 0) => Given(input).triu(diagonal);

        /// <summary>The upper triangle, from this diagonal on; zeros below; in place.</summary>
        public static Tensor triu_(Tensor input, long diagonal = 0) => Given(input).triu_(diagonal);

        /// <summary>The diagonal of a matrix, or the square matrix with this vector as its diagonal.</summary>
        public static Tensor diag(Tensor input, long diagonal = 0) => Given(input).diag(diagonal);

        /// <summary>The square matrix with the flattened tensor as its diagonal.</summary>
        public static Tensor diagflat(Tensor input, long offset = 0) => Given(input).diagflat(offset);

        /// <summary>A view of the diagonal over two dimensions, as the last dimension.</summary>
        public static Tensor diagonal(Tensor input, long offset = 0, long dim1 = 0, long dim2 = 1) => Given(input).diagonal(offset, dim1, dim2);

        /// <summary>Matrices whose diagonals are the last dimension of this.</summary>
        public static Tensor diag_embed(Tensor input, long offset = 0, long dim1 = -2, long dim2 = -1) => Given(input).diag_embed(offset, dim1, dim2);
    }
}
