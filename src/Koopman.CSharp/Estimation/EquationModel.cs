using System;

namespace Koopman.CSharp;

/// <summary>
/// What <see cref="GeneratorEstimator"/> learns: d/dt ψ(x_t) ≈ Lᵀψ(x_t) in the mean, and x ≈ Cᵀψ(x). Holds tensors: dispose of it. It
/// uses the observables it was fitted with, which must outlive it.
/// </summary>
public sealed class EquationModel : IDisposable
{
    private readonly GeneratorModel core;

    internal EquationModel(GeneratorModel core, ObservableSet observables)
    {
        this.core = core;
        Spectrum = new(core.Spectrum, observables);
        Generator = new(core.Generator, observables);
    }

    /// <summary>Exponents, eigenfunctions and the reasons to trust them. Part of this model: it is freed with it.</summary>
    public SpectralModel Spectrum { get; }

    /// <summary>The operator on the observables. Part of this model: it is freed with it.</summary>
    public GeneratorOperator Generator { get; }

    private GeneratorModel Core
    {
        get
        {
            Check.Alive(core.Output, this);
            return core;
        }
    }

    /// <summary>C (N, d): the state as a combination of observables. A copy.</summary>
    public double[,] OutputMatrix() => Convert.ToMatrix(Core.Output.alias());

    /// <summary>The same model over a time τ: K = e^{τL}. Frequencies beyond π/τ come back folded.</summary>
    /// <exception cref="KoopmanException">The lag is not positive, or the exponential leaves all bounds.</exception>
    public DynamicsModel AtLag(double lag) => new(GeneratorEdmd.atLag(lag, Core).OrThrow(), Spectrum.Observables);

    /// <summary>The equation of motion that the generator stands for, on its observables.</summary>
    /// <param name="samples">Where drift and diffusion are read off; at least as many as observables.</param>
    /// <param name="threshold">A term below this share of its target is left out.</param>
    /// <exception cref="KoopmanException">The observables do not span the coordinates and their products.</exception>
    public IdentifiedEquations Identify(SampleSet samples, double threshold = 1e-6)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new(SindyModule.ofGenerator(threshold, samples.Core, Core.Generator).OrThrow());
    }

    /// <summary>Frees the tensors. The observables live on.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => core.ToString();
}
