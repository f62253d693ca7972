using System;
using System.Collections.Generic;
using System.Linq;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>What optimisers have in common: groups of parameters, and a memory for each parameter.</summary>
        public abstract class OptimizerHelper : torch.optim.Optimizer
        {
            private protected readonly Dictionary<Parameter, OptimizerState> states = new(ReferenceEqualityComparer.Instance);
            private bool disposed;

            /// <summary>No groups yet.</summary>
            public OptimizerHelper() { }

            /// <inheritdoc/>
            public override IEnumerable<Parameter> parameters() => Groups.SelectMany(g => g.Parameters);

            /// <inheritdoc/>
            public override void zero_grad()
            {
                foreach (var parameter in parameters()) Check(kt_zero_grad(parameter.H_, 0));
            }

            /// <inheritdoc/>
            public override void add_param_group(ParamGroup param_group) => Groups.Add(param_group);

            /// <summary>The settings and memory, themselves and not copies.</summary>
            /// <exception cref="ObjectDisposedException">The optimiser was disposed, and its memory with it.</exception>
            public virtual StateDictionary state_dict()
            {
                ObjectDisposedException.ThrowIf(disposed, this);
                var dictionary = new StateDictionary();
                foreach (var group in Groups)
                {
                    dictionary.Options.Add(group.Options);
                    var places = new List<int>();
                    foreach (var parameter in group.Parameters)
                    {
                        places.Add(dictionary.State.Count);
                        dictionary.State.Add(states[parameter]);
                    }

                    dictionary.StateIndexRef.Add(places);
                }

                return dictionary;
            }

            /// <summary>Copies the settings and memory of an optimiser of the same kind over as many groups and parameters.</summary>
            /// <exception cref="ArgumentException">The numbers differ; nothing is copied.</exception>
            public virtual void load_state_dict(StateDictionary state_dict)
            {
                var own = this.state_dict();
                if (state_dict.Options.Count != own.Options.Count)
                    throw new ArgumentException($"The state has {state_dict.Options.Count} groups of parameters, the optimiser {own.Options.Count}.");
                if (state_dict.State.Count != own.State.Count)
                    throw new ArgumentException($"The state has {state_dict.State.Count} parameters, the optimiser {own.State.Count}.");
                foreach (var (mine, given) in own.Options.Zip(state_dict.Options))
                {
                    if (!ReferenceEquals(mine, given)) mine.LoadStateDict(given);
                }

                foreach (var (mine, given) in own.State.Zip(state_dict.State))
                {
                    if (!ReferenceEquals(mine, given)) mine.LoadStateDict(given);
                }
            }

            /// <summary>Moves the memory to the device to which the parameters were moved.</summary>
            public void to(torch.Device device)
            {
                foreach (var state in states.Values) state.to(device);
            }

            /// <inheritdoc/>
            protected override void Dispose(bool disposing)
            {
                if (!disposing) return;
                disposed = true;
                foreach (var state in states.Values) (state as IDisposable)?.Dispose();
                states.Clear();
            }

            /// <summary>Computes the loss, if asked to, then steps every parameter.</summary>
            private protected torch.Tensor? Step<TOptions, TState>(Func<torch.Tensor>? closure, Action<Parameter, TOptions, TState> update)
                where TOptions : OptimizerOptions where TState : OptimizerState
            {
                ObjectDisposedException.ThrowIf(disposed, this);
                torch.Tensor? loss = null;
                if (closure is not null)
                {
                    using var recording = torch.enable_grad();
                    loss = closure();
                }

                foreach (var group in Groups)
                {
                    var options = (TOptions)group.Options;
                    foreach (var parameter in group.Parameters) update(parameter, options, (TState)states[parameter]);
                }

                return loss;
            }

            /// <summary>Adds a group whose settings are complete, with a fresh memory for each parameter.</summary>
            private protected void Begin(ParamGroup group, Func<Parameter, OptimizerState> remember)
            {
                ObjectDisposedException.ThrowIf(disposed, this);

                // A lazy sequence of parameters is read once: a schedule or a step must not evaluate it again.
                group.Parameters = group.Parameters.ToArray();
                group.Options.InitialLearningRate = group.LearningRate;
                Groups.Add(group);
                foreach (var parameter in group.Parameters)
                {
                    var state = remember(parameter);
                    state.Initialize(group.Options);
                    states[parameter] = state;
                }
            }
        }
    }
}
