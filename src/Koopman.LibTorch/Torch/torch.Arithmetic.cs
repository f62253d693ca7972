using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Sums, products, quotients and remainders, element by element.
    public static partial class torch
    {
        /// <summary>The sum with a tensor or number, which alpha multiplies first.</summary>
        public static Tensor add(Tensor left, Scalar right) => Given(left).add(right);

        /// <summary>The sum with a tensor or number, which alpha multiplies first.</summary>
        public static Tensor add(Tensor left, Scalar right, Scalar alpha) => Given(left).add(right, alpha);

        /// <summary>The sum with a tensor or number, which alpha multiplies first.</summary>
        public static Tensor add(Tensor left, Tensor right) => Given(left).add(right);

        /// <summary>The sum with a tensor or number, which alpha multiplies first.</summary>
        public static Tensor add(Tensor left, Tensor right, Scalar alpha) => Given(left).add(right, alpha);

        /// <summary>The sum with a tensor or number, which alpha multiplies first; in place.</summary>
        public static Tensor add_(Tensor left, Scalar right) => Given(left).add_(right);

        /// <summary>The sum with a tensor or number, which alpha multiplies first; in place.</summary>
        public static Tensor add_(Tensor left, Scalar right, Scalar alpha) => Given(left).add_(right, alpha);

        /// <summary>The sum with a tensor or number, which alpha multiplies first; in place.</summary>
        public static Tensor add_(Tensor left, Tensor right) => Given(left).add_(right);

        /// <summary>The sum with a tensor or number, which alpha multiplies first; in place.</summary>
        public static Tensor add_(Tensor left, Tensor right, Scalar alpha) => Given(left).add_(right, alpha);

        /// <summary>The difference from a tensor or number.</summary>
        public static Tensor sub(Tensor left, Scalar right) => Given(left).sub(right);

        /// <summary>The difference from a tensor or number.</summary>
        public static Tensor sub(Tensor left, Tensor right) => Given(left).sub(right);

        /// <summary>The difference from a tensor or number; in place.</summary>
        public static Tensor sub_(Tensor left, Scalar right) => Given(left).sub_(right);

        /// <summary>The difference from a tensor or number; in place.</summary>
        public static Tensor sub_(Tensor left, Tensor right) => Given(left).sub_(right);

        /// <summary>The difference from a tensor or number.</summary>
        public static Tensor subtract(Tensor left, Scalar right) => Given(left).subtract(right);

        /// <summary>The difference from a tensor or number.</summary>
        public static Tensor subtract(Tensor left, Tensor right) => Given(left).subtract(right);

        /// <summary>The difference from a tensor or number; in place.</summary>
        public static Tensor subtract_(Tensor left, Scalar right) => Given(left).subtract_(right);

        /// <summary>The difference from a tensor or number; in place.</summary>
        public static Tensor subtract_(Tensor left, Tensor right) => Given(left).subtract_(right);

        /// <summary>The product with a tensor or number.</summary>
        public static Tensor mul(Tensor left, Scalar right) => Given(left).mul(right);

        /// <summary>The product with a tensor or number.</summary>
        public static Tensor mul(Tensor left, Tensor right) => Given(left).mul(right);

        /// <summary>The product with a tensor or number; in place.</summary>
        public static Tensor mul_(Tensor left, Scalar right) => Given(left).mul_(right);

        /// <summary>The product with a tensor or number; in place.</summary>
        public static Tensor mul_(Tensor left, Tensor right) => Given(left).mul_(right);

        /// <summary>The product with a tensor or number.</summary>
        public static Tensor multiply(Tensor left, Scalar right) => Given(left).multiply(right);

        /// <summary>The product with a tensor or number.</summary>
        public static Tensor multiply(Tensor left, Tensor right) => Given(left).multiply(right);

        /// <summary>The product with a tensor or number; in place.</summary>
        public static Tensor multiply_(Tensor left, Scalar right) => Given(left).mul_(right);

        /// <summary>The product with a tensor or number; in place.</summary>
        public static Tensor multiply_(Tensor left, Tensor right) => Given(left).mul_(right);

        /// <summary>The quotient by a tensor or number, rounded as asked.</summary>
        public static Tensor div(Tensor left, Scalar right, RoundingMode rounding_mode = RoundingMode.None) => Given(left).div(right, rounding_mode);

        /// <summary>The quotient by a tensor or number, rounded as asked.</summary>
        public static Tensor div(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) => Given(left).div(right, rounding_mode);

        /// <summary>The quotient by a tensor or number, rounded as asked; in place.</summary>
        public static Tensor div_(Tensor left, Scalar right, RoundingMode rounding_mode = RoundingMode.None) =>
            Given(left).div_(right, rounding_mode);

        /// <summary>The quotient by a tensor or number, rounded as asked; in place.</summary>
        public static Tensor div_(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) =>
            Given(left).div_(right, rounding_mode);

        /// <summary>The quotient by a tensor or number, rounded as asked.</summary>
        public static Tensor divide(Tensor left, Scalar right, RoundingMode rounding_mode = RoundingMode.None) =>
            Given(left).divide(right, rounding_mode);

        /// <summary>The quotient by a tensor or number, rounded as asked.</summary>
        public static Tensor divide(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) =>
            Given(left).divide(right, rounding_mode);

        /// <summary>The quotient by a tensor or number, rounded as asked; in place.</summary>
        public static Tensor divide_(Tensor left, Scalar right) => Given(left).divide_(right);

        /// <summary>The quotient by a tensor or number, rounded as asked; in place.</summary>
        public static Tensor divide_(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) =>
            Given(left).divide_(right, rounding_mode);

        /// <summary>The quotient by a tensor or number; integers give a floating-point result.</summary>
        public static Tensor true_divide(Tensor dividend, Tensor divisor) => Given(dividend).true_divide(divisor);

        /// <summary>The quotient by a tensor or number; integers give a floating-point result; in place.</summary>
        public static Tensor true_divide_(Tensor dividend, Tensor divisor) => Given(dividend).true_divide_(divisor);

        /// <summary>The quotient rounded towards minus infinity.</summary>
        public static Tensor floor_divide(Tensor input, Tensor other) => Given(input).floor_divide(other);

        /// <summary>The quotient rounded towards minus infinity; in place.</summary>
        public static Tensor floor_divide_(Tensor input, Tensor other) => Given(input).floor_divide_(other);

        /// <summary>The remainder of division, with the sign of the divisor.</summary>
        public static Tensor remainder(Tensor left, Scalar right) => Given(left).remainder(right);

        /// <summary>The remainder of division, with the sign of the divisor.</summary>
        public static Tensor remainder(Tensor left, Tensor right) => Given(left).remainder(right);

        /// <summary>The remainder of division, with the sign of the divisor; in place.</summary>
        public static Tensor remainder_(Tensor left, Scalar right) => Given(left).remainder_(right);

        /// <summary>The remainder of division, with the sign of the divisor; in place.</summary>
        public static Tensor remainder_(Tensor left, Tensor right) => Given(left).remainder_(right);

        /// <summary>The remainder of division, with the sign of the dividend.</summary>
        public static Tensor fmod(Tensor left, Scalar right) => Given(left).fmod(right);

        /// <summary>The remainder of division, with the sign of the dividend.</summary>
        public static Tensor fmod(Tensor left, Tensor right) => Given(left).fmod(right);

        /// <summary>The remainder of division, with the sign of the dividend; in place.</summary>
        public static Tensor fmod_(Tensor left, Scalar right) => Given(left).fmod_(right);

        /// <summary>The remainder of division, with the sign of the dividend; in place.</summary>
        public static Tensor fmod_(Tensor left, Tensor right) => Given(left).fmod_(right);

        /// <summary>The negative of each element.</summary>
        public static Tensor neg(Tensor input) => Given(input).neg();

        /// <summary>The negative of each element; in place.</summary>
        public static Tensor neg_(Tensor input) => Given(input).neg_();

        /// <summary>The negative of each element.</summary>
        public static Tensor negative(Tensor input) => Given(input).negative();

        /// <summary>The negative of each element; in place.</summary>
        public static Tensor negative_(Tensor input) => Given(input).neg_();

        /// <summary>The tensor itself; ExternalException for a Boolean one.</summary>
        public static Tensor positive(Tensor input) => Given(input).positive();

        /// <summary>This plus value * tensor1 * tensor2.</summary>
        public static Tensor addcmul(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) => Given(input).addcmul(tensor1, tensor2, value);

        /// <summary>This plus value * tensor1 * tensor2; in place.</summary>
        public static Tensor addcmul_(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) => Given(input).addcmul_(tensor1, tensor2, value);

        /// <summary>This plus value * tensor1 / tensor2.</summary>
        public static Tensor addcdiv(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) => Given(input).addcdiv(tensor1, tensor2, value);

        /// <summary>This plus value * tensor1 / tensor2; in place.</summary>
        public static Tensor addcdiv_(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) => Given(input).addcdiv_(tensor1, tensor2, value);

        /// <summary>The point this + weight * (end - this) on the line to end.</summary>
        public static Tensor lerp(Tensor input, Tensor end, Tensor weight) => Given(input).lerp(end, weight);

        /// <summary>The greatest common divisor of each pair of integers.</summary>
        public static Tensor gcd(Tensor left, Tensor right) => Given(left).gcd(right);

        /// <summary>The greatest common divisor of each pair of integers; in place.</summary>
        public static Tensor gcd_(Tensor left, Tensor right) => Given(left).gcd_(right);

        /// <summary>The least common multiple of each pair of integers.</summary>
        public static Tensor lcm(Tensor input, Tensor other) => Given(input).lcm(other);

        /// <summary>The least common multiple of each pair of integers; in place.</summary>
        public static Tensor lcm_(Tensor input, Tensor other) => Given(input).lcm_(other);
    }
}
