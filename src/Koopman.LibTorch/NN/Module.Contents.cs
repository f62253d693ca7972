using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public partial class Module
            {
                /// <summary>The modules directly below this one, with their names.</summary>
                public virtual IEnumerable<(string name, Module module)> named_children() => ownModules.Select(m => (m.Key, m.Value));

                /// <summary>The modules directly below this one.</summary>
                public virtual IEnumerable<Module> children() => named_children().Select(m => m.module);

                /// <summary>All modules below this one, the nearest first, with their names joined by dots.</summary>
                public virtual IEnumerable<(string name, Module module)> named_modules()
                {
                    foreach (var child in named_children()) yield return child;
                    foreach (var (outer, child) in named_children())
                    {
                        foreach (var (inner, module) in child.named_modules()) yield return ($"{outer}.{inner}", module);
                    }
                }

                /// <summary>All modules below this one.</summary>
                public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

                /// <summary>The parameters of this module and (unless told not to) of those below it; a shared one once.</summary>
                public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
                {
                    var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
                    foreach (var (name, parameter) in ownParameters)
                    {
                        if (!parameter.IsInvalid && seen.Add(parameter)) yield return (name, parameter);
                    }

                    if (!recurse) yield break;
                    foreach (var (outer, module) in named_children())
                    {
                        foreach (var (inner, parameter) in module.named_parameters())
                        {
                            if (seen.Add(parameter)) yield return ($"{outer}.{inner}", parameter);
                        }
                    }
                }

                /// <summary>The parameters of this module and (unless told not to) of those below it; a shared one once.</summary>
                public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

                /// <summary>The buffers of this module and (unless told not to) of those below it.</summary>
                public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
                {
                    var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
                    foreach (var (name, (tensor, persistent)) in ownBuffers)
                    {
                        if ((persistent || include_nonpersistent) && !tensor.IsInvalid && seen.Add(tensor)) yield return (name, tensor);
                    }

                    if (!recurse) yield break;
                    foreach (var (outer, module) in named_children())
                    {
                        foreach (var (inner, tensor) in module.named_buffers(true, include_nonpersistent))
                        {
                            if (seen.Add(tensor)) yield return ($"{outer}.{inner}", tensor);
                        }
                    }
                }

                /// <summary>The buffers of this module and (unless told not to) of those below it.</summary>
                public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                    named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

                /// <summary>Whether there is a parameter of this name, dots leading to modules below.</summary>
                public virtual bool has_parameter(string target) => get_parameter(target) is not null;

                /// <summary>The parameter of this name, dots leading to modules below; null when there is none.</summary>
                public virtual Parameter? get_parameter(string target) =>
                    ownParameters.GetValueOrDefault(target) ?? Below(target, (module, rest) => module.get_parameter(rest));

                /// <summary>Whether there is a buffer of this name, dots leading to modules below.</summary>
                public virtual bool has_buffer(string target) => get_buffer(target) is not null;

                /// <summary>The buffer of this name, dots leading to modules below; null when there is none.</summary>
                public virtual Tensor? get_buffer(string target) =>
                    OwnedBuffer(target) ?? Below(target, (module, rest) => module.get_buffer(rest));

                /// <summary>
                /// The parameters and persistent buffers of this module and those below it, themselves and not copies, under their names.
                /// </summary>
                /// <param name="destination">Is added to and returned (default: a new dictionary).</param>
                /// <param name="prefix">Goes before every name, with a dot.</param>
                public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
                {
                    destination ??= [];
                    var start = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                    foreach (var (name, parameter) in named_parameters()) destination.TryAdd(start + name, parameter);
                    foreach (var (name, buffer) in named_buffers(include_nonpersistent: false)) destination.TryAdd(start + name, buffer);
                    foreach (var (name, module) in named_children()) module.state_dict(destination, start + name);
                    return destination;
                }

                /// <summary>Copies values into the parameters and buffers of the same names.</summary>
                /// <param name="source">Values by name.</param>
                /// <param name="strict">Whether the names must be exactly those of <see cref="state_dict"/>.</param>
                /// <param name="skip">Names to leave alone.</param>
                /// <returns>The names that <paramref name="source"/> lacks and those it has too many.</returns>
                /// <exception cref="InvalidOperationException">The names differ and <paramref name="strict"/> is set; nothing is copied.</exception>
                public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                    Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
                {
                    ArgumentNullException.ThrowIfNull(source);
                    var destination = state_dict();
                    var wanted = destination.Keys.Except(skip ?? []).ToList();
                    var given = source.Keys.Except(skip ?? []).ToList();
                    var missing = wanted.Except(given).ToList();
                    var unexpected = given.Except(wanted).ToList();
                    if (strict && missing.Count + unexpected.Count > 0)
                    {
                        throw new InvalidOperationException(
                            $"The state does not fit the module: missing [{string.Join(", ", missing)}], unexpected [{string.Join(", ", unexpected)}].");
                    }

                    using var recording = no_grad();
                    foreach (var key in given.Intersect(wanted)) destination[key].copy_(source[key]);
                    return (missing, unexpected);
                }

                private T? Below<T>(string target, Func<Module, string, T?> find) where T : class
                {
                    var dot = target.IndexOf('.');
                    if (dot < 0) return null;
                    var first = target[..dot];
                    foreach (var (name, module) in named_children())
                    {
                        if (name == first && find(module, target[(dot + 1)..]) is { } found) return found;
                    }

                    return null;
                }
            }
        }
    }
}
