using System;
using System.Numerics;

namespace Koopman.CSharp;

/// <summary>
/// The generator 𝓛 = d/dt of a semigroup of Koopman operators on the span of observables: 𝓛(ψᵀv) = ψᵀ(L v). Holds tensors: dispose of
/// it. It uses the observables, which must outlive it.
/// </summary>
public sealed class GeneratorOperator : IDisposable
{
    private readonly Generator core;

    internal GeneratorOperator(Generator core, ObservableSet observables)
    {
        this.core = core;
        Observables = observables;
    }

    /// <summary>The functions it acts on. The generator does not own them.</summary>
    public ObservableSet Observables { get; }

    /// <summary>The measure in which lengths and angles of functions are taken, in words.</summary>
    public string Measure => core.Measure;

    internal Generator Core
    {
        get
        {
            Check.Alive(core.Matrix, this);
            return core;
        }
    }

    /// <summary>The generator with a given matrix.</summary>
    /// <param name="observables">The N functions; they must outlive the generator.</param>
    /// <param name="matrix">L (N, N) on coefficients. Copied.</param>
    /// <param name="gram">The Gram matrix ⟨ψψᵀ⟩ (N, N) in the measure. Copied.</param>
    /// <param name="measure">The measure in words.</param>
    /// <exception cref="KoopmanException">The matrices have other shapes, or hold NaN or infinity.</exception>
    public static GeneratorOperator FromMatrix(ObservableSet observables, double[,] matrix, double[,] gram, string measure)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(measure);
        using var l = Convert.ToTensor(matrix, nameof(matrix));
        using var g = Convert.ToTensor(gram, nameof(gram));
        return new(GeneratorModule.create(measure, observables.Core, g, l).OrThrow(), observables);
    }

    /// <summary>L (N, N). A copy.</summary>
    public double[,] Matrix() => Convert.ToMatrix(Core.Matrix.alias());

    /// <summary>The Gram matrix ⟨ψψᵀ⟩ (N, N) in the measure. A copy.</summary>
    public double[,] Gram() => Convert.ToMatrix(Core.Gram.alias());

    /// <summary>e^{tL}, the propagator over a time t.</summary>
    /// <param name="time">t in the unit of the rates, at least 0.</param>
    /// <exception cref="KoopmanException">The time is negative or not finite, or the exponential leaves all bounds.</exception>
    public PropagatorOperator Exp(double time) => new(PropagatorModule.ofGenerator(time, Core).OrThrow(), Observables);

    /// <summary>Exponents, eigenfunctions and their duals, by rising rate. It uses the same observables.</summary>
    /// <exception cref="KoopmanException">There is no basis of eigenvectors; <see cref="Schur"/> exists always.</exception>
    public SpectralModel Spectrum() => new(GeneratorModule.spectrum(Core).OrThrow(), Observables);

    /// <summary>The real Schur form in functions that are orthonormal in the measure.</summary>
    /// <exception cref="KoopmanException">The Gram matrix is 0, or the iteration does not end.</exception>
    public SchurForm Schur() => new(GeneratorModule.schur(Core).OrThrow());

    /// <summary>The adjoint in the measure: ⟨f, L g⟩ = ⟨L* f, g⟩ for functions of the span.</summary>
    /// <exception cref="KoopmanException">The Gram matrix is 0.</exception>
    public GeneratorOperator Adjoint() => new(GeneratorModule.adjoint(Core).OrThrow(), Observables);

    /// <summary>The generator on the span of the modes whose exponents are kept, 0 on the others.</summary>
    /// <param name="keep">Which exponents to keep; both of a conjugate pair or none.</param>
    /// <exception cref="KoopmanException">No mode or half of a pair is kept, or there is no basis of eigenvectors.</exception>
    public GeneratorOperator Restrict(Predicate<Complex> keep)
    {
        ArgumentNullException.ThrowIfNull(keep);
        return new(GeneratorModule.restrict(Bridge.ToFunction(keep), Core).OrThrow(), Observables);
    }

    /// <summary>
    /// The logarithmic norm ν in the measure: ‖e^{tL}‖ ≤ e^{νt}. Above the largest real part of an exponent it tells of transient growth.
    /// </summary>
    /// <exception cref="KoopmanException">The Gram matrix is 0.</exception>
    public double LogNorm() => GeneratorModule.logNorm(Core).OrThrow();

    /// <summary>Henrici's departure from normality in the measure, from 0 (normal, as for reversible processes) to 1.</summary>
    /// <exception cref="KoopmanException">The Gram matrix is 0.</exception>
    public double NonNormality() => GeneratorModule.nonNormality(Core).OrThrow();

    /// <summary>Frees the tensors. The observables live on.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => core.ToString();
}
