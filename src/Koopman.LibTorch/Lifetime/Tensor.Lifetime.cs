using System;
using TorchSharp.Interop;

namespace TorchSharp
{
    public static partial class torch
    {
        public partial class Tensor
        {
            /// <summary>Native tensors that this process holds through the binding; constant from step to step when nothing leaks.</summary>
            public static long TotalCount => TensorHandle.Live;

            /// <summary>The most native tensors that this process held at one time.</summary>
            public static long PeakCount => TensorHandle.Peak;

            /// <summary>True once the tensor has been disposed.</summary>
            public bool IsInvalid => handle.IsClosed || handle.IsInvalid;

            internal DisposeScope? OwningDisposeScope { get; set; }

            /// <summary>Moves the tensor to the scope around the one that holds it; without one it is detached.</summary>
            /// <returns>This tensor.</returns>
            public Tensor MoveToOuterDisposeScope()
            {
                OwningDisposeScope?.MoveToOuter(this);
                return this;
            }

            /// <summary>Takes the tensor out of every scope: whoever holds it disposes it.</summary>
            /// <returns>This tensor.</returns>
            public Tensor DetachFromDisposeScope()
            {
                OwningDisposeScope?.Detach(this);
                return this;
            }

            /// <summary>The old, misspelt name of <see cref="DetachFromDisposeScope"/>.</summary>
            [Obsolete("Use DetachFromDisposeScope.", false)]
            public Tensor DetatchFromDisposeScope() => DetachFromDisposeScope();

            /// <summary>Moves the tensor to the scope that holds <paramref name="other"/>.</summary>
            /// <returns>This tensor.</returns>
            public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

            /// <summary>Moves the tensor to another scope; null detaches it.</summary>
            /// <returns>This tensor.</returns>
            public Tensor MoveToOtherDisposeScope(DisposeScope? other)
            {
                if (OwningDisposeScope is { } scope) scope.MoveToOther(other, this);
                else other?.Attach(this);
                return this;
            }
        }
    }
}
