using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using TorchSharp;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>
/// n points of R^d with weights that sum to 1. Checked once, when made: at least two points, all finite. Holds tensors: dispose of it.
/// </summary>
public sealed class SampleSet : IDisposable
{
    private readonly Samples core;
    private readonly bool isBorrowed;
    private readonly Lazy<IReadOnlyList<double>> weights;

    internal SampleSet(Samples core, bool isBorrowed = false)
    {
        this.core = core;
        this.isBorrowed = isBorrowed;
        weights = new Lazy<IReadOnlyList<double>>(() => Array.AsReadOnly(Tensors.toArray(core.Weights)));
    }

    internal Samples Core
    {
        get
        {
            Check.Alive(core.Points, this);
            return core;
        }
    }

    /// <summary>The number of points n.</summary>
    public int Count => core.Count;

    /// <summary>The dimension d of the space.</summary>
    public int Dimension => core.Dimension;

    /// <summary>The weights (n): positive or zero, with sum 1; 1/n each unless they were set.</summary>
    public IReadOnlyList<double> Weights => weights.Value;

    /// <summary>Whether the points are nodes of a quadrature rule rather than random draws: spectra then carry no error bars.</summary>
    public bool IsQuadrature => core.Sampling.IsQuadrature;

    /// <summary>The points (n, d), float64, on the CPU. This set owns the tensor: do not change or dispose of it.</summary>
    public torch.Tensor Points => Core.Points;

    /// <summary>Samples from a matrix (n, d), one row a sample. The values are copied.</summary>
    /// <exception cref="KoopmanException">Fewer than two rows, no column, or a value that is NaN or infinite.</exception>
    public static SampleSet FromArray(double[,] points)
    {
        ArgumentNullException.ThrowIfNull(points);
        return new SampleSet(SamplesModule.ofArray2D(points).OrThrow());
    }

    /// <summary>As <see cref="FromArray"/>, without throwing over the data.</summary>
    /// <returns>Whether the data are samples; if not, <paramref name="error"/> says why.</returns>
    public static bool TryFromArray(
        double[,] points,
        [NotNullWhen(true)] out SampleSet? samples,
        [NotNullWhen(false)] out KoopmanError? error)
    {
        ArgumentNullException.ThrowIfNull(points);
        return SamplesModule.ofArray2D(points).TryGet(core => new SampleSet(core), out samples, out error);
    }

    /// <summary>Samples from n·d values in row-major order. The values are copied.</summary>
    /// <param name="values">The points one after another.</param>
    /// <param name="dimension">The number of values a point, d.</param>
    /// <exception cref="KoopmanException">The values do not divide into rows, or are no samples (see <see cref="FromArray"/>).</exception>
    public static SampleSet FromValues(ReadOnlySpan<double> values, int dimension) =>
        new(SamplesModule.ofValues(dimension, values.ToArray()).OrThrow());

    /// <summary>Samples from rows of equal length d. The values are copied.</summary>
    /// <exception cref="ArgumentException">A row is null or has another length than the first.</exception>
    /// <exception cref="KoopmanException">The rows are no samples (see <see cref="FromArray"/>).</exception>
    public static SampleSet FromRows(IEnumerable<double[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var all = rows.ToArray();
        var dimension = all.Length == 0 ? 1 : all[0]?.Length ?? 0;
        var values = new double[all.Length, dimension];
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i] is null || all[i].Length != dimension)
                throw new ArgumentException(
                    $"Row {i} (counted from 0) has {all[i]?.Length ?? 0} values, but the first has {dimension}.", nameof(rows));
            Buffer.BlockCopy(all[i], 0, values, i * dimension * sizeof(double), dimension * sizeof(double));
        }

        return FromArray(values);
    }

    /// <summary>Samples from a tensor (n, d) of any real type and device. The values are copied to float64 on the CPU.</summary>
    /// <exception cref="KoopmanException">The tensor is no matrix, or no samples (see <see cref="FromArray"/>).</exception>
    public static SampleSet FromTensor(torch.Tensor points)
    {
        ArgumentNullException.ThrowIfNull(points);
        return new SampleSet(SamplesModule.ofTensor(points).OrThrow());
    }

    /// <summary>
    /// Reads <c>.npy</c> (n, d), <c>.csv</c> (one row a sample), <c>.npz</c> (its array x), or a folder with MNIST's idx files (one
    /// row an image, values from 0 to 1).
    /// </summary>
    /// <exception cref="KoopmanException">The file is missing, damaged or of another kind, or holds no samples.</exception>
    public static SampleSet Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return OfDataset(DatasetModule.read(path).OrThrow());
    }

    /// <summary>As <see cref="Read"/>, without throwing over the file.</summary>
    /// <returns>Whether the file was read; if not, <paramref name="error"/> says why.</returns>
    public static bool TryRead(string path, [NotNullWhen(true)] out SampleSet? samples, [NotNullWhen(false)] out KoopmanError? error)
    {
        ArgumentNullException.ThrowIfNull(path);
        return DatasetModule.read(path).TryGet(OfDataset, out samples, out error);
    }

    /// <summary>Writes the points to <c>.npy</c> or <c>.csv</c>. A file that was there survives a failure unchanged.</summary>
    /// <exception cref="KoopmanException">The file cannot be written, or its name ends otherwise.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        DatasetModule.writePoints(path, Core).OrThrow();
    }

    /// <summary>The points as a fresh array (n, d).</summary>
    public double[,] ToArray() => Convert.ToMatrix(Core.Points.alias());

    /// <summary>The same draws under other weights (n), such as importance weights. The new set holds copies.</summary>
    /// <param name="weights">One a point; they need not be normalised.</param>
    /// <exception cref="KoopmanException">Their number is not n, or they are negative, not finite or all zero.</exception>
    public SampleSet WithWeights(ReadOnlySpan<double> weights) =>
        new(SamplesModule.withWeights(weights.ToArray(), Core).OrThrow());

    /// <summary>
    /// The points as nodes of a quadrature rule with these weights (n). Spectra then carry no error bars. The new set holds copies.
    /// </summary>
    /// <inheritdoc cref="WithWeights" path="/param"/>
    /// <inheritdoc cref="WithWeights" path="/exception"/>
    public SampleSet AsQuadrature(ReadOnlySpan<double> weights) =>
        new(SamplesModule.quadrature(weights.ToArray(), Core).OrThrow());

    /// <summary>The first <paramref name="count"/> points, or all if there are fewer; equally weighted copies.</summary>
    /// <exception cref="KoopmanException">Fewer than two are asked for.</exception>
    public SampleSet Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new SampleSet(SamplesModule.take(count, Core).OrThrow());
    }

    /// <summary>The weighted mean (d).</summary>
    public double[] Mean() => Convert.ToVector(SamplesModule.mean(Core));

    /// <summary>The weighted covariance (d, d), divided by the total weight.</summary>
    public double[,] Covariance() => Convert.ToMatrix(SamplesModule.covariance(Core));

    /// <summary>Points drawn from the Gaussian with this set's mean and covariance: a start for particles that is never far off.</summary>
    /// <param name="count">How many, at least 2.</param>
    /// <param name="seed">Equal seeds give equal points.</param>
    /// <exception cref="KoopmanException">Fewer than two are asked for.</exception>
    public SampleSet GaussianLike(int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new SampleSet(SamplesModule.gaussianLike(count, SeedModule.ofInt(seed), Core).OrThrow());
    }

    /// <summary>Frees the tensors. Sets that belong to another object, such as <see cref="TransitionSet.From"/>, live on with it.</summary>
    public void Dispose()
    {
        if (!isBorrowed)
            ((IDisposable)core).Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => core.ToString();

    private static SampleSet OfDataset(Dataset dataset)
    {
        // The states live on; what goes with them does not.
        if (dataset is Dataset.Pairs { Item: var pairs })
        {
            ((IDisposable)pairs.To).Dispose();
            pairs.Inputs?.Value.Dispose();
            ((IDisposable?)pairs.Second?.Value)?.Dispose();
        }

        if (dataset is Dataset.Paths { Item.Inputs: { } inputs })
            inputs.Value.Dispose();
        return new SampleSet(DatasetModule.samples(dataset));
    }
}
