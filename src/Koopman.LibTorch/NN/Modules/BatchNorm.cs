using System;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Weight, bias and running statistics for each channel.</summary>
        public abstract class NormBase : Module<Tensor, Tensor>
        {
            /// <summary>Weight 1, bias 0, running mean 0, running variance 1.</summary>
            public NormBase(
                long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype,
                string name) : base(name)
            {
                this.num_features = num_features;
                this.eps = eps;
                this.momentum = momentum;
                this.affine = affine;
                this.track_running_stats = track_running_stats;
                if (affine)
                {
                    weight = new Parameter(empty([num_features], dtype, device));
                    bias = new Parameter(empty([num_features], dtype, device));
                }

                if (track_running_stats)
                {
                    running_mean = empty([num_features], dtype, device);
                    running_var = empty([num_features], dtype, device);
                    num_batches_tracked = empty(Array.Empty<long>(), ScalarType.Int64, device);
                }

                reset_parameters();
            }

            /// <summary>Channels of the input.</summary>
            public long num_features { get; }

            /// <summary>Is added to the variance.</summary>
            public double eps { get; set; }

            /// <summary>The weight of a new batch in the running statistics; null gives all batches the same.</summary>
            public double? momentum { get; set; }

            /// <summary>Whether there are weight and bias.</summary>
            public bool affine { get; }

            /// <summary>Whether there are running statistics.</summary>
            public bool track_running_stats { get; }

            /// <summary>(channels); null unless <see cref="affine"/>.</summary>
            public Parameter weight
            {
                get => Owned()!;
                set => Own(value ?? throw new ArgumentNullException(nameof(weight)));
            }

            /// <summary>(channels), or null.</summary>
            public Parameter? bias
            {
                get => Owned();
                set => Own(value);
            }

            /// <summary>(channels), or null.</summary>
            public Tensor? running_mean
            {
                get => OwnedBuffer();
                set => OwnBuffer(value);
            }

            /// <summary>(channels), or null.</summary>
            public Tensor? running_var
            {
                get => OwnedBuffer();
                set => OwnBuffer(value);
            }

            /// <summary>How many batches the running statistics have seen: one integer, or null.</summary>
            public Tensor? num_batches_tracked
            {
                get => OwnedBuffer();
                set => OwnBuffer(value);
            }

            /// <summary>Forgets the batches seen.</summary>
            public void reset_running_stats()
            {
                if (!track_running_stats) return;
                init.zeros_(running_mean!);
                init.ones_(running_var!);
                init.zeros_(num_batches_tracked!);
            }

            /// <summary>Forgets the batches seen and what was learned.</summary>
            public void reset_parameters()
            {
                reset_running_stats();
                if (!affine) return;
                init.ones_(weight);
                init.zeros_(bias!);
            }

            /// <summary>Throws when the input has the wrong number of dimensions.</summary>
            protected abstract void ValidateInputDimensions(Tensor input);
        }

        /// <summary>Mean 0 and variance 1 of each channel over the batch, or by the running statistics in evaluation.</summary>
        public abstract class BatchNorm : NormBase
        {
            /// <inheritdoc/>
            public BatchNorm(
                long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype,
                string name) : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name) { }

            /// <summary>(batch, channels, …), in the same shape.</summary>
            public override Tensor forward(Tensor input)
            {
                ValidateInputDimensions(input);
                var factor = momentum ?? 0;
                if (training && num_batches_tracked is { } batches)
                {
                    batches.add_(1);
                    factor = momentum ?? 1.0 / batches.item<long>();
                }

                var ofThisBatch = training || running_mean is null;
                var running = !training || track_running_stats;
                return functional.batch_norm(
                    input, (running ? running_mean : null)!, (running ? running_var : null)!, weight, bias, ofThisBatch, factor, eps);
            }
        }

        /// <summary>Batch normalisation of (batch, channels) or (batch, channels, length).</summary>
        public sealed class BatchNorm1d : BatchNorm
        {
            internal BatchNorm1d(
                long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
                : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm1d)) { }

            /// <inheritdoc/>
            protected override void ValidateInputDimensions(Tensor input)
            {
                if (input.dim() is not (2 or 3)) throw new ArgumentException($"BatchNorm1d needs 2 or 3 dimensions, not {input.dim()}.");
            }
        }

        /// <summary>Batch normalisation of (batch, channels, height, width).</summary>
        public sealed class BatchNorm2d : BatchNorm
        {
            internal BatchNorm2d(
                long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
                : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm2d)) { }

            /// <inheritdoc/>
            protected override void ValidateInputDimensions(Tensor input)
            {
                if (input.dim() != 4) throw new ArgumentException($"BatchNorm2d needs 4 dimensions, not {input.dim()}.");
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <inheritdoc cref="Modules.BatchNorm1d"/>
            public static BatchNorm1d BatchNorm1d(
                long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true,
                Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            /// <inheritdoc cref="Modules.BatchNorm2d"/>
            public static BatchNorm2d BatchNorm2d(
                long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true,
                Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);
        }
    }
}
