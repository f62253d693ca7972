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

        let resume: Option<string> =
            Verb.optional
                "--resume"
                "Keep finished parts, such as seeds, in this file, and continue from those that are in it; deleted at the end."

        let name =
            Verb.argument "name" ("The experiment:\n" + ReproduceCommand.describeAll ())

        Verb.command
            "reproduce"
            "Reproduce the numbers quoted in the documentation."
            [ name; quick; resume; seed; json; page ]
            (fun p ->
                ReproduceCommand.run
                    commandLine
                    (p.GetRequiredValue name)
                    (if p.GetRequiredValue quick then Size.Quick else Size.Full)
                    (p.GetRequiredValue seed)
                    (Verb.given p resume)
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

    let attack =
        let minutes =
            Verb.withDefault "--minutes" 10.0 "How long to go on, half of it with changed files and half with kills."

        let inputs: Option<int> =
            Verb.optional "--inputs" "Read this many changed files instead, however long it takes."

        let kills: Option<int> =
            Verb.optional "--kills" "Kill this many times instead, however long it takes."

        let memory =
            Verb.withDefault
                "--memory"
                1500
                "The memory in MB that a process may take; one that takes more is ended and counted."

        let seed = Verb.seed ()

        Verb.command
            "attack"
            "Read changed and newly signed files of every kind, kill trainings and resume them, close standard streams; count what goes wrong."
            [ minutes; inputs; kills; memory; seed; json ]
            (fun p ->
                AttackCommand.run
                    {
                        Minutes = p.GetRequiredValue minutes
                        Inputs = Verb.given p inputs
                        Kills = Verb.given p kills
                        Memory = p.GetRequiredValue memory
                        Seed = p.GetRequiredValue seed
                        Json = Verb.given p json
                    })

    // What the attack starts as a process of its own, so that nothing can end it.
    let worker =
        let seed = Verb.seed ()
        let count = Verb.withDefault "--count" 1000 "The number of files."

        let command =
            Verb.command "attack-worker" "Read changed files." [ seed; count ] (fun p ->
                AttackCommand.work (p.GetRequiredValue seed) (p.GetRequiredValue count))

        command.Hidden <- true
        command

    let root =
        RootCommand "Koopman for .NET: reproduces the numbers and times quoted in the documentation."

    root.Add reproduce
    root.Add bench
    root.Add attack
    root.Add worker
    root

[<EntryPoint>]
let main (arguments: string[]) : int =
    Verb.main (root (Run.commandLine arguments)) arguments
