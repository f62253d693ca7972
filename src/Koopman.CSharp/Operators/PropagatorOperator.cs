using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Koopman.CSharp;

/// <summary>
/// The Koopman operator K_τ over a time τ on the span of observables: K_τ(ψᵀv) = ψᵀ(K v), the mean of ψᵀv a time τ later. Holds
/// tensors: dispose of it. It uses the observables, which must outlive it.
/// </summary>
public sealed class PropagatorOperator : IDisposable
{
    private readonly Propagator core;

    internal PropagatorOperator(Propagator core, ObservableSet observables)
    {
        this.core = core;
        Observables = observables;
    }

    /// <summary>The functions it acts on. The propagator does not own them.</summary>
    public ObservableSet Observables { get; }

    /// <summary>The time τ.</summary>
    public double Lag => core.Lag;

    /// <summary>The measure in which lengths and angles of functions are taken, in words.</summary>
    public string Measure => core.Measure;

    internal Propagator Core
    {
        get
        {
            Check.Alive(core.Matrix, this);
            return core;
        }
    }

    /// <summary>The propagator with a given matrix.</summary>
    /// <param name="observables">The N functions; they must outlive the propagator.</param>
    /// <param name="lag">The time τ, at least 0.</param>
    /// <param name="matrix">K (N, N) on coefficients. Copied.</param>
    /// <param name="gram">The Gram matrix ⟨ψψᵀ⟩ (N, N) in the measure. Copied.</param>
    /// <param name="measure">The measure in words.</param>
    /// <exception cref="KoopmanException">The lag is negative, or the matrices have other shapes or hold NaN or infinity.</exception>
    public static PropagatorOperator FromMatrix(ObservableSet observables, double lag, double[,] matrix, double[,] gram, string measure)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(measure);
        using var k = Convert.ToTensor(matrix, nameof(matrix));
        using var g = Convert.ToTensor(gram, nameof(gram));
        return new(PropagatorModule.create(measure, lag, observables.Core, g, k).OrThrow(), observables);
    }

    /// <summary>K (N, N). A copy.</summary>
    public double[,] Matrix() => Convert.ToMatrix(Core.Matrix.alias());

    /// <summary>The Gram matrix ⟨ψψᵀ⟩ (N, N) in the measure. A copy.</summary>
    public double[,] Gram() => Convert.ToMatrix(Core.Gram.alias());

    /// <summary>K v for functions ψᵀv with coefficients v in columns (N, m), as (N, m).</summary>
    /// <exception cref="ArgumentException">There are not N rows.</exception>
    public double[,] Apply(double[,] coefficients)
    {
        using var columns = Convert.ToTensor(coefficients, nameof(coefficients));
        if (columns.shape[0] != Observables.Count)
            throw new ArgumentException(
                $"There are {columns.shape[0]} rows of coefficients for {Observables.Count} observables.", nameof(coefficients));
        return Convert.ToMatrix(PropagatorModule.apply(columns, Core));
    }

    /// <summary>This propagator and then another: their lags add up.</summary>
    /// <exception cref="KoopmanException">The two act on different observables.</exception>
    public PropagatorOperator Then(PropagatorOperator later)
    {
        ArgumentNullException.ThrowIfNull(later);
        return new(PropagatorModule.compose(later.Core, Core).OrThrow(), Observables);
    }

    /// <summary>The propagator over <paramref name="times"/> lags; over 0 it is the identity.</summary>
    /// <exception cref="KoopmanException">The count is negative.</exception>
    public PropagatorOperator Power(int times) => new(PropagatorModule.power(times, Core).OrThrow(), Observables);

    /// <summary>
    /// The generator log(K)/τ on the principal branch: every frequency is taken as the slowest that fits, at most π/τ. Where K is 0, as
    /// outside the modes it was restricted to, so is the generator.
    /// </summary>
    /// <param name="branch">Which eigenvalues leave that in doubt.</param>
    /// <exception cref="KoopmanException">An eigenvalue is real and negative, so that there is no real logarithm; or τ is 0.</exception>
    public GeneratorOperator Log(out BranchSummary branch)
    {
        var (generator, report) = PropagatorModule.log(Core).OrThrow();
        branch = new(report);
        return new(generator, Observables);
    }

    /// <summary>As <see cref="Log"/>, without throwing over the eigenvalues.</summary>
    /// <returns>Whether there is a generator; if not, <paramref name="error"/> says why.</returns>
    public bool TryLog(
        [NotNullWhen(true)] out GeneratorOperator? generator,
        [NotNullWhen(true)] out BranchSummary? branch,
        [NotNullWhen(false)] out KoopmanError? error)
    {
        var logarithm = PropagatorModule.log(Core);
        branch = logarithm.IsOk ? new(logarithm.ResultValue.Item2) : null;
        return logarithm.TryGet(pair => new GeneratorOperator(pair.Item1, Observables), out generator, out error) && branch is not null;
    }

    /// <summary>Eigenvalues, eigenfunctions and their duals, by rising rate. It uses the same observables.</summary>
    /// <exception cref="KoopmanException">The lag is 0, or there is no basis of eigenvectors; <see cref="Schur"/> exists always.</exception>
    public SpectralModel Spectrum() => new(PropagatorModule.spectrum(Core).OrThrow(), Observables);

    /// <summary>The real Schur form in functions that are orthonormal in the measure.</summary>
    /// <exception cref="KoopmanException">The Gram matrix is 0, or the iteration does not end.</exception>
    public SchurForm Schur() => new(PropagatorModule.schur(Core).OrThrow());

    /// <summary>The norm ‖K‖ in the measure; at most 1 for a process in its invariant measure.</summary>
    /// <exception cref="KoopmanException">The Gram matrix is 0.</exception>
    public double Norm() => PropagatorModule.norm(Core).OrThrow();

    /// <summary>The adjoint in the measure, the transfer operator: ⟨f, K g⟩ = ⟨K* f, g⟩ for functions of the span.</summary>
    /// <exception cref="KoopmanException">The Gram matrix is 0.</exception>
    public PropagatorOperator Adjoint() => new(PropagatorModule.adjoint(Core).OrThrow(), Observables);

    /// <summary>The propagator on the span of the modes whose eigenvalues are kept, 0 on the others.</summary>
    /// <param name="keep">Which eigenvalues to keep; both of a conjugate pair or none.</param>
    /// <exception cref="KoopmanException">No mode or half of a pair is kept, or there is no basis of eigenvectors.</exception>
    public PropagatorOperator Restrict(Predicate<Complex> keep)
    {
        ArgumentNullException.ThrowIfNull(keep);
        return new(PropagatorModule.restrict(Bridge.ToFunction(keep), Core).OrThrow(), Observables);
    }

    /// <summary>‖e^{τL} - K‖/‖K‖ in the measure: how well a generator that was estimated by itself agrees with this propagator.</summary>
    /// <exception cref="KoopmanException">The two act on different observables.</exception>
    public double DisagreementWith(GeneratorOperator generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return PropagatorModule.disagreement(generator.Core, Core).OrThrow();
    }

    /// <summary>Frees the tensors. The observables live on.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => core.ToString();
}
