using System;
using System.Linq;
using System.Runtime.CompilerServices;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Reading and writing parts of a tensor by index expressions.
        public partial class Tensor
        {
            private static TensorIndex[] Positions(params long[] positions) => Array.ConvertAll(Given(positions), p => TensorIndex.Single(p));

            private static TensorIndex[] Positions(Tensor[] positions) => Array.ConvertAll(Given(positions), TensorIndex.Tensor);

            /// <summary>The part that an index expression selects: a view for positions and slices, a copy for tensors of positions.</summary>
            [IndexerName("TensorItems")]
            public Tensor this[params TensorIndex[] indices]
            {
                get => index(indices);
                set => index_put_(value, indices);
            }

            /// <summary>The elements at the positions that the tensors list, one tensor for each of the first dimensions.</summary>
            [IndexerName("TensorItems")]
            public Tensor this[params Tensor[] indices]
            {
                get => index(indices);
                set => index_put_(value, indices);
            }

            /// <summary>A view of one position in each of the first dimensions, which disappear; negative ones count from the end.</summary>
            [IndexerName("TensorItems")]
            public Tensor this[params long[] indices]
            {
                get => index(Positions(indices));
                set => index_put_(value, Positions(indices));
            }

            [IndexerName("TensorItems")]
            public Tensor this[long i1]
            {
                get => select(0, i1);
                set => index_put_(value, Positions(i1));
            }

            [IndexerName("TensorItems")]
            public Tensor this[long i1, long i2]
            {
                get => index(Positions(i1, i2));
                set => index_put_(value, Positions(i1, i2));
            }

            [IndexerName("TensorItems")]
            public Tensor this[long i1, long i2, long i3]
            {
                get => index(Positions(i1, i2, i3));
                set => index_put_(value, Positions(i1, i2, i3));
            }

            [IndexerName("TensorItems")]
            public Tensor this[long i1, long i2, long i3, long i4]
            {
                get => index(Positions(i1, i2, i3, i4));
                set => index_put_(value, Positions(i1, i2, i3, i4));
            }

            [IndexerName("TensorItems")]
            public Tensor this[long i1, long i2, long i3, long i4, long i5]
            {
                get => index(Positions(i1, i2, i3, i4, i5));
                set => index_put_(value, Positions(i1, i2, i3, i4, i5));
            }

            [IndexerName("TensorItems")]
            public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
            {
                get => index(Positions(i1, i2, i3, i4, i5, i6));
                set => index_put_(value, Positions(i1, i2, i3, i4, i5, i6));
            }

            /// <summary>The part that an index expression selects: a view for positions and slices, a copy for tensors of positions.</summary>
            public Tensor index(params TensorIndex[] indices)
            {
                using var list = new IndexList(indices);
                return Take(kt_index(handle, list.Entries, list.Count));
            }

            /// <summary>The elements at the positions that the tensors list, one tensor for each of the first dimensions.</summary>
            public Tensor index(params Tensor[] indices) => index(Positions(indices));

            /// <summary>Writes a value, which is broadcast, to the part that an index expression selects.</summary>
            public Tensor index_put_(Tensor value, params TensorIndex[] indices)
            {
                using var list = new IndexList(indices);
                return Did(kt_index_put_(handle, list.Entries, list.Count, Of(value)));
            }

            /// <summary>Writes a value to, or adds it at, the positions that tensors list; with accumulate, repeated positions add up.</summary>
            /// <exception cref="ArgumentException">accumulate was asked for, but an index is not a tensor.</exception>
            public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
            {
                if (!accumulate) return index_put_(value, indices);
                if (Given(indices).Any(i => i.Positions is null))
                    throw new ArgumentException("To accumulate, every index must be a tensor of positions.", nameof(indices));
                return index_put_(value, Array.ConvertAll(indices, i => i.Positions!), true);
            }

            /// <summary>Writes a value to the positions that tensors list, one tensor for each of the first dimensions.</summary>
            public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, Positions(indices));

            /// <summary>Writes a value to, or adds it at, the positions that tensors list; with accumulate, repeated positions add up.</summary>
            public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false)
            {
                using var list = new TensorList(Given(indices).AsSpan());
                return Did(kt_index_put_tensors_(handle, list.Pointers, list.Count, Of(value), accumulate));
            }

            /// <summary>Writes a number to the part that an index expression selects.</summary>
            public Tensor index_put_(Scalar value, params TensorIndex[] indices)
            {
                using var list = new IndexList(indices);
                return Did(kt_index_put_scalar_(handle, list.Entries, list.Count, Num(value)));
            }

            /// <summary>Writes a number to the positions that tensors list.</summary>
            public Tensor index_put_(Scalar value, params Tensor[] indices) => index_put_(value, Positions(indices));
        }
    }
}
