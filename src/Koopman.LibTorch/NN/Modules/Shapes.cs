using System;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Its input.</summary>
        public sealed class Identity : ParameterLessModule<Tensor, Tensor>
        {
            internal Identity() : base(nameof(Identity)) { }

            /// <summary>A second handle to the input.</summary>
            public override Tensor forward(Tensor tensor) => functional.Again(tensor);
        }

        /// <summary>Makes one dimension of several.</summary>
        public sealed class Flatten : ParameterLessModule<Tensor, Tensor>
        {
            internal Flatten(long start_dim, long end_dim) : base(nameof(Flatten))
            {
                this.start_dim = start_dim;
                this.end_dim = end_dim;
            }

            /// <summary>The first dimension.</summary>
            public long start_dim { get; set; }

            /// <summary>The last dimension.</summary>
            public long end_dim { get; set; }

            /// <summary>The input in its new shape.</summary>
            public override Tensor forward(Tensor input) => input.flatten(start_dim, end_dim);
        }

        /// <summary>Makes several dimensions of one.</summary>
        public sealed class Unflatten : ParameterLessModule<Tensor, Tensor>
        {
            internal Unflatten(long dim, long[] unflattened_size) : base(nameof(Unflatten))
            {
                this.dim = dim;
                this.unflattened_size = unflattened_size;
            }

            /// <summary>The dimension.</summary>
            public long dim { get; set; }

            /// <summary>What it becomes; one size may be −1.</summary>
            public long[] unflattened_size { get; set; }

            /// <summary>The input in its new shape.</summary>
            public override Tensor forward(Tensor tensor)
            {
                var shape = tensor.shape;
                var at = (int)(dim < 0 ? dim + shape.Length : dim);
                return tensor.reshape([.. shape[..at], .. unflattened_size, .. shape[(at + 1)..]]);
            }
        }

        /// <summary>Sets a share of the elements to zero in training.</summary>
        public sealed class Dropout : ParameterLessModule<Tensor, Tensor>
        {
            internal Dropout(double p, bool inplace) : base(nameof(Dropout))
            {
                this.p = p;
                this.inplace = inplace;
            }

            /// <summary>The share.</summary>
            public double p { get; set; }

            /// <summary>Whether the input is overwritten.</summary>
            public bool inplace { get; set; }

            /// <summary>The input with holes, the rest divided by 1 − p; outside training the input.</summary>
            public override Tensor forward(Tensor tensor) => functional.dropout(tensor, p, training, inplace);
        }

        /// <summary>Changes the size of signals, images or volumes.</summary>
        public sealed class Upsample : ParameterLessModule<Tensor, Tensor>
        {
            private readonly long[]? givenSize;
            private readonly double[]? factor;

            internal Upsample(long[]? size, double[]? scale_factor, UpsampleMode mode, bool? align_corners, bool? recompute_scale_factor)
                : base(nameof(Upsample))
            {
                givenSize = size;
                factor = scale_factor;
                this.mode = mode;
                this.align_corners = align_corners;
                this.recompute_scale_factor = recompute_scale_factor;
            }

            /// <summary>The new size, or empty.</summary>
            public ReadOnlySpan<long> size => givenSize;

            /// <summary>The factors, or empty.</summary>
            public ReadOnlySpan<double> scale_factor => factor;

            /// <summary>How new values arise.</summary>
            public UpsampleMode mode { get; private set; }

            /// <summary>Whether corners meet corners.</summary>
            public bool? align_corners { get; private set; }

            /// <summary>Whether to interpolate by the factor that the rounded size has.</summary>
            public bool? recompute_scale_factor { get; set; }

            /// <summary>(batch, channels, …) to the new size.</summary>
            public override Tensor forward(Tensor input) => functional.interpolate(
                input, givenSize, factor, (InterpolationMode)mode, align_corners, recompute_scale_factor ?? false);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Its input.</summary>
            public static Identity Identity() => new();

            /// <summary>Makes one dimension of several (default: all but the batch).</summary>
            public static Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);

            /// <summary>Makes several dimensions of one.</summary>
            public static Unflatten Unflatten(long dim, long[] unflattened_size) => new(dim, unflattened_size);

            /// <summary>Sets a share p of the elements to zero in training.</summary>
            public static Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);

            /// <summary>Changes the size of signals, images or volumes, by a size or by factors.</summary>
            public static Upsample Upsample(
                long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool? align_corners = null,
                bool? recompute_scale_factor = null) => new(size, scale_factor, mode, align_corners, recompute_scale_factor);
        }
    }
}
