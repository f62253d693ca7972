using System.Collections;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>A list of modules that a network holds; they count as its own under <c>field.0</c>, <c>field.1</c>, ….</summary>
        public class ModuleList<T> : torch.nn.Module, IList<T> where T : torch.nn.Module
        {
            private readonly List<T> list;

            /// <summary>A list of these modules.</summary>
            public ModuleList(params T[] modules) : base("ModuleList") => list = [.. modules];

            /// <summary>How many modules there are.</summary>
            public int Count => list.Count;

            /// <summary>False.</summary>
            public bool IsReadOnly => false;

            /// <summary>The module at a place.</summary>
            public T this[int index]
            {
                get => list[index];
                set => list[index] = value;
            }

            /// <summary>The modules under their numbers.</summary>
            public override IEnumerable<(string name, torch.nn.Module module)> named_children() =>
                list.Select((module, i) => (i.ToString(), (torch.nn.Module)module));

            /// <summary>Adds a module at the end.</summary>
            public void Add(T item) => list.Add(item);

            /// <summary>Adds modules at the end.</summary>
            public void append(params T[] parameters) => list.AddRange(parameters);

            /// <summary>Adds modules at the end.</summary>
            public void extend(IEnumerable<T> modules) => list.AddRange(modules);

            /// <summary>Forgets all modules; they are not disposed.</summary>
            public void Clear() => list.Clear();

            /// <summary>Whether a module is in the list.</summary>
            public bool Contains(T item) => list.Contains(item);

            /// <summary>Copies the modules to an array.</summary>
            public void CopyTo(T[] array, int arrayIndex) => list.CopyTo(array, arrayIndex);

            /// <summary>The modules in their order.</summary>
            public IEnumerator<T> GetEnumerator() => list.GetEnumerator();

            /// <summary>The place of a module, or −1.</summary>
            public int IndexOf(T item) => list.IndexOf(item);

            /// <summary>Adds a module at a place.</summary>
            public void Insert(int index, T item) => list.Insert(index, item);

            /// <summary>Forgets a module; it is not disposed.</summary>
            public bool Remove(T item) => list.Remove(item);

            /// <summary>Forgets the module at a place; it is not disposed.</summary>
            public void RemoveAt(int index) => list.RemoveAt(index);

            /// <summary>Lets each module register its own components.</summary>
            protected override void RegisterComponents()
            {
                foreach (var module in list) Register(module);
            }

            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A list of modules that a network holds.</summary>
            public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

            /// <summary>A list of modules of one type that a network holds.</summary>
            public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);
        }
    }
}
