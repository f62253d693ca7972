namespace Koopman.Cli

open System
open TorchSharp
open Koopman
open Koopman.Flows

/// <summary><c>koopman flow signatures</c> and <c>density</c>: classes in modal coordinates, and likelihoods of data.</summary>
[<RequireQualifiedAccess>]
module FlowClassCommands =

    /// <summary>How well modal coordinates tell the classes of data apart.</summary>
    let signatures
        (options: ReadOptions)
        (file: string)
        (data: string)
        (labels: string)
        (json: string option)
        : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ json ]
            use! model = FlowModel.loadFor None None file
            use! all = Inputs.loadStill options [ data ]
            let! loaded, classes = Labels.read (Some labels) all
            use loaded = loaded
            let classes = Option.get classes
            use! points = FlowModel.ofData model (Dataset.samples loaded.Dataset)
            use! modes = FlowSpectrum.find model.Lift 1.0 points
            let! found = ClassSignatures.find 1.0 modes classes.Numbers points

            Ui.table
                [ "<nearest class mean in"; "share of right classes" ]
                [
                    for struct (name, share) in found.Accuracies do
                        [ name; Ui.number share ]
                    [ "chance"; Ui.number found.Chance ]
                ]

            Ui.say $"classes: {Labels.describe classes}"
            Ui.say "α: modal coordinates of the data; x: the data themselves, in the space of the flow"

            match json with
            | None -> ()
            | Some path ->
                do!
                    Json.write
                        path
                        (Json.members
                            [
                                "file", Json.text file
                                "data", Json.text data
                                "classes", Json.list (classes.Names |> Seq.map Json.number)
                                "accuracies",
                                Json.list
                                    [
                                        for struct (name, share) in found.Accuracies ->
                                            Json.members [ "quantity", Json.text name; "share", Json.number share ]
                                    ]
                                "chance", Json.number found.Chance
                                "energies", Json.list (found.Energies |> Seq.map (Seq.map Json.number >> Json.list))
                                "distances", Json.list (found.Distances |> Seq.map (Seq.map Json.number >> Json.list))
                                "environment", Inputs.environment ()
                            ])
        }

    /// Newton's steps.
    let private iterations = 20

    /// <summary>The log density of one-step samples at data, in the space of the flow.</summary>
    let density
        (options: ReadOptions)
        (file: string)
        (number: int option)
        (data: string)
        (out: string option)
        (json: string option)
        : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ json ]
            do! out |> Option.map Samples.checkSavable |> Option.defaultValue (Ok())
            use! model = FlowModel.loadFor number None file
            use! points = FlowCommands.readData options model data
            use! found = Likelihood.logDensity iterations model.Lift points.Points
            let density = found.LogDensity
            let reached = found.Misses |> Array.map (fun miss -> miss < 1e-6)
            let inReach = Array.zip density reached |> Array.filter snd |> Array.map fst

            if inReach.Length = 0 then
                return!
                    KoopmanError.fail
                        ErrorKind.NotConverged
                        "The flow reaches none of these points"
                        "Give data of the law that the flow was trained on"
            else
                let mean = Array.average inReach

                Ui.say
                    $"mean log density {Ui.number mean} over {inReach.Length} of {density.Length} points; the flow does not reach the others"

                Ui.say (
                    match model.Latent with
                    | None -> "densities are those of the data"
                    | Some map -> $"densities are those of the flow's space ({map})"
                )

                match out with
                | None -> ()
                | Some out ->
                    use! column =
                        Samples.ofValues
                            1
                            (Array.map2 (fun d r -> if r then d else -infinity) density reached
                             |> Array.map (max -1e308))

                    do! Samples.saveNamed [| "log_density" |] out column
                    Ui.say $"{out}: {column}"

                match json with
                | None -> ()
                | Some path ->
                    do!
                        Json.write
                            path
                            (Json.members
                                [
                                    "file", Json.text file
                                    "data", Json.text data
                                    "points", Json.integer density.Length
                                    "reached", Json.integer inReach.Length
                                    "mean_log_density", Json.number mean
                                    "environment", Inputs.environment ()
                                ])
        }
