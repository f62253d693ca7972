using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // New tensors with a part of another replaced.
        public partial class Tensor
        {
            /// <summary>This with src at one position along a dimension.</summary>
            public Tensor select_scatter(Tensor src, long dim, long index) => Take(kt_select_scatter(handle, Of(src), dim, index));

            /// <summary>This with src on a diagonal.</summary>
            public Tensor diagonal_scatter(Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1) =>
                Take(kt_diagonal_scatter(handle, Of(src), offset, dim1, dim2));

            /// <summary>This with src in place of every step-th position from start to before end along a dimension.</summary>
            public unsafe Tensor slice_scatter(Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1)
            {
                var (first, last) = (start.GetValueOrDefault(), end.GetValueOrDefault());
                return Take(kt_slice_scatter(handle, Of(src), dim, start is null ? null : &first, end is null ? null : &last, step));
            }
        }
    }
}
