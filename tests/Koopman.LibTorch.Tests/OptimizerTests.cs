using System;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static Koopman.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class OptimizerTests
    {
        private static readonly double[] Start = [1.0, -2.0, 0.5];

        /// <summary>The gradient of Σ (x⁴/4 − x): x³ − 1.</summary>
        private static double Gradient(double x) => x * x * x - 1;

        private static Parameter Fresh() => new(tensor(Start));

        private static void Run(optim.Optimizer optimizer, Parameter x, int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                (x.pow(4) / 4 - x).sum().backward();
                optimizer.step();
            }
        }

        private static double[] Adam(
            int steps, double lr, double beta1, double beta2, double eps, double decay, bool decoupled, bool amsgrad, bool maximize)
        {
            var x = (double[])Start.Clone();
            var (m, v, top) = (new double[3], new double[3], new double[3]);
            for (var t = 1; t <= steps; t++)
            {
                for (var i = 0; i < 3; i++)
                {
                    var g = maximize ? -Gradient(x[i]) : Gradient(x[i]);
                    if (decoupled) x[i] *= 1 - lr * decay;
                    else g += decay * x[i];
                    m[i] = beta1 * m[i] + (1 - beta1) * g;
                    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
                    top[i] = Math.Max(top[i], v[i]);
                    var square = amsgrad ? top[i] : v[i];
                    var root = Math.Sqrt(square) / Math.Sqrt(1 - Math.Pow(beta2, t)) + eps;
                    x[i] -= lr / (1 - Math.Pow(beta1, t)) * m[i] / root;
                }
            }

            return x;
        }

        [Theory]
        [InlineData(0, false, false)]
        [InlineData(0.1, false, false)]
        [InlineData(0.1, true, false)]
        [InlineData(0, false, true)]
        public void Adam_makes_the_steps_of_its_formula(double decay, bool amsgrad, bool maximize)
        {
            using var x = Fresh();
            using var adam = optim.Adam([x], 0.01, 0.8, 0.95, 1e-6, decay, amsgrad, maximize);
            Run(adam, x, 25);
            Equal(Adam(25, 0.01, 0.8, 0.95, 1e-6, decay, false, amsgrad, maximize), x);
        }

        [Theory]
        [InlineData(0.01, false)]
        [InlineData(0.1, true)]
        public void AdamW_decays_beside_the_gradient(double decay, bool amsgrad)
        {
            using var x = Fresh();
            using var adam = optim.AdamW([x], 0.02, weight_decay: decay, amsgrad: amsgrad);
            Run(adam, x, 25);
            Equal(Adam(25, 0.02, 0.9, 0.999, 1e-8, decay, true, amsgrad, false), x);
        }

        [Theory]
        [InlineData(0, 0, 0, false, false)]
        [InlineData(0.9, 0, 0, false, false)]
        [InlineData(0.9, 0.2, 0.1, false, false)]
        [InlineData(0.9, 0, 0.1, true, false)]
        [InlineData(0.5, 0, 0, false, true)]
        public void SGD_makes_the_steps_of_its_formula(double momentum, double dampening, double decay, bool nesterov, bool maximize)
        {
            using var x = Fresh();
            using var sgd = optim.SGD([x], 0.01, momentum, dampening, decay, nesterov, maximize);
            Run(sgd, x, 10);

            var expected = Start.Select(start =>
            {
                var (y, velocity) = (start, 0.0);
                for (var t = 0; t < 10; t++)
                {
                    var g = Gradient(y) + decay * y;
                    velocity = t == 0 ? g : momentum * velocity + (1 - dampening) * g;
                    var step = momentum == 0 ? g : nesterov ? g + momentum * velocity : velocity;
                    y += maximize ? 0.01 * step : -0.01 * step;
                }

                return y;
            }).ToArray();
            Equal(expected, x);
        }

        [Fact]
        public void A_parameter_without_gradient_stays_and_its_memory_does_not_age()
        {
            using var x = Fresh();
            using var y = Fresh();
            using var adam = optim.Adam([x, y], 0.1);
            (x * 2).sum().backward();
            adam.step();
            Equal(Start, y);
            Assert.Equal(1, ((Adam.State)adam.state_dict().State[0]).step);
            Assert.Equal(0, ((Adam.State)adam.state_dict().State[1]).step);
        }

        [Fact]
        public void A_closure_computes_the_loss_with_its_graph()
        {
            using var x = Fresh();
            using var sgd = optim.SGD([x], 0.1);
            using var off = no_grad();
            using var loss = sgd.step(() =>
            {
                sgd.zero_grad();
                var value = (x * x).sum();
                value.backward();
                return value;
            });
            Assert.Equal(5.25, loss!.item<double>(), 12);
            Equal(Start.Select(v => 0.8 * v).ToArray(), x);
            Assert.Null(sgd.step());
        }

        [Fact]
        public void Groups_have_rates_of_their_own()
        {
            using var x = Fresh();
            using var y = Fresh();
            using var adam = optim.Adam([new Adam.ParamGroup([x], lr: 0.1), new Adam.ParamGroup { Parameters = [y] }], lr: 0.02);
            Assert.Equal([0.1, 0.02], adam.ParamGroups.Select(g => g.LearningRate));
            (x.sum() + y.sum()).backward();
            adam.step();
            // The first step of Adam has the length of the learning rate.
            Equal(Start.Select(v => v - 0.1).ToArray(), x, 1e-6);
            Equal(Start.Select(v => v - 0.02).ToArray(), y, 1e-6);
            Assert.Equal(2, adam.parameters().Count());
        }

        [Fact]
        public void A_copied_state_continues_the_same_way()
        {
            using var x = Fresh();
            using var adam = optim.Adam([x], 0.05);
            Run(adam, x, 5);
            using var y = new Parameter(x.detach().clone());
            using var other = optim.Adam([y], 0.9);
            other.load_state_dict(adam.state_dict());
            Run(adam, x, 5);
            Run(other, y, 5);
            Assert.Equal(Values(x), Values(y));
            Assert.True(adam.state_dict().State[0].ApproximatelyEquals(other.state_dict().State[0]));
            using var two = optim.Adam([x, y]);
            Assert.Throws<ArgumentException>(() => two.load_state_dict(adam.state_dict()));
        }

        [Fact]
        public void Zeroing_keeps_the_gradient_as_zeros()
        {
            using var x = Fresh();
            using var sgd = optim.SGD([x], 0.1);
            x.sum().backward();
            sgd.zero_grad();
            Equal([0, 0, 0], x.grad!);
        }

        [Fact]
        public void Complex_parameters_descend_too()
        {
            using var z = new Parameter(torch.complex(tensor(Start), tensor(Start)));
            using var adam = optim.Adam([z], 0.05);
            double First() => (z * z.conj()).real.sum().item<double>();
            var before = First();
            for (var i = 0; i < 50; i++)
            {
                using var scope = NewDisposeScope();
                adam.zero_grad();
                (z * z.conj()).real.sum().backward();
                adam.step();
            }

            Assert.True(First() < before / 4, $"{First()} after {before}");
        }

        [Fact]
        public void A_disposed_optimiser_says_so_and_leaves_its_parameters()
        {
            using var x = new Parameter(tensor(new[] { 3.0 }));
            foreach (var optimizer in new OptimizerHelper[] { optim.Adam([x]), optim.AdamW([x]), optim.SGD([x], 0.1) })
            {
                x.sum().backward();
                optimizer.Dispose();
                optimizer.Dispose();
                Assert.Throws<ObjectDisposedException>(() => optimizer.step());
                Assert.Throws<ObjectDisposedException>(() => optimizer.state_dict());
                Equal([3], x);
            }
        }

        [Fact]
        public void Gradients_are_clipped_by_their_joint_norm_or_one_by_one()
        {
            using var x = new Parameter(tensor(new[] { 3.0 }));
            using var y = new Parameter(tensor(new[] { 4.0, 0.0 }));
            ((x * x).sum() / 2 + (y * y).sum() / 2).backward();
            Assert.Equal(5, nn.utils.clip_grad_norm_([x, y], 1), 12);
            Equal([0.6], x.grad!, 1e-6);
            Equal([0.8, 0], y.grad!, 1e-6);
            Assert.Equal(1, nn.utils.clip_grad_norm_([x, y], 10), 6);
            nn.utils.clip_grad_value_([x, y], 0.5);
            Equal([0.5], x.grad!);
            Equal([0.5, 0], y.grad!);
        }
    }
}
