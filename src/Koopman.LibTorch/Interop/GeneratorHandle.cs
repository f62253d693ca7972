using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    /// <summary>Owns one native random number generator.</summary>
    internal sealed class GeneratorHandle : SafeHandle
    {
        /// <summary>Stands for libtorch's default generator in native calls; never closed.</summary>
        internal static readonly GeneratorHandle None = new();

        private GeneratorHandle() : base(0, ownsHandle: false) { }

        internal GeneratorHandle(nint generator) : base(0, ownsHandle: true)
        {
            if (generator == 0) throw NativeMethods.Failure();
            SetHandle(generator);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            NativeMethods.kt_generator_free(handle);
            return true;
        }
    }
}
