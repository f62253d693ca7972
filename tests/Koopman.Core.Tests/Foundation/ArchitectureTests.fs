namespace Koopman.Tests

open System.IO
open System.Text.RegularExpressions
open Expecto

/// The ground plan that docs/architecture.md draws, held against the project file and the sources.
module ArchitectureTests =

    /// The rooms from top to bottom, with their namespaces.
    let private rooms: (string * string) list =
        [
            "Foundation", "Koopman"
            "Files", "Koopman"
            "Data", "Koopman"
            "Learning", "Koopman.Learning"
            "Metrics", "Koopman.Metrics"
            "Observables", "Koopman"
            "Operators", "Koopman"
            "Estimation", "Koopman"
            "Forecasting", "Koopman"
            "Particles", "Koopman.Particles"
            "Flows", "Koopman.Flows"
            "Latents", "Koopman.Latents"
            "Laws", "Koopman"
        ]

    let private placeOf (room: string) : int =
        rooms |> List.findIndex (fst >> (=) room)

    /// The files of Core in the order of the project, with their text.
    let private files () : (string * string) list =
        match GuardedTests.sources with
        | None -> skiptest "the sources are not here"
        | Some source ->
            let core = Path.Combine(source, "Koopman.Core")

            [
                for found in
                    Regex.Matches(
                        File.ReadAllText(Path.Combine(core, "Koopman.Core.fsproj")),
                        "Compile Include=\"([^\"]+)\""
                    ) do
                    let name = found.Groups[1].Value
                    name, File.ReadAllText(Path.Combine(core, name))
            ]

    let private roomOf (file: string) : string = (file.Split '/')[0]

    let tests: Test =
        testList
            "Architecture"
            [
                testCase "Rooms stand in their order, each in one piece" (fun () ->
                    let order = files () |> List.map (fst >> roomOf)
                    Expect.equal (List.distinct order) (List.map fst rooms) "the rooms"

                    Expect.equal
                        (order |> List.map placeOf)
                        (order |> List.map placeOf |> List.sort)
                        "no file of a room stands among those of another")

                testCase "Every file is in its room's namespace" (fun () ->
                    for name, text in files () do
                        let found = Regex.Match(text, @"^namespace (\S+)", RegexOptions.Multiline)
                        // The startup hook has to be in no namespace at all.
                        if found.Groups[1].Value <> "global" then
                            Expect.equal found.Groups[1].Value (rooms[placeOf (roomOf name)] |> snd) name)

                testCase "Nothing opens a room below its own" (fun () ->
                    for name, text in files () do
                        for opened in Regex.Matches(text, @"^open Koopman\.(\w+)", RegexOptions.Multiline) do
                            match rooms |> List.tryFindIndex (fun (room, _) -> room = opened.Groups[1].Value) with
                            | Some place ->
                                Expect.isLessThanOrEqual place (placeOf (roomOf name)) $"{name}: {opened.Value}"
                            | None -> ())
            ]
