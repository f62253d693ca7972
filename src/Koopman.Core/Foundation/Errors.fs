namespace Koopman

open System

/// <summary>The kind of a foreseeable failure, <see cref="T:Koopman.KoopmanError"/>.</summary>
type ErrorKind =
    /// <summary>A setting or argument lies outside its range.</summary>
    | InvalidSetting = 0
    /// <summary>There are fewer samples than the method needs.</summary>
    | TooFewSamples = 1
    /// <summary>Data or a result holds NaN or infinity.</summary>
    | NotFinite = 2
    /// <summary>Two shapes that must agree do not.</summary>
    | ShapeMismatch = 3
    /// <summary>A matrix is singular, or too close to it, for the method.</summary>
    | IllConditioned = 4
    /// <summary>An iteration ended before it reached its tolerance.</summary>
    | NotConverged = 5
    /// <summary>An iteration grew without bound.</summary>
    | Diverged = 6
    /// <summary>A file or folder does not exist.</summary>
    | MissingFile = 7
    /// <summary>A file exists but is damaged, truncated or of another kind.</summary>
    | UnreadableFile = 8
    /// <summary>A file cannot be written; what was there before is unchanged.</summary>
    | UnwritableFile = 9
    /// <summary>A stored model or checkpoint does not belong to the settings it is used with.</summary>
    | CheckpointMismatch = 10
    /// <summary>A native library is missing, or this system cannot load it.</summary>
    | MissingLibrary = 11

/// <summary>A foreseeable failure: its kind, cause and remedy.</summary>
[<StructuralEquality; NoComparison>]
type KoopmanError =
    {
        /// <summary>The kind of failure, to branch on.</summary>
        Kind: ErrorKind
        /// <summary>The cause, as one sentence without its full stop, with the relevant numbers.</summary>
        Cause: string
        /// <summary>The remedy, as one sentence without its full stop.</summary>
        Remedy: string
    }

    /// <summary>Cause and remedy, as shown to the user.</summary>
    member this.Message: string = $"{this.Cause}. {this.Remedy}."

    override this.ToString() : string = this.Message

/// <summary>The exception form of a <see cref="T:Koopman.KoopmanError"/>: thrown to C# callers and to scripts that do not inspect results.</summary>
[<Sealed>]
type KoopmanException(error: KoopmanError) =
    inherit Exception(error.Message)

    /// <summary>The kind of failure, to branch on.</summary>
    member _.Kind: ErrorKind = error.Kind

    /// <summary>The failure itself.</summary>
    member _.Error: KoopmanError = error

/// <summary>A value, or a foreseeable failure in its place.</summary>
type Outcome<'T> = Result<'T, KoopmanError>

/// <summary>Makes errors.</summary>
[<RequireQualifiedAccess>]
module KoopmanError =

    /// <summary>An error of the given kind.</summary>
    let create (kind: ErrorKind) (cause: string) (remedy: string) : KoopmanError =
        {
            Kind = kind
            Cause = cause
            Remedy = remedy
        }

    /// <summary>A failed outcome of the given kind.</summary>
    let fail (kind: ErrorKind) (cause: string) (remedy: string) : Outcome<'T> = Error(create kind cause remedy)

/// <summary>Functions on outcomes, in addition to those of <c>Result</c>.</summary>
[<RequireQualifiedAccess>]
module Outcome =

    /// <summary>The value, for those who prefer exceptions: scripts, tests, callers from C#.</summary>
    /// <exception cref="T:Koopman.KoopmanException">The outcome is an error.</exception>
    let get (outcome: Outcome<'T>) : 'T =
        match outcome with
        | Ok value -> value
        | Error error -> raise (KoopmanException error)

    /// <summary>The values for all items in their order, or the first error.</summary>
    let collect (work: 'a -> Outcome<'b>) (items: 'a seq) : Outcome<'b list> =
        (Ok [], items)
        ||> Seq.fold (fun so item ->
            so
            |> Result.bind (fun found -> work item |> Result.map (fun value -> value :: found)))
        |> Result.map List.rev

/// <summary>Chains steps that may fail: <c>result { let! x = ... }</c>.</summary>
[<Sealed>]
type internal ResultBuilder() =
    member _.Bind(x: Outcome<'a>, f: 'a -> Outcome<'b>) : Outcome<'b> = Result.bind f x
    member _.Return(x: 'a) : Outcome<'a> = Ok x
    member _.ReturnFrom(x: Outcome<'a>) : Outcome<'a> = x
    member _.Zero() : Outcome<unit> = Ok()
    member _.Delay(f: unit -> Outcome<'a>) : unit -> Outcome<'a> = f
    member _.Run(f: unit -> Outcome<'a>) : Outcome<'a> = f ()
    member _.Combine(first: Outcome<unit>, rest: unit -> Outcome<'a>) : Outcome<'a> = Result.bind rest first

    member _.Using(resource: 'r, body: 'r -> Outcome<'a>) : Outcome<'a> when 'r :> IDisposable =
        use r = resource
        body r

/// <summary>The computation expression <c>result { ... }</c>, available wherever <c>Koopman</c> is open.</summary>
[<AutoOpen>]
module internal ResultExpression =
    /// <summary>Chains steps that may fail with a <see cref="T:Koopman.KoopmanError"/>.</summary>
    let result = ResultBuilder()
