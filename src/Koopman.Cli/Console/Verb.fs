namespace Koopman.Cli

open System
open System.CommandLine
open System.CommandLine.Parsing
open Koopman

/// <summary>Building blocks of the tool's commands.</summary>
[<RequireQualifiedAccess>]
module Verb =

    /// <summary>Exit codes: 0 done, 2 the request cannot be met (one sentence says why), 130 interrupted.</summary>
    [<Literal>]
    let Refused = 2

    /// <summary>An optional option without a default.</summary>
    let optional (name: string) (description: string) : Option<'T> =
        Option<'T>(name, Description = description)

    /// <summary>An option with a default.</summary>
    let withDefault (name: string) (value: 'T) (description: string) : Option<'T> =
        Option<'T>(name, Description = description, DefaultValueFactory = (fun _ -> value))

    /// <summary>A positional argument.</summary>
    let argument (name: string) (description: string) : Argument<string> =
        Argument<string>(name, Description = description)

    /// <summary>The option <c>--seed</c>.</summary>
    let seed () : Option<int> =
        withDefault "--seed" 1 "The random seed; equal seeds give equal results."

    /// <summary>The option <c>--json</c>.</summary>
    let json () : Option<string> =
        optional "--json" "Write the numbers to this file as JSON."

    /// <summary>The option <c>--report</c>.</summary>
    let page () : Option<string> =
        optional "--report" "Write a report with charts to this HTML file."

    /// <summary>The value of an option that has no default.</summary>
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

    /// <summary>A command with arguments, options and an action.</summary>
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

    /// <summary>Runs the command that the arguments name. Foreseeable errors print a message, not a stack trace; anything else is a defect and is
    /// not caught.</summary>
    let main (root: Command) (arguments: string[]) : int =
        let parsed = root.Parse arguments

        if parsed.Errors.Count > 0 then
            Ui.fail $"{parsed.Errors[0].Message} '{root.Name} --help' lists commands and options."
            Refused
        else
            try
                parsed.Invoke(InvocationConfiguration(EnableDefaultExceptionHandler = false))
            with
            | :? KoopmanException as e ->
                Ui.fail e.Message
                Refused
            | :? OperationCanceledException ->
                Ui.fail "interrupted"
                130
