using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Logical and bitwise operations, element by element.
    public static partial class torch
    {
        /// <summary>True where both are non-zero.</summary>
        public static Tensor logical_and(Tensor left, Tensor right) => Given(left).logical_and(right);

        /// <summary>True where both are non-zero; in place.</summary>
        public static Tensor logical_and_(Tensor left, Tensor right) => Given(left).logical_and_(right);

        /// <summary>True where one is non-zero.</summary>
        public static Tensor logical_or(Tensor left, Tensor right) => Given(left).logical_or(right);

        /// <summary>True where one is non-zero; in place.</summary>
        public static Tensor logical_or_(Tensor left, Tensor right) => Given(left).logical_or_(right);

        /// <summary>True where exactly one is non-zero.</summary>
        public static Tensor logical_xor(Tensor left, Tensor right) => Given(left).logical_xor(right);

        /// <summary>True where exactly one is non-zero; in place.</summary>
        public static Tensor logical_xor_(Tensor left, Tensor right) => Given(left).logical_xor_(right);

        /// <summary>True where an element is zero.</summary>
        public static Tensor logical_not(Tensor input) => Given(input).logical_not();

        /// <summary>The bits that both integers have; logical and for Booleans.</summary>
        public static Tensor bitwise_and(Tensor left, Tensor right) => Given(left).bitwise_and(right);

        /// <summary>The bits that both integers have; logical and for Booleans; in place.</summary>
        public static Tensor bitwise_and_(Tensor left, Tensor right) => Given(left).bitwise_and_(right);

        /// <summary>The bits that one of both integers has; logical or for Booleans.</summary>
        public static Tensor bitwise_or(Tensor left, Tensor right) => Given(left).bitwise_or(right);

        /// <summary>The bits that one of both integers has; logical or for Booleans; in place.</summary>
        public static Tensor bitwise_or_(Tensor left, Tensor right) => Given(left).bitwise_or_(right);

        /// <summary>The bits that exactly one of both integers has; exclusive or for Booleans.</summary>
        public static Tensor bitwise_xor(Tensor left, Tensor right) => Given(left).bitwise_xor(right);

        /// <summary>The bits that exactly one of both integers has; exclusive or for Booleans; in place.</summary>
        public static Tensor bitwise_xor_(Tensor left, Tensor right) => Given(left).bitwise_xor_(right);

        /// <summary>The opposite bits; logical not for Booleans.</summary>
        public static Tensor bitwise_not(Tensor input) => Given(input).bitwise_not();

        /// <summary>The opposite bits; logical not for Booleans; in place.</summary>
        public static Tensor bitwise_not_(Tensor input) => Given(input).bitwise_not_();

        /// <summary>Each integer shifted left by this many bits.</summary>
        public static Tensor bitwise_left_shift(Tensor left, Tensor right) => Given(left).bitwise_left_shift(right);

        /// <summary>Each integer shifted left by this many bits; in place.</summary>
        public static Tensor bitwise_left_shift_(Tensor left, Tensor right) => Given(left).bitwise_left_shift_(right);

        /// <summary>Each integer shifted right by this many bits.</summary>
        public static Tensor bitwise_right_shift(Tensor left, Tensor right) => Given(left).bitwise_right_shift(right);

        /// <summary>Each integer shifted right by this many bits; in place.</summary>
        public static Tensor bitwise_right_shift_(Tensor left, Tensor right) => Given(left).bitwise_right_shift_(right);
    }
}
