using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Absolute values, signs, rounding and bounds, element by element.
        public partial class Tensor
        {
            /// <summary>The absolute value (modulus) of each element.</summary>
            public Tensor abs() => Take(kt_abs(handle));

            /// <summary>The absolute value (modulus) of each element; in place.</summary>
            public Tensor abs_() => Did(kt_abs_(handle));

            /// <summary>The absolute value (modulus) of each element.</summary>
            public Tensor absolute() => abs();

            /// <summary>The absolute value (modulus) of each element; in place.</summary>
            public Tensor absolute_() => abs_();

            /// <summary>-1, 0 or 1 with the sign of each element.</summary>
            public Tensor sign() => Take(kt_sign(handle));

            /// <summary>-1, 0 or 1 with the sign of each element; in place.</summary>
            public Tensor sign_() => Did(kt_sign_(handle));

            /// <summary>z / |z| of each element, 0 at 0: the sign, also for complex numbers.</summary>
            public Tensor sgn() => Take(kt_sgn(handle));

            /// <summary>z / |z| of each element, 0 at 0: the sign, also for complex numbers; in place.</summary>
            public Tensor sgn_() => Did(kt_sgn_(handle));

            /// <summary>True where the sign bit is set.</summary>
            public Tensor signbit() => Take(kt_signbit(handle));

            /// <summary>The magnitude of this with the sign of the other.</summary>
            public Tensor copysign(Tensor other) => Take(kt_copysign(handle, Of(other)));

            /// <summary>Each element rounded towards minus infinity.</summary>
            public Tensor floor() => Take(kt_floor(handle));

            /// <summary>Each element rounded towards minus infinity; in place.</summary>
            public Tensor floor_() => Did(kt_floor_(handle));

            /// <summary>Each element rounded towards infinity.</summary>
            public Tensor ceil() => Take(kt_ceil(handle));

            /// <summary>Each element rounded towards infinity; in place.</summary>
            public Tensor ceil_() => Did(kt_ceil_(handle));

            /// <summary>Each element rounded towards zero.</summary>
            public Tensor trunc() => Take(kt_trunc(handle));

            /// <summary>Each element rounded towards zero; in place.</summary>
            public Tensor trunc_() => Did(kt_trunc_(handle));

            /// <summary>Each element rounded towards zero.</summary>
            public Tensor fix() => trunc();

            /// <summary>Each element rounded towards zero; in place.</summary>
            public Tensor fix_() => trunc_();

            /// <summary>The part of each element after the point, with its sign.</summary>
            public Tensor frac() => Take(kt_frac(handle));

            /// <summary>The part of each element after the point, with its sign; in place.</summary>
            public Tensor frac_() => Did(kt_frac_(handle));

            /// <summary>Each element rounded to this many decimals, halves to even.</summary>
            public Tensor round(long decimals = 0) => Take(decimals == 0 ? kt_round_whole(handle) : kt_round(handle, decimals));

            /// <summary>Each element rounded to this many decimals, halves to even; in place.</summary>
            public Tensor round_(long decimals = 0) => Did(decimals == 0 ? kt_round_whole_(handle) : kt_round_(handle, decimals));

            /// <summary>The larger of each pair; NaN if one is NaN.</summary>
            public Tensor maximum(Tensor other) => Take(kt_maximum(handle, Of(other)));

            /// <summary>The smaller of each pair; NaN if one is NaN.</summary>
            public Tensor minimum(Tensor other) => Take(kt_minimum(handle, Of(other)));

            /// <summary>The larger of each pair; the number where one is NaN.</summary>
            public Tensor fmax(Tensor other) => Take(kt_fmax(handle, Of(other)));

            /// <summary>The smaller of each pair; the number where one is NaN.</summary>
            public Tensor fmin(Tensor other) => Take(kt_fmin(handle, Of(other)));

            /// <summary>The next representable number in the direction of the other.</summary>
            public Tensor nextafter(Tensor other) => Take(kt_nextafter(handle, Of(other)));

            /// <summary>0 below zero, 1 above zero, and the given value at zero.</summary>
            public Tensor heaviside(Tensor other) => Take(kt_heaviside(handle, Of(other)));

            /// <summary>Each element moved into [min, max]; an absent bound does not bind.</summary>
            public unsafe Tensor clamp(Scalar? min = null, Scalar? max = null)
            {
                var (low, high) = (min?.Native ?? default, max?.Native ?? default);
                return Take(kt_clamp(handle, min is null ? null : &low, max is null ? null : &high));
            }

            /// <summary>Each element moved into [min, max]; an absent bound does not bind.</summary>
            public Tensor clamp(Tensor? min = null, Tensor? max = null) => Take(kt_clamp_tensor(handle, Maybe(min), Maybe(max)));

            /// <summary>Each element moved into [min, max]; an absent bound does not bind; in place.</summary>
            public unsafe Tensor clamp_(Scalar? min = null, Scalar? max = null)
            {
                var (low, high) = (min?.Native ?? default, max?.Native ?? default);
                return Did(kt_clamp_(handle, min is null ? null : &low, max is null ? null : &high));
            }

            /// <summary>Each element moved into [min, max]; an absent bound does not bind; in place.</summary>
            public Tensor clamp_(Tensor? min = null, Tensor? max = null) => Did(kt_clamp_tensor_(handle, Maybe(min), Maybe(max)));

            /// <summary>Each element moved into [min, max]; an absent bound does not bind.</summary>
            public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);

            /// <summary>The smaller of each element and max.</summary>
            public Tensor clamp_max(Scalar max) => Take(kt_clamp_max_scalar(handle, Num(max)));

            /// <summary>The smaller of each element and max; in place.</summary>
            public Tensor clamp_max_(Scalar max) => Did(kt_clamp_max_scalar_(handle, Num(max)));

            /// <summary>The larger of each element and min.</summary>
            public Tensor clamp_min(Scalar min) => Take(kt_clamp_min_scalar(handle, Num(min)));

            /// <summary>The larger of each element and min; in place.</summary>
            public Tensor clamp_min_(Scalar min) => Did(kt_clamp_min_scalar_(handle, Num(min)));

            /// <summary>Finite numbers for NaN and the infinities, which become the largest numbers of the type when not given.</summary>
            public unsafe Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null)
            {
                var (high, low) = (posinf.GetValueOrDefault(), neginf.GetValueOrDefault());
                return Take(kt_nan_to_num(handle, &nan, posinf is null ? null : &high, neginf is null ? null : &low));
            }
        }
    }
}
