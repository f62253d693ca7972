using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Circular and hyperbolic functions, element by element.
        public partial class Tensor
        {
            /// <summary>The sine of each element, an angle in radians.</summary>
            public Tensor sin() => Take(kt_sin(handle));

            /// <summary>The sine of each element, an angle in radians; in place.</summary>
            public Tensor sin_() => Did(kt_sin_(handle));

            /// <summary>The cosine of each element, an angle in radians.</summary>
            public Tensor cos() => Take(kt_cos(handle));

            /// <summary>The cosine of each element, an angle in radians; in place.</summary>
            public Tensor cos_() => Did(kt_cos_(handle));

            /// <summary>The tangent of each element, an angle in radians.</summary>
            public Tensor tan() => Take(kt_tan(handle));

            /// <summary>The tangent of each element, an angle in radians; in place.</summary>
            public Tensor tan_() => Did(kt_tan_(handle));

            /// <summary>The arcsine of each element, in radians; NaN outside [-1, 1].</summary>
            public Tensor asin() => Take(kt_asin(handle));

            /// <summary>The arcsine of each element, in radians; NaN outside [-1, 1]; in place.</summary>
            public Tensor asin_() => Did(kt_asin_(handle));

            /// <summary>The arccosine of each element, in radians; NaN outside [-1, 1].</summary>
            public Tensor acos() => Take(kt_acos(handle));

            /// <summary>The arccosine of each element, in radians; NaN outside [-1, 1]; in place.</summary>
            public Tensor acos_() => Did(kt_acos_(handle));

            /// <summary>The arctangent of each element, in radians.</summary>
            public Tensor atan() => Take(kt_atan(handle));

            /// <summary>The arctangent of each element, in radians; in place.</summary>
            public Tensor atan_() => Did(kt_atan_(handle));

            /// <summary>The angle of the point (other, this), in radians between -pi and pi.</summary>
            public Tensor atan2(Tensor other) => Take(kt_atan2(handle, Of(other)));

            /// <summary>The angle of the point (other, this), in radians between -pi and pi; in place.</summary>
            public Tensor atan2_(Tensor other) => Did(kt_atan2_(handle, Of(other)));

            /// <summary>The arcsine of each element, in radians; NaN outside [-1, 1].</summary>
            public Tensor arcsin() => asin();

            /// <summary>The arcsine of each element, in radians; NaN outside [-1, 1]; in place.</summary>
            public Tensor arcsin_() => asin_();

            /// <summary>The arccosine of each element, in radians; NaN outside [-1, 1].</summary>
            public Tensor arccos() => acos();

            /// <summary>The arccosine of each element, in radians; NaN outside [-1, 1]; in place.</summary>
            public Tensor arccos_() => acos_();

            /// <summary>The arctangent of each element, in radians; with a second tensor, the angle of the point (other, this).</summary>
            public Tensor arctan() => atan();

            /// <summary>The arctangent of each element, in radians; with a second tensor, the angle of the point (other, this).</summary>
            public Tensor arctan(Tensor other) => atan2(other);

            /// <summary>The arctangent of each element, in radians; with a second tensor, the angle of the point (other, this); in place.</summary>
            public Tensor arctan_() => atan_();

            /// <summary>The arctangent of each element, in radians; with a second tensor, the angle of the point (other, this); in place.</summary>
            public Tensor arctan_(Tensor other) => atan2_(other);

            /// <summary>The angle of the point (other, this), in radians between -pi and pi.</summary>
            public Tensor arctan2(Tensor other) => atan2(other);

            /// <summary>The angle of the point (other, this), in radians between -pi and pi; in place.</summary>
            public Tensor arctan2_(Tensor other) => atan2_(other);

            /// <summary>The hyperbolic sine of each element.</summary>
            public Tensor sinh() => Take(kt_sinh(handle));

            /// <summary>The hyperbolic sine of each element; in place.</summary>
            public Tensor sinh_() => Did(kt_sinh_(handle));

            /// <summary>The hyperbolic cosine of each element.</summary>
            public Tensor cosh() => Take(kt_cosh(handle));

            /// <summary>The hyperbolic cosine of each element; in place.</summary>
            public Tensor cosh_() => Did(kt_cosh_(handle));

            /// <summary>The hyperbolic tangent of each element.</summary>
            public Tensor tanh() => Take(kt_tanh(handle));

            /// <summary>The hyperbolic tangent of each element; in place.</summary>
            public Tensor tanh_() => Did(kt_tanh_(handle));

            /// <summary>The inverse hyperbolic sine of each element.</summary>
            public Tensor asinh() => Take(kt_asinh(handle));

            /// <summary>The inverse hyperbolic sine of each element; in place.</summary>
            public Tensor asinh_() => Did(kt_asinh_(handle));

            /// <summary>The inverse hyperbolic cosine of each element; NaN below 1.</summary>
            public Tensor acosh() => Take(kt_acosh(handle));

            /// <summary>The inverse hyperbolic cosine of each element; NaN below 1; in place.</summary>
            public Tensor acosh_() => Did(kt_acosh_(handle));

            /// <summary>The inverse hyperbolic tangent of each element; NaN outside [-1, 1].</summary>
            public Tensor atanh() => Take(kt_atanh(handle));

            /// <summary>The inverse hyperbolic tangent of each element; NaN outside [-1, 1]; in place.</summary>
            public Tensor atanh_() => Did(kt_atanh_(handle));

            /// <summary>The inverse hyperbolic sine of each element.</summary>
            public Tensor arcsinh() => asinh();

            /// <summary>The inverse hyperbolic sine of each element; in place.</summary>
            public Tensor arcsinh_() => asinh_();

            /// <summary>The inverse hyperbolic cosine of each element; NaN below 1.</summary>
            public Tensor arccosh() => acosh();

            /// <summary>The inverse hyperbolic cosine of each element; NaN below 1; in place.</summary>
            public Tensor arccosh_() => acosh_();

            /// <summary>The inverse hyperbolic tangent of each element; NaN outside [-1, 1].</summary>
            public Tensor arctanh() => atanh();

            /// <summary>The inverse hyperbolic tangent of each element; NaN outside [-1, 1]; in place.</summary>
            public Tensor arctanh_() => atanh_();

            /// <summary>The normalised cardinal sine sin(pi x) / (pi x) of each element, 1 at 0.</summary>
            public Tensor sinc() => Take(kt_sinc(handle));

            /// <summary>The normalised cardinal sine sin(pi x) / (pi x) of each element, 1 at 0; in place.</summary>
            public Tensor sinc_() => Did(kt_sinc_(handle));

            /// <summary>Degrees to radians.</summary>
            public Tensor deg2rad() => Take(kt_deg2rad(handle));

            /// <summary>Radians to degrees.</summary>
            public Tensor rad2deg() => Take(kt_rad2deg(handle));

            /// <summary>The length sqrt(x^2 + y^2) of each pair.</summary>
            public Tensor hypot(Tensor other) => Take(kt_hypot(handle, Of(other)));
        }
    }
}
