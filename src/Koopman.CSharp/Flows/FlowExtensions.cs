using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Threading;
using Koopman.Flows;
using Koopman.Learning;
using Microsoft.FSharp.Core;
using TorchSharp;

namespace Koopman;

/// <summary>Velocity fields dx/dt = v(t, x), with t from 0 (noise) to 1 (data), and their trainings.</summary>
public static class FlowExtensions
{
    /// <summary>The default integration method of fields: 40 Runge–Kutta steps.</summary>
    private static readonly OdeMethod RungeKutta = OdeMethod.NewRungeKutta4(40);

    extension(VelocityField)
    {
        /// <summary>A field of your own, written with tensors.</summary>
        /// <param name="dimension">d; at least 1.</param>
        /// <param name="velocity">From times (n, 1) and points (n, d) to velocities (n, d), in the dtype of the points.</param>
        public static VelocityField FromFunction(int dimension, Func<torch.Tensor, torch.Tensor, torch.Tensor> velocity)
        {
            Check.AtLeastOne(dimension, nameof(dimension));
            ArgumentNullException.ThrowIfNull(velocity);
            return VelocityFieldModule.ofFunction(dimension, FuncConvert.FromFunc(velocity));
        }

        /// <summary>The field of a module of times (n, 1) and points (n, d). The module still belongs to the caller.</summary>
        /// <param name="dimension">d; at least 1.</param>
        /// <param name="module">A module with one output per coordinate.</param>
        public static VelocityField FromModule(int dimension, torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> module)
        {
            Check.AtLeastOne(dimension, nameof(dimension));
            ArgumentNullException.ThrowIfNull(module);
            return VelocityFieldModule.ofModule(dimension, module);
        }

        /// <summary>Reads a field from a file written by <c>Save</c>, on the CPU; it computes the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">
        /// There is no such file; it is damaged, was changed or is not of this library; or it contains something else, or is of a newer
        /// version.
        /// </exception>
        public static VelocityField Load(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            return VelocityFieldModule.load(path).OrThrow();
        }

        /// <summary>As <c>Load</c>, without throwing for file errors.</summary>
        /// <returns>True if a field was read; if not, <paramref name="error"/> gives the reason.</returns>
        public static bool TryLoad(string path, [NotNullWhen(true)] out VelocityField? field, [NotNullWhen(false)] out KoopmanError? error)
        {
            ArgumentNullException.ThrowIfNull(path);
            return VelocityFieldModule.load(path).TryGet(out field, out error);
        }
    }

    extension(VelocityField field)
    {
        /// <summary>Paths (t, x) of points along the field from t = 0 to 1, a trajectory in R^{1+d} for each row of noise: the measure in
        /// which a flow is evaluated.</summary>
        /// <param name="noise">The starts of the paths (n, d).</param>
        /// <param name="steps">The number of steps kept, at least 1; each consists of four Runge–Kutta steps.</param>
        /// <exception cref="KoopmanException">No step, or noise of another shape.</exception>
        public Trajectories Ways(torch.Tensor noise, int steps = 20)
        {
            ArgumentNullException.ThrowIfNull(noise);
            return LinearFlowModule.ways(steps, field, noise).OrThrow();
        }

        /// <summary>The field of one class.</summary>
        /// <param name="number">The class, counted from 0.</param>
        /// <exception cref="KoopmanException">There is no such class.</exception>
        public VelocityField ForClass(int number) => VelocityFieldModule.ofClass(number, field).OrThrow();

        /// <summary>The field of rows with these classes, one for each row of the points.</summary>
        /// <param name="classes">The class of each row, counted from 0.</param>
        /// <exception cref="KoopmanException">There is no such class.</exception>
        public VelocityField ForClasses(IReadOnlyList<int> classes)
        {
            ArgumentNullException.ThrowIfNull(classes);
            using var numbers = torch.tensor(classes.Select(number => (long)number).ToArray(), dtype: torch.int64);
            return VelocityFieldModule.ofClasses(numbers, field).OrThrow();
        }

        /// <summary>
        /// Class-free guidance: v0 + w (v - v0) with the velocity v0 without a class. A flow distilled from it samples its law in one step.
        /// Dispose the result.
        /// </summary>
        /// <param name="weight">w, not negative; above 1 samples become more typical of their class and less varied.</param>
        /// <exception cref="KoopmanException">The field was trained without a <c>ClassFreeShare</c>, or a negative weight.</exception>
        public VelocityField Guided(double weight) => VelocityFieldModule.guided(weight, field).OrThrow();

        /// <summary>
        /// Guidance by a likelihood: samples follow the law of the data times p(y | x)^w. It holds for straight paths from independent noise.
        /// Dispose the result.
        /// </summary>
        /// <param name="weight">w; 1 for Bayes' rule.</param>
        /// <param name="logLikelihood">log p(y | x_t), (n), of times (n, 1) and points (n, d) on the way, differentiable by the points.</param>
        /// <exception cref="KoopmanException">A weight that is not finite.</exception>
        public VelocityField Steered(double weight, Func<torch.Tensor, torch.Tensor, torch.Tensor> logLikelihood)
        {
            ArgumentNullException.ThrowIfNull(logLikelihood);
            return VelocityFieldModule.steered(weight, FuncConvert.FromFunc(logLikelihood), field).OrThrow();
        }

        /// <summary>Guidance towards a class by a classifier: samples follow p(x) p(class | x)^w. Dispose the result; the classifier is
        /// needed as long.</summary>
        /// <param name="classifier">A classifier trained on the path of the field.</param>
        /// <param name="number">The class, counted from 0.</param>
        /// <param name="weight">w; 1 for Bayes' rule.</param>
        /// <exception cref="KoopmanException">A classifier of another dimension, no such class, or a weight that is not finite.</exception>
        public VelocityField Steered(WayClassifier classifier, int number, double weight = 1)
        {
            ArgumentNullException.ThrowIfNull(classifier);
            return WayClassifierModule.guide(weight, number, classifier, field).OrThrow();
        }

        /// <summary>
        /// The velocities (n, d) at one time and points (n, d) of any type, in the network's dtype. The caller owns them.
        /// </summary>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        public torch.Tensor Velocities(double time, torch.Tensor points)
        {
            using var placed = Place(field, points);
            using var scope = torch.NewDisposeScope();
            using var quiet = torch.no_grad();
            return field.At(time, placed).DetachFromDisposeScope();
        }

        /// <summary>
        /// Points (n, d) carried from one time to another, which may be earlier, in the network's dtype. The caller owns them.
        /// </summary>
        /// <param name="points">The points at the first time, of any dtype and on any device.</param>
        /// <param name="from">The first time: 0 for noise.</param>
        /// <param name="until">The other time: 1 for data.</param>
        /// <param name="method">Null for 40 steps of the Runge–Kutta method.</param>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        /// <exception cref="KoopmanException">A setting out of range, or points that diverged.</exception>
        public torch.Tensor Carry(torch.Tensor points, double from = 0, double until = 1, OdeMethod? method = null)
        {
            using var placed = Place(field, points);
            return Ode.solve(method ?? RungeKutta, field, from, until, placed).OrThrow();
        }

        /// <summary>Points (n, d) at several times, as (times, n, d), in the network's dtype. The caller owns them.</summary>
        /// <param name="points">The points at the first time.</param>
        /// <param name="times">At least two, increasing or decreasing.</param>
        /// <param name="method">Null for 40 Runge–Kutta steps over the whole time span.</param>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        /// <exception cref="KoopmanException">A setting out of range, or points that diverged.</exception>
        public torch.Tensor Path(torch.Tensor points, IReadOnlyList<double> times, OdeMethod? method = null)
        {
            ArgumentNullException.ThrowIfNull(times);
            using var placed = Place(field, points);
            return Ode.trajectory(method ?? RungeKutta, field, [.. times], placed).OrThrow().States;
        }

        /// <summary>Samples of the law of the data, from fresh normal noise.</summary>
        /// <param name="count">At least 2.</param>
        /// <param name="seed">The seed of the noise.</param>
        /// <param name="method">Null for 40 steps of the Runge–Kutta method.</param>
        /// <exception cref="KoopmanException">A setting out of range, or points that diverged.</exception>
        public Samples Sample(int count, int seed = 0, OdeMethod? method = null)
        {
            using var noise = Noise(count, field.Dimension, seed);
            using var points = field.Carry(noise, method: method);
            return Samples.FromTensor(points);
        }

        /// <summary>Writes the field to a safetensors file, which is replaced atomically.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The network is your own module or function; or the file cannot be written; an existing file
        /// is then unchanged.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            VelocityFieldModule.save(path, field).OrThrow();
        }
    }

    extension(FlowTraining training)
    {
        /// <summary>Continues until all steps are done. After a cancellation it can be called again.</summary>
        /// <param name="progress">Reports every 50 steps, on the worker thread.</param>
        /// <param name="cancellation">Checked at every step.</param>
        /// <exception cref="KoopmanException">A loss that is not finite; the parameters are those before that step.</exception>
        /// <exception cref="OperationCanceledException">Cancelled.</exception>
        public void Continue(IProgress<DescentProgress>? progress = null, CancellationToken cancellation = default) =>
            FlowMatching.resume(progress.ToControl(cancellation), training).OrThrow();

        /// <summary>The velocity field learned so far: a copy with averaged parameters. The caller disposes it.</summary>
        public VelocityField Field() => FlowMatching.velocity(training);

        /// <summary>Writes the complete state of the training to a file, which is replaced atomically.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The file cannot be written; an existing file is then unchanged.</exception>
        public void Save(string path) => RunFiles.Save(path, FlowMatching.state(training));

        /// <summary>
        /// Restores a state saved by a training with the same settings, seed and data; the result is the same to the bit.
        /// </summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">There is no such file, it is damaged, or it belongs to a run that was
        /// started with others; then nothing is changed.</exception>
        public void Restore(string path) => RunFiles.Restore(path, state => FlowMatching.restore(state, training));

        /// <summary>
        /// From now on <c>Continue</c> writes the state to a file: at its start, after every interval, and at its end or cancellation, so that a run
        /// that is killed loses no more than one interval. The file is replaced atomically between two steps.
        /// </summary>
        /// <param name="interval">The time between two writes; 30 seconds are usual.</param>
        /// <param name="path">The file. If it cannot be written at the start, <c>Continue</c> fails; if it cannot later, the next interval
        /// tries again.</param>
        /// <exception cref="KoopmanException">The interval is negative.</exception>
        public void SaveEvery(TimeSpan interval, string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            FlowMatching.saveEvery(interval, path, training).OrThrow();
        }
    }

    extension(DistillationTraining training)
    {
        /// <summary>Continues until all steps are done. After a cancellation it can be called again.</summary>
        /// <param name="progress">Reports every 50 steps, on the worker thread.</param>
        /// <param name="cancellation">Checked at every step.</param>
        /// <exception cref="KoopmanException">A loss that is not finite; the parameters are those before that step.</exception>
        /// <exception cref="OperationCanceledException">Cancelled.</exception>
        public void Continue(IProgress<DistillationProgress>? progress = null, CancellationToken cancellation = default) =>
            Distillation.resume(progress.ToControl(cancellation), training).OrThrow();

        /// <summary>The flow learned so far: a copy. The caller disposes it.</summary>
        public LinearFlow Flow() => Distillation.lift(training);

        /// <summary>Writes the complete state of the training to a file, which is replaced atomically.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The file cannot be written; an existing file is then unchanged.</exception>
        public void Save(string path) => RunFiles.Save(path, Distillation.state(training));

        /// <summary>
        /// Restores a state saved by a training with the same settings, seed, teacher and data; the result is the same to the bit.
        /// </summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">There is no such file, it is damaged, or it belongs to another lift; then nothing is
        /// changed.</exception>
        public void Restore(string path) => RunFiles.Restore(path, state => Distillation.restore(state, training));

        /// <summary>
        /// From now on <c>Continue</c> writes the state to a file: at its start, after every interval, and at its end or cancellation, so that a run
        /// that is killed loses no more than one interval. The file is replaced atomically between two steps.
        /// </summary>
        /// <param name="interval">The time between two writes; 30 seconds are usual.</param>
        /// <param name="path">The file. If it cannot be written at the start, <c>Continue</c> fails; if it cannot later, the next interval
        /// tries again.</param>
        /// <exception cref="KoopmanException">The interval is negative.</exception>
        public void SaveEvery(TimeSpan interval, string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            Distillation.saveEvery(interval, path, training).OrThrow();
        }
    }

    internal static torch.Tensor Noise(int count, int dimension, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        return SeedModule.normal([count, dimension], seed.ToSeed());
    }

    /// <summary>
    /// The points in the dtype and on the device of the network; unchanged for a field without parameters. The caller owns them.
    /// </summary>
    private static torch.Tensor Place(VelocityField field, torch.Tensor points)
    {
        Check.Points(points, field.Dimension, nameof(points));
        using var scope = torch.NewDisposeScope();
        var parameters = VelocityFieldModule.net(field).Parameters;
        if (parameters.IsEmpty)
            return points.alias().DetachFromDisposeScope();
        var like = parameters.Head.Item2;
        return points.detach().to(like.dtype).to(like.device).alias().DetachFromDisposeScope();
    }
}
