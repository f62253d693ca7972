using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Random tensors. See native/random.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_rand(ReadOnlySpan<long> size, int sizeCount, GeneratorHandle g, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_randn(ReadOnlySpan<long> size, int sizeCount, GeneratorHandle g, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_randint(long low, long high, ReadOnlySpan<long> size, int sizeCount, GeneratorHandle g, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_randperm(long n, GeneratorHandle g, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_rand_like(TensorHandle t, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_randn_like(TensorHandle t, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_randint_like(TensorHandle t, long low, long high, in NativeOptions o);

        [LibraryImport(Library)]
        internal static partial nint kt_normal(TensorHandle mean, TensorHandle deviation, GeneratorHandle g);

        [LibraryImport(Library)]
        internal static partial nint kt_bernoulli(TensorHandle probability, GeneratorHandle g);

        [LibraryImport(Library)]
        internal static partial nint kt_multinomial(TensorHandle weights, long samples, [MarshalAs(UnmanagedType.U1)] bool replacement, GeneratorHandle g);

        [LibraryImport(Library)]
        internal static partial nint kt_poisson(TensorHandle rate, GeneratorHandle g);

        [LibraryImport(Library)]
        internal static partial int kt_normal_(TensorHandle t, double mean, double deviation, GeneratorHandle g);

        [LibraryImport(Library)]
        internal static partial int kt_uniform_(TensorHandle t, double from, double to, GeneratorHandle g);

        [LibraryImport(Library)]
        internal static partial int kt_exponential_(TensorHandle t, double rate, GeneratorHandle g);

        [LibraryImport(Library)]
        internal static partial int kt_cauchy_(TensorHandle t, double median, double width, GeneratorHandle g);

        [LibraryImport(Library)]
        internal static partial int kt_log_normal_(TensorHandle t, double mean, double deviation, GeneratorHandle g);

        [LibraryImport(Library)]
        internal static partial int kt_geometric_(TensorHandle t, double p, GeneratorHandle g);

        [LibraryImport(Library)]
        internal static partial int kt_bernoulli_(TensorHandle t, double p, GeneratorHandle g);
    }
}
