using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Tensors put together and taken apart.
        public partial class Tensor
        {
            /// <summary>The block-diagonal matrix of the tensors.</summary>
            public static Tensor block_diag(params Tensor[] tensors) => torch.block_diag(tensors);

            /// <summary>Views of pieces of this size, or of these sizes, along a dimension.</summary>
            public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => TakeAll(kt_split_sizes(handle, sizes, sizes.Length, dim));

            /// <summary>Views of pieces of this size, or of these sizes, along a dimension.</summary>
            public Tensor[] split(long size, int dim = 0) => TakeAll(kt_split(handle, size, dim));

            /// <summary>Views of pieces of this size, or of these sizes, along a dimension.</summary>
            public Tensor[] split(long[] sizes, long dim = 0) => split((ReadOnlySpan<long>)Given(sizes), dim);

            /// <summary>Views of pieces of this size, or of these sizes, along a dimension.</summary>
            public Tensor[] split(params long[] sizes) => split((ReadOnlySpan<long>)Given(sizes), 0L);

            /// <summary>Views of at most this many equal pieces along a dimension; the last can be shorter.</summary>
            public Tensor[] chunk(long chunks, long dim = 0) => TakeAll(kt_chunk(handle, chunks, dim));

            /// <summary>Views of this many nearly equal pieces, or of the pieces between these positions, along a dimension.</summary>
            public Tensor[] tensor_split(Tensor indices, long dim = 0) =>
                tensor_split(Given(indices).to(ScalarType.Int64).cpu().data<long>().ToArray(), dim);

            /// <summary>Views of this many nearly equal pieces, or of the pieces between these positions, along a dimension.</summary>
            public Tensor[] tensor_split(long size, long dim = 0) => TakeAll(kt_tensor_split(handle, size, dim));

            /// <summary>Views of this many nearly equal pieces, or of the pieces between these positions, along a dimension.</summary>
            public Tensor[] tensor_split(long[] sizes, long dim = 0) => TakeAll(kt_tensor_split_sizes(handle, Given(sizes), sizes.Length, dim));

            /// <summary>Views of every position along a dimension, which disappears.</summary>
            public Tensor[] unbind(long dimension = 0) => TakeAll(kt_unbind(handle, dimension));
        }
    }
}
