using System;
using System.Numerics;

namespace TorchSharp
{
    public static partial class torch
    {
        // Tensors from .NET arrays; torch.tensor always copies.
        /// <summary>A copy of these values as a tensor of type ComplexFloat32 unless another is given.</summary>
        public static Tensor tensor((float, float)[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<(float, float)>(Elements<(float, float)>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2), rawArray.GetLongLength(3)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat32 unless another is given.</summary>
        public static Tensor tensor((float, float)[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<(float, float)>(Elements<(float, float)>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat32 unless another is given.</summary>
        public static Tensor tensor((float, float)[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<(float, float)>(Elements<(float, float)>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat32 unless another is given.</summary>
        public static Tensor tensor((float, float)[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<(float, float)>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat32 unless another is given.</summary>
        public static Tensor tensor((float, float)[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<(float, float)>(Elements(rawArray), [rawArray.LongLength], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float16 unless another is given.</summary>
        public static Tensor tensor(Half[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Half>(Elements<Half>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2), rawArray.GetLongLength(3)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float16 unless another is given.</summary>
        public static Tensor tensor(Half[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Half>(Elements<Half>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float16 unless another is given.</summary>
        public static Tensor tensor(Half[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Half>(Elements<Half>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float16 unless another is given.</summary>
        public static Tensor tensor(Half[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Half>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float16 unless another is given.</summary>
        public static Tensor tensor(Half[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Half>(Elements(rawArray), [rawArray.LongLength], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat64 unless another is given.</summary>
        public static Tensor tensor(Complex[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Complex>(Elements<Complex>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2), rawArray.GetLongLength(3)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat64 unless another is given.</summary>
        public static Tensor tensor(Complex[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Complex>(Elements<Complex>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat64 unless another is given.</summary>
        public static Tensor tensor(Complex[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Complex>(Elements<Complex>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat64 unless another is given.</summary>
        public static Tensor tensor(Complex[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Complex>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat64 unless another is given.</summary>
        public static Tensor tensor(Complex[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Complex>(Elements(rawArray), [rawArray.LongLength], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Bool unless another is given.</summary>
        public static Tensor tensor(bool[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<bool>(Elements<bool>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2), rawArray.GetLongLength(3)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Bool unless another is given.</summary>
        public static Tensor tensor(bool[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<bool>(Elements<bool>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Bool unless another is given.</summary>
        public static Tensor tensor(bool[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<bool>(Elements<bool>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Bool unless another is given.</summary>
        public static Tensor tensor(bool[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<bool>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Bool unless another is given.</summary>
        public static Tensor tensor(bool[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<bool>(Elements(rawArray), [rawArray.LongLength], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Byte unless another is given.</summary>
        public static Tensor tensor(byte[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<byte>(Elements<byte>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2), rawArray.GetLongLength(3)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Byte unless another is given.</summary>
        public static Tensor tensor(byte[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<byte>(Elements<byte>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Byte unless another is given.</summary>
        public static Tensor tensor(byte[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<byte>(Elements<byte>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Byte unless another is given.</summary>
        public static Tensor tensor(byte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<byte>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Byte unless another is given.</summary>
        public static Tensor tensor(byte[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<byte>(Elements(rawArray), [rawArray.LongLength], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float64 unless another is given.</summary>
        public static Tensor tensor(double[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<double>(Elements<double>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2), rawArray.GetLongLength(3)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float64 unless another is given.</summary>
        public static Tensor tensor(double[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<double>(Elements<double>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float64 unless another is given.</summary>
        public static Tensor tensor(double[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<double>(Elements<double>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float64 unless another is given.</summary>
        public static Tensor tensor(double[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<double>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float64 unless another is given.</summary>
        public static Tensor tensor(double[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<double>(Elements(rawArray), [rawArray.LongLength], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float32 unless another is given.</summary>
        public static Tensor tensor(float[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<float>(Elements<float>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2), rawArray.GetLongLength(3)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float32 unless another is given.</summary>
        public static Tensor tensor(float[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<float>(Elements<float>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float32 unless another is given.</summary>
        public static Tensor tensor(float[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<float>(Elements<float>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float32 unless another is given.</summary>
        public static Tensor tensor(float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<float>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float32 unless another is given.</summary>
        public static Tensor tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<float>(Elements(rawArray), [rawArray.LongLength], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int32 unless another is given.</summary>
        public static Tensor tensor(int[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<int>(Elements<int>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2), rawArray.GetLongLength(3)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int32 unless another is given.</summary>
        public static Tensor tensor(int[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<int>(Elements<int>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int32 unless another is given.</summary>
        public static Tensor tensor(int[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<int>(Elements<int>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int32 unless another is given.</summary>
        public static Tensor tensor(int[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<int>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int32 unless another is given.</summary>
        public static Tensor tensor(int[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<int>(Elements(rawArray), [rawArray.LongLength], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int32 unless another is given.</summary>
        public static Tensor tensor(int[] rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<int>(Elements(rawArray), [dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int64 unless another is given.</summary>
        public static Tensor tensor(long[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<long>(Elements<long>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2), rawArray.GetLongLength(3)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int64 unless another is given.</summary>
        public static Tensor tensor(long[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<long>(Elements<long>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int64 unless another is given.</summary>
        public static Tensor tensor(long[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<long>(Elements<long>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int64 unless another is given.</summary>
        public static Tensor tensor(long[] dataArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<long>(Elements(dataArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int64 unless another is given.</summary>
        public static Tensor tensor(long[] dataArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<long>(Elements(dataArray), [dataArray.LongLength], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int8 unless another is given.</summary>
        public static Tensor tensor(sbyte[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<sbyte>(Elements<sbyte>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2), rawArray.GetLongLength(3)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int8 unless another is given.</summary>
        public static Tensor tensor(sbyte[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<sbyte>(Elements<sbyte>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int8 unless another is given.</summary>
        public static Tensor tensor(sbyte[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<sbyte>(Elements<sbyte>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int8 unless another is given.</summary>
        public static Tensor tensor(sbyte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<sbyte>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int8 unless another is given.</summary>
        public static Tensor tensor(sbyte[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<sbyte>(Elements(rawArray), [rawArray.LongLength], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int16 unless another is given.</summary>
        public static Tensor tensor(short[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<short>(Elements<short>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2), rawArray.GetLongLength(3)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int16 unless another is given.</summary>
        public static Tensor tensor(short[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<short>(Elements<short>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int16 unless another is given.</summary>
        public static Tensor tensor(short[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<short>(Elements<short>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int16 unless another is given.</summary>
        public static Tensor tensor(short[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<short>(Elements(rawArray), dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int16 unless another is given.</summary>
        public static Tensor tensor(short[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<short>(Elements(rawArray), [rawArray.LongLength], dtype, device, requires_grad, names);
    }
}
