using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // The activation functions that tensors have themselves.
        public static partial class special
        {
            /// <summary>exp(x) / sum(exp(x)) along a dimension, computed in the type given.</summary>
            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => Given(input).softmax(dim, dtype);

            /// <summary>The logarithm of softmax along a dimension, computed in the type given.</summary>
            public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) => Given(input).log_softmax(dim, dtype);
        }
    }
}
