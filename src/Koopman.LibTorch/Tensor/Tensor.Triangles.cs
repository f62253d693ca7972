using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Diagonals and triangles of matrices.
        public partial class Tensor
        {
            /// <summary>The lower triangle, up to and with this diagonal; zeros above.</summary>
            public Tensor tril(long diagonal = 0) => Take(kt_tril(handle, diagonal));

            /// <summary>The lower triangle, up to and with this diagonal; zeros above; in place.</summary>
            public Tensor tril_(long diagonal = 0) => Did(kt_tril_(handle, diagonal));

            /// <summary>The upper triangle, from this diagonal on; zeros below.</summary>
            public Tensor triu(long diagonal = 0) => Take(kt_triu(handle, diagonal));

            /// <summary>The upper triangle, from this diagonal on; zeros below; in place.</summary>
            public Tensor triu_(long diagonal = 0) => Did(kt_triu_(handle, diagonal));

            /// <summary>The diagonal of a matrix, or the square matrix with this vector as its diagonal.</summary>
            public Tensor diag(long diagonal = 0) => Take(kt_diag(handle, diagonal));

            /// <summary>The square matrix with the flattened tensor as its diagonal.</summary>
            public Tensor diagflat(long offset = 0) => Take(kt_diagflat(handle, offset));

            /// <summary>A view of the diagonal over two dimensions, as the last dimension.</summary>
            public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) => Take(kt_diagonal(handle, offset, dim1, dim2));

            /// <summary>Matrices whose diagonals are the last dimension of this.</summary>
            public Tensor diag_embed(long offset = 0, long dim1 = -2, long dim2 = -1) => Take(kt_diag_embed(handle, offset, dim1, dim2));
        }
    }
}
