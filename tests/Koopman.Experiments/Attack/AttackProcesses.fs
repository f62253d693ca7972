namespace Koopman.Experiments

open System
open System.Diagnostics
open System.IO
open System.Threading
open Koopman

/// <summary>What became of trainings that were killed.</summary>
type KillCounts =
    {
        /// <summary>Processes that were killed while they trained.</summary>
        Kills: int
        /// <summary>Those whose state could not be read afterwards, or that could not be resumed.</summary>
        Corrupt: string list
        /// <summary>Trainings whose files in the end were not those of one that was left alone.</summary>
        Unequal: string list
        /// <summary>The most work that a kill lost: seconds since the state was last written.</summary>
        Lost: float
    }

/// <summary>The tool as a process that is killed, or whose standard streams are closed.</summary>
[<RequireQualifiedAccess>]
module AttackProcesses =

    let private dotnet: string =
        match Environment.ProcessPath with
        | null -> "dotnet"
        | path -> path

    let private tool: string = Path.Combine(AppContext.BaseDirectory, "koopman.dll")

    /// <summary>Starts a program of .NET on one thread.</summary>
    let start (arguments: string list) : Process =
        let start =
            ProcessStartInfo(dotnet, arguments, RedirectStandardOutput = true, RedirectStandardError = true)

        start.Environment["OMP_NUM_THREADS"] <- "1"
        Process.Start start |> nonNull

    let private finish (arguments: string list) : int * string =
        use running = start arguments
        let out = running.StandardOutput.ReadToEndAsync()
        let error = running.StandardError.ReadToEndAsync()
        running.WaitForExit()
        out.Wait()
        running.ExitCode, error.Result

    let private train (folder: string) (name: string) : string list =
        [
            tool
            "flow"
            "train"
            "moons"
            "--out"
            Path.Combine(folder, $"{name}.safetensors")
            "--teacher-steps"
            "150"
            "--steps"
            "100"
            "--recipe"
            "solver-free"
            "--resume"
            "true"
            "--save-every"
            "0.05"
        ]

    let private files (folder: string) (name: string) : byte[] list =
        [ $"{name}.safetensors"; $"{name}.teacher.safetensors" ]
        |> List.map (fun file -> File.ReadAllBytes(Path.Combine(folder, file)))

    /// <summary>Kills trainings at random moments and resumes them, until this time; each training in the end must have the bits of one that was left alone.</summary>
    let kills (seed: int) (until: DateTime) : KillCounts =
        let folder = Directory.CreateTempSubdirectory "koopman-kills-"
        let draw = Random seed

        try
            let code, error = finish (train folder.FullName "whole")

            if code <> 0 then
                failwith $"The training that is left alone ends with {code}: {error}"

            let whole = files folder.FullName "whole"

            let mutable counts =
                {
                    Kills = 0
                    Corrupt = []
                    Unequal = []
                    Lost = 0.0
                }

            let mutable round = 0

            while DateTime.UtcNow < until do
                round <- round + 1
                let name = $"round{round}"
                let mutable isDone = false

                while not isDone && DateTime.UtcNow < until do
                    use running = start (train folder.FullName name)
                    let error = running.StandardError.ReadToEndAsync()
                    let out = running.StandardOutput.ReadToEndAsync()

                    // Starting takes a second; the training as much.
                    if running.WaitForExit(TimeSpan.FromSeconds(0.8 + 2.5 * draw.NextDouble())) then
                        isDone <- true

                        if running.ExitCode <> 0 then
                            counts <-
                                { counts with
                                    Corrupt =
                                        $"{name} ended with {running.ExitCode}: {error.Result.Trim()}" :: counts.Corrupt
                                }
                        elif files folder.FullName name <> whole then
                            counts <-
                                { counts with
                                    Unequal = name :: counts.Unequal
                                }
                    else
                        running.Kill()
                        running.WaitForExit()
                        counts <- { counts with Kills = counts.Kills + 1 }

                        let states = Directory.GetFiles(folder.FullName, $"{name}.*-run.safetensors")

                        // The state of a training that is over is not written any more.
                        if states.Length > 0 then
                            let age =
                                states
                                |> Array.map (fun state ->
                                    (DateTime.UtcNow - File.GetLastWriteTimeUtc state).TotalSeconds)
                                |> Array.min

                            counts <-
                                { counts with
                                    Lost = max counts.Lost age
                                }

                        for state in states do
                            match RunState.load state with
                            | Ok state -> (state :> IDisposable).Dispose()
                            | Error error ->
                                counts <-
                                    { counts with
                                        Corrupt = $"{name}: {error.Message}" :: counts.Corrupt
                                    }

                    out.Wait()

                for file in Directory.GetFiles(folder.FullName, $"{name}*") do
                    File.Delete file

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
