using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace TorchSharp.Interop
{
    /// <summary>Owns one native tensor. It is reference-counted by the runtime: a tensor cannot die during a call that uses it.</summary>
    internal sealed class TensorHandle : SafeHandle
    {
        // Telling the collector about small tensors costs more than it saves.
        private const long PressureThreshold = 1 << 16;

        private static long live;
        private static long peak;
        private readonly long pressure;

        /// <summary>Stands for an absent tensor in native calls; never closed.</summary>
        internal static readonly TensorHandle None = new();

        private TensorHandle() : base(0, ownsHandle: false) { }

        internal TensorHandle(nint tensor) : base(0, ownsHandle: true)
        {
            SetHandle(tensor);
            var count = Interlocked.Increment(ref live);
            if (count > Volatile.Read(ref peak)) Interlocked.Exchange(ref peak, count);
            var bytes = NativeMethods.kt_tensor_owned_bytes(tensor);
            if (bytes < PressureThreshold) return;
            pressure = bytes;
            GC.AddMemoryPressure(bytes);
        }

        /// <summary>Native tensors alive in this process.</summary>
        internal static long Live => Interlocked.Read(ref live);

        /// <summary>The most native tensors that were alive at one time.</summary>
        internal static long Peak => Interlocked.Read(ref peak);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            NativeMethods.kt_tensor_free(handle);
            Interlocked.Decrement(ref live);
            if (pressure > 0) GC.RemoveMemoryPressure(pressure);
            return true;
        }
    }
}
