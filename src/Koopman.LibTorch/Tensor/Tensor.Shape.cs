using System;
using System.Collections.Generic;
using System.Linq;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Views and copies in another shape.
        public partial class Tensor
        {
            /// <summary>The elements in another shape, -1 standing for the one length that follows from the others; a view where possible.</summary>
            public Tensor reshape(params long[] shape) => Take(kt_reshape(handle, Given(shape), shape.Length));

            /// <summary>A view in another shape; ExternalException where the strides do not allow one.</summary>
            public Tensor view(params long[] shape) => Take(kt_view(handle, Given(shape), shape.Length));

            /// <summary>A view in the shape of another tensor.</summary>
            public Tensor view_as(Tensor other) => view(Given(other).shape);

            /// <summary>The dimensions from start_dim to end_dim run together.</summary>
            public Tensor flatten(long start_dim = 0, long end_dim = -1) => Take(kt_flatten(handle, start_dim, end_dim));

            /// <summary>A dimension split into several.</summary>
            public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);

            /// <summary>A dimension split into several.</summary>
            public Tensor unflatten(long dim, params long[] sizes) => Take(kt_unflatten(handle, dim, Given(sizes), sizes.Length));

            /// <summary>All elements in one dimension.</summary>
            public Tensor ravel() => Take(kt_ravel(handle));

            /// <summary>The tensor without its dimensions of length 1, or without this one.</summary>
            public Tensor squeeze(long? dim = null) => Take(dim is { } d ? kt_squeeze_at(handle, d) : kt_squeeze(handle));

            /// <summary>The tensor without its dimensions of length 1, or without this one; in place.</summary>
            public Tensor squeeze_(long? dim = null) => Did(dim is { } d ? kt_squeeze_at_(handle, d) : kt_squeeze_(handle));

            /// <summary>The tensor with a new dimension of length 1.</summary>
            public Tensor unsqueeze(long dim) => Take(kt_unsqueeze(handle, dim));

            /// <summary>The tensor with a new dimension of length 1; in place.</summary>
            public Tensor unsqueeze_(long dim) => Did(kt_unsqueeze_(handle, dim));

            /// <summary>The tensor with two dimensions exchanged.</summary>
            public Tensor transpose(long dim0, long dim1) => Take(kt_transpose(handle, dim0, dim1));

            /// <summary>The tensor with two dimensions exchanged; in place.</summary>
            public Tensor transpose_(long dim0, long dim1) => Did(kt_transpose_(handle, dim0, dim1));

            /// <summary>The tensor with two dimensions exchanged.</summary>
            public Tensor swapdims(long dim0, long dim1) => transpose(dim0, dim1);

            /// <summary>The tensor with two dimensions exchanged.</summary>
            public Tensor swapaxes(long dim0, long dim1) => transpose(dim0, dim1);

            /// <summary>The transpose of a matrix; vectors stay as they are.</summary>
            public Tensor t() => Take(kt_t(handle));

            /// <summary>The conjugate transpose of the last two dimensions.</summary>
            public Tensor adjoint() => Take(kt_adjoint(handle));

            /// <summary>The dimensions in another order.</summary>
            public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());

            /// <summary>The dimensions in another order.</summary>
            public Tensor permute(params long[] permutation) => Take(kt_permute(handle, Given(permutation), permutation.Length));

            /// <summary>The dimensions at source moved to destination.</summary>
            public Tensor movedim(long[] source, long[] destination) =>
                Take(kt_movedim(handle, Given(source), source.Length, Given(destination), destination.Length));

            /// <summary>The dimensions at source moved to destination.</summary>
            public Tensor moveaxis(long[] source, long[] destination) => movedim(source, destination);

            /// <summary>A view in which dimensions of length 1 are repeated without copying; -1 leaves a dimension as it is.</summary>
            public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => Take(kt_expand(handle, sizes, sizes.Length, isImplicit));

            /// <summary>A view in which dimensions of length 1 are repeated without copying; -1 leaves a dimension as it is.</summary>
            public Tensor expand(Size sizes, bool isImplicit = false) => expand((ReadOnlySpan<long>)sizes.Shape, isImplicit);

            /// <summary>A view in which dimensions of length 1 are repeated without copying; -1 leaves a dimension as it is.</summary>
            public Tensor expand(long[] sizes, bool isImplicit = false) => expand((ReadOnlySpan<long>)Given(sizes), isImplicit);

            /// <summary>A view in which dimensions of length 1 are repeated without copying; -1 leaves a dimension as it is.</summary>
            public Tensor expand(params long[] sizes) => expand((ReadOnlySpan<long>)Given(sizes), false);

            /// <summary>A view in the shape of another tensor, dimensions of length 1 repeated without copying.</summary>
            public Tensor expand_as(Tensor other) => expand(Given(other).shape, false);

            /// <summary>A view broadcast to this shape.</summary>
            public Tensor broadcast_to(params long[] shape) => Take(kt_broadcast_to(handle, Given(shape), shape.Length));

            /// <summary>The tensor repeated this often along each dimension, copied.</summary>
            public Tensor repeat(params long[] sizes) => Take(kt_repeat(handle, Given(sizes), sizes.Length));

            /// <summary>Each element repeated, in the flattened tensor or along a dimension.</summary>
            public unsafe Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null)
            {
                var (along, size) = (dim.GetValueOrDefault(), output_size.GetValueOrDefault());
                return Take(kt_repeat_interleave_tensor(handle, Of(repeats), dim is null ? null : &along, output_size is null ? null : &size));
            }

            /// <summary>Each element repeated, in the flattened tensor or along a dimension.</summary>
            public unsafe Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null)
            {
                var (along, size) = (dim.GetValueOrDefault(), output_size.GetValueOrDefault());
                return Take(kt_repeat_interleave(handle, repeats, dim is null ? null : &along, output_size is null ? null : &size));
            }

            /// <summary>The tensor repeated this often along its last dimensions, copied.</summary>
            public Tensor tile(long[] reps) => Take(kt_tile(handle, Given(reps), reps.Length));

            /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
            public Tensor roll((long, long) shifts, (long, long) dims) =>
                roll((ReadOnlySpan<long>)[shifts.Item1, shifts.Item2], [dims.Item1, dims.Item2]);

            /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
            public Tensor roll((long, long, long) shifts, (long, long, long) dims) =>
                roll((ReadOnlySpan<long>)[shifts.Item1, shifts.Item2, shifts.Item3], [dims.Item1, dims.Item2, dims.Item3]);

            /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
            public Tensor roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) =>
                Take(kt_roll(handle, shifts, shifts.Length, dims, dims.Length));

            /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
            public Tensor roll(long shifts, long? dims = null) =>
                dims is { } d ? roll((ReadOnlySpan<long>)[shifts], [d]) : roll((ReadOnlySpan<long>)[shifts], default);

            /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
            public Tensor roll(long[] shifts) => roll((ReadOnlySpan<long>)Given(shifts), default);

            /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
            public Tensor roll(long[] shifts, long[] dims) => roll((ReadOnlySpan<long>)Given(shifts), Given(dims));

            /// <summary>The order of the elements reversed along dimensions.</summary>
            public Tensor flip(params long[] dims) => Take(kt_flip(handle, Given(dims), dims.Length));

            /// <summary>The order of the columns reversed.</summary>
            public Tensor fliplr() => Take(kt_fliplr(handle));

            /// <summary>The order of the rows reversed.</summary>
            public Tensor flipud() => Take(kt_flipud(handle));

            /// <summary>The tensor turned by 90 degrees k times, from the first dimension to the second.</summary>
            public Tensor rot90(long k = 1, (long, long)? dims = null) => Take(kt_rot90(handle, k, [dims?.Item1 ?? 0, dims?.Item2 ?? 1], 2));

            /// <summary>The tensor laid out row by row: itself if it is already, else a copy.</summary>
            public Tensor contiguous() => Take(kt_contiguous(handle));

            /// <summary>A copy with its own memory, through which gradients flow.</summary>
            public Tensor clone() => Take(kt_clone(handle));

            /// <summary>A second handle to the same tensor, in the innermost dispose scope.</summary>
            public Tensor alias() => Take(kt_alias(handle));

            /// <summary>A view of the storage with these lengths, strides and offset, in elements.</summary>
            public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0) =>
                Take(kt_as_strided(handle, Given(size), size.Length, Given(strides), strides.Length, storageOffset));

            /// <summary>A view of all windows of this size and step along a dimension, as a new last dimension.</summary>
            public Tensor unfold(long dimension, long size, long step) => Take(kt_windows(handle, dimension, size, step));

            /// <summary>The tensor with at least one dimension.</summary>
            public Tensor atleast_1d() => Take(kt_atleast_1d(handle));

            /// <summary>The tensor with at least two dimensions.</summary>
            public Tensor atleast_2d() => Take(kt_atleast_2d(handle));
        }
    }
}
