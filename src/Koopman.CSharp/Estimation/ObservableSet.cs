using System;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>
/// N real functions ψ on R^d: the dictionary in which operators are represented. Make one of the usual ones here, or derive from
/// this class for your own: values and first derivatives are enough. Models use the set they were fitted with: dispose of it after them.
/// </summary>
/// <param name="dimension">The dimension d of the points, at least 1.</param>
/// <param name="count">How many functions, N, at least 1.</param>
/// <param name="description">What they are, for reports.</param>
public abstract partial class ObservableSet(int dimension, int count, string description) : IDisposable
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

    /// <summary>
    /// Whether the derivatives stand for the functions. Those of indicators are 0 wherever they exist and say nothing: estimators that
    /// rest on gradients refuse them. True unless a set says otherwise.
    /// </summary>
    public virtual bool IsDifferentiable => true;

    internal virtual Observables Core => core ??= new UserObservables(this);

    /// <summary>ψ at n points (n, d), as a float64 tensor (n, N). The caller owns it.</summary>
    public abstract torch.Tensor Values(torch.Tensor points);

    /// <summary>∂ψ/∂x_axis at n points (n, d), as a float64 tensor (n, N). The caller owns it.</summary>
    /// <param name="points">The points.</param>
    /// <param name="axis">Which coordinate, counted from 0.</param>
    public abstract torch.Tensor Partial(torch.Tensor points, int axis);

    /// <summary>
    /// ∂²ψ/∂x_first∂x_second at n points (n, d), as a float64 tensor (n, N). The caller owns it. Unless a derived class knows better it
    /// is the central difference of <see cref="Partial(torch.Tensor, int)"/>, good to about 1e-9 of its size.
    /// </summary>
    /// <param name="points">The points.</param>
    /// <param name="first">One coordinate, counted from 0.</param>
    /// <param name="second">The other, or the same.</param>
    public virtual torch.Tensor SecondPartial(torch.Tensor points, int first, int second) =>
        ((UserObservables)Core).Difference(
            Check.Points(points, Dimension, nameof(points)),
            Check.Index(first, Dimension, nameof(first)),
            Check.Index(second, Dimension, nameof(second)));

    /// <summary>The name of one function for reports: "x0 x1^2", or "ψ3" where a set has no better one.</summary>
    /// <param name="index">Which function, counted from 0.</param>
    public virtual string NameOf(int index) => $"ψ{index}";

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
        Check.Index(axis, Dimension, nameof(axis));
        return Convert.ToMatrix(Core.Partial(Check.Points(samples.Points, Dimension, nameof(samples)), axis));
    }

    /// <summary>∂²ψ/∂x_first∂x_second at the samples, as an array (n, N).</summary>
    /// <exception cref="ArgumentException">The samples have another dimension, or there is no such axis.</exception>
    public double[,] SecondPartial(SampleSet samples, int first, int second)
    {
        ArgumentNullException.ThrowIfNull(samples);
        Check.Index(first, Dimension, nameof(first));
        Check.Index(second, Dimension, nameof(second));
        return Convert.ToMatrix(Core.SecondPartial(Check.Points(samples.Points, Dimension, nameof(samples)), first, second));
    }

    /// <summary>
    /// Writes the functions to a safetensors file, which is replaced in one step. All families of the library and what is made of them
    /// can be stored, learned dictionaries too; functions and networks of your own cannot.
    /// </summary>
    /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
    /// <exception cref="KoopmanException">Some of the functions are your own; or the file cannot be written, and is then what it was.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        ObservablesModule.save(path, Core).OrThrow();
    }

    /// <summary>Reads functions from a file of <see cref="Save"/>: they give the same bits.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="KoopmanException">
    /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
    /// </exception>
    public static ObservableSet Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new CoreObservables(ObservablesModule.load(path).OrThrow());
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
