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

    /// The seconds of work that a kill may lose.
    let private mostLost = 60.0

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

    /// What a worker printed last, and what became of it; one that takes more memory than this is ended.
    let private runWorker (most: int64) (seed: int) : Result<AttackCounts, string> =
        use running =
            AttackProcesses.startWithin
                most
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
        let mutable ended = None

        while ended.IsNone && not (running.WaitForExit 100) do
            let struct (taken, _) = AttackProcesses.memory running

            if changed.Elapsed > TimeSpan.FromSeconds 40.0 then
                ended <- Some "no end"
            elif taken > most then
                ended <- Some $"more than {most / 1_000_000L} MB"

            if ended.IsSome then
                running.Kill()

        running.WaitForExit()

        match ended, counts with
        | Some reason, _ -> Error $"{reason}: {last}"
        | None, Some counts when counts.Peak > most -> Error $"{counts.Peak / 1_000_000L} MB at most, before {last}"
        | None, Some counts -> Ok counts
        | None, None ->
            let reason = error.Result.Split('\n') |> Array.truncate 2 |> String.concat " "
            Error $"exit code {running.ExitCode} at {last}: {reason}"

    /// The counts of workers until there are enough, and what ended those that ended early.
    let private readUntil (most: int64) (seed: int) (isOver: int -> bool) : AttackCounts * string list =
        let rec more (k: int) (counts: AttackCounts, ended: string list) =
            if isOver counts.Inputs then
                counts, ended
            else
                match runWorker most (1_000_000 * seed + k * perProcess) with
                | Ok found -> more (k + 1) (Attack.add counts found, ended)
                | Error case -> more (k + 1) (counts, ended @ [ case ])

        more 0 (Attack.none, [])

    /// <summary>How long and how much to attack.</summary>
    type Request =
        {
            /// The time in all, half of it for changed files and half for kills.
            Minutes: float
            /// So many files, however long it takes.
            Inputs: int option
            /// So many kills, however long it takes.
            Kills: int option
            /// The memory that a process may take, in MB.
            Memory: int
            Seed: int
            Json: string option
        }

    let private isOver (minutes: float) (wanted: int option) : int -> bool =
        let until = DateTime.UtcNow.AddMinutes(0.5 * minutes)

        fun count ->
            match wanted with
            | Some wanted -> count >= wanted
            | None -> DateTime.UtcNow >= until

    let private shown (title: string) (cases: string list) : unit =
        if not cases.IsEmpty then
            Ui.say $"{title}:"

            for case in List.truncate 20 cases do
                Ui.say $"  {case}"

    /// <summary>Attacks the standard streams, then reads changed files, then kills; and prints the counts.</summary>
    /// <returns>An error if anything went wrong.</returns>
    let run (request: Request) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ request.Json ]

            if not (request.Minutes > 0.0 && request.Minutes < 1e5) then
                do!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"--minutes {request.Minutes}"
                        "Give the minutes to go on, such as 10"

            if request.Memory < 300 then
                do!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"--memory {request.Memory}"
                        "Give the megabytes that a process may take, at least 300"

            let most = 1_000_000L * int64 request.Memory
            let clock = Stopwatch.StartNew()
            let checks, broken = AttackProcesses.streams ()

            let counts, ended =
                readUntil most request.Seed (isOver request.Minutes request.Inputs)

            let kills =
                AttackProcesses.kills request.Seed (isOver request.Minutes request.Kills)

            let worst = kills.Lost |> List.fold max 0.0
            let mean = if kills.Lost.IsEmpty then 0.0 else List.average kills.Lost

            let greedy =
                [
                    if kills.Peak > most then
                        $"a training took {kills.Peak / 1_000_000L} MB"
                ]

            let forgetful =
                [
                    for lost in kills.Lost do
                        if lost > mostLost then
                            $"a kill lost {lost:F0} s of work"
                ]

            Ui.table
                [ "<what"; "number" ]
                [
                    [ "changed files read"; string counts.Inputs ]
                    [ "refused in one sentence"; string (counts.Refused - counts.Long.Length) ]
                    [ "read nevertheless"; string counts.Accepted ]
                    [ "raw exceptions"; string counts.Raw.Length ]
                    [ "leaks"; string counts.Leaks.Length ]
                    [ "over 10 s"; string counts.Slow.Length ]
                    [ "crashes, hangs and memory above the cap"; string ended.Length ]
                    [ "cap on the memory of a process, MB"; string request.Memory ]
                    [ "largest memory, reading, MB"; string (counts.Peak / 1_000_000L) ]
                    [ "largest memory, training, MB"; string (kills.Peak / 1_000_000L) ]
                    [ "kills"; string kills.Kills ]
                    [ "states or files lost"; string kills.Corrupt.Length ]
                    [ "resumed to other bits"; string kills.Unequal.Length ]
                    [ "most work lost by a kill, s"; Ui.number worst ]
                    [ "work lost by a kill on average, s"; Ui.number mean ]
                    [ "closed and full streams"; string checks ]
                    [ "of these wrong"; string broken.Length ]
                ]

            let raw =
                counts.Raw
                |> List.groupBy fst
                |> List.map (fun (what, cases) -> $"{what}: {cases.Length} times, first {snd cases.Head}")

            if counts.Peak > 0L then
                Ui.say $"largest memory, reading: at {counts.PeakAt}"

            shown "raw exceptions" raw
            shown "leaks" counts.Leaks
            shown "slow" counts.Slow
            shown "crashes, hangs and memory" (ended @ greedy)
            shown "states or files lost" kills.Corrupt
            shown "work lost" forgetful
            shown "resumed to other bits" kills.Unequal
            shown "streams" broken

            match request.Json with
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
                                "peak_bytes", Json.number (float (max counts.Peak kills.Peak))
                                "memory_cap_bytes", Json.number (float most)
                                "kills", Json.integer kills.Kills
                                "lost", Json.integer kills.Corrupt.Length
                                "unequal", Json.integer kills.Unequal.Length
                                "lost_seconds_most", Json.number worst
                                "lost_seconds_mean", Json.number mean
                                "streams", Json.integer checks
                                "streams_wrong", Json.integer broken.Length
                                "seconds", Json.number clock.Elapsed.TotalSeconds
                                "environment", Inputs.environment ()
                            ])

            let wrong =
                counts.Raw.Length
                + counts.Leaks.Length
                + counts.Slow.Length
                + counts.Long.Length
                + ended.Length
                + greedy.Length
                + forgetful.Length
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
