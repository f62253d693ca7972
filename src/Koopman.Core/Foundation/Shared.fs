namespace Koopman

open System

/// <summary>
/// Something that several objects may use, such as the observables of many models, and that is freed when the last of them lets go of it. Whoever makes it holds it
/// and lets go by disposing of it; a model holds what it is made of until the model is disposed of. So neither has to outlive the other.
/// </summary>
[<AbstractClass>]
type Shared() =
    let gate = obj ()
    let mutable holders = 1
    let mine = ref true

    /// One holder lets go, once.
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

    /// <summary>Frees what the object holds. Called once, when nothing uses it any more.</summary>
    abstract Free: unit -> unit

    default _.Free() : unit = ()

    /// One more holder, which lets go once.
    member internal this.Hold() : IDisposable =
        lock gate (fun () ->
            ObjectDisposedException.ThrowIf((holders = 0), this)
            holders <- holders + 1)

        let holds = ref true

        { new IDisposable with
            member _.Dispose() : unit = letGo this holds
        }

    /// The maker's hold goes over to something that the object becomes a part of: the maker need not let go any more.
    member internal this.Take() : IDisposable =
        let hold = this.Hold()
        this.Dispose()
        hold

    /// <summary>Lets go of the object: it is freed now, or with the last model that uses it. Harmless when repeated.</summary>
    member this.Dispose() : unit = letGo this mine

    interface IDisposable with
        /// <summary>Lets go of the object.</summary>
        member this.Dispose() : unit = this.Dispose()
