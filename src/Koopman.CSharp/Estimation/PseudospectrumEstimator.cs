using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Threading;

namespace Koopman;

/// <summary>Settings of <see cref="PseudospectrumEstimator"/>.</summary>
public sealed record PseudospectrumSettings
{
    /// <summary>The type of the residual. Default Pairs.</summary>
    public PseudospectrumKind Kind { get; init; } = PseudospectrumModule.defaults.Kind;

    /// <summary>
    /// Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. From 0 to below 1, default 1e-10.
    /// </summary>
    public double RankTolerance { get; init; } = PseudospectrumModule.defaults.RankTolerance;

    internal PseudospectrumOptions ToCore() => new(Kind, RankTolerance);
}

/// <summary>A rectangle of the complex plane and its resolution.</summary>
public sealed record PlaneSettings
{
    /// <summary>The interval on the real axis. Default -1.2 to 1.2.</summary>
    public (double From, double To) Real { get; init; } = (-1.2, 1.2);

    /// <summary>The interval on the imaginary axis. If symmetric, only half of it is computed. Default -1.2 to 1.2.</summary>
    public (double From, double To) Imaginary { get; init; } = (-1.2, 1.2);

    /// <summary>Points along the real axis, at least 2. Default 100.</summary>
    public int Columns { get; init; } = 100;

    /// <summary>Points along the imaginary axis, at least 2. Default 100.</summary>
    public int Rows { get; init; } = 100;

    internal PlaneOptions ToCore() => new(new(Real.From, Real.To), new(Imaginary.From, Imaginary.To), Columns, Rows);
}

/// <summary>
/// Pseudospectra of the propagator by residual dynamic mode decomposition (Colbrook and Townsend 2024): the smallest ‖(K - z)φ‖/‖φ‖ over
/// the span of the observables.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class PseudospectrumEstimator(PseudospectrumSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public PseudospectrumSettings Settings { get; } = settings ?? new();

    /// <summary>Prepares the residuals for all z.</summary>
    /// <param name="observables">The dictionary.</param>
    /// <param name="pairs">The data; weights of a quadrature rule make the residuals those of exact integrals.</param>
    /// <exception cref="KoopmanException">
    /// Too few pairs, shapes that do not match, a setting out of range, or second successors that are required and missing.
    /// </exception>
    public Pseudospectrum Fit(Observables observables, SnapshotPairs pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return PseudospectrumModule.fit(Settings.ToCore(), observables, pairs).OrThrow();
    }
}

// The smallest residual as a function of z.
public static partial class EstimationExtensions
{
    extension(Pseudospectrum pseudospectrum)
    {
        /// <summary>The smallest ‖(K - z)φ‖ over functions of unit norm, at each of these points.</summary>
        /// <exception cref="KoopmanException">There is no point, or one is not finite.</exception>
        public double[] Residuals(params IEnumerable<Complex> points)
        {
            ArgumentNullException.ThrowIfNull(points);
            return PseudospectrumModule.residuals(Control.none<double>(), points.ToArray(), pseudospectrum).OrThrow();
        }

        /// <summary>The residuals over a rectangle.</summary>
        /// <param name="plane">The rectangle; null for the default.</param>
        /// <param name="progress">Reports the fraction done.</param>
        /// <param name="cancellation">Checked every few hundred points.</param>
        /// <exception cref="KoopmanException">An interval of zero length, or fewer than two columns or rows.</exception>
        /// <exception cref="OperationCanceledException">Cancelled.</exception>
        public PseudospectrumGrid Map(PlaneSettings? plane = null, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
            PseudospectrumModule.grid(progress.ToControl(cancellation), (plane ?? new()).ToCore(), pseudospectrum).OrThrow();

        /// <summary>The functions with the smallest residual for these z, evaluated at the samples, as an array (n, m).</summary>
        /// <param name="samples">The evaluation points.</param>
        /// <param name="points">The points z (m).</param>
        /// <exception cref="KoopmanException">There is no point, or one is not finite.</exception>
        /// <exception cref="ArgumentException">The samples have another dimension.</exception>
        public Complex[,] Functions(Samples samples, params IEnumerable<Complex> points)
        {
            ArgumentNullException.ThrowIfNull(points);
            var places = Check.Points(samples, pseudospectrum.Observables.Dimension, nameof(samples));
            using var modes = PseudospectrumModule.modes(points.ToArray(), pseudospectrum).OrThrow();
            return modes.Values(places).Taken(tensor => tensor.ToComplexMatrix());
        }
    }
}
