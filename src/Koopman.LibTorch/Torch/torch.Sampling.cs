using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Random integers, permutations and draws; each call draws from the generator given, or from the device's own.
    public static partial class torch
    {
        private static ScalarType? Floating(ScalarType? dtype) => dtype is { } type && is_integral(type)
            ? throw new ArgumentException($"Random real numbers need a floating-point or complex type, not {type}.", nameof(dtype))
            : dtype;

        private static Tensor RandInt(
            long low, long high, ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad, Generator? generator, string[]? names) =>
            Unnamed(Take(kt_randint(low, high, size, size.Length, Source(generator), Options(dtype ?? ScalarType.Int64, device, requires_grad))), names);

        /// <summary>Integers drawn evenly from low to high - 1, of type Int64 unless another is given.</summary>
        public static Tensor randint(
            long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
            Generator? generator = null, string[]? names = null) =>
            RandInt(low, high, Given(size), dtype, device, requires_grad, generator, names);

        /// <summary>Integers drawn evenly from low to high - 1, of type Int64 unless another is given.</summary>
        public static Tensor randint(
            long low, long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
            Generator? generator = null, string[]? names = null) =>
            RandInt(low, high, size.Shape, dtype, device, requires_grad, generator, names);

        /// <summary>Integers drawn evenly from low to high - 1, of type Int64 unless another is given.</summary>
        public static Tensor randint(
            int low, int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
            Generator? generator = null, string[]? names = null) =>
            RandInt(low, high, Array.ConvertAll(Given(size), n => (long)n), dtype, device, requires_grad, generator, names);

        /// <summary>Integers drawn evenly from 0 to high - 1, of type Int64 unless another is given.</summary>
        public static Tensor randint(
            long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
            Generator? generator = null, string[]? names = null) =>
            RandInt(0, high, Given(size), dtype, device, requires_grad, generator, names);

        /// <summary>Integers drawn evenly from 0 to high - 1, of type Int64 unless another is given.</summary>
        public static Tensor randint(
            long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
            Generator? generator = null, string[]? names = null) =>
            RandInt(0, high, size.Shape, dtype, device, requires_grad, generator, names);

        /// <summary>Integers drawn evenly from 0 to high - 1, of type Int64 unless another is given.</summary>
        public static Tensor randint(
            int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
            Generator? generator = null, string[]? names = null) =>
            RandInt(0, high, Array.ConvertAll(Given(size), n => (long)n), dtype, device, requires_grad, generator, names);

        /// <summary>0 to n - 1 in random order, of type Int64 unless another is given.</summary>
        public static Tensor randperm(
            long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
            Take(kt_randperm(n, Source(generator), Options(dtype ?? ScalarType.Int64, device, requires_grad)));

        /// <summary>Numbers drawn evenly from [0, 1), in the shape, type and place of another tensor.</summary>
        public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Take(kt_rand_like(Of(input), Alike(Floating(dtype), device, requires_grad)));

        /// <summary>Numbers drawn from the standard normal distribution, in the shape, type and place of another tensor.</summary>
        public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Take(kt_randn_like(Of(input), Alike(Floating(dtype), device, requires_grad)));

        /// <summary>Integers drawn evenly from low to high - 1, in the shape, type and place of another tensor.</summary>
        public static Tensor randint_like(
            Tensor input, long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Take(kt_randint_like(Of(input), low, high, Alike(dtype, device, requires_grad)));

        /// <summary>Normal numbers, each with its own mean and standard deviation.</summary>
        public static Tensor normal(Tensor mean, Tensor std, Generator? generator = null) =>
            Take(kt_normal(Of(mean), Of(std), Source(generator)));

        /// <summary>Normal numbers with this mean and standard deviation.</summary>
        public static Tensor normal(
            double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
            Generator? generator = null, string[]? names = null)
        {
            var numbers = empty(size, Floating(dtype), device, false, names);
            Check(kt_normal_(numbers.H_, mean, std, Source(generator)));
            return requires_grad ? numbers.requires_grad_() : numbers;
        }

        /// <summary>Zeros and ones, each a one with the probability that the input gives.</summary>
        public static Tensor bernoulli(Tensor input, Generator? generator = null) => Given(input).bernoulli(generator);

        /// <summary>Positions drawn from each row of weights, without replacement unless it is asked for.</summary>
        public static Tensor multinomial(Tensor input, long num_samples, bool replacement = false, Generator? generator = null) =>
            Given(input).multinomial(num_samples, replacement, generator);

        /// <summary>Poisson numbers, each with its own rate.</summary>
        public static Tensor poisson(Tensor input, Generator? generator = null) => Given(input).poisson(generator);

        public partial class Tensor
        {
            public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
                torch.rand_like(this, dtype, device, requires_grad);

            public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
                torch.randn_like(this, dtype, device, requires_grad);

            public Tensor randint_like(long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
                torch.randint_like(this, low, high, dtype, device, requires_grad);

            /// <summary>Zeros and ones, each a one with the probability that the element gives.</summary>
            public Tensor bernoulli(Generator? generator = null) => Take(kt_bernoulli(handle, Source(generator)));

            /// <summary>Positions drawn from each row of weights, without replacement unless it is asked for.</summary>
            public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
                Take(kt_multinomial(handle, num_samples, replacement, Source(generator)));

            /// <summary>Poisson numbers, each with its own rate.</summary>
            public Tensor poisson(Generator? generator = null) => Take(kt_poisson(handle, Source(generator)));

            /// <summary>Fills the tensor with normal numbers.</summary>
            public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) => Did(kt_normal_(handle, mean, std, Source(generator)));

            /// <summary>Fills the tensor with numbers drawn evenly from [from, to).</summary>
            public Tensor uniform_(double from, double to, Generator? generator = null) => Did(kt_uniform_(handle, from, to, Source(generator)));

            /// <summary>Fills the tensor with exponentially distributed numbers of rate lambda.</summary>
            public Tensor exponential_(double lambda = 1, Generator? generator = null) => Did(kt_exponential_(handle, lambda, Source(generator)));

            /// <summary>Fills the tensor with Cauchy numbers of this median and half width.</summary>
            public Tensor cauchy_(double median = 0, double sigma = 1, Generator? generator = null) => Did(kt_cauchy_(handle, median, sigma, Source(generator)));

            /// <summary>Fills the tensor with numbers whose logarithm is normal with this mean and standard deviation.</summary>
            public Tensor log_normal_(double mean = 0, double std = 1, Generator? generator = null) =>
                Did(kt_log_normal_(handle, mean, std, Source(generator)));

            /// <summary>Fills the tensor with the numbers of trials up to the first success of probability p.</summary>
            public Tensor geometric_(double p, Generator? generator = null) => Did(kt_geometric_(handle, p, Source(generator)));

            /// <summary>Fills the tensor with zeros and ones, ones with probability p.</summary>
            public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => Did(kt_bernoulli_(handle, p, Source(generator)));
        }
    }
}
