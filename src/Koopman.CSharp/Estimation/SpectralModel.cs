using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>Which operator eigenvalues belong to.</summary>
public enum OperatorKind
{
    /// <summary>The propagator over one lag, e^{-τL}; the rate is -log(eigenvalue)/τ.</summary>
    Propagator,

    /// <summary>The positive generator L = -TΔ + ∇V·∇; the rate is the eigenvalue.</summary>
    Generator,
}

/// <summary>
/// Eigenvalues and eigenfunctions of a reversible operator, estimated. The eigenfunctions have mean 0, unit variance and no
/// correlation in the measure they were fitted in; the constant one is left out. Holds tensors: dispose of it. It uses the
/// observables it was fitted with, which belong to the caller and must outlive it.
/// </summary>
public sealed class SpectralModel : IDisposable
{
    private readonly Spectrum core;

    internal SpectralModel(Spectrum core, ObservableSet observables)
    {
        this.core = core;
        Observables = observables;
        Rates = Array.AsReadOnly(core.Rates);
        Modes = Array.AsReadOnly(core.Modes.Select(mode => new ModeEstimate(mode)).ToArray());
    }

    internal Spectrum Core
    {
        get
        {
            Check.Alive(core.Centre, this);
            return core;
        }
    }

    /// <summary>The dictionary that the eigenfunctions are made of. The model does not own it.</summary>
    public ObservableSet Observables { get; }

    /// <summary>The dimension d of the points.</summary>
    public int Dimension => Observables.Dimension;

    /// <summary>How many modes there are in all, r.</summary>
    public int Rank => core.Rank;

    /// <summary>The rates of all r modes in 1/time, ascending. Only the leading ones, <see cref="Modes"/>, carry error bars.</summary>
    public IReadOnlyList<double> Rates { get; }

    /// <summary>The leading modes with residuals and error bars, by rising rate.</summary>
    public IReadOnlyList<ModeEstimate> Modes { get; }

    /// <summary>Which operator the eigenvalues belong to.</summary>
    public OperatorKind Operator => core.Convention.IsPositiveGenerator ? OperatorKind.Generator : OperatorKind.Propagator;

    /// <summary>The lag τ of the propagator, or null for a generator.</summary>
    public double? Lag => (core.Convention as Koopman.Convention.PropagatorAtLag)?.lag;

    /// <summary>The temperature T of the generator, or null for a propagator.</summary>
    public double? Temperature => (core.Convention as Koopman.Convention.PositiveGenerator)?.temperature;

    /// <summary>Operator and convention in words, for reports.</summary>
    public string Convention => core.Convention.ToString();

    /// <summary>The measure in which the eigenfunctions are orthonormal and the residuals are taken, in words.</summary>
    public string Measure => core.Measure;

    /// <summary>The norm of the residuals, in words.</summary>
    public string ResidualNorm => core.ResidualNorm;

    /// <summary>The eigenfunctions at the samples, as an array (n, r).</summary>
    /// <exception cref="ArgumentException">The samples have another dimension than the model.</exception>
    public double[,] Eigenfunctions(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Convert.ToMatrix(Eigenfunctions(samples.Points));
    }

    /// <summary>The eigenfunctions at n float64 points (n, d), as a tensor (n, r). The caller owns it.</summary>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    public torch.Tensor Eigenfunctions(torch.Tensor points) => Core.Values(Check.Points(points, Dimension, nameof(points)));

    /// <summary>The gradients of the eigenfunctions at the samples, as an array (n, r, d).</summary>
    /// <exception cref="ArgumentException">The samples have another dimension than the model.</exception>
    public double[,,] Gradients(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Convert.ToCube(Gradients(samples.Points));
    }

    /// <summary>The gradients of the eigenfunctions at n float64 points (n, d), as a tensor (n, r, d). The caller owns it.</summary>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    public torch.Tensor Gradients(torch.Tensor points) => Core.Gradients(Check.Points(points, Dimension, nameof(points)));

    /// <summary>The model of the <paramref name="rank"/> slowest modes. It holds copies and uses the same observables.</summary>
    /// <exception cref="KoopmanException">The rank is below 1.</exception>
    public SpectralModel Truncate(int rank) => new(SpectrumModule.truncate(rank, Core).OrThrow(), Observables);

    /// <summary>Frees the tensors of the model. The observables live on.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Rank} modes in {Observables.Description}: {Convention}";
}
