using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>Linear algebra: decompositions, systems and norms, batched over leading dimensions.</summary>
        public static partial class linalg
        {
            private static bool Upper(char triangle) => triangle switch
            {
                'L' or 'l' => false,
                'U' or 'u' => true,
                _ => throw new ArgumentException($"UPLO must be 'L' or 'U', not '{triangle}'.", "UPLO"),
            };

            private static unsafe (Tensor, Tensor, Tensor, Tensor) LeastSquares(Tensor input, Tensor other, double? rcond)
            {
                var cutoff = rcond.GetValueOrDefault();
                Span<nint> parts = stackalloc nint[4];
                Check(kt_lstsq(Of(input), Of(other), rcond is null ? null : &cutoff, parts));
                return (Take(parts[0]), Take(parts[1]), Take(parts[2]), Take(parts[3]));
            }
        }
    }
}
