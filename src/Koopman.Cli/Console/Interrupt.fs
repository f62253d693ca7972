namespace Koopman.Cli

open System
open System.Runtime.InteropServices
open System.Threading

/// <summary>Ctrl-C and a request to terminate, as a token that long work asks: it can then keep what it has.</summary>
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

    /// <summary>Cancelled at the first interruption after this was called; a second ends the process.</summary>
    let token () : CancellationToken =
        registrations.Force() |> ignore
        source.Token
