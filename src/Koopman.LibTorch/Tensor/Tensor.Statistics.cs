using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Variances, quantiles and counts.
        public partial class Tensor
        {
            /// <summary>The variance of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor @var((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                var((ReadOnlySpan<long>)[dim.Item1, dim.Item2], unbiased, keepdim, type);

            /// <summary>The variance of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor @var((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                var((ReadOnlySpan<long>)[dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

            /// <summary>The variance of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor @var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                In(type, Take(kt_var_along(handle, dimensions, dimensions.Length, unbiased, keepdim)));

            /// <summary>The variance of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor @var(bool unbiased = true) => Take(kt_var(handle, unbiased));

            /// <summary>The variance of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor @var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                var((ReadOnlySpan<long>)[dim], unbiased, keepdim, type);

            /// <summary>The variance of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor @var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                var((ReadOnlySpan<long>)Given(dimensions), unbiased, keepdim, type);

            /// <summary>The standard deviation of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor std((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                std((ReadOnlySpan<long>)[dim.Item1, dim.Item2], unbiased, keepdim, type);

            /// <summary>The standard deviation of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor std((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                std((ReadOnlySpan<long>)[dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

            /// <summary>The standard deviation of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                In(type, Take(kt_std_along(handle, dimensions, dimensions.Length, unbiased, keepdim)));

            /// <summary>The standard deviation of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor std(bool unbiased = true) => Take(kt_std(handle, unbiased));

            /// <summary>The standard deviation of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                std((ReadOnlySpan<long>)[dim], unbiased, keepdim, type);

            /// <summary>The standard deviation of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
            public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                std((ReadOnlySpan<long>)Given(dimensions), unbiased, keepdim, type);

            /// <summary>The variance and the mean of all elements or along dimensions.</summary>
            public (Tensor @var, Tensor mean) var_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                var_mean((ReadOnlySpan<long>)[dim.Item1, dim.Item2], unbiased, keepdim, type);

            /// <summary>The variance and the mean of all elements or along dimensions.</summary>
            public (Tensor @var, Tensor mean) var_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                var_mean((ReadOnlySpan<long>)[dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

            /// <summary>The variance and the mean of all elements or along dimensions.</summary>
            public (Tensor @var, Tensor mean) var_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
            {
                Span<nint> parts = stackalloc nint[2];
                Check(kt_var_mean_along(handle, dimensions, dimensions.Length, unbiased, keepdim, parts));
                return (In(type, Take(parts[0])), In(type, Take(parts[1])));
            }

            /// <summary>The variance and the mean of all elements or along dimensions.</summary>
            public (Tensor @var, Tensor mean) var_mean(bool unbiased = true) => Two(parts => kt_var_mean(handle, unbiased, parts));

            /// <summary>The variance and the mean of all elements or along dimensions.</summary>
            public (Tensor @var, Tensor mean) var_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                var_mean((ReadOnlySpan<long>)[dim], unbiased, keepdim, type);

            /// <summary>The variance and the mean of all elements or along dimensions.</summary>
            public (Tensor @var, Tensor mean) var_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                var_mean((ReadOnlySpan<long>)Given(dimensions), unbiased, keepdim, type);

            /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
            public (Tensor std, Tensor mean) std_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                std_mean((ReadOnlySpan<long>)[dim.Item1, dim.Item2], unbiased, keepdim, type);

            /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
            public (Tensor std, Tensor mean) std_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                std_mean((ReadOnlySpan<long>)[dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

            /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
            public (Tensor std, Tensor mean) std_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
            {
                Span<nint> parts = stackalloc nint[2];
                Check(kt_std_mean_along(handle, dimensions, dimensions.Length, unbiased, keepdim, parts));
                return (In(type, Take(parts[0])), In(type, Take(parts[1])));
            }

            /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
            public (Tensor std, Tensor mean) std_mean(bool unbiased = true) => Two(parts => kt_std_mean(handle, unbiased, parts));

            /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
            public (Tensor std, Tensor mean) std_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                std_mean((ReadOnlySpan<long>)[dim], unbiased, keepdim, type);

            /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
            public (Tensor std, Tensor mean) std_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
                std_mean((ReadOnlySpan<long>)Given(dimensions), unbiased, keepdim, type);

            /// <summary>The median of all elements, the lower of both middle ones; NaN if one is NaN.</summary>
            public Tensor median() => Take(kt_median(handle));

            /// <summary>The median of all elements that are not NaN, the lower of both middle ones.</summary>
            public Tensor nanmedian() => Take(kt_nanmedian(handle));

            /// <summary>The quantiles of order q along a dimension, interpolated linearly.</summary>
            public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => Take(kt_quantile(handle, Of(q), dim, keepdim));

            /// <summary>The quantiles of order q of the elements that are not NaN along a dimension, interpolated linearly.</summary>
            public Tensor nanquantile(Tensor q, long dim = -1, bool keepdim = false) => Take(kt_nanquantile(handle, Of(q), dim, keepdim));

            /// <summary>The most frequent element along a dimension and where it is.</summary>
            public (Tensor values, Tensor indices) mode(long dim = -1, bool keepdim = false) => Two(parts => kt_mode(handle, dim, keepdim, parts));

            /// <summary>How often each of 0, 1, 2, ... occurs among the elements, or the sum of their weights.</summary>
            public Tensor bincount(Tensor weights, long minlength = 0) => Take(kt_bincount(handle, Maybe(weights), minlength));

            /// <summary>The number of elements in each of equal bins between min and max, or between the extremes when both are 0.</summary>
            public Tensor histc(long bins = 100, long min = 0, long max = 0) => Take(kt_histc(handle, bins, min, max));
        }
    }
}
