namespace Koopman.Experiments

open System
open System.Diagnostics
open System.IO
open System.Threading
open Koopman

/// <summary>What became of commands that were killed.</summary>
type KillCounts =
    {
        /// <summary>Processes that were killed while they worked.</summary>
        Kills: int
        /// <summary>Those whose state could not be read afterwards, or that could not be resumed.</summary>
        Corrupt: string list
        /// <summary>Commands whose files in the end were not those of one that was left alone.</summary>
        Unequal: string list
        /// <summary>The work that each kill lost: seconds since the state was last written, or since the start if it never was.</summary>
        Lost: float list
        /// <summary>The largest memory of a process, in bytes.</summary>
        Peak: int64
    }

/// <summary>A command that is killed and resumed.</summary>
[<NoComparison; NoEquality>]
type KillJob =
    {
        /// <summary>Its name in messages.</summary>
        Name: string
        /// <summary>The arguments, for a file to write without its ending.</summary>
        Arguments: string -> string list
        /// <summary>The endings of the files whose bytes must not depend on kills.</summary>
        Files: string list
        /// <summary>The least and the largest time in seconds until it is killed.</summary>
        Until: float * float
    }

/// <summary>The tool as a process that is killed, or whose standard streams are closed.</summary>
[<RequireQualifiedAccess>]
module AttackProcesses =

    let private dotnet: string =
        match Environment.ProcessPath with
        | null -> "dotnet"
        | path -> path

    let private tool: string = Path.Combine(AppContext.BaseDirectory, "koopman.dll")

    /// <summary>Starts a program of .NET on one thread, whose managed memory is limited if a number of bytes is given.</summary>
    let private startWith (limit: int64 option) (arguments: string list) : Process =
        let start =
            ProcessStartInfo(dotnet, arguments, RedirectStandardOutput = true, RedirectStandardError = true)

        start.Environment["OMP_NUM_THREADS"] <- "1"

        limit
        |> Option.iter (fun bytes -> start.Environment["DOTNET_GCHeapHardLimit"] <- $"0x{bytes:X}")

        Process.Start start |> nonNull

    /// <summary>Starts a program of .NET on one thread.</summary>
    let start (arguments: string list) : Process = startWith None arguments

    /// <summary>Starts a program of .NET on one thread; its managed memory may not exceed this number of bytes.</summary>
    let startWithin (limit: int64) (arguments: string list) : Process = startWith (Some limit) arguments

    /// <summary>The memory of a process in bytes, now and at most; 0 if it has ended.</summary>
    let memory (running: Process) : struct (int64 * int64) =
        try
            running.Refresh()
            struct (running.WorkingSet64, running.PeakWorkingSet64)
        with :? InvalidOperationException ->
            struct (0L, 0L)

    let private finish (arguments: string list) : int * string =
        use running = start arguments
        let out = running.StandardOutput.ReadToEndAsync()
        let error = running.StandardError.ReadToEndAsync()
        running.WaitForExit()
        out.Wait()
        running.ExitCode, error.Result

    let private train (steps: string list) (path: string) : string list =
        [
            tool
            "flow"
            "train"
            "moons"
            "--out"
            $"{path}.safetensors"
            "--recipe"
            "solver-free"
            "--resume"
            "true"
        ]
        @ steps

    /// Commands of two seconds, which are resumed until they end.
    let private brief (data: string) : KillJob list =
        [
            {
                Name = "flow train"
                Arguments = train [ "--teacher-steps"; "150"; "--steps"; "100"; "--save-every"; "0.05" ]
                Files = [ ".safetensors"; ".teacher.safetensors" ]
                Until = 0.8, 3.3
            }
            {
                Name = "particles"
                Arguments =
                    fun path ->
                        [
                            tool
                            "particles"
                            data
                            "--estimator"
                            "generator"
                            "--observables"
                            "gaussians:150"
                            "--count"
                            "4000"
                            "--iterations"
                            "150"
                            "--refine"
                            "60"
                            "--tolerance"
                            "0"
                            "--out"
                            $"{path}.npy"
                            "--resume"
                            "true"
                            "--save-every"
                            "0.05"
                        ]
                Files = [ ".npy" ]
                Until = 0.8, 3.3
            }
        ]

    /// A training of many minutes that saves as often as it does by itself: it shows how much a kill loses of a long computation.
    let private long: KillJob =
        {
            Name = "long flow train"
            Arguments = train [ "--teacher-steps"; "1000000" ]
            Files = []
            Until = 35.0, 75.0
        }

    let private none: KillCounts =
        {
            Kills = 0
            Corrupt = []
            Unequal = []
            Lost = []
            Peak = 0L
        }

    let private add (a: KillCounts) (b: KillCounts) : KillCounts =
        {
            Kills = a.Kills + b.Kills
            Corrupt = a.Corrupt @ b.Corrupt
            Unequal = a.Unequal @ b.Unequal
            Lost = a.Lost @ b.Lost
            Peak = max a.Peak b.Peak
        }

    let private contents (path: string) (job: KillJob) : byte[] list =
        job.Files |> List.map (fun ending -> File.ReadAllBytes(path + ending))

    let private states (path: string) : string[] =
        match Path.GetDirectoryName path with
        | null -> [||]
        | folder -> Directory.GetFiles(folder, $"{Path.GetFileName path}.*run.safetensors")

    /// What a kill now loses, and the states that cannot be read.
    let private killed (job: KillJob) (path: string) (started: DateTime) (peak: int64) : KillCounts =
        let now = DateTime.UtcNow
        let states = states path

        let saved = states |> Array.map File.GetLastWriteTimeUtc |> Array.fold max started

        { none with
            Kills = 1
            Lost = [ (now - saved).TotalSeconds ]
            Peak = peak
            Corrupt =
                [
                    for state in states do
                        match RunState.load state with
                        | Ok state -> (state :> IDisposable).Dispose()
                        | Error error -> $"{job.Name}: {error.Message}"
                ]
        }

    /// Runs a command and kills it after a random time. True if it ended before.
    let private once (draw: Random) (job: KillJob) (path: string) (whole: byte[] list) : bool * KillCounts =
        use running = start (job.Arguments path)
        let started = DateTime.UtcNow
        let error = running.StandardError.ReadToEndAsync()
        let out = running.StandardOutput.ReadToEndAsync()
        let least, most = job.Until

        let isDone =
            running.WaitForExit(TimeSpan.FromSeconds(least + (most - least) * draw.NextDouble()))

        let found =
            if not isDone then
                let struct (_, peak) = memory running
                running.Kill()
                running.WaitForExit()
                killed job path started peak
            elif running.ExitCode <> 0 then
                { none with
                    Corrupt = [ $"{job.Name} ended with {running.ExitCode}: {error.Result.Trim()}" ]
                }
            elif contents path job <> whole then
                { none with Unequal = [ job.Name ] }
            else
                none

        out.Wait()
        isDone, found

    let private remove (path: string) : unit =
        match Path.GetDirectoryName path with
        | null -> ()
        | folder ->
            for file in Directory.GetFiles(folder, $"{Path.GetFileName path}*") do
                File.Delete file

    /// One long training in so many kills of others.
    let private rare = 50

    /// <summary>
    /// Kills commands at random moments and resumes them; each in the end must have the bits of one that was left alone. A few long trainings that save
    /// as often as they do by themselves are killed too.
    /// </summary>
    /// <param name="seed">The seed of the moments.</param>
    /// <param name="isOver">True after the kills so far if there have been enough.</param>
    let kills (seed: int) (isOver: int -> bool) : KillCounts =
        let folder = Directory.CreateTempSubdirectory "koopman-kills-"
        let draw = Random seed

        try
            let wells = Path.Combine(folder.FullName, "wells.npz")

            finish [ tool; "simulate"; "quadruple-well"; "--pairs"; "2000"; "--out"; wells ]
            |> ignore

            let jobs =
                [
                    for job in brief wells do
                        let path = Path.Combine(folder.FullName, "whole")
                        let code, error = finish (job.Arguments path)

                        if code <> 0 then
                            failwith $"{job.Name} that is left alone ends with {code}: {error}"

                        job, contents path job
                        remove path
                ]

            let mutable counts = none
            let mutable round = 0

            while not (isOver counts.Kills) do
                let job, whole = jobs[round % jobs.Length]
                round <- round + 1
                let path = Path.Combine(folder.FullName, $"round{round}")
                let mutable isDone = false

                while not isDone && not (isOver counts.Kills) do
                    let ended, found = once draw job path whole
                    isDone <- ended
                    counts <- add counts found

                    if counts.Kills % rare = rare - 1 && found.Kills > 0 then
                        let path = Path.Combine(folder.FullName, "long")
                        counts <- add counts (snd (once draw long path []))
                        remove path

                remove path

            counts
        finally
            folder.Delete true

    /// <summary>Runs verbs with standard streams that are closed or full, and without a working folder; what goes wrong, by command.</summary>
    let streams () : int * string list =
        if OperatingSystem.IsWindows() then
            0, []
        else
            let folder = Directory.CreateTempSubdirectory "koopman-streams-"

            try
                let wells = Path.Combine(folder.FullName, "wells.npz")

                finish [ tool; "simulate"; "double-well"; "--pairs"; "500"; "--out"; wells ]
                |> ignore

                let verbs =
                    [
                        "--help"
                        "spectrum --help"
                        $"spectrum '{wells}'"
                        $"spectrum '{wells}' --estimator dmd"
                        $"particles '{wells}' --count 20 --out '{folder.FullName}/p.npy'"
                        $"simulate double-well --pairs 50 --out '{folder.FullName}/q.npz'"
                        "spectrum missing.npz"
                        "frobnicate"
                    ]

                let surroundings =
                    [
                        "%s >&-"
                        "%s 2>&-"
                        "%s <&-"
                        "%s >&- 2>&- <&-"
                        "%s >/dev/full"
                        "%s 2>/dev/full"
                        "%s | true"
                        "mkdir gone && cd gone && rmdir ../gone && %s"
                    ]

                let failures =
                    [
                        for verb in verbs do
                            for surrounding in surroundings do
                                let command = surrounding.Replace("%s", $"'{dotnet}' '{tool}' {verb}")

                                let start =
                                    ProcessStartInfo(
                                        "sh",
                                        [ "-c"; command ],
                                        RedirectStandardError = true,
                                        RedirectStandardOutput = true,
                                        WorkingDirectory = folder.FullName
                                    )

                                use running = Process.Start start |> nonNull
                                let out = running.StandardOutput.ReadToEndAsync()
                                let error = running.StandardError.ReadToEndAsync()

                                if not (running.WaitForExit(TimeSpan.FromMinutes 1.0)) then
                                    running.Kill true
                                    $"does not end: {surrounding} {verb}"
                                else
                                    let said = out.Result + error.Result

                                    if running.ExitCode > 2 && running.ExitCode <> 130 && running.ExitCode <> 141 then
                                        $"exit code {running.ExitCode}: {surrounding} {verb}"
                                    elif said.Contains "   at " || said.Contains "Unhandled exception" then
                                        $"a stack trace: {surrounding} {verb}"
                    ]

                verbs.Length * surroundings.Length, failures
            finally
                folder.Delete true
