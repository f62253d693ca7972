using System;

namespace Koopman.CSharp;

// Sets made of sets. Every result takes over what it is made of: dispose of it alone.
public abstract partial class ObservableSet
{
    /// <summary>These functions, then those of another set. The result takes over both: dispose of it alone.</summary>
    /// <exception cref="KoopmanException">The sets are for different dimensions.</exception>
    public ObservableSet Append(ObservableSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new CoreObservables(ObservablesModule.append(Core, other.Core).OrThrow());
    }

    /// <summary>
    /// All products of one of these functions with one of another set, the other's running fastest. The result takes over both: dispose
    /// of it alone.
    /// </summary>
    /// <exception cref="KoopmanException">The sets are for different dimensions, or there are more than 20,000 products.</exception>
    public ObservableSet Product(ObservableSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new CoreObservables(ObservablesModule.product(Core, other.Core).OrThrow());
    }

    /// <summary>The functions with these indices, counted from 0, in this order. The result takes over the set.</summary>
    /// <exception cref="KoopmanException">There is no such function, none at all, or one twice.</exception>
    public ObservableSet Select(params int[] indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return new CoreObservables(ObservablesModule.select(indices, Core).OrThrow());
    }

    /// <summary>These functions on delay coordinates: the state is a row of blocks [x_t, x_{t-1}, ...]. The result takes over the set.</summary>
    /// <param name="count">How many blocks, at least 1.</param>
    /// <exception cref="KoopmanException">Fewer than one block.</exception>
    public ObservableSet OnDelays(int count) => new CoreObservables(ObservablesModule.onDelays(count, Core).OrThrow());

    /// <summary>These functions of the coordinates along principal components, which are copied. The result takes over the set.</summary>
    /// <exception cref="KoopmanException">There are more or fewer components than the functions have coordinates.</exception>
    public ObservableSet OnPrincipalComponents(PrincipalComponents components)
    {
        ArgumentNullException.ThrowIfNull(components);
        return new CoreObservables(ObservablesModule.onPca(components.Core, Core).OrThrow());
    }

    /// <summary>
    /// These functions of whitened coordinates, which have mean 0, unit variance and no correlation over the samples with their weights.
    /// The result takes over the set.
    /// </summary>
    /// <param name="samples">The data; they are not kept.</param>
    /// <exception cref="KoopmanException">The data vary in fewer directions than they have dimensions.</exception>
    public ObservableSet Whitened(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new CoreObservables(ObservablesModule.whitened(samples.Core, Core).OrThrow());
    }
}
