using System;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>
        /// A source of random numbers with a state of its own: the same seed gives the same numbers on the same device and libtorch.
        /// </summary>
        public class Generator : IDisposable
        {
            private readonly GeneratorHandle handle;

            /// <summary>A generator of its own on a CPU or CUDA device (default: CPU).</summary>
            /// <exception cref="System.Runtime.InteropServices.ExternalException">The device is not there.</exception>
            public Generator(ulong seed = 0, Device? device = null)
                : this(kt_generator_new(seed, (int)(device?.type ?? DeviceType.CPU), device?.index ?? -1), device) { }

            private Generator(nint native, Device? device)
            {
                handle = new GeneratorHandle(native);
                this.device = device ?? CPU;
            }

            /// <summary>A handle to libtorch's generator for everything on the CPU that names none.</summary>
            public static Generator Default => new(kt_generator_default(), null);

            /// <summary>Where the numbers are made.</summary>
            public Device device { get; private set; }

            internal GeneratorHandle Handle_ => handle;

            /// <summary>The state as bytes; a fresh tensor.</summary>
            public Tensor get_state() => Take(kt_generator_get_state(handle));

            /// <summary>Goes back to a state that <see cref="get_state"/> returned.</summary>
            public void set_state(Tensor value) => Check(kt_generator_set_state(handle, Of(value)));

            /// <summary>Starts the sequence of a seed.</summary>
            /// <returns>This generator.</returns>
            public Generator manual_seed(long seed)
            {
                Check(kt_generator_set_seed(handle, unchecked((ulong)seed)));
                return this;
            }

            /// <summary>Starts at a seed that cannot be foreseen, and returns it.</summary>
            public long seed()
            {
                Check(kt_generator_fresh_seed(handle, out var seed));
                return unchecked((long)seed);
            }

            /// <summary>The seed the present sequence started from.</summary>
            public long initial_seed()
            {
                Check(kt_generator_get_seed(handle, out var seed));
                return unchecked((long)seed);
            }

            /// <summary>Releases the native generator; a second call does nothing.</summary>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Releases the native generator.</summary>
            protected virtual void Dispose(bool disposing)
            {
                if (disposing) handle.Dispose();
            }
        }
    }
}
