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

    /// Stored runs, and the lines of the documentation that come from them. The metrics of several runs have their names before them.
    let private tables: (string list * (Map<string, float> -> string list)) list =
        [
            [ "flow-rivals" ], (fun metrics -> RivalTable.methodRows metrics @ RivalTable.certificateRows metrics)
            [ "flow-classes" ], RivalTable.classRows
            [ "flow-2d" ], (fun metrics -> RivalTable.recipeRows metrics @ RivalTable.recipeLines metrics)
            [ "quadruple-well" ],
            (fun metrics -> ParticleTables.quadrupleWell metrics @ ParticleTables.quadrupleWellLines metrics)
            [ "trajectory" ], ParticleTables.trajectory
            [ "cold-well" ], ParticleTables.coldWell
            [ "asymmetric-well" ], ParticleTables.asymmetricWell
            [ "swarm" ], ParticleTables.swarm
            [ "posterior" ], ParticleTables.posterior
            [ "torus"; "sphere"; "circle" ], ParticleTables.surfaces
            [ "sphere-10"; "sphere-100" ], ParticleTables.spheres
            [ "allen-cahn-spde" ], ParticleTables.allenCahn
            [ "ablation" ], ParticleTables.ablation
        ]

    let private stored (name: string) : Map<string, float> =
        metrics (Path.Combine(docs, "measured", $"{name}.json"))

    let private together (names: string list) : Map<string, float> =
        match names with
        | [ name ] -> stored name
        | names ->
            Map.ofList
                [
                    for name in names do
                        for KeyValue(metric, value) in stored name -> $"{name}/{metric}", value
                ]

    let tests: Test =
        testList
            "Measured"
            [
                for names, rows in tables do
                    let title = String.Join(", ", names)

                    testCase $"The documentation shows the numbers of the stored run: {title}" (fun () ->
                        let lines =
                            [ "measured.md"; "particles.fsx"; "../README.md" ]
                            |> List.collect (fun file -> File.ReadAllLines(Path.Combine(docs, file)) |> List.ofArray)

                        for row in rows (together names) do
                            Expect.contains lines row "docs/measured.md, docs/particles.fsx or README.md")

                testCase "Every stored run has a table" (fun () ->
                    let files =
                        Directory.GetFiles(Path.Combine(docs, "measured"), "*.json")
                        |> Array.map (Path.GetFileNameWithoutExtension >> string)

                    Expect.equal
                        (Array.sort files |> List.ofArray)
                        (tables |> List.collect fst |> List.sort)
                        "the runs")
            ]
