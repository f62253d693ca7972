namespace Koopman.Experiments

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Threading
open Koopman
open Koopman.Cli

/// <summary><c>./koopman attack</c>: changed files, kills and closed streams, with counts of what went wrong.</summary>
[<RequireQualifiedAccess>]
module AttackCommand =

    let private perProcess = 2000

    let private marker = "counts "

    /// <summary>The worker: reads changed files, says each case before it is read, and prints the counts in the end.</summary>
    let work (seed: int) (count: int) : Outcome<unit> =
        let counts =
            Attack.mutations
                (fun case ->
                    Console.Out.WriteLine case
                    Console.Out.Flush())
                seed
                count

        Console.Out.WriteLine(marker + JsonSerializer.Serialize counts)
        Ok()

    /// What a worker printed last, and what became of it.
    let private runWorker (seed: int) : Result<AttackCounts, string> =
        use running =
            AttackProcesses.start
                [
                    Path.Combine(AppContext.BaseDirectory, "Koopman.Experiments.dll")
                    "attack-worker"
                    "--seed"
                    string seed
                    "--count"
                    string perProcess
                ]

        let mutable last = "the start"
        let mutable counts = None
        let mutable changed = Stopwatch.StartNew()

        running.OutputDataReceived.Add(fun line ->
            match line.Data with
            | null -> ()
            | text when text.StartsWith marker ->
                counts <-
                    JsonSerializer.Deserialize<AttackCounts>(text.Substring marker.Length)
                    |> Option.ofObj
            | text ->
                last <- text
                changed <- Stopwatch.StartNew())

        running.BeginOutputReadLine()
        let error = running.StandardError.ReadToEndAsync()
        let mutable hang = false

        while not hang && not (running.WaitForExit 200) do
            if changed.Elapsed > TimeSpan.FromSeconds 40.0 then
                hang <- true
                running.Kill()

        running.WaitForExit()

        match counts with
        | _ when hang -> Error $"no end: {last}"
        | Some counts -> Ok counts
        | None ->
            let reason = error.Result.Split('\n') |> Array.truncate 2 |> String.concat " "
            Error $"exit code {running.ExitCode} at {last}: {reason}"

    /// The counts of workers until this time, and what ended those that ended early.
    let private readUntil (seed: int) (until: DateTime) : AttackCounts * string list =
        Seq.initInfinite (fun k -> 1_000_000 * seed + k * perProcess)
        |> Seq.takeWhile (fun _ -> DateTime.UtcNow < until)
        |> Seq.map runWorker
        |> Seq.fold
            (fun (counts, ended) found ->
                match found with
                | Ok more -> Attack.add counts more, ended
                | Error case -> counts, ended @ [ case ])
            (Attack.none, [])

    let private shown (title: string) (cases: string list) : unit =
        if not cases.IsEmpty then
            Ui.say $"{title}:"

            for case in List.truncate 20 cases do
                Ui.say $"  {case}"

    /// <summary>Attacks for so many minutes, after a few for the standard streams, and prints the counts.</summary>
    /// <returns>An error if anything went wrong.</returns>
    let run (minutes: float) (seed: int) (json: string option) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ json ]

            if not (minutes > 0.0 && minutes < 1e5) then
                do!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"--minutes {minutes}"
                        "Give the minutes to go on, such as 10"

            let checks, broken = AttackProcesses.streams ()
            let counts, ended = readUntil seed (DateTime.UtcNow.AddMinutes(0.5 * minutes))
            let kills = AttackProcesses.kills seed (DateTime.UtcNow.AddMinutes(0.5 * minutes))

            Ui.table
                [ "<what"; "number" ]
                [
                    [ "changed files read"; string counts.Inputs ]
                    [ "refused in one sentence"; string (counts.Refused - counts.Long.Length) ]
                    [ "read nevertheless"; string counts.Accepted ]
                    [ "raw exceptions"; string counts.Raw.Length ]
                    [ "leaks"; string counts.Leaks.Length ]
                    [ "over 10 s"; string counts.Slow.Length ]
                    [ "crashes and hangs"; string ended.Length ]
                    [ "largest memory, MB"; string (counts.Peak / 1_000_000L) ]
                    [ "kills"; string kills.Kills ]
                    [ "states or files lost"; string kills.Corrupt.Length ]
                    [ "resumed to other bits"; string kills.Unequal.Length ]
                    [ "most work lost, s"; Ui.number kills.Lost ]
                    [ "closed and full streams"; string checks ]
                    [ "of these wrong"; string broken.Length ]
                ]

            let raw =
                counts.Raw
                |> List.groupBy fst
                |> List.map (fun (what, cases) -> $"{what}: {cases.Length} times, first {snd cases.Head}")

            shown "raw exceptions" raw
            shown "leaks" counts.Leaks
            shown "slow" counts.Slow
            shown "crashes and hangs" ended
            shown "lost" kills.Corrupt
            shown "streams" broken

            match json with
            | None -> ()
            | Some path ->
                do!
                    Json.write
                        path
                        (Json.members
                            [
                                "inputs", Json.integer counts.Inputs
                                "refused", Json.integer counts.Refused
                                "accepted", Json.integer counts.Accepted
                                "raw_exceptions", Json.integer counts.Raw.Length
                                "leaks", Json.integer counts.Leaks.Length
                                "slow", Json.integer counts.Slow.Length
                                "crashes", Json.integer ended.Length
                                "peak_bytes", Json.number (float counts.Peak)
                                "kills", Json.integer kills.Kills
                                "lost", Json.integer kills.Corrupt.Length
                                "unequal", Json.integer kills.Unequal.Length
                                "streams", Json.integer checks
                                "streams_wrong", Json.integer broken.Length
                            ])

            let wrong =
                counts.Raw.Length
                + counts.Leaks.Length
                + counts.Slow.Length
                + counts.Long.Length
                + ended.Length
                + kills.Corrupt.Length
                + kills.Unequal.Length
                + broken.Length

            if wrong > 0 then
                return!
                    KoopmanError.fail
                        ErrorKind.NotConverged
                        $"{wrong} attacks went wrong"
                        "Repeat a case by its seed with Attack.mutations, and repair its kind"
        }
