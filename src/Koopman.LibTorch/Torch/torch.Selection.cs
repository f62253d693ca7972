using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Parts of a tensor by position or mask.
    public static partial class torch
    {
        /// <summary>A view of one position along a dimension, which disappears.</summary>
        public static Tensor select(Tensor input, long dim, long index) => Given(input).select(dim, index);

        /// <summary>A view of length positions from start along a dimension.</summary>
        public static Tensor narrow(Tensor input, long dim, long start, long length) => Given(input).narrow(dim, start, length);

        /// <summary>The positions listed in index along a dimension, copied.</summary>
        public static Tensor index_select(Tensor input, long dim, Tensor index) => Given(input).index_select(dim, index);

        /// <summary>This with alpha * source added at the positions listed in index along a dimension.</summary>
        public static Tensor index_add(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha) =>
            Given(input).index_add(dim, index, source, alpha);

        /// <summary>This with alpha * source added at the positions listed in index along a dimension; in place.</summary>
        public static Tensor index_add_(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha) =>
            Given(input).index_add_(dim, index, source, alpha);

        /// <summary>This with source written at the positions listed in index along a dimension.</summary>
        public static Tensor index_copy(Tensor input, long dim, Tensor index, Tensor source) => Given(input).index_copy(dim, index, source);

        /// <summary>This with source written at the positions listed in index along a dimension; in place.</summary>
        public static Tensor index_copy_(Tensor input, long dim, Tensor index, Tensor source) => Given(input).index_copy_(dim, index, source);

        /// <summary>This with a value at the positions listed in index along a dimension.</summary>
        public static Tensor index_fill(Tensor input, long dim, Tensor index, Scalar value) => Given(input).index_fill(dim, index, value);

        /// <summary>This with a value at the positions listed in index along a dimension; in place.</summary>
        public static Tensor index_fill_(Tensor input, long dim, Tensor index, Scalar value) => Given(input).index_fill_(dim, index, value);

        /// <summary>out[i][j] = this[index[i][j]][j] for dim 0, and so on.</summary>
        public static Tensor gather(Tensor input, long dim, Tensor index) => Given(input).gather(dim, index);

        /// <summary>out[i][j] = this[index[i][j]][j] for dim 0, and so on.</summary>
        public static Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false) =>
            Take(kt_gather(Of(input), dim, Of(index), sparse_grad));

        /// <summary>This with this[index[i][j]][j] = src[i][j] for dim 0, and so on.</summary>
        public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src) => Given(input).scatter(dim, index, src);

        /// <summary>This with this[index[i][j]][j] = src[i][j] for dim 0, and so on; in place.</summary>
        public static Tensor scatter_(Tensor input, long dim, Tensor index, Tensor src) => Given(input).scatter_(dim, index, src);

        /// <summary>This with src[i][j] added to this[index[i][j]][j] for dim 0, and so on.</summary>
        public static Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src) => Given(input).scatter_add(dim, index, src);

        /// <summary>This with src[i][j] added to this[index[i][j]][j] for dim 0, and so on; in place.</summary>
        public static Tensor scatter_add_(Tensor input, long dim, Tensor index, Tensor src) => Given(input).scatter_add_(dim, index, src);

        /// <summary>The elements where the mask is true, in one dimension.</summary>
        public static Tensor masked_select(Tensor input, Tensor mask) => Given(input).masked_select(mask);

        /// <summary>The elements at these positions of the flattened tensor.</summary>
        public static Tensor take(Tensor input, Tensor index) => Given(input).take(index);

        /// <summary>The elements at these positions along a dimension (of the flattened tensor without one).</summary>
        public static Tensor take_along_dim(Tensor input, Tensor indices, long dim = 0) => Given(input).take_along_dim(indices, dim);

        /// <summary>x where the condition is true, y elsewhere; with a condition alone, the positions where it is true, a tensor for each dimension.</summary>
        public static Tensor[] where(Tensor condition) => TakeAll(kt_where_true(Of(condition)));

        /// <summary>x where the condition is true, y elsewhere; with a condition alone, the positions where it is true, a tensor for each dimension.</summary>
        public static Tensor where(Tensor condition, Tensor x, Tensor y) => Given(x).where(condition, y);

        /// <summary>The positions of the elements that are not zero, one in each row.</summary>
        public static Tensor nonzero(Tensor input) => Given(input).nonzero();

        /// <summary>The positions of the elements that are not zero, one in each row.</summary>
        public static Tensor argwhere(Tensor input) => Given(input).argwhere();
    }
}
