using System;

namespace Koopman;

/// <summary>
/// Makes observables (dictionaries of functions), combines and evaluates them. Combinations take ownership of their parts: dispose only the
/// result. Models keep a reference to their observables: dispose both in any order.
/// </summary>
public static partial class ObservablesExtensions
{
    extension(Observables)
    {
        /// <summary>Reads functions from a file written by <c>Save</c>; they compute the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">
        /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
        /// </exception>
        public static Observables Load(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            return ObservablesModule.load(path).OrThrow();
        }
    }

    extension(Observables observables)
    {
        /// <summary>ψ at the samples, as an array (n, N).</summary>
        /// <exception cref="ArgumentException">The samples have another dimension.</exception>
        public double[,] Values(Samples samples) =>
            observables.Values(Check.Points(samples, observables.Dimension, nameof(samples))).Taken(tensor => tensor.ToMatrix());

        /// <summary>∂ψ/∂x_axis at the samples, as an array (n, N).</summary>
        /// <exception cref="ArgumentException">The samples have another dimension, or there is no such axis.</exception>
        public double[,] Partial(Samples samples, int axis)
        {
            Check.Index(axis, observables.Dimension, nameof(axis));
            return observables.Partial(Check.Points(samples, observables.Dimension, nameof(samples)), axis).Taken(tensor => tensor.ToMatrix());
        }

        /// <summary>∂²ψ/∂x_first∂x_second at the samples, as an array (n, N).</summary>
        /// <exception cref="ArgumentException">The samples have another dimension, or there is no such axis.</exception>
        public double[,] SecondPartial(Samples samples, int first, int second)
        {
            Check.Index(first, observables.Dimension, nameof(first));
            Check.Index(second, observables.Dimension, nameof(second));
            var points = Check.Points(samples, observables.Dimension, nameof(samples));
            return observables.SecondPartial(points, first, second).Taken(tensor => tensor.ToMatrix());
        }

        /// <summary>
        /// Writes the functions to a safetensors file, which is replaced atomically. All families of the library and combinations of them
        /// can be stored, also learned dictionaries; user-defined functions and networks cannot.
        /// </summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">Some of the functions are user-defined; or the file cannot be written; an existing file is
        /// then unchanged.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            ObservablesModule.save(path, observables).OrThrow();
        }

        /// <summary>These functions, then those of another set. The result takes ownership of both.</summary>
        /// <exception cref="KoopmanException">The sets are for different dimensions.</exception>
        public Observables Append(Observables other)
        {
            ArgumentNullException.ThrowIfNull(other);
            return ObservablesModule.append(observables, other).OrThrow();
        }

        /// <summary>All products of one of these functions with one of another set, the other's varying fastest. The result takes ownership
        /// of both.</summary>
        /// <exception cref="KoopmanException">The sets are for different dimensions, or there are more than 20,000 products.</exception>
        public Observables Product(Observables other)
        {
            ArgumentNullException.ThrowIfNull(other);
            return ObservablesModule.product(observables, other).OrThrow();
        }

        /// <summary>The functions with these indices, counted from 0, in this order. The result takes ownership of the set.</summary>
        /// <exception cref="KoopmanException">There is no such function, none at all, or one twice.</exception>
        public Observables Select(params int[] indices)
        {
            ArgumentNullException.ThrowIfNull(indices);
            return ObservablesModule.select(indices, observables).OrThrow();
        }

        /// <summary>
        /// These functions on delay coordinates: the state is a row of blocks [x_t, x_{t-1}, ...]. The result takes ownership of the set.
        /// </summary>
        /// <param name="count">The number of blocks, at least 1.</param>
        /// <exception cref="KoopmanException">Fewer than one block.</exception>
        public Observables OnDelays(int count) => ObservablesModule.onDelays(count, observables).OrThrow();

        /// <summary>
        /// These functions of the coordinates along principal components, which are copied. The result takes ownership of the set.
        /// </summary>
        /// <exception cref="KoopmanException">There are more or fewer components than the functions have coordinates.</exception>
        public Observables OnPrincipalComponents(Pca components)
        {
            ArgumentNullException.ThrowIfNull(components);
            return ObservablesModule.onPca(components, observables).OrThrow();
        }

        /// <summary>
        /// These functions of whitened coordinates, which have mean 0, unit variance and no correlation over the samples with their weights.
        /// The result takes ownership of the set.
        /// </summary>
        /// <param name="samples">The data; no reference to them is kept.</param>
        /// <exception cref="KoopmanException">The data vary in fewer directions than they have dimensions.</exception>
        public Observables Whitened(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return ObservablesModule.whitened(samples, observables).OrThrow();
        }
    }
}
