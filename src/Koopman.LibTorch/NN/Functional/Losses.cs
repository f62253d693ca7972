using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static partial class functional
            {
                /// <summary>(x − y)².</summary>
                public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                    Take(kt_distance_loss(Of(input), Of(target), 0, (int)reduction, 0));

                /// <summary>|x − y|.</summary>
                public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                    Take(kt_distance_loss(Of(input), Of(target), 1, (int)reduction, 0));

                /// <summary>(x − y)² / (2 beta) where |x − y| is below beta, else |x − y| − beta / 2.</summary>
                public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1) =>
                    Take(kt_distance_loss(Of(input), Of(target), 2, (int)reduction, beta));

                /// <summary>(x − y)² / 2 where |x − y| is below delta, else delta (|x − y| − delta / 2).</summary>
                public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean) =>
                    Take(kt_distance_loss(Of(input), Of(target), 3, (int)reduction, delta));

                /// <summary>−log softmax(x)[y]; x (batch, classes, …), y classes (batch, …) as int64, or probabilities in the shape of x.</summary>
                /// <param name="input">Logits.</param>
                /// <param name="target">Classes or probabilities.</param>
                /// <param name="weight">A weight for each class.</param>
                /// <param name="ignore_index">A class that does not count.</param>
                /// <param name="reduction">What happens to the losses of the samples.</param>
                /// <param name="label_smoothing">The share of the target that is spread over all classes.</param>
                public static Tensor cross_entropy(
                    Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean,
                    double label_smoothing = 0) =>
                    Take(kt_cross_entropy(Of(input), Of(target), Maybe(weight), (int)reduction, ignore_index, label_smoothing));

                /// <summary>−x[y] for logarithms of probabilities x.</summary>
                public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                    Take(kt_nll_loss(Of(input), Of(target), Maybe(weight), (int)reduction));

                /// <summary>−y log x − (1 − y) log(1 − x).</summary>
                public static Tensor binary_cross_entropy(
                    Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                    Take(kt_binary_cross_entropy(Of(input), Of(target), Maybe(weight), (int)reduction));

                /// <summary>Binary cross entropy of sigmoid(x), computed without overflow.</summary>
                public static Tensor binary_cross_entropy_with_logits(
                    Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                    Take(kt_binary_cross_entropy_with_logits(Of(input), Of(target), Maybe(weight), Maybe(pos_weights), (int)reduction));
            }
        }
    }
}
