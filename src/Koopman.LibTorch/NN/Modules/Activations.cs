using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>max(x, 0).</summary>
        public sealed class ReLU : ParameterLessModule<torch.Tensor, torch.Tensor>
        {
            internal ReLU(bool inplace) : base(nameof(ReLU))
            {
                this.inplace = inplace;
            }

            /// <summary>Whether the input is overwritten.</summary>
            public bool inplace { get; set; }

            /// <summary>Applies the function to each element.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => functional.relu(tensor, inplace);
        }

        /// <summary>x, or x times a slope where x is negative.</summary>
        public sealed class LeakyReLU : ParameterLessModule<torch.Tensor, torch.Tensor>
        {
            internal LeakyReLU(double negative_slope, bool inplace) : base(nameof(LeakyReLU))
            {
                this.negative_slope = negative_slope;
                this.inplace = inplace;
            }

            /// <summary>The slope.</summary>
            public double negative_slope { get; set; }

            /// <summary>Whether the input is overwritten.</summary>
            public bool inplace { get; set; }

            /// <summary>Applies the function to each element.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => functional.leaky_relu(tensor, negative_slope, inplace);
        }

        /// <summary>x, or alpha (eˣ − 1) where x is negative.</summary>
        public sealed class ELU : ParameterLessModule<torch.Tensor, torch.Tensor>
        {
            internal ELU(double alpha, bool inplace) : base(nameof(ELU))
            {
                this.alpha = alpha;
                this.inplace = inplace;
            }

            /// <summary>Minus the limit at −∞.</summary>
            public double alpha { get; set; }

            /// <summary>Whether the input is overwritten.</summary>
            public bool inplace { get; set; }

            /// <summary>Applies the function to each element.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => functional.elu(tensor, alpha, inplace);
        }

        /// <summary>x sigmoid(x).</summary>
        public sealed class SiLU : ParameterLessModule<torch.Tensor, torch.Tensor>
        {
            internal SiLU(bool inplace) : base(nameof(SiLU))
            {
                this.inplace = inplace;
            }

            /// <summary>Whether the input is overwritten.</summary>
            public bool inplace { get; set; }

            /// <summary>Applies the function to each element.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => functional.silu(tensor, inplace);
        }

        /// <summary>x Φ(x), Φ being the normal distribution function.</summary>
        public sealed class GELU : ParameterLessModule<torch.Tensor, torch.Tensor>
        {
            internal GELU(bool inplace) : base(nameof(GELU))
            {
                this.inplace = inplace;
            }

            /// <summary>Whether the input is overwritten.</summary>
            public bool inplace { get; set; }

            /// <summary>Applies the function to each element.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => functional.gelu(tensor, inplace);
        }

        /// <summary>x tanh(softplus(x)).</summary>
        public sealed class Mish : ParameterLessModule<torch.Tensor, torch.Tensor>
        {
            internal Mish(bool inplace) : base(nameof(Mish))
            {
                this.inplace = inplace;
            }

            /// <summary>Whether the input is overwritten.</summary>
            public bool inplace { get; set; }

            /// <summary>Applies the function to each element.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => functional.mish(tensor, inplace);
        }

        /// <summary>The hyperbolic tangent.</summary>
        public sealed class Tanh : ParameterLessModule<torch.Tensor, torch.Tensor>
        {
            internal Tanh(bool inplace) : base(nameof(Tanh))
            {
                this.inplace = inplace;
            }

            /// <summary>Whether the input is overwritten.</summary>
            public bool inplace { get; set; }

            /// <summary>Applies the function to each element.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => functional.tanh(tensor, inplace);
        }

        /// <summary>1 / (1 + e⁻ˣ).</summary>
        public sealed class Sigmoid : ParameterLessModule<torch.Tensor, torch.Tensor>
        {
            internal Sigmoid(bool inplace) : base(nameof(Sigmoid))
            {
                this.inplace = inplace;
            }

            /// <summary>Whether the input is overwritten.</summary>
            public bool inplace { get; set; }

            /// <summary>Applies the function to each element.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => functional.sigmoid(tensor, inplace);
        }

        /// <summary>log(1 + e^(beta x)) / beta.</summary>
        public sealed class Softplus : ParameterLessModule<torch.Tensor, torch.Tensor>
        {
            internal Softplus(double beta, double threshold) : base(nameof(Softplus))
            {
                this.beta = beta;
                this.threshold = threshold;
            }

            /// <summary>The steepness.</summary>
            public double beta { get; set; }

            /// <summary>Beyond this value of beta x the result is x.</summary>
            public double threshold { get; set; }

            /// <summary>Applies the function to each element.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => functional.softplus(tensor, beta, threshold);
        }

        /// <summary>eˣ / Σeˣ along a dimension.</summary>
        public sealed class Softmax : ParameterLessModule<torch.Tensor, torch.Tensor>
        {
            internal Softmax(long dim) : base(nameof(Softmax))
            {
                this.dim = dim;
            }

            /// <summary>The dimension.</summary>
            public long dim { get; set; }

            /// <summary>Applies the function along the dimension.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => functional.softmax(tensor, dim);
        }

        /// <summary>The logarithm of softmax along a dimension.</summary>
        public sealed class LogSoftmax : ParameterLessModule<torch.Tensor, torch.Tensor>
        {
            internal LogSoftmax(long dim) : base(nameof(LogSoftmax))
            {
                this.dim = dim;
            }

            /// <summary>The dimension.</summary>
            public long dim { get; set; }

            /// <summary>Applies the function along the dimension.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => functional.log_softmax(tensor, dim);
        }
    }
}
