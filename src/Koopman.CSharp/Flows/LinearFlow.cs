using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using TorchSharp;
using Koopman.Learning;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>
/// A flow made linear: z(t, x) = [1, t, x, F(t, x)] moves by one operator L, so that points after any time τ are the x part of z e^{τL}, found
/// in one step. Holds tensors: dispose of it. One thread at a time.
/// </summary>
public sealed class LinearFlow : IDisposable
{
    private readonly Lift core;
    private readonly OneStep sampler;

    internal LinearFlow(Lift core)
    {
        this.core = core;
        sampler = OneStepModule.create(core);
    }

    internal Lift Core => core;

    internal OneStep Sampler => sampler;

    /// <summary>The dimension d of the points.</summary>
    public int Dimension => core.Dimension;

    /// <summary>The number m of features.</summary>
    public int Features => core.Features;

    /// <summary>The number of classes it can be told of; 0 if it knows none.</summary>
    public int Classes => core.Net.Classes;

    /// <summary>Data (n, d) made of noise (n, d) in one step, in the network's type. The caller owns them.</summary>
    /// <param name="noise">Standard normal points, of any type and on any device.</param>
    /// <exception cref="ArgumentException">The noise has another shape.</exception>
    public torch.Tensor Sample(torch.Tensor noise) => OneStepModule.sample(sampler, Points(noise, nameof(noise))).OrThrow();

    /// <summary>Data of these classes made of noise (n, d) in one step. The caller owns them.</summary>
    /// <param name="noise">Standard normal points.</param>
    /// <param name="classes">The class of each, counted from 0.</param>
    /// <exception cref="ArgumentException">The noise has another shape.</exception>
    /// <exception cref="KoopmanException">There is no such class, or not one class a row.</exception>
    public torch.Tensor Sample(torch.Tensor noise, IReadOnlyList<int> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        using var numbers = torch.tensor(classes.Select(number => (long)number).ToArray(), dtype: torch.int64, device: core.Parameters.Head.Item2.device);
        return OneStepModule.sampleClasses(numbers, sampler, Points(noise, nameof(noise))).OrThrow();
    }

    /// <summary>Samples of the law of the data, made of fresh normal noise in one step.</summary>
    /// <param name="count">How many, at least 2.</param>
    /// <param name="seed">Of the noise.</param>
    public SampleSet Sample(int count, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        using var noise = SeedModule.normal([count, Dimension], SeedModule.ofInt(seed));
        using var points = Sample(noise);
        return SampleSet.FromTensor(points);
    }

    /// <summary>Points (n, d) moved from one time to another in one step; backwards inverts. The caller owns them.</summary>
    /// <param name="points">Where they are at the first time.</param>
    /// <param name="from">The first time, from 0 (noise) to 1 (data).</param>
    /// <param name="until">The other time, from 0 to 1.</param>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    /// <exception cref="KoopmanException">A time outside of the way from noise to data.</exception>
    public torch.Tensor Move(torch.Tensor points, double from, double until) =>
        OneStepModule.move(from, until, sampler, Points(points, nameof(points))).OrThrow();

    /// <summary>Points at several times, all at once, as (times, n, d). The caller owns them.</summary>
    /// <param name="points">Where they are at the first time.</param>
    /// <param name="times">Times from 0 to 1, in any order.</param>
    /// <param name="from">The first time.</param>
    /// <inheritdoc cref="Move" path="/exception"/>
    public torch.Tensor Path(torch.Tensor points, IReadOnlyList<double> times, double from = 0)
    {
        ArgumentNullException.ThrowIfNull(times);
        return OneStepModule.path(from, [.. times], sampler, Points(points, nameof(points))).OrThrow();
    }

    /// <summary>The spectrum of the operator on [x, F]. The points decide the scale of features and of edits.</summary>
    /// <param name="points">Points at the given time: noise for 0, data for 1.</param>
    /// <param name="time">From 0 to 1.</param>
    /// <exception cref="KoopmanException">Points of another dimension, or an operator without a basis of eigenvectors.</exception>
    public FlowSpectrum Spectrum(SampleSet points, double time = 0)
    {
        ArgumentNullException.ThrowIfNull(points);
        return new(FlowModesModule.find(core, time, points.Core).OrThrow());
    }

    /// <summary>How far the flow is from its teacher, from the same noise.</summary>
    /// <param name="teacher">The velocity field that it was trained to follow.</param>
    /// <param name="noise">Standard normal points (n, d).</param>
    /// <exception cref="ArgumentException">The noise has another shape.</exception>
    /// <exception cref="KoopmanException">A teacher of another dimension.</exception>
    public FlowErrorReport Compare(VelocityField teacher, torch.Tensor noise)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        return new(FlowErrors.measure(sampler, teacher.Core, Points(noise, nameof(noise))).OrThrow());
    }

    /// <summary>How well data are taken back to noise in one step. Train with a <see cref="StudentDrawSettings.DataShare"/> above 0 for it.</summary>
    /// <param name="teacher">The velocity field that it was trained to follow.</param>
    /// <param name="data">Data (n, d).</param>
    /// <exception cref="ArgumentException">The data have another shape.</exception>
    /// <exception cref="KoopmanException">A teacher of another dimension.</exception>
    public FlowInversionReport Inversion(VelocityField teacher, torch.Tensor data)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        return new(FlowErrors.inversion(sampler, teacher.Core, Points(data, nameof(data))).OrThrow());
    }

    /// <summary>The error of one step from noise, and its bounds by the residual along the teacher's paths, in float64.</summary>
    /// <param name="teacher">The velocity field that it was trained to follow.</param>
    /// <param name="noise">Standard normal points (n, d).</param>
    /// <exception cref="ArgumentException">The noise has another shape.</exception>
    /// <exception cref="KoopmanException">A teacher of another dimension, or a flow with a learned decoder.</exception>
    public FlowBoundReport Bounds(VelocityField teacher, torch.Tensor noise)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        return new(FlowErrors.bounds(core, teacher.Core, Points(noise, nameof(noise))).OrThrow());
    }

    /// <summary>
    /// Data made of noise (n, d) in several equal steps, the features found anew after each. A flow trained for one step is not better in many; this
    /// shows it. The caller owns them.
    /// </summary>
    /// <param name="noise">Standard normal points.</param>
    /// <param name="steps">At least 1.</param>
    /// <exception cref="ArgumentException">The noise has another shape.</exception>
    /// <exception cref="KoopmanException">No step.</exception>
    public torch.Tensor SampleInSteps(torch.Tensor noise, int steps) =>
        OneStepModule.sampleInSteps(steps, sampler, Points(noise, nameof(noise))).OrThrow();

    /// <summary>A copy on another device. The caller disposes of it.</summary>
    /// <param name="device">"cpu", or a CUDA device such as "cuda:1".</param>
    public LinearFlow ToDevice(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new(LiftModule.toDevice(device, core));
    }

    /// <summary>Writes the flow to a safetensors file, which is replaced in one step.</summary>
    /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
    /// <exception cref="KoopmanException">The network is your own module or function; or the file cannot be written, and is then what it was.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        LiftModule.save(path, core).OrThrow();
    }

    /// <summary>Reads a flow from a file of <see cref="Save"/>, on the CPU: it gives the same bits.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="KoopmanException">
    /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
    /// </exception>
    public static LinearFlow Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(LiftModule.load(path).OrThrow());
    }

    /// <summary>As <see cref="Load"/>, without throwing over the file.</summary>
    /// <returns>Whether there is a flow; if not, <paramref name="error"/> says why.</returns>
    public static bool TryLoad(string path, [NotNullWhen(true)] out LinearFlow? flow, [NotNullWhen(false)] out KoopmanError? error)
    {
        ArgumentNullException.ThrowIfNull(path);
        return LiftModule.load(path).TryGet(core => new LinearFlow(core), out flow, out error);
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        ((IDisposable)sampler).Dispose();
        ((IDisposable)core).Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => $"linear flow of {Dimension} dimensions with {Features} features";

    private torch.Tensor Points(torch.Tensor points, string name) => Check.Points(points, Dimension, name);
}
