using System;
using System.Linq;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>Refuses arguments that Core would take for granted.</summary>
internal static class Check
{
    /// <summary>Throws when an object has been disposed of, which its tensor shows: suppliers of tensors name that differently.</summary>
    public static void Alive(torch.Tensor witness, object owner) => ObjectDisposedException.ThrowIf(witness.IsInvalid, owner);

    /// <summary>Throws unless the tensor is a matrix of points (n, d) of the given dimension d.</summary>
    public static torch.Tensor Points(torch.Tensor points, int dimension, string name)
    {
        ArgumentNullException.ThrowIfNull(points, name);
        if (points.dim() != 2 || points.shape[1] != dimension)
            throw new ArgumentException(
                $"Points must have shape (n, {dimension}), but have ({string.Join(", ", points.shape)}).", name);
        return points;
    }

    /// <summary>Throws unless the index lies from 0 to below the count.</summary>
    public static int Index(int index, int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count, name);
        return index;
    }

    /// <summary>Throws unless both sets lie in one space.</summary>
    public static void SameSpace(SampleSet first, SampleSet second, string secondName)
    {
        if (first.Dimension != second.Dimension)
            throw new ArgumentException(
                $"Samples of {first.Dimension} and of {second.Dimension} dimensions cannot be compared.", secondName);
    }

    /// <summary>Throws unless all weights are equal.</summary>
    public static void EquallyWeighted(SampleSet samples, string name)
    {
        if (samples.Weights.Any(weight => weight != samples.Weights[0]))
            throw new ArgumentException("Only equally weighted samples can be compared in this way.", name);
    }
}
