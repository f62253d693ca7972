using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>
            /// The functions behind the layers. With <c>inplace</c> the input is overwritten and the result is a fresh handle to it.
            /// </summary>
            public static partial class functional
            {
                /// <summary>max(x, 0).</summary>
                public static Tensor relu(Tensor x, bool inplace = false) => inplace ? Again(Given(x).relu_()) : Given(x).relu();

                /// <summary>min(max(x, 0), 6).</summary>
                public static Tensor relu6(Tensor x, bool inplace = false) => inplace ? Again(Given(x).relu6_()) : Given(x).relu6();

                /// <summary>x, or x times a slope where x is negative.</summary>
                public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                    inplace ? Again(Given(input).leaky_relu_(negative_slope)) : Given(input).leaky_relu(negative_slope);

                /// <summary>x, or alpha (eˣ − 1) where x is negative.</summary>
                public static Tensor elu(Tensor x, double alpha, bool inplace = false) =>
                    inplace ? Again(Given(x).elu_(alpha)) : Given(x).elu(alpha);

                /// <summary>ELU, scaled so that it keeps mean 0 and variance 1.</summary>
                public static Tensor selu(Tensor x, bool inplace = false) => inplace ? Again(Given(x).selu_()) : Given(x).selu();

                /// <summary>x sigmoid(x).</summary>
                public static Tensor silu(Tensor x, bool inplace = false) => inplace ? Again(Given(x).silu_()) : Given(x).silu();

                /// <summary>x Φ(x), Φ being the normal distribution function.</summary>
                public static Tensor gelu(Tensor x) => Given(x).gelu();

                /// <inheritdoc cref="gelu(Tensor)"/>
                public static Tensor gelu(Tensor x, bool inplace) => inplace ? Again(Given(x).gelu_()) : Given(x).gelu();

                /// <summary>x tanh(softplus(x)).</summary>
                public static Tensor mish(Tensor x, bool inplace = false) => Take(kt_mish(Of(x), inplace ? 1 : 0));

                /// <summary>The hyperbolic tangent.</summary>
                public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? Again(Given(x).tanh_()) : Given(x).tanh();

                /// <summary>1 / (1 + e⁻ˣ).</summary>
                public static Tensor sigmoid(Tensor x) => Given(x).sigmoid();

                /// <inheritdoc cref="sigmoid(Tensor)"/>
                public static Tensor sigmoid(Tensor x, bool inplace) => inplace ? Again(Given(x).sigmoid_()) : Given(x).sigmoid();

                /// <summary>log(1 + e^(beta x)) / beta, and x where beta x exceeds the threshold.</summary>
                public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => Given(x).softplus(beta, threshold);

                /// <summary>x cut to [min_val, max_val].</summary>
                public static Tensor hardtanh(Tensor x, double min_val = -1, double max_val = 1, bool inplace = false) =>
                    inplace ? Again(Given(x).hardtanh_(min_val, max_val)) : Given(x).hardtanh(min_val, max_val);

                /// <summary>log(sigmoid(x)).</summary>
                public static Tensor logsigmoid(Tensor x) => Given(x).log_sigmoid();

                /// <summary>The first half along a dimension times the sigmoid of the second.</summary>
                public static Tensor glu(Tensor input, long dim = -1) => Given(input).glu(dim);

                /// <summary>eˣ / Σeˣ along a dimension, computed in the type given.</summary>
                public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => Given(input).softmax(dim, dtype);

                /// <summary>The logarithm of softmax along a dimension.</summary>
                public static Tensor log_softmax(Tensor x, long dim) => Given(x).log_softmax(dim);

                /// <summary>Sets a share p of the elements to zero and divides the others by 1 − p; does nothing unless training.</summary>
                public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                    Take(kt_dropout(Of(input), p, training ? 1 : 0, inplace ? 1 : 0));

                /// <summary>A second handle, so that who disposes the input keeps the result.</summary>
                internal static Tensor Again(Tensor tensor) => Take(kt_same(tensor.H_));
            }
        }
    }
}
