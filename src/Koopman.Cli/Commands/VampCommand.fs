namespace Koopman.Cli

open System
open Koopman

/// <summary><c>koopman vamp</c>: singular values and functions of the propagator, and how much of the dynamics they capture.</summary>
[<RequireQualifiedAccess>]
module VampCommand =

    /// <summary>The user's request.</summary>
    [<NoComparison>]
    type Request =
        {
            Files: string list
            Observables: string
            /// How the file is to be understood.
            Reading: ReadOptions
            Delays: int
            /// The time between the states of a pair, in rows.
            LagRows: int
            /// The number of singular functions.
            Rank: int option
            Folds: int
            Scaling: MapScaling
            /// The file for the slow coordinates.
            Out: string option
            Json: string option
        }

    /// The singular functions shown where no number is given.
    let private shown = 10

    /// The time in which a function with this singular value decays, as if the process were in equilibrium.
    let private decayTime (lag: float) (value: float) : float =
        if value >= 1.0 then infinity
        elif value <= 0.0 then nan
        else -lag / log value

    let private pairsOf (loaded: Loaded) : Outcome<SnapshotPairs> =
        match loaded.Dataset with
        | Pairs pairs -> Ok pairs
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{loaded.File} holds no pairs of states and successors"
                "Give --lag TIME if the rows are consecutive states, or a file with pairs or trajectories"

    /// Mean and standard error over folds.
    let private mean (values: float[]) : float * float =
        let n = float values.Length
        let mean = Array.average values
        let spread = values |> Array.sumBy (fun v -> (v - mean) ** 2.0)
        mean, sqrt (spread / (n - 1.0) / n)

    /// <summary>Fits the model, scores it on held-out folds, and writes the slow coordinates.</summary>
    let run (request: Request) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ request.Json ]
            do! request.Out |> Option.map Samples.checkSavable |> Option.defaultValue (Ok())

            do!
                Inputs.checkCounts
                    [
                        "--delays", request.Delays
                        "--lag-rows", request.LagRows
                        "--rank", Option.defaultValue 1 request.Rank
                    ]

            use! loaded =
                Inputs.loadLagged request.Reading request.Files request.Delays request.LagRows

            let! pairs = pairsOf loaded
            use! observables = ObservableSpec.parse (Seed.ofInt 0) pairs.From request.Observables

            let options =
                { Vamp.defaults with
                    Rank = request.Rank
                    Folds = request.Folds
                }

            use! model = Vamp.fit options observables pairs

            let! scores =
                [
                    "VAMP-1", VampScore.Vamp1
                    "VAMP-2", VampScore.Vamp2
                    "VAMP-E", VampScore.VampE
                ]
                |> Outcome.collect (fun (name, kind) ->
                    Vamp.crossValidate options kind observables pairs
                    |> Result.map (fun folds -> name, mean folds))

            let values = model.SingularValues

            let rows =
                values
                |> Array.truncate (defaultArg request.Rank shown)
                |> Array.mapi (fun k value ->
                    [ string (k + 1); Ui.number value; Ui.number (decayTime model.Lag value) ])
                |> List.ofArray

            let timescale =
                if loaded.TimeUnit = "" then
                    "timescale"
                else
                    $"timescale [{loaded.TimeUnit}]"

            Ui.table [ "function"; "singular value"; timescale ] rows
            Ui.say $"{model}; the constant, with singular value 1, is left out"

            Ui.table
                [ "<score on held-out parts"; "mean"; "± error" ]
                [
                    for name, (value, error) in scores -> [ name; Ui.number value; Ui.number error ]
                ]

            Ui.say
                "scores count the constant as 1; larger is better, at the same lag only; the timescale is that of a process in equilibrium"

            match request.Out with
            | None -> ()
            | Some path ->
                let states =
                    match loaded.Paths with
                    | Some paths -> paths.States
                    | None -> pairs.From

                use coordinates = model.Coordinates(request.Scaling, states.Points)
                use! slow = Samples.ofTensor coordinates
                do! Samples.save path slow
                Ui.say $"{path}: {slow}, scaled {string request.Scaling |> _.ToLowerInvariant()}"

            match request.Json with
            | None -> ()
            | Some path ->
                do!
                    Json.write
                        path
                        (Json.members
                            [
                                "file", Json.text (String.Join(", ", request.Files))
                                "understood", Json.text loaded.Understood
                                "time_unit", Json.text loaded.TimeUnit
                                "columns", Json.list (loaded.Names |> Seq.map Json.text)
                                "pairs", Json.integer pairs.Count
                                "lag", Json.number model.Lag
                                "observables", Json.text observables.Description
                                "singular_values", Json.list (values |> Seq.map Json.number)
                                "timescales", Json.list (values |> Seq.map (decayTime model.Lag >> Json.number))
                                "scores",
                                Json.list
                                    [
                                        for name, (value, error) in scores ->
                                            Json.members
                                                [
                                                    "score", Json.text name
                                                    "mean", Json.number value
                                                    "standard_error", Json.number error
                                                ]
                                    ]
                                "environment", Inputs.environment ()
                            ])
        }
