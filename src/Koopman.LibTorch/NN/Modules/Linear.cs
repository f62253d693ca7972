using System;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>x Wᵀ + b.</summary>
        public sealed class Linear : Module<Tensor, Tensor>
        {
            internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
            {
                this.weight = weight;
                this.bias = bias;
                out_features = weight.shape[0];
                in_features = weight.shape[1];
            }

            internal Linear(long inputSize, long outputSize, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(Linear))
            {
                in_features = inputSize;
                out_features = outputSize;
                weight = new Parameter(empty([outputSize, inputSize], dtype, device));
                bias = hasBias ? new Parameter(empty([outputSize], dtype, device)) : null;
                init.LikeLinear(weight, bias);
            }

            /// <summary>The size of the input's last dimension.</summary>
            public long in_features { get; set; }

            /// <summary>The size of the output's last dimension.</summary>
            public long out_features { get; set; }

            /// <summary>W, (out, in).</summary>
            public Parameter weight
            {
                get => Owned()!;
                set => Own(value ?? throw new ArgumentNullException(nameof(weight)));
            }

            /// <summary>b, (out), or null.</summary>
            public Parameter? bias
            {
                get => Owned();
                set => Own(value);
            }

            /// <summary>(…, in) to (…, out).</summary>
            public override Tensor forward(Tensor tensor) => functional.linear(tensor, weight, bias);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>x Wᵀ + b, with W and b uniform on ±1/√inputSize.</summary>
            public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);

            /// <summary>x Wᵀ + b with given parameters.</summary>
            public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);
        }
    }
}
