using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class TensorErrorTests
    {
        [Fact]
        public void A_native_failure_is_libtorchs_first_line()
        {
            using var scope = NewDisposeScope();
            var error = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));
            Assert.Contains("2x3", error.Message);
            Assert.DoesNotContain("\n", error.Message);
            Assert.DoesNotContain("Exception raised from", error.Message);
        }

        [Fact]
        public void A_failure_leaves_the_tensors_usable()
        {
            using var scope = NewDisposeScope();
            var x = ones(2, 3, dtype: float64);
            Assert.Throws<ExternalException>(() => x.add_(ones(5)));
            Assert.Throws<ExternalException>(() => x.reshape(4));
            Numbers.Equal([1, 1, 1, 1, 1, 1], x);
        }

        [Fact]
        public void Every_kind_of_use_after_dispose_says_so()
        {
            var x = ones(2, 2);
            var y = ones(2, 2);
            x.Dispose();
            x.Dispose();
            Action[] uses =
            [
                () => x.add(1), () => y.add(x), () => x.add_(y), () => x.shape.ToString(), () => x.dtype.ToString(), () => x.device.ToString(),
                () => x.sum(), () => cat([y, x]), () => x[0].ToString(), () => y[x].ToString(), () => x.item<float>(), () => x.data<float>(),
                () => linalg.eigh(x), () => x.to(float64), () => x.split(1), () => einsum("ij,jk->ik", y, x), () => x.numel(), () => x.is_contiguous(),
                () => x.clone(), () => where(x, y, y), () => x.max(1), () => linalg.lstsq(y, x), () => x.ToScalar(), () => x.copy_(y),
            ];
            foreach (var use in uses) Assert.Throws<ObjectDisposedException>(use);
            Assert.Equal("[disposed]", x.ToString());
            y.Dispose();
        }

        [Fact]
        public void An_absent_tensor_is_named()
        {
            using var x = ones(2, 2);
            Assert.Equal("target", Assert.Throws<ArgumentNullException>(() => x.matmul(null!)).ParamName);
            Assert.Equal("input", Assert.Throws<ArgumentNullException>(() => torch.matmul(null!, x)).ParamName);
            Assert.Equal("right", Assert.Throws<ArgumentNullException>(() => 1 + (Tensor)null!).ParamName);
            Assert.Equal("left", Assert.Throws<ArgumentNullException>(() => (Tensor)null! + x).ParamName);
            Assert.Equal("tensors[1]", Assert.Throws<ArgumentNullException>(() => cat([x, null!])).ParamName);
            Assert.Equal("tensors", Assert.Throws<ArgumentNullException>(() => stack(null!)).ParamName);
            Assert.Equal("input", Assert.Throws<ArgumentNullException>(() => linalg.eigh(null!)).ParamName);
            Assert.Equal("alpha", Assert.Throws<ArgumentNullException>(() => x.add(x, (Scalar)null!)).ParamName);
            Assert.Equal("shape", Assert.Throws<ArgumentNullException>(() => x.reshape(null!)).ParamName);
        }

        [Fact]
        public void Item_wants_one_element_of_the_right_type()
        {
            using var scope = NewDisposeScope();
            Assert.Throws<ArgumentException>(() => ones(2).item<float>());
            Assert.Throws<ArgumentException>(() => ones(1).item<double>());
            Assert.Throws<ExternalException>(() => ones(2).ToDouble());
            Assert.Equal(1.0, ones(1).ToDouble());
            Assert.Equal(3, (int)tensor(3L));
        }

        [Fact]
        public void A_list_that_fails_half_way_lets_go_of_its_tensors()
        {
            var x = ones(2);
            var y = ones(2);
            y.Dispose();
            var before = Tensor.TotalCount;
            Assert.Throws<ObjectDisposedException>(() => cat([x, y]));
            x.Dispose();
            Assert.Equal(before - 1, Tensor.TotalCount);
        }

        [Fact]
        public void A_device_that_is_not_there_is_refused()
        {
            using var x = ones(2);
            Assert.Throws<ArgumentException>(() => new Device("toaster"));
            Assert.Throws<ArgumentException>(() => x.cuda(CPU));
            Assert.Equal("cuda:1", new Device("cuda:1").ToString());
            Assert.Equal("cpu", x.device.ToString());
            if (!cuda_is_available()) Assert.Throws<ExternalException>(() => x.cuda());
        }

        [Fact]
        public void Nothing_leaks_without_scopes()
        {
            var x = ones(10, dtype: float64);
            using (x.exp().log()) { }
            GC.Collect();
            GC.WaitForPendingFinalizers();
            var before = Tensor.TotalCount;
            for (var i = 0; i < 100; i++)
            {
                using var y = x + i;
                using var z = i / y;
                var (values, places) = z.sort();
                values.Dispose();
                places.Dispose();
                foreach (var piece in z.split(3)) piece.Dispose();
            }

            Assert.Equal(before, Tensor.TotalCount);
            x.Dispose();
        }

        [Fact]
        public async Task Threads_may_share_a_tensor_that_one_of_them_disposes()
        {
            for (var round = 0; round < 50; round++)
            {
                var x = ones(100, dtype: float64);
                var sums = Enumerable.Range(0, 4).Select(i => Task.Run(() =>
                {
                    try
                    {
                        for (var k = 0; k < 100; k++)
                        {
                            if (i == 0 && k == 50) x.Dispose();
                            using var s = x.sum();
                            Assert.Equal(100.0, s.item<double>());
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                })).ToArray();
                await Task.WhenAll(sums);
                Assert.True(x.IsInvalid);
            }
        }
    }
}
