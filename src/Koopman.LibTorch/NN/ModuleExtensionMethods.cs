namespace TorchSharp
{
    /// <summary>Converts and moves modules; each answers the module itself, with its own type.</summary>
    public static class ModuleExtensionMethods
    {
        /// <summary>Moves a module to a device and converts it.</summary>
        public static T to<T>(this T module, torch.Device device, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, type, device, non_blocking);

        /// <summary>Moves a module to a device.</summary>
        public static T to<T>(this T module, torch.Device device, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, null, device, non_blocking);

        /// <summary>Moves a module to a device.</summary>
        public static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, null, new torch.Device(deviceType, deviceIndex), non_blocking);

        /// <summary>Moves a module to a device such as <c>cuda:0</c>.</summary>
        public static T to<T>(this T module, string device, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, null, new torch.Device(device), non_blocking);

        /// <summary>Gives a module the type and device of a tensor.</summary>
        public static T to<T>(this T module, torch.Tensor other, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, other.dtype, other.device, non_blocking);

        /// <summary>Converts a module.</summary>
        public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, type, null, non_blocking);

        /// <summary>Moves a module to the CPU.</summary>
        public static T cpu<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, null, torch.CPU, non_blocking);

        /// <summary>Moves a module to a CUDA device (default: the current one).</summary>
        public static T cuda<T>(this T module, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, null, new torch.Device(DeviceType.CUDA, deviceIndex), non_blocking);

        /// <summary>Converts a module to 32-bit real numbers.</summary>
        public static T @float<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, torch.ScalarType.Float32, null, non_blocking);

        /// <summary>Converts a module to 64-bit real numbers.</summary>
        public static T @double<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, torch.ScalarType.Float64, null, non_blocking);

        /// <summary>Converts a module to 16-bit real numbers.</summary>
        public static T half<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, torch.ScalarType.Float16, null, non_blocking);

        /// <summary>Converts a module to 16-bit brain floating point.</summary>
        public static T bfloat16<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, torch.ScalarType.BFloat16, null, non_blocking);

        /// <summary>Converts a module to complex numbers of two 32-bit parts.</summary>
        public static T cfloat<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, torch.ScalarType.ComplexFloat32, null, non_blocking);

        /// <summary>Converts a module to complex numbers of two 64-bit parts.</summary>
        public static T cdouble<T>(this T module, bool non_blocking = false) where T : torch.nn.Module =>
            Moved(module, torch.ScalarType.ComplexFloat64, null, non_blocking);

        private static T Moved<T>(T module, torch.ScalarType? type, torch.Device? device, bool nonBlocking) where T : torch.nn.Module
        {
            module.Move(type, device, nonBlocking);
            return module;
        }
    }
}
