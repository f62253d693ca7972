using System;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Mean 0 and variance 1 over each group of channels of each sample, then weight and bias for each channel.</summary>
        public sealed class GroupNorm : Module<Tensor, Tensor>
        {
            internal GroupNorm(long num_groups, long num_channels, double eps, bool affine, Device? device, ScalarType? dtype)
                : base(nameof(GroupNorm))
            {
                this.num_groups = num_groups;
                this.eps = eps;
                this.affine = affine;
                if (!affine) return;
                Own(new Parameter(ones([num_channels], dtype, device)), nameof(weight));
                Own(new Parameter(zeros([num_channels], dtype, device)), nameof(bias));
            }

            /// <summary>How many groups the channels fall into.</summary>
            public long num_groups { get; set; }

            /// <summary>Is added to the variance.</summary>
            public double eps { get; set; }

            /// <summary>Whether there are weight and bias.</summary>
            public bool affine { get; set; }

            /// <summary>(channels), ones at first.</summary>
            public Parameter weight
            {
                get => Owned()!;
                set => Own(value ?? throw new ArgumentNullException(nameof(weight)));
            }

            /// <summary>(channels), zeros at first.</summary>
            public Parameter? bias
            {
                get => Owned();
                set => Own(value);
            }

            /// <summary>(batch, channels, …), in the same shape.</summary>
            public override Tensor forward(Tensor tensor)
            {
                if (tensor.dim() < 3) throw new ArgumentException($"GroupNorm needs three or more dimensions, not {tensor.dim()}.", nameof(tensor));
                return functional.group_norm(tensor, num_groups, weight, bias, eps);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <inheritdoc cref="Modules.GroupNorm"/>
            public static GroupNorm GroupNorm(
                long num_groups, long num_channels, double eps = 1e-05, bool affine = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_groups, num_channels, eps, affine, device, dtype);
        }
    }
}
