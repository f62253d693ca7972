using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Largest and smallest elements and where they are.
        public partial class Tensor
        {
            /// <summary>The largest element, the larger of each pair, or the largest along a dimension and where it is.</summary>
            public Tensor max() => Take(kt_max(handle));

            /// <summary>The largest element, the larger of each pair, or the largest along a dimension and where it is.</summary>
            public Tensor max(Tensor other) => maximum(other);

            /// <summary>The largest element, the larger of each pair, or the largest along a dimension and where it is.</summary>
            public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false)
            {
                Span<nint> parts = stackalloc nint[2];
                Check(kt_max_along(handle, dim, keepdim, parts));
                return (Take(parts[0]), Take(parts[1]));
            }

            /// <summary>The smallest element, the smaller of each pair, or the smallest along a dimension and where it is.</summary>
            public Tensor min() => Take(kt_min(handle));

            /// <summary>The smallest element, the smaller of each pair, or the smallest along a dimension and where it is.</summary>
            public Tensor min(Tensor other) => minimum(other);

            /// <summary>The smallest element, the smaller of each pair, or the smallest along a dimension and where it is.</summary>
            public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false)
            {
                Span<nint> parts = stackalloc nint[2];
                Check(kt_min_along(handle, dim, keepdim, parts));
                return (Take(parts[0]), Take(parts[1]));
            }

            /// <summary>The largest elements along dimensions.</summary>
            public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
                @out is null ? Take(kt_amax(handle, dims, dims.Length, keepdim)) : @out.Did(kt_amax_out(handle, dims, dims.Length, keepdim, @out.handle));

            /// <summary>The largest elements along dimensions.</summary>
            public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => amax((ReadOnlySpan<long>)Given(dims), keepdim, @out);

            /// <summary>The largest elements along dimensions.</summary>
            public Tensor amax(params long[] dims) => amax(Given(dims), false, null);

            /// <summary>The smallest elements along dimensions.</summary>
            public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
                @out is null ? Take(kt_amin(handle, dims, dims.Length, keepdim)) : @out.Did(kt_amin_out(handle, dims, dims.Length, keepdim, @out.handle));

            /// <summary>The smallest elements along dimensions.</summary>
            public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) => amin((ReadOnlySpan<long>)Given(dims), keepdim, @out);

            /// <summary>The smallest elements along dimensions.</summary>
            public Tensor amin(params long[] dims) => amin(Given(dims), false, null);

            /// <summary>The smallest and the largest element, of all or along a dimension.</summary>
            public unsafe (Tensor min, Tensor max) aminmax(long? dim = null, bool keepdim = false)
            {
                var along = dim.GetValueOrDefault();
                Span<nint> parts = stackalloc nint[2];
                Check(kt_aminmax(handle, dim is null ? null : &along, keepdim, parts));
                return (Take(parts[0]), Take(parts[1]));
            }

            /// <summary>The position of the largest element, in the flattened tensor or along a dimension.</summary>
            public Tensor argmax() => Take(kt_argmax(handle));

            /// <summary>The position of the largest element, in the flattened tensor or along a dimension.</summary>
            public Tensor argmax(long dim, bool keepdim = false) => Take(kt_argmax_along(handle, dim, keepdim));

            /// <summary>The position of the smallest element, in the flattened tensor or along a dimension.</summary>
            public Tensor argmin() => Take(kt_argmin(handle));

            /// <summary>The position of the smallest element, in the flattened tensor or along a dimension.</summary>
            public Tensor argmin(long dim, bool keepdim = false) => Take(kt_argmin_along(handle, dim, keepdim));
        }
    }
}
