using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Koopman.Flows;
using Koopman.Learning;
using Microsoft.FSharp.Core;
using TorchSharp;

namespace Koopman;

/// <summary>Velocity fields dx/dt = v(t, x), on t from 0, where points are noise, to 1, where they are data; and trainings under way.</summary>
public static class FlowExtensions
{
    /// <summary>The method of fields unless another is given: 40 steps of the Runge–Kutta method.</summary>
    private static readonly OdeMethod RungeKutta = OdeMethod.NewRungeKutta4(40);

    extension(VelocityField)
    {
        /// <summary>A field of your own, written with tensors.</summary>
        /// <param name="dimension">d; at least 1.</param>
        /// <param name="velocity">From times (n, 1) and points (n, d) to velocities (n, d), in the type of the points.</param>
        public static VelocityField FromFunction(int dimension, Func<torch.Tensor, torch.Tensor, torch.Tensor> velocity)
        {
            Check.AtLeastOne(dimension, nameof(dimension));
            ArgumentNullException.ThrowIfNull(velocity);
            return VelocityFieldModule.ofFunction(dimension, FuncConvert.FromFunc(velocity));
        }

        /// <summary>The field of a module of times (n, 1) and points (n, d). The module stays yours.</summary>
        /// <param name="dimension">d; at least 1.</param>
        /// <param name="module">Its outputs are as many as its points have coordinates.</param>
        public static VelocityField FromModule(int dimension, torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> module)
        {
            Check.AtLeastOne(dimension, nameof(dimension));
            ArgumentNullException.ThrowIfNull(module);
            return VelocityFieldModule.ofModule(dimension, module);
        }

        /// <summary>Reads a field from a file of <c>Save</c>, on the CPU: it gives the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">
        /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
        /// </exception>
        public static VelocityField Load(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            return VelocityFieldModule.load(path).OrThrow();
        }

        /// <summary>As <c>Load</c>, without throwing over the file.</summary>
        /// <returns>Whether there is a field; if not, <paramref name="error"/> says why.</returns>
        public static bool TryLoad(string path, [NotNullWhen(true)] out VelocityField? field, [NotNullWhen(false)] out KoopmanError? error)
        {
            ArgumentNullException.ThrowIfNull(path);
            return VelocityFieldModule.load(path).TryGet(out field, out error);
        }
    }

    extension(VelocityField field)
    {
        /// <summary>Ways (t, x) of points along the field from t = 0 to 1, a trajectory of R^{1+d} for each row of noise: the measure in which a flow is judged.</summary>
        /// <param name="noise">Where the ways begin (n, d).</param>
        /// <param name="steps">How many steps are kept, at least 1; each is solved by four steps of Runge and Kutta's method.</param>
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

        /// <summary>The velocities (n, d) at one time and points (n, d) of any type, in the network's type. The caller owns them.</summary>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        public torch.Tensor Velocities(double time, torch.Tensor points)
        {
            using var placed = Place(field, points);
            using var scope = torch.NewDisposeScope();
            using var quiet = torch.no_grad();
            return field.At(time, placed).DetachFromDisposeScope();
        }

        /// <summary>Points (n, d) carried from one time to another, which may be the earlier one, in the network's type. The caller owns them.</summary>
        /// <param name="points">Where they are at the first time, of any type and on any device.</param>
        /// <param name="from">The first time: 0 for noise.</param>
        /// <param name="until">The other time: 1 for data.</param>
        /// <param name="method">Null for 40 steps of the Runge–Kutta method.</param>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        /// <exception cref="KoopmanException">A setting out of its range, or points that left all bounds.</exception>
        public torch.Tensor Carry(torch.Tensor points, double from = 0, double until = 1, OdeMethod? method = null)
        {
            using var placed = Place(field, points);
            return Ode.solve(method ?? RungeKutta, field, from, until, placed).OrThrow();
        }

        /// <summary>Points (n, d) at several times, as (times, n, d), in the network's type. The caller owns them.</summary>
        /// <param name="points">Where they are at the first time.</param>
        /// <param name="times">At least two, rising or falling.</param>
        /// <param name="method">Null for 40 steps of the Runge–Kutta method over the whole way.</param>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        /// <exception cref="KoopmanException">A setting out of its range, or points that left all bounds.</exception>
        public torch.Tensor Path(torch.Tensor points, IReadOnlyList<double> times, OdeMethod? method = null)
        {
            ArgumentNullException.ThrowIfNull(times);
            using var placed = Place(field, points);
            return Ode.trajectory(method ?? RungeKutta, field, [.. times], placed).OrThrow().States;
        }

        /// <summary>Samples of the law of the data, made of fresh normal noise.</summary>
        /// <param name="count">At least 2.</param>
        /// <param name="seed">Of the noise.</param>
        /// <param name="method">Null for 40 steps of the Runge–Kutta method.</param>
        /// <exception cref="KoopmanException">A setting out of its range, or points that left all bounds.</exception>
        public Samples Sample(int count, int seed = 0, OdeMethod? method = null)
        {
            using var noise = Noise(count, field.Dimension, seed);
            using var points = field.Carry(noise, method: method);
            return Samples.FromTensor(points);
        }

        /// <summary>Writes the field to a safetensors file, which is replaced in one step.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The network is your own module or function; or the file cannot be written, and is then what it was.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            VelocityFieldModule.save(path, field).OrThrow();
        }
    }

    extension(FlowTraining training)
    {
        /// <summary>Continues until all steps are made. After a cancellation it can be called again.</summary>
        /// <param name="progress">Reports every 50 steps, on the worker thread.</param>
        /// <param name="cancellation">Obeyed within one step.</param>
        /// <exception cref="KoopmanException">A loss that is no finite number; the parameters are those before that step.</exception>
        /// <exception cref="OperationCanceledException">Cancelled.</exception>
        public void Continue(IProgress<DescentProgress>? progress = null, CancellationToken cancellation = default) =>
            FlowMatching.resume(progress.ToControl(cancellation), training).OrThrow();

        /// <summary>The velocity field learned so far: a copy with averaged parameters. The caller disposes of it.</summary>
        public VelocityField Field() => FlowMatching.velocity(training);

        /// <summary>Writes everything that the training knows to a file, which is replaced in one step.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The file cannot be written, and is then what it was.</exception>
        public void Save(string path) => RunFiles.Save(path, FlowMatching.state(training));

        /// <summary>Takes this training to a state that one with the same settings, seed and data saved: it continues to the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">There is no such file, it is damaged, or it is of another network; then nothing is changed.</exception>
        public void Restore(string path) => RunFiles.Restore(path, state => FlowMatching.restore(state, training));
    }

    extension(DistillationTraining training)
    {
        /// <summary>Continues until all steps are made. After a cancellation it can be called again.</summary>
        /// <param name="progress">Reports every 50 steps, on the worker thread.</param>
        /// <param name="cancellation">Obeyed within one step.</param>
        /// <exception cref="KoopmanException">A loss that is no finite number; the parameters are those before that step.</exception>
        /// <exception cref="OperationCanceledException">Cancelled.</exception>
        public void Continue(IProgress<DistillationProgress>? progress = null, CancellationToken cancellation = default) =>
            Distillation.resume(progress.ToControl(cancellation), training).OrThrow();

        /// <summary>The flow learned so far: a copy. The caller disposes of it.</summary>
        public LinearFlow Flow() => Distillation.lift(training);

        /// <summary>Writes everything that the training knows to a file, which is replaced in one step.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The file cannot be written, and is then what it was.</exception>
        public void Save(string path) => RunFiles.Save(path, Distillation.state(training));

        /// <summary>Takes this training to a state that one with the same settings, seed, teacher and data saved: it continues to the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">There is no such file, it is damaged, or it is of another lift; then nothing is changed.</exception>
        public void Restore(string path) => RunFiles.Restore(path, state => Distillation.restore(state, training));
    }

    internal static torch.Tensor Noise(int count, int dimension, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        return SeedModule.normal([count, dimension], seed.ToSeed());
    }

    /// <summary>The points in the type and on the device of the network; a field without parameters takes them as they are. The caller owns them.</summary>
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
