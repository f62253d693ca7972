using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_distance_loss(TensorHandle x, TensorHandle target, int kind, int reduction, double parameter);

        [LibraryImport(Library)]
        internal static partial nint kt_cross_entropy(
            TensorHandle x, TensorHandle target, TensorHandle weight, int reduction, long ignore, double smoothing);

        [LibraryImport(Library)]
        internal static partial nint kt_nll_loss(TensorHandle x, TensorHandle target, TensorHandle weight, int reduction);

        [LibraryImport(Library)]
        internal static partial nint kt_binary_cross_entropy(TensorHandle x, TensorHandle target, TensorHandle weight, int reduction);

        [LibraryImport(Library)]
        internal static partial nint kt_binary_cross_entropy_with_logits(
            TensorHandle x, TensorHandle target, TensorHandle weight, TensorHandle positiveWeight, int reduction);

        [LibraryImport(Library)]
        internal static partial nint kt_cosine_similarity(TensorHandle x, TensorHandle y, long dim, double eps);

        [LibraryImport(Library)]
        internal static partial nint kt_normalize(TensorHandle x, double p, long dim, double eps);
    }
}
