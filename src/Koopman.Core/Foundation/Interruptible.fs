namespace Koopman

open System
open System.Threading
open System.Threading.Tasks

/// <summary>Makes work that is one long call of a native library cancellable.</summary>
[<RequireQualifiedAccess>]
module Interruptible =

    /// <summary>
    /// Runs work on a thread of its own and waits for it. A cancellation ends the wait at once with <see cref="T:System.OperationCanceledException"/>;
    /// the work itself, which cannot be stopped, goes on to its end, and its result is freed. Without a token that can be cancelled it runs on the caller's thread.
    /// </summary>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <param name="uses">What the work reads: it is kept alive until the work ends, also if the caller disposes it earlier.</param>
    /// <param name="work">The work.</param>
    let run
        (cancellation: CancellationToken)
        (uses: Shared list)
        (work: unit -> Outcome<'T>)
        : Outcome<'T> when 'T :> IDisposable =
        if not cancellation.CanBeCanceled then
            work ()
        else
            cancellation.ThrowIfCancellationRequested()
            let holds = uses |> List.map _.Hold()

            let held () =
                try
                    work ()
                finally
                    holds |> List.iter _.Dispose()

            let running =
                Task.Factory.StartNew(
                    held,
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning ||| TaskCreationOptions.DenyChildAttach,
                    TaskScheduler.Default
                )

            try
                running.Wait cancellation
            with
            | :? OperationCanceledException ->
                running.ContinueWith(fun (late: Task<Outcome<'T>>) ->
                    if late.IsCompletedSuccessfully then
                        late.Result |> Result.iter (fun result -> (result :> IDisposable).Dispose()))
                |> ignore

                reraise ()
            // Raised below, as it is.
            | :? AggregateException -> ()

            running.GetAwaiter().GetResult()
