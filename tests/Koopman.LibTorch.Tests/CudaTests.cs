using System;
using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using Xunit.Abstractions;
using static Koopman.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    /// <summary>The same training on every device there is; says which there is not.</summary>
    public class CudaTests(ITestOutputHelper output)
    {
        [Fact]
        public void Asking_for_devices_never_fails()
        {
            var devices = cuda.device_count();
            output.WriteLine($"CUDA devices: {devices}; cuDNN: {cuda.is_cudnn_available()}");
            Assert.Equal(devices > 0, cuda.is_available());
            Assert.Equal(devices > 0, cuda_is_available());
            cuda.manual_seed_all(3);
            if (devices > 0) return;
            Assert.Throws<ExternalException>(() => cuda.manual_seed(3));
            Assert.Throws<ExternalException>(() => cuda.synchronize());
            Assert.ThrowsAny<Exception>(() => ones(2, device: CUDA));
            Assert.Throws<ExternalException>(() => new Generator(1, CUDA));
        }

        [Fact]
        public void A_network_trains_to_the_same_numbers_on_every_device()
        {
            var expected = Train(CPU);
            if (!cuda.is_available())
            {
                output.WriteLine("Skipped on CUDA: there is no device.");
                return;
            }

            for (var i = 0; i < cuda.device_count(); i++) Equal(expected, Train(device(i)), 1e-8);
        }

        [Fact]
        public void A_generator_of_the_device_repeats_its_numbers()
        {
            if (!cuda.is_available())
            {
                output.WriteLine("Skipped: there is no CUDA device.");
                return;
            }

            using var scope = NewDisposeScope();
            using var a = new Generator(5, CUDA);
            using var b = new Generator(5, CUDA);
            Assert.Equal(Values(randn(100, device: CUDA, generator: a)), Values(randn(100, device: CUDA, generator: b)));
            backends.cuda.matmul.allow_tf32 = false;
            Assert.False(backends.cuda.matmul.allow_tf32);
            cuda.synchronize();
        }

        private static double[] Train(Device device)
        {
            using var scope = NewDisposeScope();
            manual_seed(5);
            using var net = nn.Sequential(
                nn.Conv2d(1, 4, 3, padding: 1, dtype: float64), nn.GroupNorm(2, 4, dtype: float64), nn.SiLU(), nn.Flatten(),
                nn.Linear(64, 2, dtype: float64)).to(device);
            using var optimizer = optim.Adam(net.parameters(), 1e-2);
            var x = Wave(0.3, 8, 1, 4, 4).to(device);
            var y = Wave(0.8, 8, 2).to(device);
            for (var i = 0; i < 5; i++)
            {
                using var step = NewDisposeScope();
                optimizer.zero_grad();
                nn.functional.mse_loss(net.call(x), y).backward();
                optimizer.step();
            }

            return Values(nn.utils.parameters_to_vector(net.parameters()));
        }
    }
}
