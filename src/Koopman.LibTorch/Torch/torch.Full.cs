using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Constant and unset tensors.
        /// <summary>A tensor whose elements are not set.</summary>
        public static Tensor empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Unnamed(Take(kt_empty(size, size.Length, Options(dtype, device, requires_grad))), names);

        /// <summary>A tensor whose elements are not set.</summary>
        public static Tensor empty(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            empty((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A tensor whose elements are not set.</summary>
        public static Tensor empty(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            empty((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A tensor whose elements are not set.</summary>
        public static Tensor empty(int rows, int columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            empty((ReadOnlySpan<long>)[rows, columns], dtype, device, requires_grad, names);

        /// <summary>A tensor whose elements are not set.</summary>
        public static Tensor empty(int size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            empty((ReadOnlySpan<long>)[size], dtype, device, requires_grad, names);

        /// <summary>A tensor whose elements are not set.</summary>
        public static Tensor empty(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            empty((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A tensor whose elements are not set.</summary>
        public static Tensor empty(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            empty((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A tensor whose elements are not set.</summary>
        public static Tensor empty(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            empty((ReadOnlySpan<long>)[rows, columns], dtype, device, requires_grad, names);

        /// <summary>A tensor whose elements are not set.</summary>
        public static Tensor empty(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            empty((ReadOnlySpan<long>)[size], dtype, device, requires_grad, names);

        /// <summary>A tensor whose elements are not set.</summary>
        public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            empty((ReadOnlySpan<long>)Given(size), dtype, device, requires_grad, names);

        /// <summary>A tensor with this value everywhere.</summary>
        public static Tensor full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Unnamed(Take(kt_full(size, size.Length, Num(value), new(dtype ?? (is_integral(value.Type) ? ScalarType.Int64 : defaultType), device ?? defaultDevice, requires_grad))), names);

        /// <summary>A tensor with this value everywhere.</summary>
        public static Tensor full(int dim0, int dim1, int dim2, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            full((ReadOnlySpan<long>)[dim0, dim1, dim2], value, dtype, device, requires_grad, names);

        /// <summary>A tensor with this value everywhere.</summary>
        public static Tensor full(int dim0, int dim1, int dim2, int dim3, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            full((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], value, dtype, device, requires_grad, names);

        /// <summary>A tensor with this value everywhere.</summary>
        public static Tensor full(int rows, int columns, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            full((ReadOnlySpan<long>)[rows, columns], value, dtype, device, requires_grad, names);

        /// <summary>A tensor with this value everywhere.</summary>
        public static Tensor full(int size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            full((ReadOnlySpan<long>)[size], value, dtype, device, requires_grad, names);

        /// <summary>A tensor with this value everywhere.</summary>
        public static Tensor full(long dim0, long dim1, long dim2, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            full((ReadOnlySpan<long>)[dim0, dim1, dim2], value, dtype, device, requires_grad, names);

        /// <summary>A tensor with this value everywhere.</summary>
        public static Tensor full(long dim0, long dim1, long dim2, long dim3, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            full((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], value, dtype, device, requires_grad, names);

        /// <summary>A tensor with this value everywhere.</summary>
        public static Tensor full(long rows, long columns, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            full((ReadOnlySpan<long>)[rows, columns], value, dtype, device, requires_grad, names);

        /// <summary>A tensor with this value everywhere.</summary>
        public static Tensor full(long size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            full((ReadOnlySpan<long>)[size], value, dtype, device, requires_grad, names);

        /// <summary>A tensor with this value everywhere.</summary>
        public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            full((ReadOnlySpan<long>)Given(size), value, dtype, device, requires_grad, names);
    }
}
