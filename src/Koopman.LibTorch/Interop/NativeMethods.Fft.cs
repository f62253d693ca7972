using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Fourier transforms. See native/fft.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static unsafe partial nint kt_fft(TensorHandle a, long* n, long dim, string norm);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static unsafe partial nint kt_ifft(TensorHandle a, long* n, long dim, string norm);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static unsafe partial nint kt_rfft(TensorHandle a, long* n, long dim, string norm);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static unsafe partial nint kt_irfft(TensorHandle a, long* n, long dim, string norm);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint kt_fftn(TensorHandle a, ReadOnlySpan<long> s, int sCount, [MarshalAs(UnmanagedType.U1)] bool alls, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool all, string norm);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint kt_ifftn(TensorHandle a, ReadOnlySpan<long> s, int sCount, [MarshalAs(UnmanagedType.U1)] bool alls, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool all, string norm);

        [LibraryImport(Library)]
        internal static partial nint kt_fftshift(TensorHandle a, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool all);

        [LibraryImport(Library)]
        internal static partial nint kt_ifftshift(TensorHandle a, ReadOnlySpan<long> dims, int dimsCount, [MarshalAs(UnmanagedType.U1)] bool all);

        [LibraryImport(Library)]
        internal static partial nint kt_fftfreq(long n, double d, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_rfftfreq(long n, double d, in NativeOptions o);
    }
}
