using System;
using TorchSharp.Interop;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>A multi-dimensional array with gradient, as in PyTorch. Dispose it, or create it in a <see cref="DisposeScope"/>.</summary>
        public partial class Tensor : IDisposable
        {
            private readonly TensorHandle handle;

            internal Tensor(nint native)
            {
                handle = new TensorHandle(native);
                DisposeScopeManager.Register(this);
            }

            /// <summary>The handle for a native call; the call throws <see cref="ObjectDisposedException"/> when the tensor is gone.</summary>
            internal TensorHandle H_ => handle;

            /// <summary>Releases the native tensor; a second call does nothing.</summary>
            public void Dispose()
            {
                if (handle.IsClosed) return;
                DisposeScopeManager.Unregister(this);
                handle.Dispose();
            }
        }
    }
}
