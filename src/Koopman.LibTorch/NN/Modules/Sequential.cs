using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Modules one after the other, under their names or numbers.</summary>
        public class Sequential : Module<Tensor, Tensor>
        {
            private readonly List<IModule<Tensor, Tensor>> steps = [];

            internal Sequential() : base(nameof(Sequential)) { }

            /// <summary>A network of its own type, made of modules with names.</summary>
            protected Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) : this()
            {
                foreach (var (name, module) in modules) append(name, module);
            }

            /// <summary>A network of its own type, made of modules.</summary>
            protected Sequential(params Module<Tensor, Tensor>[] modules) : this()
            {
                foreach (var module in modules) append(module);
            }

            /// <summary>How many modules there are.</summary>
            public int Count => steps.Count;

            /// <summary>The module at a place.</summary>
            [IndexerName("SequentialItems")]
            public IModule<Tensor, Tensor> this[int index] => steps[index];

            /// <summary>The modules from start to before end, with their names; they belong to both networks.</summary>
            [IndexerName("SequentialItems")]
            public Sequential this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

            /// <summary>The modules of a range, with their names; they belong to both networks.</summary>
            [IndexerName("SequentialItems")]
            public Sequential this[Range index] => Slice(index.Start.GetOffset(Count), index.End.GetOffset(Count));

            /// <summary>Adds a module at the end under the next number.</summary>
            /// <returns>This network.</returns>
            public Sequential append(IModule<Tensor, Tensor> module) => append(steps.Count.ToString(), module);

            /// <summary>Adds a module at the end under a name.</summary>
            /// <returns>This network.</returns>
            public Sequential append(string name, IModule<Tensor, Tensor> module)
            {
                register_module(name, (Module)module);
                steps.Add(module);
                return this;
            }

            /// <summary>Each module is called with the result of the one before; the results in between are disposed.</summary>
            public override Tensor forward(Tensor tensor)
            {
                var current = tensor;
                foreach (var step in steps)
                {
                    var next = step.call(current);
                    // The caller owns what it gave, and a module of the user's may answer the very tensor it got.
                    if (!ReferenceEquals(current, tensor) && !ReferenceEquals(current, next)) current.Dispose();
                    current = next;
                }

                return ReferenceEquals(current, tensor) ? functional.Again(tensor) : current;
            }

            private Sequential Slice(int start, int end)
            {
                if (start < 0 || start > Count) throw new IndexOutOfRangeException($"{start} is not a place among {Count} modules.");
                if (end < 0 || end > Count) throw new IndexOutOfRangeException($"{end} is not a place among {Count} modules.");
                var slice = new Sequential();
                foreach (var (name, module) in named_children().Take(end).Skip(start)) slice.append(name, (IModule<Tensor, Tensor>)module);
                return slice;
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>An empty network; add modules with <see cref="Modules.Sequential.append(IModule{Tensor, Tensor})"/>.</summary>
            public static Sequential Sequential() => new();

            /// <summary>Modules one after the other, under their numbers.</summary>
            public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) =>
                Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

            /// <summary>Modules one after the other, under their names.</summary>
            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) =>
                Sequential((IEnumerable<(string, Module<Tensor, Tensor>)>)modules);

            /// <summary>Modules one after the other, under their names.</summary>
            public static Sequential Sequential(params Tuple<string, Module<Tensor, Tensor>>[] modules) =>
                Sequential((IEnumerable<Tuple<string, Module<Tensor, Tensor>>>)modules);

            /// <summary>Modules one after the other, under their numbers.</summary>
            public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
            {
                var network = new Sequential();
                foreach (var module in modules) network.append(module);
                return network;
            }

            /// <summary>Modules one after the other, under their names.</summary>
            public static Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules)
            {
                var network = new Sequential();
                foreach (var (name, module) in modules) network.append(name, module);
                return network;
            }

            /// <summary>Modules one after the other, under their names.</summary>
            public static Sequential Sequential(IEnumerable<Tuple<string, Module<Tensor, Tensor>>> modules) =>
                Sequential(modules.Select(m => (m.Item1, m.Item2)));
        }
    }
}
