using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Microsoft.FSharp.Core;

namespace Koopman;

/// <summary>Converts between results, options and functions of F# and their C# counterparts.</summary>
internal static class Bridge
{
    /// <summary>The value of a result, or a <see cref="KoopmanException"/>.</summary>
    public static T OrThrow<T>(this FSharpResult<T, KoopmanError> result) =>
        result.IsOk ? result.ResultValue : throw new KoopmanException(result.ErrorValue.InCSharp());

    /// <summary>The value of a result, or its error.</summary>
    public static bool TryGet<T>(
        this FSharpResult<T, KoopmanError> result, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out KoopmanError? error)
        where T : class
    {
        value = result.IsOk ? result.ResultValue : null;
        error = result.IsOk ? null : result.ErrorValue.InCSharp();
        return result.IsOk;
    }

    public static FSharpOption<T>? ToOption<T>(this T? value)
        where T : struct => value is { } given ? FSharpOption<T>.Some(given) : null;

    public static FSharpOption<T>? ToOption<T>(this T? value)
        where T : class => value is null ? null : FSharpOption<T>.Some(value);

    public static T? ToNullable<T>(this FSharpOption<T>? option)
        where T : struct => option?.Value;

    public static Seed ToSeed(this int seed) => SeedModule.ofInt(seed);

    /// <summary>Progress and cancellation in Core's form.</summary>
    public static Control<T> ToControl<T>(this IProgress<T>? progress, CancellationToken cancellation) =>
        new(
            FSharpFunc<T, Unit>.FromConverter(now =>
            {
                progress?.Report(now);
                return null!;
            }),
            cancellation);

    public static FSharpFunc<T, bool> ToFunction<T>(this Predicate<T> predicate) =>
        FSharpFunc<T, bool>.FromConverter(value => predicate(value));

    public static ScalarField ToField(this Func<double[], double> function) => new(point => function(point.ToArray()));

    /// <summary>A user-supplied function for Core: its exceptions on data become errors like any other.</summary>
    public static FSharpFunc<T, FSharpResult<TResult, KoopmanError>> ToResult<T, TResult>(this Func<T, TResult> function) =>
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
