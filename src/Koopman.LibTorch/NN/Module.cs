using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>Building blocks of networks.</summary>
        public static partial class nn
        {
            /// <summary>
            /// Parameters, buffers and modules under names. A network derives from <see cref="Module{T, TResult}"/>, sets its fields in
            /// the constructor and calls <see cref="RegisterComponents"/> there.
            /// </summary>
            public partial class Module : IDisposable
            {
                private readonly OrderedDictionary<string, Parameter> ownParameters = [];
                private readonly OrderedDictionary<string, (Tensor Tensor, bool Persistent)> ownBuffers = [];
                private readonly OrderedDictionary<string, Module> ownModules = [];
                private bool isTraining = true;
                private bool isDisposed;

                /// <summary>The module's name: its type's, unless it was given another.</summary>
                protected string? name;

                /// <summary>Names the module.</summary>
                protected Module(string name) => this.name = name;

                /// <summary>The module's name.</summary>
                public virtual string GetName() => string.IsNullOrEmpty(name) ? GetType().Name : name;

                /// <summary>Whether layers such as dropout behave as in training. True at first.</summary>
                public virtual bool training => isTraining;

                /// <summary>Switches this module and those below it to training or, with false, to evaluation.</summary>
                public virtual void train(bool train = true)
                {
                    isTraining = train;
                    foreach (var (_, module) in named_children()) module.train(train);
                }

                /// <summary>Switches this module and those below it to evaluation.</summary>
                public virtual void eval() => train(false);

                /// <summary>Applies a function to the modules below this one, then to this one.</summary>
                public virtual Module apply(Action<Module> fn)
                {
                    foreach (var (_, module) in named_children()) module.apply(fn);
                    fn(this);
                    return this;
                }

                /// <summary>Drops the gradient of every parameter or, with false, sets it to zero.</summary>
                public virtual void zero_grad(bool set_to_none = true)
                {
                    foreach (var parameter in parameters()) Check(kt_zero_grad(parameter.H_, set_to_none ? 1 : 0));
                }

                /// <summary>Gives the module the type and device of a tensor.</summary>
                public Module _to(Tensor other, bool non_blocking)
                {
                    Move(other.dtype, other.device, non_blocking);
                    return this;
                }

                /// <summary>
                /// Converts and moves every parameter and buffer in place: the objects stay, so fields and optimisers need not know. A type
                /// applies to real and complex numbers only.
                /// </summary>
                internal void Move(ScalarType? dtype, Device? device, bool nonBlocking)
                {
                    if (dtype is { } type && !is_floating_point(type) && !is_complex(type))
                        throw new ArgumentException($"A module can have a floating point or complex type, not {type}.", nameof(dtype));
                    foreach (var tensor in parameters().Concat(buffers()))
                        Check(kt_move(tensor.H_, Type(dtype), device is null ? -1 : (int)device.type, device?.index ?? -1, nonBlocking ? 1 : 0));
                }

                /// <summary>Disposes the parameters and buffers of this module and of those below it. A second call does nothing.</summary>
                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                /// <summary>Disposes the parameters and buffers of this module and of those below it.</summary>
                protected virtual void Dispose(bool disposing)
                {
                    if (!disposing || isDisposed) return;
                    isDisposed = true;
                    foreach (var parameter in ownParameters.Values) parameter.Dispose();
                    foreach (var (tensor, _) in ownBuffers.Values) tensor.Dispose();
                    foreach (var (_, module) in named_children()) module.Dispose();
                }
            }
        }
    }
}
