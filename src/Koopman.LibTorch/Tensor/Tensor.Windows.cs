using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Vandermonde matrices and running integrals.
        public partial class Tensor
        {
            /// <summary>The powers of a vector's elements in columns, descending unless increasing; N columns, as many as elements unless given.</summary>
            public Tensor vander(long N = -1, bool increasing = false) => Take(kt_vander(handle, N, increasing));

            /// <summary>The running integral along a dimension by the trapezium rule, over positions x or steps dx.</summary>
            public Tensor cumulative_trapezoid(Tensor x, long dim = -1) => Take(kt_cumulative_trapezoid_over(handle, Of(x), dim));

            /// <summary>The running integral along a dimension by the trapezium rule, over positions x or steps dx.</summary>
            public Tensor cumulative_trapezoid(double dx = 1, long dim = -1) => Take(kt_cumulative_trapezoid(handle, dx, dim));
        }
    }
}
