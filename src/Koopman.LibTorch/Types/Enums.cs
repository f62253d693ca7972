namespace TorchSharp
{
    /// <summary>When cdist takes the fast route over a matrix product, which loses digits for close points.</summary>
    public enum compute_mode
    {
        use_mm_for_euclid_dist_if_necessary = 0,
        use_mm_for_euclid_dist = 1,
        donot_use_mm_for_euclid_dist = 2,
    }

    /// <summary>Where a Fourier transform divides by the length: on the way back, on the way forth, or its root both ways.</summary>
    public enum FFTNormType
    {
        Backward = 0,
        Forward = 1,
        Ortho = 2,
    }

    /// <summary>How a tensor is written out.</summary>
    public enum TensorStringStyle
    {
        Metadata = 0,
        Julia = 1,
        Numpy = 2,
        CSharp = 3,
        Default = 4,
    }

    public static partial class torch
    {
        /// <summary>How a quotient is rounded.</summary>
        public enum RoundingMode
        {
            None = 0,
            trunc = 1,
            floor = 2,
        }

        public static partial class linalg
        {
            /// <summary>Which factors of a QR decomposition are returned, and how large.</summary>
            public enum QRMode
            {
                Reduced = 0,
                Complete = 1,
                R = 2,
            }
        }
    }
}
