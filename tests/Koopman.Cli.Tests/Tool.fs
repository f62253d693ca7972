namespace Koopman.Cli.Tests

open System
open System.Globalization
open System.IO
open System.Text.Json
open Expecto
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Experiments
open Koopman.Tests
open Plotly.NET

/// The tool and the laboratory, run inside the test as a user would run them. Standard output and error belong to the process: tests that
/// run them are sequenced.
module internal Tool =

    let private within (main: string[] -> int) (arguments: string list) : int * string * string =
        let before = Console.Out, Console.Error
        use out = new StringWriter()
        use error = new StringWriter()

        try
            Console.SetOut out
            Console.SetError error
            let code = main (Array.ofList arguments)
            code, out.ToString(), error.ToString()
        finally
            Console.SetOut(fst before)
            Console.SetError(snd before)

    /// The koopman tool.
    let run (arguments: string list) : int * string * string =
        within Koopman.Cli.Program.main arguments

    /// The experiments and benchmarks.
    let laboratory (arguments: string list) : int * string * string =
        within Koopman.Experiments.Program.main arguments

    /// A table of numbers in a file of the folder, whose path it gives.
    let csv (folder: TemporaryFolder) (name: string) (header: string) (rows: float[] seq) : string =
        let lines =
            rows
            |> Seq.map (fun row ->
                String.Join(",", row |> Array.map (fun v -> v.ToString("R", CultureInfo.InvariantCulture))))

        folder.Write(name, header + "\n" + String.Join("\n", lines) + "\n")

    /// The standard output and the JSON file of a command that must succeed.
    let read (folder: TemporaryFolder) (arguments: string list) : string * JsonElement =
        let json = folder.File "out.json"
        let code, out, error = run (arguments @ [ "--json"; json ])
        Expect.equal code 0 error
        use document = JsonDocument.Parse(File.ReadAllText json)
        out, document.RootElement.Clone()

    /// The run ended with code 2, said these words in one line, and printed no result.
    let refused (words: string list) (code: int, out: string, error: string) : unit =
        Expect.equal code 2 $"the exit code; the tool said: {error}"
        Expect.equal out "" "standard output"

        let messages =
            error.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            |> Array.filter (fun line -> line.StartsWith "koopman: ")

        Expect.hasLength messages 1 "the messages"

        for word in words do
            Expect.stringContains messages[0] word "the message"

    /// The run ends with code 2, says these words in one line, prints no result, and leaves no file but these.
    let refuses (folder: TemporaryFolder) (words: string list) (left: string list) (arguments: string list) : unit =
        run arguments |> refused words
        Expect.equal folder.Names (List.sort left) "the files in the folder"

    /// The grids of images on a page of findings, as their names say: how many of which size.
    let images (findings: Findings) : string list =
        findings.Sections
        |> List.collect _.Blocks
        |> List.choose (function
            | Block.Chart chart ->
                match GenericChart.getTraces chart with
                | [ trace ] when trace.``type`` = "image" -> trace.TryGetTypedPropertyValue<string> "name"
                | _ -> None
            | _ -> None)
