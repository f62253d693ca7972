using System;
using System.Globalization;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>Where a tensor lives: a kind of device and, for accelerators, which one; index -1 means the current one.</summary>
        public class Device
        {
            public DeviceType type { get; private set; } = DeviceType.CPU;

            public int index { get; private set; } = -1;

            /// <summary>Reads <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, ...; ArgumentException for a kind that does not exist.</summary>
            public Device(string description)
            {
                ArgumentNullException.ThrowIfNull(description);
                var parts = description.Split(':');
                type = Enum.Parse<DeviceType>(parts[0], ignoreCase: true);
                if (parts.Length == 2) index = int.Parse(parts[1], CultureInfo.InvariantCulture);
            }

            public Device(string deviceType, int index = -1)
            {
                type = Enum.Parse<DeviceType>(deviceType, ignoreCase: true);
                this.index = index;
            }

            public Device(DeviceType deviceType, int index = -1)
            {
                type = deviceType;
                this.index = index;
            }

            /// <summary>The CUDA device of this number.</summary>
            public Device(int index)
            {
                type = DeviceType.CUDA;
                this.index = index;
            }

            public override string ToString()
            {
                var name = type.ToString().ToLowerInvariant();
                return type == DeviceType.CPU || index == -1 ? name : $"{name}:{index}";
            }

            public static implicit operator Device(string description) => new(description);
        }

        public static readonly Device CPU = new(DeviceType.CPU);
        public static readonly Device META = new(DeviceType.META);

        /// <summary>The current CUDA device.</summary>
        public static Device CUDA { get; } = new(DeviceType.CUDA);

        /// <summary>Apple's Metal device.</summary>
        public static Device MPS { get; } = new(DeviceType.MPS);

        public static Device device(string description) => new(description);

        public static Device device(string deviceType, int index = -1) => new(deviceType, index);

        public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

        public static Device device(int index) => new(index);
    }
}
