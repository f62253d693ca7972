using System;
using System.Numerics;

namespace TorchSharp
{
    public static partial class torch
    {
        // Tensors from .NET spans; torch.tensor always copies.
        /// <summary>A copy of these values as a tensor of type Float16 unless another is given.</summary>
        public static Tensor tensor(Memory<Half> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Half>(rawArray.Span, dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type ComplexFloat64 unless another is given.</summary>
        public static Tensor tensor(Memory<Complex> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<Complex>(rawArray.Span, dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Byte unless another is given.</summary>
        public static Tensor tensor(Memory<byte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<byte>(rawArray.Span, dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float64 unless another is given.</summary>
        public static Tensor tensor(Memory<double> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<double>(rawArray.Span, dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Float32 unless another is given.</summary>
        public static Tensor tensor(Memory<float> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<float>(rawArray.Span, dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int32 unless another is given.</summary>
        public static Tensor tensor(Memory<int> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<int>(rawArray.Span, dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int64 unless another is given.</summary>
        public static Tensor tensor(Memory<long> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<long>(rawArray.Span, dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int8 unless another is given.</summary>
        public static Tensor tensor(Memory<sbyte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<sbyte>(rawArray.Span, dimensions, dtype, device, requires_grad, names);

        /// <summary>A copy of these values as a tensor of type Int16 unless another is given.</summary>
        public static Tensor tensor(Memory<short> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Copy<short>(rawArray.Span, dimensions, dtype, device, requires_grad, names);
    }
}
