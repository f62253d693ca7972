using System;
using System.Linq;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>What convolutions have in common; lists have one number for each spatial dimension.</summary>
        public abstract class Convolution : Module<Tensor, Tensor>
        {
            private protected Convolution(
                string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, Padding? padding_type,
                long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device,
                ScalarType? dtype) : base(name)
            {
                if (transposed && padding_mode != PaddingModes.Zeros)
                    throw new ArgumentException("A transposed convolution can pad with zeros only.", nameof(padding_mode));
                this.in_channels = in_channels;
                this.out_channels = out_channels;
                this.kernel_size = kernel_size;
                this.stride = stride;
                this.dilation = dilation;
                this.transposed = transposed;
                this.output_padding = output_padding;
                this.groups = groups;
                this.padding_mode = padding_mode;
                if (padding_type is { } type) SetPadding(type);
                else SetPadding(padding);

                long[] channels = transposed ? [in_channels, out_channels / groups] : [out_channels, in_channels / groups];
                weight = new Parameter(empty([.. channels, .. kernel_size], dtype, device));
                this.bias = bias ? new Parameter(empty([out_channels], dtype, device)) : null;
                reset_parameters();
            }

            /// <summary>Channels of the input.</summary>
            public long in_channels { get; }

            /// <summary>Channels of the output.</summary>
            public long out_channels { get; }

            /// <summary>The size of the window.</summary>
            public long[] kernel_size { get; set; }

            /// <summary>The step from window to window.</summary>
            public long[] stride { get; set; }

            /// <summary>The step from element to element within a window.</summary>
            public long[] dilation { get; set; }

            /// <summary>What is added at one side of a transposed convolution's output.</summary>
            public long[] output_padding { get; set; }

            /// <summary>Groups of channels that do not see each other.</summary>
            public long groups { get; set; }

            /// <summary>Whether this is the transpose of a convolution.</summary>
            public bool transposed { get; }

            /// <summary>How much is added at both ends; null when it goes by name.</summary>
            public long[]? padding { get; private set; }

            /// <summary>How much is added by name; null when it goes by numbers.</summary>
            public Padding? padding_type { get; private set; }

            /// <summary>What is added.</summary>
            public PaddingModes padding_mode { get; set; }

            /// <summary>(out, in / groups, …), or (in, out / groups, …) when transposed.</summary>
            public Parameter weight
            {
                get => Owned()!;
                set => Own(value ?? throw new ArgumentNullException(nameof(weight)));
            }

            /// <summary>(out), or null.</summary>
            public Parameter? bias
            {
                get => Owned();
                set => Own(value);
            }

            /// <summary>Draws new weights and biases, uniform on ±1/√(inputs of an output).</summary>
            public void reset_parameters() => init.LikeLinear(weight, bias);

            /// <summary>Pads by numbers.</summary>
            public void SetPadding(long[] padding)
            {
                this.padding = padding;
                padding_type = null;
            }

            /// <summary>Pads by name.</summary>
            /// <exception cref="ArgumentException">The convolution is transposed, or is to keep the size although it has a stride.</exception>
            public void SetPadding(Padding padding)
            {
                if (transposed) throw new ArgumentException("A transposed convolution is padded by numbers.", nameof(padding));
                if (padding == Padding.Same && stride.Any(s => s != 1))
                    throw new ArgumentException("A convolution with a stride cannot keep the size.", nameof(padding));
                this.padding = null;
                padding_type = padding;
            }

            /// <summary>Refuses an input that has other channels or dimensions.</summary>
            private protected void CheckShape(Tensor input)
            {
                var (dims, spatial) = (input.dim(), kernel_size.Length);
                if ((dims == spatial + 2 && input.shape[1] == in_channels) || (dims == spatial + 1 && input.shape[0] == in_channels)) return;
                throw new ArgumentException(
                    $"{GetName()} needs (batch, {in_channels}, {spatial} sizes) or no batch, not ({string.Join(", ", input.shape)}).", nameof(input));
            }

            /// <summary>The input padded by another mode than zeros; null when libtorch's convolution pads.</summary>
            private protected Tensor? Padded(Tensor input)
            {
                if (padding_mode == PaddingModes.Zeros) return null;
                var ends = kernel_size.Select((size, i) =>
                {
                    if (padding is not null) return (padding[i], padding[i]);
                    var total = padding_type == Padding.Same ? dilation[i] * (size - 1) : 0;
                    return (total / 2, total - total / 2);
                });
                return functional.pad(input, ends.Reverse().SelectMany(e => new[] { e.Item1, e.Item2 }).ToArray(), padding_mode);
            }
        }
    }
}
