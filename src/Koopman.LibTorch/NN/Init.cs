using System;
using TorchSharp.Interop;
using TorchSharp.Modules;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Fills tensors in place, outside the graph; each answers the tensor it filled.</summary>
            public static class init
            {
                private const int Uniform = 0;
                private const int Normal = 1;
                private const int Constant = 2;

                /// <summary>What comes after a layer, and thus by how much it should widen its output.</summary>
                public enum NonlinearityType
                {
                    /// <summary>Nothing.</summary>
                    Linear = 0,

                    /// <summary>A convolution.</summary>
                    Conv1D = 1,

                    /// <summary>A convolution.</summary>
                    Conv2D = 2,

                    /// <summary>A convolution.</summary>
                    Conv3D = 3,

                    /// <summary>A transposed convolution.</summary>
                    ConvTranspose1D = 4,

                    /// <summary>A transposed convolution.</summary>
                    ConvTranspose2D = 5,

                    /// <summary>A transposed convolution.</summary>
                    ConvTranspose3D = 6,

                    /// <summary>A sigmoid.</summary>
                    Sigmoid = 7,

                    /// <summary>A hyperbolic tangent.</summary>
                    Tanh = 8,

                    /// <summary>A rectifier.</summary>
                    ReLU = 9,

                    /// <summary>A rectifier with a slope.</summary>
                    LeakyReLU = 10,
                }

                /// <summary>Whose variance stays: that of the signal or that of the gradient.</summary>
                public enum FanInOut
                {
                    /// <summary>The signal's.</summary>
                    FanIn = 0,

                    /// <summary>The gradient's.</summary>
                    FanOut = 1,
                }

                /// <summary>The factor that undoes what a nonlinearity does to the variance; <paramref name="param"/> is the slope of LeakyReLU.</summary>
                public static double calculate_gain(NonlinearityType nonlinearity, double param = 0) => nonlinearity switch
                {
                    NonlinearityType.Tanh => 5.0 / 3,
                    NonlinearityType.ReLU => Math.Sqrt(2),
                    NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + param * param)),
                    _ => 1,
                };

                /// <summary>Inputs of an output and outputs of an input, for weights (out, in, …).</summary>
                /// <exception cref="ArgumentException">The tensor has fewer than two dimensions.</exception>
                public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
                {
                    var shape = tensor.shape;
                    if (shape.Length < 2) throw new ArgumentException("Fan in and fan out need a tensor with two or more dimensions.", nameof(tensor));
                    var field = 1L;
                    foreach (var size in shape.AsSpan(2)) field *= size;
                    return (shape[1] * field, shape[0] * field);
                }

                /// <summary>Zeros.</summary>
                public static Tensor zeros_(Tensor tensor) => Fill(tensor, Constant, 0, 0);

                /// <summary>Ones.</summary>
                public static Tensor ones_(Tensor tensor) => Fill(tensor, Constant, 1, 0);

                /// <summary>One number.</summary>
                public static Tensor constant_(Tensor tensor, Scalar val)
                {
                    using var recording = no_grad();
                    return Given(tensor).fill_(val);
                }

                /// <summary>The identity matrix.</summary>
                public static Tensor eye_(Tensor tensor)
                {
                    Check(kt_fill_eye(Of(tensor)));
                    return tensor;
                }

                /// <summary>Uniform on [low, high).</summary>
                public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null) =>
                    Fill(tensor, Uniform, low, high, generator);

                /// <summary>Normal.</summary>
                public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null) =>
                    Fill(tensor, Normal, mean, std, generator);

                /// <summary>Normal, cut to [a, b].</summary>
                public static Tensor trunc_normal_(
                    Tensor tensor, double mean = 0, double std = 1, double a = -2, double b = 2, Generator? generator = null)
                {
                    Check(kt_fill_truncated(Of(tensor), mean, std, a, b, generator?.Handle_ ?? GeneratorHandle.None));
                    return tensor;
                }

                /// <summary>A random (semi-)orthogonal matrix times gain; dimensions after the first count as one.</summary>
                public static Tensor orthogonal_(Tensor tensor, double gain = 1)
                {
                    Check(kt_fill_orthogonal(Of(tensor), gain));
                    return tensor;
                }

                /// <summary>Uniform with the variance that keeps the size of the signal or gradient (He et al. 2015).</summary>
                public static Tensor kaiming_uniform_(
                    Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
                {
                    var bound = Math.Sqrt(3) * KaimingDeviation(tensor, a, mode, nonlinearity);
                    return uniform_(tensor, -bound, bound);
                }

                /// <summary>Normal with the variance that keeps the size of the signal or gradient (He et al. 2015).</summary>
                public static Tensor kaiming_normal_(
                    Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                    normal_(tensor, 0, KaimingDeviation(tensor, a, mode, nonlinearity));

                /// <summary>Uniform with variance 2 gain² / (fan in + fan out) (Glorot &amp; Bengio 2010).</summary>
                public static Tensor xavier_uniform_(Tensor tensor, double gain = 1)
                {
                    var bound = Math.Sqrt(3) * XavierDeviation(tensor, gain);
                    return uniform_(tensor, -bound, bound);
                }

                /// <summary>Normal with variance 2 gain² / (fan in + fan out) (Glorot &amp; Bengio 2010).</summary>
                public static Tensor xavier_normal_(Tensor tensor, double gain = 1) => normal_(tensor, 0, XavierDeviation(tensor, gain));

                /// <inheritdoc cref="xavier_uniform_"/>
                public static Tensor glorot_uniform_(Tensor tensor, double gain = 1) => xavier_uniform_(tensor, gain);

                /// <inheritdoc cref="xavier_normal_"/>
                public static Tensor glorot_normal_(Tensor tensor, double gain = 1) => xavier_normal_(tensor, gain);

                /// <summary>Weight and bias as PyTorch starts linear layers and convolutions: uniform on ±1/√(fan in).</summary>
                internal static void LikeLinear(Parameter weight, Parameter? bias)
                {
                    kaiming_uniform_(weight, Math.Sqrt(5));
                    if (bias is null) return;
                    var (fanIn, _) = CalculateFanInAndFanOut(weight);
                    var bound = fanIn > 0 ? 1 / Math.Sqrt(fanIn) : 0;
                    uniform_(bias, -bound, bound);
                }

                private static double KaimingDeviation(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
                {
                    var (fanIn, fanOut) = CalculateFanInAndFanOut(Given(tensor));
                    return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
                }

                private static double XavierDeviation(Tensor tensor, double gain)
                {
                    var (fanIn, fanOut) = CalculateFanInAndFanOut(Given(tensor));
                    return gain * Math.Sqrt(2.0 / (fanIn + fanOut));
                }

                private static Tensor Fill(Tensor tensor, int kind, double a, double b, Generator? generator = null)
                {
                    Check(kt_fill(Of(tensor), kind, a, b, generator?.Handle_ ?? GeneratorHandle.None));
                    return tensor;
                }
            }
        }
    }
}
