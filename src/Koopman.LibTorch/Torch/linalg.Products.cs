using System.Collections.Generic;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Products of vectors, matrices and higher tensors.
        public static partial class linalg
        {
            /// <summary>The product of several matrices in the cheapest order.</summary>
            public static Tensor multi_dot(IList<Tensor> tensors)
            {
                using var list = new TensorList(tensors);
                return Take(kt_multi_dot(list.Pointers, list.Count));
            }
        }
    }
}
