using System;
using System.Numerics;
using TorchSharp;

namespace Koopman;

// Forecasts of models, and modes of the state.
public static partial class OperatorExtensions
{
    extension(LinearModel model)
    {
        /// <summary>The dimension d of the states.</summary>
        public int Dimension => model.Observables.Dimension;

        /// <summary>The lag τ of one step, in the data's unit of time.</summary>
        public double Lag => model.Propagator.Lag;

        /// <summary>B (m, N): the contribution of the inputs to the observables in one lag, or null without inputs. It belongs to the
        /// model.</summary>
        public torch.Tensor? Input => LinearModelModule.input(model)?.Value;

        /// <summary>
        /// The states 0 to <paramref name="steps"/> lags ahead, as (n, steps+1, d). The first is the state read off the observables.
        /// </summary>
        /// <param name="states">x (n, d), one row per state.</param>
        /// <param name="steps">The number of lags, at least 0.</param>
        /// <param name="relift">
        /// True if the state is read off and lifted again after every step: one-step errors then accumulate, while the error of a
        /// dictionary that is not closed under the dynamics does not.
        /// </param>
        /// <exception cref="KoopmanException">
        /// States of another dimension or with NaN, a negative count, a model with inputs, or a forecast that diverges.
        /// </exception>
        public double[,,] Forecast(double[,] states, int steps, bool relift = false)
        {
            using var from = states.ToTensor(nameof(states));
            return model.Forecast(from, steps, null, relift).Taken(tensor => tensor.ToCube());
        }

        /// <summary>As <c>Forecast</c> without inputs, with the same inputs u (steps, m) for all states.</summary>
        /// <param name="states">x (n, d), one row per state.</param>
        /// <param name="inputs">The inputs of each step, one row per step.</param>
        /// <param name="relift">True if the state is read off and lifted again after every step.</param>
        /// <exception cref="KoopmanException">As without inputs, and for inputs of another shape or a model without inputs.</exception>
        public double[,,] Forecast(double[,] states, double[,] inputs, bool relift = false) => Driven(model, states, inputs, 0, relift);

        /// <summary>As <c>Forecast</c> without inputs, with inputs u (n, steps, m) for every state.</summary>
        /// <param name="states">x (n, d), one row per state.</param>
        /// <param name="inputs">The inputs of each state and step.</param>
        /// <param name="relift">True if the state is read off and lifted again after every step.</param>
        /// <exception cref="KoopmanException">As without inputs, and for inputs of another shape or a model without inputs.</exception>
        public double[,,] Forecast(double[,] states, double[,,] inputs, bool relift = false) => Driven(model, states, inputs, 1, relift);

        /// <summary>As <c>Forecast</c> of arrays, from and to tensors: float64 (n, steps+1, d). The caller owns it.</summary>
        /// <param name="states">x (n, d), one row per state.</param>
        /// <param name="steps">The number of lags, at least 0.</param>
        /// <param name="inputs">u (steps, m) or (n, steps, m), or null for a model without inputs.</param>
        /// <param name="relift">True if the state is read off and lifted again after every step.</param>
        /// <exception cref="KoopmanException">As for arrays.</exception>
        public torch.Tensor Forecast(torch.Tensor states, int steps, torch.Tensor? inputs = null, bool relift = false)
        {
            ArgumentNullException.ThrowIfNull(states);
            return (relift
                ? LinearModelModule.forecastRelifted(steps, inputs.ToOption(), states, model)
                : LinearModelModule.forecast(steps, inputs.ToOption(), states, model)).OrThrow();
        }

        /// <summary>
        /// The states at any times from 0, as (n, times, d), by the exponents of the modes. Between the lags it interpolates on the principal
        /// branch.
        /// </summary>
        /// <param name="states">x (n, d), one row per state.</param>
        /// <param name="times">In the data's unit of time, finite and not negative; at least one.</param>
        /// <exception cref="KoopmanException">
        /// States of another dimension or with NaN, no time or a negative one, a model with inputs, or a forecast that diverges.
        /// </exception>
        public double[,,] ForecastAt(double[,] states, params double[] times)
        {
            ArgumentNullException.ThrowIfNull(times);
            using var from = states.ToTensor(nameof(states));
            return LinearModelModule.forecastAt(times, from, model).OrThrow().Taken(tensor => tensor.ToCube());
        }

        /// <summary>
        /// The modes of the state (r, d), the Koopman modes: x = Σ_k φ_k(x) m_k for the part of x in the span, with m_k in row k.
        /// </summary>
        public Complex[,] StateModes() => LinearModelModule.stateModes(model).Taken(tensor => tensor.ToComplexMatrix());

        /// <summary>The largest factor by which a mode grows over one lag: above 1 long forecasts diverge.</summary>
        public double Growth() => LinearModelModule.growth(model);
    }

    extension(GeneratorModel model)
    {
        /// <summary>The same model over a time τ: K = e^{τL}. Frequencies above π/τ are aliased.</summary>
        /// <exception cref="KoopmanException">The lag is not positive, or the exponential overflows.</exception>
        public LinearModel AtLag(double lag) => GeneratorEdmd.atLag(lag, model).OrThrow();

        /// <summary>The equation of motion of the generator, in terms of its observables.</summary>
        /// <param name="samples">The points at which drift and diffusion are evaluated; at least as many as observables.</param>
        /// <param name="threshold">A term below this fraction of its target is left out.</param>
        /// <exception cref="KoopmanException">The observables do not span the coordinates and their products.</exception>
        public Sindy Identify(Samples samples, double threshold = 1e-6)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return SindyModule.ofGenerator(threshold, samples, model.Generator).OrThrow();
        }
    }

    private static double[,,] Driven(LinearModel model, double[,] states, Array inputs, int stepAxis, bool relift)
    {
        using var from = states.ToTensor(nameof(states));
        using var given = inputs.ToTensor(nameof(inputs));
        return model.Forecast(from, inputs.GetLength(stepAxis), given, relift).Taken(tensor => tensor.ToCube());
    }
}
