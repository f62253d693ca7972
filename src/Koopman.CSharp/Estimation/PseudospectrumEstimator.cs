using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Threading;

namespace Koopman.CSharp;

/// <summary>Settings of <see cref="PseudospectrumEstimator"/>.</summary>
public sealed record PseudospectrumSettings
{
    /// <summary>What the residual means. Default Pairs.</summary>
    public PseudospectrumKind Kind { get; init; } = PseudospectrumModule.defaults.Kind;

    /// <summary>Directions of the Gram matrix below this share of its largest eigenvalue are dropped. From 0 to below 1, default 1e-10.</summary>
    public double RankTolerance { get; init; } = PseudospectrumModule.defaults.RankTolerance;

    internal PseudospectrumOptions ToCore() => new(Kind, RankTolerance);
}

/// <summary>A rectangle of the complex plane and its resolution.</summary>
public sealed record PlaneSettings
{
    /// <summary>From and to along the real axis. Default -1.2 to 1.2.</summary>
    public (double From, double To) Real { get; init; } = (-1.2, 1.2);

    /// <summary>From and to along the imaginary axis. If symmetric, half of it is computed. Default -1.2 to 1.2.</summary>
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
/// <param name="settings">Settings; null is the default.</param>
public sealed class PseudospectrumEstimator(PseudospectrumSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public PseudospectrumSettings Settings { get; } = settings ?? new();

    /// <summary>Prepares the residuals of all z.</summary>
    /// <param name="observables">The dictionary; it must outlive the result.</param>
    /// <param name="pairs">The data; weights of a quadrature rule make the residuals those of exact integrals.</param>
    /// <exception cref="KoopmanException">
    /// Too few pairs, shapes that do not match, a setting out of its range, or second successors that are asked for and missing.
    /// </exception>
    public ResidualField Fit(ObservableSet observables, TransitionSet pairs)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(pairs);
        return new(PseudospectrumModule.fit(Settings.ToCore(), observables.Core, pairs.Core).OrThrow());
    }
}

/// <summary>The smallest residual as a function of z. Holds tensors: dispose of it. The observables must outlive it.</summary>
public sealed class ResidualField : IDisposable
{
    private readonly Pseudospectrum core;

    internal ResidualField(Pseudospectrum core) => this.core = core;

    private Pseudospectrum Core
    {
        get
        {
            Check.Alive(core.Basis, this);
            return core;
        }
    }

    /// <summary>The dimension of the span of the observables.</summary>
    public int Rank => core.Rank;

    /// <summary>The smallest ‖(K - z)φ‖ over functions of unit norm, at each of these points.</summary>
    /// <exception cref="KoopmanException">There is no point, or one that is not finite.</exception>
    public IReadOnlyList<double> Residuals(params IEnumerable<Complex> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        return Array.AsReadOnly(
            PseudospectrumModule.residuals(Control.none<double>(), points.ToArray(), Core).OrThrow());
    }

    /// <summary>The residuals over a rectangle.</summary>
    /// <param name="plane">The rectangle; null is the default.</param>
    /// <param name="progress">Told the share done.</param>
    /// <param name="cancellation">Asked every few hundred points.</param>
    /// <exception cref="KoopmanException">An interval of no length, or fewer than two columns or rows.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public PseudospectrumMap Map(PlaneSettings? plane = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var control = new Control<double>(Bridge.ToFunction<double>(share => progress?.Report(share)), cancellation);
        return new(PseudospectrumModule.grid(control, (plane ?? new()).ToCore(), Core).OrThrow());
    }

    /// <summary>The functions that reach the smallest residual at these points, at the samples, as an array (n, m).</summary>
    /// <param name="samples">Where to evaluate.</param>
    /// <param name="points">The points z (m).</param>
    /// <exception cref="KoopmanException">There is no point, or one that is not finite.</exception>
    /// <exception cref="ArgumentException">The samples have another dimension.</exception>
    public Complex[,] Functions(SampleSet samples, params IEnumerable<Complex> points)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(points);
        Check.Points(samples.Points, core.Observables.Dimension, nameof(samples));
        using var modes = PseudospectrumModule.modes(points.ToArray(), Core).OrThrow();
        return Convert.ToComplexMatrix(modes.Values(samples.Points));
    }

    /// <summary>Frees the tensors. The observables live on.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => core.ToString();
}

/// <summary>The smallest residual over a grid of the complex plane.</summary>
public sealed class PseudospectrumMap
{
    private readonly PseudospectrumGrid core;

    internal PseudospectrumMap(PseudospectrumGrid core)
    {
        this.core = core;
        Real = Array.AsReadOnly(core.Real);
        Imaginary = Array.AsReadOnly(core.Imaginary);
    }

    /// <summary>The real parts of the columns.</summary>
    public IReadOnlyList<double> Real { get; }

    /// <summary>The imaginary parts of the rows, ascending.</summary>
    public IReadOnlyList<double> Imaginary { get; }

    /// <summary>The residuals, [row, column].</summary>
    public double[,] Residuals() => (double[,])core.Residuals.Clone();

    /// <summary>
    /// Where the residual is below ε: with enough data of a deterministic system each such z lies in the ε-pseudospectrum of K itself.
    /// </summary>
    public bool[,] Verified(double epsilon) => core.Verified(epsilon);
}
