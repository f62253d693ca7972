using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Largest and smallest elements and where they are.
    public static partial class torch
    {
        /// <summary>The largest element, the larger of each pair, or the largest along a dimension and where it is.</summary>
        public static Tensor max(Tensor input) => Given(input).max();

        /// <summary>The largest element, the larger of each pair, or the largest along a dimension and where it is.</summary>
        public static Tensor max(Tensor input, Tensor other) => Given(input).max(other);

        /// <summary>The largest element, the larger of each pair, or the largest along a dimension and where it is.</summary>
        public static (Tensor values, Tensor indexes) max(Tensor input, long dim, bool keepdim = false) => Given(input).max(dim, keepdim);

        /// <summary>The smallest element, the smaller of each pair, or the smallest along a dimension and where it is.</summary>
        public static Tensor min(Tensor input) => Given(input).min();

        /// <summary>The smallest element, the smaller of each pair, or the smallest along a dimension and where it is.</summary>
        public static Tensor min(Tensor input, Tensor other) => Given(input).min(other);

        /// <summary>The smallest element, the smaller of each pair, or the smallest along a dimension and where it is.</summary>
        public static (Tensor values, Tensor indexes) min(Tensor input, long dim, bool keepdim = false) => Given(input).min(dim, keepdim);

        /// <summary>The largest elements along dimensions.</summary>
        public static Tensor amax(Tensor input, ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            Given(input).amax(dims, keepdim, @out);

        /// <summary>The largest elements along dimensions.</summary>
        public static Tensor amax(Tensor input, long[] dims) => Given(input).amax(dims);

        /// <summary>The largest elements along dimensions.</summary>
        public static Tensor amax(Tensor input, long[] dims, bool keepdim = false, Tensor? @out = null) => Given(input).amax(dims, keepdim, @out);

        /// <summary>The smallest elements along dimensions.</summary>
        public static Tensor amin(Tensor input, ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            Given(input).amin(dims, keepdim, @out);

        /// <summary>The smallest elements along dimensions.</summary>
        public static Tensor amin(Tensor input, long[] dims, bool keepdim = false, Tensor? @out = null) => Given(input).amin(dims, keepdim, @out);

        /// <summary>The smallest and the largest element, of all or along a dimension.</summary>
        public static (Tensor min, Tensor max) aminmax(Tensor input, long? dim = null, bool keepdim = false) => Given(input).aminmax(dim, keepdim);

        /// <summary>The position of the largest element, in the flattened tensor or along a dimension.</summary>
        public static Tensor argmax(Tensor input) => Given(input).argmax();

        /// <summary>The position of the largest element, in the flattened tensor or along a dimension.</summary>
        public static Tensor argmax(Tensor input, long dim, bool keepdim = false) => Given(input).argmax(dim, keepdim);

        /// <summary>The position of the smallest element, in the flattened tensor or along a dimension.</summary>
        public static Tensor argmin(Tensor input) => Given(input).argmin();

        /// <summary>The position of the smallest element, in the flattened tensor or along a dimension.</summary>
        public static Tensor argmin(Tensor input, long dim, bool keepdim = false) => Given(input).argmin(dim, keepdim);
    }
}
