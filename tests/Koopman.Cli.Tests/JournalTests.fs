namespace Koopman.Cli.Tests

open System
open System.IO
open Expecto
open Koopman
open Koopman.Experiments
open Koopman.Tests

/// Interrupted experiments and the files that they are resumed from.
module JournalTests =

    let private opened (path: string) (name: string) (seed: int) : Journal =
        Journal.Open(path, name, [ "the seed", string seed ]) |> Outcome.get

    /// A comparison over seeds whose methods draw numbers from the seed; it counts the seeds that are computed.
    let private comparisonOf (seeds: int) (journal: Journal) (computed: int ref) (report: float -> unit) : Findings =
        Comparison.over
            journal
            seeds
            "Nothing."
            (fun trials ->
                [
                    "greatest", trials |> List.map (fun trial -> snd trial.Facts.Head) |> List.max
                ])
            (fun seed ->
                computed.Value <- computed.Value + 1
                use drawn = Seed.normal [| 4L |] seed
                let values = Tensors.toArray drawn

                Ok
                    {
                        Methods =
                            [
                                "kswgd", [ "mmd", values[0]; "kl", nan ]
                                "floor", [ "mmd", values[1]; "kl", infinity ]
                            ]
                        Facts = [ "fact", values[2] ]
                        Sections = []
                    })
            report
            (Seed.ofInt 7)
        |> Outcome.get

    let private comparison: Journal -> int ref -> (float -> unit) -> Findings =
        comparisonOf 3

    /// Equal to the bit, NaN included.
    let same (expected: (string * float) list) (actual: (string * float) list) (what: string) : unit =
        let bits =
            List.map (fun (name: string, value: float) -> name, BitConverter.DoubleToInt64Bits value)

        Expect.equal (bits actual) (bits expected) what

    let tests: Test =
        testList
            "Journal"
            [
                testInFolder "Parts come back equal to the bit" (fun folder ->
                    let path = folder.File "parts"

                    let numbers =
                        [|
                            0.1
                            -0.0
                            Double.Epsilon
                            Double.MaxValue
                            infinity
                            -infinity
                            nan
                            1.0 / 3.0
                        |]

                    let value: (string * ((string * float[]) list * int option)) list =
                        [ "a", ([ "b", numbers ], Some 3); "ü \" \n", ([], None) ]

                    let first = (opened path "x" 1).Keep("part", (fun () -> Ok value)) |> Outcome.get

                    let again =
                        (opened path "x" 1).Keep("part", (fun () -> failtest "The part is kept"))
                        |> Outcome.get

                    let bits (value: (string * ((string * float[]) list * int option)) list) =
                        value
                        |> List.map (fun (name, (inner, whole)) ->
                            name,
                            (inner
                             |> List.map (fun (name, numbers: float[]) ->
                                 name, numbers |> Array.map BitConverter.DoubleToInt64Bits)),
                            whole)

                    Expect.equal (bits again) (bits value) "the value"
                    Expect.equal (bits first) (bits value) "the value when it is computed")

                testInFolder "A comparison that is cut in its second seed goes on from there" (fun folder ->
                    let path = folder.File "parts"
                    let whole, before, after = ref 0, ref 0, ref 0
                    let uncut = comparison (Journal.Nowhere()) whole ignore

                    Expect.throwsT<OperationCanceledException>
                        (fun () ->
                            comparison (opened path "x" 1) before (fun part ->
                                if part > 0.5 then
                                    raise (OperationCanceledException()))
                            |> ignore)
                        "the interruption"

                    let resumed = comparison (opened path "x" 1) after ignore
                    Expect.equal (whole.Value, before.Value, after.Value) (3, 2, 1) "the seeds that were computed"
                    same uncut.Metrics resumed.Metrics "the metrics"
                    Expect.equal resumed.Table uncut.Table "the table"

                    Expect.equal
                        (uncut.Extra |> List.map (fun (name, json) -> name, string json))
                        (resumed.Extra |> List.map (fun (name, json) -> name, string json))
                        "the numbers of each seed")

                testCase "A comparison of one seed has the metrics of one of three" (fun () ->
                    let names seeds =
                        (comparisonOf seeds (Journal.Nowhere()) (ref 0) ignore).Metrics |> List.map fst

                    Expect.equal (names 1) (names 3) "the names"
                    Expect.hasLength (names 1) 7 "the names")

                testInFolder "A file of another run is refused, with both values" (fun folder ->
                    let path = folder.File "parts"
                    (opened path "x" 1).Keep("part", (fun () -> Ok 1.0)) |> Outcome.get |> ignore
                    let stored = File.ReadAllBytes path

                    for name, seed, words in
                        [
                            "x", "2", [ "seed"; "1 there"; "2 here" ]
                            "y", "1", [ "experiment x"; "experiment y" ]
                        ] do
                        match Journal.Open(path, name, [ "the seed", seed ]) with
                        | Ok _ -> failtest "The file is that of another run"
                        | Error error ->
                            Expect.equal error.Kind ErrorKind.CheckpointMismatch "the kind"

                            for word in words @ [ path ] do
                                Expect.stringContains error.Cause word "the cause"

                    Expect.equal (File.ReadAllBytes path) stored "the file")

                testCase "Two parts of one name are a defect" (fun () ->
                    let journal = Journal.Nowhere()
                    journal.Keep("part", (fun () -> Ok 1)) |> Outcome.get |> ignore
                    journal.Within("half").Keep("part", (fun () -> Ok 1)) |> Outcome.get |> ignore

                    Expect.throwsT<InvalidOperationException>
                        (fun () -> journal.Keep("part", (fun () -> Ok 2)) |> ignore)
                        "the second part")

                testSequenced (
                    testInFolder "The command says what it keeps, and refuses what cannot be resumed" (fun folder ->
                        let state, json = folder.File "state", folder.File "out.json"

                        let reproduce more =
                            Tool.laboratory ([ "reproduce" ] @ more)

                        reproduce [ "spectra"; "--resume"; state ]
                        |> Tool.refused [ "one part"; "Leave out --resume" ]

                        reproduce [ "circle-quick"; "--resume"; json; "--json"; json ]
                        |> Tool.refused [ "--resume"; "result" ]

                        Expect.equal folder.Names [] "the files"

                        // A run that was cut off before its first seed was done.
                        Journal.Open(state, "posterior", [ "the size", "quick"; "the seed", "3" ])
                        |> Outcome.get
                        |> ignore

                        reproduce [ "posterior"; "--quick"; "--seed"; "4"; "--resume"; state ]
                        |> Tool.refused [ "seed"; "3 there, 4 here"; "another file" ]

                        Expect.equal folder.Names [ "state" ] "the files")
                )
            ]
