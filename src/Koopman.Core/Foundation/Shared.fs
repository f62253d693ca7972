namespace Koopman

open System

/// <summary>
/// A reference-counted object that several others may use, such as the observables of many models. Its creator holds a reference, released by
/// <c>Dispose</c>; a model holds references to its parts until it is itself disposed. The last release frees the object, so neither has to outlive
/// the other.
/// </summary>
[<AbstractClass>]
type Shared() =
    let gate = obj ()
    let mutable holders = 1
    let mine = ref true

    /// Releases one reference, once.
    let letGo (this: Shared) (holds: bool ref) : unit =
        let isLast =
            lock gate (fun () ->
                if holds.Value then
                    holds.Value <- false
                    holders <- holders - 1
                    holders = 0
                else
                    false)

        if isLast then
            this.Free()

    /// <summary>Frees the resources of the object. Called once, after the last release.</summary>
    abstract Free: unit -> unit

    default _.Free() : unit = ()

    /// Adds a reference, which can be released once.
    member internal this.Hold() : IDisposable =
        lock gate (fun () ->
            ObjectDisposedException.ThrowIf((holders = 0), this)
            holders <- holders + 1)

        let holds = ref true

        { new IDisposable with
            member _.Dispose() : unit = letGo this holds
        }

    /// Transfers the creator's reference to a combination that contains the object; the creator need not dispose it any more.
    member internal this.Take() : IDisposable =
        let hold = this.Hold()
        this.Dispose()
        hold

    /// <summary>Releases the object: it is freed now, or with the last model that uses it. May be repeated.</summary>
    member this.Dispose() : unit = letGo this mine

    interface IDisposable with
        /// <summary>Releases the object.</summary>
        member this.Dispose() : unit = this.Dispose()
