using System;
using System.Collections.Generic;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Tensors put together and taken apart.
    public static partial class torch
    {
        /// <summary>The tensors end to end along a dimension.</summary>
        public static Tensor cat(IList<Tensor> tensors, long dim = 0)
        {
            using var list = new TensorList(tensors);
            return Take(kt_cat(list.Pointers, list.Count, dim));
        }

        /// <summary>The tensors end to end along a dimension.</summary>
        public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0)
        {
            using var list = new TensorList(tensors);
            return Take(kt_cat(list.Pointers, list.Count, dim));
        }

        /// <summary>The tensors end to end along a dimension.</summary>
        public static Tensor cat(Tensor[] tensors, long dim = 0) => cat((ReadOnlySpan<Tensor>)Given(tensors), dim);

        /// <summary>The tensors end to end along a dimension.</summary>
        public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);

        /// <summary>The tensors end to end along a dimension.</summary>
        public static Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat(tensors, dim);

        /// <summary>The tensors end to end along a dimension.</summary>
        public static Tensor concat(Tensor[] tensors, long dim = 0) => cat(tensors, dim);

        /// <summary>The tensors end to end along a dimension.</summary>
        public static Tensor concatenate(IList<Tensor> tensors, long axis = 0) => cat(tensors, axis);

        /// <summary>The tensors end to end along a dimension.</summary>
        public static Tensor concatenate(ReadOnlySpan<Tensor> tensors, long axis = 0) => cat(tensors, axis);

        /// <summary>The tensors end to end along a dimension.</summary>
        public static Tensor concatenate(Tensor[] tensors, long axis = 0) => cat(tensors, axis);

        /// <summary>Equally shaped tensors along a new dimension.</summary>
        public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0)
        {
            using var list = new TensorList(tensors);
            return Take(kt_stack(list.Pointers, list.Count, dim));
        }

        /// <summary>The tensors side by side: along the second dimension, vectors along the first.</summary>
        public static Tensor hstack(IEnumerable<Tensor> tensors)
        {
            using var list = new TensorList(tensors);
            return Take(kt_hstack(list.Pointers, list.Count));
        }

        /// <summary>The tensors side by side: along the second dimension, vectors along the first.</summary>
        public static Tensor hstack(IList<Tensor> tensors) => hstack((IEnumerable<Tensor>)tensors);

        /// <summary>The tensors side by side: along the second dimension, vectors along the first.</summary>
        public static Tensor hstack(ReadOnlySpan<Tensor> tensors)
        {
            using var list = new TensorList(tensors);
            return Take(kt_hstack(list.Pointers, list.Count));
        }

        /// <summary>The tensors side by side: along the second dimension, vectors along the first.</summary>
        public static Tensor hstack(params Tensor[] tensors) => hstack((ReadOnlySpan<Tensor>)Given(tensors));

        /// <summary>The tensors one below the other, vectors as rows.</summary>
        public static Tensor vstack(IList<Tensor> tensors)
        {
            using var list = new TensorList(tensors);
            return Take(kt_vstack(list.Pointers, list.Count));
        }

        /// <summary>The tensors one below the other, vectors as rows.</summary>
        public static Tensor vstack(ReadOnlySpan<Tensor> tensors)
        {
            using var list = new TensorList(tensors);
            return Take(kt_vstack(list.Pointers, list.Count));
        }

        /// <summary>The tensors one below the other, vectors as rows.</summary>
        public static Tensor vstack(Tensor[] tensors) => vstack((ReadOnlySpan<Tensor>)Given(tensors));

        /// <summary>The tensors one below the other, vectors as rows.</summary>
        public static Tensor row_stack(IList<Tensor> tensors) => vstack(tensors);

        /// <summary>The tensors one below the other, vectors as rows.</summary>
        public static Tensor row_stack(ReadOnlySpan<Tensor> tensors) => vstack(tensors);

        /// <summary>The tensors one below the other, vectors as rows.</summary>
        public static Tensor row_stack(params Tensor[] tensors) => vstack(tensors);

        /// <summary>The tensors side by side, vectors as columns.</summary>
        public static Tensor column_stack(IList<Tensor> tensors)
        {
            using var list = new TensorList(tensors);
            return Take(kt_column_stack(list.Pointers, list.Count));
        }

        /// <summary>The tensors side by side, vectors as columns.</summary>
        public static Tensor column_stack(ReadOnlySpan<Tensor> tensors)
        {
            using var list = new TensorList(tensors);
            return Take(kt_column_stack(list.Pointers, list.Count));
        }

        /// <summary>The tensors side by side, vectors as columns.</summary>
        public static Tensor column_stack(params Tensor[] tensors) => column_stack((ReadOnlySpan<Tensor>)Given(tensors));

        /// <summary>The block-diagonal matrix of the tensors.</summary>
        public static Tensor block_diag(params Tensor[] tensors)
        {
            using var list = new TensorList(tensors);
            return Take(kt_block_diag(list.Pointers, list.Count));
        }

        /// <summary>Views of pieces of this size, or of these sizes, along a dimension.</summary>
        public static Tensor[] split(Tensor tensor, long[] split_size_or_sections, long dim = 0) => Given(tensor).split(split_size_or_sections, dim);

        /// <summary>Views of at most this many equal pieces along a dimension; the last can be shorter.</summary>
        public static Tensor[] chunk(Tensor input, long chunks, long dim = 0) => Given(input).chunk(chunks, dim);

        /// <summary>Views of this many nearly equal pieces, or of the pieces between these positions, along a dimension.</summary>
        public static Tensor[] tensor_split(Tensor input, Tensor indices_or_sections, long dim = 0) =>
            Given(input).tensor_split(indices_or_sections, dim);

        /// <summary>Views of this many nearly equal pieces, or of the pieces between these positions, along a dimension.</summary>
        public static Tensor[] tensor_split(Tensor input, long indices_or_sections, long dim = 0) =>
            Given(input).tensor_split(indices_or_sections, dim);

        /// <summary>Views of this many nearly equal pieces, or of the pieces between these positions, along a dimension.</summary>
        public static Tensor[] tensor_split(Tensor input, long[] indices_or_sections, long dim = 0) =>
            Given(input).tensor_split(indices_or_sections, dim);

        /// <summary>Views of every position along a dimension, which disappears.</summary>
        public static Tensor[] unbind(Tensor input, long dim = 0) => Given(input).unbind(dim);

        /// <summary>Views of every position along a dimension, which disappears.</summary>
        public static Tensor[] unbind(Tensor tensor, int dim = 0) => Given(tensor).unbind(dim);

        /// <summary>Grids of coordinates from vectors, with "ij" (matrix) or "xy" (plot) order of the first two dimensions.</summary>
        public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij")
        {
            using var list = new TensorList(tensors);
            return TakeAll(kt_meshgrid(list.Pointers, list.Count, indexing));
        }

        /// <summary>All combinations of the vectors' elements, one in each row.</summary>
        public static Tensor cartesian_prod(IList<Tensor> tensors)
        {
            using var list = new TensorList(tensors);
            return Take(kt_cartesian_prod(list.Pointers, list.Count));
        }

        /// <summary>All combinations of the vectors' elements, one in each row.</summary>
        public static Tensor cartesian_prod(ReadOnlySpan<Tensor> tensors)
        {
            using var list = new TensorList(tensors);
            return Take(kt_cartesian_prod(list.Pointers, list.Count));
        }

        /// <summary>All combinations of the vectors' elements, one in each row.</summary>
        public static Tensor cartesian_prod(params Tensor[] tensors) => cartesian_prod((ReadOnlySpan<Tensor>)Given(tensors));

        /// <summary>Views of the tensors, broadcast to their common shape.</summary>
        public static IList<Tensor> broadcast_tensors(params Tensor[] tensors)
        {
            using var list = new TensorList(tensors);
            return TakeAll(kt_broadcast_tensors(list.Pointers, list.Count));
        }
    }
}
