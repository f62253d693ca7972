using System;
using System.Linq;
using System.Numerics;
using TorchSharp;

namespace Koopman;

/// <summary>Copies of tensors as .NET arrays of float64 or complex numbers. The tensor is unchanged.</summary>
public static class TensorExtensions
{
    extension(torch.Tensor tensor)
    {
        /// <summary>A copy of a vector (n); of other shapes all values in row-major order.</summary>
        public double[] ToVector() => Tensors.toArray(tensor);

        /// <summary>A copy of a matrix (n, m).</summary>
        public double[,] ToMatrix() => (double[,])Filled(tensor, 2);

        /// <summary>A copy of a cube (n, m, k).</summary>
        public double[,,] ToCube() => (double[,,])Filled(tensor, 3);

        /// <summary>A copy of a matrix (n, m), complex or real.</summary>
        public Complex[,] ToComplexMatrix()
        {
            var values = new Complex[tensor.shape[0], tensor.shape[1]];
            var flat = Complexes(tensor);
            for (var i = 0; i < flat.Length; i++)
                values[i / values.GetLength(1), i % values.GetLength(1)] = flat[i];
            return values;
        }

        /// <summary>A copy of a cube (n, m, k), complex or real.</summary>
        public Complex[,,] ToComplexCube()
        {
            var values = new Complex[tensor.shape[0], tensor.shape[1], tensor.shape[2]];
            var (columns, depth) = (values.GetLength(1), values.GetLength(2));
            var flat = Complexes(tensor);
            for (var i = 0; i < flat.Length; i++)
                values[i / (columns * depth), i / depth % columns, i % depth] = flat[i];
            return values;
        }

        /// <summary>The values of the tensor as an array; the tensor is freed.</summary>
        internal T Taken<T>(Func<torch.Tensor, T> copy)
        {
            using (tensor)
                return copy(tensor);
        }
    }

    /// <summary>A copy of a matrix or cube, as float64. The caller owns it.</summary>
    internal static torch.Tensor ToTensor(this Array values, string name)
    {
        ArgumentNullException.ThrowIfNull(values, name);
        var flat = new double[values.Length];
        Buffer.BlockCopy(values, 0, flat, 0, flat.Length * sizeof(double));
        using var line = Tensors.ofVector(flat);
        return line.reshape([.. Enumerable.Range(0, values.Rank).Select(axis => values.GetLongLength(axis))]);
    }

    private static Array Filled(torch.Tensor tensor, int dimensions)
    {
        if (tensor.dim() != dimensions)
            throw new ArgumentException($"A tensor of shape ({string.Join(", ", tensor.shape)}) has not {dimensions} dimensions.", nameof(tensor));
        var values = Array.CreateInstance(typeof(double), tensor.shape);
        var flat = Tensors.toArray(tensor);
        Buffer.BlockCopy(flat, 0, values, 0, flat.Length * sizeof(double));
        return values;
    }

    private static Complex[] Complexes(torch.Tensor source)
    {
        using var scope = torch.NewDisposeScope();
        var real = Tensors.toArray(source.is_complex() ? source.real : source);
        var imaginary = source.is_complex() ? Tensors.toArray(source.imag) : new double[real.Length];
        return [.. real.Zip(imaginary, (a, b) => new Complex(a, b))];
    }
}
