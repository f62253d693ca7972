using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Activation functions of each element. See native/activations.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_gelu(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_gelu_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_log_sigmoid(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_elu(TensorHandle a, in NativeScalar alpha, in NativeScalar scale, in NativeScalar input_scale);

        [LibraryImport(Library)]
        internal static partial int kt_elu_(TensorHandle a, in NativeScalar alpha, in NativeScalar scale, in NativeScalar input_scale);

        [LibraryImport(Library)]
        internal static partial nint kt_celu(TensorHandle a, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial int kt_celu_(TensorHandle a, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_leaky_relu(TensorHandle a, in NativeScalar slope);

        [LibraryImport(Library)]
        internal static partial int kt_leaky_relu_(TensorHandle a, in NativeScalar slope);

        [LibraryImport(Library)]
        internal static partial nint kt_hardtanh(TensorHandle a, in NativeScalar min, in NativeScalar max);

        [LibraryImport(Library)]
        internal static partial int kt_hardtanh_(TensorHandle a, in NativeScalar min, in NativeScalar max);

        [LibraryImport(Library)]
        internal static partial nint kt_threshold(TensorHandle a, in NativeScalar threshold, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial int kt_threshold_(TensorHandle a, in NativeScalar threshold, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial nint kt_softplus(TensorHandle a, in NativeScalar beta, in NativeScalar threshold);

        [LibraryImport(Library)]
        internal static partial nint kt_prelu(TensorHandle a, TensorHandle weight);

        [LibraryImport(Library)]
        internal static partial nint kt_glu(TensorHandle a, long dim);

        [LibraryImport(Library)]
        internal static partial nint kt_softmax(TensorHandle a, long dim, int type);

        [LibraryImport(Library)]
        internal static partial nint kt_log_softmax(TensorHandle a, long dim, int type);

        [LibraryImport(Library)]
        internal static partial nint kt_relu(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_relu_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_relu6(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_relu6_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_selu(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_selu_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_silu(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_silu_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_hardsigmoid(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_hardsigmoid_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_hardswish(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_hardswish_(TensorHandle a);
    }
}
