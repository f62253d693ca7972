using System.Collections.Generic;
using System.Linq;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>How classes differ in the modal coordinates of a linear flow.</summary>
public sealed class FlowSignatures
{
    private readonly ClassSignatures core;

    internal FlowSignatures(ClassSignatures core)
    {
        this.core = core;
        Accuracies = [.. core.Accuracies.Select(pair => new KeyValuePair<string, double>(pair.Item1, pair.Item2))];
    }

    /// <summary>
    /// How often a point's class is that of the nearest class mean, by what the means are of: functions of modal coordinates, and the points themselves. Means
    /// are of every other point of a class, and the share is of the rest.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, double>> Accuracies { get; }

    /// <summary>The share of the most frequent class: what guessing reaches.</summary>
    public double Chance => core.Chance;

    /// <summary>The mean |α|² of each class (rows) in each mode (columns), each mode scaled to mean 1 over all points.</summary>
    public double[,] Energies() => Table(core.Energies);

    /// <summary>Distances of the rows of <see cref="Energies"/>.</summary>
    public double[,] Distances() => Table(core.Distances);

    private static double[,] Table(double[][] rows)
    {
        var table = new double[rows.Length, rows[0].Length];
        for (var i = 0; i < rows.Length; i++)
            for (var j = 0; j < rows[i].Length; j++)
                table[i, j] = rows[i][j];
        return table;
    }
}
