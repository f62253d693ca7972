using System;
using System.Collections.Generic;
using System.Numerics;

namespace TorchSharp
{
    public static partial class torch
    {
        // Tensors from .NET lists; torch.tensor always copies.
        /// <summary>A copy of these values as a tensor of type ComplexFloat32 unless another is given.</summary>
        public static Tensor tensor(IList<(float, float)> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<(float, float)>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat32 unless another is given.</summary>
        public static Tensor tensor(IList<(float, float)> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<(float, float)>(Elements(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat32 unless another is given.</summary>
        public static Tensor tensor(IList<(float, float)> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<(float, float)>(Elements(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat32 unless another is given.</summary>
        public static Tensor tensor(IList<(float, float)> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<(float, float)>(Elements(rawArray), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat32 unless another is given.</summary>
        public static Tensor tensor(IList<(float, float)> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<(float, float)>(Elements(rawArray), [rows, columns], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float16 unless another is given.</summary>
        public static Tensor tensor(IList<Half> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Half>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float16 unless another is given.</summary>
        public static Tensor tensor(IList<Half> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Half>(Elements(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float16 unless another is given.</summary>
        public static Tensor tensor(IList<Half> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Half>(Elements(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float16 unless another is given.</summary>
        public static Tensor tensor(IList<Half> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Half>(Elements(rawArray), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float16 unless another is given.</summary>
        public static Tensor tensor(IList<Half> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Half>(Elements(rawArray), [rows, columns], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat64 unless another is given.</summary>
        public static Tensor tensor(IList<Complex> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Complex>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat64 unless another is given.</summary>
        public static Tensor tensor(IList<Complex> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Complex>(Elements(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat64 unless another is given.</summary>
        public static Tensor tensor(IList<Complex> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Complex>(Elements(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat64 unless another is given.</summary>
        public static Tensor tensor(IList<Complex> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Complex>(Elements(rawArray), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat64 unless another is given.</summary>
        public static Tensor tensor(IList<Complex> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Complex>(Elements(rawArray), [rows, columns], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Bool unless another is given.</summary>
        public static Tensor tensor(IList<bool> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<bool>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Bool unless another is given.</summary>
        public static Tensor tensor(IList<bool> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<bool>(Elements(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Bool unless another is given.</summary>
        public static Tensor tensor(IList<bool> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<bool>(Elements(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Bool unless another is given.</summary>
        public static Tensor tensor(IList<bool> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<bool>(Elements(rawArray), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Bool unless another is given.</summary>
        public static Tensor tensor(IList<bool> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<bool>(Elements(rawArray), [rows, columns], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Byte unless another is given.</summary>
        public static Tensor tensor(IList<byte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<byte>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Byte unless another is given.</summary>
        public static Tensor tensor(IList<byte> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<byte>(Elements(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Byte unless another is given.</summary>
        public static Tensor tensor(IList<byte> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<byte>(Elements(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Byte unless another is given.</summary>
        public static Tensor tensor(IList<byte> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<byte>(Elements(rawArray), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Byte unless another is given.</summary>
        public static Tensor tensor(IList<byte> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<byte>(Elements(rawArray), [rows, columns], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float64 unless another is given.</summary>
        public static Tensor tensor(IList<double> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<double>(Elements(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float64 unless another is given.</summary>
        public static Tensor tensor(IList<double> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<double>(Elements(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float64 unless another is given.</summary>
        public static Tensor tensor(IList<double> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<double>(Elements(rawArray), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float64 unless another is given.</summary>
        public static Tensor tensor(IList<double> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<double>(Elements(rawArray), [rows, columns], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float32 unless another is given.</summary>
        public static Tensor tensor(IList<float> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<float>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float32 unless another is given.</summary>
        public static Tensor tensor(IList<float> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<float>(Elements(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float32 unless another is given.</summary>
        public static Tensor tensor(IList<float> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<float>(Elements(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float32 unless another is given.</summary>
        public static Tensor tensor(IList<float> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<float>(Elements(rawArray), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float32 unless another is given.</summary>
        public static Tensor tensor(IList<float> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<float>(Elements(rawArray), [rows, columns], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int32 unless another is given.</summary>
        public static Tensor tensor(IList<int> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<int>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int32 unless another is given.</summary>
        public static Tensor tensor(IList<int> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<int>(Elements(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int32 unless another is given.</summary>
        public static Tensor tensor(IList<int> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<int>(Elements(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int32 unless another is given.</summary>
        public static Tensor tensor(IList<int> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<int>(Elements(rawArray), [rows, columns], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int64 unless another is given.</summary>
        public static Tensor tensor(IList<long> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<long>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int64 unless another is given.</summary>
        public static Tensor tensor(IList<long> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<long>(Elements(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int64 unless another is given.</summary>
        public static Tensor tensor(IList<long> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<long>(Elements(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int64 unless another is given.</summary>
        public static Tensor tensor(IList<long> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<long>(Elements(rawArray), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int64 unless another is given.</summary>
        public static Tensor tensor(IList<long> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<long>(Elements(rawArray), [rows, columns], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int8 unless another is given.</summary>
        public static Tensor tensor(IList<sbyte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<sbyte>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int8 unless another is given.</summary>
        public static Tensor tensor(IList<sbyte> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<sbyte>(Elements(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int8 unless another is given.</summary>
        public static Tensor tensor(IList<sbyte> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<sbyte>(Elements(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int8 unless another is given.</summary>
        public static Tensor tensor(IList<sbyte> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<sbyte>(Elements(rawArray), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int8 unless another is given.</summary>
        public static Tensor tensor(IList<sbyte> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<sbyte>(Elements(rawArray), [rows, columns], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int16 unless another is given.</summary>
        public static Tensor tensor(IList<short> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<short>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int16 unless another is given.</summary>
        public static Tensor tensor(IList<short> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<short>(Elements(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int16 unless another is given.</summary>
        public static Tensor tensor(IList<short> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<short>(Elements(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int16 unless another is given.</summary>
        public static Tensor tensor(IList<short> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<short>(Elements(rawArray), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int16 unless another is given.</summary>
        public static Tensor tensor(IList<short> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<short>(Elements(rawArray), [rows, columns], dtype, device, requires_grad, names);
    }
}
