module Koopman.Experiments.Program

open System
open System.CommandLine
open Koopman.Cli

let private root (commandLine: string) : Command =
    let json = Verb.json ()

    let reproduce =
        let seed, page = Verb.seed (), Verb.page ()

        let name =
            Verb.argument "name" ("The experiment:\n" + ReproduceCommand.describeAll ())

        Verb.command
            "reproduce"
            "Compute again the numbers that the documentation quotes."
            [ name; seed; json; page ]
            (fun p ->
                ReproduceCommand.run
                    commandLine
                    (p.GetRequiredValue name)
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
            "Measure how long estimators, particles or flows take, beside the floor under each."
            [ name; only; quick; json ]
            (fun p ->
                BenchCommand.run
                    (p.GetRequiredValue name)
                    (Verb.given p only)
                    (p.GetRequiredValue quick)
                    (Verb.given p json))

    let root =
        RootCommand "Koopman for .NET: the numbers and times that the documentation quotes, to be had again."

    root.Add reproduce
    root.Add bench
    root

[<EntryPoint>]
let main (arguments: string[]) : int =
    Verb.main (root (Run.commandLine arguments)) arguments
