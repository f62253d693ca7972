using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // How many threads libtorch computes with, and what its number types can hold.
    public static partial class torch
    {
        /// <summary>The threads that one operation uses on the CPU.</summary>
        public static int get_num_threads() => kt_get_num_threads();

        /// <summary>Sets the threads that one operation uses on the CPU; results can differ in the last bits between numbers of threads.</summary>
        public static void set_num_threads(int num) => Check(kt_set_num_threads(num));

        /// <summary>The threads that run independent operations of a graph.</summary>
        public static int get_num_interop_threads() => kt_get_num_interop_threads();

        /// <summary>Sets the threads that run independent operations; ExternalException once they have started.</summary>
        public static void set_num_interop_threads(int num) => Check(kt_set_num_interop_threads(num));

        /// <summary>The type that an operation on both tensors gives.</summary>
        public static ScalarType result_type(Tensor tensor1, Tensor tensor2)
        {
            var type = kt_result_type(Of(tensor1), Of(tensor2));
            return type >= 0 ? (ScalarType)type : throw Failure();
        }

        /// <summary>The smallest type into which both convert without loss of kind.</summary>
        public static ScalarType promote_types(ScalarType type1, ScalarType type2) => (ScalarType)kt_promote_types((int)type1, (int)type2);

        /// <summary>True when PyTorch allows this conversion in place.</summary>
        public static bool can_cast(ScalarType from, ScalarType to) => kt_can_cast((int)from, (int)to) != 0;

        /// <summary>The shape to which these shapes broadcast; ExternalException when there is none.</summary>
        public static Size broadcast_shapes(params long[][] shapes)
        {
            using var scope = NewDisposeScope();
            var views = System.Array.ConvertAll(Given(shapes), shape => empty(System.Array.ConvertAll(shape, _ => 1L)).expand(shape, false));
            return new Size(broadcast_tensors(views)[0].shape);
        }
    }
}
