using System;
using System.Diagnostics.CodeAnalysis;
using TorchSharp;

namespace Koopman;

/// <summary>Makes snapshot pairs, and adds weights, inputs and second successors. Derived pairs share their values.</summary>
public static class SnapshotPairsExtensions
{
    extension(SnapshotPairs)
    {
        /// <summary>Pairs from the states x and their successors y, both (n, d). The values are copied.</summary>
        /// <param name="from">x, one row per state.</param>
        /// <param name="to">y, in the same order.</param>
        /// <param name="lag">The time between them; positive.</param>
        /// <param name="temperature">T, if it is known.</param>
        /// <exception cref="KoopmanException">The shapes differ, the lag is not a positive time, or the data are not valid
        /// samples.</exception>
        public static SnapshotPairs FromArrays(double[,] from, double[,] to, double lag, double? temperature = null)
        {
            using var x = from.ToTensor(nameof(from));
            using var y = to.ToTensor(nameof(to));
            return SnapshotPairs.FromTensors(x, y, lag, temperature);
        }

        /// <summary>As <c>FromArrays</c>, from two sets of samples. Their weights are not used.</summary>
        /// <exception cref="KoopmanException">The shapes differ, or the lag is not a positive time.</exception>
        public static SnapshotPairs FromSamples(Samples from, Samples to, double lag, double? temperature = null)
        {
            ArgumentNullException.ThrowIfNull(from);
            ArgumentNullException.ThrowIfNull(to);
            return SnapshotPairs.FromTensors(from.Points, to.Points, lag, temperature);
        }

        /// <summary>
        /// As <c>FromArrays</c>, from tensors (n, d) of any real dtype and device. They are copied to float64 on the CPU.
        /// </summary>
        /// <exception cref="KoopmanException">The shapes differ, the lag is not a positive time, or the data are not valid
        /// samples.</exception>
        public static SnapshotPairs FromTensors(torch.Tensor from, torch.Tensor to, double lag, double? temperature = null)
        {
            ArgumentNullException.ThrowIfNull(from);
            ArgumentNullException.ThrowIfNull(to);
            return At(temperature, SnapshotPairsModule.create(lag, from, to).OrThrow());
        }

        /// <summary>Consecutive states of one trajectory, sampled every <paramref name="lag"/>: n - 1 pairs. The values are copied.</summary>
        /// <param name="trajectory">The states in time order, at least 3.</param>
        /// <param name="lag">The time between two of them; positive.</param>
        /// <param name="temperature">T, if it is known.</param>
        /// <exception cref="KoopmanException">The trajectory is too short, or the lag is not a positive time.</exception>
        public static SnapshotPairs FromTrajectory(Samples trajectory, double lag, double? temperature = null)
        {
            ArgumentNullException.ThrowIfNull(trajectory);
            return At(temperature, SnapshotPairsModule.ofTrajectory(lag, trajectory).OrThrow());
        }

        /// <summary>
        /// Reads an <c>.npz</c> with the arrays x and y (n, d), the scalar lag, and optionally the temperature, weights w, inputs u and
        /// second successors y2.
        /// </summary>
        /// <exception cref="KoopmanException">The file is missing, damaged, or holds points without successors.</exception>
        public static SnapshotPairs Read(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            return DatasetModule.readPairs(path).OrThrow();
        }

        /// <summary>As <c>Read</c>, without throwing for file errors.</summary>
        /// <returns>True if the file was read; if not, <paramref name="error"/> gives the reason.</returns>
        public static bool TryRead(string path, [NotNullWhen(true)] out SnapshotPairs? pairs, [NotNullWhen(false)] out KoopmanError? error)
        {
            ArgumentNullException.ThrowIfNull(path);
            return DatasetModule.readPairs(path).TryGet(out pairs, out error);
        }
    }

    extension(SnapshotPairs pairs)
    {
        /// <summary>The temperature T of dX = -∇V dt + √(2T) dW, or null when it is not known.</summary>
        public double? Temperature => SnapshotPairsModule.temperature(pairs).ToNullable();

        /// <summary>The inputs u (n, m) that acted from x to y, or null if there are none. They belong to the pairs.</summary>
        public torch.Tensor? Inputs => SnapshotPairsModule.inputs(pairs)?.Value;

        /// <summary>The second successors of x, independent of y, or null if there are none. They belong to the pairs.</summary>
        public Samples? SecondSuccessors => SnapshotPairsModule.secondSuccessors(pairs)?.Value;

        /// <summary>The same pairs with weights (n), which need not be normalised.</summary>
        /// <exception cref="KoopmanException">Their number is not n, or they are negative, not finite or all zero.</exception>
        public SnapshotPairs WithWeights(ReadOnlySpan<double> weights) => SnapshotPairsModule.withWeights(weights.ToArray(), pairs).OrThrow();

        /// <summary>The same pairs with the inputs u (n, m) that acted from x to y.</summary>
        /// <exception cref="KoopmanException">There is not one row for every pair, or a value is not finite.</exception>
        public SnapshotPairs WithInputs(double[,] inputs)
        {
            using var u = inputs.ToTensor(nameof(inputs));
            return SnapshotPairsModule.withInputs(u, pairs).OrThrow();
        }

        /// <summary>
        /// The same pairs, of a state space in which some coordinates change sign when time is reversed, as velocities do. The test of detailed
        /// balance then reverses them too.
        /// </summary>
        /// <param name="odd">Of each coordinate whether it changes sign (d).</param>
        /// <exception cref="KoopmanException">There is not one entry a coordinate.</exception>
        public SnapshotPairs WithParity(bool[] odd)
        {
            ArgumentNullException.ThrowIfNull(odd);
            return SnapshotPairsModule.withParity(odd, pairs).OrThrow();
        }

        /// <summary>
        /// Whether the pairs contradict detailed balance, on which reversible estimators rest: ⟨f(x) g(y)⟩ = ⟨g(x) f(y)⟩ for bounded linear and
        /// quadratic functions of the coordinates.
        /// </summary>
        public BalanceTest TestDetailedBalance()
        {
            ArgumentNullException.ThrowIfNull(pairs);
            return DetailedBalance.test(pairs);
        }

        /// <summary>
        /// The same pairs with second successors (n, d) of x, drawn independently of y: they separate noise from the residual.
        /// </summary>
        /// <exception cref="KoopmanException">The shape is not that of the states, or a value is not finite.</exception>
        public SnapshotPairs WithSecondSuccessors(double[,] second)
        {
            using var y = second.ToTensor(nameof(second));
            return SnapshotPairsModule.withSecond(y, pairs).OrThrow();
        }

        /// <summary>
        /// Writes x, y, lag and the optional fields to an <c>.npz</c>. If writing fails, an existing file is left unchanged.
        /// </summary>
        /// <exception cref="KoopmanException">The file cannot be written.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            DatasetModule.writePairs(path, pairs).OrThrow();
        }

        /// <summary>
        /// The temperature estimated from the increments, mean |y-x|²/(2dτ). Accurate for small lags; at a lag comparable to the relaxation
        /// time inside a well it is too low.
        /// </summary>
        public double EstimateTemperature() => SnapshotPairsModule.estimateTemperature(pairs);
    }

    private static SnapshotPairs At(double? temperature, SnapshotPairs pairs)
    {
        if (temperature is not { } t)
            return pairs;
        using (pairs)
            return SnapshotPairsModule.withTemperature(t, pairs);
    }
}
