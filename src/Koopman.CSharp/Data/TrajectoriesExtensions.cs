using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using TorchSharp;

namespace Koopman;

/// <summary>Makes and splits trajectories, and converts them to snapshot pairs. All methods return new trajectories.</summary>
public static class TrajectoriesExtensions
{
    extension(Trajectories)
    {
        /// <summary>
        /// Trajectories sampled every <paramref name="step"/>, each a matrix (n_k, d) with one row per state. The values are copied.
        /// </summary>
        /// <param name="trajectories">The states of each, in time order.</param>
        /// <param name="step">The time between two of them; positive.</param>
        /// <exception cref="KoopmanException">No trajectory, one of fewer than two states, values that are not finite, or a bad step.</exception>
        public static Trajectories FromArrays(IEnumerable<double[,]> trajectories, double step)
        {
            ArgumentNullException.ThrowIfNull(trajectories);
            return TrajectoriesModule.ofArrays(step, trajectories).OrThrow();
        }

        /// <summary>
        /// As <c>FromArrays</c>, from tensors (n_k, d) of any real dtype and device. They are copied to float64 on the CPU.
        /// </summary>
        /// <exception cref="KoopmanException">No trajectory, one of fewer than two states, values that are not finite, or a bad step.</exception>
        public static Trajectories FromTensors(IEnumerable<torch.Tensor> trajectories, double step)
        {
            ArgumentNullException.ThrowIfNull(trajectories);
            return TrajectoriesModule.create(step, trajectories).OrThrow();
        }

        /// <summary>
        /// Reads an <c>.npz</c> with states x (n, d), or (k, n, d), and lag or times, optionally cut by starts, with inputs u and weights w;
        /// or a table with a column named trajectory, run or id, or t, time or timestamp, whose columns input:... are inputs.
        /// </summary>
        /// <exception cref="KoopmanException">The file is missing, damaged, or holds something else.</exception>
        public static Trajectories Read(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            return DatasetModule.readTrajectories(path).OrThrow();
        }

        /// <summary>As <c>Read</c>, with what the settings say.</summary>
        /// <param name="path">The file.</param>
        /// <param name="settings">How it is to be understood.</param>
        /// <param name="understood">What was understood, in words.</param>
        /// <exception cref="KoopmanException">The file is missing, damaged, or holds something else.</exception>
        public static Trajectories Read(string path, ReadSettings settings, out Interpretation understood)
        {
            ArgumentNullException.ThrowIfNull(path);
            ArgumentNullException.ThrowIfNull(settings);
            (var trajectories, understood) = DatasetModule.readTrajectoriesWith(settings.ToCore(), path).OrThrow();
            return trajectories;
        }

        /// <summary>As <c>Read</c>, with what the settings say.</summary>
        /// <exception cref="KoopmanException">The file is missing, damaged, or holds something else.</exception>
        public static Trajectories Read(string path, ReadSettings settings) => Trajectories.Read(path, settings, out _);

        /// <summary>
        /// Reads several files as one collection of trajectories, in the order of the files: each holds one or more, or rows that are consecutive
        /// states.
        /// </summary>
        /// <param name="paths">The files.</param>
        /// <param name="settings">How each is to be understood.</param>
        /// <param name="understood">What was understood, in words.</param>
        /// <exception cref="KoopmanException">A file is missing, damaged, or holds something else, or its columns are not those of the first.</exception>
        public static Trajectories FromFiles(IEnumerable<string> paths, ReadSettings settings, out Interpretation understood)
        {
            ArgumentNullException.ThrowIfNull(paths);
            ArgumentNullException.ThrowIfNull(settings);
            (var trajectories, understood) = DatasetModule.readFiles(settings.ToCore(), paths).OrThrow();
            return trajectories;
        }

        /// <summary>As <c>FromFiles</c>, with the default settings.</summary>
        /// <exception cref="KoopmanException">A file is missing, damaged, or holds something else, or its columns are not those of the first.</exception>
        public static Trajectories FromFiles(IEnumerable<string> paths) => Trajectories.FromFiles(paths, new(), out _);

        /// <summary>The trajectories of all of these, in their order, as one collection. The states are copied.</summary>
        /// <exception cref="KoopmanException">Coordinates or inputs differ in number or name.</exception>
        public static Trajectories Concat(IEnumerable<Trajectories> collections)
        {
            ArgumentNullException.ThrowIfNull(collections);
            return TrajectoriesModule.concat(collections).OrThrow();
        }

        /// <summary>As <c>Read</c>, without throwing for file errors.</summary>
        /// <returns>True if the file was read; if not, <paramref name="error"/> gives the reason.</returns>
        public static bool TryRead(
            string path, [NotNullWhen(true)] out Trajectories? trajectories, [NotNullWhen(false)] out KoopmanError? error)
        {
            ArgumentNullException.ThrowIfNull(path);
            return DatasetModule.readTrajectories(path).TryGet(out trajectories, out error);
        }
    }

    extension(Trajectories trajectories)
    {
        /// <summary>The time between consecutive states, or null if they are not equally spaced.</summary>
        public double? Step => TrajectoriesModule.step(trajectories).ToNullable();

        /// <summary>The inputs u (n, m), or null if there are none: row t acts from state t to state t+1. They belong to the trajectories.</summary>
        public torch.Tensor? Inputs => TrajectoriesModule.inputs(trajectories)?.Value;

        /// <summary>
        /// Writes to <c>.npz</c>, or to <c>.csv</c>, which does not keep weights. If writing fails, an existing file is left unchanged.
        /// </summary>
        /// <exception cref="KoopmanException">The file cannot be written, or its name ends otherwise.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            DatasetModule.writeTrajectories(path, trajectories).OrThrow();
        }

        /// <summary>The same states at these times, one array for each trajectory; equally spaced ones count as regular sampling.</summary>
        /// <exception cref="KoopmanException">Their number does not match, or they are not increasing.</exception>
        public Trajectories WithTimes(IEnumerable<double[]> times)
        {
            ArgumentNullException.ThrowIfNull(times);
            return TrajectoriesModule.withTimes(times, trajectories).OrThrow();
        }

        /// <summary>The same states with inputs (n_k, m), one matrix for each trajectory: row t acts from state t to state t+1.</summary>
        /// <exception cref="KoopmanException">The shapes do not match, or a value is not finite.</exception>
        public Trajectories WithInputs(IEnumerable<double[,]> inputs)
        {
            ArgumentNullException.ThrowIfNull(inputs);
            using var scope = torch.NewDisposeScope();
            return TrajectoriesModule.withInputs([.. inputs.Select(input => input.ToTensor(nameof(inputs)))], trajectories).OrThrow();
        }

        /// <summary>The same states with names for their coordinates and inputs.</summary>
        /// <param name="names">One for each coordinate, or none.</param>
        /// <param name="inputNames">One for each input, or none.</param>
        /// <exception cref="KoopmanException">Their number does not match.</exception>
        public Trajectories WithNames(ReadOnlySpan<string> names, ReadOnlySpan<string> inputNames) =>
            TrajectoriesModule.withNames(names.ToArray(), inputNames.ToArray(), trajectories).OrThrow();

        /// <summary>The same states without their inputs.</summary>
        public Trajectories WithoutInputs() => TrajectoriesModule.withoutInputs(trajectories);

        /// <summary>The same trajectories with weights, one each, which need not be normalised.</summary>
        /// <exception cref="KoopmanException">Their number is not k, or they are negative, not finite or all zero.</exception>
        public Trajectories WithWeights(ReadOnlySpan<double> weights) => TrajectoriesModule.withWeights(weights.ToArray(), trajectories).OrThrow();

        /// <summary>The states of one trajectory, counted from 0, as a fresh array (n_k, d).</summary>
        /// <exception cref="ArgumentOutOfRangeException">There is no such trajectory.</exception>
        public double[,] ToArray(int trajectory) =>
            TrajectoriesModule.statesOf(Check.Index(trajectory, trajectories.Count, nameof(trajectory)), trajectories)
                .Taken(tensor => tensor.ToMatrix());

        /// <summary>The pairs (x_t, x_{t+stride}), never across two trajectories. Inputs go with stride 1.</summary>
        /// <param name="stride">The number of steps that a pair spans; at least 1.</param>
        /// <exception cref="KoopmanException">Irregular times (use <c>PairsNear</c>), trajectories that are too short, or inputs with a longer stride.</exception>
        public SnapshotPairs Pairs(int stride = 1) => TrajectoriesModule.pairs(stride, trajectories).OrThrow();

        /// <summary>The pairs of states whose times differ by a lag up to a tolerance: for irregular sampling.</summary>
        /// <param name="lag">The time from x to y.</param>
        /// <param name="tolerance">The largest deviation from the lag; from 0 to below the lag.</param>
        /// <exception cref="KoopmanException">Fewer than two such pairs, or a setting out of range.</exception>
        public SnapshotPairs PairsNear(double lag, double tolerance) => TrajectoriesModule.pairsNear(lag, tolerance, trajectories).OrThrow();

        /// <summary>Delay coordinates: each state becomes the last <paramref name="count"/> states, the newest first.</summary>
        /// <exception cref="KoopmanException">Irregular times, or a trajectory that is too short.</exception>
        public Trajectories Delays(int count) => TrajectoriesModule.delays(count, trajectories).OrThrow();

        /// <summary>The trajectories with these indices, counted from 0, in this order.</summary>
        /// <exception cref="KoopmanException">There is no such trajectory, or none was selected.</exception>
        public Trajectories Select(ReadOnlySpan<int> indices) => TrajectoriesModule.select(indices.ToArray(), trajectories).OrThrow();

        /// <summary>A split into trajectories for training and a randomly chosen fraction held out for testing.</summary>
        /// <param name="heldOut">The fraction held out, between 0 and 1.</param>
        /// <param name="seed">Equal seeds give equal splits.</param>
        /// <exception cref="KoopmanException">There is only one trajectory, or the fraction is out of range.</exception>
        public (Trajectories Learn, Trajectories HeldOut) SplitTrajectories(double heldOut, int seed) =>
            TrajectoriesModule.splitTrajectories(heldOut, seed.ToSeed(), trajectories).OrThrow();

        /// <summary>A split of every trajectory into an early part for training and a late part held out for testing.</summary>
        /// <param name="heldOut">The fraction held out, between 0 and 1.</param>
        /// <exception cref="KoopmanException">A trajectory has fewer than 4 states, or the fraction is out of range.</exception>
        public (Trajectories Learn, Trajectories HeldOut) SplitInTime(double heldOut) =>
            TrajectoriesModule.splitInTime(heldOut, trajectories).OrThrow();
    }
}
