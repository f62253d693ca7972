using System;
using System.Collections.Generic;

namespace TorchSharp
{
    // One, two, three or any number of disposables: what the few are is handed back, so that a call can end in `return scope.MoveToOuter(x)`.
    public sealed partial class DisposeScope
    {
        /// <summary>Gives a disposable to this scope.</summary>
        public void Attach(IDisposable disposable) => Attach((IEnumerable<IDisposable>)[disposable]);

        /// <summary>Gives disposables to this scope.</summary>
        public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

        /// <inheritdoc cref="Detach(IEnumerable{IDisposable})"/>
        public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

        /// <inheritdoc cref="Detach(IEnumerable{IDisposable})"/>
        public T Detach<T>(T disposable) where T : IDisposable
        {
            Detach((IEnumerable<IDisposable>)[disposable]);
            return disposable;
        }

        /// <inheritdoc cref="Detach(IEnumerable{IDisposable})"/>
        public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
        {
            Detach((IEnumerable<IDisposable>)[first, second]);
            return (first, second);
        }

        /// <inheritdoc cref="Detach(IEnumerable{IDisposable})"/>
        public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
            where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
        {
            Detach((IEnumerable<IDisposable>)[first, second, third]);
            return (first, second, third);
        }

        /// <inheritdoc cref="MoveToOuter(IEnumerable{IDisposable})"/>
        public void MoveToOuter(params IDisposable[] disposables) => MoveToOuter((IEnumerable<IDisposable>)disposables);

        /// <inheritdoc cref="MoveToOuter(IEnumerable{IDisposable})"/>
        public T MoveToOuter<T>(T disposable) where T : IDisposable
        {
            MoveToOuter((IEnumerable<IDisposable>)[disposable]);
            return disposable;
        }

        /// <inheritdoc cref="MoveToOuter(IEnumerable{IDisposable})"/>
        public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
        {
            MoveToOuter((IEnumerable<IDisposable>)[first, second]);
            return (first, second);
        }

        /// <inheritdoc cref="MoveToOuter(IEnumerable{IDisposable})"/>
        public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
            where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
        {
            MoveToOuter((IEnumerable<IDisposable>)[first, second, third]);
            return (first, second, third);
        }

        /// <inheritdoc cref="MoveToOther(DisposeScope, IEnumerable{IDisposable})"/>
        public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
            MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

        /// <inheritdoc cref="MoveToOther(DisposeScope, IEnumerable{IDisposable})"/>
        public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
        {
            MoveToOther(scope, (IEnumerable<IDisposable>)[disposable]);
            return disposable;
        }

        /// <inheritdoc cref="MoveToOther(DisposeScope, IEnumerable{IDisposable})"/>
        public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second)
            where T1 : IDisposable where T2 : IDisposable
        {
            MoveToOther(scope, (IEnumerable<IDisposable>)[first, second]);
            return (first, second);
        }

        /// <inheritdoc cref="MoveToOther(DisposeScope, IEnumerable{IDisposable})"/>
        public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
            where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
        {
            MoveToOther(scope, (IEnumerable<IDisposable>)[first, second, third]);
            return (first, second, third);
        }

        /// <inheritdoc cref="DisposeEverythingBut(IEnumerable{IDisposable})"/>
        public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

        /// <inheritdoc cref="DisposeEverythingBut(IEnumerable{IDisposable})"/>
        public T DisposeEverythingBut<T>(T keep) where T : IDisposable
        {
            DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
            return keep;
        }

        /// <inheritdoc cref="DisposeEverythingBut(IEnumerable{IDisposable})"/>
        public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
        {
            DisposeEverythingBut((IEnumerable<IDisposable>)[first, second]);
            return (first, second);
        }

        /// <inheritdoc cref="DisposeEverythingBut(IEnumerable{IDisposable})"/>
        public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
            where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
        {
            DisposeEverythingBut((IEnumerable<IDisposable>)[first, second, third]);
            return (first, second, third);
        }
    }
}
