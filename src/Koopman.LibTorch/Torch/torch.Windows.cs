using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Vandermonde matrices and running integrals.
    public static partial class torch
    {
        /// <summary>The powers of a vector's elements in columns, descending unless increasing; N columns, as many as elements unless given.</summary>
        public static Tensor vander(Tensor x, long N = -1, bool increasing = false) => Given(x).vander(N, increasing);

        /// <summary>The running integral along a dimension by the trapezium rule, over positions x or steps dx.</summary>
        public static Tensor cumulative_trapezoid(Tensor y, Tensor x, long dim = -1) => Given(y).cumulative_trapezoid(x, dim);

        /// <summary>The running integral along a dimension by the trapezium rule, over positions x or steps dx.</summary>
        public static Tensor cumulative_trapezoid(Tensor y, double dx = 1, long dim = -1) => Given(y).cumulative_trapezoid(dx, dim);

        /// <summary>The integral along a dimension by the trapezium rule, over positions x or steps dx.</summary>
        public static Tensor trapz(Tensor y, Tensor x, long dim = -1) => Given(y).trapezoid(x, dim);

        /// <summary>The integral along a dimension by the trapezium rule, over positions x or steps dx.</summary>
        public static Tensor trapz(Tensor y, double dx = 1, long dim = -1) => Given(y).trapezoid(dx, dim);
    }
}
