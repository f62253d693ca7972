module Koopman.Experiments.Program

open System
open System.CommandLine
open Koopman.Cli

let private root (commandLine: string) : Command =
    let json = Verb.json ()

    let reproduce =
        let seed, page = Verb.seed (), Verb.page ()

        let quick =
            Verb.withDefault "--quick" false "A smaller run of less than a minute, with the same metrics."

        let name =
            Verb.argument "name" ("The experiment:\n" + ReproduceCommand.describeAll ())

        Verb.command
            "reproduce"
            "Reproduce the numbers quoted in the documentation."
            [ name; quick; seed; json; page ]
            (fun p ->
                ReproduceCommand.run
                    commandLine
                    (p.GetRequiredValue name)
                    (if p.GetRequiredValue quick then Size.Quick else Size.Full)
                    (p.GetRequiredValue seed)
                    (Verb.given p json)
                    (Verb.given p page))

    let bench =
        let name =
            Verb.argument "name" ("The table: " + String.Join(", ", BenchCommand.names) + ".")

        let only: Option<string> =
            Verb.optional "--only" "Rows of one kind, such as edmd, iteration or teacher."

        let quick = Verb.withDefault "--quick" false "Smaller sizes and fewer runs."

        Verb.command
            "bench"
            "Time estimators, particles or flows, with a lower bound for each."
            [ name; only; quick; json ]
            (fun p ->
                BenchCommand.run
                    (p.GetRequiredValue name)
                    (Verb.given p only)
                    (p.GetRequiredValue quick)
                    (Verb.given p json))

    let root =
        RootCommand "Koopman for .NET: reproduces the numbers and times quoted in the documentation."

    root.Add reproduce
    root.Add bench
    root

[<EntryPoint>]
let main (arguments: string[]) : int =
    Verb.main (root (Run.commandLine arguments)) arguments
