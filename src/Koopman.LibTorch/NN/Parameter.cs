using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>A tensor that a module owns and an optimiser changes.</summary>
        public class Parameter : torch.Tensor
        {
            /// <summary>Takes a tensor over: afterwards only the parameter is valid, and it lies in the scope the tensor lay in.</summary>
            /// <exception cref="ArgumentNullException">There is no tensor.</exception>
            public Parameter(torch.Tensor data, bool requires_grad = true)
                : base(Alias(data, requires_grad))
            {
                // Not the current scope but that of the tensor decides: a parameter made in a loop's scope would die with it.
                MoveToOtherDisposeScope(data.OwningDisposeScope);
                data.Dispose();
            }

            private static nint Alias(torch.Tensor data, bool requiresGrad)
            {
                Check(kt_set_requires_grad(Of(data), requiresGrad ? 1 : 0));
                var native = kt_same(data.H_);
                return native == 0 ? throw Failure() : native;
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <inheritdoc cref="Modules.Parameter(Tensor, bool)"/>
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }

    namespace Utils
    {
        /// <summary>The name under which <c>RegisterComponents</c> registers a field, when it is not the field's own.</summary>
        [AttributeUsage(AttributeTargets.Field)]
        public class ComponentNameAttribute : Attribute
        {
            /// <summary>The name; empty means the field's.</summary>
            public string Name { get; set; } = "";
        }
    }
}
