namespace Koopman.Cli.Tests

open System
open System.IO
open System.Text.Json
open Expecto
open Koopman.Experiments

/// The numbers of the documentation are those of stored runs.
module MeasuredTests =

    let private docs: string =
        Some(DirectoryInfo AppContext.BaseDirectory)
        |> Seq.unfold (Option.map (fun (at: DirectoryInfo) -> at.FullName, Option.ofObj at.Parent))
        |> Seq.map (fun at -> Path.Combine(at, "docs"))
        |> Seq.find (fun at -> File.Exists(Path.Combine(at, "measured.md")))

    /// The metrics that <c>reproduce NAME --json</c> wrote.
    let private stored (name: string) : Map<string, float> =
        use document =
            JsonDocument.Parse(File.ReadAllText(Path.Combine(docs, "measured", $"{name}.json")))

        Map.ofList
            [
                for metric in document.RootElement.GetProperty("metrics").EnumerateObject() do
                    if metric.Value.ValueKind = JsonValueKind.Number then
                        metric.Name, metric.Value.GetDouble()
            ]

    let tests: Test =
        testList
            "Measured"
            [
                testCase "The tables of rivals in one step are those of the stored run, to the digits shown" (fun () ->
                    let metrics = stored "flow-rivals"
                    let lines = File.ReadAllLines(Path.Combine(docs, "measured.md"))

                    for row in RivalTable.methodRows metrics @ RivalTable.certificateRows metrics do
                        Expect.contains lines row "docs/measured.md")

                testCase "The edits in the documentation are those of the stored run" (fun () ->
                    let metrics = stored "flow-classes"
                    let lines = File.ReadAllLines(Path.Combine(docs, "measured.md"))

                    for row in RivalTable.classRows metrics do
                        Expect.contains lines row "docs/measured.md")
            ]
