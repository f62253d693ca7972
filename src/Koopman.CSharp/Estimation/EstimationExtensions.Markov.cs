using System;
using System.Collections.Generic;
using System.Numerics;

namespace Koopman;

/// <summary>Settings of Markov models.</summary>
public sealed record MarkovSettings
{
    /// <summary>True for the maximum-likelihood matrix with detailed balance, false without this constraint. Default true.</summary>
    public bool Reversible { get; init; } = MarkovModelModule.defaults.Reversible;

    /// <summary>The reversible iteration ends when no stationary probability changes by more than this fraction. Default 1e-12.</summary>
    public double Tolerance { get; init; } = MarkovModelModule.defaults.Tolerance;

    /// <summary>The maximum number of iterations. Default 100,000.</summary>
    public int Iterations { get; init; } = MarkovModelModule.defaults.Iterations;

    internal MarkovOptions ToCore() => new(Reversible, Tolerance, Iterations);
}

// Makes Markov chains on N states, counted from discrete trajectories: propagators on indicator functions.
public static partial class EstimationExtensions
{
    extension(MarkovModel)
    {
        /// <summary>The chain of discrete trajectories.</summary>
        /// <param name="trajectories">States 0, 1, 2, ...; a negative entry means no state.</param>
        /// <param name="step">The time between two rows.</param>
        /// <param name="stride">The lag in rows.</param>
        /// <param name="settings">Settings; null for the default.</param>
        /// <exception cref="KoopmanException">Fewer than two states, or states that cannot all be reached from each other.</exception>
        public static MarkovModel FromTrajectories(IEnumerable<int[]> trajectories, double step, int stride, MarkovSettings? settings = null)
        {
            ArgumentNullException.ThrowIfNull(trajectories);
            return MarkovModelModule.fit((settings ?? new()).ToCore(), step, stride, trajectories).OrThrow();
        }

        /// <summary>The chain of a matrix of counts.</summary>
        /// <param name="counts">Transitions from i to j (N, N).</param>
        /// <param name="lag">The lag of the counts.</param>
        /// <param name="overlap">The number of overlapping counting windows, by which error bars divide the counts.</param>
        /// <param name="settings">Settings; null for the default.</param>
        /// <exception cref="KoopmanException">Not a square matrix of counts, or states that cannot all be reached from each
        /// other.</exception>
        public static MarkovModel FromCounts(double[,] counts, double lag, int overlap = 1, MarkovSettings? settings = null)
        {
            ArgumentNullException.ThrowIfNull(counts);
            return MarkovModelModule.ofCounts((settings ?? new()).ToCore(), lag, overlap, counts).OrThrow();
        }

        /// <summary>
        /// The same trajectories on the largest set of states that can all be reached from each other at this lag, on which a chain can be
        /// estimated. States may have any numbers, which need not follow each other.
        /// </summary>
        /// <param name="trajectories">States 0, 1, 2, ...; a negative entry means no state.</param>
        /// <param name="stride">The lag in rows.</param>
        /// <exception cref="KoopmanException">No trajectory is longer than the lag, or fewer than two states are connected.</exception>
        public static ConnectedTrajectories RestrictToConnected(IEnumerable<int[]> trajectories, int stride)
        {
            ArgumentNullException.ThrowIfNull(trajectories);
            return TransitionCounts.restrictToConnected(stride, trajectories).OrThrow();
        }

        /// <summary>The largest set of states that can all be reached from each other, ascending.</summary>
        public static int[] ConnectedStates(double[,] counts)
        {
            ArgumentNullException.ThrowIfNull(counts);
            return TransitionCounts.connectedStates(counts);
        }
    }

    extension(MarkovModel model)
    {
        /// <summary>All eigenvalues by decreasing modulus; the first is 1.</summary>
        public Complex[] Eigenvalues => MarkovModelModule.eigenvalues(model);

        /// <summary>The implied timescales of all modes but the stationary one, the slowest first.</summary>
        public double[] Timescales => MarkovModelModule.timescales(model);

        /// <summary>
        /// The spectrum of the chain, with eigenfunctions on the space partitioned by its states and error bars from the counts.
        /// </summary>
        /// <param name="indicators">The indicators of the N states, in their order.</param>
        /// <exception cref="KoopmanException">The number of indicators is not N.</exception>
        public Spectrum Spectrum(Observables indicators)
        {
            ArgumentNullException.ThrowIfNull(indicators);
            return MarkovModelModule.spectrum(indicators, model).OrThrow();
        }
    }
}
