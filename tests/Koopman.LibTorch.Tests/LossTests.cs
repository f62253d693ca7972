using System;
using System.Linq;
using Xunit;
using static Koopman.LibTorch.Tests.Numbers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Koopman.LibTorch.Tests
{
    public class LossTests
    {
        [Fact]
        public void Distances_are_reduced_as_asked()
        {
            using var scope = NewDisposeScope();
            var (x, y) = (tensor(new[] { 1.0, 2, 4 }), tensor(new[] { 1.0, 4, 1 }));
            Equal([13.0 / 3], functional.mse_loss(x, y));
            Equal([13], functional.mse_loss(x, y, Reduction.Sum));
            Equal([0, 4, 9], functional.mse_loss(x, y, Reduction.None));
            Equal([5.0 / 3], functional.l1_loss(x, y));
            Equal([0, 1.5, 2.5], functional.smooth_l1_loss(x, y, Reduction.None));
            Equal([0, 0.5 * (2 - 0.25), 0.5 * (3 - 0.25)], functional.huber_loss(x, y, 0.5, Reduction.None));
            using var squared = MSELoss();
            using var absolute = L1Loss(Reduction.Sum);
            Equal([13.0 / 3], squared.call(x, y));
            Equal([5], absolute.call(x, y));
        }

        [Fact]
        public void Cross_entropy_is_the_negative_logarithm_of_softmax()
        {
            using var scope = NewDisposeScope();
            var x = Wave(0.4, 3, 4);
            var classes = tensor(new long[] { 2, 0, 3 });
            var values = Values(x);
            double Loss(int row, int column) =>
                Math.Log(Enumerable.Range(0, 4).Sum(c => Math.Exp(values[row * 4 + c]))) - values[row * 4 + column];
            var each = new[] { Loss(0, 2), Loss(1, 0), Loss(2, 3) };
            Equal(each, functional.cross_entropy(x, classes, reduction: Reduction.None));
            Equal([each.Average()], functional.cross_entropy(x, classes));
            Equal([(each[0] + each[2]) / 2], functional.cross_entropy(x, classes, ignore_index: 0));
            Equal([each.Average()], functional.nll_loss(functional.log_softmax(x, 1), classes));
            Equal([each.Average()], functional.cross_entropy(x, functional.one_hot(classes, 4).to(float64)));
            var smooth = 0.9 * each[0] + 0.1 * Enumerable.Range(0, 4).Average(c => Loss(0, c));
            Equal([smooth], functional.cross_entropy(x[0].unsqueeze(0), classes[0].unsqueeze(0), label_smoothing: 0.1));
            using var loss = CrossEntropyLoss(tensor(new[] { 1.0, 1, 2, 0 }));
            Equal([(2 * each[0] + each[1]) / 3], loss.call(x, classes));
            GradientFits(t => functional.cross_entropy(t, classes), x);
        }

        [Fact]
        public void Binary_cross_entropy_takes_probabilities_or_logits()
        {
            using var scope = NewDisposeScope();
            var (x, y) = (tensor(new[] { -1.0, 0.5 }), tensor(new[] { 0.0, 1 }));
            var expected = (Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(-0.5))) / 2;
            Equal([expected], functional.binary_cross_entropy_with_logits(x, y));
            Equal([expected], functional.binary_cross_entropy(x.sigmoid(), y));
        }

        [Fact]
        public void Directions_are_compared_by_their_cosine()
        {
            using var scope = NewDisposeScope();
            var (x, y) = (tensor(new[] { 3.0, 4 }).reshape(1, 2), tensor(new[] { 4.0, 3 }).reshape(1, 2));
            Equal([24.0 / 25], functional.cosine_similarity(x, y));
            Equal([0.6, 0.8], functional.normalize(x));
        }
    }
}
