namespace Koopman.Cli.Tests

open System
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open Expecto
open Koopman
open Koopman.Tests
open Koopman.Flows
open Koopman.Experiments

/// The tool as a process of its own: what this one has loaded does not count.
module ProcessTests =

    /// The .NET that runs this process, wherever it was installed.
    let private dotnet: string =
        let name =
            if OperatingSystem.IsWindows() then
                "dotnet.exe"
            else
                "dotnet"

        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name))

    /// The output folder of the tool, whose files are linked into that of the tests where links can be made.
    let private built: string =
        let file = Path.Combine(AppContext.BaseDirectory, "koopman.dll")

        match File.ResolveLinkTarget(file, returnFinalTarget = true) with
        | null -> AppContext.BaseDirectory
        | target -> Path.GetDirectoryName target.FullName |> nonNull

    /// Runs a program of .NET with these variables; those without a value are not set.
    let private start (variables: (string * string option) list) (arguments: string list) : Process =
        let start =
            ProcessStartInfo(dotnet, arguments, RedirectStandardOutput = true, RedirectStandardError = true)

        for name, value in variables do
            match value with
            | Some value -> start.Environment[name] <- value
            | None -> start.Environment.Remove name |> ignore

        Process.Start start |> nonNull

    let private run (variables: (string * string option) list) (arguments: string list) : int * string * string =
        use running = start variables arguments
        let out = running.StandardOutput.ReadToEndAsync()
        let error = running.StandardError.ReadToEndAsync()

        if not (running.WaitForExit(TimeSpan.FromMinutes 2.0)) then
            running.Kill()
            failtest "The tool did not end within two minutes"

        running.ExitCode, out.Result, error.Result

    let tests: Test =
        testList
            "Process"
            [
                testInFolder "Without libtorch the package that brings it is named" (fun folder ->
                    let made name =
                        Directory.CreateDirectory(folder.File name).FullName

                    let tool = made "tool"

                    for file in DirectoryInfo(built).EnumerateFiles() do
                        if file.Extension = ".dll" || file.Extension = ".json" then
                            file.CopyTo(Path.Combine(tool, file.Name)) |> ignore

                    let names (place: string) =
                        Directory.GetFileSystemEntries place |> Set.ofArray

                    let copied = names tool

                    let home, data, packages, out =
                        made "home", made "data", made "packages", made "out"

                    let code, said, error =
                        run
                            [
                                "HOME", Some home
                                "XDG_DATA_HOME", Some data
                                "NUGET_PACKAGES", Some packages
                                "LD_LIBRARY_PATH", None
                            ]
                            [
                                Path.Combine(tool, "koopman.dll")
                                "simulate"
                                "quadruple-well"
                                "--out"
                                Path.Combine(out, "wells.npz")
                            ]

                    Tool.refused [ "libtorch 2.10 was not found"; "TorchSharp-cpu" ] (code, said, error)
                    Expect.equal (error.TrimEnd().Split('\n').Length) 1 $"the lines of {error}"

                    for place in [ home; data; packages; out ] do
                        Expect.isEmpty (names place) $"what was written into {place}"

                    Expect.equal (names tool) copied "the files of the tool")

                testInFolder "A training that is killed in the middle is resumed to the same bits" (fun folder ->
                    let train (name: string) (more: string list) : string list =
                        [
                            Path.Combine(built, "koopman.dll")
                            "flow"
                            "train"
                            "moons"
                            "--out"
                            folder.File $"{name}.safetensors"
                            "--teacher-steps"
                            "60"
                            "--steps"
                            "60"
                            "--recipe"
                            "solver-free"
                        ]
                        @ more

                    let threads = [ "OMP_NUM_THREADS", Some "1" ]

                    let finished (arguments: string list) : string =
                        let code, _, error = run threads arguments
                        Expect.equal code 0 $"the exit code; the tool said: {error}"
                        error

                    /// The steps of the state in a file.
                    let steps (file: string) : float =
                        match RunState.load (folder.File file) with
                        | Ok state ->
                            use state = state
                            Map.ofList(state.Numbers)["step"]
                        | Error _ -> 0.0

                    finished (train "whole" []) |> ignore

                    for part in [ "teacher-run"; "student-run" ] do
                        use running =
                            start threads (train "killed" [ "--save-every"; "0"; "--resume"; "true" ])

                        let clock = Stopwatch.StartNew()

                        while steps $"killed.{part}.safetensors" < 10.0 do
                            if running.HasExited || clock.Elapsed > TimeSpan.FromMinutes 2.0 then
                                failtest $"No state of step 10 was seen in {part}"

                            Threading.Thread.Sleep 1

                        running.Kill()
                        running.WaitForExit()

                    let said = finished (train "killed" [ "--resume"; "true" ])
                    Expect.stringContains said "distilling the linear flow: resumed at step" "what the tool said"

                    for part in [ ""; ".teacher" ] do
                        Expect.equal
                            (File.ReadAllBytes(folder.File $"killed{part}.safetensors"))
                            (File.ReadAllBytes(folder.File $"whole{part}.safetensors"))
                            $"the bytes of the file{part}"

                    Expect.equal
                        folder.Names
                        [
                            "killed.safetensors"
                            "killed.teacher.safetensors"
                            "whole.safetensors"
                            "whole.teacher.safetensors"
                        ]
                        "the files")

                testCase "Changed and newly signed files of every kind are read or refused in one sentence" (fun () ->
                    let counts = Attack.mutations ignore 7_000_000 420
                    Expect.equal counts.Inputs (counts.Refused + counts.Accepted) $"raw exceptions: {counts.Raw}"
                    Expect.isEmpty counts.Leaks "leaks"
                    Expect.isEmpty counts.Slow "slow"
                    Expect.isEmpty counts.Long "messages of several lines"
                    Expect.isGreaterThan counts.Inputs 400 "the number of files"
                    Expect.isGreaterThan counts.Refused (counts.Inputs / 2) "the number of refusals")

                testInFolder "The state of another data set is refused" (fun folder ->
                    let train (set: string) (more: string list) =
                        run
                            [ "OMP_NUM_THREADS", Some "1" ]
                            ([
                                Path.Combine(built, "koopman.dll")
                                "flow"
                                "train"
                                set
                                "--out"
                                folder.File "flow.safetensors"
                                "--teacher-steps"
                                "10"
                                "--steps"
                                "10"
                             ]
                             @ more)

                    train "moons" [] |> ignore
                    // What an interruption leaves.
                    use data = PlanarSets.draw PlanarSets.moons 200 (Seed.ofInt 1) |> Outcome.get

                    use training =
                        FlowMatching.start FlowMatching.defaults (Seed.ofInt 1) None data |> Outcome.get

                    (use state = FlowMatching.state training
                     RunState.save (folder.File "flow.teacher-run.safetensors") state |> Outcome.get)

                    let before = folder.Names

                    train "spirals" [ "--resume"; "true" ]
                    |> Tool.refused [ "the data"; "flow.teacher-run.safetensors"; "leave out --resume" ]

                    Expect.equal folder.Names before "the files in the folder")
            ]
