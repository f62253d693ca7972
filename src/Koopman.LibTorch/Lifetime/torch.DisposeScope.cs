using System;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>The innermost open scope of the current thread, or null.</summary>
        public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.Current.Innermost;

        /// <summary>Opens a scope on the current thread: tensors created until it is disposed die with it unless they move out.</summary>
        public static DisposeScope NewDisposeScope() => DisposeScopeManager.Current.Open();

        /// <summary>Evaluates an expression in a scope of its own, so that only its result survives.</summary>
        public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
        {
            using var scope = NewDisposeScope();
            return expr().MoveToOuterDisposeScope();
        }
    }
}
