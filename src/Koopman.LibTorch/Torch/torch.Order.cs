using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Sorting and searching.
    public static partial class torch
    {
        /// <summary>The elements in order along a dimension, and where they were.</summary>
        public static (Tensor values, Tensor indices) sort(Tensor input, long dim = -1, bool descending = false, bool stable = false) =>
            Given(input).sort(dim, descending, stable);

        /// <summary>The positions that put the elements in order along a dimension.</summary>
        public static Tensor argsort(Tensor input, long dim = -1, bool descending = false) => Given(input).argsort(dim, descending);

        /// <summary>The elements in ascending order along the first dimension.</summary>
        public static Tensor msort(Tensor tensor) => Given(tensor).msort();

        /// <summary>The k largest (or smallest) elements along a dimension, and where they were.</summary>
        public static (Tensor values, Tensor indices) topk(Tensor tensor, int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Given(tensor).topk(k, dim, largest, sorted);

        /// <summary>The k-th smallest element along a dimension (the last unless given) and where it is.</summary>
        public static (Tensor values, Tensor indices) kthvalue(Tensor input, long k, long? dim, bool keepdim = false) =>
            Given(input).kthvalue(k, dim, keepdim);

        /// <summary>The distinct elements, and where wanted: for each element the position of its value, and how often each occurs.</summary>
        public static (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(Tensor input, bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
            Given(input).unique(sorted, return_inverse, return_counts, dim);

        /// <summary>The elements without repetitions of neighbours, and where wanted the positions and counts.</summary>
        public static (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(Tensor input, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
            Given(input).unique_consecutive(return_inverse, return_counts, dim);

        /// <summary>Where values belong in a sorted sequence: before equal ones, or after them when right.</summary>
        public static Tensor searchsorted(Tensor sorted_sequence, Scalar values, bool out_int32, bool right, Tensor sorter) =>
            Take(kt_searchsorted_scalar(Of(sorted_sequence), Num(values), out_int32, right, Maybe(sorter)));

        /// <summary>Where values belong in a sorted sequence: before equal ones, or after them when right.</summary>
        public static Tensor searchsorted(Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor? sorter = null) =>
            Take(kt_searchsorted(Of(sorted_sequence), Of(values), out_int32, right, Maybe(sorter)));

        /// <summary>The number of the interval between boundaries in which each element lies.</summary>
        public static Tensor bucketize(Tensor input, Tensor boundaries, bool outInt32 = false, bool right = false) =>
            Given(input).bucketize(boundaries, outInt32, right);

        /// <summary>The n-th differences along a dimension.</summary>
        public static Tensor diff(Tensor input, long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) =>
            Given(input).diff(n, dim, prepend, append);

        /// <summary>The integral along a dimension by the trapezium rule, over positions x or steps dx.</summary>
        public static Tensor trapezoid(Tensor y, Tensor x, long dim = -1) => Given(y).trapezoid(x, dim);

        /// <summary>The integral along a dimension by the trapezium rule, over positions x or steps dx.</summary>
        public static Tensor trapezoid(Tensor y, double dx = 1, long dim = -1) => Given(y).trapezoid(dx, dim);
    }
}
