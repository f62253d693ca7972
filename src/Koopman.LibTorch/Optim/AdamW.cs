using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Interop;
using TorchSharp.Modules;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>AdamW (Loshchilov &amp; Hutter 2019): Adam with weight decay beside the gradient instead of in it.</summary>
        public class AdamW : OptimizerHelper, torch.optim.IBetas
        {
            private readonly Options defaults;

            /// <inheritdoc cref="torch.optim.AdamW(IEnumerable{Parameter}, double, double, double, double, double, bool, bool)"/>
            public AdamW(
                IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize) { }

            /// <inheritdoc cref="torch.optim.AdamW(IEnumerable{Parameter}, double, double, double, double, double, bool, bool)"/>
            public AdamW(
                IEnumerable<ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            {
                defaults = new Options
                {
                    LearningRate = lr, InitialLearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay,
                    amsgrad = amsgrad, maximize = maximize,
                };
                foreach (var group in parameters) add_param_group(group);
            }

            /// <summary>The decay rates for groups that set none.</summary>
            public (double, double) Betas
            {
                get => (defaults.beta1!.Value, defaults.beta2!.Value);
                set => (defaults.beta1, defaults.beta2) = value;
            }

            /// <inheritdoc/>
            public override torch.Tensor? step(Func<torch.Tensor>? closure = null) => Step<Options, State>(closure, (parameter, options, state) =>
            {
                var largest = options.amsgrad!.Value ? state.max_exp_avg_sq.H_ : TensorHandle.None;
                var made = kt_adam_step(
                    parameter.H_, state.exp_avg.H_, state.exp_avg_sq.H_, largest, state.step + 1, options.LearningRate!.Value,
                    options.beta1!.Value, options.beta2!.Value, options.eps!.Value, options.weight_decay!.Value, 1, options.maximize!.Value ? 1 : 0);
                if (made < 0) throw Failure();
                state.step += made;
            });

            /// <summary>Adds parameters with settings of their own.</summary>
            public override void add_param_group(Modules.ParamGroup param_group)
            {
                var own = (Options)(param_group.Options ??= new Options());
                own.LearningRate ??= defaults.LearningRate;
                own.beta1 ??= defaults.beta1;
                own.beta2 ??= defaults.beta2;
                own.eps ??= defaults.eps;
                own.weight_decay ??= defaults.weight_decay;
                own.amsgrad ??= defaults.amsgrad;
                own.maximize ??= defaults.maximize;
                Begin(param_group, parameter => new State(parameter));
            }

            /// <summary>The means of one parameter.</summary>
            public sealed class State : OptimizerState, IDisposable
            {
                /// <summary>Steps made.</summary>
                public long step;

                /// <summary>The mean of the gradient.</summary>
                public torch.Tensor exp_avg = null!;

                /// <summary>The mean of its square.</summary>
                public torch.Tensor exp_avg_sq = null!;

                /// <summary>The largest mean square so far (AMSGrad); null without it.</summary>
                public torch.Tensor max_exp_avg_sq = null!;

                /// <summary>No memory yet: call <see cref="Initialize"/>.</summary>
                public State(Parameter parameter) : base(parameter) { }

                /// <inheritdoc/>
                public override void Initialize(OptimizerOptions options)
                {
                    Dispose();
                    step = 0;
                    exp_avg = torch.zeros_like(Parameter).DetachFromDisposeScope();
                    exp_avg_sq = torch.zeros_like(Parameter).DetachFromDisposeScope();
                    max_exp_avg_sq = ((Options)options).amsgrad == true ? torch.zeros_like(Parameter).DetachFromDisposeScope() : null!;
                }

                /// <inheritdoc/>
                public override void LoadStateDict(OptimizerState source)
                {
                    var other = (State)source;
                    Dispose();
                    step = other.step;
                    exp_avg = Copy(other.exp_avg)!;
                    exp_avg_sq = Copy(other.exp_avg_sq)!;
                    max_exp_avg_sq = Copy(other.max_exp_avg_sq)!;
                }

                /// <inheritdoc/>
                public override bool ApproximatelyEquals(OptimizerState other) =>
                    other is State state && step == state.step && exp_avg.allclose(state.exp_avg) && exp_avg_sq.allclose(state.exp_avg_sq)
                    && (max_exp_avg_sq is null ? state.max_exp_avg_sq is null : state.max_exp_avg_sq is not null && max_exp_avg_sq.allclose(state.max_exp_avg_sq));

                /// <inheritdoc/>
                public override void to(torch.Device device)
                {
                    Move(ref exp_avg!, device);
                    Move(ref exp_avg_sq!, device);
                    Move(ref max_exp_avg_sq!, device);
                }

                /// <summary>Releases the means.</summary>
                public void Dispose()
                {
                    exp_avg?.Dispose();
                    exp_avg_sq?.Dispose();
                    max_exp_avg_sq?.Dispose();
                }
            }

            /// <summary>The settings of a group; what is null is taken from the optimiser.</summary>
            public class Options : OptimizerOptions
            {
                /// <summary>The decay rate of the mean.</summary>
                public double? beta1;

                /// <summary>The decay rate of the mean square.</summary>
                public double? beta2;

                /// <summary>Is added to the root of the mean square.</summary>
                public double? eps;

                /// <summary>The share of the learning rate by which parameters shrink.</summary>
                public double? weight_decay;

                /// <summary>Whether the largest mean square so far counts.</summary>
                public bool? amsgrad;

                /// <summary>Whether to ascend.</summary>
                public bool? maximize;

                /// <inheritdoc/>
                public override void LoadStateDict(OptimizerOptions source)
                {
                    base.LoadStateDict(source);
                    var other = (Options)source;
                    (beta1, beta2, eps) = (other.beta1, other.beta2, other.eps);
                    (weight_decay, amsgrad, maximize) = (other.weight_decay, other.amsgrad, other.maximize);
                }
            }

            /// <summary>Parameters with settings of their own.</summary>
            public class ParamGroup : ParamGroup<Options>, torch.optim.IBetas
            {
                /// <summary>No parameters yet.</summary>
                public ParamGroup() { }

                /// <summary>These parameters with these settings.</summary>
                public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

                /// <summary>These parameters with these settings.</summary>
                public ParamGroup(
                    IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                    double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                    : base(parameters, new Options
                    {
                        LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize,
                    })
                { }

                /// <summary>The decay rates.</summary>
                public (double, double) Betas
                {
                    get => (Options.beta1!.Value, Options.beta2!.Value);
                    set => (Options.beta1, Options.beta2) = value;
                }
            }
        }
    }

    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>AdamW (Loshchilov &amp; Hutter 2019): Adam with weight decay beside the gradient instead of in it.</summary>
            /// <param name="parameters">What is trained.</param>
            /// <param name="lr">The learning rate.</param>
            /// <param name="beta1">The decay rate of the mean.</param>
            /// <param name="beta2">The decay rate of the mean square.</param>
            /// <param name="eps">Is added to the root of the mean square.</param>
            /// <param name="weight_decay">The share of the learning rate by which parameters shrink.</param>
            /// <param name="amsgrad">Whether the largest mean square so far counts.</param>
            /// <param name="maximize">Whether to ascend.</param>
            public static AdamW AdamW(
                IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            /// <inheritdoc cref="AdamW(IEnumerable{Parameter}, double, double, double, double, double, bool, bool)"/>
            public static AdamW AdamW(
                IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            /// <inheritdoc cref="AdamW(IEnumerable{Parameter}, double, double, double, double, double, bool, bool)"/>
            public static AdamW AdamW(
                IEnumerable<AdamW.ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}
