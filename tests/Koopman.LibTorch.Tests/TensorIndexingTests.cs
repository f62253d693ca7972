using System;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class TensorIndexingTests
    {
        private static Tensor Grid() => arange(0.0, 12.0, 1.0, dtype: float64).reshape(3, 4);

        [Fact]
        public void Positions_select_and_count_from_the_end()
        {
            using var scope = NewDisposeScope();
            var x = Grid();
            Numbers.Equal([4, 5, 6, 7], x[1]);
            Numbers.Equal([11], x[-1, -1]);
            Numbers.Equal([8, 9, 10, 11], x[-1]);
            Assert.Throws<ExternalException>(() => x[3]);
        }

        [Fact]
        public void Slices_are_views_with_steps()
        {
            using var scope = NewDisposeScope();
            var x = Grid();
            Numbers.Equal([1, 3, 5, 7, 9, 11], x[TensorIndex.Colon, TensorIndex.Slice(1, null, 2)]);
            Numbers.Equal([4, 5, 6, 7, 8, 9, 10, 11], x[TensorIndex.Slice(1)]);
            Numbers.Equal([4, 5, 6, 7], x[1..2]);
            Numbers.Equal([2, 3, 6, 7, 10, 11], x[TensorIndex.Ellipsis, ^2..]);
            x[TensorIndex.Colon, 0].zero_();
            Numbers.Equal([0, 0, 0], x.select(1, 0));
            Assert.Equal([3, 1, 4], x[TensorIndex.Colon, TensorIndex.None].shape);
        }

        [Fact]
        public void Tensors_of_positions_and_masks_select_copies()
        {
            using var scope = NewDisposeScope();
            var x = Grid();
            Numbers.Equal([8, 9, 10, 11, 0, 1, 2, 3], x[tensor(new[] { 2L, 0L })]);
            Numbers.Equal([1, 11], x[tensor(new[] { 0L, 2L }), tensor(new[] { 1L, 3L })]);
            Numbers.Equal([9, 10, 11], x[x > 8.0]);
            Numbers.Equal([1, 9], x[TensorIndex.Tensor(tensor(new[] { 0L, 2L })), 1]);
            Numbers.Equal([9, 10, 11], x.masked_select(x.gt(8)));
        }

        [Fact]
        public void Assignment_broadcasts()
        {
            using var scope = NewDisposeScope();
            var x = zeros(2, 3, dtype: float64);
            x[0] = tensor(new[] { 1.0, 2.0, 3.0 });
            x[1, 1] = tensor(5.0);
            Numbers.Equal([1, 2, 3, 0, 5, 0], x);
            x[TensorIndex.Colon, TensorIndex.Slice(1, 3)] = tensor(9.0);
            Numbers.Equal([1, 9, 9, 0, 9, 9], x);
            x.index_put_(7.0, TensorIndex.Single(0), TensorIndex.Colon);
            Numbers.Equal([7, 7, 7, 0, 9, 9], x);
            x[x == 9.0] = tensor(-1.0);
            Numbers.Equal([7, 7, 7, 0, -1, -1], x);
        }

        [Fact]
        public void Repeated_positions_add_up_when_accumulating()
        {
            using var scope = NewDisposeScope();
            var x = zeros(3, dtype: float64);
            x.index_put_(ones(4, dtype: float64), [tensor(new[] { 0L, 2L, 2L, 2L })], accumulate: true);
            Numbers.Equal([1, 0, 3], x);
            Assert.Throws<ArgumentException>(() => x.index_put_(ones(1, dtype: float64), [TensorIndex.Slice(0, 1)], accumulate: true));
        }

        [Fact]
        public void Gather_and_scatter_are_inverse_on_a_permutation()
        {
            using var scope = NewDisposeScope();
            var x = Numbers.Wave(0, 4, 3);
            var order = tensor(new[,] { { 2L, 0L, 1L }, { 1L, 2L, 0L }, { 0L, 1L, 2L }, { 2L, 1L, 0L } });
            var there = x.gather(1, order);
            Assert.Equal(x[0, 2].item<double>(), there[0, 0].item<double>());
            Numbers.Equal(Numbers.Values(x), zeros_like(x).scatter(1, order, there));
            Numbers.Equal([3, 0, 3], zeros(3, dtype: float64).scatter_add(0, tensor(new[] { 0L, 2L, 0L }), tensor(new[] { 1.0, 3.0, 2.0 })));
        }

        [Fact]
        public void Rows_are_selected_added_and_filled_by_number()
        {
            using var scope = NewDisposeScope();
            var x = Grid();
            var rows = tensor(new[] { 2L, 0L });
            Numbers.Equal([8, 9, 10, 11, 0, 1, 2, 3], x.index_select(0, rows));
            Numbers.Equal([2, 2, 0, 0, 2, 2], zeros(3, 2, dtype: float64).index_add(0, rows, ones(2, 2, dtype: float64), 2.0));
            Numbers.Equal([-1, -1, 4, -1], tensor(new[] { 1.0, 2, 4, 5 }).index_fill(0, tensor(new[] { 0L, 1L, 3L }), -1.0));
        }

        [Fact]
        public void Where_and_masks_choose_elements()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { -1.0, 0.0, 2.0 });
            Numbers.Equal([0, 0, 2], torch.where(x > 0.0, x, zeros_like(x)));
            Numbers.Equal([9, 0, 2], x.masked_fill(x < 0.0, 9.0));
            Assert.Equal([0L, 2L], torch.where(x != 0.0)[0].data<long>().ToArray());
            Assert.Equal([2, 1], x.nonzero().shape);
        }

        [Fact]
        public void Accessors_read_views_in_their_order_and_write_through()
        {
            using var scope = NewDisposeScope();
            var x = Grid();
            var transposed = x.t();
            Assert.Equal([0.0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11], transposed.data<double>().ToArray());
            Assert.Equal(9.0, transposed.data<double>()[1, 2]);
            Assert.Equal(5.0, transposed.data<double>()[4]);
            transposed.data<double>()[1, 2] = -9;
            Assert.Equal(-9.0, x[2, 1].item<double>());
            var part = x[TensorIndex.Slice(1), TensorIndex.Slice(2)];
            Assert.Equal([6.0, 7, 10, 11], part.data<double>());
            part.data<double>().CopyFrom([1.0, 2, 3, 4]);
            Numbers.Equal([1, 2, 3, 4], part);
            var matrix = (double[,])part.data<double>().ToNDArray();
            Assert.Equal(3.0, matrix[1, 0]);
        }

        [Fact]
        public void Accessors_refuse_what_they_cannot_read()
        {
            using var scope = NewDisposeScope();
            var x = Grid();
            Assert.Throws<ArgumentException>(() => x.data<float>());
            Assert.Throws<IndexOutOfRangeException>(() => x.data<double>()[12]);
            Assert.Throws<IndexOutOfRangeException>(() => x.data<double>()[0, 4]);
            Assert.Throws<IndexOutOfRangeException>(() => x.data<double>()[-1]);
            Assert.Throws<InvalidOperationException>(() => tensor(Complex.ImaginaryOne).conj().data<Complex>());
            var elements = x.data<double>();
            x.Dispose();
            Assert.Throws<ObjectDisposedException>(() => elements[0]);
            Assert.Throws<ObjectDisposedException>(() => elements.ToArray());
        }

        [Fact]
        public void Copies_to_spans_begin_where_asked()
        {
            using var scope = NewDisposeScope();
            var x = arange(0.0, 5.0, 1.0, dtype: float64);
            var target = new double[4];
            x.data<double>().CopyTo(target, 1, 2);
            Assert.Equal([0.0, 2, 3, 4], target);
            x.data<double>().CopyTo(target.AsSpan(), 0, 3);
            Assert.Equal([3.0, 4, 3, 4], target);
            Assert.Equal(5, x.data<double>().Count);
            Assert.Equal(10.0, x.data<double>().Sum());
        }
    }
}
