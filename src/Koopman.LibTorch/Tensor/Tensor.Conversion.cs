using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // The same numbers in another type or on another device.
        public partial class Tensor
        {
            private const int AsItIs = -1;

            private Tensor To(int dtype, int deviceType, int deviceIndex, bool copy, bool disposeAfter, bool nonBlocking)
            {
                var moved = Take(kt_to(handle, dtype, deviceType, deviceIndex, copy, nonBlocking));
                if (disposeAfter) Dispose();
                return moved;
            }

            /// <summary>The tensor in this type; a second handle to the same tensor when it has that type and no copy is asked for.</summary>
            public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
                To((int)type, AsItIs, AsItIs, copy, disposeAfter, non_blocking);

            /// <summary>The tensor in this type; a second handle to the same tensor when it has that type and no copy is asked for.</summary>
            public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
                to_type(type, copy, disposeAfter, non_blocking);

            /// <summary>The tensor in this type and on this device.</summary>
            public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
            {
                ArgumentNullException.ThrowIfNull(device);
                return To((int)type, (int)device.type, device.index, copy, disposeAfter, non_blocking);
            }

            /// <summary>The tensor on this device.</summary>
            public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
                To(AsItIs, (int)deviceType, deviceIndex, copy, disposeAfter, non_blocking);

            /// <summary>The tensor on this device.</summary>
            public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
            {
                ArgumentNullException.ThrowIfNull(device);
                return To(AsItIs, (int)device.type, device.index, copy, disposeAfter, non_blocking);
            }

            /// <summary>The tensor on the device of this name, such as cuda:0.</summary>
            public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
                to(new Device(device), copy, disposeAfter, non_blocking);

            /// <summary>The tensor in the type and on the device of another.</summary>
            public Tensor to(Tensor other, bool non_blocking = false) => to(Given(other).dtype, other.device, non_blocking: non_blocking);

            public Tensor type_as(Tensor tensor) => to_type(Given(tensor).dtype);

            public Tensor type(ScalarType dtype) => to_type(dtype);

            public Tensor type(Func<Tensor, Tensor> typeFunc)
            {
                ArgumentNullException.ThrowIfNull(typeFunc);
                return typeFunc(this);
            }

            /// <summary>The tensor in the memory of the processor.</summary>
            public Tensor cpu() => to(DeviceType.CPU);

            /// <summary>The tensor on a CUDA device, the current one unless given; ArgumentException for a device of another kind.</summary>
            public Tensor cuda(Device? device = null, bool non_blocking = false) =>
                device is { type: not DeviceType.CUDA }
                    ? throw new ArgumentException($"{device} is not a CUDA device.", nameof(device))
                    : to(device ?? CUDA, non_blocking: non_blocking);

            /// <summary>The tensor on Apple's Metal device.</summary>
            public Tensor mps(bool non_blocking = false) => to(MPS, non_blocking: non_blocking);

            /// <summary>A copy in page-locked memory, from which an accelerator copies faster.</summary>
            public Tensor pin_memory() => Take(kt_pin_memory(handle));

            public Tensor @bool() => to_type(ScalarType.Bool);

            public Tensor @byte() => to_type(ScalarType.Byte);

            public Tensor @char() => to_type(ScalarType.Int8);

            public Tensor @short() => to_type(ScalarType.Int16);

            public Tensor @int() => to_type(ScalarType.Int32);

            public Tensor @long() => to_type(ScalarType.Int64);

            public Tensor half() => to_type(ScalarType.Float16);

            public Tensor bfloat16() => to_type(ScalarType.BFloat16);

            public Tensor @float() => to_type(ScalarType.Float32);

            public Tensor @double() => to_type(ScalarType.Float64);

            public Tensor cfloat() => to_type(ScalarType.ComplexFloat32);

            public Tensor cdouble() => to_type(ScalarType.ComplexFloat64);

            /// <summary>Overwrites the elements with those of the source, which is broadcast and converted.</summary>
            public Tensor copy_(Tensor source, bool nonBlocking = false) => Did(kt_copy_(handle, Of(source), nonBlocking));

            /// <summary>Sets every element to zero.</summary>
            public Tensor zero_() => Did(kt_zero_(handle));

            /// <summary>Sets every element to this value.</summary>
            public Tensor fill_(Scalar value) => Did(kt_fill_(handle, Num(value)));

            /// <summary>This tensor after a native call that changed it.</summary>
            internal Tensor Did(int status)
            {
                Check(status);
                return this;
            }

            private static string Name(RoundingMode mode) => mode == RoundingMode.floor ? "floor" : "trunc";
        }
    }
}
