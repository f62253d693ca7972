using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    /// <summary>Where and in which type a new tensor lives; -1 means unspecified. Mirrors <c>KtOptions</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct NativeOptions
    {
        internal readonly int DType;
        internal readonly int DeviceType;
        internal readonly int DeviceIndex;
        internal readonly int RequiresGrad;

        internal NativeOptions(torch.ScalarType? dtype, torch.Device? device, bool requiresGrad)
        {
            DType = dtype is { } t ? (int)t : -1;
            DeviceType = device is null ? -1 : (int)device.type;
            DeviceIndex = device?.index ?? -1;
            RequiresGrad = requiresGrad ? 1 : 0;
        }
    }
}
