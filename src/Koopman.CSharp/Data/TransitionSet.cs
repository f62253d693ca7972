using System;
using System.Diagnostics.CodeAnalysis;
using Microsoft.FSharp.Core;
using TorchSharp;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>
/// n pairs (x, y) of R^d where y is the state a time <see cref="Lag"/> after x: what EDMD learns from. Pairs are in time order when
/// they come from a trajectory; error bars use that order. Holds tensors: dispose of it.
/// </summary>
public sealed class TransitionSet : IDisposable
{
    private readonly SnapshotPairs core;

    internal TransitionSet(SnapshotPairs core)
    {
        this.core = core;
        From = new SampleSet(core.From, isBorrowed: true);
        To = new SampleSet(core.To, isBorrowed: true);
    }

    internal SnapshotPairs Core
    {
        get
        {
            Check.Alive(core.From.Points, this);
            return core;
        }
    }

    /// <summary>The states x. They live as long as this set.</summary>
    public SampleSet From { get; }

    /// <summary>The states y, one lag later. They live as long as this set.</summary>
    public SampleSet To { get; }

    /// <summary>The time τ between x and y, in the data's unit of time.</summary>
    public double Lag => core.Lag;

    /// <summary>The temperature T of dX = -∇V dt + √(2T) dW, or null when it is not known.</summary>
    public double? Temperature => core.Temperature.ToNullable();

    /// <summary>How many inputs acted on the pairs, m; 0 if there are none.</summary>
    public int InputCount => core.Inputs is { } inputs ? (int)inputs.Value.shape[1] : 0;

    /// <summary>Whether there are second successors of x, independent of y.</summary>
    public bool HasSecondSuccessors => core.Second is not null;

    /// <summary>The number of pairs n.</summary>
    public int Count => core.Count;

    /// <summary>The dimension d of the space.</summary>
    public int Dimension => core.Dimension;

    /// <summary>Pairs from the states x and their successors y, both (n, d). The values are copied.</summary>
    /// <param name="from">x, one row a state.</param>
    /// <param name="to">y, in the same order.</param>
    /// <param name="lag">The time between them; positive.</param>
    /// <param name="temperature">T, if it is known.</param>
    /// <exception cref="KoopmanException">The shapes differ, the lag is not a positive time, or the data are no samples.</exception>
    public static TransitionSet FromArrays(double[,] from, double[,] to, double lag, double? temperature = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        using var x = torch.tensor(from, torch.float64);
        using var y = torch.tensor(to, torch.float64);
        return FromTensors(x, y, lag, temperature);
    }

    /// <summary>As <see cref="FromArrays"/>, from two sets of samples. Their weights are not used.</summary>
    /// <inheritdoc cref="FromArrays" path="/exception"/>
    public static TransitionSet FromSamples(SampleSet from, SampleSet to, double lag, double? temperature = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return FromTensors(from.Points, to.Points, lag, temperature);
    }

    /// <summary>As <see cref="FromArrays"/>, from tensors (n, d) of any real type and device. They are copied to float64 on the CPU.</summary>
    /// <inheritdoc cref="FromArrays" path="/exception"/>
    public static TransitionSet FromTensors(torch.Tensor from, torch.Tensor to, double lag, double? temperature = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return new TransitionSet(At(temperature, SnapshotPairsModule.create(lag, from, to).OrThrow()));
    }

    /// <summary>Consecutive states of one trajectory, sampled every <paramref name="lag"/>: n - 1 pairs. The values are copied.</summary>
    /// <param name="trajectory">The states in time order, at least 3.</param>
    /// <param name="lag">The time between two of them; positive.</param>
    /// <param name="temperature">T, if it is known.</param>
    /// <exception cref="KoopmanException">The trajectory is too short, or the lag is not a positive time.</exception>
    public static TransitionSet FromTrajectory(SampleSet trajectory, double lag, double? temperature = null)
    {
        ArgumentNullException.ThrowIfNull(trajectory);
        return new TransitionSet(At(temperature, SnapshotPairsModule.ofTrajectory(lag, trajectory.Core).OrThrow()));
    }

    /// <summary>The same pairs under weights (n), which need not be normalised.</summary>
    /// <exception cref="KoopmanException">Their number is not n, or they are negative, not finite or all zero.</exception>
    public TransitionSet WithWeights(ReadOnlySpan<double> weights) =>
        new(SnapshotPairsModule.withWeights(weights.ToArray(), Core).OrThrow());

    /// <summary>The same pairs with the inputs u (n, m) that acted from x to y.</summary>
    /// <exception cref="KoopmanException">There is not one row for every pair, or a value is not finite.</exception>
    public TransitionSet WithInputs(double[,] inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var u = torch.tensor(inputs, torch.float64);
        return new TransitionSet(SnapshotPairsModule.withInputs(u, Core).OrThrow());
    }

    /// <summary>The same pairs with second successors (n, d) of x, drawn independently of y: they separate noise from residual.</summary>
    /// <exception cref="KoopmanException">The shape is not that of the states, or a value is not finite.</exception>
    public TransitionSet WithSecondSuccessors(double[,] second)
    {
        ArgumentNullException.ThrowIfNull(second);
        using var y = torch.tensor(second, torch.float64);
        return new TransitionSet(SnapshotPairsModule.withSecond(y, Core).OrThrow());
    }

    /// <summary>
    /// Reads an <c>.npz</c> with the arrays x and y (n, d), the scalar lag and what else the pairs carry: temperature, weights w, inputs
    /// u, second successors y2.
    /// </summary>
    /// <exception cref="KoopmanException">The file is missing, damaged, or holds points without successors.</exception>
    public static TransitionSet Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new TransitionSet(ReadPairs(path).OrThrow());
    }

    /// <summary>As <see cref="Read"/>, without throwing over the file.</summary>
    /// <returns>Whether the file was read; if not, <paramref name="error"/> says why.</returns>
    public static bool TryRead(string path, [NotNullWhen(true)] out TransitionSet? pairs, [NotNullWhen(false)] out KoopmanError? error)
    {
        ArgumentNullException.ThrowIfNull(path);
        return ReadPairs(path).TryGet(core => new TransitionSet(core), out pairs, out error);
    }

    /// <summary>Writes x, y, lag and what else the pairs carry to an <c>.npz</c>. A file that was there survives a failure unchanged.</summary>
    /// <exception cref="KoopmanException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        DatasetModule.writePairs(path, Core).OrThrow();
    }

    /// <summary>
    /// The temperature that the increments show, mean |y-x|²/(2dτ). Right for small lags; at a lag comparable to the relaxation time
    /// inside a well it is too low.
    /// </summary>
    public double EstimateTemperature() => SnapshotPairsModule.estimateTemperature(Core);

    /// <summary>Frees the tensors.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => core.ToString();

    private static SnapshotPairs At(double? temperature, SnapshotPairs pairs)
    {
        if (temperature is not { } t)
            return pairs;
        using (pairs)
            return SnapshotPairsModule.withTemperature(t, pairs);
    }

    private static FSharpResult<SnapshotPairs, KoopmanError> ReadPairs(string path)
    {
        var read = DatasetModule.read(path);
        if (read.IsError)
            return FSharpResult<SnapshotPairs, KoopmanError>.NewError(read.ErrorValue);
        if (read.ResultValue is Dataset.Pairs pairs)
            return FSharpResult<SnapshotPairs, KoopmanError>.NewOk(pairs.Item);
        var isPaths = read.ResultValue is Dataset.Paths;
        ((IDisposable)read.ResultValue).Dispose();
        if (isPaths)
            return KoopmanErrorModule.fail<SnapshotPairs>(
                ErrorKind.UnreadableFile, $"{path} holds whole trajectories", "Read it with TrajectorySet.Read, and take its Pairs");
        return KoopmanErrorModule.fail<SnapshotPairs>(
            ErrorKind.UnreadableFile,
            $"{path} holds points without successors",
            "Read it with SampleSet.Read, and make pairs with TransitionSet.FromTrajectory if its rows are consecutive states");
    }
}
