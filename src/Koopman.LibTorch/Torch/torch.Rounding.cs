using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Absolute values, signs, rounding and bounds, element by element.
    public static partial class torch
    {
        /// <summary>The absolute value (modulus) of each element.</summary>
        public static Tensor abs(Tensor input) => Given(input).abs();

        /// <summary>The absolute value (modulus) of each element; in place.</summary>
        public static Tensor abs_(Tensor input) => Given(input).abs_();

        /// <summary>The absolute value (modulus) of each element.</summary>
        public static Tensor absolute(Tensor input) => Given(input).absolute();

        /// <summary>The absolute value (modulus) of each element; in place.</summary>
        public static Tensor absolute_(Tensor input) => Given(input).absolute_();

        /// <summary>-1, 0 or 1 with the sign of each element.</summary>
        public static Tensor sign(Tensor input) => Given(input).sign();

        /// <summary>-1, 0 or 1 with the sign of each element; in place.</summary>
        public static Tensor sign_(Tensor input) => Given(input).sign_();

        /// <summary>z / |z| of each element, 0 at 0: the sign, also for complex numbers.</summary>
        public static Tensor sgn(Tensor input) => Given(input).sgn();

        /// <summary>z / |z| of each element, 0 at 0: the sign, also for complex numbers; in place.</summary>
        public static Tensor sgn_(Tensor input) => Given(input).sgn_();

        /// <summary>True where the sign bit is set.</summary>
        public static Tensor signbit(Tensor input) => Given(input).signbit();

        /// <summary>The magnitude of this with the sign of the other.</summary>
        public static Tensor copysign(Tensor input, Tensor other) => Given(input).copysign(other);

        /// <summary>Each element rounded towards minus infinity.</summary>
        public static Tensor floor(Tensor input) => Given(input).floor();

        /// <summary>Each element rounded towards minus infinity; in place.</summary>
        public static Tensor floor_(Tensor input) => Given(input).floor_();

        /// <summary>Each element rounded towards infinity.</summary>
        public static Tensor ceil(Tensor input) => Given(input).ceil();

        /// <summary>Each element rounded towards infinity; in place.</summary>
        public static Tensor ceil_(Tensor input) => Given(input).ceil_();

        /// <summary>Each element rounded towards zero.</summary>
        public static Tensor trunc(Tensor input) => Given(input).trunc();

        /// <summary>Each element rounded towards zero; in place.</summary>
        public static Tensor trunc_(Tensor input) => Given(input).trunc_();

        /// <summary>Each element rounded towards zero.</summary>
        public static Tensor fix(Tensor input) => Given(input).fix();

        /// <summary>Each element rounded towards zero; in place.</summary>
        public static Tensor fix_(Tensor input) => Given(input).fix_();

        /// <summary>The part of each element after the point, with its sign.</summary>
        public static Tensor frac(Tensor input) => Given(input).frac();

        /// <summary>The part of each element after the point, with its sign; in place.</summary>
        public static Tensor frac_(Tensor input) => Given(input).frac_();

        /// <summary>Each element rounded to this many decimals, halves to even.</summary>
        public static Tensor round(Tensor input, long decimals = 0) => Given(input).round(decimals);

        /// <summary>Each element rounded to this many decimals, halves to even; in place.</summary>
        public static Tensor round_(Tensor input, long decimals = 0) => Given(input).round_(decimals);

        /// <summary>The larger of each pair; NaN if one is NaN.</summary>
        public static Tensor maximum(Tensor input, Tensor other) => Given(input).maximum(other);

        /// <summary>The smaller of each pair; NaN if one is NaN.</summary>
        public static Tensor minimum(Tensor input, Tensor other) => Given(input).minimum(other);

        /// <summary>The larger of each pair; the number where one is NaN.</summary>
        public static Tensor fmax(Tensor input, Tensor other) => Given(input).fmax(other);

        /// <summary>The smaller of each pair; the number where one is NaN.</summary>
        public static Tensor fmin(Tensor input, Tensor other) => Given(input).fmin(other);

        /// <summary>The next representable number in the direction of the other.</summary>
        public static Tensor nextafter(Tensor input, Tensor other) => Given(input).nextafter(other);

        /// <summary>Each element moved into [min, max]; an absent bound does not bind.</summary>
        public static Tensor clamp(Tensor input, Scalar? min = null, Scalar? max = null) => Given(input).clamp(min, max);

        /// <summary>Each element moved into [min, max]; an absent bound does not bind.</summary>
        public static Tensor clamp(Tensor input, Tensor? min = null, Tensor? max = null) => Given(input).clamp(min, max);

        /// <summary>Each element moved into [min, max]; an absent bound does not bind; in place.</summary>
        public static Tensor clamp_(Tensor input, Scalar? min = null, Scalar? max = null) => Given(input).clamp_(min, max);

        /// <summary>Each element moved into [min, max]; an absent bound does not bind; in place.</summary>
        public static Tensor clamp_(Tensor input, Tensor? min = null, Tensor? max = null) => Given(input).clamp_(min, max);

        /// <summary>Each element moved into [min, max]; an absent bound does not bind.</summary>
        public static Tensor clip(Tensor input, Scalar? min = null, Scalar? max = null) => Given(input).clip(min, max);

        /// <summary>The smaller of each element and max.</summary>
        public static Tensor clamp_max(Tensor input, Scalar max) => Given(input).clamp_max(max);

        /// <summary>The smaller of each element and max; in place.</summary>
        public static Tensor clamp_max_(Tensor input, Scalar max) => Given(input).clamp_max_(max);

        /// <summary>The larger of each element and min.</summary>
        public static Tensor clamp_min(Tensor input, Scalar min) => Given(input).clamp_min(min);

        /// <summary>The larger of each element and min; in place.</summary>
        public static Tensor clamp_min_(Tensor input, Scalar min) => Given(input).clamp_min_(min);

        /// <summary>Finite numbers for NaN and the infinities, which become the largest numbers of the type when not given.</summary>
        public static Tensor nan_to_num(Tensor input, double nan = 0, double? posinf = null, double? neginf = null) =>
            Given(input).nan_to_num(nan, posinf, neginf);
    }
}
