namespace TorchSharp
{
    public static partial class torch
    {
        // Small steps that several groups of methods share.
        public partial class Tensor
        {
            private static Tensor In(ScalarType? type, Tensor result) => type is { } t ? result.to_type(t, disposeAfter: true) : result;

            /// <summary>libtorch returns empty tensors for what was not asked for; TorchSharp returns null.</summary>
            private static (Tensor, Tensor?, Tensor?) Wanted((Tensor Values, Tensor Inverse, Tensor Counts) all, bool inverse, bool counts)
            {
                if (!inverse) all.Inverse.Dispose();
                if (!counts) all.Counts.Dispose();
                return (all.Values, inverse ? all.Inverse : null, counts ? all.Counts : null);
            }
        }

        public static partial class fft
        {
            private static string Name(FFTNormType norm) => norm switch
            {
                FFTNormType.Forward => "forward",
                FFTNormType.Ortho => "ortho",
                _ => "backward",
            };
        }
    }
}
