using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Sorting and searching.
        public partial class Tensor
        {
            /// <summary>The elements in order along a dimension, and where they were.</summary>
            public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
                Two(parts => kt_sort(handle, stable, dim, descending, parts));

            /// <summary>The positions that put the elements in order along a dimension.</summary>
            public Tensor argsort(long dim = -1, bool descending = false) => Take(kt_argsort(handle, dim, descending));

            /// <summary>The elements in ascending order along the first dimension.</summary>
            public Tensor msort() => Take(kt_msort(handle));

            /// <summary>The k largest (or smallest) elements along a dimension, and where they were.</summary>
            public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
                Two(parts => kt_topk(handle, k, dim, largest, sorted, parts));

            /// <summary>The k-th smallest element along a dimension (the last unless given) and where it is.</summary>
            public static (Tensor values, Tensor indices) kthvalue(Tensor input, long k, long? dim, bool keepdim = false) =>
                Given(input).kthvalue(k, dim, keepdim);

            /// <summary>The k-th smallest element along a dimension (the last unless given) and where it is.</summary>
            public (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false) =>
                Two(parts => kt_kthvalue(handle, k, dim ?? -1, keepdim, parts));

            /// <summary>The distinct elements, and where wanted: for each element the position of its value, and how often each occurs.</summary>
            public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
                Wanted(
    dim is { } d
        ? Three(parts => kt_unique_along(handle, d, sorted, return_inverse, return_counts, parts))
        : Three(parts => kt_unique(handle, sorted, return_inverse, return_counts, parts)),
    return_inverse,
    return_counts);

            /// <summary>The elements without repetitions of neighbours, and where wanted the positions and counts.</summary>
            public unsafe (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(bool return_inverse = false, bool return_counts = false, int? dim = null)
            {
                long along = dim.GetValueOrDefault();
                Span<nint> parts = stackalloc nint[3];
                Check(kt_unique_consecutive(handle, return_inverse, return_counts, dim is null ? null : &along, parts));
                return Wanted((Take(parts[0]), Take(parts[1]), Take(parts[2])), return_inverse, return_counts);
            }

            /// <summary>The number of the interval between boundaries in which each element lies.</summary>
            public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) =>
                Take(kt_bucketize(handle, Of(boundaries), outInt32, right));

            /// <summary>The n-th differences along a dimension.</summary>
            public Tensor diff(long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) =>
                Take(kt_diff(handle, n, dim, Maybe(prepend), Maybe(append)));

            /// <summary>The integral along a dimension by the trapezium rule, over positions x or steps dx.</summary>
            public Tensor trapezoid(Tensor x, long dim = -1) => Take(kt_trapezoid_over(handle, Of(x), dim));

            /// <summary>The integral along a dimension by the trapezium rule, over positions x or steps dx.</summary>
            public Tensor trapezoid(double dx = 1, long dim = -1) => Take(kt_trapezoid(handle, dx, dim));
        }
    }
}
