using System.Collections.Generic;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>The settings of a group of parameters; what is null is taken from the optimiser.</summary>
        public class OptimizerOptions
        {
            /// <summary>The learning rate of the next step.</summary>
            public double? LearningRate { get; set; }

            /// <summary>The learning rate that schedules start from.</summary>
            public double InitialLearningRate { get; set; }

            /// <summary>Copies the settings of another group.</summary>
            public virtual void LoadStateDict(OptimizerOptions source)
            {
                LearningRate = source.LearningRate;
                InitialLearningRate = source.InitialLearningRate;
            }
        }

        /// <summary>What an optimiser remembers of a parameter.</summary>
        public abstract class OptimizerState
        {
            private protected OptimizerState(Parameter parameter) => Parameter = parameter;

            private protected Parameter Parameter { get; }

            /// <summary>Starts afresh.</summary>
            public abstract void Initialize(OptimizerOptions options);

            /// <summary>Copies what another optimiser of the same kind remembers, to this parameter's device.</summary>
            public abstract void LoadStateDict(OptimizerState source);

            /// <summary>Whether another memory holds about the same numbers.</summary>
            public virtual bool ApproximatelyEquals(OptimizerState other) => false;

            /// <summary>Moves the memory to a device.</summary>
            public virtual void to(torch.Device device) { }

            /// <summary>A copy of a tensor at this parameter's device that no scope disposes; null of null.</summary>
            private protected torch.Tensor? Copy(torch.Tensor? tensor) =>
                tensor?.to(tensor.dtype, Parameter.device, copy: true).DetachFromDisposeScope();

            /// <summary>Replaces a tensor by itself on another device.</summary>
            private protected static void Move(ref torch.Tensor? tensor, torch.Device device)
            {
                if (tensor is null) return;
                var moved = tensor.to(tensor.dtype, device, copy: true).DetachFromDisposeScope();
                tensor.Dispose();
                tensor = moved;
            }
        }

        /// <summary>Parameters with settings of their own.</summary>
        public class ParamGroup : torch.optim.ILearningRateController
        {
            /// <summary>The parameters.</summary>
            public IEnumerable<Parameter> Parameters { get; set; } = [];

            /// <summary>Their settings.</summary>
            public OptimizerOptions Options { get; set; } = null!;

            /// <summary>The learning rate of the next step.</summary>
            public double LearningRate
            {
                get => Options.LearningRate!.Value;
                set => Options.LearningRate = value;
            }

            /// <summary>The learning rate that schedules start from.</summary>
            public double InitialLearningRate
            {
                get => Options.InitialLearningRate;
                set => Options.InitialLearningRate = value;
            }
        }

        /// <summary>Parameters with settings of one kind.</summary>
        public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
        {
            /// <summary>No parameters yet.</summary>
            public ParamGroup() { }

            /// <summary>These parameters; without settings the optimiser's apply.</summary>
            public ParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null)
            {
                Parameters = parameters;
                base.Options = options!;
            }

            /// <summary>Their settings.</summary>
            public new TOptions Options
            {
                get => (TOptions)base.Options;
                set => base.Options = value;
            }
        }
    }
}
