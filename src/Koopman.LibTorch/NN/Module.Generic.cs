using System;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Anything that can be called with one input.</summary>
            public interface IModule<T, TResult>
            {
                /// <summary>Runs the forward pass.</summary>
                TResult call(T input1);
            }

            /// <summary>A module with one input. Derive from it and write <see cref="forward"/>; use it through <see cref="call"/>.</summary>
            public abstract class Module<T, TResult>
                : HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>, IModule<T, TResult>
            {
                /// <summary>Names the module.</summary>
                protected Module(string name) : base(name) { }

                /// <summary>The forward pass itself.</summary>
                public abstract TResult forward(T input);

                /// <summary>The forward pass with the hooks around it.</summary>
                public TResult call(T input)
                {
                    foreach (var hook in modulePreHooks) hook(this);
                    foreach (var hook in preHooks)
                    {
                        if (hook(this, input) is { } changed) input = changed;
                    }

                    var result = forward(input);
                    foreach (var hook in postHooks)
                    {
                        if (hook(this, input, result) is { } changed) result = changed;
                    }

                    foreach (var hook in modulePostHooks) hook(this);
                    return result;
                }
            }

            /// <summary>Anything that can be called with two inputs.</summary>
            public interface IModule<T1, T2, TResult>
            {
                /// <summary>Runs the forward pass.</summary>
                TResult call(T1 input1, T2 input2);
            }

            /// <summary>A module with two inputs. Derive from it and write <see cref="forward"/>; use it through <see cref="call"/>.</summary>
            public abstract class Module<T1, T2, TResult>
                : HookableModule<Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?>, Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult>>, IModule<T1, T2, TResult>
            {
                /// <summary>Names the module.</summary>
                protected Module(string name) : base(name) { }

                /// <summary>The forward pass itself.</summary>
                public abstract TResult forward(T1 input1, T2 input2);

                /// <summary>The forward pass with the hooks around it.</summary>
                public TResult call(T1 input1, T2 input2)
                {
                    foreach (var hook in modulePreHooks) hook(this);
                    foreach (var hook in preHooks)
                    {
                        if (hook(this, input1, input2) is { } changed) (input1, input2) = changed;
                    }

                    var result = forward(input1, input2);
                    foreach (var hook in postHooks)
                    {
                        if (hook(this, input1, input2, result) is { } changed) result = changed;
                    }

                    foreach (var hook in modulePostHooks) hook(this);
                    return result;
                }
            }

            /// <summary>Anything that can be called with three inputs.</summary>
            public interface IModule<T1, T2, T3, TResult>
            {
                /// <summary>Runs the forward pass.</summary>
                TResult call(T1 input1, T2 input2, T3 input3);
            }

            /// <summary>A module with three inputs. Derive from it and write <see cref="forward"/>; use it through <see cref="call"/>.</summary>
            public abstract class Module<T1, T2, T3, TResult>
                : HookableModule<Func<Module<T1, T2, T3, TResult>, T1, T2, T3, (T1, T2, T3)?>, Func<Module<T1, T2, T3, TResult>, T1, T2, T3, TResult, TResult>>, IModule<T1, T2, T3, TResult>
            {
                /// <summary>Names the module.</summary>
                protected Module(string name) : base(name) { }

                /// <summary>The forward pass itself.</summary>
                public abstract TResult forward(T1 input1, T2 input2, T3 input3);

                /// <summary>The forward pass with the hooks around it.</summary>
                public TResult call(T1 input1, T2 input2, T3 input3)
                {
                    foreach (var hook in modulePreHooks) hook(this);
                    foreach (var hook in preHooks)
                    {
                        if (hook(this, input1, input2, input3) is { } changed) (input1, input2, input3) = changed;
                    }

                    var result = forward(input1, input2, input3);
                    foreach (var hook in postHooks)
                    {
                        if (hook(this, input1, input2, input3, result) is { } changed) result = changed;
                    }

                    foreach (var hook in modulePostHooks) hook(this);
                    return result;
                }
            }
        }
    }
}
