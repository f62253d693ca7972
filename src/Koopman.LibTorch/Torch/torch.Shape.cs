using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Views and copies in another shape.
    public static partial class torch
    {
        /// <summary>The elements in another shape, -1 standing for the one length that follows from the others; a view where possible.</summary>
        public static Tensor reshape(Tensor input, params long[] shape) => Given(input).reshape(shape);

        /// <summary>The dimensions from start_dim to end_dim run together.</summary>
        public static Tensor flatten(Tensor input, long start_dim = 0, long end_dim = -1) => Given(input).flatten(start_dim, end_dim);

        /// <summary>A dimension split into several.</summary>
        public static Tensor unflatten(Tensor input, long dim, Size sizes) => Given(input).unflatten(dim, sizes);

        /// <summary>A dimension split into several.</summary>
        public static Tensor unflatten(Tensor input, long dim, params long[] sizes) => Given(input).unflatten(dim, sizes);

        /// <summary>All elements in one dimension.</summary>
        public static Tensor ravel(Tensor input) => Given(input).ravel();

        /// <summary>The tensor without its dimensions of length 1, or without this one.</summary>
        public static Tensor squeeze(Tensor input, long? dim = null) => Given(input).squeeze(dim);

        /// <summary>The tensor without its dimensions of length 1, or without this one; in place.</summary>
        public static Tensor squeeze_(Tensor input, long? dim = null) => Given(input).squeeze_(dim);

        /// <summary>The tensor with a new dimension of length 1.</summary>
        public static Tensor unsqueeze(Tensor input, long dim) => Given(input).unsqueeze(dim);

        /// <summary>The tensor with a new dimension of length 1; in place.</summary>
        public static Tensor unsqueeze_(Tensor input, long dim) => Given(input).unsqueeze_(dim);

        /// <summary>The tensor with two dimensions exchanged.</summary>
        public static Tensor transpose(Tensor input, long dim0, long dim1) => Given(input).transpose(dim0, dim1);

        /// <summary>The tensor with two dimensions exchanged.</summary>
        public static Tensor swapdims(Tensor input, long dim0, long dim1) => Given(input).swapdims(dim0, dim1);

        /// <summary>The tensor with two dimensions exchanged.</summary>
        public static Tensor swapaxes(Tensor input, long axis0, long axis1) => Given(input).swapaxes(axis0, axis1);

        /// <summary>The transpose of a matrix; vectors stay as they are.</summary>
        public static Tensor t(Tensor input) => Given(input).t();

        /// <summary>The conjugate transpose of the last two dimensions.</summary>
        public static Tensor adjoint(Tensor input) => Given(input).adjoint();

        /// <summary>The dimensions in another order.</summary>
        public static Tensor permute(Tensor input, params long[] permutation) => Given(input).permute(permutation);

        /// <summary>The dimensions at source moved to destination.</summary>
        public static Tensor movedim(Tensor input, long source, long destination) => Given(input).movedim([source], [destination]);

        /// <summary>The dimensions at source moved to destination.</summary>
        public static Tensor movedim(Tensor input, long[] source, long[] destination) => Given(input).movedim(source, destination);

        /// <summary>The dimensions at source moved to destination.</summary>
        public static Tensor moveaxis(Tensor input, (long, long) source, (long, long) destination) =>
            Given(input).movedim([source.Item1, source.Item2], [destination.Item1, destination.Item2]);

        /// <summary>The dimensions at source moved to destination.</summary>
        public static Tensor moveaxis(Tensor input, (long, long, long) source, (long, long, long) destination) =>
            Given(input).movedim([source.Item1, source.Item2, source.Item3], [destination.Item1, destination.Item2, destination.Item3]);

        /// <summary>The dimensions at source moved to destination.</summary>
        public static Tensor moveaxis(Tensor input, (long, long, long, long) source, (long, long, long, long) destination) =>
            Given(input).movedim(
    [source.Item1, source.Item2, source.Item3, source.Item4],
    [destination.Item1, destination.Item2, destination.Item3, destination.Item4]);

        /// <summary>The dimensions at source moved to destination.</summary>
        public static Tensor moveaxis(Tensor input, long source, long destination) => Given(input).movedim([source], [destination]);

        /// <summary>The dimensions at source moved to destination.</summary>
        public static Tensor moveaxis(Tensor input, long[] source, long[] destination) => Given(input).moveaxis(source, destination);

        /// <summary>A view broadcast to this shape.</summary>
        public static Tensor broadcast_to(Tensor input, params long[] shape) => Given(input).broadcast_to(shape);

        /// <summary>Each element repeated, in the flattened tensor or along a dimension.</summary>
        public static Tensor repeat_interleave(Tensor input, Tensor repeats, long? dim = null, long? output_size = null) =>
            Given(input).repeat_interleave(repeats, dim, output_size);

        /// <summary>Each element repeated, in the flattened tensor or along a dimension.</summary>
        public static Tensor repeat_interleave(Tensor input, long repeats, long? dim = null, long? output_size = null) =>
            Given(input).repeat_interleave(repeats, dim, output_size);

        /// <summary>The tensor repeated this often along its last dimensions, copied.</summary>
        public static Tensor tile(Tensor input, long[] dims) => Given(input).tile(dims);

        /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
        public static Tensor roll(Tensor input, (long, long) shifts, (long, long) dims) => Given(input).roll(shifts, dims);

        /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
        public static Tensor roll(Tensor input, (long, long, long) shifts, (long, long, long) dims) => Given(input).roll(shifts, dims);

        /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
        public static Tensor roll(Tensor input, ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) => Given(input).roll(shifts, dims);

        /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
        public static Tensor roll(Tensor input, long shifts, long? dims = null) => Given(input).roll(shifts, dims);

        /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
        public static Tensor roll(Tensor input, long[] shifts) => Given(input).roll(shifts);

        /// <summary>The elements moved along dimensions, those that leave at one end entering at the other.</summary>
        public static Tensor roll(Tensor input, long[] shifts, long[] dims) => Given(input).roll(shifts, dims);

        /// <summary>The order of the elements reversed along dimensions.</summary>
        public static Tensor flip(Tensor input, params long[] dims) => Given(input).flip(dims);

        /// <summary>The order of the columns reversed.</summary>
        public static Tensor fliplr(Tensor input) => Given(input).fliplr();

        /// <summary>The order of the rows reversed.</summary>
        public static Tensor flipud(Tensor input) => Given(input).flipud();

        /// <summary>The tensor turned by 90 degrees k times, from the first dimension to the second.</summary>
        public static Tensor rot90(Tensor input, long k = 1, (long, long)? dims = null) => Given(input).rot90(k, dims);

        /// <summary>A copy with its own memory, through which gradients flow.</summary>
        public static Tensor clone(Tensor input) => Given(input).clone();
    }
}
