using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Koopman;

/// <summary>
/// Spectra, models, and the algebra of generators and propagators. Dispose the results, which share the observables.
/// </summary>
public static partial class OperatorExtensions
{
    extension(Generator)
    {
        /// <summary>The generator with a given matrix.</summary>
        /// <param name="observables">The N functions.</param>
        /// <param name="matrix">L (N, N) on coefficients. Copied.</param>
        /// <param name="gram">The Gram matrix ⟨ψψᵀ⟩ (N, N) in the measure. Copied.</param>
        /// <param name="measure">The measure in words.</param>
        /// <exception cref="KoopmanException">The matrices have other shapes, or contain NaN or infinity.</exception>
        public static Generator FromMatrix(Observables observables, double[,] matrix, double[,] gram, string measure)
        {
            ArgumentNullException.ThrowIfNull(observables);
            ArgumentNullException.ThrowIfNull(measure);
            using var l = matrix.ToTensor(nameof(matrix));
            using var g = gram.ToTensor(nameof(gram));
            return GeneratorModule.create(measure, observables, g, l).OrThrow();
        }
    }

    extension(Generator generator)
    {
        /// <summary>e^{tL}, the propagator over a time t.</summary>
        /// <param name="time">t in the unit of the rates, at least 0.</param>
        /// <exception cref="KoopmanException">The time is negative or not finite, or the exponential overflows.</exception>
        public Propagator Exp(double time) => PropagatorModule.ofGenerator(time, generator).OrThrow();

        /// <summary>Exponents, eigenfunctions and their duals, by increasing rate.</summary>
        /// <exception cref="KoopmanException">There is no basis of eigenvectors; the Schur form always exists.</exception>
        public Spectrum Spectrum() => GeneratorModule.spectrum(generator).OrThrow();

        /// <summary>The real Schur form Q T Qᵀ (r, r) in functions that are orthonormal in the measure; it exists also without a basis of eigenvectors.</summary>
        /// <returns>Q, orthogonal, and T, block upper triangular with blocks of size 1 for real eigenvalues and 2 for conjugate
        /// pairs.</returns>
        /// <exception cref="KoopmanException">The Gram matrix is 0, or the iteration does not converge.</exception>
        public (double[,] Vectors, double[,] Triangular) Schur() => Arrays(GeneratorModule.schur(generator).OrThrow());

        /// <summary>The adjoint in the measure: ⟨f, L g⟩ = ⟨L* f, g⟩ for functions of the span.</summary>
        /// <exception cref="KoopmanException">The Gram matrix is 0.</exception>
        public Generator Adjoint() => GeneratorModule.adjoint(generator).OrThrow();

        /// <summary>The generator on the span of the modes whose exponents are kept, 0 on the others.</summary>
        /// <param name="keep">Selects the exponents to keep; both of a conjugate pair or neither.</param>
        /// <exception cref="KoopmanException">No mode or half of a pair is kept, or there is no basis of eigenvectors.</exception>
        public Generator Restrict(Predicate<Complex> keep)
        {
            ArgumentNullException.ThrowIfNull(keep);
            return GeneratorModule.restrict(keep.ToFunction(), generator).OrThrow();
        }

        /// <summary>
        /// The logarithmic norm ν in the measure: ‖e^{tL}‖ ≤ e^{νt}. If it exceeds the largest real part of an exponent, there is transient
        /// growth.
        /// </summary>
        /// <exception cref="KoopmanException">The Gram matrix is 0.</exception>
        public double LogNorm() => GeneratorModule.logNorm(generator).OrThrow();

        /// <summary>Henrici's departure from normality in the measure, from 0 (normal, as for reversible processes) to 1.</summary>
        /// <exception cref="KoopmanException">The Gram matrix is 0.</exception>
        public double NonNormality() => GeneratorModule.nonNormality(generator).OrThrow();
    }

    extension(Propagator)
    {
        /// <summary>The propagator with a given matrix.</summary>
        /// <param name="observables">The N functions.</param>
        /// <param name="lag">The time τ, at least 0.</param>
        /// <param name="matrix">K (N, N) on coefficients. Copied.</param>
        /// <param name="gram">The Gram matrix ⟨ψψᵀ⟩ (N, N) in the measure. Copied.</param>
        /// <param name="measure">The measure in words.</param>
        /// <exception cref="KoopmanException">The lag is negative, or the matrices have other shapes or contain NaN or
        /// infinity.</exception>
        public static Propagator FromMatrix(Observables observables, double lag, double[,] matrix, double[,] gram, string measure)
        {
            ArgumentNullException.ThrowIfNull(observables);
            ArgumentNullException.ThrowIfNull(measure);
            using var k = matrix.ToTensor(nameof(matrix));
            using var g = gram.ToTensor(nameof(gram));
            return PropagatorModule.create(measure, lag, observables, g, k).OrThrow();
        }
    }

    extension(Propagator propagator)
    {
        /// <summary>K v for functions ψᵀv with coefficients v in columns (N, m), as (N, m).</summary>
        /// <exception cref="ArgumentException">There are not N rows.</exception>
        public double[,] Apply(double[,] coefficients)
        {
            using var columns = coefficients.ToTensor(nameof(coefficients));
            if (columns.shape[0] != propagator.Observables.Count)
                throw new ArgumentException(
                    $"There are {columns.shape[0]} rows of coefficients for {propagator.Observables.Count} observables.", nameof(coefficients));
            return PropagatorModule.apply(columns, propagator).Taken(tensor => tensor.ToMatrix());
        }

        /// <summary>This propagator, then another; their lags add.</summary>
        /// <exception cref="KoopmanException">The two act on different observables.</exception>
        public Propagator Then(Propagator later)
        {
            ArgumentNullException.ThrowIfNull(later);
            _ = later.Matrix; // throws after dispose
            return PropagatorModule.compose(later, propagator).OrThrow();
        }

        /// <summary>The propagator over <paramref name="times"/> lags; over 0 it is the identity.</summary>
        /// <exception cref="KoopmanException">The count is negative.</exception>
        public Propagator Power(int times) => PropagatorModule.power(times, propagator).OrThrow();

        /// <summary>
        /// The generator log(K)/τ on the principal branch: every frequency is taken as the lowest possible, at most π/τ. Where K is 0, as
        /// outside the modes it was restricted to, the generator is 0.
        /// </summary>
        /// <param name="branch">The eigenvalues for which this is in doubt.</param>
        /// <exception cref="KoopmanException">An eigenvalue is real and negative, so there is no real logarithm; or τ is 0.</exception>
        public Generator Log(out BranchReport branch)
        {
            var (generator, report) = PropagatorModule.log(propagator).OrThrow();
            branch = report;
            return generator;
        }

        /// <summary>As <c>Log</c>, without throwing for negative eigenvalues.</summary>
        /// <returns>True if there is a generator; if not, <paramref name="error"/> gives the reason.</returns>
        public bool TryLog(
            [NotNullWhen(true)] out Generator? generator,
            [NotNullWhen(true)] out BranchReport? branch,
            [NotNullWhen(false)] out KoopmanError? error)
        {
            var logarithm = PropagatorModule.log(propagator);
            (generator, branch, error) = logarithm.IsOk
                ? (logarithm.ResultValue.Item1, logarithm.ResultValue.Item2, default(KoopmanError))
                : (default(Generator), default(BranchReport), logarithm.ErrorValue);
            return logarithm.IsOk;
        }

        /// <summary>Eigenvalues, eigenfunctions and their duals, by increasing rate.</summary>
        /// <exception cref="KoopmanException">The lag is 0, or there is no basis of eigenvectors; the Schur form always exists.</exception>
        public Spectrum Spectrum() => PropagatorModule.spectrum(propagator).OrThrow();

        /// <summary>The real Schur form Q T Qᵀ (r, r) in functions that are orthonormal in the measure.</summary>
        /// <returns>Q, orthogonal, and T, block upper triangular with blocks of size 1 for real eigenvalues and 2 for conjugate
        /// pairs.</returns>
        /// <exception cref="KoopmanException">The Gram matrix is 0, or the iteration does not converge.</exception>
        public (double[,] Vectors, double[,] Triangular) Schur() => Arrays(PropagatorModule.schur(propagator).OrThrow());

        /// <summary>The norm ‖K‖ in the measure; at most 1 for a process in its invariant measure.</summary>
        /// <exception cref="KoopmanException">The Gram matrix is 0.</exception>
        public double Norm() => PropagatorModule.norm(propagator).OrThrow();

        /// <summary>The adjoint in the measure, the transfer operator: ⟨f, K g⟩ = ⟨K* f, g⟩ for functions of the span.</summary>
        /// <exception cref="KoopmanException">The Gram matrix is 0.</exception>
        public Propagator Adjoint() => PropagatorModule.adjoint(propagator).OrThrow();

        /// <summary>The propagator on the span of the modes whose eigenvalues are kept, 0 on the others.</summary>
        /// <param name="keep">Selects the eigenvalues to keep; both of a conjugate pair or neither.</param>
        /// <exception cref="KoopmanException">No mode or half of a pair is kept, or there is no basis of eigenvectors.</exception>
        public Propagator Restrict(Predicate<Complex> keep)
        {
            ArgumentNullException.ThrowIfNull(keep);
            return PropagatorModule.restrict(keep.ToFunction(), propagator).OrThrow();
        }

        /// <summary>
        /// ‖e^{τL} - K‖/‖K‖ in the measure: the disagreement of an independently estimated generator with this propagator.
        /// </summary>
        /// <exception cref="KoopmanException">The two act on different observables.</exception>
        public double DisagreementWith(Generator generator)
        {
            ArgumentNullException.ThrowIfNull(generator);
            return PropagatorModule.disagreement(generator, propagator).OrThrow();
        }
    }

    private static (double[,] Vectors, double[,] Triangular) Arrays(RealSchur form) =>
        (form.Vectors.Taken(tensor => tensor.ToMatrix()), form.Triangular.Taken(tensor => tensor.ToMatrix()));
}
