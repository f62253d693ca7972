using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using Xunit;
using Xunit.Abstractions;

namespace Koopman.LibTorch.Tests
{
    /// <summary>Products run with the instructions that the processor has, also where OpenBLAS is older than the processor.</summary>
    public class BlasKernelTests(ITestOutputHelper output)
    {
        [Fact]
        public unsafe void OpenBlas_does_not_fall_back_to_kernels_without_vectors()
        {
            torch.ones(2).Dispose();
            var isThere =
                OperatingSystem.IsLinux() && Avx2.IsSupported && Fma.IsSupported
                && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE"));
            if (!isThere || !NativeLibrary.TryLoad("libopenblas.so.0", out var openBlas))
            {
                output.WriteLine("Skipped: no OpenBLAS, no AVX2, or kernels that the user chose.");
                return;
            }

            var function = (delegate* unmanaged<nint>)NativeLibrary.GetExport(openBlas, "openblas_get_corename");
            var name = Marshal.PtrToStringUTF8(function());
            output.WriteLine($"OpenBLAS runs its kernels for {name}.");
            Assert.DoesNotContain(name, new[] { "Prescott", "Core2", "Penryn", "Nehalem" });
        }
    }
}
