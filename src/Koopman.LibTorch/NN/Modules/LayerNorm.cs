using System;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Mean 0 and variance 1 over the last dimensions, then weight and bias in their shape.</summary>
        public sealed class LayerNorm : Module<Tensor, Tensor>
        {
            internal LayerNorm(long[] normalized_shape, double eps, bool elementwise_affine, bool bias, Device? device, ScalarType? dtype)
                : base(nameof(LayerNorm))
            {
                this.normalized_shape = normalized_shape;
                this.eps = eps;
                this.elementwise_affine = elementwise_affine;
                if (!elementwise_affine) return;
                weight = new Parameter(empty(normalized_shape, dtype, device));
                this.bias = bias ? new Parameter(empty(normalized_shape, dtype, device)) : null;
                reset_parameters();
            }

            /// <summary>The last dimensions of the input.</summary>
            public long[] normalized_shape { get; set; }

            /// <summary>Is added to the variance.</summary>
            public double eps { get; set; }

            /// <summary>Whether there is a weight.</summary>
            public bool elementwise_affine { get; set; }

            /// <summary>Ones at first; null without <see cref="elementwise_affine"/>.</summary>
            public Parameter weight
            {
                get => Owned()!;
                set => Own(value ?? throw new ArgumentNullException(nameof(weight)));
            }

            /// <summary>Zeros at first, or null.</summary>
            public Parameter? bias
            {
                get => Owned();
                set => Own(value);
            }

            /// <summary>Sets the weight to ones and the bias to zeros.</summary>
            public void reset_parameters()
            {
                if (elementwise_affine) init.ones_(weight);
                if (bias is not null) init.zeros_(bias);
            }

            /// <summary>(…, normalized shape), in the same shape.</summary>
            public override Tensor forward(Tensor tensor) => functional.layer_norm(tensor, normalized_shape, weight, bias, eps);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <inheritdoc cref="Modules.LayerNorm"/>
            public static LayerNorm LayerNorm(
                long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null,
                ScalarType? dtype = null) => new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            /// <inheritdoc cref="Modules.LayerNorm"/>
            public static LayerNorm LayerNorm(
                long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null,
                ScalarType? dtype = null) => new([normalized_shape], eps, elementwise_affine, bias, device, dtype);
        }
    }
}
