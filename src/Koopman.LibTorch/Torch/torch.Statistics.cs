using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Variances, quantiles and counts.
    public static partial class torch
    {
        /// <summary>The variance of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
        public static Tensor @var(Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).@var(dimensions, unbiased, keepdim, type);

        /// <summary>The variance of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
        public static Tensor @var(Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).@var(dimensions, unbiased, keepdim, type);

        /// <summary>The variance of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
        public static Tensor @var(Tensor input, bool unbiased = true) => Given(input).@var(unbiased);

        /// <summary>The variance of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
        public static Tensor @var(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).@var(dimensions, unbiased, keepdim, type);

        /// <summary>The variance of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
        public static Tensor @var(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).@var(dimensions, unbiased, keepdim, type);

        /// <summary>The standard deviation of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
        public static Tensor std(Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).std(dimensions, unbiased, keepdim, type);

        /// <summary>The standard deviation of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
        public static Tensor std(Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).std(dimensions, unbiased, keepdim, type);

        /// <summary>The standard deviation of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
        public static Tensor std(Tensor input, bool unbiased = true) => Given(input).std(unbiased);

        /// <summary>The standard deviation of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
        public static Tensor std(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).std(dimensions, unbiased, keepdim, type);

        /// <summary>The standard deviation of all elements or along dimensions, divided by n - 1 (unbiased) or n.</summary>
        public static Tensor std(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).std(dimensions, unbiased, keepdim, type);

        /// <summary>The variance and the mean of all elements or along dimensions.</summary>
        public static (Tensor @var, Tensor mean) var_mean(Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).var_mean(dimensions, unbiased, keepdim, type);

        /// <summary>The variance and the mean of all elements or along dimensions.</summary>
        public static (Tensor @var, Tensor mean) var_mean(Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).var_mean(dimensions, unbiased, keepdim, type);

        /// <summary>The variance and the mean of all elements or along dimensions.</summary>
        public static (Tensor @var, Tensor mean) var_mean(Tensor input, ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).var_mean(dimensions, unbiased, keepdim, type);

        /// <summary>The variance and the mean of all elements or along dimensions.</summary>
        public static (Tensor @var, Tensor mean) var_mean(Tensor input, bool unbiased = true) => Given(input).var_mean(unbiased);

        /// <summary>The variance and the mean of all elements or along dimensions.</summary>
        public static (Tensor @var, Tensor mean) var_mean(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).var_mean(dimensions, unbiased, keepdim, type);

        /// <summary>The variance and the mean of all elements or along dimensions.</summary>
        public static (Tensor @var, Tensor mean) var_mean(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).var_mean(dimensions, unbiased, keepdim, type);

        /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
        public static (Tensor std, Tensor mean) std_mean(Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).std_mean(dimensions, unbiased, keepdim, type);

        /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
        public static (Tensor std, Tensor mean) std_mean(Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).std_mean(dimensions, unbiased, keepdim, type);

        /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
        public static (Tensor std, Tensor mean) std_mean(Tensor input, ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).std_mean(dimensions, unbiased, keepdim, type);

        /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
        public static (Tensor std, Tensor mean) std_mean(Tensor input, bool unbiased = true) => Given(input).std_mean(unbiased);

        /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
        public static (Tensor std, Tensor mean) std_mean(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).std_mean(dimensions, unbiased, keepdim, type);

        /// <summary>The standard deviation and the mean of all elements or along dimensions.</summary>
        public static (Tensor std, Tensor mean) std_mean(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Given(input).std_mean(dimensions, unbiased, keepdim, type);

        /// <summary>The median of all elements, the lower of both middle ones; NaN if one is NaN.</summary>
        public static Tensor median(Tensor input) => Given(input).median();

        /// <summary>The median of all elements that are not NaN, the lower of both middle ones.</summary>
        public static Tensor nanmedian(Tensor input) => Given(input).nanmedian();

        /// <summary>The quantiles of order q along a dimension, interpolated linearly.</summary>
        public static Tensor quantile(Tensor input, Tensor q, long dim = -1, bool keepdim = false) => Given(input).quantile(q, dim, keepdim);

        /// <summary>The quantiles of order q of the elements that are not NaN along a dimension, interpolated linearly.</summary>
        public static Tensor nanquantile(Tensor input, Tensor q, long dim = -1, bool keepdim = false) => Given(input).nanquantile(q, dim, keepdim);

        /// <summary>The most frequent element along a dimension and where it is.</summary>
        public static (Tensor values, Tensor indices) mode(Tensor input, long dim = -1, bool keepdim = false) => Given(input).mode(dim, keepdim);

        /// <summary>How often each of 0, 1, 2, ... occurs among the elements, or the sum of their weights.</summary>
        public static Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0) =>
            Take(kt_bincount(Of(input), Maybe(weights), minlength));

        /// <summary>The number of elements in each of equal bins between min and max, or between the extremes when both are 0.</summary>
        public static Tensor histc(Tensor input, long bins = 100, long min = 0, long max = 0) => Given(input).histc(bins, min, max);
    }
}
