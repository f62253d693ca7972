using System;
using System.Diagnostics.CodeAnalysis;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>
/// N real functions ψ on R^d: the dictionary in which operators are represented. Make one of the usual ones here, or derive from
/// this class for your own: values and first derivatives are enough. Models use the set they were fitted with: dispose of it after them.
/// </summary>
/// <param name="dimension">The dimension d of the points, at least 1.</param>
/// <param name="count">How many functions, N, at least 1.</param>
/// <param name="description">What they are, for reports.</param>
public abstract class ObservableSet(int dimension, int count, string description) : IDisposable
{
    private Observables? core;

    /// <summary>The dimension d of the points they take.</summary>
    public int Dimension { get; } = AtLeastOne(dimension, nameof(dimension));

    /// <summary>How many functions, N.</summary>
    public int Count { get; } = AtLeastOne(count, nameof(count));

    /// <summary>What they are, for reports: "150 Gaussians of width 0.31".</summary>
    public string Description { get; } = description ?? throw new ArgumentNullException(nameof(description));

    /// <summary>The length over which the functions vary, in units of the data, or null if they have none. It scales particle flows.</summary>
    public virtual double? Length => null;

    internal virtual Observables Core => core ??= new UserObservables(this);

    /// <summary>All monomials up to a total degree, the constant first: (dimension+degree choose degree) functions.</summary>
    /// <exception cref="KoopmanException">Degree or dimension below 1, or more than 20,000 functions.</exception>
    public static ObservableSet Monomials(int degree, int dimension) =>
        new CoreObservables(ObservablesModule.monomials(degree, dimension).OrThrow());

    /// <summary>exp(-|x-c|²/2σ²) for the given centres (N, d), which are copied.</summary>
    /// <param name="width">σ, in units of the data; positive.</param>
    /// <param name="centres">One row a centre.</param>
    /// <exception cref="KoopmanException">The width is not positive, or there are fewer than two centres.</exception>
    public static ObservableSet Gaussians(double width, double[,] centres)
    {
        using var points = SampleSet.FromArray(centres);
        return new CoreObservables(ObservablesModule.gaussians(width, points.Points).OrThrow());
    }

    /// <summary>
    /// Gaussians laid over the data: farthest points as centres below 10 dimensions, from 10 dimensions k-means centres with the
    /// coordinates appended.
    /// </summary>
    /// <param name="samples">The data; they are not kept.</param>
    /// <param name="settings">Number, width and seed; null is the default.</param>
    /// <exception cref="KoopmanException">Fewer than 6 samples, all samples equal, or a setting out of its range.</exception>
    public static ObservableSet GaussiansOver(SampleSet samples, GaussianSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new CoreObservables(ObservablesModule.gaussiansOver((settings ?? new()).ToCore(), samples.Core).OrThrow());
    }

    /// <summary>As <see cref="GaussiansOver"/>, without throwing over the data.</summary>
    /// <returns>Whether they could be laid; if not, <paramref name="error"/> says why.</returns>
    public static bool TryGaussiansOver(
        SampleSet samples,
        GaussianSettings? settings,
        [NotNullWhen(true)] out ObservableSet? observables,
        [NotNullWhen(false)] out KoopmanError? error)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return ObservablesModule.gaussiansOver((settings ?? new()).ToCore(), samples.Core)
            .TryGet(made => new CoreObservables(made), out observables, out error);
    }

    /// <summary>These functions, then those of another set. The result takes over both: dispose of it alone.</summary>
    /// <exception cref="KoopmanException">The sets are for different dimensions.</exception>
    public ObservableSet Append(ObservableSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new CoreObservables(ObservablesModule.append(Core, other.Core).OrThrow());
    }

    /// <summary>ψ at n points (n, d), as a float64 tensor (n, N). The caller owns it.</summary>
    public abstract torch.Tensor Values(torch.Tensor points);

    /// <summary>∂ψ/∂x_axis at n points (n, d), as a float64 tensor (n, N). The caller owns it.</summary>
    /// <param name="points">The points.</param>
    /// <param name="axis">Which coordinate, counted from 0.</param>
    public abstract torch.Tensor Partial(torch.Tensor points, int axis);

    /// <summary>ψ at the samples, as an array (n, N).</summary>
    /// <exception cref="ArgumentException">The samples have another dimension.</exception>
    public double[,] Values(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Convert.ToMatrix(Core.Values(Check.Points(samples.Points, Dimension, nameof(samples))));
    }

    /// <summary>∂ψ/∂x_axis at the samples, as an array (n, N).</summary>
    /// <exception cref="ArgumentException">The samples have another dimension, or there is no such axis.</exception>
    public double[,] Partial(SampleSet samples, int axis)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfNegative(axis);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(axis, Dimension);
        return Convert.ToMatrix(Core.Partial(Check.Points(samples.Points, Dimension, nameof(samples)), axis));
    }

    /// <summary>Frees what the functions hold.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what a derived class holds; this class holds nothing.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <inheritdoc/>
    public override string ToString() => Description;

    private static int AtLeastOne(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }
}
