using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Circular and hyperbolic functions, element by element.
    public static partial class torch
    {
        /// <summary>The sine of each element, an angle in radians.</summary>
        public static Tensor sin(Tensor input) => Given(input).sin();

        /// <summary>The sine of each element, an angle in radians; in place.</summary>
        public static Tensor sin_(Tensor input) => Given(input).sin_();

        /// <summary>The cosine of each element, an angle in radians.</summary>
        public static Tensor cos(Tensor input) => Given(input).cos();

        /// <summary>The cosine of each element, an angle in radians; in place.</summary>
        public static Tensor cos_(Tensor input) => Given(input).cos_();

        /// <summary>The tangent of each element, an angle in radians.</summary>
        public static Tensor tan(Tensor input) => Given(input).tan();

        /// <summary>The tangent of each element, an angle in radians; in place.</summary>
        public static Tensor tan_(Tensor input) => Given(input).tan_();

        /// <summary>The arcsine of each element, in radians; NaN outside [-1, 1].</summary>
        public static Tensor asin(Tensor input) => Given(input).asin();

        /// <summary>The arcsine of each element, in radians; NaN outside [-1, 1]; in place.</summary>
        public static Tensor asin_(Tensor input) => Given(input).asin_();

        /// <summary>The arccosine of each element, in radians; NaN outside [-1, 1].</summary>
        public static Tensor acos(Tensor input) => Given(input).acos();

        /// <summary>The arccosine of each element, in radians; NaN outside [-1, 1]; in place.</summary>
        public static Tensor acos_(Tensor input) => Given(input).acos_();

        /// <summary>The arctangent of each element, in radians.</summary>
        public static Tensor atan(Tensor input) => Given(input).atan();

        /// <summary>The arctangent of each element, in radians; in place.</summary>
        public static Tensor atan_(Tensor input) => Given(input).atan_();

        /// <summary>The angle of the point (other, this), in radians between -pi and pi.</summary>
        public static Tensor atan2(Tensor input, Tensor other) => Given(input).atan2(other);

        /// <summary>The angle of the point (other, this), in radians between -pi and pi; in place.</summary>
        public static Tensor atan2_(Tensor input, Tensor other) => Given(input).atan2_(other);

        /// <summary>The arcsine of each element, in radians; NaN outside [-1, 1].</summary>
        public static Tensor arcsin(Tensor input) => Given(input).arcsin();

        /// <summary>The arcsine of each element, in radians; NaN outside [-1, 1]; in place.</summary>
        public static Tensor arcsin_(Tensor input) => Given(input).arcsin_();

        /// <summary>The arccosine of each element, in radians; NaN outside [-1, 1].</summary>
        public static Tensor arccos(Tensor input) => Given(input).arccos();

        /// <summary>The arccosine of each element, in radians; NaN outside [-1, 1]; in place.</summary>
        public static Tensor arccos_(Tensor input) => Given(input).arccos_();

        /// <summary>The arctangent of each element, in radians; with a second tensor, the angle of the point (other, this).</summary>
        public static Tensor arctan(Tensor input) => Given(input).arctan();

        /// <summary>The arctangent of each element, in radians; with a second tensor, the angle of the point (other, this).</summary>
        public static Tensor arctan(Tensor input, Tensor other) => Given(input).arctan(other);

        /// <summary>The arctangent of each element, in radians; with a second tensor, the angle of the point (other, this); in place.</summary>
        public static Tensor arctan_(Tensor input) => Given(input).arctan_();

        /// <summary>The arctangent of each element, in radians; with a second tensor, the angle of the point (other, this); in place.</summary>
        public static Tensor arctan_(Tensor input, Tensor other) => Given(input).arctan_(other);

        /// <summary>The angle of the point (other, this), in radians between -pi and pi.</summary>
        public static Tensor arctan2(Tensor input, Tensor other) => Given(input).arctan2(other);

        /// <summary>The angle of the point (other, this), in radians between -pi and pi; in place.</summary>
        public static Tensor arctan2_(Tensor input, Tensor other) => Given(input).arctan2_(other);

        /// <summary>The hyperbolic sine of each element.</summary>
        public static Tensor sinh(Tensor input) => Given(input).sinh();

        /// <summary>The hyperbolic sine of each element; in place.</summary>
        public static Tensor sinh_(Tensor input) => Given(input).sinh_();

        /// <summary>The hyperbolic cosine of each element.</summary>
        public static Tensor cosh(Tensor input) => Given(input).cosh();

        /// <summary>The hyperbolic cosine of each element; in place.</summary>
        public static Tensor cosh_(Tensor input) => Given(input).cosh_();

        /// <summary>The hyperbolic tangent of each element.</summary>
        public static Tensor tanh(Tensor input) => Given(input).tanh();

        /// <summary>The hyperbolic tangent of each element; in place.</summary>
        public static Tensor tanh_(Tensor input) => Given(input).tanh_();

        /// <summary>The inverse hyperbolic sine of each element.</summary>
        public static Tensor asinh(Tensor input) => Given(input).asinh();

        /// <summary>The inverse hyperbolic sine of each element; in place.</summary>
        public static Tensor asinh_(Tensor input) => Given(input).asinh_();

        /// <summary>The inverse hyperbolic cosine of each element; NaN below 1.</summary>
        public static Tensor acosh(Tensor input) => Given(input).acosh();

        /// <summary>The inverse hyperbolic cosine of each element; NaN below 1; in place.</summary>
        public static Tensor acosh_(Tensor input) => Given(input).acosh_();

        /// <summary>The inverse hyperbolic tangent of each element; NaN outside [-1, 1].</summary>
        public static Tensor atanh(Tensor input) => Given(input).atanh();

        /// <summary>The inverse hyperbolic tangent of each element; NaN outside [-1, 1]; in place.</summary>
        public static Tensor atanh_(Tensor input) => Given(input).atanh_();

        /// <summary>The inverse hyperbolic sine of each element.</summary>
        public static Tensor arcsinh(Tensor input) => Given(input).arcsinh();

        /// <summary>The inverse hyperbolic sine of each element; in place.</summary>
        public static Tensor arcsinh_(Tensor input) => Given(input).arcsinh_();

        /// <summary>The inverse hyperbolic cosine of each element; NaN below 1.</summary>
        public static Tensor arccosh(Tensor input) => Given(input).arccosh();

        /// <summary>The inverse hyperbolic cosine of each element; NaN below 1; in place.</summary>
        public static Tensor arccosh_(Tensor input) => Given(input).arccosh_();

        /// <summary>The inverse hyperbolic tangent of each element; NaN outside [-1, 1].</summary>
        public static Tensor arctanh(Tensor input) => Given(input).arctanh();

        /// <summary>The inverse hyperbolic tangent of each element; NaN outside [-1, 1]; in place.</summary>
        public static Tensor arctanh_(Tensor input) => Given(input).arctanh_();

        /// <summary>The normalised cardinal sine sin(pi x) / (pi x) of each element, 1 at 0.</summary>
        public static Tensor sinc(Tensor input) => Given(input).sinc();

        /// <summary>The normalised cardinal sine sin(pi x) / (pi x) of each element, 1 at 0; in place.</summary>
        public static Tensor sinc_(Tensor input) => Given(input).sinc_();

        /// <summary>Degrees to radians.</summary>
        public static Tensor deg2rad(Tensor input) => Given(input).deg2rad();

        /// <summary>Radians to degrees.</summary>
        public static Tensor rad2deg(Tensor input) => Given(input).rad2deg();

        /// <summary>The length sqrt(x^2 + y^2) of each pair.</summary>
        public static Tensor hypot(Tensor left, Tensor right) => Given(left).hypot(right);
    }
}
