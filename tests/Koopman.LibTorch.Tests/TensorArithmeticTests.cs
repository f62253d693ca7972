using System;
using System.Linq;
using System.Numerics;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class TensorArithmeticTests
    {
        private static readonly double[] Points = [0.1, 0.35, 0.6, 0.95];

        [Fact]
        public void Operators_take_numbers_on_both_sides()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 1.0, 2.0, 4.0 });
            Numbers.Equal([3, 4, 6], x + 2);
            Numbers.Equal([3, 4, 6], 2.0 + x);
            Numbers.Equal([1, 0, -2], 2 - x);
            Numbers.Equal([-1, 0, 2], x - 2L);
            Numbers.Equal([2, 4, 8], 2f * x);
            Numbers.Equal([8, 4, 2], 8.0 / x);
            Numbers.Equal([0.5, 1, 2], x / 2);
            Numbers.Equal([1, 2, 1], x % 3);
            Numbers.Equal([-1, -2, -4], -x);
            Numbers.Equal([1, 4, 16], x * x);
            Numbers.Equal([3, 6, 12], x * 3.ToScalar());
        }

        [Fact]
        public void Comparison_operators_give_booleans()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 1.0, 2.0, 3.0 });
            Assert.Equal([false, true, true], (x >= 2).data<bool>().ToArray());
            Assert.Equal([true, false, false], (2.ToScalar() > x).data<bool>().ToArray());
            Assert.Equal([false, true, false], (x == 2).data<bool>().ToArray());
            Assert.Equal([true, false, true], (x != tensor(2.0)).data<bool>().ToArray());
            Assert.Equal([true, false, false], (~(x > 1)).data<bool>().ToArray());
            Assert.Equal([false, true, false], ((x > 1) & (x < 3)).data<bool>().ToArray());
            Assert.Equal([true, false, true], ((x <= 1) | (x > 2)).data<bool>().ToArray());
        }

        public static TheoryData<string> FunctionNames => new(Functions.Select(f => f.Name));

        private static readonly (string Name, Func<Tensor, Tensor> Ours, Func<double, double> Theirs)[] Functions =
        [
            ("sin", x => x.sin(), Math.Sin), ("cos", x => x.cos(), Math.Cos), ("tan", x => x.tan(), Math.Tan),
            ("asin", x => x.asin(), Math.Asin), ("acos", x => x.acos(), Math.Acos), ("atan", x => x.atan(), Math.Atan),
            ("sinh", x => x.sinh(), Math.Sinh), ("cosh", x => x.cosh(), Math.Cosh), ("tanh", x => x.tanh(), Math.Tanh),
            ("asinh", x => x.asinh(), Math.Asinh), ("atanh", x => x.atanh(), Math.Atanh), ("acosh", x => (x + 1).acosh(), v => Math.Acosh(v + 1)),
            ("exp", x => x.exp(), Math.Exp), ("exp2", x => x.exp2(), v => Math.Pow(2, v)), ("expm1", x => x.expm1(), v => Math.Exp(v) - 1),
            ("log", x => x.log(), Math.Log), ("log2", x => x.log2(), Math.Log2), ("log10", x => x.log10(), Math.Log10),
            ("log1p", x => x.log1p(), v => Math.Log(1 + v)), ("sqrt", x => x.sqrt(), Math.Sqrt), ("rsqrt", x => x.rsqrt(), v => 1 / Math.Sqrt(v)),
            ("square", x => x.square(), v => v * v), ("reciprocal", x => x.reciprocal(), v => 1 / v), ("abs", x => (-x).abs(), v => v),
            ("floor", x => (x * 3).floor(), v => Math.Floor(v * 3)), ("ceil", x => (x * 3).ceil(), v => Math.Ceiling(v * 3)),
            ("trunc", x => (x * -3).trunc(), v => Math.Truncate(v * -3)), ("round", x => (x * 3).round(), v => Math.Round(v * 3)),
            ("round to 1", x => x.round(1), v => Math.Round(v, 1)), ("sign", x => (x - 0.5).sign(), v => Math.Sign(v - 0.5)),
            ("frac", x => (x + 2).frac(), v => v), ("sigmoid", x => x.sigmoid(), v => 1 / (1 + Math.Exp(-v))),
            ("relu", x => (x - 0.5).relu(), v => Math.Max(v - 0.5, 0)), ("silu", x => x.silu(), v => v / (1 + Math.Exp(-v))),
            ("softplus", x => x.softplus(), v => Math.Log(1 + Math.Exp(v))), ("elu", x => (x - 0.5).elu(), v => v > 0.5 ? v - 0.5 : Math.Exp(v - 0.5) - 1),
            ("leaky_relu", x => (x - 0.5).leaky_relu(0.1), v => v > 0.5 ? v - 0.5 : 0.1 * (v - 0.5)), ("logit", x => x.logit(), v => Math.Log(v / (1 - v))),
            ("pow", x => x.pow(2.5), v => Math.Pow(v, 2.5)), ("atan2", x => x.atan2(1 - x), v => Math.Atan2(v, 1 - v)),
            ("hypot", x => x.hypot(x + 1), v => Math.Sqrt(v * v + (v + 1) * (v + 1))), ("clamp", x => x.clamp(0.2, 0.5), v => Math.Clamp(v, 0.2, 0.5)),
            ("deg2rad", x => x.deg2rad(), v => v * Math.PI / 180), ("sinc", x => x.sinc(), v => Math.Sin(Math.PI * v) / (Math.PI * v)),
            ("lgamma", x => (x + 3).lgamma() - (x + 2).lgamma(), v => Math.Log(v + 2)), ("digamma", x => (x + 1).digamma() - x.digamma(), v => 1 / v),
            ("xlogy", x => x.xlogy(x), v => v * Math.Log(v)), ("logaddexp", x => x.logaddexp(-x), v => Math.Log(Math.Exp(v) + Math.Exp(-v))),
            ("lerp", x => x.lerp(ones_like(x), full_like(x, 0.25)), v => v + 0.25 * (1 - v)),
            ("addcmul", x => x.addcmul(x, x, 2), v => v + 2 * v * v), ("addcdiv", x => x.addcdiv(ones_like(x), x, 3), v => v + 3 / v),
            ("remainder", x => (x - 2).remainder(1.5), v => v - 2 - 1.5 * Math.Floor((v - 2) / 1.5)), ("fmod", x => (x - 2).fmod(1.5), v => (v - 2) % 1.5),
            ("floor_divide", x => (x * -7).floor_divide(tensor(2.0)), v => Math.Floor(v * -7 / 2)),
            ("div floor", x => (x * -7).div(2, RoundingMode.floor), v => Math.Floor(v * -7 / 2)), ("div trunc", x => (x * -7).div(2, RoundingMode.trunc), v => Math.Truncate(v * -7 / 2)),
        ];

        [Theory]
        [MemberData(nameof(FunctionNames))]
        public void A_function_agrees_with_NET(string name)
        {
            using var scope = NewDisposeScope();
            var (_, ours, theirs) = Functions.Single(f => f.Name == name);
            Numbers.Equal(Points.Select(theirs).ToArray(), ours(tensor(Points)), 1e-13);
        }

        [Fact]
        public void The_error_function_has_its_known_values()
        {
            using var scope = NewDisposeScope();
            // erf(1/2) and erf(1) from DLMF 7.2 to 15 digits; Phi(1.96) from the normal table.
            Numbers.Equal([0.520499877813047, 0.842700792949715], tensor(new[] { 0.5, 1.0 }).erf(), 1e-14);
            Numbers.Equal([0.975002104851780], special.ndtr(tensor(new[] { 1.96 })), 1e-14);
            Numbers.Equal([0.3, 0.7], tensor(new[] { 0.3, 0.7 }).erf().erfinv(), 1e-13);
            Numbers.Equal([0.841344746068543], (tensor(new[] { 1.0 }).gelu()), 1e-14);
        }

        [Fact]
        public void In_place_forms_change_the_tensor_and_return_it()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 1.0, 4.0 });
            Assert.Same(x, x.sqrt_());
            Numbers.Equal([1, 2], x);
            x.add_(1).mul_(2).sub_(tensor(1.0)).div_(2).neg_();
            Numbers.Equal([-1.5, -2.5], x);
            x.add_(ones(2, dtype: float64), 0.5).clamp_(-1.5, null);
            Numbers.Equal([-1, -1.5], x);
            x.zero_().fill_(3).pow_(2);
            Numbers.Equal([9, 9], x);
        }

        [Fact]
        public void Infinite_and_undefined_numbers_are_found_and_replaced()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1.0 });
            Assert.Equal([true, false, false, false], x.isnan().data<bool>().ToArray());
            Assert.Equal([false, true, true, false], x.isinf().data<bool>().ToArray());
            Assert.Equal([false, false, false, true], x.isfinite().data<bool>().ToArray());
            Numbers.Equal([0, 5, -5, 1], x.nan_to_num(0, 5, -5));
            Assert.Equal(double.MaxValue, x.nan_to_num()[1].item<double>());
        }

        [Fact]
        public void Closeness_is_relative_to_the_target()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 1.0, 100.0 });
            Assert.True(x.allclose(x * (1 + 1e-6)));
            Assert.False(x.allclose(x + 0.01));
            Assert.Equal([false, true], x.isclose(x + 0.0005).data<bool>().ToArray());
            Assert.True(x.Equals(x.clone()));
            Assert.False(x.Equals(x + 1e-12 + 1));
            Assert.Equal([true, true], x.equal(x).data<bool>().ToArray());
        }

        [Fact]
        public void Integers_widen_and_divide_to_floating_point()
        {
            using var scope = NewDisposeScope();
            var n = tensor(new[] { 7, -7 });
            Assert.Equal(ScalarType.Float32, (n / 2).dtype);
            Assert.Equal([3, -4], n.div(2, RoundingMode.floor).data<int>().ToArray());
            Assert.Equal(ScalarType.Int64, n.sum().dtype);
            Assert.Equal([3, 1], (n & 3).data<int>().ToArray());
            Assert.Equal(ScalarType.Float64, result_type(n, tensor(new[] { 1.0 })));
        }

        [Fact]
        public void Types_convert_and_share_when_nothing_changes()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 1.9, -1.9 });
            Assert.Equal([1L, -1L], x.to(int64).data<long>().ToArray());
            Assert.Equal([1.9f, -1.9f], x.to_type(ScalarType.Float32).data<float>().ToArray());
            var same = x.to(float64);
            same[0] = tensor(5.0);
            Assert.Equal(5.0, x[0].item<double>());
            var copy = x.to(float64, copy: true);
            copy[0] = tensor(6.0);
            Assert.Equal(5.0, x[0].item<double>());
            Assert.Equal([true, false], tensor(new[] { 2.0, 0.0 }).@bool().data<bool>().ToArray());
        }

        [Fact]
        public void Scalars_know_their_kind()
        {
            Assert.Equal(ScalarType.Int64, 3.ToScalar().Type);
            Assert.Equal(ScalarType.Float64, 3f.ToScalar().Type);
            Assert.Equal(ScalarType.Bool, true.ToScalar().Type);
            Assert.Equal(ScalarType.ComplexFloat64, new Complex(1, 2).ToScalar().Type);
            Assert.Equal(3, 3.9.ToScalar().ToInt32());
            Assert.Equal(new Complex(1, 2), new Complex(1, 2).ToScalar().ToComplexFloat64());
            Assert.Throws<InvalidOperationException>(() => new Complex(1, 2).ToScalar().ToDouble());
            Assert.Throws<ArgumentNullException>(() => ((Scalar)null!).ToDouble());
        }

        [Fact]
        public void Text_names_shape_type_and_elements()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[,] { { 1.0, 2.5 }, { -3.0, 4.0 } });
            Assert.Equal("[2x2], type = Float64, device = cpu", x.ToString());
            Assert.Equal("[[1, 2.5]\n [-3, 4]]", x.npstr(newLine: "\n"));
            Assert.Equal("[], type = Int64, device = cpu", tensor(1L).ToString());
            Assert.Contains("0+1i", tensor(Complex.ImaginaryOne).npstr());
        }
    }
}
