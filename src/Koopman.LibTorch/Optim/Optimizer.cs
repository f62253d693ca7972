using System;
using System.Collections.Generic;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>Optimisers and their schedules.</summary>
        public static partial class optim
        {
            /// <summary>Something with a learning rate that a schedule sets.</summary>
            public interface ILearningRateController
            {
                /// <summary>The learning rate of the next step.</summary>
                double LearningRate { get; set; }

                /// <summary>The learning rate that schedules start from.</summary>
                double InitialLearningRate { get; set; }
            }

            /// <summary>Something with a momentum.</summary>
            public interface IMomentum
            {
                /// <summary>The share of the last step that goes into the next.</summary>
                double Momentum { get; set; }
            }

            /// <summary>Something with the decay rates of Adam's two means.</summary>
            public interface IBetas
            {
                /// <summary>The decay rates of the mean and of the mean square.</summary>
                (double, double) Betas { get; set; }
            }

            /// <summary>Changes parameters by their gradients.</summary>
            public abstract partial class Optimizer : IDisposable
            {
                private protected Optimizer() { }

                /// <summary>The groups of parameters, each with its learning rate.</summary>
                public virtual IEnumerable<ILearningRateController> ParamGroups => Groups;

                private protected List<ParamGroup> Groups { get; } = [];

                /// <summary>All parameters.</summary>
                public abstract IEnumerable<Parameter> parameters();

                /// <summary>Adds parameters with settings of their own.</summary>
                public abstract void add_param_group(ParamGroup param_group);

                /// <summary>Sets the gradients to zero.</summary>
                public abstract void zero_grad();

                /// <summary>Makes one step.</summary>
                /// <param name="closure">Is called first, with the graph recorded: computes the loss and its gradients.</param>
                /// <returns>The closure's loss; null without one.</returns>
                public abstract Tensor? step(Func<Tensor>? closure = null);

                /// <summary>Releases the optimiser's memory, not the parameters.</summary>
                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                /// <summary>Releases the optimiser's memory, not the parameters.</summary>
                protected virtual void Dispose(bool disposing) { }

                /// <summary>The settings of each group and the memory of each parameter: themselves, not copies.</summary>
                public class StateDictionary
                {
                    internal StateDictionary() { }

                    /// <summary>The settings of each group.</summary>
                    public List<OptimizerOptions> Options { get; private set; } = [];

                    /// <summary>The memory of each parameter.</summary>
                    public List<OptimizerState> State { get; private set; } = [];

                    /// <summary>For each group, the places of its parameters in <see cref="State"/>.</summary>
                    public List<List<int>> StateIndexRef { get; private set; } = [];
                }
            }
        }
    }
}
