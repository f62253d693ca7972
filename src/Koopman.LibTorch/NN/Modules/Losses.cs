using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    /// <summary>A loss of two tensors.</summary>
    public abstract class Loss<T1, T2, TResult> : Module<T1, T2, TResult>
    {
        /// <summary>A loss that reduces the losses of the single elements.</summary>
        public Loss(Reduction reduction = Reduction.Mean) : base("Loss") => this.reduction = reduction;

        /// <summary>What happens to the losses of the single elements.</summary>
        public Reduction reduction { get; }
    }

    /// <summary>A loss of two tensors with a weight for each class or element.</summary>
    public abstract class WeightedLoss<T1, T2, TResult> : Loss<T1, T2, TResult>
    {
        /// <summary>A loss with weights; null weighs everything the same.</summary>
        public WeightedLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : base(reduction) => this.weight = weight;

        /// <summary>The weights, or null.</summary>
        public Tensor? weight { get; private set; }
    }

    namespace Modules
    {
        /// <summary>(x − y)².</summary>
        public sealed class MSELoss : Loss<Tensor, Tensor, Tensor>
        {
            /// <summary>The squared error, reduced.</summary>
            public MSELoss(Reduction reduction = Reduction.Mean) : base(reduction) { }

            /// <summary>The loss of two tensors of one shape.</summary>
            public override Tensor forward(Tensor input, Tensor target) => functional.mse_loss(input, target, reduction);
        }

        /// <summary>|x − y|.</summary>
        public sealed class L1Loss : Loss<Tensor, Tensor, Tensor>
        {
            /// <summary>The absolute error, reduced.</summary>
            public L1Loss(Reduction reduction = Reduction.Mean) : base(reduction) { }

            /// <summary>The loss of two tensors of one shape.</summary>
            public override Tensor forward(Tensor input, Tensor target) => functional.l1_loss(input, target, reduction);
        }

        /// <summary>−log softmax(x)[y].</summary>
        public sealed class CrossEntropyLoss : WeightedLoss<Tensor, Tensor, Tensor>
        {
            /// <summary>The cross entropy, reduced.</summary>
            /// <param name="weight">A weight for each class.</param>
            /// <param name="ignore_index">A class that does not count.</param>
            /// <param name="reduction">What happens to the losses of the samples.</param>
            /// <param name="label_smoothing">The share of the target that is spread over all classes.</param>
            public CrossEntropyLoss(
                Tensor? weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean, double label_smoothing = 0)
                : base(weight, reduction)
            {
                this.ignore_index = ignore_index;
                this.label_smoothing = label_smoothing;
            }

            /// <summary>A class that does not count.</summary>
            public long? ignore_index { get; }

            /// <summary>The share of the target that is spread over all classes.</summary>
            public double label_smoothing { get; }

            /// <summary>Logits (batch, classes, …) and classes (batch, …) as int64, or probabilities in the shape of the logits.</summary>
            public override Tensor forward(Tensor input, Tensor target) =>
                functional.cross_entropy(input, target, weight, ignore_index ?? -100, reduction, label_smoothing);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <inheritdoc cref="Modules.MSELoss"/>
            public static MSELoss MSELoss(Reduction reduction = Reduction.Mean) => new(reduction);

            /// <inheritdoc cref="Modules.L1Loss"/>
            public static L1Loss L1Loss(Reduction reduction = Reduction.Mean) => new(reduction);

            /// <inheritdoc cref="Modules.CrossEntropyLoss"/>
            public static CrossEntropyLoss CrossEntropyLoss(
                Tensor? weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean) => new(weight, ignore_index, reduction);
        }
    }
}
