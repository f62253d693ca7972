namespace Koopman.Cli

open System
open System.CommandLine
open System.CommandLine.Parsing
open Koopman

/// <summary>What commands of the tool are made of.</summary>
[<RequireQualifiedAccess>]
module Verb =

    /// <summary>Exit codes: 0 done, 2 what was asked for cannot be done (one sentence says why), 130 interrupted.</summary>
    [<Literal>]
    let Refused = 2

    /// <summary>An option that need not be given.</summary>
    let optional (name: string) (description: string) : Option<'T> =
        Option<'T>(name, Description = description)

    /// <summary>An option with a default.</summary>
    let withDefault (name: string) (value: 'T) (description: string) : Option<'T> =
        Option<'T>(name, Description = description, DefaultValueFactory = (fun _ -> value))

    /// <summary>An argument in its place.</summary>
    let argument (name: string) (description: string) : Argument<string> =
        Argument<string>(name, Description = description)

    /// <summary>What the user gave for an option that has no default.</summary>
    let given (parsed: ParseResult) (option: Option<'T>) : 'T option =
        match parsed.GetResult option with
        | null -> None
        | _ -> Some(parsed.GetRequiredValue option)

    /// Runs a command's work and turns every outcome into an exit code.
    let private guarded (work: ParseResult -> Outcome<unit>) : Func<ParseResult, int> =
        Func<ParseResult, int>(fun parsed ->
            match work parsed with
            | Ok() -> 0
            | Error error ->
                Ui.fail error.Message
                Refused)

    /// <summary>A command of arguments and options, and what it does.</summary>
    let command
        (name: string)
        (description: string)
        (parts: Symbol list)
        (work: ParseResult -> Outcome<unit>)
        : Command =
        let command = Command(name, description)

        for part in parts do
            match part with
            | :? Argument as a -> command.Add a
            | :? Option as o -> command.Add o
            | other -> invalidArg (nameof parts) $"{other} is neither an argument nor an option"

        command.SetAction(guarded work)
        command
