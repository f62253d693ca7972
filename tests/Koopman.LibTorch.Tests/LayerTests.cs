using System;
using System.Linq;
using TorchSharp;
using Xunit;
using static Koopman.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    /// <summary>Layers against loops over their definitions.</summary>
    public class LayerTests
    {
        private static double[] Convolve(double[] x, double[] w, double[] b, int channels, int size, int filters, int kernel, int stride, int padding, int dilation)
        {
            var span = dilation * (kernel - 1) + 1;
            var outSize = (size + 2 * padding - span) / stride + 1;
            var y = new double[filters * outSize * outSize];
            for (var f = 0; f < filters; f++)
                for (var i = 0; i < outSize; i++)
                    for (var j = 0; j < outSize; j++)
                    {
                        var sum = b[f];
                        for (var c = 0; c < channels; c++)
                            for (var u = 0; u < kernel; u++)
                                for (var v = 0; v < kernel; v++)
                                {
                                    var (row, column) = (i * stride - padding + u * dilation, j * stride - padding + v * dilation);
                                    if (row < 0 || column < 0 || row >= size || column >= size) continue;
                                    sum += x[(c * size + row) * size + column] * w[((f * channels + c) * kernel + u) * kernel + v];
                                }

                        y[(f * outSize + i) * outSize + j] = sum;
                    }

            return y;
        }

        [Theory]
        [InlineData(1, 0, 1)]
        [InlineData(2, 1, 1)]
        [InlineData(1, 2, 2)]
        [InlineData(3, 1, 2)]
        public void A_convolution_is_a_sum_over_windows(int stride, int padding, int dilation)
        {
            using var scope = NewDisposeScope();
            var (x, w, b) = (Wave(0.1, 1, 2, 7, 7), Wave(0.9, 3, 2, 3, 3), Wave(2, 3));
            var y = nn.functional.conv2d(x, w, b, [stride, stride], [padding, padding], [dilation, dilation]);
            Equal(Convolve(Values(x), Values(w), Values(b), 2, 7, 3, 3, stride, padding, dilation), y);
            GradientFits(t => (nn.functional.conv2d(x, t, b, [stride], [padding], [dilation]).pow(2)).sum(), w, 1e-6);
        }

        [Theory]
        [InlineData(1, 0, 0)]
        [InlineData(2, 1, 1)]
        [InlineData(3, 2, 1)]
        public void A_transposed_convolution_is_the_transpose(int stride, int padding, int extra)
        {
            using var scope = NewDisposeScope();
            var (y, w) = (Wave(0.3, 1, 3, 4, 4), Wave(0.9, 3, 2, 3, 3));
            var x = nn.functional.conv_transpose2d(y, w, null, [stride, stride], [padding, padding], [extra, extra]);
            var z = Wave(0.6, x.shape);
            // <A z, y> = <z, Aᵀ y>: the same weights read as (out, in, …) belong to the convolution A.
            var left = (nn.functional.conv2d(z, w, null, [stride, stride], [padding, padding]) * y).sum().item<double>();
            Assert.Equal(left, (z * x).sum().item<double>(), 10);
            Assert.Equal((4 - 1) * stride - 2 * padding + 3 + extra, x.shape[2]);
        }

        [Fact]
        public void Convolution_modules_pad_as_their_mode_says()
        {
            using var scope = NewDisposeScope();
            var x = Wave(0.3, 2, 1, 6, 6);
            foreach (var mode in new[] { PaddingModes.Zeros, PaddingModes.Reflect, PaddingModes.Replicate, PaddingModes.Circular })
            {
                using var layer = nn.Conv2d(1, 2, 3, padding: 1, padding_mode: mode, dtype: float64);
                var padded = nn.functional.pad(x, (1, 1, 1, 1), mode);
                Equal(Values(nn.functional.conv2d(padded, layer.weight, layer.bias)), layer.call(x));
            }

            using var same = nn.Conv2d(1, 2, 5, Padding.Same, dtype: float64);
            Assert.Equal([2, 2, 6, 6], same.call(x).shape);
            Assert.Throws<ArgumentException>(() => nn.Conv2d(1, 2, 3, Padding.Same, stride: 2));
            Assert.Throws<ArgumentException>(() => same.call(Wave(0, 2, 3, 6, 6)));
        }

        [Fact]
        public void A_transposed_convolution_reaches_the_size_asked_for()
        {
            using var scope = NewDisposeScope();
            using var layer = nn.ConvTranspose2d(1, 2, 3, stride: 2, padding: 1, dtype: float64);
            var x = Wave(0.3, 1, 1, 4, 4);
            Assert.Equal([1, 2, 7, 7], layer.call(x).shape);
            Assert.Equal([1, 2, 8, 8], layer.forward(x, [8, 8]).shape);
            Assert.Throws<ArgumentException>(() => layer.forward(x, [9, 9]));
        }

        [Fact]
        public void Convolutions_of_signals_are_those_of_thin_images()
        {
            using var scope = NewDisposeScope();
            var (x, w) = (Wave(0.3, 2, 3, 9), Wave(0.9, 4, 3, 3));
            var thin = nn.functional.conv2d(x.unsqueeze(2), w.unsqueeze(2), strides: [1, 2], padding: [0, 1]).squeeze(2);
            Equal(Values(thin), nn.functional.conv1d(x, w, stride: 2, padding: 1));
            using var layer = nn.ConvTranspose1d(3, 4, 3, dtype: float64);
            Assert.Equal([2, 4, 11], layer.call(x).shape);
        }

        [Fact]
        public void Group_norm_gives_each_group_mean_0_and_variance_1()
        {
            using var scope = NewDisposeScope();
            var x = Wave(0.3, 2, 4, 3, 3);
            var (w, b) = (Wave(1, 4), Wave(2, 4));
            var (values, weights, biases) = (Values(x), Values(w), Values(b));
            var expected = new double[values.Length];
            for (var group = 0; group < 4; group++)
            {
                var part = values[(group * 18)..((group + 1) * 18)];
                var mean = part.Average();
                var variance = part.Average(v => (v - mean) * (v - mean));
                for (var i = 0; i < 18; i++)
                {
                    var channel = group % 2 * 2 + i / 9;
                    expected[group * 18 + i] = (part[i] - mean) / Math.Sqrt(variance + 1e-5) * weights[channel] + biases[channel];
                }
            }

            Equal(expected, nn.functional.group_norm(x, 2, w, b), 1e-10);
            GradientFits(t => (nn.functional.group_norm(t, 2, w, b) * Wave(4, 2, 4, 3, 3)).sum(), x, 1e-6);
            using var layer = nn.GroupNorm(2, 4, dtype: float64);
            Equal(Values(nn.functional.group_norm(x, 2)), layer.call(x));
        }

        [Fact]
        public void Batch_norm_uses_the_batch_in_training_and_what_it_saw_in_evaluation()
        {
            using var scope = NewDisposeScope();
            using var layer = nn.BatchNorm1d(2, dtype: float64);
            var x = tensor(new[] { 1.0, 10, 3, 30 }).reshape(2, 2);
            Equal([-1, -1, 1, 1], layer.call(x), 1e-5);
            Equal([0.2, 2], layer.running_mean!);
            Equal([0.9 + 0.1 * 2, 0.9 + 0.1 * 200], layer.running_var!);
            Assert.Equal(1, layer.num_batches_tracked!.item<long>());
            layer.eval();
            Equal([(1 - 0.2) / Math.Sqrt(1.1 + 1e-5), (10 - 2) / Math.Sqrt(20.9 + 1e-5)], layer.call(x)[0]);
            Assert.Throws<ArgumentException>(() => layer.call(ones(2)));
        }

        [Fact]
        public void Nearest_and_bilinear_interpolation_follow_their_formulas()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 0.0, 1, 2, 3 }).reshape(1, 1, 2, 2);
            Equal([0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3], nn.functional.interpolate(x, scale_factor: [2, 2]));
            // Edges meet edges: new cell i has its centre at (i + 1/2) / 2 − 1/2 of the old cells, cut to [0, 1].
            var place = new[] { 0, 0.25, 0.75, 1 };
            var bilinear = place.SelectMany(row => place.Select(column => 2 * row + column)).ToArray();
            Equal(bilinear, nn.functional.interpolate(x, [4, 4], mode: InterpolationMode.Bilinear));
            var corners = new[] { 0, 1.0 / 3, 2.0 / 3, 1 }.SelectMany(row => new[] { 0, 1.0 / 3, 2.0 / 3, 1 }.Select(c => 2 * row + c)).ToArray();
            Equal(corners, nn.functional.interpolate(x, [4, 4], mode: InterpolationMode.Bilinear, align_corners: true));
            Equal([1.5], nn.functional.interpolate(x, [1, 1], mode: InterpolationMode.Area));
            using var layer = nn.Upsample(scale_factor: [2, 2]);
            Assert.Equal([1, 1, 4, 4], layer.call(x).shape);
        }

        [Fact]
        public void Pooling_takes_maxima_and_means_of_windows()
        {
            using var scope = NewDisposeScope();
            var x = arange(16, dtype: float64).reshape(1, 1, 4, 4);
            Equal([5, 7, 13, 15], nn.functional.max_pool2d(x, 2));
            Equal([2.5, 4.5, 10.5, 12.5], nn.functional.avg_pool2d(x, 2));
            Equal([7.5], nn.functional.adaptive_avg_pool2d(x, 1));
            using var max = nn.MaxPool2d(3, stride: 1);
            Equal([10, 11, 14, 15], max.call(x));
            using var mean = nn.AvgPool2d((2, 2), stride: (2, 2), padding: (1, 1), count_include_pad: false);
            Equal([0, 1.5, 3, 6, 7.5, 9, 12, 13.5, 15], mean.call(x));
        }

        [Fact]
        public void Unfolded_blocks_times_weights_are_a_convolution()
        {
            using var scope = NewDisposeScope();
            var (x, w) = (Wave(0.3, 2, 2, 5, 5), Wave(0.9, 3, 2, 3, 3));
            var columns = nn.functional.unfold(x, 3, padding: 1);
            Equal(Values(nn.functional.conv2d(x, w, padding: [1, 1])), w.reshape(3, -1).matmul(columns));
            // Every inner pixel lies in nine blocks.
            var back = nn.functional.fold(columns, 5, 3, padding: 1);
            Assert.Equal(9 * x[0, 0, 2, 2].item<double>(), back[0, 0, 2, 2].item<double>(), 12);
        }

        [Fact]
        public void An_embedding_looks_up_rows_and_leaves_the_padding_row_alone()
        {
            using var scope = NewDisposeScope();
            using var layer = nn.Embedding(5, 3, padding_idx: 1, dtype: float64);
            Equal([0, 0, 0], layer.weight![1]);
            var found = layer.call(tensor(new long[] { 4, 1, 4 }));
            Equal(Values(layer.weight[4]), found[2]);
            found.sum().backward();
            Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2], layer.weight.grad!);
            using var frozen = nn.Embedding_from_pretrained(eye(3));
            Assert.False(frozen.weight!.requires_grad);
            Assert.Throws<ArgumentOutOfRangeException>(() => nn.Embedding(5, 3, padding_idx: 5));
        }

        [Fact]
        public void Dropout_keeps_the_mean_and_does_nothing_in_evaluation()
        {
            using var scope = NewDisposeScope();
            manual_seed(3);
            using var layer = nn.Dropout(0.25);
            var x = ones(100_000);
            var y = layer.call(x);
            Assert.Equal(1, y.mean().item<float>(), 0.02f);
            Assert.Equal(0.25f, y.eq(0).to(float32).mean().item<float>(), 0.01f);
            layer.eval();
            Assert.Equal(100_000, layer.call(x).sum().item<float>());
        }

        [Fact]
        public void Attention_is_a_weighted_mean_of_values_and_causal_if_asked()
        {
            using var scope = NewDisposeScope();
            var (q, k, v) = (Wave(0.1, 2, 4, 3), Wave(0.2, 2, 4, 3), Wave(0.3, 2, 4, 5));
            var weights = (q.matmul(k.transpose(-2, -1)) / Math.Sqrt(3)).softmax(-1);
            Equal(Values(weights.matmul(v)), nn.functional.scaled_dot_product_attention(q, k, v));
            var causal = nn.functional.scaled_dot_product_attention(q, k, v, is_casual: true);
            Equal(Values(v[0, 0]), causal[0, 0]);
            var mask = ones(4, 4, dtype: @bool).tril();
            Equal(Values(causal), nn.functional.scaled_dot_product_attention(q, k, v, mask));
        }

        [Fact]
        public void Padding_goes_from_the_last_dimension_backwards()
        {
            using var scope = NewDisposeScope();
            var x = tensor(new[] { 1.0, 2, 3 }).reshape(1, 3);
            Equal([7, 1, 2, 3, 7, 7], nn.functional.pad(x, (1, 2), value: 7));
            Equal([2, 1, 2, 3, 2], nn.functional.pad(x, (1, 1), PaddingModes.Reflect));
            Equal([1, 1, 2, 3, 3], nn.functional.pad(x, (1, 1), PaddingModes.Replicate));
            Assert.Equal([3, 5], nn.functional.pad(x, 1).shape);
            Equal([0, 1, 0, 0, 0, 1], nn.functional.one_hot(tensor(new long[] { 1, 2 })));
        }
    }
}
