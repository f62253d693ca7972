using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Sums, products, quotients and remainders, element by element.
        public partial class Tensor
        {
            /// <summary>The sum with a tensor or number, which alpha multiplies first.</summary>
            public Tensor add(Scalar scalar) => Take(kt_add_scalar(handle, Num(scalar)));

            /// <summary>The sum with a tensor or number, which alpha multiplies first.</summary>
            public Tensor add(Scalar scalar, Scalar alpha) => Take(kt_add_scalar_scaled(handle, Num(scalar), Num(alpha)));

            /// <summary>The sum with a tensor or number, which alpha multiplies first.</summary>
            public Tensor add(Tensor target) => Take(kt_add(handle, Of(target)));

            /// <summary>The sum with a tensor or number, which alpha multiplies first.</summary>
            public Tensor add(Tensor target, Scalar alpha) => Take(kt_add_scaled(handle, Of(target), Num(alpha)));

            /// <summary>The sum with a tensor or number, which alpha multiplies first; in place.</summary>
            public Tensor add_(Scalar scalar) => Did(kt_add_scalar_inplace(handle, Num(scalar), 1L));

            /// <summary>The sum with a tensor or number, which alpha multiplies first; in place.</summary>
            public Tensor add_(Scalar scalar, Scalar alpha) => Did(kt_add_scalar_inplace(handle, Num(scalar), Num(alpha)));

            /// <summary>The sum with a tensor or number, which alpha multiplies first; in place.</summary>
            public Tensor add_(Tensor target) => Did(kt_add_inplace(handle, Of(target), 1L));

            /// <summary>The sum with a tensor or number, which alpha multiplies first; in place.</summary>
            public Tensor add_(Tensor target, Scalar alpha) => Did(kt_add_inplace(handle, Of(target), Num(alpha)));

            /// <summary>The difference from a tensor or number.</summary>
            public Tensor sub(Scalar target) => Take(kt_sub_scalar(handle, Num(target)));

            /// <summary>The difference from a tensor or number.</summary>
            public Tensor sub(Tensor target) => Take(kt_sub(handle, Of(target)));

            /// <summary>The difference from a tensor or number; in place.</summary>
            public Tensor sub_(Scalar target) => Did(kt_sub_scalar_(handle, Num(target)));

            /// <summary>The difference from a tensor or number; in place.</summary>
            public Tensor sub_(Tensor target) => Did(kt_sub_(handle, Of(target)));

            /// <summary>The difference from a tensor or number.</summary>
            public Tensor subtract(Scalar target) => sub(target);

            /// <summary>The difference from a tensor or number.</summary>
            public Tensor subtract(Tensor target) => sub(target);

            /// <summary>The difference from a tensor or number; in place.</summary>
            public Tensor subtract_(Scalar target) => sub_(target);

            /// <summary>The difference from a tensor or number; in place.</summary>
            public Tensor subtract_(Tensor target) => sub_(target);

            /// <summary>The product with a tensor or number.</summary>
            public Tensor mul(Scalar target) => Take(kt_mul_scalar(handle, Num(target)));

            /// <summary>The product with a tensor or number.</summary>
            public Tensor mul(Tensor target) => Take(kt_mul(handle, Of(target)));

            /// <summary>The product with a tensor or number; in place.</summary>
            public Tensor mul_(Scalar target) => Did(kt_mul_scalar_(handle, Num(target)));

            /// <summary>The product with a tensor or number; in place.</summary>
            public Tensor mul_(Tensor target) => Did(kt_mul_(handle, Of(target)));

            /// <summary>The product with a tensor or number.</summary>
            public Tensor multiply(Scalar target) => mul(target);

            /// <summary>The product with a tensor or number.</summary>
            public Tensor multiply(Tensor target) => mul(target);

            /// <summary>The quotient by a tensor or number, rounded as asked.</summary>
            public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
                Take(rounding_mode == RoundingMode.None ? kt_div_scalar(handle, Num(target)) : kt_div_scalar_mode(handle, Num(target), Name(rounding_mode)));

            /// <summary>The quotient by a tensor or number, rounded as asked.</summary>
            public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
                Take(rounding_mode == RoundingMode.None ? kt_div(handle, Of(target)) : kt_div_mode(handle, Of(target), Name(rounding_mode)));

            /// <summary>The quotient by a tensor or number, rounded as asked; in place.</summary>
            public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
                Did(rounding_mode == RoundingMode.None ? kt_div_scalar_(handle, Num(target)) : kt_div_scalar_mode_(handle, Num(target), Name(rounding_mode)));

            /// <summary>The quotient by a tensor or number, rounded as asked; in place.</summary>
            public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
                Did(rounding_mode == RoundingMode.None ? kt_div_(handle, Of(target)) : kt_div_mode_(handle, Of(target), Name(rounding_mode)));

            /// <summary>The quotient by a tensor or number, rounded as asked.</summary>
            public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

            /// <summary>The quotient by a tensor or number, rounded as asked.</summary>
            public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

            /// <summary>The quotient by a tensor or number, rounded as asked; in place.</summary>
            public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

            /// <summary>The quotient by a tensor or number, rounded as asked; in place.</summary>
            public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

            /// <summary>The quotient by a tensor or number; integers give a floating-point result.</summary>
            public Tensor true_divide(Scalar other) => div(other);

            /// <summary>The quotient by a tensor or number; integers give a floating-point result.</summary>
            public Tensor true_divide(Tensor other) => div(other);

            /// <summary>The quotient by a tensor or number; integers give a floating-point result; in place.</summary>
            public Tensor true_divide_(Scalar other) => div_(other);

            /// <summary>The quotient by a tensor or number; integers give a floating-point result; in place.</summary>
            public Tensor true_divide_(Tensor other) => div_(other);

            /// <summary>The quotient rounded towards minus infinity.</summary>
            public Tensor floor_divide(Scalar other) => Take(kt_floor_divide_scalar(handle, Num(other)));

            /// <summary>The quotient rounded towards minus infinity.</summary>
            public Tensor floor_divide(Tensor other) => Take(kt_floor_divide(handle, Of(other)));

            /// <summary>The quotient rounded towards minus infinity; in place.</summary>
            public Tensor floor_divide_(Scalar other) => Did(kt_floor_divide_scalar_(handle, Num(other)));

            /// <summary>The quotient rounded towards minus infinity; in place.</summary>
            public Tensor floor_divide_(Tensor other) => Did(kt_floor_divide_(handle, Of(other)));

            /// <summary>The remainder of division, with the sign of the divisor.</summary>
            public Tensor remainder(Scalar scalar) => Take(kt_remainder_scalar(handle, Num(scalar)));

            /// <summary>The remainder of division, with the sign of the divisor.</summary>
            public Tensor remainder(Tensor target) => Take(kt_remainder(handle, Of(target)));

            /// <summary>The remainder of division, with the sign of the divisor; in place.</summary>
            public Tensor remainder_(Scalar scalar) => Did(kt_remainder_scalar_(handle, Num(scalar)));

            /// <summary>The remainder of division, with the sign of the divisor; in place.</summary>
            public Tensor remainder_(Tensor target) => Did(kt_remainder_(handle, Of(target)));

            /// <summary>The remainder of division, with the sign of the dividend.</summary>
            public Tensor fmod(Scalar scalar) => Take(kt_fmod_scalar(handle, Num(scalar)));

            /// <summary>The remainder of division, with the sign of the dividend.</summary>
            public Tensor fmod(Tensor target) => Take(kt_fmod(handle, Of(target)));

            /// <summary>The remainder of division, with the sign of the dividend; in place.</summary>
            public Tensor fmod_(Scalar scalar) => Did(kt_fmod_scalar_(handle, Num(scalar)));

            /// <summary>The remainder of division, with the sign of the dividend; in place.</summary>
            public Tensor fmod_(Tensor target) => Did(kt_fmod_(handle, Of(target)));

            /// <summary>The negative of each element.</summary>
            public Tensor neg() => Take(kt_neg(handle));

            /// <summary>The negative of each element; in place.</summary>
            public Tensor neg_() => Did(kt_neg_(handle));

            /// <summary>The negative of each element.</summary>
            public Tensor negative() => neg();

            /// <summary>The tensor itself; ExternalException for a Boolean one.</summary>
            public Tensor positive() => Take(kt_positive(handle));

            /// <summary>This plus value * tensor1 * tensor2.</summary>
            public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Take(kt_addcmul(handle, Of(tensor1), Of(tensor2), Num(value)));

            /// <summary>This plus value * tensor1 * tensor2; in place.</summary>
            public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Did(kt_addcmul_(handle, Of(tensor1), Of(tensor2), Num(value)));

            /// <summary>This plus value * tensor1 / tensor2.</summary>
            public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Take(kt_addcdiv(handle, Of(tensor1), Of(tensor2), 1L));

            /// <summary>This plus value * tensor1 / tensor2.</summary>
            public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Take(kt_addcdiv(handle, Of(tensor1), Of(tensor2), Num(value)));

            /// <summary>This plus value * tensor1 / tensor2; in place.</summary>
            public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Did(kt_addcdiv_(handle, Of(tensor1), Of(tensor2), 1L));

            /// <summary>This plus value * tensor1 / tensor2; in place.</summary>
            public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Did(kt_addcdiv_(handle, Of(tensor1), Of(tensor2), Num(value)));

            /// <summary>The point this + weight * (end - this) on the line to end.</summary>
            public Tensor lerp(Tensor end, Tensor weight) => Take(kt_lerp(handle, Of(end), Of(weight)));

            /// <summary>The point this + weight * (end - this) on the line to end; in place.</summary>
            public Tensor lerp_(Tensor end, Tensor weight) => Did(kt_lerp_(handle, Of(end), Of(weight)));

            /// <summary>The greatest common divisor of each pair of integers.</summary>
            public Tensor gcd(Tensor other) => Take(kt_gcd(handle, Of(other)));

            /// <summary>The greatest common divisor of each pair of integers; in place.</summary>
            public Tensor gcd_(Tensor other) => Did(kt_gcd_(handle, Of(other)));

            /// <summary>The least common multiple of each pair of integers.</summary>
            public Tensor lcm(Tensor other) => Take(kt_lcm(handle, Of(other)));

            /// <summary>The least common multiple of each pair of integers; in place.</summary>
            public Tensor lcm_(Tensor other) => Did(kt_lcm_(handle, Of(other)));
        }
    }
}
