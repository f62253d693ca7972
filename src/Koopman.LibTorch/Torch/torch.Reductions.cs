using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Sums, means, products and extremes over all elements or along dimensions.
    public static partial class torch
    {
        /// <summary>The sum of all elements or along dimensions; integers are summed as 64-bit ones unless a type is given.</summary>
        public static Tensor sum(Tensor input, ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            Given(input).sum(dim, keepdim, type);

        /// <summary>The sum of all elements or along dimensions; integers are summed as 64-bit ones unless a type is given.</summary>
        public static Tensor sum(Tensor input, ScalarType? type = null) => Given(input).sum(type);

        /// <summary>The sum of all elements or along dimensions; integers are summed as 64-bit ones unless a type is given.</summary>
        public static Tensor sum(Tensor input, long dim, bool keepdim = false, ScalarType? type = null) => Given(input).sum(dim, keepdim, type);

        /// <summary>The mean of all elements or along dimensions, of floating-point or complex type.</summary>
        public static Tensor mean(Tensor input) => Given(input).mean();

        /// <summary>The mean of all elements or along dimensions, of floating-point or complex type.</summary>
        public static Tensor mean(Tensor input, long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Given(input).mean(dimensions, keepdim, type);

        /// <summary>The sum of all elements that are not NaN.</summary>
        public static Tensor nansum(Tensor input) => Given(input).nansum();

        /// <summary>The mean of the elements that are not NaN, of all or along a dimension.</summary>
        public static Tensor nanmean(Tensor input, int? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
            Given(input).nanmean(dim, keepdim, dtype);

        /// <summary>The product of all elements or along a dimension.</summary>
        public static Tensor prod(Tensor input, ScalarType? type = null) => Given(input).prod(type);

        /// <summary>The product of all elements or along a dimension.</summary>
        public static Tensor prod(Tensor input, long dim, bool keepdim = false, ScalarType? type = null) => Given(input).prod(dim, keepdim, type);

        /// <summary>The running sum along a dimension.</summary>
        public static Tensor cumsum(Tensor input, long dim, ScalarType? type = null) => Given(input).cumsum(dim, type);

        /// <summary>The running product along a dimension.</summary>
        public static Tensor cumprod(Tensor input, long dim, ScalarType? dtype = null) => Given(input).cumprod(dim, dtype);

        /// <summary>The running maximum along a dimension, and where it was found.</summary>
        public static (Tensor values, Tensor indices) cummax(Tensor input, long dim) => Given(input).cummax(dim);

        /// <summary>The running minimum along a dimension, and where it was found.</summary>
        public static (Tensor values, Tensor indices) cummin(Tensor input, long dim) => Given(input).cummin(dim);

        /// <summary>True when all elements are non-zero, over all or along a dimension.</summary>
        public static Tensor all(Tensor input) => Given(input).all();

        /// <summary>True when all elements are non-zero, over all or along a dimension.</summary>
        public static Tensor all(Tensor input, long dim, bool keepdim = false) => Given(input).all(dim, keepdim);

        /// <summary>True when one element is non-zero, over all or along a dimension.</summary>
        public static Tensor any(Tensor input) => Given(input).any();

        /// <summary>True when one element is non-zero, over all or along a dimension.</summary>
        public static Tensor any(Tensor input, long dim, bool keepdim = false) => Given(input).any(dim, keepdim);

        /// <summary>The number of elements that are not zero, of all or along dimensions.</summary>
        public static Tensor count_nonzero(Tensor input, long[]? dims = null) => Given(input).count_nonzero(dims);

        /// <summary>The sum of the diagonal of a matrix.</summary>
        public static Tensor trace(Tensor input) => Given(input).trace();

        /// <summary>The p-norm of all elements or along a dimension.</summary>
        public static Tensor norm(Tensor input) => Given(input).norm();

        /// <summary>The p-norm of all elements or along a dimension.</summary>
        public static Tensor norm(Tensor input, float p = 2f) => Given(input).norm(p);

        /// <summary>The p-norm of all elements or along a dimension.</summary>
        public static Tensor norm(Tensor input, int dimension, bool keepdim = false, float p = 2f) => Given(input).norm(dimension, keepdim, p);

        /// <summary>The p-norm of the difference.</summary>
        public static Tensor dist(Tensor input, Tensor other, float p = 2f) => Given(input).dist(other, p);

        /// <summary>The tensor with every slice along a dimension scaled down to at most this p-norm.</summary>
        public static Tensor renorm(Tensor input, float p, long dim, float maxnorm) => Given(input).renorm(p, dim, maxnorm);
    }
}
