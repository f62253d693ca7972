using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TorchSharp.Interop
{
    /// <summary>
    /// OpenBLAS looks up the processor in a table of models when it is loaded, and for one that is newer than the table it takes the kernels of the year 2004: right, but
    /// four to five times slower than those that the processor has the instructions for.
    /// </summary>
    internal static partial class BlasKernels
    {
        private const string Variable = "OPENBLAS_CORETYPE";

        /// <summary>Kernels for processors without AVX.</summary>
        private static readonly string[] Old = ["Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Atom", "Banias", "Katmai", "Coppermine", "Northwood"];

        /// <summary>
        /// To be called before libtorch brings OpenBLAS along: asks it what it would take, and names better kernels in the environment if the processor has their
        /// instructions. What the user has set in the environment stands.
        /// </summary>
        internal static void Choose()
        {
            if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return;
            if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable))) return;

            var wanted =
                Avx512F.IsSupported && Avx512BW.IsSupported && Avx512CD.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported ? "SkylakeX"
                : Avx2.IsSupported && Fma.IsSupported ? "Haswell"
                : null;

            if (wanted is null || !NativeLibrary.TryLoad("libopenblas.so.0", out var openBlas)) return;

            var isOld =
                NativeLibrary.TryGetExport(openBlas, "openblas_get_corename", out var name)
                && Array.IndexOf(Old, NameOf(name)) >= 0;

            // It reads the environment when it is loaded: it must go before it comes with libtorch.
            NativeLibrary.Free(openBlas);

            // .NET's own setter changes a copy that native code does not see.
            if (isOld) setenv(Variable, wanted, 0);
        }

        private static unsafe string? NameOf(nint function) =>
            Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)function)());

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        private static partial int setenv(string name, string value, int overwrite);
    }
}
