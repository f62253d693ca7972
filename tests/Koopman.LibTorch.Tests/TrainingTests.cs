using System;
using System.Diagnostics;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class TrainingTests
    {
        private static float Train(nn.Module<Tensor, Tensor> net, optim.Optimizer optimizer, Tensor x, Tensor y, int steps)
        {
            var last = 0f;
            for (var i = 0; i < steps; i++)
            {
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                var loss = nn.functional.mse_loss(net.call(x), y);
                loss.backward();
                optimizer.step();
                if (i == steps - 1) last = loss.item<float>();
            }

            return last;
        }

        [Fact]
        public void A_network_learns_a_sine_the_same_way_every_time()
        {
            float Once()
            {
                using var scope = NewDisposeScope();
                manual_seed(7);
                using var net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1));
                using var optimizer = optim.Adam(net.parameters(), 0.02);
                var x = linspace(-3, 3, 64).unsqueeze(1);
                return Train(net, optimizer, x, x.sin(), 400);
            }

            var loss = Once();
            Assert.True(loss < 1e-3, $"the loss is {loss}");
            Assert.Equal(loss, Once());
        }

        [Fact]
        public void Ten_thousand_steps_leave_no_tensor_and_no_memory_behind()
        {
            using var outer = NewDisposeScope();
            using var net = nn.Sequential(nn.Linear(2, 4), nn.SiLU(), nn.Linear(4, 1));
            using var optimizer = optim.AdamW(net.parameters(), 1e-3);
            var x = randn(256, 2);
            var y = randn(256, 1);
            Train(net, optimizer, x, y, 500);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            var tensors = Tensor.TotalCount;
            var memory = Resident();
            Train(net, optimizer, x, y, 10_000);
            Assert.Equal(tensors, Tensor.TotalCount);
            // A step makes tensors of about 30 kB: one that leaked each step would be 300 MB.
            Assert.True(Resident() - memory < 40 << 20, $"memory grew by {(Resident() - memory) >> 20} MiB");
        }

        private static long Resident()
        {
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }
}
