using System;
using TorchSharp.Interop;

namespace TorchSharp
{
    // Which libtorch this is, and whether it has a device.
    public static partial class torch
    {
        /// <summary>The version of the libtorch in use, such as 1.13.1.</summary>
        public static string __version__ => NativeMethods.Version;

        /// <summary>Whether this kind of device can be used: the CPU always, CUDA when the libtorch in use and the machine have it.</summary>
        public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType switch
        {
            DeviceType.CPU or DeviceType.META => true,
            DeviceType.CUDA => cuda_is_available(),
            _ => false,
        };

        /// <summary>Does nothing when this kind of device can be used; InvalidOperationException when it cannot.</summary>
        public static void InitializeDeviceType(DeviceType deviceType)
        {
            if (!TryInitializeDeviceType(deviceType))
                throw new InvalidOperationException($"The libtorch in use ({__version__}) has no {deviceType} device on this machine.");
        }

        /// <summary>The device, or the default one without one; InvalidOperationException when it cannot be used.</summary>
        public static Device InitializeDevice(Device? device)
        {
            device ??= defaultDevice;
            InitializeDeviceType(device.type);
            return device;
        }

        /// <summary>Does nothing here: a native failure is thrown by the call that failed.</summary>
        public static void CheckForErrors() { }

        /// <summary>False: Metal is left to TorchSharp.</summary>
        public static bool mps_is_available() => false;
    }
}
