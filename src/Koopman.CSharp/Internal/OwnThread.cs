using System;
using System.Threading;
using System.Threading.Tasks;

namespace Koopman;

/// <summary>Runs long work on its own thread: dispose scopes belong to threads, and the thread pool stays free.</summary>
internal static class OwnThread
{
    public static Task<T> Run<T>(Func<T> work, CancellationToken cancellation) =>
        Task.Factory.StartNew(
            work,
            cancellation,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);

    /// <summary>As <c>Run</c>, for work without cancellation: a result that arrives after cancellation is freed.</summary>
    public static Task<T> RunWhole<T>(Func<T> work, CancellationToken cancellation)
        where T : IDisposable =>
        Run(
            () =>
            {
                var result = work();
                if (cancellation.IsCancellationRequested)
                {
                    result.Dispose();
                    cancellation.ThrowIfCancellationRequested();
                }

                return result;
            },
            cancellation);
}
