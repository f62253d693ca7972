using System.Collections.Generic;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>Reverse-mode differentiation.</summary>
        public static partial class autograd
        {
            /// <summary>The gradients of a sum of outputs, one for each input; the inputs' own <c>grad</c> is left alone.</summary>
            /// <param name="outputs">What is differentiated.</param>
            /// <param name="inputs">What it is differentiated by.</param>
            /// <param name="grad_outputs">A weight in the shape of each output; may be left out where an output has one element.</param>
            /// <param name="retain_graph">Keeps the graph for another pass.</param>
            /// <param name="create_graph">
            /// Records the pass itself, for higher derivatives; they need <paramref name="retain_graph"/> too, which unlike PyTorch's is false.
            /// </param>
            /// <param name="allow_unused">An input that no output depends on gets an invalid tensor (<see cref="Tensor.IsInvalid"/>) instead of a failure.</param>
            public static IList<Tensor> grad(
                IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false,
                bool create_graph = false, bool allow_unused = false)
            {
                using var from = new TensorList(outputs);
                using var by = new TensorList(inputs);
                using var weights = new TensorList(grad_outputs ?? []);
                var found = new nint[by.Count];
                Check(kt_autograd_grad(
                    from.Pointers, from.Count, by.Pointers, by.Count, weights.Pointers, weights.Count,
                    retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, found));
                var grads = new List<Tensor>(found.Length);
                foreach (var native in found) grads.Add(native == 0 ? Tensor.Absent() : new Tensor(native));
                return grads;
            }

            /// <summary>Adds the gradient of a sum of tensors to the <c>grad</c> of every leaf below them.</summary>
            /// <param name="tensors">What is differentiated.</param>
            /// <param name="grad_tensors">A weight in the shape of each tensor; may be left out where a tensor has one element.</param>
            /// <param name="retain_graph">Keeps the graph for another pass (default: as <paramref name="create_graph"/>).</param>
            /// <param name="create_graph">Records the pass itself, for higher derivatives.</param>
            /// <param name="inputs">Only these get gradients (default: all leaves).</param>
            public static void backward(
                IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false,
                IList<Tensor>? inputs = null)
            {
                using var from = new TensorList(tensors);
                using var weights = new TensorList(grad_tensors ?? []);
                using var by = new TensorList(inputs ?? []);
                Check(kt_backward(
                    from.Pointers, from.Count, weights.Pointers, weights.Count, retain_graph ?? create_graph ? 1 : 0,
                    create_graph ? 1 : 0, by.Pointers, by.Count));
            }

            /// <inheritdoc cref="backward(IList{Tensor}, IList{Tensor}, bool?, bool, IList{Tensor})"/>
            public static void backward(
                Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false,
                IList<Tensor>? inputs = null) => backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

            /// <inheritdoc cref="backward(IList{Tensor}, IList{Tensor}, bool?, bool, IList{Tensor})"/>
            public static void backward(
                Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
                backward([tensor], (IList<Tensor>)[grad_tensor], retain_graph, create_graph, inputs);

            /// <summary>Switches <see cref="AnomalyMode"/> on until disposed.</summary>
            public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);

            /// <summary>Switches <see cref="AnomalyMode"/> on or off until disposed.</summary>
            public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);
        }
    }
}
