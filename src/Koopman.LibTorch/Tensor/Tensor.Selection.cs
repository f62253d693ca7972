using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Parts of a tensor by position or mask.
        public partial class Tensor
        {
            /// <summary>A view of one position along a dimension, which disappears.</summary>
            public Tensor select(long dim, long index) => Take(kt_select(handle, dim, index));

            /// <summary>A view of length positions from start along a dimension.</summary>
            public Tensor narrow(long dim, long start, long length) => Take(kt_narrow(handle, dim, start, length));

            /// <summary>A view of every step-th position from start to before finish along a dimension.</summary>
            public Tensor slice(long dim, long start, long finish, long step) => Take(kt_slice(handle, dim, start, finish, step));

            /// <summary>The positions listed in index along a dimension, copied.</summary>
            public Tensor index_select(long dim, Tensor index) => Take(kt_index_select(handle, dim, Of(index)));

            /// <summary>This with alpha * source added at the positions listed in index along a dimension.</summary>
            public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
                Take(kt_index_add(handle, dim, Of(index), Of(source), Num(alpha)));

            /// <summary>This with alpha * source added at the positions listed in index along a dimension; in place.</summary>
            public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
                Did(kt_index_add_(handle, dim, Of(index), Of(source), Num(alpha)));

            /// <summary>This with source written at the positions listed in index along a dimension.</summary>
            public Tensor index_copy(long dim, Tensor index, Tensor source) => Take(kt_index_copy(handle, dim, Of(index), Of(source)));

            /// <summary>This with source written at the positions listed in index along a dimension; in place.</summary>
            public Tensor index_copy_(long dim, Tensor index, Tensor source) => Did(kt_index_copy_(handle, dim, Of(index), Of(source)));

            /// <summary>This with a value at the positions listed in index along a dimension.</summary>
            public Tensor index_fill(long dim, Tensor index, Scalar value) => Take(kt_index_fill(handle, dim, Of(index), Num(value)));

            /// <summary>This with a value at the positions listed in index along a dimension; in place.</summary>
            public Tensor index_fill_(long dim, Tensor index, Scalar value) => Did(kt_index_fill_(handle, dim, Of(index), Num(value)));

            /// <summary>out[i][j] = this[index[i][j]][j] for dim 0, and so on.</summary>
            public Tensor gather(long dim, Tensor index) => Take(kt_gather(handle, dim, Of(index), false));

            /// <summary>This with this[index[i][j]][j] = src[i][j] for dim 0, and so on.</summary>
            public Tensor scatter(long dim, Tensor index, Tensor src) => Take(kt_scatter(handle, dim, Of(index), Of(src)));

            /// <summary>This with this[index[i][j]][j] = src[i][j] for dim 0, and so on; in place.</summary>
            public Tensor scatter_(long dim, Tensor index, Tensor src) => Did(kt_scatter_(handle, dim, Of(index), Of(src)));

            /// <summary>This with src[i][j] added to this[index[i][j]][j] for dim 0, and so on.</summary>
            public Tensor scatter_add(long dim, Tensor index, Tensor src) => Take(kt_scatter_add(handle, dim, Of(index), Of(src)));

            /// <summary>This with src[i][j] added to this[index[i][j]][j] for dim 0, and so on; in place.</summary>
            public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Did(kt_scatter_add_(handle, dim, Of(index), Of(src)));

            /// <summary>This with a value where the mask is true.</summary>
            public Tensor masked_fill(Tensor mask, Scalar value) => Take(kt_masked_fill(handle, Of(mask), Num(value)));

            /// <summary>This with a value where the mask is true; in place.</summary>
            public Tensor masked_fill_(Tensor mask, Scalar value) => Did(kt_masked_fill_(handle, Of(mask), Num(value)));

            /// <summary>The elements where the mask is true, in one dimension.</summary>
            public Tensor masked_select(Tensor mask) => Take(kt_masked_select(handle, Of(mask)));

            /// <summary>This with the next element of value wherever the mask is true.</summary>
            public Tensor masked_scatter(Tensor mask, Tensor value) => Take(kt_masked_scatter(handle, Of(mask), Of(value)));

            /// <summary>This with the next element of value wherever the mask is true; in place.</summary>
            public Tensor masked_scatter_(Tensor mask, Tensor value) => Did(kt_masked_scatter_(handle, Of(mask), Of(value)));

            /// <summary>The elements at these positions of the flattened tensor.</summary>
            public Tensor take(Tensor index) => Take(kt_take(handle, Of(index)));

            /// <summary>The elements at these positions along a dimension (of the flattened tensor without one).</summary>
            public unsafe Tensor take_along_dim(Tensor indices) => Take(kt_take_along_dim(handle, Of(indices), null));

            /// <summary>The elements at these positions along a dimension (of the flattened tensor without one).</summary>
            public unsafe Tensor take_along_dim(Tensor indices, long dim) => Take(kt_take_along_dim(handle, Of(indices), &dim));

            /// <summary>x where the condition is true, y elsewhere; with a condition alone, the positions where it is true, a tensor for each dimension.</summary>
            public Tensor where(Tensor condition, Tensor y) => Take(kt_where(Of(condition), handle, Of(y)));

            /// <summary>The positions of the elements that are not zero, one in each row.</summary>
            public Tensor nonzero() => Take(kt_nonzero(handle));

            /// <summary>The positions of the elements that are not zero, one in each row.</summary>
            public Tensor argwhere() => Take(kt_argwhere(handle));
        }
    }
}
