using System;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>The limits of a floating-point type.</summary>
        public struct FInfo
        {
            /// <summary>The bits of one number, or of one part of a complex one.</summary>
            public int bits;

            /// <summary>The distance from 1 to the next number.</summary>
            public double eps;

            public double max;

            public double min;

            /// <summary>The smallest positive normal number.</summary>
            public double tiny;

            /// <summary>The smallest positive normal number.</summary>
            public double smallest_normal;

            /// <summary>The power of ten to which decimals survive.</summary>
            public double resolution;
        }

        /// <summary>The limits of the default floating-point type.</summary>
        public static FInfo finfo() => finfo(defaultType);

        /// <summary>The limits of a floating-point or complex type; ArgumentException for another.</summary>
        public static FInfo finfo(ScalarType dtype) => dtype switch
        {
            ScalarType.Float16 => Limits(16, 10, 15, 3),
            ScalarType.BFloat16 => Limits(16, 7, 127, 2),
            ScalarType.Float32 or ScalarType.ComplexFloat32 => Limits(32, 23, 127, 6),
            ScalarType.Float64 or ScalarType.ComplexFloat64 => Limits(64, 52, 1023, 15),
            _ => throw new ArgumentException($"{dtype} is neither a floating-point nor a complex type.", nameof(dtype)),
        };

        private static FInfo Limits(int bits, int mantissa, int exponent, int decimals)
        {
            var eps = Math.ScaleB(1, -mantissa);
            var max = Math.ScaleB(2 - eps, exponent);
            var tiny = Math.ScaleB(1, 1 - exponent);
            return new FInfo { bits = bits, eps = eps, max = max, min = -max, tiny = tiny, smallest_normal = tiny, resolution = Math.Pow(10, -decimals) };
        }
    }
}
