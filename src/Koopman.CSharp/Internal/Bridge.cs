using System;
using Microsoft.FSharp.Core;

namespace Koopman.CSharp;

/// <summary>Crosses between F#'s results and options and what C# has in their place.</summary>
internal static class Bridge
{
    /// <summary>The value of a result, or a <see cref="KoopmanException"/>.</summary>
    public static T OrThrow<T>(this FSharpResult<T, KoopmanError> result) => Outcome.get(result);

    /// <summary>The wrapped value of a result, or what went wrong.</summary>
    public static bool TryGet<TCore, T>(this FSharpResult<TCore, KoopmanError> result, Func<TCore, T> wrap, out T? value, out KoopmanError? error)
        where T : class
    {
        value = result.IsOk ? wrap(result.ResultValue) : null;
        error = result.IsOk ? null : result.ErrorValue;
        return result.IsOk;
    }

    public static FSharpOption<T>? ToOption<T>(this T? value)
        where T : struct => value is { } given ? FSharpOption<T>.Some(given) : null;

    public static FSharpOption<T>? ToOption<T>(this T? value)
        where T : class => value is null ? null : FSharpOption<T>.Some(value);

    public static T? ToNullable<T>(this FSharpOption<T>? option)
        where T : struct => option?.Value;

    public static FSharpFunc<T, Unit> ToFunction<T>(Action<T> action) =>
        FSharpFunc<T, Unit>.FromConverter(value =>
        {
            action(value);
            return null!;
        });

    public static FSharpFunc<T, bool> ToFunction<T>(Predicate<T> predicate) =>
        FSharpFunc<T, bool>.FromConverter(value => predicate(value));

    /// <summary>A function of the caller's as Core takes it: what it throws over the data is an error like any other.</summary>
    public static FSharpFunc<T, FSharpResult<TResult, KoopmanError>> ToResult<T, TResult>(Func<T, TResult> function) =>
        FSharpFunc<T, FSharpResult<TResult, KoopmanError>>.FromConverter(value =>
        {
            try
            {
                return FSharpResult<TResult, KoopmanError>.NewOk(function(value));
            }
            catch (KoopmanException exception)
            {
                return FSharpResult<TResult, KoopmanError>.NewError(exception.Error);
            }
        });
}
