namespace Koopman.Cli.Tests

open System
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open Expecto
open Koopman.Tests

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
    let private run (variables: (string * string option) list) (arguments: string list) : int * string * string =
        let start =
            ProcessStartInfo(dotnet, arguments, RedirectStandardOutput = true, RedirectStandardError = true)

        for name, value in variables do
            match value with
            | Some value -> start.Environment[name] <- value
            | None -> start.Environment.Remove name |> ignore

        use running = Process.Start start |> nonNull
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
            ]
