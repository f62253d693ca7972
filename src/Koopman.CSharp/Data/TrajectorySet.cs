using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using Microsoft.FSharp.Core;
using TorchSharp;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>
/// One or many trajectories of R^d, each with a length and times of its own. Checked once, when made: at least two states each, all
/// finite, times that rise. They may carry inputs, and a weight each. Holds tensors: dispose of it. Methods that change something
/// answer a new set.
/// </summary>
public sealed class TrajectorySet : IDisposable
{
    private readonly Trajectories core;

    internal TrajectorySet(Trajectories core)
    {
        this.core = core;
        States = new SampleSet(core.States, isBorrowed: true);
        Lengths = Array.AsReadOnly(core.Lengths);
        Times = Array.AsReadOnly(core.Times);
    }

    internal Trajectories Core
    {
        get
        {
            Check.Alive(core.States.Points, this);
            return core;
        }
    }

    /// <summary>All states (n, d), trajectory after trajectory. They live as long as this set.</summary>
    public SampleSet States { get; }

    /// <summary>The number of trajectories k.</summary>
    public int Count => core.Count;

    /// <summary>The dimension d of the space.</summary>
    public int Dimension => core.Dimension;

    /// <summary>The number of states of each trajectory (k).</summary>
    public IReadOnlyList<int> Lengths { get; }

    /// <summary>The time of every state (n), rising within each trajectory.</summary>
    public IReadOnlyList<double> Times { get; }

    /// <summary>The time between consecutive states, or null if they are not equally spaced.</summary>
    public double? Step => core.Step.ToNullable();

    /// <summary>How many inputs act on the states, m; 0 if there are none.</summary>
    public int InputCount => core.Inputs is { } inputs ? (int)inputs.Value.shape[1] : 0;

    /// <summary>Trajectories sampled every <paramref name="step"/>, each a matrix (n_k, d) with one row a state. The values are copied.</summary>
    /// <param name="trajectories">The states of each, in time order.</param>
    /// <param name="step">The time between two of them; positive.</param>
    /// <exception cref="KoopmanException">No trajectory, one of fewer than two states, values that are not finite, or a bad step.</exception>
    public static TrajectorySet FromArrays(IEnumerable<double[,]> trajectories, double step)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        return new TrajectorySet(TrajectoriesModule.ofArrays(step, trajectories).OrThrow());
    }

    /// <summary>As <see cref="FromArrays"/>, from tensors (n_k, d) of any real type and device. They are copied to float64 on the CPU.</summary>
    /// <inheritdoc cref="FromArrays" path="/exception"/>
    public static TrajectorySet FromTensors(IEnumerable<torch.Tensor> trajectories, double step)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        return new TrajectorySet(TrajectoriesModule.create(step, trajectories).OrThrow());
    }

    /// <summary>
    /// Reads an <c>.npz</c> with states x (n, d), or (k, n, d), and lag or times, optionally cut by starts, with inputs u and weights w;
    /// or a table with a column named trajectory or time, whose columns u, u1, ... are inputs.
    /// </summary>
    /// <exception cref="KoopmanException">The file is missing, damaged, or holds something else.</exception>
    public static TrajectorySet Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new TrajectorySet(ReadTrajectories(path).OrThrow());
    }

    /// <summary>As <see cref="Read"/>, without throwing over the file.</summary>
    /// <returns>Whether the file was read; if not, <paramref name="error"/> says why.</returns>
    public static bool TryRead(
        string path,
        [NotNullWhen(true)] out TrajectorySet? trajectories,
        [NotNullWhen(false)] out KoopmanError? error)
    {
        ArgumentNullException.ThrowIfNull(path);
        return ReadTrajectories(path).TryGet(core => new TrajectorySet(core), out trajectories, out error);
    }

    /// <summary>Writes to <c>.npz</c>, or to <c>.csv</c>, which does not keep weights. A file that was there survives a failure unchanged.</summary>
    /// <exception cref="KoopmanException">The file cannot be written, or its name ends otherwise.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        DatasetModule.writeTrajectories(path, Core).OrThrow();
    }

    /// <summary>The same states at these times, one array for each trajectory; equally spaced ones count as regular sampling.</summary>
    /// <exception cref="KoopmanException">Their number does not match, or they do not rise.</exception>
    public TrajectorySet WithTimes(IEnumerable<double[]> times)
    {
        ArgumentNullException.ThrowIfNull(times);
        return new TrajectorySet(TrajectoriesModule.withTimes(times, Core).OrThrow());
    }

    /// <summary>The same states with inputs (n_k, m), one matrix for each trajectory: row t acts from state t to state t+1.</summary>
    /// <exception cref="KoopmanException">The shapes do not match, or a value is not finite.</exception>
    public TrajectorySet WithInputs(IEnumerable<double[,]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var scope = torch.NewDisposeScope();
        var tensors = inputs.Select(input => torch.tensor(input, torch.float64)).ToArray();
        return new TrajectorySet(TrajectoriesModule.withInputs(tensors, Core).OrThrow());
    }

    /// <summary>The same states without their inputs.</summary>
    public TrajectorySet WithoutInputs() => new(TrajectoriesModule.withoutInputs(Core));

    /// <summary>The same trajectories under weights, one each, which need not be normalised.</summary>
    /// <exception cref="KoopmanException">Their number is not k, or they are negative, not finite or all zero.</exception>
    public TrajectorySet WithWeights(ReadOnlySpan<double> weights) =>
        new(TrajectoriesModule.withWeights(weights.ToArray(), Core).OrThrow());

    /// <summary>The states of one trajectory, counted from 0, as a fresh array (n_k, d).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such trajectory.</exception>
    public double[,] ToArray(int trajectory)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trajectory);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(trajectory, Count);
        return Convert.ToMatrix(TrajectoriesModule.statesOf(trajectory, Core));
    }

    /// <summary>The pairs (x_t, x_{t+stride}), never across two trajectories. Inputs go with stride 1.</summary>
    /// <param name="stride">How many steps a pair spans; at least 1.</param>
    /// <exception cref="KoopmanException">Irregular times (take <see cref="PairsNear"/>), trajectories that are too short, or inputs with a longer stride.</exception>
    public TransitionSet Pairs(int stride = 1) => new(TrajectoriesModule.pairs(stride, Core).OrThrow());

    /// <summary>The pairs of states whose times differ by a lag up to a tolerance: for irregular sampling.</summary>
    /// <param name="lag">The time from x to y.</param>
    /// <param name="tolerance">The most a pair may be off; from 0 to below the lag.</param>
    /// <exception cref="KoopmanException">Fewer than two such pairs, or a setting out of its range.</exception>
    public TransitionSet PairsNear(double lag, double tolerance) =>
        new(TrajectoriesModule.pairsNear(lag, tolerance, Core).OrThrow());

    /// <summary>Delay coordinates: each state becomes the last <paramref name="count"/> states, the newest first.</summary>
    /// <exception cref="KoopmanException">Irregular times, or a trajectory that is too short.</exception>
    public TrajectorySet Delays(int count) => new(TrajectoriesModule.delays(count, Core).OrThrow());

    /// <summary>The trajectories with these indices, counted from 0, in this order. The new set holds copies.</summary>
    /// <exception cref="KoopmanException">There is no such trajectory, or none was selected.</exception>
    public TrajectorySet Select(ReadOnlySpan<int> trajectories) =>
        new(TrajectoriesModule.select(trajectories.ToArray(), Core).OrThrow());

    /// <summary>Whole trajectories to learn from, and a share of them, chosen at random, held out for a test.</summary>
    /// <param name="heldOut">The share held out, between 0 and 1.</param>
    /// <param name="seed">Equal seeds give equal splits.</param>
    /// <exception cref="KoopmanException">There is one trajectory only, or the share is out of its range.</exception>
    public (TrajectorySet Learn, TrajectorySet HeldOut) SplitTrajectories(double heldOut, int seed)
    {
        var (learn, test) = TrajectoriesModule.splitTrajectories(heldOut, SeedModule.ofInt(seed), Core).OrThrow();
        return (new TrajectorySet(learn), new TrajectorySet(test));
    }

    /// <summary>The early part of every trajectory to learn from, and its late part held out for a test.</summary>
    /// <param name="heldOut">The share held out, between 0 and 1.</param>
    /// <exception cref="KoopmanException">A trajectory has fewer than 4 states, or the share is out of its range.</exception>
    public (TrajectorySet Learn, TrajectorySet HeldOut) SplitInTime(double heldOut)
    {
        var (learn, test) = TrajectoriesModule.splitInTime(heldOut, Core).OrThrow();
        return (new TrajectorySet(learn), new TrajectorySet(test));
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => core.ToString();

    private static FSharpResult<Trajectories, KoopmanError> ReadTrajectories(string path)
    {
        var read = DatasetModule.read(path);
        if (read.IsError)
            return FSharpResult<Trajectories, KoopmanError>.NewError(read.ErrorValue);
        if (read.ResultValue is Dataset.Paths paths)
            return FSharpResult<Trajectories, KoopmanError>.NewOk(paths.Item);
        ((IDisposable)read.ResultValue).Dispose();
        return KoopmanErrorModule.fail<Trajectories>(
            ErrorKind.UnreadableFile,
            $"{path} holds no trajectories",
            "Add 'lag' or 'times' to an archive with x, or a column named time to a table; read pairs with TransitionSet.Read");
    }
}
