namespace TorchSharp
{
    /// <summary>What lies beyond the edge of a tensor.</summary>
    public enum PaddingModes
    {
        /// <summary>Zeros.</summary>
        Zeros = 0,

        /// <summary>The mirror image, without the edge itself.</summary>
        Reflect = 1,

        /// <summary>The edge again and again.</summary>
        Replicate = 2,

        /// <summary>The other end.</summary>
        Circular = 3,

        /// <summary>One number.</summary>
        Constant = 4,
    }

    /// <summary>How much a convolution pads.</summary>
    public enum Padding
    {
        /// <summary>Nothing.</summary>
        Valid = 0,

        /// <summary>So that the output has the size of the input.</summary>
        Same = 1,
    }

    public static partial class torch
    {
        /// <summary>How a layer invents values between given ones.</summary>
        public enum UpsampleMode
        {
            /// <summary>The nearest value.</summary>
            Nearest = 0,

            /// <summary>Linear in one dimension.</summary>
            Linear = 1,

            /// <summary>Linear in two dimensions.</summary>
            Bilinear = 2,

            /// <summary>Cubic in two dimensions.</summary>
            Bicubic = 3,

            /// <summary>Linear in three dimensions.</summary>
            Trilinear = 4,
        }

        /// <summary>How <see cref="nn.functional.interpolate"/> invents values between given ones.</summary>
        public enum InterpolationMode
        {
            /// <summary>The nearest value, as PyTorch always did it.</summary>
            Nearest = 0,

            /// <summary>Linear in one dimension.</summary>
            Linear = 1,

            /// <summary>Linear in two dimensions.</summary>
            Bilinear = 2,

            /// <summary>Cubic in two dimensions.</summary>
            Bicubic = 3,

            /// <summary>Linear in three dimensions.</summary>
            Trilinear = 4,

            /// <summary>The mean over the area.</summary>
            Area = 5,

            /// <summary>The nearest value, by the centres of the cells.</summary>
            NearestExact = 6,
        }

        public static partial class nn
        {
            /// <summary>What a loss does with the losses of the single elements.</summary>
            public enum Reduction
            {
                /// <summary>Nothing.</summary>
                None = 0,

                /// <summary>Takes their mean.</summary>
                Mean = 1,

                /// <summary>Takes their sum.</summary>
                Sum = 2,
            }
        }
    }
}
