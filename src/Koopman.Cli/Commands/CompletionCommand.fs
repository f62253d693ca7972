namespace Koopman.Cli

open System
open System.CommandLine
open System.CommandLine.Completions
open System.Text
open Koopman

/// <summary><c>koopman completion</c>: scripts that complete commands, options and their values in shells, made of the tool's own commands.</summary>
[<RequireQualifiedAccess>]
module CompletionCommand =

    /// <summary>The shells.</summary>
    let shells: string list = [ "bash"; "zsh"; "fish" ]

    /// A command by the words that name it, with its commands, and its options with their values.
    [<NoComparison; NoEquality>]
    type private Entry =
        {
            Words: string list
            Commands: (string * string) list
            Options: (string * string * string list) list
        }

    let private firstLine (text: string | null) : string =
        match text with
        | null -> ""
        | text -> (text.Split '\n')[0]

    /// Values that are listed; flags take true and false.
    let private values (option: Option) : string list =
        if option.ValueType = typeof<bool> then
            [ "true"; "false" ]
        else
            option.GetCompletions CompletionContext.Empty |> Seq.map _.Label |> List.ofSeq

    let rec private entries (words: string list) (command: Command) : Entry list =
        let inner = command.Subcommands |> Seq.filter (_.Hidden >> not) |> List.ofSeq

        {
            Words = words
            Commands = inner |> List.map (fun c -> c.Name, firstLine c.Description)
            Options =
                [
                    for option in command.Options do
                        if not option.Hidden && option.Name.StartsWith("--", StringComparison.Ordinal) then
                            option.Name, firstLine option.Description, values option
                    if words <> [] then
                        "--help", "Show help.", []
                ]
                |> List.distinctBy (fun (name, _, _) -> name)
        }
        :: (inner |> List.collect (fun c -> entries (words @ [ c.Name ]) c))

    let private path (entry: Entry) : string = String.Join(' ', entry.Words)

    let private lines (text: string seq) : string = String.Join("\n", text) + "\n"

    let private bash (all: Entry list) : string =
        lines
            [
                "# Completion of koopman for bash: source <(koopman completion bash)"
                "_koopman() {"
                "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path= i next"
                "    for ((i = 1; i < COMP_CWORD; i++)); do"
                "        next=\"${path:+$path }${COMP_WORDS[i]}\""
                "        case $next in"
                for entry in all do
                    if entry.Words <> [] then
                        $"            '{path entry}') path=$next ;;"
                "        esac"
                "    done"
                "    case \"$path $before\" in"
                for entry in all do
                    for name, _, values in entry.Options do
                        if not values.IsEmpty then
                            let listed = String.Join(' ', values)
                            $"        '{path entry} {name}') COMPREPLY=($(compgen -W '{listed}' -- \"$word\")); return ;;"
                "    esac"
                "    case $path in"
                for entry in all do
                    let words =
                        (entry.Commands |> List.map fst)
                        @ (entry.Options |> List.map (fun (name, _, _) -> name))

                    let listed = String.Join(' ', words)
                    $"        '{path entry}') COMPREPLY=($(compgen -W '{listed}' -- \"$word\")) ;;"
                "    esac"
                "}"
                "complete -o bashdefault -o default -F _koopman koopman"
            ]

    /// zsh completes by the functions of bash.
    let private zsh (all: Entry list) : string =
        lines
            [
                "# Completion of koopman for zsh: source <(koopman completion zsh)"
                "autoload -Uz compinit bashcompinit && compinit && bashcompinit"
                (bash all).TrimEnd()
            ]

    let private quoted (text: string) : string =
        "'" + text.Replace("\\", "\\\\").Replace("'", "\\'") + "'"

    let private fish (all: Entry list) : string =
        let condition (entry: Entry) : string =
            match entry.Words, entry.Commands with
            | [], _ -> "__fish_use_subcommand"
            | words, [] ->
                words
                |> List.map (fun word -> $"__fish_seen_subcommand_from {word}")
                |> fun parts -> String.Join("; and ", parts)
            | words, inner ->
                let names = String.Join(' ', inner |> List.map fst)
                $"__fish_seen_subcommand_from {List.last words}; and not __fish_seen_subcommand_from {names}"

        lines
            [
                "# Completion of koopman for fish: koopman completion fish | source"
                for entry in all do
                    for name, description in entry.Commands do
                        $"complete -c koopman -f -n {quoted (condition entry)} -a {name} -d {quoted description}"

                    for name, description, values in entry.Options do
                        let listed =
                            if values.IsEmpty then
                                ""
                            else
                                " -x -a " + quoted (String.Join(' ', values))

                        $"complete -c koopman -n {quoted (condition entry)} -l {name.Substring 2}{listed} -d {quoted description}"
            ]

    /// <summary>The command; it completes the commands of this root.</summary>
    let create (root: Command) : Command =
        let shell = Verb.argument "shell" ("One of " + String.Join(", ", shells) + ".")

        Verb.command
            "completion"
            "Print a script that completes commands, options and their values in a shell."
            [ shell ]
            (fun p ->
                let all = entries [] root

                match p.GetRequiredValue shell with
                | "bash" -> Ok(Ui.say ((bash all).TrimEnd()))
                | "zsh" -> Ok(Ui.say ((zsh all).TrimEnd()))
                | "fish" -> Ok(Ui.say ((fish all).TrimEnd()))
                | other ->
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"There is no completion for '{other}'"
                        ("Choose one of " + String.Join(", ", shells)))
