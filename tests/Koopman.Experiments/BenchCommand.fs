namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open TorchSharp

/// <summary><c>./koopman bench</c>: tables of timings.</summary>
[<RequireQualifiedAccess>]
module BenchCommand =

    /// The tables: rows by kind, and the note under the numbers.
    let private tables: (string * ((bool -> (string * (unit -> Outcome<BenchRow>)) list) * string)) list =
        [
            "estimators",
            (EstimatorBench.kinds, "floor: one exponential pass and the unavoidable products, timed in this process")
            "particles",
            (ParticleBench.kinds,
             "floor: one exponential pass and three products for each iteration, timed in this process")
            "flows", (FlowBench.kinds, "floor: the products of the networks alone, timed in this process")
        ]

    /// <summary>The names of the tables.</summary>
    let names: string list = tables |> List.map fst

    let private chosen
        (all: (string * (unit -> Outcome<BenchRow>)) list)
        (only: string option)
        : Outcome<(unit -> Outcome<BenchRow>)[]> =
        match only with
        | Some kind when not (all |> List.exists (fun (name, _) -> name = kind)) ->
            let kinds = all |> List.map fst |> List.distinct

            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"There is no row of the kind '{kind}'"
                ("Choose one of " + String.Join(", ", kinds))
        | _ ->
            all
            |> List.filter (fun (name, _) -> only |> Option.forall (fun kind -> kind = name))
            |> List.map snd
            |> Array.ofList
            |> Ok

    let private toJson (name: string) (rows: BenchRow list) : Json =
        let node (r: BenchRow) =
            Json.members
                [
                    "name", Json.text r.Name
                    "what", Json.text r.What
                    "median_seconds", Json.number (Bench.median r.Seconds)
                    "seconds", Json.list (r.Seconds |> Array.map Json.number)
                    "floor_seconds", Json.number r.Floor
                    "ratio", Json.number (Bench.median r.Seconds / r.Floor)
                    yield! r.Extra |> List.map (fun (name, value) -> name, Json.number value)
                ]

        Json.members
            [
                "name", Json.text name
                "threads", Json.integer (torch.get_num_threads ())
                "rows", Json.list (rows |> List.map node)
                "environment", Inputs.environment ()
            ]

    /// <summary>Measures and prints a table by name, or its rows of one kind.</summary>
    let run (name: string) (only: string option) (quick: bool) (json: string option) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ json ]

            match tables |> List.tryFind (fun (known, _) -> known = name) with
            | None ->
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"There is no benchmark named '{name}'"
                        ("Choose one of " + String.Join(", ", names))
            | Some(_, (kinds, meaning)) ->
                let! work = chosen (kinds quick) only

                let! rows =
                    Ui.progress "measuring" (fun report ->
                        Array.indexed work
                        |> Outcome.collect (fun (i, measure) ->
                            report (float i / float work.Length)
                            measure ()))

                Ui.table
                    [ "<what"; "median s"; "fastest s"; "floor s"; "ratio"; "<further" ]
                    [
                        for r in rows ->
                            [
                                r.What
                                Ui.number (Bench.median r.Seconds)
                                Ui.number (Array.min r.Seconds)
                                Ui.number r.Floor
                                Ui.number (Bench.median r.Seconds / r.Floor)
                                String.Join("; ", r.Extra |> List.map (fun (n, v) -> $"{n} {Ui.number v}"))
                            ]
                    ]

                Ui.say $"{meaning}; threads of libtorch: {torch.get_num_threads ()}"

                match json with
                | None -> ()
                | Some path -> do! Json.write path (toJson name rows)
        }
