using System;
using System.Linq;
using System.Numerics;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>Tensors into .NET arrays, which take the tensor over and free it, and back.</summary>
internal static class Convert
{
    /// <summary>A copy of a matrix or cube, as float64. The caller owns it.</summary>
    public static torch.Tensor ToTensor(Array values, string name)
    {
        ArgumentNullException.ThrowIfNull(values, name);
        var flat = new double[values.Length];
        Buffer.BlockCopy(values, 0, flat, 0, flat.Length * sizeof(double));
        using var line = Tensors.ofVector(flat);
        return line.reshape([.. Enumerable.Range(0, values.Rank).Select(axis => values.GetLongLength(axis))]);
    }

    public static double[] ToVector(torch.Tensor taken)
    {
        using (taken)
            return Tensors.toArray(taken);
    }

    public static double[,] ToMatrix(torch.Tensor taken)
    {
        using (taken)
        {
            var values = new double[taken.shape[0], taken.shape[1]];
            Fill(values, taken);
            return values;
        }
    }

    public static double[,,] ToCube(torch.Tensor taken)
    {
        using (taken)
        {
            var values = new double[taken.shape[0], taken.shape[1], taken.shape[2]];
            Fill(values, taken);
            return values;
        }
    }

    /// <summary>A real matrix is one without imaginary parts.</summary>
    public static Complex[,] ToComplexMatrix(torch.Tensor taken)
    {
        using (taken)
        {
            var values = new Complex[taken.shape[0], taken.shape[1]];
            var flat = ToComplex(taken);
            for (var i = 0; i < flat.Length; i++)
                values[i / values.GetLength(1), i % values.GetLength(1)] = flat[i];
            return values;
        }
    }

    /// <summary>A real cube is one without imaginary parts.</summary>
    public static Complex[,,] ToComplexCube(torch.Tensor taken)
    {
        using (taken)
        {
            var values = new Complex[taken.shape[0], taken.shape[1], taken.shape[2]];
            var flat = ToComplex(taken);
            var (columns, depth) = (values.GetLength(1), values.GetLength(2));
            for (var i = 0; i < flat.Length; i++)
                values[i / (columns * depth), i / depth % columns, i % depth] = flat[i];
            return values;
        }
    }

    private static Complex[] ToComplex(torch.Tensor source)
    {
        using var scope = torch.NewDisposeScope();
        var real = Tensors.toArray(source.is_complex() ? source.real : source);
        var imaginary = source.is_complex() ? Tensors.toArray(source.imag) : new double[real.Length];
        return [.. real.Zip(imaginary, (a, b) => new Complex(a, b))];
    }

    private static void Fill(Array target, torch.Tensor source)
    {
        var flat = Tensors.toArray(source);
        Buffer.BlockCopy(flat, 0, target, 0, flat.Length * sizeof(double));
    }
}
