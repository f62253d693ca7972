using System;
using System.Linq;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class TensorRandomTests
    {
        [Fact]
        public void The_same_seed_gives_the_same_bits()
        {
            using var scope = NewDisposeScope();
            double[] Draw(ulong seed)
            {
                using var g = new Generator(seed);
                return Numbers.Values(cat([
                    randn(50, dtype: float64, generator: g), rand(50, dtype: float64, generator: g), randint(9, [50L], generator: g).to(float64),
                    randperm(50, generator: g).to(float64), empty(50, dtype: float64).normal_(1, 2, g), torch.normal(0, 1, [50], dtype: float64, generator: g),
                ]));
            }

            Assert.Equal(Draw(5), Draw(5));
            Assert.NotEqual(Draw(5), Draw(6));
        }

        [Fact]
        public void A_generator_of_its_own_leaves_the_default_one_alone()
        {
            using var scope = NewDisposeScope();
            manual_seed(3);
            var first = Numbers.Values(randn(5, dtype: float64));
            manual_seed(3);
            using (var g = new Generator(99)) randn(1000, generator: g);
            Assert.Equal(first, Numbers.Values(randn(5, dtype: float64)));
        }

        [Fact]
        public void Moments_are_those_of_the_distribution()
        {
            using var scope = NewDisposeScope();
            using var g = new Generator(1);
            const int n = 200_000;
            // Five standard errors of the mean: sigma 5 / sqrt(n).
            var margin = 5 / Math.Sqrt(n);
            Assert.InRange(randn(n, dtype: float64, generator: g).mean().item<double>(), -margin, margin);
            Assert.InRange(rand(n, dtype: float64, generator: g).mean().item<double>() - 0.5, -margin, margin);
            Assert.InRange(empty(n, dtype: float64).exponential_(1, g).mean().item<double>() - 1, -margin, margin);
            Assert.InRange(empty(n, dtype: float64).normal_(0, 1, g).square().mean().item<double>() - 1, -2 * margin, 2 * margin);
            Assert.InRange(full(n, 0.25, dtype: float64).bernoulli(g).mean().item<double>() - 0.25, -margin, margin);
            Assert.InRange(full(n, 4.0, dtype: float64).poisson(g).mean().item<double>() - 4, -2 * margin, 2 * margin);
        }

        [Fact]
        public void Integers_stay_in_their_range_and_permutations_are_whole()
        {
            using var scope = NewDisposeScope();
            using var g = new Generator(2);
            var n = randint(-2, 3, [1000L], generator: g);
            Assert.Equal((-2L, 2L), (n.min().item<long>(), n.max().item<long>()));
            Assert.Equal(ScalarType.Int64, n.dtype);
            Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), randperm(20, generator: g).data<long>().Order());
            var rows = tensor(new[] { 0.0, 1.0, 1.0 }).multinomial(2, generator: g);
            Assert.Equal([1L, 2L], rows.data<long>().Order());
        }

        [Fact]
        public void Random_reals_refuse_integer_types()
        {
            Assert.Throws<ArgumentException>(() => rand(3, dtype: int64));
            Assert.Throws<ArgumentException>(() => randn(3, dtype: int32));
        }

        [Fact]
        public void Shapes_and_types_are_as_asked()
        {
            using var scope = NewDisposeScope();
            Assert.Equal([2, 3], randn(2, 3).shape);
            Assert.Equal(ScalarType.Float32, randn(2, 3).dtype);
            Assert.Equal(ScalarType.Float64, randn([2, 3], dtype: float64).dtype);
            Assert.Equal(ScalarType.ComplexFloat64, randn(2, dtype: complex128).dtype);
            Assert.Equal(ScalarType.Float64, zeros(2, dtype: float64).randn_like().dtype);
            Assert.True(rand(2, requires_grad: true).requires_grad);
        }
    }
}
