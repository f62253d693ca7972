using System;
using TorchSharp.Interop;

namespace TorchSharp
{
    /// <summary>
    /// The stack of dispose scopes of the current thread. Scopes are per thread: do not <c>await</c> or start parallel work inside one.
    /// </summary>
    public class DisposeScopeManager
    {
        [ThreadStatic]
        private static DisposeScopeManager? current;

        private readonly ThreadDisposeScopeStatistics statistics = new();

        /// <summary>
        /// The first tensor or scope of a thread. libtorch sets a thread's number of OpenMP threads when the thread first runs a parallel loop of its own;
        /// LAPACK called before would run with another number than after, and round otherwise. Asking for the number sets it.
        /// </summary>
        public DisposeScopeManager() => NativeMethods.kt_get_num_threads();

        /// <summary>What the current thread created and disposed so far.</summary>
        public static ThreadDisposeScopeStatistics Statistics => Current.statistics;

        internal static DisposeScopeManager Current => current ??= new DisposeScopeManager();

        internal DisposeScope? Innermost { get; private set; }

        internal LifetimeStatistics Tensors => statistics.TensorStatistics;

        /// <summary>Hands a new tensor to the innermost scope of this thread, if there is one.</summary>
        internal static void Register(torch.Tensor tensor)
        {
            var manager = Current;
            if (manager.Innermost is { } scope)
            {
                manager.Tensors.CreatedInScopeCount++;
                scope.Held.Add(tensor);
                tensor.OwningDisposeScope = scope;
            }
            else
            {
                manager.Tensors.CreatedOutsideScopeCount++;
            }
        }

        /// <summary>Takes a tensor that is about to be disposed for the first time out of its scope.</summary>
        internal static void Unregister(torch.Tensor tensor)
        {
            var counts = Current.Tensors;
            if (tensor.OwningDisposeScope is { } scope)
            {
                counts.DisposedInScopeCount++;
                scope.Forget(tensor);
            }
            else
            {
                counts.DisposedOutsideScopeCount++;
            }
        }

        internal DisposeScope Open() => Innermost = new DisposeScope(this);

        /// <summary>Takes a scope off the stack, wherever in it it lies: scopes need not be closed in order.</summary>
        internal void Close(DisposeScope scope)
        {
            if (ReferenceEquals(Innermost, scope))
            {
                Innermost = scope.Outer;
                return;
            }

            for (var inner = Innermost; inner is not null; inner = inner.Outer)
            {
                if (!ReferenceEquals(inner.Outer, scope)) continue;
                inner.Outer = scope.Outer;
                return;
            }
        }
    }
}
