using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Numerics;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>Which operator eigenvalues belong to.</summary>
public enum OperatorKind
{
    /// <summary>The propagator over one lag, e^{-τL}; the rate is -log(eigenvalue)/τ.</summary>
    Propagator,

    /// <summary>The positive generator L = -TΔ + ∇V·∇ of a reversible diffusion; the rate is the eigenvalue.</summary>
    Generator,

    /// <summary>The generator d/dt of any process; the rate is minus the real part of the eigenvalue.</summary>
    InfinitesimalGenerator,
}

/// <summary>
/// Eigenvalues and eigenfunctions of an operator, estimated. Those of a reversible operator are real, have mean 0, unit variance and
/// no correlation in the measure they were fitted in, and leave the constant one out. Others are complex with unit norm in that
/// measure, and the constant is a mode like the others. Holds tensors: dispose of it. Observables that the caller made must outlive
/// it; those that the estimator made die with it.
/// </summary>
public sealed class SpectralModel : IDisposable
{
    private readonly Spectrum core;

    /// <summary>Without observables given, those of Core are shown, which are not the user's to free.</summary>
    internal SpectralModel(Spectrum core, ObservableSet? observables)
    {
        this.core = core;
        Observables = observables ?? new CoreObservables(core.Observables, borrowed: true);
        Eigenvalues = Array.AsReadOnly(core.Eigenvalues);
        Exponents = Array.AsReadOnly(core.Exponents);
        Rates = Array.AsReadOnly(core.Rates);
        Modes = Array.AsReadOnly(core.Modes.Select(mode => new ModeEstimate(mode)).ToArray());
        Clusters = Array.AsReadOnly(core.Clusters.Select(cluster => new ModeCluster(cluster)).ToArray());
    }

    internal Spectrum Core
    {
        get
        {
            Check.Alive(core.Centre, this);
            return core;
        }
    }

    /// <summary>The dictionary that the eigenfunctions are made of: the caller's own, or the one that the estimator made.</summary>
    public ObservableSet Observables { get; }

    /// <summary>The dimension d of the points.</summary>
    public int Dimension => Observables.Dimension;

    /// <summary>How many modes there are in all, r.</summary>
    public int Rank => core.Rank;

    /// <summary>
    /// Whether the operator is self-adjoint in its measure: eigenvalues and eigenfunctions are real, and the constant is left out.
    /// </summary>
    public bool IsReversible => core.IsReversible;

    /// <summary>The eigenvalues of all r modes, by rising rate; conjugate pairs are neighbours.</summary>
    public IReadOnlyList<Complex> Eigenvalues { get; }

    /// <summary>The exponents μ of all r modes: along a trajectory, φ(x_t) = e^{μt} φ(x_0) in the mean.</summary>
    public IReadOnlyList<Complex> Exponents { get; }

    /// <summary>The rates of all r modes in 1/time, ascending. Only the leading ones, <see cref="Modes"/>, carry error bars.</summary>
    public IReadOnlyList<double> Rates { get; }

    /// <summary>The leading modes with residuals and error bars, by rising rate.</summary>
    public IReadOnlyList<ModeEstimate> Modes { get; }

    /// <summary>The groups of near-degenerate modes with their mean rates, where the estimator gives error bars.</summary>
    public IReadOnlyList<ModeCluster> Clusters { get; }

    /// <summary>Which operator the eigenvalues belong to.</summary>
    public OperatorKind Operator =>
        core.Convention.IsPropagatorAtLag ? OperatorKind.Propagator
        : core.Convention.IsPositiveGenerator ? OperatorKind.Generator
        : OperatorKind.InfinitesimalGenerator;

    /// <summary>The lag τ of the propagator, or null for a generator.</summary>
    public double? Lag => (core.Convention as Koopman.Convention.PropagatorAtLag)?.lag;

    /// <summary>The temperature T of the generator, or null if there is none.</summary>
    public double? Temperature => (core.Convention as Koopman.Convention.PositiveGenerator)?.temperature;

    /// <summary>Operator and convention in words, for reports.</summary>
    public string Convention => core.Convention.ToString();

    /// <summary>The measure in which the eigenfunctions are normalised and the residuals are taken, in words.</summary>
    public string Measure => core.Measure;

    /// <summary>The norm of the residuals, in words.</summary>
    public string ResidualNorm => core.ResidualNorm;

    /// <summary>The eigenfunctions at the samples, as an array (n, r), if they are real.</summary>
    /// <exception cref="ArgumentException">The samples have another dimension than the model.</exception>
    /// <exception cref="InvalidOperationException">The eigenfunctions are complex.</exception>
    public double[,] Eigenfunctions(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        RequireReal(nameof(ComplexEigenfunctions));
        return Convert.ToMatrix(Eigenfunctions(samples.Points));
    }

    /// <summary>The eigenfunctions at the samples, real or not, as an array (n, r).</summary>
    /// <exception cref="ArgumentException">The samples have another dimension than the model.</exception>
    public Complex[,] ComplexEigenfunctions(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Convert.ToComplexMatrix(Eigenfunctions(samples.Points));
    }

    /// <summary>
    /// The eigenfunctions at n float64 points (n, d), as a tensor (n, r): float64, or complex128 if they are complex. The caller owns it.
    /// </summary>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    public torch.Tensor Eigenfunctions(torch.Tensor points) => Core.Values(Check.Points(points, Dimension, nameof(points)));

    /// <summary>The gradients of the eigenfunctions at the samples, as an array (n, r, d), if they are real.</summary>
    /// <exception cref="ArgumentException">The samples have another dimension than the model.</exception>
    /// <exception cref="InvalidOperationException">The eigenfunctions are complex.</exception>
    public double[,,] Gradients(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        RequireReal(nameof(ComplexGradients));
        return Convert.ToCube(Gradients(samples.Points));
    }

    /// <summary>The gradients of the eigenfunctions at the samples, real or not, as an array (n, r, d).</summary>
    /// <exception cref="ArgumentException">The samples have another dimension than the model.</exception>
    public Complex[,,] ComplexGradients(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Convert.ToComplexCube(Gradients(samples.Points));
    }

    /// <summary>
    /// The gradients of the eigenfunctions at n float64 points (n, d), as a tensor (n, r, d): float64, or complex128 if they are
    /// complex. The caller owns it.
    /// </summary>
    /// <exception cref="ArgumentException">The points have another shape.</exception>
    public torch.Tensor Gradients(torch.Tensor points) => Core.Gradients(Check.Points(points, Dimension, nameof(points)));

    /// <summary>
    /// The residuals of the leading modes on pairs, by every estimator that the pairs allow. On the data of the fit they come out too
    /// small; on fresh data they are honest. The lag may differ from that of the fit.
    /// </summary>
    /// <param name="pairs">At least 40 pairs.</param>
    /// <param name="test">Test functions of the projection; null for Gaussians on twice as many centres as the model has observables.</param>
    /// <exception cref="KoopmanException">The pairs are too few, or of another dimension.</exception>
    public IReadOnlyList<ModeResidual> Residuals(TransitionSet pairs, ObservableSet? test = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var reports = Diagnostics.residuals(test?.Core.ToOption(), Core, pairs.Core).OrThrow();
        return Array.AsReadOnly(reports.Select(report => new ModeResidual(report)).ToArray());
    }

    /// <summary>
    /// The same model with what pairs tell of its leading modes: residuals, error bars where there are none yet, and warnings. It uses
    /// the same observables, and those that an estimator made die with the first model.
    /// </summary>
    /// <inheritdoc cref="Residuals" path="/exception"/>
    public SpectralModel Assess(TransitionSet pairs, NoiseModel noise = NoiseModel.Automatic)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return new(Diagnostics.assess(noise.ToCore(), Core, pairs.Core).OrThrow(), Observables);
    }

    /// <summary>The model of the <paramref name="rank"/> slowest modes. It holds copies and uses the same observables.</summary>
    /// <exception cref="KoopmanException">The rank is below 1.</exception>
    public SpectralModel Truncate(int rank) => new(SpectrumModule.truncate(rank, Core).OrThrow(), Observables);

    /// <summary>
    /// Writes the model with its observables to a safetensors file, which is replaced in one step: eigenvalues, eigenfunctions, residuals, error
    /// bars, warnings, measure and convention.
    /// </summary>
    /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
    /// <exception cref="KoopmanException">
    /// Some of the observables are functions of your own, which a file cannot hold; or the file cannot be written, and is then what it was.
    /// </exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        SpectrumModule.save(path, Core).OrThrow();
    }

    /// <summary>Reads a model from a file of <see cref="Save"/>: it gives the same bits. It owns its observables.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="KoopmanException">
    /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
    /// </exception>
    public static SpectralModel Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(SpectrumModule.load(path).OrThrow(), observables: null);
    }

    /// <summary>As <see cref="Load"/>, without throwing over the file.</summary>
    /// <returns>Whether there is a model; if not, <paramref name="error"/> says why.</returns>
    public static bool TryLoad(string path, [NotNullWhen(true)] out SpectralModel? model, [NotNullWhen(false)] out KoopmanError? error)
    {
        ArgumentNullException.ThrowIfNull(path);
        return SpectrumModule.load(path).TryGet(core => new SpectralModel(core, observables: null), out model, out error);
    }

    /// <summary>Frees the tensors of the model, and the observables if the estimator made them.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Rank} modes in {Observables.Description}: {Convention}";

    private void RequireReal(string otherwise)
    {
        if (Core.Coefficients.is_complex())
            throw new InvalidOperationException($"The eigenfunctions are complex: use {otherwise}, or the tensors.");
    }
}
