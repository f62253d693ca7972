using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>Whether libtorch has CUDA and sees a device.</summary>
        public static bool cuda_is_available() => cuda.is_available();

        /// <summary>CUDA devices. Every member works without them: there are none then.</summary>
        public static class cuda
        {
            /// <summary>Whether libtorch has CUDA and sees a device.</summary>
            public static bool is_available() => device_count() > 0;

            /// <summary>How many CUDA devices libtorch sees.</summary>
            public static int device_count() => kt_cuda_device_count();

            /// <summary>Whether libtorch has cuDNN.</summary>
            public static bool is_cudnn_available() => kt_cuda_has_cudnn() != 0;

            /// <summary>Seeds the current device's default generator.</summary>
            public static void manual_seed(long seed) => Check(kt_cuda_manual_seed(-1, unchecked((ulong)seed)));

            /// <summary>Seeds the default generator of every device.</summary>
            public static void manual_seed_all(long seed)
            {
                for (var i = 0; i < device_count(); i++) Check(kt_cuda_manual_seed(i, unchecked((ulong)seed)));
            }

            /// <summary>Waits until a device (default: the current one) has done what it was given.</summary>
            public static void synchronize(Device? device = null) => Check(kt_cuda_synchronize(device?.index ?? -1));
        }

        /// <summary>Switches of the libraries below libtorch.</summary>
        public static class backends
        {
            /// <summary>CUDA's linear algebra.</summary>
            public static class cuda
            {
                /// <summary>Matrix products.</summary>
                public static class matmul
                {
                    /// <summary>Whether inputs may be rounded to TensorFloat-32 (10 bits of fraction) for speed.</summary>
                    public static bool allow_tf32
                    {
                        get => kt_tf32(0) != 0;
                        set => Check(kt_set_tf32(0, value ? 1 : 0));
                    }
                }
            }

            /// <summary>Convolutions by cuDNN.</summary>
            public static class cudnn
            {
                /// <summary>Whether inputs may be rounded to TensorFloat-32 (10 bits of fraction) for speed.</summary>
                public static bool allow_tf32
                {
                    get => kt_tf32(1) != 0;
                    set => Check(kt_set_tf32(1, value ? 1 : 0));
                }
            }
        }
    }
}
