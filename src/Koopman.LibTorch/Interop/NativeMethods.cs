using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    /// <summary>
    /// The functions of <c>native/*.cpp</c>, one partial file a concern. A tensor comes back as a raw pointer (0 on failure) that
    /// <see cref="TensorHandle"/> takes over at once; a status comes back as 0 or 1.
    /// </summary>
    internal static partial class NativeMethods
    {
        private const string Library = "KoopmanTorch";

        static NativeMethods() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, Resolve);

        [LibraryImport(Library)]
        private static partial nint kt_last_error();

        [LibraryImport(Library)]
        private static partial nint kt_version();

        [LibraryImport(Library)]
        internal static partial void kt_tensor_free(nint tensor);

        [LibraryImport(Library)]
        internal static partial long kt_tensor_owned_bytes(nint tensor);

        /// <summary>The version of the libtorch in use, such as 1.13.1.</summary>
        internal static string Version => Marshal.PtrToStringUTF8(kt_version()) ?? "";

        /// <summary>Takes over a tensor that a native call returned, or throws what went wrong there.</summary>
        internal static torch.Tensor Take(nint tensor) => tensor == 0 ? throw Failure() : new torch.Tensor(tensor);

        /// <summary>Throws what went wrong in a native call that answered a status other than 0.</summary>
        internal static void Check(int status)
        {
            if (status != 0) throw Failure();
        }

        /// <summary>The exception TorchSharp throws for a native failure, with the first line of libtorch's message.</summary>
        internal static ExternalException Failure() => new(Marshal.PtrToStringUTF8(kt_last_error()));

        /// <summary>The shim lies next to this assembly: scripts (<c>dotnet fsi</c>) load the assembly from anywhere.</summary>
        private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
        {
            if (name != Library) return 0;
            var file = OperatingSystem.IsWindows() ? "KoopmanTorch.dll" : OperatingSystem.IsMacOS() ? "libKoopmanTorch.dylib" : "libKoopmanTorch.so";
            var folder = Path.GetDirectoryName(assembly.Location);
            var path = Path.Combine(string.IsNullOrEmpty(folder) ? AppContext.BaseDirectory : folder, file);

            if (!File.Exists(path))
                throw new DllNotFoundException(
                    $"{path} is missing: build src/Koopman.LibTorch on a machine with libtorch and a C++ compiler (see native/build.sh).");

            BlasKernels.Choose();
            return NativeLibrary.Load(path);
        }
    }
}
