using System.Runtime.InteropServices;
using System.Threading;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class ModeTests
    {
        [Fact]
        public void No_graph_is_recorded_within_no_grad_and_again_after_it()
        {
            using var scope = NewDisposeScope();
            var x = ones(2, requires_grad: true);
            using (no_grad())
            {
                Assert.False(is_grad_enabled());
                Assert.False((x * 2).requires_grad);
                using (enable_grad()) Assert.True((x * 2).requires_grad);
                Assert.False(is_grad_enabled());
            }

            Assert.True(is_grad_enabled());
            Assert.True((x * 2).requires_grad);
        }

        [Fact]
        public void The_mode_can_be_chosen_by_a_value()
        {
            using (set_grad_enabled(false)) Assert.False(is_grad_enabled());
            using (enable_grad(false)) Assert.False(is_grad_enabled());
            Assert.True(is_grad_enabled());
        }

        [Fact]
        public void The_mode_belongs_to_its_thread()
        {
            using var off = no_grad();
            var other = false;
            var thread = new Thread(() => other = is_grad_enabled());
            thread.Start();
            thread.Join();
            Assert.True(other);
        }

        [Fact]
        public void Tensors_of_inference_mode_stay_out_of_graphs()
        {
            using var scope = NewDisposeScope();
            var x = ones(2, requires_grad: true);
            Tensor y;
            using (inference_mode())
            {
                Assert.True(is_inference_mode_enabled());
                y = x * 2;
            }

            Assert.False(is_inference_mode_enabled());
            Assert.False(y.requires_grad);
            Assert.Throws<ExternalException>(() => y.requires_grad = true);
        }

        [Fact]
        public void Anomaly_mode_makes_NaN_in_a_gradient_a_failure()
        {
            using var scope = NewDisposeScope();
            var x = zeros(1, requires_grad: true);
            using (autograd.detect_anomaly())
            {
                Assert.True(AnomalyMode.IsEnabled);
                Assert.True(AnomalyMode.ShouldCheckNaN);
                Assert.Throws<ExternalException>(() => (x.sqrt() * 0).sum().backward());
            }

            Assert.False(AnomalyMode.IsEnabled);
            (x.sqrt() * 0).sum().backward();
            Assert.True(double.IsNaN(x.grad!.item<float>()));
        }
    }
}
