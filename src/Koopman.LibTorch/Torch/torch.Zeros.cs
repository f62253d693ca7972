using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Constant tensors.
        /// <summary>A tensor of zeros.</summary>
        public static Tensor zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Unnamed(Take(kt_zeros(size, size.Length, Options(dtype, device, requires_grad))), names);

        /// <summary>A tensor of zeros.</summary>
        public static Tensor zeros(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            zeros((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A tensor of zeros.</summary>
        public static Tensor zeros(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            zeros((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A tensor of zeros.</summary>
        public static Tensor zeros(int rows, int columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            zeros((ReadOnlySpan<long>)[rows, columns], dtype, device, requires_grad, names);

        /// <summary>A tensor of zeros.</summary>
        public static Tensor zeros(int size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            zeros((ReadOnlySpan<long>)[size], dtype, device, requires_grad, names);

        /// <summary>A tensor of zeros.</summary>
        public static Tensor zeros(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            zeros((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A tensor of zeros.</summary>
        public static Tensor zeros(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            zeros((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A tensor of zeros.</summary>
        public static Tensor zeros(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            zeros((ReadOnlySpan<long>)[rows, columns], dtype, device, requires_grad, names);

        /// <summary>A tensor of zeros.</summary>
        public static Tensor zeros(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            zeros((ReadOnlySpan<long>)[size], dtype, device, requires_grad, names);

        /// <summary>A tensor of zeros.</summary>
        public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            zeros((ReadOnlySpan<long>)Given(size), dtype, device, requires_grad, names);

        /// <summary>A tensor of ones.</summary>
        public static Tensor ones(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Unnamed(Take(kt_ones(size, size.Length, Options(dtype, device, requires_grad))), names);

        /// <summary>A tensor of ones.</summary>
        public static Tensor ones(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            ones((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A tensor of ones.</summary>
        public static Tensor ones(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            ones((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A tensor of ones.</summary>
        public static Tensor ones(int rows, int columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            ones((ReadOnlySpan<long>)[rows, columns], dtype, device, requires_grad, names);

        /// <summary>A tensor of ones.</summary>
        public static Tensor ones(int size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            ones((ReadOnlySpan<long>)[size], dtype, device, requires_grad, names);

        /// <summary>A tensor of ones.</summary>
        public static Tensor ones(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            ones((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A tensor of ones.</summary>
        public static Tensor ones(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            ones((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A tensor of ones.</summary>
        public static Tensor ones(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            ones((ReadOnlySpan<long>)[rows, columns], dtype, device, requires_grad, names);

        /// <summary>A tensor of ones.</summary>
        public static Tensor ones(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            ones((ReadOnlySpan<long>)[size], dtype, device, requires_grad, names);

        /// <summary>A tensor of ones.</summary>
        public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            ones((ReadOnlySpan<long>)Given(size), dtype, device, requires_grad, names);
    }
}
