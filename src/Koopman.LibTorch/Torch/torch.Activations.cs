using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // The activation functions that tensors have themselves.
    public static partial class torch
    {
        /// <summary>exp(x) / sum(exp(x)) along a dimension, computed in the type given.</summary>
        public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => Given(input).softmax(dim, dtype);
    }
}
