using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <inheritdoc cref="Modules.ReLU"/>
            public static ReLU ReLU(bool inplace = false) => new(inplace);

            /// <inheritdoc cref="Modules.LeakyReLU"/>
            public static LeakyReLU LeakyReLU(double negative_slope = 0.01, bool inplace = false) => new(negative_slope, inplace);

            /// <inheritdoc cref="Modules.ELU"/>
            public static ELU ELU(double alpha = 1, bool inplace = false) => new(alpha, inplace);

            /// <inheritdoc cref="Modules.SiLU"/>
            public static SiLU SiLU() => new(inplace: false);

            /// <inheritdoc cref="Modules.SiLU"/>
            public static SiLU SiLU(bool inplace) => new(inplace);

            /// <inheritdoc cref="Modules.GELU"/>
            public static GELU GELU() => new(inplace: false);

            /// <inheritdoc cref="Modules.GELU"/>
            public static GELU GELU(bool inplace) => new(inplace);

            /// <inheritdoc cref="Modules.Mish"/>
            public static Mish Mish() => new(inplace: false);

            /// <inheritdoc cref="Modules.Mish"/>
            public static Mish Mish(bool inplace) => new(inplace);

            /// <inheritdoc cref="Modules.Tanh"/>
            public static Tanh Tanh() => new(inplace: false);

            /// <inheritdoc cref="Modules.Tanh"/>
            public static Tanh Tanh(bool inplace = false) => new(inplace);

            /// <inheritdoc cref="Modules.Sigmoid"/>
            public static Sigmoid Sigmoid() => new(inplace: false);

            /// <inheritdoc cref="Modules.Sigmoid"/>
            public static Sigmoid Sigmoid(bool inplace) => new(inplace);

            /// <inheritdoc cref="Modules.Softplus"/>
            public static Softplus Softplus(double beta = 1, double threshold = 20) => new(beta, threshold);

            /// <inheritdoc cref="Modules.Softmax"/>
            public static Softmax Softmax(long dim) => new(dim);

            /// <inheritdoc cref="Modules.LogSoftmax"/>
            public static LogSoftmax LogSoftmax(long dim) => new(dim);
        }
    }
}
