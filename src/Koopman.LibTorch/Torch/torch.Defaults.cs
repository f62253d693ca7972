using System;
using TorchSharp.Interop;

namespace TorchSharp
{
    public static partial class torch
    {
        private static ScalarType defaultType = ScalarType.Float32;
        private static Device defaultDevice = new(DeviceType.CPU);

        /// <summary>The type of new floating-point tensors whose type is not given: Float32 unless changed.</summary>
        public static ScalarType get_default_dtype() => defaultType;

        /// <summary>Sets the type of new floating-point tensors whose type is not given, for the whole process.</summary>
        public static void set_default_dtype(ScalarType dtype) => defaultType = dtype;

        /// <summary>Where new tensors live when no device is given: the CPU unless changed.</summary>
        public static Device get_default_device() => defaultDevice;

        /// <summary>Sets where new tensors live when no device is given, for the whole process.</summary>
        public static void set_default_device(Device device) => defaultDevice = device ?? throw new ArgumentNullException(nameof(device));

        /// <summary>Sets where new tensors live when no device is given, for the whole process.</summary>
        public static void set_default_device(string device) => set_default_device(new Device(device));

        /// <summary>The options of a new floating-point tensor: the defaults where nothing is given.</summary>
        private static NativeOptions Options(ScalarType? dtype, Device? device, bool requires_grad) =>
            new(dtype ?? defaultType, device ?? defaultDevice, requires_grad);

        /// <summary>The options of a tensor like another: as that one where nothing is given.</summary>
        private static NativeOptions Alike(ScalarType? dtype, Device? device, bool requires_grad) => new(dtype, device, requires_grad);

        /// <summary>The tensor itself: named dimensions are left to TorchSharp.</summary>
        private static Tensor Unnamed(Tensor tensor, string[]? names)
        {
            if (names is null or { Length: 0 }) return tensor;
            tensor.Dispose();
            throw new NotSupportedException("Named dimensions are not supported by this supplier of tensors: leave names out.");
        }
    }
}
