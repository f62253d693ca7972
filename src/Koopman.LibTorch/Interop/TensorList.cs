using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp.Interop
{
    /// <summary>Several tensors as one argument of a native call; keeps them alive until it is disposed.</summary>
    internal readonly ref struct TensorList
    {
        private readonly TensorHandle[] handles;
        private readonly nint[] pointers;

        internal TensorList(ReadOnlySpan<torch.Tensor> tensors)
        {
            handles = new TensorHandle[tensors.Length];
            pointers = new nint[tensors.Length];
            try
            {
                for (var i = 0; i < tensors.Length; i++)
                {
                    var handle = NativeMethods.Of(tensors[i], $"tensors[{i}]");
                    var held = false;
                    handle.DangerousAddRef(ref held);
                    handles[i] = handle;
                    pointers[i] = handle.DangerousGetHandle();
                }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        internal TensorList(IEnumerable<torch.Tensor> tensors)
            : this((tensors ?? throw new ArgumentNullException(nameof(tensors))) as torch.Tensor[] ?? tensors.ToArray()) { }

        internal ReadOnlySpan<nint> Pointers => pointers;

        internal int Count => pointers.Length;

        public void Dispose()
        {
            foreach (var handle in handles) handle?.DangerousRelease();
        }
    }
}
