using System;
using System.Collections.Generic;
using System.Linq;

namespace Koopman.CSharp;

/// <summary>
/// Overdamped Langevin dynamics dX = -∇V(X) dt + √(2T) dW with what is known exactly about it: data to learn on, and the truth to
/// compare with. Equal seeds give equal data.
/// </summary>
public sealed class Simulation
{
    private readonly LangevinSystem core;

    private Simulation(LangevinSystem core)
    {
        this.core = core;
    }

    internal LangevinSystem Core => core;

    /// <summary>The names that <see cref="Named"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = Systems.names.ToArray();

    /// <summary>V(x, y) = (x²-1)² + (y²-1)² at T = 1: four equal wells at (±1, ±1).</summary>
    public static Simulation QuadrupleWell => new(Systems.quadrupleWell.Value);

    /// <summary>The name in commands and reports.</summary>
    public string Name => core.Name;

    /// <summary>The dimension d.</summary>
    public int Dimension => core.Dimension;

    /// <summary>The temperature T.</summary>
    public double Temperature => core.Temperature;

    /// <summary>The smallest positive eigenvalues of L = -TΔ + ∇V·∇, ascending, with multiplicity, in 1/time.</summary>
    public IReadOnlyList<double> ExactRates => Array.AsReadOnly(core.Rates);

    /// <summary>A system by its name, with its usual parameters.</summary>
    /// <exception cref="KoopmanException">There is none of that name; the message lists those there are.</exception>
    public static Simulation Named(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new Simulation(Systems.byName(name).OrThrow());
    }

    /// <summary>V(x) = (x²-1)² in one dimension.</summary>
    /// <param name="temperature">T; positive.</param>
    public static Simulation DoubleWell(double temperature = 1.0) => new(Systems.doubleWell(Positive(temperature, nameof(temperature))));

    /// <summary>V(x) = (x²-1)² + a x in one dimension.</summary>
    /// <param name="tilt">a.</param>
    /// <param name="temperature">T; positive.</param>
    public static Simulation AsymmetricWell(double tilt = 0.5, double temperature = 0.5) =>
        new(Systems.asymmetricWell(tilt, Positive(temperature, nameof(temperature))));

    /// <summary>dX = -θ X dt + √2 dW: rates θ, 2θ, ..., Hermite polynomials as eigenfunctions.</summary>
    /// <param name="dimension">d; at least 1.</param>
    /// <param name="theta">θ in 1/time; positive.</param>
    public static Simulation OrnsteinUhlenbeck(int dimension = 1, double theta = 1.0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        return new Simulation(Systems.ornsteinUhlenbeck(dimension, Positive(theta, nameof(theta))));
    }

    /// <summary>Independent draws from the invariant law π ∝ exp(-V/T).</summary>
    /// <param name="count">How many, at least 2.</param>
    /// <param name="seed">Equal seeds give equal draws.</param>
    /// <exception cref="KoopmanException">Fewer than two are asked for.</exception>
    public SampleSet EquilibriumSamples(int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new SampleSet(Systems.equilibrium(core, count, SeedModule.ofInt(seed)).OrThrow());
    }

    /// <summary>Independent pairs: x from π, y a lag later.</summary>
    /// <param name="count">How many, at least 2.</param>
    /// <param name="lag">The time from x to y; positive.</param>
    /// <param name="seed">Equal seeds give equal pairs.</param>
    /// <exception cref="KoopmanException">Too few are asked for, or the lag is not a positive time.</exception>
    public TransitionSet EquilibriumPairs(int count, double lag, int seed) =>
        new(Systems.equilibriumPairs(core, count, lag, SeedModule.ofInt(seed)).OrThrow());

    /// <summary>One trajectory, started from π.</summary>
    /// <param name="count">How many states, at least 3.</param>
    /// <param name="lag">The time between two of them; positive.</param>
    /// <param name="seed">Equal seeds give equal trajectories.</param>
    /// <exception cref="KoopmanException">Too few are asked for, or the lag is not a positive time.</exception>
    public SampleSet Trajectory(int count, double lag, int seed) =>
        new(Systems.trajectory(core, count, lag, SeedModule.ofInt(seed)).OrThrow());

    /// <summary>V at each point (n).</summary>
    /// <exception cref="ArgumentException">The points have another dimension.</exception>
    public double[] PotentialAt(SampleSet points)
    {
        ArgumentNullException.ThrowIfNull(points);
        Check.Points(points.Points, Dimension, nameof(points));
        return Systems.potential(core, points.Core);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static double Positive(double value, string name)
    {
        if (double.IsFinite(value) && value > 0)
            return value;
        throw new ArgumentOutOfRangeException(name, value, "Must be a positive number.");
    }
}
