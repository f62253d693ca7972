using System.Collections.Generic;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        public partial class Tensor
        {
            /// <summary>Whether operations on this tensor are recorded for differentiation; may be set on leaves only.</summary>
            public bool requires_grad
            {
                get => kt_requires_grad(handle) != 0;
                set => Check(kt_set_requires_grad(handle, value ? 1 : 0));
            }

            /// <summary>Sets <see cref="requires_grad"/>.</summary>
            /// <returns>This tensor.</returns>
            public Tensor requires_grad_(bool requires_grad = true)
            {
                this.requires_grad = requires_grad;
                return this;
            }

            /// <inheritdoc cref="requires_grad_"/>
            public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

            /// <summary>
            /// The gradient that <see cref="backward()"/> gathered, as a fresh handle to it, or null when there is none. Null may be set.
            /// </summary>
            public Tensor? grad
            {
                get
                {
                    Check(kt_grad(handle, out var native));
                    return native == 0 ? null : new Tensor(native);
                }
                set => Check(kt_set_grad(handle, Maybe(value)));
            }

            /// <summary>Whether the graph ends here: no operation made this tensor, or none that is recorded.</summary>
            public bool is_leaf => kt_is_leaf(handle) != 0;

            /// <summary>Lets <see cref="backward()"/> keep the gradient of a tensor that is no leaf.</summary>
            public void retain_grad() => Check(kt_retain_grad(handle));

            /// <summary>Adds the gradient of this number to the <see cref="grad"/> of every leaf below it, and drops the graph.</summary>
            public void backward() => autograd.backward(this, (IList<Tensor>?)null);

            /// <inheritdoc cref="autograd.backward(IList{Tensor}, IList{Tensor}, bool?, bool, IList{Tensor})"/>
            public void backward(
                IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
                autograd.backward(this, grad_tensors, retain_graph, create_graph, inputs);

            /// <summary>The same numbers outside the graph; shares the storage.</summary>
            public Tensor detach() => Take(kt_detach(handle));

            /// <summary>Takes this tensor out of the graph.</summary>
            /// <returns>This tensor.</returns>
            public Tensor detach_()
            {
                Check(kt_detach_(handle));
                return this;
            }

            /// <summary>A tensor that is not there, as <see cref="autograd.grad"/> answers for an unused input.</summary>
            internal static Tensor Absent()
            {
                var absent = Take(kt_undefined());
                absent.Dispose();
                return absent;
            }
        }
    }
}
