using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp
{
    /// <summary>
    /// Disposes the tensors that were created on this thread while it was the innermost scope, except those that moved out of it.
    /// Open one with <see cref="torch.NewDisposeScope"/>; every member but <see cref="Dispose"/> and <see cref="Contains"/> throws
    /// <see cref="ObjectDisposedException"/> after the scope has ended.
    /// </summary>
    public sealed partial class DisposeScope : IDisposable
    {
        private DisposeScopeManager? manager;

        internal DisposeScope(DisposeScopeManager manager)
        {
            this.manager = manager;
            Outer = manager.Innermost;
        }

        internal DisposeScope? Outer { get; set; }

        internal HashSet<IDisposable> Held { get; private set; } = new(ReferenceEqualityComparer.Instance);

        /// <summary>A copy of the list of what the scope holds now.</summary>
        public IReadOnlyList<IDisposable> DisposablesView
        {
            get
            {
                _ = Open();
                return Held.ToArray();
            }
        }

        /// <summary>How many disposables the scope holds now.</summary>
        public int DisposablesCount
        {
            get
            {
                _ = Open();
                return Held.Count;
            }
        }

        /// <summary>Whether the scope holds this disposable.</summary>
        public bool Contains(IDisposable disposable) => Held.Contains(disposable);

        /// <summary>Disposes everything the scope holds and closes it. A second call does nothing.</summary>
        public void Dispose()
        {
            if (manager is null) return;
            DisposeEverything();
            manager.Close(this);
            manager = null;
        }

        /// <summary>Disposes everything the scope holds; the scope stays open.</summary>
        public void DisposeEverything() => DisposeEverythingBut(Enumerable.Empty<IDisposable>());

        /// <summary>Disposes everything the scope holds except <paramref name="inKeep"/>, which it holds afterwards.</summary>
        public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
        {
            _ = Open();
            var old = Held;
            // The set is replaced first, because each disposal reports back and removes itself from it.
            Held = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
            foreach (var disposable in old)
            {
                if (!Held.Contains(disposable)) disposable.Dispose();
            }
        }

        /// <summary>Forgets a disposable that was disposed by hand.</summary>
        public void MarkAsDisposed(IDisposable disposable)
        {
            _ = Open();
            Forget(disposable);
        }

        /// <summary>Gives disposables to this scope, taking them out of the scope that held them.</summary>
        /// <exception cref="InvalidOperationException">A disposable is not a tensor.</exception>
        public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
        {
            var counts = Open().Tensors;
            var attached = new List<IDisposable>();
            foreach (var disposable in disposables)
            {
                if (Take(disposable)) counts.AttachedToScopeCount++;
                attached.Add(disposable);
            }

            return attached;
        }

        /// <summary>Takes disposables out of this scope for good: their owner disposes them. Others are left alone.</summary>
        public void Detach(IEnumerable<IDisposable> disposables)
        {
            var counts = Open().Tensors;
            foreach (var disposable in disposables)
            {
                if (!Held.Remove(disposable)) continue;
                counts.DetachedFromScopeCount++;
                ((torch.Tensor)disposable).OwningDisposeScope = null;
            }
        }

        /// <summary>Moves disposables that this scope holds to <paramref name="scope"/>; null detaches them.</summary>
        public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
        {
            _ = Open();
            if (scope is null)
            {
                Detach(disposables);
                return;
            }

            foreach (var disposable in disposables)
            {
                if (Held.Remove(disposable)) scope.Take(disposable);
            }
        }

        /// <summary>Moves disposables that this scope holds to the scope around it; without one they are detached.</summary>
        public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(Outer, disposables);

        internal void Forget(IDisposable disposable)
        {
            Held.Remove(disposable);
            if (disposable is torch.Tensor tensor) tensor.OwningDisposeScope = null;
        }

        private DisposeScopeManager Open() => manager ?? throw new ObjectDisposedException(nameof(DisposeScope));

        private bool Take(IDisposable disposable)
        {
            if (disposable is not torch.Tensor tensor) throw new InvalidOperationException("A DisposeScope manages tensors only.");
            Held.Add(tensor);
            var old = tensor.OwningDisposeScope;
            if (ReferenceEquals(old, this)) return false;
            old?.Held.Remove(tensor);
            tensor.OwningDisposeScope = this;
            return true;
        }
    }
}
