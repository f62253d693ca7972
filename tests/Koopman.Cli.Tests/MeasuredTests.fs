namespace Koopman.Cli.Tests

open System
open System.IO
open System.Text.Json
open Expecto
open Koopman.Experiments

/// The numbers of the documentation are those of the runs stored in docs/measured, as <c>reproduce NAME --json</c> wrote them.
module MeasuredTests =

    let private docs: string =
        Some(DirectoryInfo AppContext.BaseDirectory)
        |> Seq.unfold (Option.map (fun (at: DirectoryInfo) -> at.FullName, Option.ofObj at.Parent))
        |> Seq.map (fun at -> Path.Combine(at, "docs"))
        |> Seq.find (fun at -> File.Exists(Path.Combine(at, "measured.md")))

    let private metrics (file: string) : Map<string, float> =
        use document = JsonDocument.Parse(File.ReadAllText file)

        Map.ofList
            [
                for metric in document.RootElement.GetProperty("metrics").EnumerateObject() do
                    if metric.Value.ValueKind = JsonValueKind.Number then
                        metric.Name, metric.Value.GetDouble()
            ]

    /// The lines of docs/measured.md and README.md that come from a run.
    let private rows (name: string) : Map<string, float> -> string list =
        match name with
        | "flow-rivals" -> fun metrics -> RivalTable.methodRows metrics @ RivalTable.certificateRows metrics
        | "flow-classes" -> RivalTable.classRows
        | "flow-2d-quick" -> fun metrics -> RivalTable.recipeRows metrics @ RivalTable.recipeLines metrics
        | other -> failtest $"No table is made of the stored run {other}"

    let tests: Test =
        testList
            "Measured"
            [
                for file in Directory.GetFiles(Path.Combine(docs, "measured"), "*.json") do
                    let name = Path.GetFileNameWithoutExtension file |> string

                    testCase $"The documentation shows the numbers of the stored run: {name}" (fun () ->
                        let lines =
                            [ Path.Combine(docs, "measured.md"); Path.Combine(docs, "..", "README.md") ]
                            |> List.collect (File.ReadAllLines >> List.ofArray)

                        for row in rows name (metrics file) do
                            Expect.contains lines row "docs/measured.md or README.md")
            ]
