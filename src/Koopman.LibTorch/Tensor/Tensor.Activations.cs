using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // The activation functions that tensors have themselves.
        public partial class Tensor
        {
            /// <summary>max(x, 0) of each element.</summary>
            public Tensor relu() => Take(kt_relu(handle));

            /// <summary>max(x, 0) of each element; in place.</summary>
            public Tensor relu_() => Did(kt_relu_(handle));

            /// <summary>min(max(x, 0), 6) of each element.</summary>
            public Tensor relu6() => Take(kt_relu6(handle));

            /// <summary>min(max(x, 0), 6) of each element; in place.</summary>
            public Tensor relu6_() => Did(kt_relu6_(handle));

            /// <summary>The self-normalising exponential linear unit of each element.</summary>
            public Tensor selu() => Take(kt_selu(handle));

            /// <summary>The self-normalising exponential linear unit of each element; in place.</summary>
            public Tensor selu_() => Did(kt_selu_(handle));

            /// <summary>x * sigmoid(x) of each element.</summary>
            public Tensor silu() => Take(kt_silu(handle));

            /// <summary>x * sigmoid(x) of each element; in place.</summary>
            public Tensor silu_() => Did(kt_silu_(handle));

            /// <summary>The piecewise linear sigmoid of each element.</summary>
            public Tensor hardsigmoid() => Take(kt_hardsigmoid(handle));

            /// <summary>The piecewise linear sigmoid of each element; in place.</summary>
            public Tensor hardsigmoid_() => Did(kt_hardsigmoid_(handle));

            /// <summary>x * hardsigmoid(x) of each element.</summary>
            public Tensor hardswish() => Take(kt_hardswish(handle));

            /// <summary>x * hardsigmoid(x) of each element; in place.</summary>
            public Tensor hardswish_() => Did(kt_hardswish_(handle));

            /// <summary>x * Phi(x) of each element, Phi the normal distribution function.</summary>
            public Tensor gelu() => Take(kt_gelu(handle));

            /// <summary>x * Phi(x) of each element, Phi the normal distribution function; in place.</summary>
            public Tensor gelu_() => Did(kt_gelu_(handle));

            /// <summary>The logarithm of the logistic function of each element.</summary>
            public Tensor log_sigmoid() => Take(kt_log_sigmoid(handle));

            /// <summary>x above 0, alpha * (exp(x) - 1) below.</summary>
            public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) => Take(kt_elu(handle, Num(alpha), Num(scale), Num(input_scale)));

            /// <summary>x above 0, alpha * (exp(x) - 1) below.</summary>
            public Tensor elu(double alpha = 1) => Take(kt_elu(handle, alpha, 1.0, 1.0));

            /// <summary>x above 0, alpha * (exp(x) - 1) below; in place.</summary>
            public Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale) => Did(kt_elu_(handle, Num(alpha), Num(scale), Num(input_scale)));

            /// <summary>x above 0, alpha * (exp(x) - 1) below; in place.</summary>
            public Tensor elu_(double alpha = 1) => Did(kt_elu_(handle, alpha, 1.0, 1.0));

            /// <summary>max(0, x) + min(0, alpha * (exp(x / alpha) - 1)) of each element, alpha = 1 unless given.</summary>
            public Tensor celu() => Take(kt_celu(handle, 1.0));

            /// <summary>max(0, x) + min(0, alpha * (exp(x / alpha) - 1)) of each element, alpha = 1 unless given.</summary>
            public Tensor celu(Scalar alpha) => Take(kt_celu(handle, Num(alpha)));

            /// <summary>max(0, x) + min(0, alpha * (exp(x / alpha) - 1)) of each element, alpha = 1 unless given; in place.</summary>
            public Tensor celu_() => Did(kt_celu_(handle, 1.0));

            /// <summary>max(0, x) + min(0, alpha * (exp(x / alpha) - 1)) of each element, alpha = 1 unless given; in place.</summary>
            public Tensor celu_(Scalar alpha) => Did(kt_celu_(handle, Num(alpha)));

            /// <summary>x above 0, negative_slope * x below.</summary>
            public Tensor leaky_relu(Scalar negative_slope) => Take(kt_leaky_relu(handle, Num(negative_slope)));

            /// <summary>x above 0, negative_slope * x below; in place.</summary>
            public Tensor leaky_relu_(Scalar negative_slope) => Did(kt_leaky_relu_(handle, Num(negative_slope)));

            /// <summary>Each element clamped to [min, max].</summary>
            public Tensor hardtanh(Scalar min, Scalar max) => Take(kt_hardtanh(handle, Num(min), Num(max)));

            /// <summary>Each element clamped to [min, max]; in place.</summary>
            public Tensor hardtanh_(Scalar min, Scalar max) => Did(kt_hardtanh_(handle, Num(min), Num(max)));

            /// <summary>x above the threshold, else value.</summary>
            public Tensor threshold(Scalar threshold, Scalar value) => Take(kt_threshold(handle, Num(threshold), Num(value)));

            /// <summary>x above the threshold, else value; in place.</summary>
            public Tensor threshold_(Scalar threshold, Scalar value) => Did(kt_threshold_(handle, Num(threshold), Num(value)));

            /// <summary>log(1 + exp(beta * x)) / beta of each element, x itself where beta * x exceeds the threshold.</summary>
            public Tensor softplus(double beta = 1, double threshold = 20) => Take(kt_softplus(handle, beta, threshold));

            /// <summary>x above 0, the learned slope times x below.</summary>
            public Tensor prelu(Tensor target) => Take(kt_prelu(handle, Of(target)));

            /// <summary>The first half along a dimension times the sigmoid of the second half.</summary>
            public Tensor glu(long dim = -1) => Take(kt_glu(handle, dim));

            /// <summary>exp(x) / sum(exp(x)) along a dimension, computed in the type given.</summary>
            public Tensor softmax(long dim, ScalarType? dtype = null) => Take(kt_softmax(handle, dim, Type(dtype)));

            /// <summary>The logarithm of softmax along a dimension, computed in the type given.</summary>
            public Tensor log_softmax(long dim, ScalarType? dtype = null) => Take(kt_log_softmax(handle, dim, Type(dtype)));
        }
    }
}
