namespace Koopman.Cli.Tests

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Koopman.Cli
open Koopman.Tests

/// The tool as a whole: units, completion, tables, its page, and the script of the repository.
module ToolTests =

    let private root: string =
        let rec up (folder: DirectoryInfo | null) : string =
            match folder with
            | null -> failtest "The tests run outside the repository"
            | folder when File.Exists(Path.Combine(folder.FullName, "Koopman.sln")) -> folder.FullName
            | folder -> up folder.Parent

        up (DirectoryInfo AppContext.BaseDirectory)

    let private decay: string =
        "t,a,b\n"
        + String.Join(
            "\n",
            [
                for k in 0..59 ->
                    let t = 0.1 * float k
                    FormattableString.Invariant $"{t},{exp (-0.1 * t) * cos (2.0 * t)},{exp (-0.1 * t) * sin (2.0 * t)}"
            ]
        )

    let private shell (command: string) : int * string * string =
        let start =
            ProcessStartInfo(
                "bash",
                [ "-c"; command ],
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = root
            )

        use running = Process.Start start |> nonNull
        let error = running.StandardError.ReadToEndAsync()
        let out = running.StandardOutput.ReadToEnd()
        running.WaitForExit()
        running.ExitCode, out, error.Result

    /// Runs only where there is a bash.
    let private unixCase (name: string) (test: unit -> unit) : Test =
        testCase name (fun () ->
            if not (OperatingSystem.IsWindows()) then
                test ())

    let tests: Test =
        testSequenced
        <| testList
            "Tool"
            [
                testInFolder "Units are in what was understood, in tables and in JSON" (fun folder ->
                    let path, json = folder.Write("a.csv", decay), folder.File "a.json"

                    let code, out, error =
                        Tool.run
                            [
                                "spectrum"
                                path
                                "--estimator"
                                "dmd"
                                "--units"
                                "a=m,time=ms"
                                "--json"
                                json
                            ]

                    Expect.equal code 0 error

                    for words in [ "2 states (a [m], b)"; "rate [1/ms]"; "frequency [rad/ms]"; "timescale [ms]" ] do
                        Expect.stringContains out words "the output"

                    use document = JsonDocument.Parse(File.ReadAllText json)
                    Expect.equal (document.RootElement.GetProperty("time_unit").GetString()) "ms" "the unit of time"

                    Expect.equal
                        (document.RootElement.GetProperty("columns").EnumerateArray()
                         |> Seq.map (_.GetString() >> string)
                         |> List.ofSeq)
                        [ "a [m]"; "b" ]
                        "the columns")

                testInFolder "The unit of time in a header is used, and units of no column are refused" (fun folder ->
                    let path = folder.Write("a.csv", decay.Replace("t,a", "time [h],a"))
                    let code, out, error = Tool.run [ "spectrum"; path; "--estimator"; "dmd" ]
                    Expect.equal code 0 error
                    Expect.stringContains out "rate [1/h]" "the table"

                    for words, units in [ [ "`q`"; "time [h], a, b" ], "q=m"; [ "'a'"; "a=m,time=s" ], "a" ] do
                        Tool.refuses folder words [ "a.csv" ] [ "spectrum"; path; "--units"; units ]

                    let data = folder.File "w.npz"

                    Tool.run [ "simulate"; "double-well"; "--pairs"; "50"; "--out"; data ] |> ignore

                    Tool.run [ "spectrum"; data; "--units"; "x1=m" ]
                    |> Tool.refused [ "no table"; "time=s" ])

                testCase "Tables are as wide as the terminal, and as wide as they like in files" (fun () ->
                    Expect.equal (Ui.width false 60) 60 "a narrow terminal"
                    Expect.equal (Ui.width false 150) 150 "a wide one"
                    Expect.equal (Ui.width false 0) 20 "one that does not say"
                    Expect.equal (Ui.width true 60) 200 "a file")

                unixCase "The completion of bash completes commands, options and values" (fun () ->
                    let code, script, error = Tool.run [ "completion"; "bash" ]
                    Expect.equal code 0 error

                    let complete (words: string list) : string list =
                        let typed = String.Join(' ', words |> List.map (fun word -> $"'{word}'"))

                        let code, out, error =
                            shell (
                                script
                                + $"\nCOMP_WORDS=(koopman {typed}); COMP_CWORD={words.Length}; _koopman; echo \"${{COMPREPLY[@]}}\""
                            )

                        Expect.equal (code, error) (0, "") "bash"

                        out.Split([| ' '; '\n' |], StringSplitOptions.RemoveEmptyEntries)
                        |> List.ofArray

                    Expect.equal (complete [ "sp" ]) [ "spectrum" ] "a command"
                    Expect.equal (complete [ "flow"; "tr" ]) [ "train" ] "a command of a command"

                    Expect.equal
                        (complete [ "flow"; "train"; "moons"; "--class" ])
                        [ "--class-free-share" ]
                        "an option"

                    Expect.equal
                        (complete [ "spectrum"; "x.csv"; "--layout"; "" ])
                        [ "frames"; "trajectories"; "transposed" ]
                        "values"

                    Expect.equal
                        (complete [ "spectrum"; "--estimator"; "dmd" ])
                        [ "dmd"; "dmd-optimized" ]
                        "estimators")

                testCase "The completions of all shells hold every command and option" (fun () ->
                    for shell in [ "bash"; "zsh"; "fish" ] do
                        let code, script, error = Tool.run [ "completion"; shell ]
                        Expect.equal code 0 error
                        let prefix = if shell = "fish" then "-l " else "--"

                        for word in [ "spectrum"; "signatures"; "completion" ] do
                            Expect.stringContains script word shell

                        for option in [ "chapman-kolmogorov"; "log-likelihood"; "field-steps"; "units"; "horizon" ] do
                            Expect.stringContains script (prefix + option) shell

                    Tool.run [ "completion"; "tcsh" ]
                    |> Tool.refused [ "'tcsh'"; "bash, zsh, fish" ])

                testCase "Every key of JSON is on the page of the tool" (fun () ->
                    let page = File.ReadAllText(Path.Combine(root, "docs", "tool.md"))
                    let folder = Path.Combine(root, "src", "Koopman.Cli", "Commands")

                    let missing =
                        [
                            for file in Directory.GetFiles(folder, "*.fs") do
                                for found in Regex.Matches(File.ReadAllText file, "\"([a-z0-9_]+)\",\\s+Json\\.") do
                                    let key = found.Groups[1].Value

                                    if not (page.Contains $"`{key}`") then
                                        $"{key} in {Path.GetFileName file}"
                        ]

                    Expect.isEmpty missing "keys without a word on them")

                unixCase "Unknown options of the repository's script are errors that name the known ones" (fun () ->
                    for arguments, words in
                        [
                            "format --bogus", "has no option '--bogus'; it has --check"
                            "format --check more", "one option at most"
                            "test --bogus", "has no option '--bogus'; it has --filter NAME"
                            "test --filter", "takes one name"
                            "setup now", "takes no arguments"
                            "docs --all", "takes no arguments"
                            "help me", "takes no arguments"
                        ] do
                        let code, out, error = shell $"sh ./koopman {arguments}"
                        Expect.equal (code, out) (2, "") arguments
                        Expect.stringContains error words arguments)
            ]
