using System;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public partial class Module
            {
                private bool areComponentsRegistered;

                /// <summary>Registers a parameter.</summary>
                /// <exception cref="InvalidOperationException">The name is taken.</exception>
                public virtual void register_parameter(string name, Parameter param)
                {
                    if (param is null || param.IsInvalid) throw new ArgumentNullException(nameof(param), "A parameter must be a valid tensor.");
                    if (!ownParameters.TryAdd(name, param)) throw new InvalidOperationException($"Parameter {name} is already registered.");
                }

                /// <summary>Registers a tensor that moves with the module but is not trained; a persistent one is part of its state.</summary>
                /// <exception cref="InvalidOperationException">The name is taken.</exception>
                public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
                {
                    if (tensor is null || tensor.IsInvalid) throw new ArgumentNullException(nameof(tensor), "A buffer must be a valid tensor.");
                    if (!ownBuffers.TryAdd(name, (tensor, persistent))) throw new InvalidOperationException($"Tensor {name} is already registered.");
                }

                /// <summary>Registers a module below this one; null takes the one of that name out.</summary>
                /// <exception cref="InvalidOperationException">The name is taken.</exception>
                /// <exception cref="ArgumentException">The name is empty or has a dot in it.</exception>
                public virtual void register_module(string name, Module submodule)
                {
                    if (submodule is null)
                    {
                        ownModules.Remove(name);
                        return;
                    }

                    if (string.IsNullOrEmpty(name)) throw new ArgumentException("A module's name must not be empty.", nameof(name));
                    if (name.Contains('.')) throw new ArgumentException($"A module's name must have no dot: {name}.", nameof(name));
                    submodule.RegisterComponents();
                    if (!ownModules.TryAdd(name, submodule)) throw new InvalidOperationException($"Sub-module {name} is already registered.");
                }

                /// <inheritdoc cref="register_module"/>
                public void add_module(string name, Module module) => register_module(name, module);

                /// <summary>
                /// Registers every field that holds a module, parameter or tensor under the field's name, unless that name is taken. Call it at
                /// the end of the constructor.
                /// </summary>
                protected virtual void RegisterComponents()
                {
                    if (areComponentsRegistered) return;
                    areComponentsRegistered = true;
                    foreach (var field in FieldsOf(GetType()))
                    {
                        var name = field.GetCustomAttribute<ComponentNameAttribute>()?.Name is { Length: > 0 } given ? given : field.Name;
                        if (ownModules.ContainsKey(name) || ownParameters.ContainsKey(name) || ownBuffers.ContainsKey(name)) continue;
                        switch (field.GetValue(this))
                        {
                            case Module module: register_module(name, module); break;
                            case Parameter parameter: register_parameter(name, parameter); break;
                            case Tensor tensor: register_buffer(name, tensor); break;
                        }
                    }
                }

                /// <summary>Registers a parameter, in place of the one of that name; null takes that one out.</summary>
                protected void ConditionallyRegisterParameter(string name, Parameter? value)
                {
                    if (value is null) ownParameters.Remove(name);
                    else ownParameters[name] = value;
                }

                /// <summary>Registers a buffer, in place of the one of that name; null takes that one out.</summary>
                protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
                {
                    if (value is null) ownBuffers.Remove(name);
                    else ownBuffers[name] = (value, persistent);
                }

                /// <summary>The parameter behind a property of a layer.</summary>
                private protected Parameter? Owned([CallerMemberName] string name = "") => ownParameters.GetValueOrDefault(name);

                /// <summary>Sets the parameter behind a property of a layer: the module owns it, whatever scope is open, and the old one dies.</summary>
                private protected void Own(Parameter? value, [CallerMemberName] string name = "")
                {
                    var old = Owned(name);
                    if (ReferenceEquals(old, value)) return;
                    old?.Dispose();
                    value?.DetachFromDisposeScope();
                    ConditionallyRegisterParameter(name, value);
                }

                /// <summary>The buffer behind a property of a layer.</summary>
                private protected Tensor? OwnedBuffer([CallerMemberName] string name = "") =>
                    ownBuffers.TryGetValue(name, out var buffer) ? buffer.Tensor : null;

                /// <summary>Sets the buffer behind a property of a layer, as <see cref="Own"/> does for parameters.</summary>
                private protected void OwnBuffer(Tensor? value, [CallerMemberName] string name = "")
                {
                    var old = OwnedBuffer(name);
                    if (ReferenceEquals(old, value)) return;
                    old?.Dispose();
                    value?.DetachFromDisposeScope();
                    ConditionallyRegisterBuffer(name, value);
                }

                /// <summary>Lets a module that is held otherwise than by registration register its components.</summary>
                private protected static void Register(Module module) => module.RegisterComponents();

                private static IEnumerable<FieldInfo> FieldsOf(Type type)
                {
                    var seen = new HashSet<string>();
                    for (var t = type; t is not null && t != typeof(Module); t = t.BaseType)
                    {
                        foreach (var field in t.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
                        {
                            if (seen.Add(field.Name)) yield return field;
                        }
                    }
                }
            }
        }
    }
}
