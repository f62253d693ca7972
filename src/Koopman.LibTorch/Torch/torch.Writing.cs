using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // New tensors with a part of another replaced.
    public static partial class torch
    {
        /// <summary>This with src at one position along a dimension.</summary>
        public static Tensor select_scatter(Tensor input, Tensor src, long dim, long index) => Given(input).select_scatter(src, dim, index);

        /// <summary>This with src on a diagonal.</summary>
        public static Tensor diagonal_scatter(Tensor input, Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1) =>
            Given(input).diagonal_scatter(src, offset, dim1, dim2);

        /// <summary>This with src in place of every step-th position from start to before end along a dimension.</summary>
        public static Tensor slice_scatter(Tensor input, Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) =>
            Given(input).slice_scatter(src, dim, start, end, step);
    }
}
