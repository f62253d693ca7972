using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial int kt_adam_step(
            TensorHandle parameter, TensorHandle mean, TensorHandle square, TensorHandle largest, long number, double rate,
            double beta1, double beta2, double eps, double weightDecay, int decoupled, int maximize);

        [LibraryImport(Library)]
        internal static partial int kt_sgd_step(
            TensorHandle parameter, TensorHandle velocity, ref nint freshVelocity, double rate, double momentum, double dampening,
            double weightDecay, int nesterov, int maximize);

        [LibraryImport(Library)]
        internal static partial int kt_zero_grad(TensorHandle parameter, int setToNone);

        [LibraryImport(Library)]
        internal static partial int kt_clip_grad_norm(
            ReadOnlySpan<nint> parameters, int count, double maxNorm, double normType, out double norm);

        [LibraryImport(Library)]
        internal static partial int kt_clip_grad_value(TensorHandle parameter, double limit);
    }
}
