using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Random tensors; each call draws from the generator given, or from the device's own.
        /// <summary>Numbers drawn evenly from [0, 1).</summary>
        public static Tensor rand(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            Unnamed(Take(kt_rand(size, size.Length, Source(generator), Options(Floating(dtype), device, requires_grad))), names);

        /// <summary>Numbers drawn evenly from [0, 1).</summary>
        public static Tensor rand(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            rand((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn evenly from [0, 1).</summary>
        public static Tensor rand(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            rand((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn evenly from [0, 1).</summary>
        public static Tensor rand(int rows, int columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            rand((ReadOnlySpan<long>)[rows, columns], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn evenly from [0, 1).</summary>
        public static Tensor rand(int size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            rand((ReadOnlySpan<long>)[size], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn evenly from [0, 1).</summary>
        public static Tensor rand(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            rand((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn evenly from [0, 1).</summary>
        public static Tensor rand(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            rand((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn evenly from [0, 1).</summary>
        public static Tensor rand(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            rand((ReadOnlySpan<long>)[rows, columns], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn evenly from [0, 1).</summary>
        public static Tensor rand(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            rand((ReadOnlySpan<long>)[size], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn evenly from [0, 1).</summary>
        public static Tensor rand(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            rand((ReadOnlySpan<long>)Given(size), dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn from the standard normal distribution.</summary>
        public static Tensor randn(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            Unnamed(Take(kt_randn(size, size.Length, Source(generator), Options(Floating(dtype), device, requires_grad))), names);

        /// <summary>Numbers drawn from the standard normal distribution.</summary>
        public static Tensor randn(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            randn((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn from the standard normal distribution.</summary>
        public static Tensor randn(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            randn((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn from the standard normal distribution.</summary>
        public static Tensor randn(int rows, int columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            randn((ReadOnlySpan<long>)[rows, columns], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn from the standard normal distribution.</summary>
        public static Tensor randn(int size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            randn((ReadOnlySpan<long>)[size], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn from the standard normal distribution.</summary>
        public static Tensor randn(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            randn((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn from the standard normal distribution.</summary>
        public static Tensor randn(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            randn((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn from the standard normal distribution.</summary>
        public static Tensor randn(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            randn((ReadOnlySpan<long>)[rows, columns], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn from the standard normal distribution.</summary>
        public static Tensor randn(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            randn((ReadOnlySpan<long>)[size], dtype, device, requires_grad, generator, names);

        /// <summary>Numbers drawn from the standard normal distribution.</summary>
        public static Tensor randn(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
            randn((ReadOnlySpan<long>)Given(size), dtype, device, requires_grad, generator, names);
    }
}
