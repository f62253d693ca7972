using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>What fitting a model to data comes to behind every <c>Fit</c>, <c>TryFit</c> and <c>FitAsync</c>: ask Core, wrap its answer.</summary>
internal sealed class FitPath<TData, TCore, TModel>(
    Func<ObservableSet, TData, FSharpResult<TCore, KoopmanError>> ask,
    Func<TCore, ObservableSet, TModel> wrap)
    where TData : class
    where TModel : class, IDisposable
{
    public TModel Fit(ObservableSet observables, TData data) => wrap(Ask(observables, data).OrThrow(), observables);

    public bool TryFit(ObservableSet observables, TData data, out TModel? model, out KoopmanError? error) =>
        Ask(observables, data).TryGet(core => wrap(core, observables), out model, out error);

    public Task<TModel> FitAsync(ObservableSet observables, TData data, CancellationToken cancellation) =>
        OwnThread.RunWhole(() => Fit(observables, data), cancellation);

    private FSharpResult<TCore, KoopmanError> Ask(ObservableSet observables, TData data)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(data);
        return ask(observables, data);
    }
}
