using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial int kt_grad_enabled();

        [LibraryImport(Library)]
        internal static partial void kt_set_grad_enabled(int on);

        [LibraryImport(Library)]
        internal static partial int kt_inference_enabled();

        [LibraryImport(Library)]
        internal static partial nint kt_inference_guard(int on);

        [LibraryImport(Library)]
        internal static partial void kt_inference_guard_free(nint guard);

        [LibraryImport(Library)]
        internal static partial int kt_anomaly_enabled();

        [LibraryImport(Library)]
        internal static partial int kt_anomaly_checks_nan();

        [LibraryImport(Library)]
        internal static partial void kt_set_anomaly(int on, int checkNan);

        [LibraryImport(Library)]
        internal static partial int kt_requires_grad(TensorHandle tensor);

        [LibraryImport(Library)]
        internal static partial int kt_set_requires_grad(TensorHandle tensor, int on);

        [LibraryImport(Library)]
        internal static partial int kt_is_leaf(TensorHandle tensor);

        [LibraryImport(Library)]
        internal static partial int kt_retain_grad(TensorHandle tensor);

        [LibraryImport(Library)]
        internal static partial int kt_grad(TensorHandle tensor, out nint grad);

        [LibraryImport(Library)]
        internal static partial int kt_set_grad(TensorHandle tensor, TensorHandle grad);

        [LibraryImport(Library)]
        internal static partial nint kt_detach(TensorHandle tensor);

        [LibraryImport(Library)]
        internal static partial int kt_detach_(TensorHandle tensor);

        [LibraryImport(Library)]
        internal static partial nint kt_same(TensorHandle tensor);

        [LibraryImport(Library)]
        internal static partial nint kt_undefined();

        [LibraryImport(Library)]
        internal static partial int kt_backward(
            ReadOnlySpan<nint> tensors, int count, ReadOnlySpan<nint> grads, int gradCount, int retainGraph, int createGraph,
            ReadOnlySpan<nint> inputs, int inputCount);

        [LibraryImport(Library)]
        internal static partial int kt_autograd_grad(
            ReadOnlySpan<nint> outputs, int outputCount, ReadOnlySpan<nint> inputs, int inputCount, ReadOnlySpan<nint> gradOutputs,
            int gradCount, int retainGraph, int createGraph, int allowUnused, Span<nint> grads);
    }
}
