namespace Koopman.Cli

open System
open System.CommandLine
open System.Globalization
open System.CommandLine.Parsing
open Koopman
open Koopman.Formats

/// <summary>Building blocks of the tool's commands.</summary>
[<RequireQualifiedAccess>]
module Verb =

    /// <summary>Exit codes: 0 done, 2 the request cannot be met (one sentence says why), 130 interrupted.</summary>
    [<Literal>]
    let Refused = 2

    /// 0,1 is an error, not 1.
    let private number (result: ArgumentResult) : float =
        let text = result.Tokens[0].Value

        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value -> value
        | _ ->
            let remedy =
                if text.Contains ',' then
                    " Write decimals with a point, as in 0.1."
                else
                    ""

            result.AddError $"'{text}' is not a number.{remedy}"
            nan

    let private strict (option: Option<'T>) : Option<'T> =
        match box option with
        | :? Option<float> as numeric -> numeric.CustomParser <- number
        | _ -> ()

        option

    /// <summary>An optional option without a default.</summary>
    let optional (name: string) (description: string) : Option<'T> =
        Option<'T>(name, Description = description) |> strict

    /// <summary>An option with a default.</summary>
    let withDefault (name: string) (value: 'T) (description: string) : Option<'T> =
        Option<'T>(name, Description = description, DefaultValueFactory = (fun _ -> value))
        |> strict

    /// <summary>An optional list of whole numbers above 0, as in 2,4,8.</summary>
    let wholes (name: string) (description: string) : Option<int[]> =
        let option = Option<int[]>(name, Description = description)

        option.CustomParser <-
            fun result ->
                let text = result.Tokens[0].Value

                let numbers =
                    text.Split ','
                    |> Array.map (fun part ->
                        match Int32.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture) with
                        | true, value when value > 0 -> Some value
                        | _ -> None)

                if Array.forall Option.isSome numbers then
                    Array.map Option.get numbers
                else
                    result.AddError $"'{text}' is not a list of whole numbers above 0. Write it as in 2,4,8."
                    [||]

        option

    /// <summary>A positional argument.</summary>
    let argument (name: string) (description: string) : Argument<string> =
        Argument<string>(name, Description = description)

    /// <summary>One or more files.</summary>
    let files (name: string) (description: string) : Argument<string[]> =
        let argument =
            Argument<string[]>(name, Description = description, Arity = ArgumentArity.OneOrMore)

        // An option that there is not would be one more file.
        argument.Validators.Add(fun result ->
            for token in result.Tokens do
                if
                    token.Value.StartsWith("--", StringComparison.Ordinal)
                    && not (IO.File.Exists token.Value)
                then
                    result.AddError $"Unrecognized option '{token.Value}'.")

        argument

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

    /// <summary>The options that say how a data file is to be understood, and what was given of them.</summary>
    let reading () : Symbol list * (ParseResult -> ReadOptions) =
        let columns: Option<string> =
            optional "--columns" "The columns of the state, as in a,b; those without a header are x1, x2, ..."

        let time: Option<string> =
            optional "--time" "The column of the times (default: t, time or timestamp)."

        let inputs: Option<string> =
            optional "--inputs" "The columns of the inputs, as in u,v (default: those whose names begin with input:)."

        let trajectory: Option<string> =
            optional "--trajectory" "The column that names trajectories (default: trajectory, run or id)."

        let layout: Option<string> =
            optional
                "--layout"
                "The axes of an array: frames (n, ...), trajectories (k, n, ...) or transposed (d, n). Default: trajectories for three axes with times, else frames."

        let missing: Option<string> =
            optional
                "--missing"
                "Rows with missing values: refuse (default), cut trajectories there, or fill stretches of up to 48 rows from the rows around them."

        let units: Option<(string * string) list> =
            Option<(string * string) list>(
                "--units",
                Description =
                    "Units of columns, as in a=m,b=m/s; time=s is the unit of the times, whatever their column is called."
            )

        units.CustomParser <-
            fun result ->
                let text = result.Tokens[0].Value

                let parts =
                    text.Split(',', StringSplitOptions.RemoveEmptyEntries)
                    |> Array.map (fun part ->
                        match part.Split('=', 2) with
                        | [| name; unit |] when name.Trim() <> "" && unit.Trim() <> "" ->
                            Some(name.Trim(), unit.Trim())
                        | _ -> None)

                if parts.Length > 0 && Array.forall Option.isSome parts then
                    parts |> Array.map Option.get |> List.ofArray
                else
                    result.AddError $"'{text}' is not a list of units. Write it as in a=m,time=s."
                    []

        layout.AcceptOnlyFromAmong("frames", "trajectories", "transposed") |> ignore
        missing.AcceptOnlyFromAmong("refuse", "cut", "fill") |> ignore

        [ columns; time; inputs; trajectory; layout; missing; units ],
        fun parsed ->
            let list (option: Option<string>) =
                given parsed option
                |> Option.map (fun names ->
                    names.Split(',', StringSplitOptions.RemoveEmptyEntries ||| StringSplitOptions.TrimEntries))
                |> Option.map List.ofArray
                |> Option.defaultValue []

            { Dataset.defaults with
                Formats = FileFormats.all
                Columns = list columns
                Time = given parsed time
                Inputs = list inputs
                Units = given parsed units |> Option.defaultValue []
                Trajectory = given parsed trajectory
                Layout =
                    given parsed layout
                    |> Option.map (fun name -> Enum.Parse<ArrayLayout>(name, true))
                Missing =
                    given parsed missing
                    |> Option.map (fun name -> Enum.Parse<MissingValues>(name, true))
                    |> Option.defaultValue MissingValues.Refuse
            }

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

        let command = parsed.CommandResult.Command

        if
            parsed.Errors.Count > 0
            && parsed.UnmatchedTokens.Count > 0
            && command.Subcommands.Count > 0
        then
            let known =
                String.Join(", ", command.Subcommands |> Seq.filter (_.Hidden >> not) |> Seq.map _.Name)

            Ui.fail
                $"There is no command '{parsed.UnmatchedTokens[0]}'. Give one of {known}; 'koopman --help' describes them."

            Refused
        elif parsed.Errors.Count > 0 then
            // Lists of values have a line each.
            let message =
                String.Join(
                    ' ',
                    parsed.Errors[0].Message.Split(Array.empty<char>, StringSplitOptions.RemoveEmptyEntries)
                )

            Ui.fail $"{message} '{root.Name} --help' lists commands and options."
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
            | e when (e :? IO.IOException || e :? UnauthorizedAccessException) ->
                Ui.fail $"{e.Message} Check that standard output is open, and that the working folder exists."
                Refused
            | :? OutOfMemoryException ->
                Ui.fail "There is not enough memory for these data. Take fewer of them."
                Refused
