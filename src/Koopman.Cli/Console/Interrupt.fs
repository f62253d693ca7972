namespace Koopman.Cli

open System
open System.Runtime.InteropServices
open System.Threading

/// <summary>Ctrl-C and termination requests as a cancellation token, so that long work can save its state.</summary>
[<RequireQualifiedAccess>]
module Interrupt =

    let private source = new CancellationTokenSource()

    let private registrations: Lazy<IDisposable list> =
        lazy
            ([ PosixSignal.SIGINT; PosixSignal.SIGTERM ]
             |> List.map (fun signal ->
                 PosixSignalRegistration.Create(
                     signal,
                     fun context ->
                         // A second one ends the process as usual.
                         if not source.IsCancellationRequested then
                             context.Cancel <- true
                             source.Cancel()
                 )
                 :> IDisposable))

    /// <summary>A token cancelled at the first interruption after the call; a second one ends the process.</summary>
    let token () : CancellationToken =
        registrations.Force() |> ignore
        source.Token
