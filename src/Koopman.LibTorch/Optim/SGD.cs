using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Gradient descent, with momentum if asked to.</summary>
        public class SGD : OptimizerHelper, torch.optim.IMomentum
        {
            private readonly Options defaults;

            /// <inheritdoc cref="torch.optim.SGD(IEnumerable{Parameter}, double, double, double, double, bool, bool)"/>
            public SGD(
                IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
                bool nesterov = false, bool maximize = false)
                : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize) { }

            /// <inheritdoc cref="torch.optim.SGD(IEnumerable{Parameter}, double, double, double, double, bool, bool)"/>
            public SGD(
                IEnumerable<ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
                bool nesterov = false, bool maximize = false)
            {
                defaults = new Options
                {
                    LearningRate = lr, InitialLearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay,
                    nesterov = nesterov, maximize = maximize,
                };
                foreach (var group in parameters) add_param_group(group);
            }

            /// <summary>The momentum for groups that set none.</summary>
            public double Momentum
            {
                get => defaults.momentum!.Value;
                set => defaults.momentum = value;
            }

            /// <inheritdoc/>
            public override torch.Tensor? step(Func<torch.Tensor>? closure = null) => Step<Options, State>(closure, (parameter, options, state) =>
            {
                nint fresh = 0;
                var made = kt_sgd_step(
                    parameter.H_, Maybe(state.momentum_buffer), ref fresh, options.LearningRate!.Value, options.momentum!.Value,
                    options.dampening!.Value, options.weight_decay!.Value, options.nesterov!.Value ? 1 : 0, options.maximize!.Value ? 1 : 0);
                if (fresh != 0) state.momentum_buffer = Take(fresh).DetachFromDisposeScope();
                if (made < 0) throw Failure();
            });

            /// <summary>Adds parameters with settings of their own.</summary>
            public override void add_param_group(Modules.ParamGroup param_group)
            {
                var own = (Options)(param_group.Options ??= new Options());
                own.LearningRate ??= defaults.LearningRate;
                own.momentum ??= defaults.momentum;
                own.dampening ??= defaults.dampening;
                own.weight_decay ??= defaults.weight_decay;
                own.nesterov ??= defaults.nesterov;
                own.maximize ??= defaults.maximize;
                Begin(param_group, parameter => new State(parameter));
            }

            /// <summary>The velocity of one parameter.</summary>
            public sealed class State : OptimizerState, IDisposable
            {
                /// <summary>The velocity; null before the first step with momentum.</summary>
                public torch.Tensor? momentum_buffer;

                /// <summary>No velocity yet.</summary>
                public State(Parameter parameter) : base(parameter) { }

                /// <inheritdoc/>
                public override void Initialize(OptimizerOptions options)
                {
                    Dispose();
                    momentum_buffer = null;
                }

                /// <inheritdoc/>
                public override void LoadStateDict(OptimizerState source)
                {
                    Dispose();
                    momentum_buffer = Copy(((State)source).momentum_buffer);
                }

                /// <inheritdoc/>
                public override bool ApproximatelyEquals(OptimizerState other) =>
                    other is State state && (momentum_buffer is null
                        ? state.momentum_buffer is null
                        : state.momentum_buffer is not null && momentum_buffer.allclose(state.momentum_buffer));

                /// <inheritdoc/>
                public override void to(torch.Device device) => Move(ref momentum_buffer, device);

                /// <summary>Releases the velocity.</summary>
                public void Dispose() => momentum_buffer?.Dispose();
            }

            /// <summary>The settings of a group; what is null is taken from the optimiser.</summary>
            public class Options : OptimizerOptions
            {
                /// <summary>The share of the last step that goes into the next.</summary>
                public double? momentum;

                /// <summary>The share of the gradient that the velocity does not take up.</summary>
                public double? dampening;

                /// <summary>The factor with which parameters are added to their gradients.</summary>
                public double? weight_decay;

                /// <summary>Whether the gradient is taken where the momentum leads.</summary>
                public bool? nesterov;

                /// <summary>Whether to ascend.</summary>
                public bool? maximize;

                /// <inheritdoc/>
                public override void LoadStateDict(OptimizerOptions source)
                {
                    base.LoadStateDict(source);
                    var other = (Options)source;
                    (momentum, dampening, weight_decay) = (other.momentum, other.dampening, other.weight_decay);
                    (nesterov, maximize) = (other.nesterov, other.maximize);
                }
            }

            /// <summary>Parameters with settings of their own.</summary>
            public class ParamGroup : ParamGroup<Options>, torch.optim.IMomentum
            {
                /// <summary>No parameters yet.</summary>
                public ParamGroup() { }

                /// <summary>These parameters with these settings.</summary>
                public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

                /// <summary>These parameters with these settings.</summary>
                public ParamGroup(
                    IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0, double dampening = 0, double weight_decay = 0,
                    bool nesterov = false, bool maximize = false)
                    : base(parameters, new Options
                    {
                        LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov,
                        maximize = maximize,
                    })
                { }

                /// <summary>The momentum.</summary>
                public double Momentum
                {
                    get => Options.momentum!.Value;
                    set => Options.momentum = value;
                }
            }
        }
    }

    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Gradient descent, with momentum if asked to.</summary>
            /// <param name="parameters">What is trained.</param>
            /// <param name="learningRate">The learning rate.</param>
            /// <param name="momentum">The share of the last step that goes into the next.</param>
            /// <param name="dampening">The share of the gradient that the velocity does not take up.</param>
            /// <param name="weight_decay">The factor with which parameters are added to their gradients.</param>
            /// <param name="nesterov">Whether the gradient is taken where the momentum leads.</param>
            /// <param name="maximize">Whether to ascend.</param>
            public static SGD SGD(
                IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0,
                bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            /// <inheritdoc cref="SGD(IEnumerable{Parameter}, double, double, double, double, bool, bool)"/>
            public static SGD SGD(
                IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            /// <inheritdoc cref="SGD(IEnumerable{Parameter}, double, double, double, double, bool, bool)"/>
            public static SGD SGD(
                IEnumerable<SGD.ParamGroup> parameters, double learningRate, double momentum = 0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}
