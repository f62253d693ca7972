using System;
using System.Linq;
using TorchSharp;
using Xunit;

// Dispose scopes count tensors per process and the default generator is one: the tests run one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Koopman.LibTorch.Tests
{
    /// <summary>Tensors as arrays, and derivatives the slow way.</summary>
    internal static class Numbers
    {
        internal static double[] Values(torch.Tensor tensor)
        {
            using var plain = tensor.detach().cpu().to(torch.float64).contiguous();
            return plain.data<double>().ToArray();
        }

        internal static void Equal(double[] expected, torch.Tensor actual, double tolerance = 1e-12) => Equal(expected, Values(actual), tolerance);

        internal static void Equal(double[] expected, double[] actual, double tolerance = 1e-12)
        {
            Assert.Equal(expected.Length, actual.Length);
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.True(
                    Math.Abs(expected[i] - actual[i]) <= tolerance * (1 + Math.Abs(expected[i])),
                    $"element {i}: expected {expected[i]:R}, got {actual[i]:R}");
            }
        }

        /// <summary>Reproducible numbers on about [-1, 1] without any generator.</summary>
        internal static torch.Tensor Wave(double phase, params long[] shape)
        {
            var count = shape.Aggregate(1L, (a, b) => a * b);
            var numbers = Enumerable.Range(0, (int)count).Select(i => Math.Sin(1.7 * i + phase) * Math.Cos(0.3 * i * i + phase)).ToArray();
            return torch.tensor(numbers).reshape(shape);
        }

        /// <summary>Central differences of a number-valued function, of order h².</summary>
        internal static double[] Slope(Func<torch.Tensor, torch.Tensor> f, torch.Tensor x, double h = 1e-5)
        {
            var at = Values(x);
            return Enumerable.Range(0, at.Length).Select(Side).ToArray();

            double Side(int i)
            {
                using var scope = torch.NewDisposeScope();
                using var recording = torch.no_grad();
                var up = (double[])at.Clone();
                var down = (double[])at.Clone();
                up[i] += h;
                down[i] -= h;
                var rise = f(torch.tensor(up).reshape(x.shape)).item<double>() - f(torch.tensor(down).reshape(x.shape)).item<double>();
                return rise / (2 * h);
            }
        }

        /// <summary>The gradient of a number-valued function by reverse mode, against central differences.</summary>
        internal static void GradientFits(Func<torch.Tensor, torch.Tensor> f, torch.Tensor x, double tolerance = 1e-7)
        {
            using var scope = torch.NewDisposeScope();
            var leaf = x.detach().clone().requires_grad_();
            f(leaf).backward();
            Equal(Slope(f, x), Values(leaf.grad!), tolerance);
        }
    }
}
