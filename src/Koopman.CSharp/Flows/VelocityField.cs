using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using Microsoft.FSharp.Core;
using TorchSharp;
using Koopman.Learning;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>
/// A velocity field dx/dt = v(t, x) on t from 0, where points are noise, to 1, where they are data. Holds tensors: dispose of it.
/// </summary>
public sealed class VelocityField : IDisposable
{
    private readonly Velocity core;
    private readonly bool isBorrowed;

    internal VelocityField(Velocity core, bool isBorrowed = false)
    {
        this.core = core;
        this.isBorrowed = isBorrowed;
    }

    internal Velocity Core => core;

    /// <summary>The dimension d of the points.</summary>
    public int Dimension => core.Dimension;

    /// <summary>The number of classes it can be told of; 0 if it knows none.</summary>
    public int Classes => core.Net.Classes;

    /// <summary>A field of your own, written with tensors.</summary>
    /// <param name="dimension">d; at least 1.</param>
    /// <param name="velocity">From times (n, 1) and points (n, d) to velocities (n, d), in the type of the points.</param>
    public static VelocityField FromFunction(int dimension, Func<torch.Tensor, torch.Tensor, torch.Tensor> velocity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentNullException.ThrowIfNull(velocity);
        return new(VelocityModule.ofFunction(dimension, FuncConvert.FromFunc(velocity)));
    }

    /// <summary>The field of a module of times (n, 1) and points (n, d). The module stays yours.</summary>
    /// <param name="dimension">d; at least 1.</param>
    /// <param name="module">Its outputs are as many as its points have coordinates.</param>
    public static VelocityField FromModule(int dimension, torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> module)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentNullException.ThrowIfNull(module);
        return new(VelocityModule.ofModule(dimension, module));
    }

    /// <summary>The field of one class. It uses the network of this one, which must outlive it.</summary>
    /// <param name="number">The class, counted from 0.</param>
    /// <exception cref="KoopmanException">There is no such class.</exception>
    public VelocityField ForClass(int number) => new(VelocityModule.ofClass(number, core).OrThrow(), isBorrowed: true);

    /// <summary>The velocities (n, d) at one time and points (n, d), in the network's type. The caller owns them.</summary>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    public torch.Tensor At(double time, torch.Tensor points)
    {
        using var placed = Place(points);
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        return core.At(time, placed).DetachFromDisposeScope();
    }

    /// <summary>Points (n, d) carried from one time to another, which may be the earlier one, in the network's type. The caller owns them.</summary>
    /// <param name="points">Where they are at the first time, of any type and on any device.</param>
    /// <param name="from">The first time: 0 for noise.</param>
    /// <param name="until">The other time: 1 for data.</param>
    /// <param name="integrator">Null for 40 steps of Runge and Kutta's method.</param>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    /// <exception cref="KoopmanException">A setting out of its range, or points that left all bounds.</exception>
    public torch.Tensor Carry(torch.Tensor points, double from = 0, double until = 1, FlowIntegrator? integrator = null)
    {
        using var placed = Place(points);
        return Ode.solve((integrator ?? FlowIntegrator.RungeKutta(40)).Core, core, from, until, placed).OrThrow();
    }

    /// <summary>Points (n, d) at several times, as (times, n, d), in the network's type. The caller owns them.</summary>
    /// <param name="points">Where they are at the first time.</param>
    /// <param name="times">At least two, rising or falling.</param>
    /// <param name="integrator">Null for 40 steps of Runge and Kutta's method over the whole way.</param>
    /// <inheritdoc cref="Carry" path="/exception"/>
    public torch.Tensor Path(torch.Tensor points, IReadOnlyList<double> times, FlowIntegrator? integrator = null)
    {
        ArgumentNullException.ThrowIfNull(times);
        using var placed = Place(points);
        return Ode.trajectory((integrator ?? FlowIntegrator.RungeKutta(40)).Core, core, [.. times], placed).OrThrow().States;
    }

    /// <summary>Samples of the law of the data, made of fresh normal noise.</summary>
    /// <param name="count">How many, at least 2.</param>
    /// <param name="seed">Of the noise.</param>
    /// <param name="integrator">Null for 40 steps of Runge and Kutta's method.</param>
    /// <inheritdoc cref="Carry" path="/exception"/>
    public SampleSet Sample(int count, int seed = 0, FlowIntegrator? integrator = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        using var noise = SeedModule.normal([count, Dimension], SeedModule.ofInt(seed));
        using var points = Carry(noise, integrator: integrator);
        return SampleSet.FromTensor(points);
    }

    /// <summary>Writes the field to a safetensors file, which is replaced in one step.</summary>
    /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
    /// <exception cref="KoopmanException">The network is your own module or function; or the file cannot be written, and is then what it was.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        VelocityModule.save(path, core).OrThrow();
    }

    /// <summary>Reads a field from a file of <see cref="Save"/>, on the CPU: it gives the same bits.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="KoopmanException">
    /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
    /// </exception>
    public static VelocityField Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(VelocityModule.load(path).OrThrow());
    }

    /// <summary>As <see cref="Load"/>, without throwing over the file.</summary>
    /// <returns>Whether there is a field; if not, <paramref name="error"/> says why.</returns>
    public static bool TryLoad(string path, [NotNullWhen(true)] out VelocityField? field, [NotNullWhen(false)] out KoopmanError? error)
    {
        ArgumentNullException.ThrowIfNull(path);
        return VelocityModule.load(path).TryGet(core => new VelocityField(core), out field, out error);
    }

    /// <summary>Frees the network, unless it is your own module or function, or shared with the field of all classes.</summary>
    public void Dispose()
    {
        if (!isBorrowed)
            ((IDisposable)core).Dispose();
    }

    /// <summary>The points in the type and on the device of the network; a field without parameters takes them as they are.</summary>
    private torch.Tensor Place(torch.Tensor points)
    {
        Check.Points(points, Dimension, nameof(points));
        return core.Net.Parameters.IsEmpty ? points.alias().DetachFromDisposeScope() : FlowTensors.Like(points, core.Net.Parameters.Head.Item2);
    }
}
