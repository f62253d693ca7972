using System;
using System.Linq;
using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class TensorReductionTests
    {
        private static Tensor Table() => tensor(new[,] { { 3.0, 1.0, 2.0 }, { 6.0, 5.0, 10.0 } });

        [Fact]
        public void Sums_and_means_over_all_or_some_dimensions()
        {
            using var scope = NewDisposeScope();
            var x = Table();
            Assert.Equal(27.0, x.sum().item<double>());
            // A literal 0 would be a ScalarType: C# converts it to any enumeration.
            Numbers.Equal([9, 6, 12], x.sum(0L));
            Numbers.Equal([6, 21], x.sum(1));
            Assert.Equal([2, 1], x.sum(-1, keepdim: true).shape);
            Assert.Equal(27.0, x.sum(0, 1).item<double>());
            Assert.Equal(4.5, x.mean().item<double>());
            Numbers.Equal([2, 7], x.mean([1]));
            Assert.Equal(ScalarType.Float32, x.sum(float32).dtype);
            Assert.Throws<ExternalException>(() => tensor(new[] { 1L }).mean());
            Assert.Throws<ExternalException>(() => x.sum(2));
        }

        [Fact]
        public void Products_and_running_sums()
        {
            using var scope = NewDisposeScope();
            var x = Table();
            Numbers.Equal([6, 300], x.prod(1));
            Assert.Equal(1800.0, x.prod().item<double>());
            Numbers.Equal([3, 4, 6, 6, 11, 21], x.cumsum(1));
            Numbers.Equal([3, 3, 6, 6, 30, 300], x.cumprod(1));
            Numbers.Equal([3, 3, 3, 6, 6, 10], x.cummax(1).values);
            Numbers.Equal([-2, 1, -1, 5], x.diff(dim: 1));
            Assert.Equal(Math.Log(Enumerable.Range(1, 3).Sum(i => Math.Exp(i))), x.logsumexp(1)[0].item<double>(), 12);
        }

        [Fact]
        public void Variances_divide_by_one_less_unless_told()
        {
            using var scope = NewDisposeScope();
            var x = Table();
            Numbers.Equal([1, 7], x.var(1));
            Numbers.Equal([2.0 / 3, 14.0 / 3], x.var(1, unbiased: false));
            Assert.Equal(Math.Sqrt(7), x.std(1)[1].item<double>(), 12);
            var (variance, mean) = x.var_mean(1);
            Numbers.Equal([1, 7], variance);
            Numbers.Equal([2, 7], mean);
            var (deviation, _) = x.std_mean();
            Assert.Equal(x.std().item<double>(), deviation.item<double>());
            Numbers.Equal([4.5, 8, 32], x.var([0]));
        }

        [Fact]
        public void Extremes_and_where_they_are()
        {
            using var scope = NewDisposeScope();
            var x = Table();
            Assert.Equal(10.0, x.max().item<double>());
            var (values, indexes) = x.max(1);
            Numbers.Equal([3, 10], values);
            Assert.Equal([0L, 2L], indexes.data<long>().ToArray());
            Numbers.Equal([1, 5], x.min(1).values);
            Assert.Equal(5, x.argmax().item<long>());
            Assert.Equal([1L, 1L], x.argmin(1).data<long>().ToArray());
            Numbers.Equal([6, 5, 10], x.amax(0));
            Assert.Equal(1.0, x.amin(0, 1).item<double>());
            Numbers.Equal([4, 4, 4, 6, 5, 10], x.maximum(tensor(4.0)));
            var (low, high) = x.aminmax();
            Assert.Equal((1.0, 10.0), (low.item<double>(), high.item<double>()));
        }

        [Fact]
        public void Order_statistics()
        {
            using var scope = NewDisposeScope();
            var x = Table();
            Numbers.Equal([1, 2, 3, 5, 6, 10], x.sort().Values);
            Assert.Equal([2L, 0L, 1L], x.argsort(1, descending: true)[1].data<long>().ToArray());
            var (top, where) = x.topk(2);
            Numbers.Equal([3, 2, 10, 6], top);
            Assert.Equal([0L, 2L, 2L, 0L], where.data<long>().ToArray());
            Assert.Equal(3.0, x.median().item<double>());
            Numbers.Equal([2, 4], tensor(new[] { 1.0, 2, 3, 4, 5 }).quantile(tensor(new[] { 0.25, 0.75 })));
            Numbers.Equal([2, 6], x.kthvalue(2, 1).values);
        }

        [Fact]
        public void Counts_and_bins()
        {
            using var scope = NewDisposeScope();
            var n = tensor(new[] { 3L, 1L, 3L, 0L });
            Assert.Equal([1L, 1L, 0L, 2L], torch.bincount(n).data<long>().ToArray());
            Numbers.Equal([0.5, 1, 0, 4], torch.bincount(n, tensor(new[] { 1.0, 1.0, 3.0, 0.5 })));
            var (output, inverse, counts) = n.unique(return_inverse: true, return_counts: true);
            Assert.Equal([0L, 1L, 3L], output.data<long>().ToArray());
            Assert.Equal([2L, 1L, 2L, 0L], inverse!.data<long>().ToArray());
            Assert.Equal([1L, 1L, 2L], counts!.data<long>().ToArray());
            Assert.Null(n.unique().inverse_indices);
            Numbers.Equal([1, 1, 2], tensor(new[] { 0.0, 1.2, 2.5, 3.0 }).histc(3, 0, 3));
            Assert.Equal([0L, 1L, 2L], torch.searchsorted(tensor(new[] { 1.0, 2.0 }), tensor(new[] { 0.5, 1.5, 9.0 })).data<long>().ToArray());
            Assert.Equal([1L, 2L], tensor(new[] { 1.5, 2.0 }).bucketize(tensor(new[] { 1.0, 2.0 }), right: true).data<long>().ToArray());
            Assert.Equal(3, n.count_nonzero().item<long>());
        }

        [Fact]
        public void All_and_any()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[,] { { true, false }, { true, true } });
            Assert.False(x.all().ToBoolean());
            Assert.True(x.any().ToBoolean());
            Assert.Equal([false, true], x.all(1).data<bool>().ToArray());
        }

        [Fact]
        public void Norms_and_distances()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[,] { { 3.0, 4.0 }, { 6.0, 8.0 } });
            Assert.Equal(Math.Sqrt(125), x.norm().item<double>(), 12);
            Numbers.Equal([5, 10], x.norm(1));
            Numbers.Equal([7, 14], x.norm(1, false, 1f));
            Numbers.Equal([0, 5, 5, 0], cdist(x, x));
            Numbers.Equal([0, 7, 7, 0], cdist(x, x, 1));
            Assert.Throws<ArgumentException>(() => cdist(x, x, -1));
            Assert.Equal(5.0, x[0].dist(x[1]).item<double>());
        }

        [Fact]
        public void Softmax_sums_to_one_and_does_not_overflow()
        {
            using var scope = NewDisposeScope();
            var p = tensor(new[] { 1000.0, 1001.0 }).softmax(0);
            Numbers.Equal([1 / (1 + Math.E), Math.E / (1 + Math.E)], p, 1e-13);
            Numbers.Equal([Math.Log(0.25), Math.Log(0.75)], tensor(new[] { 0.0, Math.Log(3) }).log_softmax(0), 1e-13);
        }

        [Fact]
        public void Integrals_by_the_trapezium_rule()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 0.0, 1.0, 4.0 });
            Assert.Equal(2.5 * 3 + 0.5, x.trapezoid(x).item<double>());
            Numbers.Equal([0.5, 3], x.cumulative_trapezoid());
        }
    }
}
