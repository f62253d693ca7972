using System;
using System.Linq;
using TorchSharp;

namespace Koopman;

/// <summary>Checks arguments that Core assumes to be valid.</summary>
internal static class Check
{
    /// <summary>Throws unless the tensor is a matrix of points (n, d) of the given dimension d.</summary>
    public static torch.Tensor Points(torch.Tensor points, int dimension, string name)
    {
        ArgumentNullException.ThrowIfNull(points, name);
        if (points.dim() != 2 || points.shape[1] != dimension)
            throw new ArgumentException(
                $"Points must have shape (n, {dimension}), but have ({string.Join(", ", points.shape)}).", name);
        return points;
    }

    /// <summary>Throws unless the samples have the given dimension.</summary>
    public static torch.Tensor Points(Samples samples, int dimension, string name)
    {
        ArgumentNullException.ThrowIfNull(samples, name);
        return Points(samples.Points, dimension, name);
    }

    /// <summary>Throws unless the index lies from 0 to below the count.</summary>
    public static int Index(int index, int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count, name);
        return index;
    }

    /// <summary>Throws unless the number is at least 1.</summary>
    public static int AtLeastOne(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }

    /// <summary>Throws unless the number is finite and positive.</summary>
    public static double Positive(double value, string name)
    {
        if (double.IsFinite(value) && value > 0)
            return value;
        throw new ArgumentOutOfRangeException(name, value, "Must be a positive number.");
    }

    /// <summary>Throws unless both sets have the same dimension.</summary>
    public static void SameSpace(Samples first, Samples second, string secondName)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Dimension != second.Dimension)
            throw new ArgumentException(
                $"Samples of {first.Dimension} and of {second.Dimension} dimensions cannot be compared.", secondName);
    }

    /// <summary>Throws unless all weights are equal.</summary>
    public static void EquallyWeighted(Samples samples, string name)
    {
        var weights = samples.Weights.ToVector();
        if (weights.Any(weight => weight != weights[0]))
            throw new ArgumentException("Only equally weighted samples can be compared in this way.", name);
    }
}
