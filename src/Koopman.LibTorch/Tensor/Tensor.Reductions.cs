using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Sums, means, products and extremes over all elements or along dimensions.
        public partial class Tensor
        {
            /// <summary>The sum of all elements or along dimensions; integers are summed as 64-bit ones unless a type is given.</summary>
            public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
                Take(kt_sum_along(handle, dim, dim.Length, keepdim, Type(type)));

            /// <summary>The sum of all elements or along dimensions; integers are summed as 64-bit ones unless a type is given.</summary>
            public Tensor sum(ScalarType? type = null) => Take(kt_sum(handle, Type(type)));

            /// <summary>The sum of all elements or along dimensions; integers are summed as 64-bit ones unless a type is given.</summary>
            public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

            /// <summary>The sum of all elements or along dimensions; integers are summed as 64-bit ones unless a type is given.</summary>
            public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1], keepdim, type);

            /// <summary>The sum of all elements or along dimensions; integers are summed as 64-bit ones unless a type is given.</summary>
            public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) =>
                sum([dim0, dim1, dim2], keepdim, type);

            /// <summary>The sum of all elements or along dimensions; integers are summed as 64-bit ones unless a type is given.</summary>
            public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => sum((ReadOnlySpan<long>)Given(dim), keepdim, type);

            /// <summary>The mean of all elements or along dimensions, of floating-point or complex type.</summary>
            public Tensor mean() => Take(kt_mean(handle));

            /// <summary>The mean of all elements or along dimensions, of floating-point or complex type.</summary>
            public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
                Take(kt_mean_along(handle, Given(dimensions), dimensions.Length, keepdim, Type(type)));

            /// <summary>The sum of all elements that are not NaN.</summary>
            public Tensor nansum() => Take(kt_nansum(handle));

            /// <summary>The mean of the elements that are not NaN, of all or along a dimension.</summary>
            public Tensor nanmean(int? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
                dim is { } d ? Take(kt_nanmean(handle, [d], 1, keepdim, Type(dtype))) : Take(kt_nanmean(handle, [], 0, keepdim, Type(dtype)));

            /// <summary>The product of all elements or along a dimension.</summary>
            public Tensor prod(ScalarType? type = null) => Take(kt_prod(handle, Type(type)));

            /// <summary>The product of all elements or along a dimension.</summary>
            public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Take(kt_prod_along(handle, dim, keepdim, Type(type)));

            /// <summary>The running sum along a dimension.</summary>
            public Tensor cumsum(long dim, ScalarType? type = null) => Take(kt_cumsum(handle, dim, Type(type)));

            /// <summary>The running product along a dimension.</summary>
            public Tensor cumprod(long dim, ScalarType? type = null) => Take(kt_cumprod(handle, dim, Type(type)));

            /// <summary>The running maximum along a dimension, and where it was found.</summary>
            public (Tensor values, Tensor indexes) cummax(long dim)
            {
                Span<nint> parts = stackalloc nint[2];
                Check(kt_cummax(handle, dim, parts));
                return (Take(parts[0]), Take(parts[1]));
            }

            /// <summary>The running minimum along a dimension, and where it was found.</summary>
            public (Tensor values, Tensor indexes) cummin(long dim)
            {
                Span<nint> parts = stackalloc nint[2];
                Check(kt_cummin(handle, dim, parts));
                return (Take(parts[0]), Take(parts[1]));
            }

            /// <summary>True when all elements are non-zero, over all or along a dimension.</summary>
            public Tensor all() => Take(kt_all(handle));

            /// <summary>True when all elements are non-zero, over all or along a dimension.</summary>
            public Tensor all(long dim, bool keepdim = false) => Take(kt_all_along(handle, dim, keepdim));

            /// <summary>True when one element is non-zero, over all or along a dimension.</summary>
            public Tensor any() => Take(kt_any(handle));

            /// <summary>True when one element is non-zero, over all or along a dimension.</summary>
            public Tensor any(long dim, bool keepdim = false) => Take(kt_any_along(handle, dim, keepdim));

            /// <summary>The number of elements that are not zero, of all or along dimensions.</summary>
            public Tensor count_nonzero(long[]? dims = null) =>
                Take(dims is null ? kt_count_nonzero(handle) : kt_count_nonzero_along(handle, dims, dims.Length));

            /// <summary>The sum of the diagonal of a matrix.</summary>
            public Tensor trace() => Take(kt_trace(handle));

            /// <summary>The p-norm of all elements or along a dimension.</summary>
            public Tensor norm(float p = 2f) => Take(kt_norm(handle, (double)p));

            /// <summary>The p-norm of all elements or along a dimension.</summary>
            public Tensor norm(int dim, bool keepdim = false, float p = 2f) => Take(kt_norm_along(handle, dim, keepdim, (double)p));

            /// <summary>The p-norm of the difference.</summary>
            public Tensor dist(Tensor other, float p = 2f) => Take(kt_dist(handle, Of(other), (double)p));

            /// <summary>The tensor with every slice along a dimension scaled down to at most this p-norm.</summary>
            public Tensor renorm(float p, long dim, float maxnorm) => Take(kt_renorm(handle, (double)p, dim, (double)maxnorm));
        }
    }
}
