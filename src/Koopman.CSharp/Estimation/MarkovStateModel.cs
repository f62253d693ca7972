using System;
using System.Collections.Generic;
using System.Numerics;

namespace Koopman.CSharp;

/// <summary>Settings of <see cref="MarkovStateModel"/>.</summary>
public sealed record MarkovSettings
{
    /// <summary>Whether the most likely matrix among those in detailed balance is taken, not among all. Default true.</summary>
    public bool Reversible { get; init; } = MarkovModelModule.defaults.Reversible;

    /// <summary>The reversible iteration ends when no stationary probability changes by more than this share. Default 1e-12.</summary>
    public double Tolerance { get; init; } = MarkovModelModule.defaults.Tolerance;

    /// <summary>The most iterations. Default 100,000.</summary>
    public int Iterations { get; init; } = MarkovModelModule.defaults.Iterations;

    internal MarkovOptions ToCore() => new(Reversible, Tolerance, Iterations);
}

/// <summary>A Markov chain on N states, counted from discrete trajectories: the propagator on indicator functions.</summary>
public sealed class MarkovStateModel
{
    private readonly MarkovModel core;

    private MarkovStateModel(MarkovModel core)
    {
        this.core = core;
        Stationary = Array.AsReadOnly((double[])core.Stationary.Clone());
        Eigenvalues = Array.AsReadOnly(MarkovModelModule.eigenvalues(core));
        Timescales = Array.AsReadOnly(MarkovModelModule.timescales(core));
    }

    /// <summary>The number of states N.</summary>
    public int States => core.States;

    /// <summary>The lag τ.</summary>
    public double Lag => core.Lag;

    /// <summary>The stationary law (N).</summary>
    public IReadOnlyList<double> Stationary { get; }

    /// <summary>All eigenvalues by falling modulus; the first is 1.</summary>
    public IReadOnlyList<Complex> Eigenvalues { get; }

    /// <summary>The implied timescales of all modes but the stationary one, the slowest first.</summary>
    public IReadOnlyList<double> Timescales { get; }

    /// <summary>The chain of discrete trajectories.</summary>
    /// <param name="trajectories">States 0, 1, 2, ...; a negative entry stands for no state.</param>
    /// <param name="step">The time between two rows.</param>
    /// <param name="stride">The lag in rows.</param>
    /// <param name="settings">Settings; null is the default.</param>
    /// <exception cref="KoopmanException">Fewer than two states, or states that cannot all be reached from each other.</exception>
    public static MarkovStateModel FromTrajectories(IEnumerable<int[]> trajectories, double step, int stride, MarkovSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        return new(MarkovModelModule.fit((settings ?? new()).ToCore(), step, stride, trajectories).OrThrow());
    }

    /// <summary>The chain of a matrix of counts.</summary>
    /// <param name="counts">Transitions from i to j (N, N).</param>
    /// <param name="lag">The lag of the counts.</param>
    /// <param name="overlap">How many counting windows overlap; error bars divide the counts by it.</param>
    /// <param name="settings">Settings; null is the default.</param>
    /// <exception cref="KoopmanException">No square matrix of counts, or states that cannot all be reached from each other.</exception>
    public static MarkovStateModel FromCounts(double[,] counts, double lag, int overlap = 1, MarkovSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return new(MarkovModelModule.ofCounts((settings ?? new()).ToCore(), lag, overlap, counts).OrThrow());
    }

    /// <summary>The largest set of states that can all be reached from each other, ascending.</summary>
    public static IReadOnlyList<int> ConnectedStates(double[,] counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return Array.AsReadOnly(TransitionCounts.connectedStates(counts));
    }

    /// <summary>T (N, N): the probability of being in j a lag after i.</summary>
    public double[,] TransitionMatrix() => (double[,])core.Matrix.Clone();

    /// <summary>The spectrum of the chain as functions of the space that its states divide, with error bars from the counts.</summary>
    /// <param name="indicators">The indicators of the N states, in their order; they must outlive the model.</param>
    /// <exception cref="KoopmanException">There is another number of indicators.</exception>
    public SpectralModel Spectrum(ObservableSet indicators)
    {
        ArgumentNullException.ThrowIfNull(indicators);
        return new(MarkovModelModule.spectrum(indicators.Core, core).OrThrow(), indicators);
    }

    /// <inheritdoc/>
    public override string ToString() => $"chain on {States} states at lag {Lag:G6}";
}
