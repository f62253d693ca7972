using System;
using System.Collections.Generic;

namespace Koopman;

// Systems with known rates, for tests and examples. Equal seeds give equal data.
public static partial class DataExtensions
{
    extension(LangevinSystem)
    {
        /// <summary>The names that <c>Named</c> accepts.</summary>
        public static IReadOnlyList<string> Names => [.. Systems.names];

        /// <summary>V(x, y) = (x²-1)² + (y²-1)² at T = 1: four equal wells at (±1, ±1).</summary>
        public static LangevinSystem QuadrupleWell => Systems.quadrupleWell.Value;

        /// <summary>A system by its name, with its usual parameters.</summary>
        /// <exception cref="KoopmanException">There is no such name; the message lists the valid ones.</exception>
        public static LangevinSystem Named(string name)
        {
            ArgumentNullException.ThrowIfNull(name);
            return Systems.byName(name).OrThrow();
        }

        /// <summary>V(x) = (x²-1)² in one dimension.</summary>
        /// <param name="temperature">T; positive.</param>
        public static LangevinSystem DoubleWell(double temperature = 1.0) =>
            Systems.doubleWell(Check.Positive(temperature, nameof(temperature)));

        /// <summary>V(x) = (x²-1)² + a x in one dimension.</summary>
        /// <param name="tilt">a.</param>
        /// <param name="temperature">T; positive.</param>
        public static LangevinSystem AsymmetricWell(double tilt = 0.5, double temperature = 0.5) =>
            Systems.asymmetricWell(tilt, Check.Positive(temperature, nameof(temperature)));

        /// <summary>dX = -θ X dt + √2 dW: rates θ, 2θ, ..., Hermite polynomials as eigenfunctions.</summary>
        /// <param name="dimension">d; at least 1.</param>
        /// <param name="theta">θ in 1/time; positive.</param>
        public static LangevinSystem OrnsteinUhlenbeck(int dimension = 1, double theta = 1.0) =>
            Systems.ornsteinUhlenbeck(Check.AtLeastOne(dimension, nameof(dimension)), Check.Positive(theta, nameof(theta)));
    }

    extension(LangevinSystem system)
    {
        /// <summary>Independent draws from the invariant law π ∝ exp(-V/T).</summary>
        /// <param name="count">The number of draws, at least 2.</param>
        /// <param name="seed">Equal seeds give equal draws.</param>
        /// <exception cref="KoopmanException">Fewer than two are requested.</exception>
        public Samples EquilibriumSamples(int count, int seed)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            return Systems.equilibrium(system, count, seed.ToSeed()).OrThrow();
        }

        /// <summary>Independent pairs: x from π, y a lag later.</summary>
        /// <param name="count">The number of draws, at least 2.</param>
        /// <param name="lag">The time from x to y; positive.</param>
        /// <param name="seed">Equal seeds give equal pairs.</param>
        /// <exception cref="KoopmanException">Too few are requested, or the lag is not a positive time.</exception>
        public SnapshotPairs EquilibriumPairs(int count, double lag, int seed) =>
            Systems.equilibriumPairs(system, count, lag, seed.ToSeed()).OrThrow();

        /// <summary>One trajectory, started from π.</summary>
        /// <param name="count">The number of states, at least 3.</param>
        /// <param name="lag">The time between two of them; positive.</param>
        /// <param name="seed">Equal seeds give equal trajectories.</param>
        /// <exception cref="KoopmanException">Too few are requested, or the lag is not a positive time.</exception>
        public Samples Trajectory(int count, double lag, int seed) => Systems.trajectory(system, count, lag, seed.ToSeed()).OrThrow();

        /// <summary>V at each point (n).</summary>
        /// <exception cref="ArgumentException">The points have another dimension.</exception>
        public double[] PotentialAt(Samples points)
        {
            Check.Points(points, system.Dimension, nameof(points));
            return Systems.potential(system, points);
        }
    }
}

/// <summary>Planar laws for testing generators, with mean 0 and variance 1 along both axes. Equal seeds give equal draws.</summary>
public static class PlanarSetExtensions
{
    extension(PlanarSet)
    {
        /// <summary>The names that <c>Named</c> accepts.</summary>
        public static IReadOnlyList<string> Names => [.. PlanarSets.names];

        /// <summary>Eight Gaussians around a circle.</summary>
        public static PlanarSet EightGaussians => PlanarSets.eightGaussians;

        /// <summary>Two interleaved half circles with noise.</summary>
        public static PlanarSet Moons => PlanarSets.moons;

        /// <summary>The eight cells of one colour of a 4 by 4 checkerboard.</summary>
        public static PlanarSet Checkerboard => PlanarSets.checkerboard;

        /// <summary>Two spirals with noise.</summary>
        public static PlanarSet Spirals => PlanarSets.spirals;

        /// <summary>An S-shaped curve with noise.</summary>
        public static PlanarSet SCurve => PlanarSets.sCurve;

        /// <summary>A set by its name.</summary>
        /// <exception cref="KoopmanException">There is no such name; the message lists the valid ones.</exception>
        public static PlanarSet Named(string name)
        {
            ArgumentNullException.ThrowIfNull(name);
            return PlanarSets.byName(name).OrThrow();
        }
    }

    extension(PlanarSet set)
    {
        /// <summary>Independent draws.</summary>
        /// <param name="count">The number of draws, at least 2.</param>
        /// <param name="seed">Equal seeds give equal draws.</param>
        /// <exception cref="KoopmanException">Fewer than two are requested.</exception>
        public Samples Draw(int count, int seed) => PlanarSets.draw(set, count, seed.ToSeed()).OrThrow();

        /// <summary>
        /// A stratified reference sample, with equally many points in every part, evenly spaced along curves: distances from generated
        /// samples are less noisy than with independent draws.
        /// </summary>
        /// <param name="count">The number of draws, at least 2.</param>
        /// <param name="seed">Equal seeds give equal points.</param>
        /// <exception cref="KoopmanException">Fewer than two are requested.</exception>
        public Samples Stratified(int count, int seed) => PlanarSets.stratified(set, count, seed.ToSeed()).OrThrow();
    }
}
