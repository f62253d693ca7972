using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Xunit;
using static Koopman.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class AutogradTests
    {
        public static TheoryData<string> Functions => [.. Table.Keys];

        private static readonly Dictionary<string, Func<Tensor, Tensor>> Table = new()
        {
            ["polynomial"] = x => (x * x * x - 2 * x).sum(),
            ["exp of sin"] = x => x.sin().exp().sum(),
            ["softmax"] = x => (nn.functional.softmax(x, 1) * Wave(0.2, 3, 4)).sum(),
            ["log softmax"] = x => (nn.functional.log_softmax(x, 1) * Wave(0.2, 3, 4)).sum(),
            ["gelu"] = x => nn.functional.gelu(x).sum(),
            ["silu"] = x => nn.functional.silu(x).sum(),
            ["tanh"] = x => nn.functional.tanh(x).sum(),
            ["mish"] = x => nn.functional.mish(x).sum(),
            ["softplus"] = x => nn.functional.softplus(x, 2).sum(),
            ["elu"] = x => nn.functional.elu(x, 1.5).sum(),
            ["linear"] = x => nn.functional.linear(x, Wave(1, 5, 4), Wave(2, 5)).pow(2).sum(),
            ["layer norm"] = x => (nn.functional.layer_norm(x, [4], Wave(1, 4), Wave(2, 4)) * Wave(3, 3, 4)).sum(),
            ["attention"] = x => nn.functional.scaled_dot_product_attention(x, x.sin(), x.cos()).sum(),
            ["cholesky"] = x => linalg.cholesky(x.matmul(x.t()) + 2 * eye(3, dtype: float64)).diagonal().log().sum(),
        };

        [Theory]
        [MemberData(nameof(Functions))]
        public void Gradients_are_the_limits_of_differences(string name) => GradientFits(Table[name], Wave(0.5, 3, 4));

        [Fact]
        public void A_second_pass_gives_second_derivatives()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 0.3, -1.2, 2.0 }).requires_grad_();
            var first = autograd.grad([x.pow(3).sum()], [x], create_graph: true, retain_graph: true)[0];
            var second = autograd.grad([first.sum()], [x])[0];
            Equal([3 * 0.09, 3 * 1.44, 12.0], first);
            Equal([6 * 0.3, 6 * -1.2, 12.0], second);
            Assert.Null(x.grad);
        }

        [Fact]
        public void A_penalty_on_the_gradient_of_a_network_can_be_trained_on()
        {
            using var scope = NewDisposeScope();
            var input = Wave(0.1, 4, 3);
            Tensor Penalty(Tensor weight)
            {
                var x = input.detach().requires_grad_();
                // Differences are taken without a graph: the penalty needs one all the same.
                using var recording = enable_grad();
                var y = x.matmul(weight.requires_grad ? weight : weight.detach()).tanh().pow(2).sum();
                return autograd.grad([y], [x], create_graph: true, retain_graph: true)[0].pow(2).sum();
            }

            GradientFits(Penalty, Wave(0.7, 3, 2), 1e-6);
        }

        [Fact]
        public void A_vector_weighs_the_outputs()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 1.0, 2, 3 }).requires_grad_();
            var weights = tensor(new[] { 1.0, 10, 100 });
            Equal([2, 40, 600], autograd.grad([x * x], [x], [weights])[0]);
            autograd.backward(x * x, weights);
            Equal([2, 40, 600], x.grad!);
        }

        [Fact]
        public void Gradients_add_up_and_can_be_set()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 2.0 }).requires_grad_();
            (3 * x).sum().backward();
            (4 * x).sum().backward();
            Equal([7], x.grad!);
            x.grad = null;
            Assert.Null(x.grad);
            x.grad = tensor(new[] { 5.0 });
            Equal([5], x.grad!);
        }

        [Fact]
        public void Only_the_inputs_named_get_gradients()
        {
            using var scope = NewDisposeScope();
            var (x, y) = (tensor(new[] { 2.0 }).requires_grad_(), tensor(new[] { 3.0 }).requires_grad_());
            (x * y).sum().backward(inputs: new[] { x });
            Equal([3], x.grad!);
            Assert.Null(y.grad);
        }

        [Fact]
        public void An_unused_input_is_an_invalid_tensor_or_a_failure()
        {
            using var scope = NewDisposeScope();
            var (x, y) = (tensor(new[] { 2.0 }).requires_grad_(), tensor(new[] { 3.0 }).requires_grad_());
            var found = autograd.grad([(x * x).sum()], [x, y], allow_unused: true);
            Equal([4], found[0]);
            Assert.True(found[1].IsInvalid);
            Assert.Throws<ExternalException>(() => autograd.grad([(x * x).sum()], [x, y]));
        }

        [Fact]
        public void A_graph_is_used_once_unless_it_is_kept()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 2.0 }).requires_grad_();
            var y = x.exp().sum();
            y.backward(retain_graph: true);
            y.backward();
            Equal([2 * Math.Exp(2)], x.grad!);
            Assert.Throws<ExternalException>(() => y.backward());
        }

        [Fact]
        public void Backward_needs_a_number_or_weights()
        {
            using var scope = NewDisposeScope();
            var x = ones(3, requires_grad: true);
            var failure = Assert.Throws<ExternalException>(() => (x * 2).backward());
            Assert.Contains("scalar", failure.Message);
            Assert.DoesNotContain("\n", failure.Message);
        }

        [Fact]
        public void Leaves_and_results_are_told_apart()
        {
            using var scope = NewDisposeScope();
            var x = ones(2, requires_grad: true);
            var y = x * 2;
            Assert.True(x.is_leaf);
            Assert.False(y.is_leaf);
            y.retain_grad();
            (y * y).sum().backward();
            Equal([4, 4], y.grad!);
            Assert.False(y.detach().requires_grad);
            Assert.True(y.requires_grad);
            y.detach_();
            Assert.False(y.requires_grad);
            Assert.Throws<ExternalException>(() => (x * 2).requires_grad = false);
        }

        [Fact]
        public void A_detached_tensor_shares_its_numbers()
        {
            using var scope = NewDisposeScope();
            var x = ones(2, requires_grad: true);
            using (no_grad()) x.detach().mul_(3);
            Equal([3, 3], x);
        }
    }
}
