using System;
using System.Numerics;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>
/// What a regression on observables learns of a process: ψ(x_{t+τ}) ≈ Kᵀψ(x_t) + Bᵀu_t and x ≈ Cᵀψ(x). <see cref="Spectrum"/> tells
/// which modes to trust. Holds tensors: dispose of it. Observables that the caller made must outlive it; those that the estimator
/// made die with it.
/// </summary>
public sealed class DynamicsModel : IDisposable
{
    private readonly LinearModel core;

    internal DynamicsModel(LinearModel core, ObservableSet? observables)
    {
        this.core = core;
        Spectrum = new SpectralModel(core.Spectrum, observables);
        Propagator = new PropagatorOperator(core.Propagator, Spectrum.Observables);
    }

    /// <summary>Eigenvalues, eigenfunctions and the reasons to trust them. Part of this model: it is freed with it.</summary>
    public SpectralModel Spectrum { get; }

    /// <summary>The operator K_τ on the observables. Part of this model: it is freed with it.</summary>
    public PropagatorOperator Propagator { get; }

    /// <summary>The dictionary that the model is made of.</summary>
    public ObservableSet Observables => Spectrum.Observables;

    /// <summary>The dimension d of the states.</summary>
    public int Dimension => Spectrum.Dimension;

    /// <summary>The lag τ of one step, in the data's unit of time.</summary>
    public double Lag => Propagator.Lag;

    /// <summary>How many inputs act on the process, m; 0 if there are none.</summary>
    public int InputCount => core.Input is { } input ? (int)input.Value.shape[0] : 0;

    internal LinearModel Core
    {
        get
        {
            Check.Alive(core.Output, this);
            return core;
        }
    }

    /// <summary>C (N, d): the state as a combination of observables, x ≈ Cᵀψ(x). A copy.</summary>
    public double[,] OutputMatrix() => Convert.ToMatrix(Core.Output.alias());

    /// <summary>B (m, N): what the inputs add to the observables in one lag; m is 0 without inputs. A copy.</summary>
    public double[,] InputMatrix() =>
        Core.Input is { } input ? Convert.ToMatrix(input.Value.alias()) : new double[0, Observables.Count];

    /// <summary>
    /// The states 0 to <paramref name="steps"/> lags ahead, as (n, steps+1, d). The first is the state as the observables show it.
    /// </summary>
    /// <param name="states">x (n, d), one row a state.</param>
    /// <param name="steps">How many lags, at least 0.</param>
    /// <param name="relift">
    /// Whether the state is read off and lifted again after every step: one-step errors then add up, while those of a dictionary that
    /// is not closed under the dynamics do not.
    /// </param>
    /// <exception cref="KoopmanException">
    /// States of another dimension or with NaN, a negative count, a model with inputs, or a forecast that leaves all bounds.
    /// </exception>
    public double[,,] Forecast(double[,] states, int steps, bool relift = false)
    {
        using var from = Convert.ToTensor(states, nameof(states));
        return Convert.ToCube(Forecast(from, steps, null, relift));
    }

    /// <summary>As <see cref="Forecast(double[,], int, bool)"/>, with inputs u (steps, m) that act on all states alike.</summary>
    /// <param name="states">x (n, d), one row a state.</param>
    /// <param name="inputs">The inputs of each step, one row a step.</param>
    /// <param name="relift">Whether the state is read off and lifted again after every step.</param>
    /// <exception cref="KoopmanException">As without inputs, and for inputs of another shape or a model without inputs.</exception>
    public double[,,] Forecast(double[,] states, double[,] inputs, bool relift = false) => Driven(states, inputs, 0, relift);

    /// <summary>As <see cref="Forecast(double[,], int, bool)"/>, with inputs u (n, steps, m) for every state.</summary>
    /// <param name="states">x (n, d), one row a state.</param>
    /// <param name="inputs">The inputs of each state and step.</param>
    /// <param name="relift">Whether the state is read off and lifted again after every step.</param>
    /// <exception cref="KoopmanException">As without inputs, and for inputs of another shape or a model without inputs.</exception>
    public double[,,] Forecast(double[,] states, double[,,] inputs, bool relift = false) => Driven(states, inputs, 1, relift);

    /// <summary>As <see cref="Forecast(double[,], int, bool)"/>, from and to tensors: float64 (n, steps+1, d). The caller owns it.</summary>
    /// <param name="states">x (n, d), one row a state.</param>
    /// <param name="steps">How many lags, at least 0.</param>
    /// <param name="relift">Whether the state is read off and lifted again after every step.</param>
    /// <param name="inputs">u (steps, m) or (n, steps, m), or null for a model without inputs.</param>
    /// <inheritdoc cref="Forecast(double[,], int, bool)" path="/exception"/>
    public torch.Tensor Forecast(torch.Tensor states, int steps, torch.Tensor? inputs = null, bool relift = false)
    {
        ArgumentNullException.ThrowIfNull(states);
        return (relift
            ? LinearModelModule.forecastRelifted(steps, inputs.ToOption(), states, Core)
            : LinearModelModule.forecast(steps, inputs.ToOption(), states, Core)).OrThrow();
    }

    /// <summary>
    /// The states at any times from 0, as (n, times, d), by the exponents of the modes. Between the lags it interpolates on the principal
    /// branch.
    /// </summary>
    /// <param name="states">x (n, d), one row a state.</param>
    /// <param name="times">In the data's unit of time, finite and not negative; at least one.</param>
    /// <exception cref="KoopmanException">
    /// States of another dimension or with NaN, no time or a negative one, a model with inputs, or a forecast that leaves all bounds.
    /// </exception>
    public double[,,] ForecastAt(double[,] states, params double[] times)
    {
        ArgumentNullException.ThrowIfNull(times);
        using var from = Convert.ToTensor(states, nameof(states));
        return Convert.ToCube(LinearModelModule.forecastAt(times, from, Core).OrThrow());
    }

    /// <summary>
    /// The modes of the state (r, d), the Koopman modes: x = Σ_k φ_k(x) m_k for the part of x in the span, with m_k in row k.
    /// </summary>
    public Complex[,] StateModes() => Convert.ToComplexMatrix(LinearModelModule.stateModes(Core));

    /// <summary>The largest factor by which a mode grows over one lag: above 1 long forecasts leave all bounds.</summary>
    public double Growth() => LinearModelModule.growth(Core);

    /// <summary>Frees the tensors of the model and its spectrum, and the observables if the estimator made them.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();

    /// <inheritdoc/>
    public override string ToString() => core.ToString();

    private double[,,] Driven(double[,] states, Array inputs, int stepAxis, bool relift)
    {
        using var from = Convert.ToTensor(states, nameof(states));
        using var given = Convert.ToTensor(inputs, nameof(inputs));
        return Convert.ToCube(Forecast(from, inputs.GetLength(stepAxis), given, relift));
    }
}
