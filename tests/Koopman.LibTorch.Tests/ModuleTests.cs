using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static Koopman.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class ModuleTests
    {
        /// <summary>A network as a user of TorchSharp writes one.</summary>
        private sealed class Net : nn.Module<Tensor, Tensor>
        {
            private readonly Linear first;
            private readonly Sequential rest;
            private readonly ModuleList<Linear> heads;
            private readonly Parameter scale;
            private readonly Tensor shift;

            internal Net(string name = "net") : base(name)
            {
                first = nn.Linear(3, 8);
                rest = nn.Sequential(("act", nn.SiLU()), ("drop", nn.Dropout(0.5)), ("last", nn.Linear(8, 4)));
                heads = nn.ModuleList(nn.Linear(4, 2), nn.Linear(4, 2));
                scale = nn.Parameter(ones(1));
                shift = zeros(2);
                RegisterComponents();
            }

            public override Tensor forward(Tensor input)
            {
                using var scope = NewDisposeScope();
                var x = rest.call(first.call(input));
                return (heads[0].call(x) + heads[1].call(x) * scale + shift).MoveToOuterDisposeScope();
            }
        }

        private static readonly string[] Names =
        [
            "first.bias", "first.weight", "heads.0.bias", "heads.0.weight", "heads.1.bias", "heads.1.weight", "rest.last.bias",
            "rest.last.weight", "scale",
        ];

        [Fact]
        public void Fields_are_registered_under_their_names()
        {
            using var net = new Net();
            Assert.Equal(Names, net.named_parameters().Select(p => p.name).Order(StringComparer.Ordinal));
            Assert.Equal(["shift"], net.named_buffers().Select(b => b.name));
            Assert.Equal(["first", "heads", "rest"], net.named_children().Select(c => c.name).Order(StringComparer.Ordinal));
            Assert.Contains("rest.last", net.named_modules().Select(m => m.name));
            Assert.Equal("net", net.GetName());
            Assert.Equal(Names.Length, net.parameters().Count());
            Assert.True(net.has_parameter("rest.last.bias"));
            Assert.False(net.has_parameter("rest.first.bias"));
            Assert.True(net.has_buffer("shift"));
            Assert.Equal([4, 8], net.get_parameter("rest.last.weight")!.shape);
            Assert.Null(net.get_buffer("nothing.here"));
        }

        [Fact]
        public void A_state_goes_into_another_network()
        {
            using var scope = NewDisposeScope();
            using var a = new Net();
            using var b = new Net();
            a.eval();
            b.eval();
            var x = ones(5, 3);
            Assert.NotEqual(Values(a.call(x)), Values(b.call(x)));
            var (missing, unexpected) = b.load_state_dict(a.state_dict());
            Assert.Empty(missing);
            Assert.Empty(unexpected);
            Assert.Equal(Values(a.call(x)), Values(b.call(x)));
            Assert.Equal([.. Names, "shift"], a.state_dict().Keys.Order(StringComparer.Ordinal));
        }

        [Fact]
        public void A_state_that_does_not_fit_changes_nothing_unless_that_is_allowed()
        {
            using var scope = NewDisposeScope();
            using var net = new Net();
            var before = Values(net.get_parameter("first.weight")!);
            var state = new Dictionary<string, Tensor> { ["first.weight"] = zeros(8, 3), ["other"] = zeros(1) };
            var failure = Assert.Throws<InvalidOperationException>(() => net.load_state_dict(state));
            Assert.Contains("other", failure.Message);
            Assert.Throws<ArgumentNullException>(() => net.load_state_dict(null!));
            Assert.Equal(before, Values(net.get_parameter("first.weight")!));
            var (missing, unexpected) = net.load_state_dict(state, strict: false);
            Assert.Equal(["other"], unexpected);
            Assert.Equal(Names.Length, missing.Count);
            Assert.All(Values(net.get_parameter("first.weight")!), v => Assert.Equal(0, v));
        }

        [Fact]
        public void Training_and_evaluation_reach_every_module()
        {
            using var net = new Net();
            Assert.True(net.training);
            net.eval();
            Assert.All(net.modules(), m => Assert.False(m.training));
            net.train();
            Assert.All(net.modules(), m => Assert.True(m.training));
            var visited = new List<string>();
            net.apply(m => visited.Add(m.GetName()));
            Assert.Equal("net", visited[^1]);
            Assert.Equal(net.modules().Count() + 1, visited.Count);
        }

        [Fact]
        public void A_conversion_reaches_parameters_gradients_and_buffers_in_place()
        {
            using var scope = NewDisposeScope();
            using var net = new Net();
            var held = net.get_parameter("scale")!;
            net.call(ones(1, 3)).sum().backward();
            Assert.Same(net, net.@double());
            Assert.All(net.parameters(), p => Assert.Equal(ScalarType.Float64, p.dtype));
            Assert.Equal(ScalarType.Float64, net.get_buffer("shift")!.dtype);
            Assert.Equal(ScalarType.Float64, held.dtype);
            Assert.Equal(ScalarType.Float64, held.grad!.dtype);
            net.zero_grad();
            net.call(ones(1, 3, dtype: float64)).sum().backward();
            Assert.NotNull(held.grad);
            Assert.Throws<ArgumentException>(() => net.to(ScalarType.Int64));
        }

        [Fact]
        public void Gradients_are_dropped_or_zeroed()
        {
            using var scope = NewDisposeScope();
            using var layer = nn.Linear(2, 1);
            layer.call(ones(1, 2)).sum().backward();
            layer.zero_grad(set_to_none: false);
            Equal([0, 0], layer.weight.grad!);
            layer.zero_grad();
            Assert.Null(layer.weight.grad);
        }

        [Fact]
        public void Disposal_takes_everything_along()
        {
            var before = Tensor.TotalCount;
            var net = new Net();
            Assert.Equal(before + Names.Length + 1, Tensor.TotalCount);
            net.Dispose();
            net.Dispose();
            Assert.Equal(before, Tensor.TotalCount);
        }

        [Fact]
        public void A_layer_made_in_a_scope_survives_it()
        {
            Linear layer;
            using (NewDisposeScope()) layer = nn.Linear(2, 3);
            using (layer)
            {
                Assert.False(layer.weight.IsInvalid);
                using var x = layer.call(ones(1, 2));
                Assert.Equal([1, 3], x.shape);
            }
        }

        [Fact]
        public void A_parameter_takes_its_tensor_over()
        {
            using var scope = NewDisposeScope();
            var data = ones(2);
            var parameter = new Parameter(data);
            Assert.True(data.IsInvalid);
            Assert.True(parameter.requires_grad);
            Assert.True(parameter.is_leaf);
            Assert.True(scope.Contains(parameter));
            Assert.False(nn.Parameter(ones(2), false).requires_grad);
        }

        [Fact]
        public void Names_are_taken_once_and_have_no_dots()
        {
            using var scope = NewDisposeScope();
            using var net = new Net();
            Assert.Throws<InvalidOperationException>(() => net.register_buffer("shift", ones(1)));
            Assert.Throws<InvalidOperationException>(() => net.register_parameter("scale", nn.Parameter(ones(1))));
            Assert.Throws<InvalidOperationException>(() => net.register_module("first", nn.Identity()));
            Assert.Throws<ArgumentException>(() => net.register_module("a.b", nn.Identity()));
            Assert.Throws<ArgumentNullException>(() => net.register_buffer("none", null!));
            Assert.Throws<InvalidOperationException>(() => nn.ReLU().register_parameter("p", nn.Parameter(ones(1))));
            net.register_buffer("temporary", ones(1), persistent: false);
            Assert.DoesNotContain("temporary", net.state_dict().Keys);
        }

        [Fact]
        public void Hooks_are_called_in_order_and_may_change_what_passes()
        {
            using var scope = NewDisposeScope();
            using var layer = nn.Identity();
            var calls = new List<string>();
            var first = layer.register_forward_pre_hook((_, x) => x * 2);
            layer.register_forward_hook((_, x, y) => x + y);
            layer.register_forward_pre_hook(m => calls.Add("before " + m.GetName()));
            layer.register_forward_hook(m => calls.Add("after " + m.GetName()));
            Equal([4], layer.call(ones(1)));
            Assert.Equal(["before Identity", "after Identity"], calls);
            first.remove();
            first.remove();
            Equal([2], layer.call(ones(1)));
        }

        [Fact]
        public void A_sequence_passes_its_input_from_module_to_module()
        {
            using var scope = NewDisposeScope();
            using var net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1));
            var x = ones(3, 2);
            var (a, b) = ((Linear)net[0], (Linear)net[2]);
            Equal(Values(b.call(a.call(x).tanh())), net.call(x));
            Assert.False(x.IsInvalid);
            Assert.Equal(3, net.Count);
            Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], net.named_parameters().Select(p => p.name));
            Assert.Equal(["1", "2"], net[1..].named_children().Select(c => c.name));
            Assert.Equal(2, net[(null, 2)].Count);
            using var empty = nn.Sequential();
            using var same = empty.call(x);
            Equal(Values(x), same);
            Assert.Throws<InvalidOperationException>(() => net.append("0", nn.Identity()));
        }

        [Fact]
        public void Initial_values_have_the_spread_they_should()
        {
            using var scope = NewDisposeScope();
            manual_seed(1);
            var w = empty(200, 100);
            double Deviation() => w.std().item<float>();
            Assert.Same(w, nn.init.kaiming_normal_(w, nonlinearity: nn.init.NonlinearityType.ReLU));
            Assert.Equal(Math.Sqrt(2.0 / 100), Deviation(), 0.003);
            nn.init.kaiming_uniform_(w, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.Linear);
            Assert.Equal(Math.Sqrt(1.0 / 200), Deviation(), 0.003);
            nn.init.xavier_normal_(w);
            Assert.Equal(Math.Sqrt(2.0 / 300), Deviation(), 0.003);
            nn.init.xavier_uniform_(w, 2);
            Assert.Equal(2 * Math.Sqrt(2.0 / 300), Deviation(), 0.003);
            nn.init.trunc_normal_(w, a: -1, b: 1);
            Assert.True(w.abs().max().item<float>() <= 1);
            nn.init.orthogonal_(w, 3);
            Assert.True(w.t().matmul(w).allclose(9 * eye(100), 1e-4, 1e-4));
            nn.init.constant_(w, 4);
            Assert.Equal(4, w.mean().item<float>());
            Assert.Equal((50, 100), nn.init.CalculateFanInAndFanOut(empty(4, 2, 5, 5)));
            Assert.Equal(5.0 / 3, nn.init.calculate_gain(nn.init.NonlinearityType.Tanh));
            nn.init.eye_(w);
            Assert.Equal(100, w.sum().item<float>());
        }

        [Fact]
        public void Parameters_become_a_vector_and_come_back()
        {
            using var scope = NewDisposeScope();
            using var net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1));
            var vector = nn.utils.parameters_to_vector(net.parameters());
            Assert.Equal(13, vector.numel());
            nn.utils.vector_to_parameters(arange(13, dtype: float32), net.parameters());
            Equal([0, 1, 2, 3, 4, 5], net.get_parameter("0.weight")!);
            Equal([12], net.get_parameter("1.bias")!);
        }
    }
}
