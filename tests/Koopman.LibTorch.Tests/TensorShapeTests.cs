using System.Linq;
using System.Runtime.InteropServices;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class TensorShapeTests
    {
        private static Tensor Count(params long[] shape) => arange(shape.Aggregate(1L, (a, b) => a * b)).reshape(shape);

        private static long[] Longs(Tensor x) => x.contiguous().data<long>().ToArray();

        [Fact]
        public void Views_share_memory_and_copies_do_not()
        {
            using var scope = NewDisposeScope();
            var x = Count(2, 3);
            x.view(3, 2)[0, 0] = tensor(9L);
            Assert.Equal(9, x[0, 0].item<long>());
            x.clone()[0, 0] = tensor(1L);
            Assert.Equal(9, x[0, 0].item<long>());
            Assert.False(x.t().is_contiguous());
            Assert.Throws<ExternalException>(() => x.t().view(6));
            Assert.Equal([9, 3, 1, 4, 2, 5], Longs(x.t().reshape(-1)));
            Assert.Equal([3, 1], x.stride());
        }

        [Fact]
        public void Dimensions_come_and_go()
        {
            using var scope = NewDisposeScope();
            var x = Count(2, 1, 3);
            Assert.Equal([2, 3], x.squeeze().shape);
            Assert.Equal([2, 3], x.squeeze(1).shape);
            Assert.Equal([2, 1, 3], x.squeeze(0).shape);
            Assert.Equal([2, 1, 3, 1], x.unsqueeze(-1).shape);
            Assert.Equal([6], x.flatten().shape);
            Assert.Equal([2, 3], x.flatten(1).shape);
            Assert.Equal([2, 1, 3, 1], x.unflatten(2, 3, 1).shape);
        }

        [Fact]
        public void Axes_are_exchanged()
        {
            using var scope = NewDisposeScope();
            var x = Count(2, 3, 4);
            Assert.Equal([4, 2, 3], x.permute(2, 0, 1).shape);
            Assert.Equal([2, 4, 3], x.mT.shape);
            Assert.Equal([3, 2, 4], x.transpose(0, 1).shape);
            Assert.Equal([3, 4, 2], x.movedim([0], [2]).shape);
            Assert.Equal(x[1, 2, 3].item<long>(), x.permute(2, 0, 1)[3, 1, 2].item<long>());
            Assert.Equal([0, 3, 1, 4, 2, 5], Longs(Count(2, 3).T));
        }

        [Fact]
        public void Repetition_copies_or_broadcasts()
        {
            using var scope = NewDisposeScope();
            var x = Count(1, 2);
            Assert.Equal([0, 1, 0, 1], Longs(x.expand(2, -1)));
            Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1], Longs(x.repeat(2, 2)));
            Assert.Equal([0, 0, 1, 1], Longs(x.repeat_interleave(2)));
            Assert.Equal([0, 1, 1], Longs(Count(2).repeat_interleave(tensor(new[] { 1L, 2L }))));
            Assert.Equal([0, 1, 0, 1], Longs(x.tile([2])));
            Assert.Equal([3, 2], x.broadcast_to(3, 2).shape);
        }

        [Fact]
        public void Elements_roll_and_flip()
        {
            using var scope = NewDisposeScope();
            Assert.Equal([2, 0, 1], Longs(Count(3).roll(1)));
            Assert.Equal([2, 0, 1, 5, 3, 4], Longs(Count(2, 3).roll(1, 1)));
            Assert.Equal([5, 4, 3, 2, 1, 0], Longs(Count(2, 3).flip(0, 1)));
            Assert.Equal([2, 5, 1, 4, 0, 3], Longs(Count(2, 3).rot90()));
        }

        [Fact]
        public void Tensors_join()
        {
            using var scope = NewDisposeScope();
            var x = Count(2, 2);
            Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3], Longs(cat([x, x])));
            Assert.Equal([0, 1, 0, 1, 2, 3, 2, 3], Longs(cat([x, x], 1)));
            Assert.Equal([2, 2, 2], stack([x, x], 1).shape);
            Assert.Equal([2, 4], hstack(x, x).shape);
            Assert.Equal([4, 2], vstack([x, x]).shape);
            Assert.Equal([4, 4], block_diag(x, x).shape);
            Assert.Equal([0, 1, 1, 1], Longs(column_stack(Count(2), ones(2, dtype: int64))));
            Assert.Throws<ExternalException>(() => cat([x, Count(3)]));
        }

        [Fact]
        public void Tensors_split_into_views()
        {
            using var scope = NewDisposeScope();
            var x = Count(5);
            Assert.Equal([2L, 2, 1], x.split(2).Select(p => p.numel()));
            Assert.Equal([1L, 4], x.split([1, 4]).Select(p => p.numel()));
            Assert.Equal([3L, 2], x.chunk(2).Select(p => p.numel()));
            Assert.Equal([2L, 2, 1], x.tensor_split(3).Select(p => p.numel()));
            Assert.Equal([1L, 2, 2], x.tensor_split([1, 3]).Select(p => p.numel()));
            Assert.Equal([0L, 1, 2, 3, 4], x.unbind().Select(p => p.item<long>()));
            Assert.Equal([2L, 3], x.tensor_split(tensor(new[] { 2L })).Select(p => p.numel()));
        }

        [Fact]
        public void Triangles_and_diagonals()
        {
            using var scope = NewDisposeScope();
            var x = Count(3, 3);
            Assert.Equal([0, 0, 0, 3, 4, 0, 6, 7, 8], Longs(x.tril()));
            Assert.Equal([0, 1, 2, 0, 0, 5, 0, 0, 0], Longs(x.triu(1).add(0).mul(1)).Select((v, i) => i == 0 ? 0 : v));
            Assert.Equal([0, 4, 8], Longs(x.diag()));
            Assert.Equal([1, 5], Longs(x.diagonal(1)));
            Assert.Equal([0, 0, 0, 1], Longs(Count(2).diag()));
            Assert.Equal([2, 2, 2], Count(2, 2).diag_embed().shape);
            Assert.Equal([0, 1, 1, 0, 0, 1], Longs(tril_indices(2, 2)));
        }

        [Fact]
        public void Grids_and_products_of_coordinates()
        {
            using var scope = NewDisposeScope();
            var grids = meshgrid([Count(2), Count(3)]);
            Assert.Equal([0, 0, 0, 1, 1, 1], Longs(grids[0]));
            Assert.Equal([0, 1, 2, 0, 1, 2], Longs(grids[1]));
            Assert.Equal([3, 2], meshgrid([Count(2), Count(3)], "xy")[0].shape);
            Assert.Equal([6, 2], cartesian_prod(Count(2), Count(3)).shape);
            Assert.Equal([3, 2], combinations(Count(3)).shape);
        }

        [Fact]
        public void A_shape_is_a_list_of_lengths()
        {
            Size size = (2L, 3L);
            Assert.Equal(6, size.numel());
            Assert.True(size == new Size([2L, 3L]));
            Assert.Equal([3L, 1L], broadcast_shapes([3, 1], [1]).Shape);
            Assert.Equal(2, size.Length);
        }
    }
}
