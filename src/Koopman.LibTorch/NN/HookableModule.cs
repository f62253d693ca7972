using System;
using System.Collections.Generic;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A module that calls back before and after its forward pass, in the order of registration.</summary>
            public class HookableModule<TPreHook, TPostHook> : Module
            {
                private protected readonly List<TPreHook> preHooks = [];
                private protected readonly List<TPostHook> postHooks = [];
                private protected readonly List<Action<Module>> modulePreHooks = [];
                private protected readonly List<Action<Module>> modulePostHooks = [];

                private readonly Dictionary<string, Action> removals = [];

                /// <summary>Names the module.</summary>
                protected HookableModule(string name) : base(name) { }

                /// <summary>Calls a function after each forward pass; what it returns, unless null, takes the place of the result.</summary>
                public HookRemover register_forward_hook(TPostHook hook) => Add(postHooks, hook);

                /// <summary>Calls a function after each forward pass.</summary>
                public HookRemover register_forward_hook(Action<Module> hook) => Add(modulePostHooks, hook);

                /// <summary>Calls a function before each forward pass; what it returns, unless null, takes the place of the input.</summary>
                public HookRemover register_forward_pre_hook(TPreHook hook) => Add(preHooks, hook);

                /// <summary>Calls a function before each forward pass.</summary>
                public HookRemover register_forward_pre_hook(Action<Module> hook) => Add(modulePreHooks, hook);

                private HookRemover Add<T>(List<T> hooks, T hook)
                {
                    hooks.Add(hook);
                    var key = Guid.NewGuid().ToString();
                    removals.Add(key, () => hooks.Remove(hook));
                    return new HookRemover(this, key);
                }

                private void Remove(string key)
                {
                    if (removals.Remove(key, out var remove)) remove();
                }

                /// <summary>Takes a hook out again.</summary>
                public class HookRemover
                {
                    private readonly HookableModule<TPreHook, TPostHook> module;
                    private readonly string key;

                    /// <summary>Remembers a hook by its key.</summary>
                    public HookRemover(HookableModule<TPreHook, TPostHook> module, string key)
                    {
                        this.module = module;
                        this.key = key;
                    }

                    /// <summary>Takes the hook out; a second call does nothing.</summary>
                    public void remove() => module.Remove(key);
                }
            }
        }
    }
}
