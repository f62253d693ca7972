using System;
using Microsoft.FSharp.Core;
using TorchSharp;

namespace Koopman;

// The usual dictionaries.
public static partial class ObservablesExtensions
{
    extension(Observables)
    {
        /// <summary>The constant 1. Reversible estimators remove it; forecasts of an affine map need it.</summary>
        public static Observables Constant(int dimension) => ObservablesModule.constant(Check.AtLeastOne(dimension, nameof(dimension)));

        /// <summary>The coordinates themselves.</summary>
        public static Observables Coordinates(int dimension) => ObservablesModule.linear(Check.AtLeastOne(dimension, nameof(dimension)));

        /// <summary>All monomials up to a total degree, the constant first: (dimension+degree choose degree) functions.</summary>
        /// <exception cref="KoopmanException">Degree or dimension below 1, or more than 20,000 functions.</exception>
        public static Observables Monomials(int degree, int dimension) => ObservablesModule.monomials(degree, dimension).OrThrow();

        /// <summary>
        /// Products of the probabilists' Hermite polynomials He_n/√n! up to a total degree, the constant first: orthonormal in the standard
        /// Gaussian law, so that their Gram matrix on standardised data is close to 1. For other data see <c>Whitened</c>.
        /// </summary>
        /// <param name="degree">The highest total degree, at least 1.</param>
        /// <param name="dimension">d.</param>
        /// <param name="classical">True for He_n, with leading coefficient 1 and norm √n!.</param>
        /// <exception cref="KoopmanException">Degree or dimension below 1, or more than 20,000 functions.</exception>
        public static Observables Hermite(int degree, int dimension, bool classical = false) =>
            (classical ? ObservablesModule.hermiteClassical(degree, dimension) : ObservablesModule.hermite(degree, dimension)).OrThrow();

        /// <summary>
        /// Products of Legendre polynomials √(2n+1) P_n up to a total degree, the constant first, on a box whose axes are scaled to [-1,1]:
        /// orthonormal in the uniform law there. Outside the box they grow like monomials.
        /// </summary>
        /// <param name="degree">The highest total degree, at least 1.</param>
        /// <param name="low">The lower corner of the box (d).</param>
        /// <param name="high">The upper corner of the box (d).</param>
        /// <param name="classical">True for P_n, with P_n(1) = 1.</param>
        /// <exception cref="KoopmanException">A degree below 1, an invalid box, or more than 20,000 functions.</exception>
        public static Observables Legendre(int degree, double[] low, double[] high, bool classical = false)
        {
            ArgumentNullException.ThrowIfNull(low);
            ArgumentNullException.ThrowIfNull(high);
            return (classical ? ObservablesModule.legendreClassical(degree, low, high) : ObservablesModule.legendre(degree, low, high)).OrThrow();
        }

        /// <summary>
        /// Functions periodic in a box: the constant, then √2 cos(2π Σ k_i x_i/p_i), then the same sines, for all wave vectors k up to a total
        /// wave number Σ|k_i|, one of each k and -k. Orthonormal in the uniform law on the box.
        /// </summary>
        /// <param name="highest">The highest total wave number, at least 1.</param>
        /// <param name="periods">The period p_i of every coordinate (d).</param>
        /// <exception cref="KoopmanException">A wave number below 1, a period that is not positive, or more than 20,000 functions.</exception>
        public static Observables Fourier(int highest, params double[] periods)
        {
            ArgumentNullException.ThrowIfNull(periods);
            return ObservablesModule.fourier(highest, periods).OrThrow();
        }

        /// <summary>
        /// Random Fourier features (Rahimi and Recht 2007): cosines and sines of <paramref name="count"/> random frequencies, scaled so that
        /// ψ(x)·ψ(y) is the Gaussian kernel exp(-|x-y|²/2σ²) in the mean.
        /// </summary>
        /// <param name="count">The number m of frequencies; there are 2m functions, the cosines first.</param>
        /// <param name="width">The kernel's σ, in units of the data; positive.</param>
        /// <param name="dimension">d.</param>
        /// <param name="seed">The seed of the frequencies.</param>
        /// <exception cref="KoopmanException">A number, a width or a dimension out of range.</exception>
        public static Observables RandomFourier(int count, double width, int dimension, int seed = 0) =>
            ObservablesModule.randomFourier(count, width, seed.ToSeed(), dimension).OrThrow();

        /// <summary>
        /// The indicators of the boxes of a regular grid, the last axis varying fastest; outside the grid all are 0. EDMD on indicators is
        /// Ulam's method. They have no gradients.
        /// </summary>
        /// <param name="cells">The number of boxes along every axis (d).</param>
        /// <param name="low">The lower corner of the grid (d).</param>
        /// <param name="high">The upper corner of the grid (d).</param>
        /// <exception cref="KoopmanException">An invalid grid, or more than 20,000 boxes.</exception>
        public static Observables GridIndicators(int[] cells, double[] low, double[] high)
        {
            ArgumentNullException.ThrowIfNull(cells);
            ArgumentNullException.ThrowIfNull(low);
            ArgumentNullException.ThrowIfNull(high);
            return ObservablesModule.gridIndicators(cells, low, high).OrThrow();
        }

        /// <summary>The indicators of the Voronoi cells of centres (N, d): every point lies in the cell of its nearest centre. They have no gradients.</summary>
        /// <param name="centres">One row per centre.</param>
        /// <exception cref="KoopmanException">Fewer than two centres, or two equal ones.</exception>
        public static Observables CellIndicators(double[,] centres)
        {
            using var points = Samples.FromArray(centres);
            return ObservablesModule.cellIndicators(points.Points).OrThrow();
        }

        /// <summary>The indicators of k-means cells of the data: the states of a Markov state model. They have no gradients.</summary>
        /// <param name="samples">The data; no reference to them is kept.</param>
        /// <param name="count">The number of cells, at least 2.</param>
        /// <param name="seed">The seed of the k-means initialisation.</param>
        /// <exception cref="KoopmanException">Fewer than two cells, or fewer distinct samples than cells.</exception>
        public static Observables CellIndicatorsOver(Samples samples, int count, int seed = 0)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return ObservablesModule.cellIndicatorsOver(count, seed.ToSeed(), samples).OrThrow();
        }

        /// <summary>exp(-|x-c|²/2σ²) for the given centres (N, d), which are copied.</summary>
        /// <param name="width">σ, in units of the data; positive.</param>
        /// <param name="centres">One row per centre.</param>
        /// <exception cref="KoopmanException">The width is not positive, or there are fewer than two centres.</exception>
        public static Observables Gaussians(double width, double[,] centres)
        {
            using var points = Samples.FromArray(centres);
            return ObservablesModule.gaussians(width, points.Points).OrThrow();
        }

        /// <summary>
        /// Gaussians laid over the data, the same in any units: every coordinate has its own width, constant ones are left out, and every
        /// centre rests on enough samples, so that outliers have no function of their own. Below 10 dimensions the centres are
        /// farthest points; from 10 dimensions k-means centres, with the coordinates appended.
        /// </summary>
        /// <param name="samples">The data; no reference to them is kept.</param>
        /// <param name="settings">Number, width and seed; null for the default.</param>
        /// <exception cref="KoopmanException">Fewer than 6 samples, all samples equal, or a setting out of range.</exception>
        public static Observables GaussiansOver(Samples samples, GaussianSettings? settings = null)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return ObservablesModule.gaussiansOver((settings ?? new()).ToCore(), samples).OrThrow();
        }

        /// <summary>
        /// User-defined functions, written with tensors: from points (n, d) to (n, N) in float64, each row from its own point. First and
        /// second derivatives come from autograd, or from central differences where no graph is recorded.
        /// </summary>
        /// <param name="dimension">d.</param>
        /// <param name="count">N.</param>
        /// <param name="description">The description for reports.</param>
        /// <param name="values">The functions.</param>
        /// <exception cref="KoopmanException">A test with three points returns another shape or dtype.</exception>
        public static Observables FromFunction(int dimension, int count, string description, Func<torch.Tensor, torch.Tensor> values)
        {
            ArgumentNullException.ThrowIfNull(description);
            ArgumentNullException.ThrowIfNull(values);
            var function = FSharpFunc<torch.Tensor, torch.Tensor>.FromConverter(points => values(points));
            return ObservablesModule.ofFunction(dimension, count, description, function).OrThrow();
        }

        /// <summary>
        /// User-defined functions, written without tensors. Derivatives are central differences; tensor functions are much faster.
        /// </summary>
        /// <param name="dimension">d.</param>
        /// <param name="description">The description for reports.</param>
        /// <param name="fields">The functions; each is called with one point (d), which it may keep.</param>
        /// <exception cref="KoopmanException">There is no function, or the dimension is below 1.</exception>
        public static Observables FromFields(int dimension, string description, params Func<double[], double>[] fields)
        {
            ArgumentNullException.ThrowIfNull(description);
            ArgumentNullException.ThrowIfNull(fields);
            var core = Array.ConvertAll(fields, field => field.ToField());
            return ObservablesModule.ofFields(dimension, description, core).OrThrow();
        }

        /// <summary>
        /// The outputs of a network with float64 parameters, from (n, d) to (n, N), each row from its own point. Values stay connected to the
        /// parameters. The set takes ownership of the network and disposes it.
        /// </summary>
        /// <param name="network">The network; in evaluation mode if it has dropout.</param>
        /// <param name="dimension">d.</param>
        /// <param name="count">N.</param>
        /// <exception cref="KoopmanException">A parameter is not float64, or a test with three points returns another shape.</exception>
        public static Observables FromModule(torch.nn.Module<torch.Tensor, torch.Tensor> network, int dimension, int count)
        {
            ArgumentNullException.ThrowIfNull(network);
            return ObservablesModule.ofModule(network, dimension, count).OrThrow();
        }

        /// <summary>The sections k(·, c) of a kernel at the given centres (N, d), which are copied; for a radial kernel its radial functions.</summary>
        /// <param name="kernel">Any kernel, also the thin plate spline.</param>
        /// <param name="centres">One row per centre.</param>
        /// <exception cref="KoopmanException">There are fewer than two centres.</exception>
        public static Observables Sections(Kernel kernel, double[,] centres)
        {
            ArgumentNullException.ThrowIfNull(kernel);
            using var points = Samples.FromArray(centres);
            return ObservablesModule.sections(kernel, points.Points).OrThrow();
        }

        /// <summary>
        /// Sections of a kernel at representative samples, in the number that brings the error of the kernel matrix below the tolerance
        /// times its trace. With them the Langevin estimator is its kernel form.
        /// </summary>
        /// <param name="kernel">A positive kernel, differentiable as often as the estimator needs.</param>
        /// <param name="samples">The data; no reference to them is kept.</param>
        /// <param name="tolerance">From 0 to below 1.</param>
        /// <exception cref="KoopmanException">The kernel is not positive, vanishes on the data, or the tolerance is out of
        /// range.</exception>
        public static Observables SectionsOver(Kernel kernel, Samples samples, double tolerance = 1e-6)
        {
            ArgumentNullException.ThrowIfNull(kernel);
            ArgumentNullException.ThrowIfNull(samples);
            return KernelGenerator.sections(tolerance, kernel, samples).OrThrow();
        }
    }
}
