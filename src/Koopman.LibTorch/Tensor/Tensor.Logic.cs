using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Logical and bitwise operations, element by element.
        public partial class Tensor
        {
            /// <summary>True where both are non-zero.</summary>
            public Tensor logical_and(Tensor other) => Take(kt_logical_and(handle, Of(other)));

            /// <summary>True where both are non-zero; in place.</summary>
            public Tensor logical_and_(Tensor other) => Did(kt_logical_and_(handle, Of(other)));

            /// <summary>True where one is non-zero.</summary>
            public Tensor logical_or(Tensor other) => Take(kt_logical_or(handle, Of(other)));

            /// <summary>True where one is non-zero; in place.</summary>
            public Tensor logical_or_(Tensor other) => Did(kt_logical_or_(handle, Of(other)));

            /// <summary>True where exactly one is non-zero.</summary>
            public Tensor logical_xor(Tensor other) => Take(kt_logical_xor(handle, Of(other)));

            /// <summary>True where exactly one is non-zero; in place.</summary>
            public Tensor logical_xor_(Tensor other) => Did(kt_logical_xor_(handle, Of(other)));

            /// <summary>True where an element is zero.</summary>
            public Tensor logical_not() => Take(kt_logical_not(handle));

            /// <summary>True where an element is zero; in place.</summary>
            public Tensor logical_not_() => Did(kt_logical_not_(handle));

            /// <summary>The bits that both integers have; logical and for Booleans.</summary>
            public Tensor bitwise_and(Tensor other) => Take(kt_bitwise_and(handle, Of(other)));

            /// <summary>The bits that both integers have; logical and for Booleans; in place.</summary>
            public Tensor bitwise_and_(Tensor other) => Did(kt_bitwise_and_(handle, Of(other)));

            /// <summary>The bits that one of both integers has; logical or for Booleans.</summary>
            public Tensor bitwise_or(Tensor other) => Take(kt_bitwise_or(handle, Of(other)));

            /// <summary>The bits that one of both integers has; logical or for Booleans; in place.</summary>
            public Tensor bitwise_or_(Tensor other) => Did(kt_bitwise_or_(handle, Of(other)));

            /// <summary>The bits that exactly one of both integers has; exclusive or for Booleans.</summary>
            public Tensor bitwise_xor(Tensor other) => Take(kt_bitwise_xor(handle, Of(other)));

            /// <summary>The bits that exactly one of both integers has; exclusive or for Booleans; in place.</summary>
            public Tensor bitwise_xor_(Tensor other) => Did(kt_bitwise_xor_(handle, Of(other)));

            /// <summary>The opposite bits; logical not for Booleans.</summary>
            public Tensor bitwise_not() => Take(kt_bitwise_not(handle));

            /// <summary>The opposite bits; logical not for Booleans; in place.</summary>
            public Tensor bitwise_not_() => Did(kt_bitwise_not_(handle));

            /// <summary>Each integer shifted left by this many bits.</summary>
            public Tensor bitwise_left_shift(Tensor other) => Take(kt_bitwise_left_shift(handle, Of(other)));

            /// <summary>Each integer shifted left by this many bits; in place.</summary>
            public Tensor bitwise_left_shift_(Tensor other) => Did(kt_bitwise_left_shift_(handle, Of(other)));

            /// <summary>Each integer shifted right by this many bits.</summary>
            public Tensor bitwise_right_shift(Tensor other) => Take(kt_bitwise_right_shift(handle, Of(other)));

            /// <summary>Each integer shifted right by this many bits; in place.</summary>
            public Tensor bitwise_right_shift_(Tensor other) => Did(kt_bitwise_right_shift_(handle, Of(other)));
        }
    }
}
