using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Discrete Fourier transforms along one dimension or several.
        public static partial class fft
        {
            /// <summary>The Fourier transform along a dimension, over n elements (-1: all).</summary>
            public static unsafe Tensor fft_(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
                Take(kt_fft(Of(input), n < 0 ? null : &n, dim, Name(norm)));

            /// <summary>The inverse Fourier transform along a dimension, over n elements (-1: all).</summary>
            public static unsafe Tensor ifft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
                Take(kt_ifft(Of(input), n < 0 ? null : &n, dim, Name(norm)));

            /// <summary>The first half of the Fourier transform of a real tensor along a dimension.</summary>
            public static unsafe Tensor rfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
                Take(kt_rfft(Of(input), n < 0 ? null : &n, dim, Name(norm)));

            /// <summary>The real tensor of n elements whose Fourier transform begins with this one.</summary>
            public static unsafe Tensor irfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
                Take(kt_irfft(Of(input), n < 0 ? null : &n, dim, Name(norm)));

            /// <summary>The Fourier transform along several dimensions, all unless given.</summary>
            public static Tensor fftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
                Take(kt_fftn(Of(input), s, s?.Length ?? 0, s is null, dim, dim?.Length ?? 0, dim is null, Name(norm)));

            /// <summary>The inverse Fourier transform along several dimensions, all unless given.</summary>
            public static Tensor ifftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
                Take(kt_ifftn(Of(input), s, s?.Length ?? 0, s is null, dim, dim?.Length ?? 0, dim is null, Name(norm)));

            /// <summary>The zero frequency moved to the middle.</summary>
            public static Tensor fftshift(Tensor input, long[]? dim = null) => Take(kt_fftshift(Of(input), dim, dim?.Length ?? 0, dim is null));

            /// <summary>The inverse of fftshift.</summary>
            public static Tensor ifftshift(Tensor input, long[]? dim = null) => Take(kt_ifftshift(Of(input), dim, dim?.Length ?? 0, dim is null));

            /// <summary>The frequencies of a transform over n elements a distance d apart.</summary>
            public static Tensor fftfreq(long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
                Take(kt_fftfreq(n, d, Options(dtype, device, requires_grad)));

            /// <summary>The frequencies of the first half of a transform over n elements a distance d apart.</summary>
            public static Tensor rfftfreq(long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
                Take(kt_rfftfreq(n, d, Options(dtype, device, requires_grad)));
        }
    }
}
