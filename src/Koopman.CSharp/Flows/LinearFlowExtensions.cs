using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Numerics;
using Koopman.Flows;
using Microsoft.FSharp.Collections;
using TorchSharp;

namespace Koopman;

/// <summary>Linear flows and their modes: samples in one step, errors against the teacher, and edits.</summary>
public static class LinearFlowExtensions
{
    extension(LinearFlow)
    {
        /// <summary>Reads a flow from a file written by <c>Save</c>, on the CPU; it computes the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">
        /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
        /// </exception>
        public static LinearFlow Load(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            return LinearFlowModule.load(path).OrThrow();
        }

        /// <summary>As <c>Load</c>, without throwing for file errors.</summary>
        /// <returns>True if a flow was read; if not, <paramref name="error"/> gives the reason.</returns>
        public static bool TryLoad(string path, [NotNullWhen(true)] out LinearFlow? flow, [NotNullWhen(false)] out KoopmanError? error)
        {
            ArgumentNullException.ThrowIfNull(path);
            return LinearFlowModule.load(path).TryGet(out flow, out error);
        }

        /// <summary>The generator of a flow on its invariant functions, in the measure of points (t, x).</summary>
        /// <param name="functions">The functions from <c>Functions</c>.</param>
        /// <param name="points">Points (n, 1+d) with the time in front, such as the states of <c>Ways</c>.</param>
        /// <exception cref="KoopmanException">These are not functions of a flow, or the points have another dimension.</exception>
        public static Generator GeneratorOf(Observables functions, Samples points)
        {
            ArgumentNullException.ThrowIfNull(functions);
            ArgumentNullException.ThrowIfNull(points);
            return LinearFlowModule.generator(functions, points).OrThrow();
        }

        /// <summary>
        /// The spectrum of a flow as that of any operator, with the residual of each eigenfunction along the velocity field. A residual
        /// over .3 gives a warning.
        /// </summary>
        /// <param name="velocity">The field that the flow was trained to follow.</param>
        /// <param name="functions">The functions from <c>Functions</c>.</param>
        /// <param name="points">Points (n, 1+d) with the time in front, such as the states of <c>Ways</c>.</param>
        /// <exception cref="KoopmanException">As for <c>GeneratorOf</c>, or the field has another dimension, or there is no basis of eigenfunctions.</exception>
        public static Spectrum SpectrumOf(VelocityField velocity, Observables functions, Samples points)
        {
            ArgumentNullException.ThrowIfNull(velocity);
            ArgumentNullException.ThrowIfNull(functions);
            ArgumentNullException.ThrowIfNull(points);
            return LinearFlowModule.spectrum(velocity, functions, points).OrThrow();
        }
    }

    extension(LinearFlow flow)
    {
        /// <summary>
        /// The invariant functions of the flow, as observables of (t, x) in R^{1+d}, for use with all operators of the library. The caller
        /// disposes them.
        /// </summary>
        /// <exception cref="KoopmanException">The flow has classes, acts at every pixel, or has no basis of eigenvectors.</exception>
        public Observables Functions() => LinearFlowModule.observables(flow).OrThrow();

        /// <summary>Data (n, d) generated from noise (n, d) in one step, in the network's dtype. The caller owns them.</summary>
        /// <param name="noise">Standard normal points, of any dtype and on any device.</param>
        /// <exception cref="ArgumentException">The noise has another shape.</exception>
        public torch.Tensor Sample(torch.Tensor noise) => OneStepModule.sample(OneStepModule.ofLift(flow), Points(flow, noise, nameof(noise))).OrThrow();

        /// <summary>Data of these classes generated from noise (n, d) in one step. The caller owns them.</summary>
        /// <param name="noise">Standard normal points.</param>
        /// <param name="classes">The class of each, counted from 0.</param>
        /// <exception cref="ArgumentException">The noise has another shape.</exception>
        /// <exception cref="KoopmanException">There is no such class, or not one class per row.</exception>
        public torch.Tensor Sample(torch.Tensor noise, IReadOnlyList<int> classes)
        {
            ArgumentNullException.ThrowIfNull(classes);
            using var numbers = Numbers(flow, classes);
            return OneStepModule.sampleClasses(numbers, OneStepModule.ofLift(flow), Points(flow, noise, nameof(noise))).OrThrow();
        }

        /// <summary>
        /// The flow of one class: samples, moves, errors, modes and signatures of it are those of the class. It shares the parameters of
        /// this flow. Dispose the result.
        /// </summary>
        /// <param name="number">The class, counted from 0.</param>
        /// <exception cref="KoopmanException">There is no such class.</exception>
        public LinearFlow ForClass(int number) => LinearFlowModule.ofClass(number, flow).OrThrow();

        /// <summary>The flow of rows with these classes, one for each row of the points. Dispose the result.</summary>
        /// <param name="classes">The class of each row, counted from 0.</param>
        /// <exception cref="KoopmanException">There is no such class.</exception>
        public LinearFlow ForClasses(IReadOnlyList<int> classes)
        {
            ArgumentNullException.ThrowIfNull(classes);
            using var numbers = Numbers(flow, classes);
            return LinearFlowModule.ofClasses(numbers, flow).OrThrow();
        }

        /// <summary>Samples of the law of the data, generated from fresh normal noise in one step.</summary>
        /// <param name="count">At least 2.</param>
        /// <param name="seed">The seed of the noise.</param>
        public Samples Sample(int count, int seed = 0)
        {
            using var noise = FlowExtensions.Noise(count, flow.Dimension, seed);
            using var points = flow.Sample(noise);
            return Samples.FromTensor(points);
        }

        /// <summary>
        /// Data generated from noise (n, d) in several equal steps, with the features re-evaluated after each. It shows that a flow trained
        /// for one step does not improve with more. The caller owns them.
        /// </summary>
        /// <param name="noise">Standard normal points.</param>
        /// <param name="steps">At least 1.</param>
        /// <exception cref="ArgumentException">The noise has another shape.</exception>
        /// <exception cref="KoopmanException">No step.</exception>
        public torch.Tensor SampleInSteps(torch.Tensor noise, int steps) =>
            OneStepModule.sampleInSteps(steps, OneStepModule.ofLift(flow), Points(flow, noise, nameof(noise))).OrThrow();

        /// <summary>
        /// Points (n, d) moved from one time to another in one step; backwards inverts. Where the flow was not trained for this, a warning
        /// says so, with the extrapolated error. Dispose the result.
        /// </summary>
        /// <param name="points">The points at the first time.</param>
        /// <param name="from">The first time, from 0 (noise) to 1 (data).</param>
        /// <param name="until">The other time, from 0 to 1.</param>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        /// <exception cref="KoopmanException">A time outside [0, 1], or a flow with classes that was told none.</exception>
        public Moved Move(torch.Tensor points, double from, double until) =>
            OneStepModule.move(from, until, OneStepModule.ofLift(flow), Points(flow, points, nameof(points))).OrThrow();

        /// <summary>Points at several times, all at once, as (times, n, d), with warnings as for <c>Move</c>. Dispose the result.</summary>
        /// <param name="points">The points at the first time.</param>
        /// <param name="times">Times from 0 to 1, in any order.</param>
        /// <param name="from">The first time.</param>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        /// <exception cref="KoopmanException">A time outside [0, 1], or a flow with classes that was told none.</exception>
        public Moved Path(torch.Tensor points, IReadOnlyList<double> times, double from = 0)
        {
            ArgumentNullException.ThrowIfNull(times);
            return OneStepModule.path(from, [.. times], OneStepModule.ofLift(flow), Points(flow, points, nameof(points))).OrThrow();
        }

        /// <summary>
        /// The spectrum of the operator on [x, F]. The points set the scale of features and of edits. Dispose the result.
        /// </summary>
        /// <param name="points">Points at the given time: noise for 0, data for 1.</param>
        /// <param name="time">From 0 to 1.</param>
        /// <exception cref="KoopmanException">Points of another dimension, or an operator without a basis of eigenvectors.</exception>
        public FlowSpectrum Spectrum(Samples points, double time = 0)
        {
            ArgumentNullException.ThrowIfNull(points);
            return FlowSpectrumModule.find(flow, time, points).OrThrow();
        }

        /// <summary>The errors of the flow against its teacher, from the same noise.</summary>
        /// <param name="teacher">The velocity field that it was trained to follow.</param>
        /// <param name="noise">Standard normal points (n, d).</param>
        /// <exception cref="ArgumentException">The noise has another shape.</exception>
        /// <exception cref="KoopmanException">A teacher of another dimension.</exception>
        public DistillationErrors Compare(VelocityField teacher, torch.Tensor noise)
        {
            ArgumentNullException.ThrowIfNull(teacher);
            return FlowErrors.measure(OneStepModule.ofLift(flow), teacher, Points(flow, noise, nameof(noise))).OrThrow();
        }

        /// <summary>The errors of taking data back to noise in one step. The flow should be trained with a <see
        /// cref="DistillationDrawSettings.DataShare"/> above 0.</summary>
        /// <param name="teacher">The velocity field that it was trained to follow.</param>
        /// <param name="data">Data (n, d).</param>
        /// <exception cref="ArgumentException">The data have another shape.</exception>
        /// <exception cref="KoopmanException">A teacher of another dimension.</exception>
        public InversionErrors Inversion(VelocityField teacher, torch.Tensor data)
        {
            ArgumentNullException.ThrowIfNull(teacher);
            return FlowErrors.inversion(OneStepModule.ofLift(flow), teacher, Points(flow, data, nameof(data))).OrThrow();
        }

        /// <summary>The error of one step from noise, and its bounds by the residual along the teacher's paths, in float64.</summary>
        /// <param name="teacher">The velocity field that it was trained to follow.</param>
        /// <param name="noise">Standard normal points (n, d).</param>
        /// <exception cref="ArgumentException">The noise has another shape.</exception>
        /// <exception cref="KoopmanException">A teacher of another dimension, or a flow with a learned decoder.</exception>
        public ErrorBounds Bounds(VelocityField teacher, torch.Tensor noise)
        {
            ArgumentNullException.ThrowIfNull(teacher);
            return FlowErrors.bounds(flow, teacher, Points(flow, noise, nameof(noise))).OrThrow();
        }

        /// <summary>A copy on another device. The caller disposes it.</summary>
        /// <param name="device">"cpu", or a CUDA device such as "cuda:1".</param>
        /// <exception cref="KoopmanException">There is no such device here.</exception>
        public LinearFlow ToDevice(string device)
        {
            ArgumentNullException.ThrowIfNull(device);
            return LinearFlowModule.toDevice(device, flow);
        }

        /// <summary>Writes the flow to a safetensors file, which is replaced atomically.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The network is your own module or function; or the file cannot be written; an existing file
        /// is then unchanged.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            LinearFlowModule.save(path, flow).OrThrow();
        }
    }

    extension(FlowSpectrum modes)
    {
        /// <summary>The modal coordinates (n, d+m) of points (n, d) at one time.</summary>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        public Complex[,] Coordinates(torch.Tensor points, double time = 0) =>
            FlowSpectrumModule.coordinates(time, modes, Points(modes.Lift, points, nameof(points))).Taken(tensor => tensor.ToComplexMatrix());

        /// <summary>The contribution of each mode to the points over time, as a root mean square over the points: one row of all modes for
        /// each time.</summary>
        /// <param name="points">Points (n, d).</param>
        /// <param name="times">Times.</param>
        /// <param name="from">The time of the points.</param>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        public double[][] Contributions(torch.Tensor points, IReadOnlyList<double> times, double from = 0)
        {
            ArgumentNullException.ThrowIfNull(times);
            return FlowSpectrumModule.contributions(from, [.. times], modes, Points(modes.Lift, points, nameof(points)));
        }

        /// <summary>Points moved by some of the modes only; conjugates are included. The caller owns them, float64.</summary>
        /// <param name="points">Points (n, d).</param>
        /// <param name="kept">Indices of the modes that are kept.</param>
        /// <param name="from">The time of the points.</param>
        /// <param name="until">The time of the end.</param>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        /// <exception cref="KoopmanException">There is no such mode.</exception>
        public torch.Tensor Truncated(torch.Tensor points, IReadOnlyList<int> kept, double from = 0, double until = 1)
        {
            ArgumentNullException.ThrowIfNull(kept);
            return FlowSpectrumModule.truncated(from, until, [.. kept], modes, Points(modes.Lift, points, nameof(points))).OrThrow();
        }

        /// <summary>Points with some modal coordinates changed, moved to t = 1. The caller owns them, float64.</summary>
        /// <param name="points">Points (n, d).</param>
        /// <param name="edits">The changes.</param>
        /// <param name="from">The time of the points: 0 for noise.</param>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        /// <exception cref="KoopmanException">There is no such mode.</exception>
        public torch.Tensor Edit(torch.Tensor points, IReadOnlyList<ModeEdit> edits, double from = 0)
        {
            ArgumentNullException.ThrowIfNull(edits);
            return FlowSpectrumModule.edit(from, ListModule.OfSeq(edits), modes, Points(modes.Lift, points, nameof(points))).OrThrow();
        }

        /// <summary>
        /// The direction of each class in modal coordinates: the mean over its points minus that over all. <c>ModeEdit.Along</c> adds
        /// multiples of it.
        /// </summary>
        /// <param name="points">Points of the flow's space.</param>
        /// <param name="classes">The class of each, counted from 0; at least one point of every class.</param>
        /// <param name="time">The time of the points: 0 for noise with the classes of its samples, 1 for data.</param>
        /// <exception cref="KoopmanException">Not one class per point, or a class without points.</exception>
        public Complex[][] ClassDirections(Samples points, IReadOnlyList<int> classes, double time = 1)
        {
            ArgumentNullException.ThrowIfNull(points);
            ArgumentNullException.ThrowIfNull(classes);
            return ClassSignaturesModule.directions(time, modes, [.. classes], points).OrThrow();
        }

        /// <summary>The differences of classes in their modal coordinates, with those in simpler statistics for comparison.</summary>
        /// <param name="points">Points of the flow's space.</param>
        /// <param name="classes">The class of each, counted from 0; at least two points of every class.</param>
        /// <param name="time">The time of the points: 1 for data.</param>
        /// <exception cref="KoopmanException">Not one class per point, or a class with fewer than two points.</exception>
        public ClassSignatures Signatures(Samples points, IReadOnlyList<int> classes, double time = 1)
        {
            ArgumentNullException.ThrowIfNull(points);
            ArgumentNullException.ThrowIfNull(classes);
            return ClassSignaturesModule.find(time, modes, [.. classes], points).OrThrow();
        }
    }

    extension(ModeEdit)
    {
        /// <summary>A modal coordinate and its conjugate times a number: 0 removes the mode, 1 changes nothing.</summary>
        /// <param name="mode">The mode, counted from 0.</param> <param name="factor">The number.</param>
        public static ModeEdit Scale(int mode, double factor) => ModeEdit.NewScaleMode(mode, factor);

        /// <summary>
        /// A modal coordinate and its conjugate plus some of its standard deviations; .3 to .7 change samples visibly and keep them among the data.
        /// </summary>
        /// <param name="mode">The mode, counted from 0.</param>
        /// <param name="deviations">The number of standard deviations.</param>
        /// <param name="phase">The direction in the complex plane, in radians.</param>
        public static ModeEdit Shift(int mode, double deviations, double phase = 0) => ModeEdit.NewShiftMode(mode, deviations, phase);

        /// <summary>All modal coordinates plus a multiple of a direction, such as that of a class.</summary>
        /// <param name="direction">One number for each mode, conjugate at conjugate modes.</param>
        /// <param name="multiple">The multiple.</param>
        public static ModeEdit Along(IReadOnlyList<Complex> direction, double multiple)
        {
            ArgumentNullException.ThrowIfNull(direction);
            return ModeEdit.NewShiftAlong([.. direction], multiple);
        }
    }

    private static torch.Tensor Numbers(LinearFlow flow, IReadOnlyList<int> classes) =>
        torch.tensor(
            classes.Select(number => (long)number).ToArray(),
            dtype: torch.int64,
            device: LinearFlowModule.parameters(flow).Head.Item2.device);

    private static torch.Tensor Points(LinearFlow flow, torch.Tensor points, string name) => Check.Points(points, flow.Dimension, name);
}
