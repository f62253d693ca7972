using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using Microsoft.FSharp.Collections;
using TorchSharp;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>
/// The spectrum of a linear flow: modal coordinates α of [x, F], values of Koopman eigenfunctions, each of which moves by itself. Holds
/// tensors: dispose of it.
/// </summary>
public sealed class FlowSpectrum : IDisposable
{
    private readonly FlowModes core;

    internal FlowSpectrum(FlowModes core)
    {
        this.core = core;
        Eigenvalues = Array.AsReadOnly(core.Eigenvalues);
        Deviations = Array.AsReadOnly(core.Deviations);
        Conjugates = Array.AsReadOnly(core.Conjugates);
    }

    /// <summary>The eigenvalues λ (d+m), those that grow fastest first; conjugate pairs are neighbours.</summary>
    public IReadOnlyList<Complex> Eigenvalues { get; }

    /// <summary>The standard deviations of the modal coordinates over the points: the unit of edits.</summary>
    public IReadOnlyList<double> Deviations { get; }

    /// <summary>For every mode the index of its conjugate, or its own if it is real.</summary>
    public IReadOnlyList<int> Conjugates { get; }

    /// <summary>The condition number of the eigenvectors: far above some thousands use no mode singly.</summary>
    public double Condition => core.Condition;

    /// <summary>The largest growth rate of length: errors grow at most by its exponential.</summary>
    public double LogNorm => core.LogNorm;

    /// <summary>By how much a relative error of the operator is magnified in its exponential.</summary>
    public double ExponentialCondition => core.ExponentialCondition;

    /// <summary>The modes in rows (d+m, d+m): the first d columns are their parts in the space of points.</summary>
    public Complex[,] Modes() => Convert.ToComplexMatrix(core.Modes.alias());

    /// <summary>The modal coordinates (n, d+m) of points (n, d) at one time.</summary>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    public Complex[,] Coordinates(torch.Tensor points, double time = 0) =>
        Convert.ToComplexMatrix(FlowModesModule.coordinates(time, core, Points(points)));

    /// <summary>What each mode contributes to the points over time, in the root mean square over them: (times, modes).</summary>
    /// <param name="points">Points (n, d).</param>
    /// <param name="times">Times.</param>
    /// <param name="from">The time of the points.</param>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    public double[,] Contributions(torch.Tensor points, IReadOnlyList<double> times, double from = 0)
    {
        ArgumentNullException.ThrowIfNull(times);
        var rows = FlowModesModule.contributions(from, [.. times], core, Points(points));
        var table = new double[rows.Length, Eigenvalues.Count];
        for (var i = 0; i < rows.Length; i++)
            for (var j = 0; j < Eigenvalues.Count; j++)
                table[i, j] = rows[i][j];
        return table;
    }

    /// <summary>Points moved by some of the modes only; conjugates go along. The caller owns them, float64.</summary>
    /// <param name="points">Points (n, d).</param>
    /// <param name="modes">Indices of the modes that are kept.</param>
    /// <param name="from">The time of the points.</param>
    /// <param name="until">The time of the end.</param>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    /// <exception cref="KoopmanException">There is no such mode.</exception>
    public torch.Tensor Truncated(torch.Tensor points, IReadOnlyList<int> modes, double from = 0, double until = 1)
    {
        ArgumentNullException.ThrowIfNull(modes);
        return FlowModesModule.truncated(from, until, [.. modes], core, Points(points)).OrThrow();
    }

    /// <summary>Points with some modal coordinates changed, moved to t = 1. The caller owns them, float64.</summary>
    /// <param name="points">Points (n, d).</param>
    /// <param name="edits">The changes.</param>
    /// <param name="from">The time of the points: 0 for noise.</param>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    /// <exception cref="KoopmanException">There is no such mode.</exception>
    public torch.Tensor Edit(torch.Tensor points, IReadOnlyList<FlowEdit> edits, double from = 0)
    {
        ArgumentNullException.ThrowIfNull(edits);
        return FlowModesModule.edit(from, ListModule.OfSeq(edits.Select(edit => edit.Core)), core, Points(points)).OrThrow();
    }

    /// <summary>How classes differ in their modal coordinates, beside what simpler numbers tell.</summary>
    /// <param name="points">Points of the flow's space.</param>
    /// <param name="classes">The class of each, counted from 0; at least two points of every class.</param>
    /// <param name="time">The time of the points: 1 for data.</param>
    /// <exception cref="KoopmanException">Not one class a point, or a class with fewer than two points.</exception>
    public FlowSignatures Signatures(SampleSet points, IReadOnlyList<int> classes, double time = 1)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(classes);
        return new(ClassSignaturesModule.find(time, core, [.. classes], points.Core).OrThrow());
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    private torch.Tensor Points(torch.Tensor points) => Check.Points(points, core.Lift.Dimension, nameof(points));
}

/// <summary>A change of one modal coordinate and its conjugate together, so that points stay real.</summary>
public sealed class FlowEdit
{
    private FlowEdit(ModeEdit core)
    {
        Core = core;
    }

    internal ModeEdit Core { get; }

    /// <summary>The coordinate times a number: 0 removes the mode, 1 changes nothing.</summary>
    /// <param name="mode">Which, counted from 0.</param>
    /// <param name="factor">The number.</param>
    public static FlowEdit Scale(int mode, double factor) => new(ModeEdit.NewScaleMode(mode, factor));

    /// <summary>The coordinate plus some of its standard deviations; .3 to .7 change samples visibly and keep them among the data.</summary>
    /// <param name="mode">Which, counted from 0.</param>
    /// <param name="deviations">How many.</param>
    /// <param name="phase">The direction in the complex plane, in radians.</param>
    public static FlowEdit Shift(int mode, double deviations, double phase = 0) => new(ModeEdit.NewShiftMode(mode, deviations, phase));
}
