using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // More ways to take tensors apart and put them together.
        public partial class Tensor
        {
            /// <summary>Views of pieces side by side: of a matrix along the second dimension, of a vector along the first.</summary>
            public Tensor[] hsplit(Tensor indices) => hsplit(Given(indices).to(ScalarType.Int64).cpu().data<long>().ToArray());

            /// <summary>Views of pieces side by side: of a matrix along the second dimension, of a vector along the first.</summary>
            public Tensor[] hsplit(long size) => TakeAll(kt_hsplit(handle, size));

            /// <summary>Views of pieces side by side: of a matrix along the second dimension, of a vector along the first.</summary>
            public Tensor[] hsplit(params long[] sizes) => TakeAll(kt_hsplit_sizes(handle, Given(sizes), sizes.Length));

            /// <summary>Views of pieces one below the other, along the first dimension.</summary>
            public Tensor[] vsplit(Tensor indices) => vsplit(Given(indices).to(ScalarType.Int64).cpu().data<long>().ToArray());

            /// <summary>Views of pieces one below the other, along the first dimension.</summary>
            public Tensor[] vsplit(long size) => TakeAll(kt_vsplit(handle, size));

            /// <summary>Views of pieces one below the other, along the first dimension.</summary>
            public Tensor[] vsplit(params long[] sizes) => TakeAll(kt_vsplit_sizes(handle, Given(sizes), sizes.Length));
        }
    }
}
