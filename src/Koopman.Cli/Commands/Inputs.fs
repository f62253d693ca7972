namespace Koopman.Cli

open System
open System.Globalization
open System.IO
open Koopman
open Koopman.Cli.Reporting
open Koopman.Flows

/// <summary>A data set that was read, with the trajectories its pairs come from, if any.</summary>
[<Sealed>]
type Loaded(file: string, dataset: Dataset, paths: Trajectories option) =
    /// <summary>The name of the file, for messages.</summary>
    member _.File: string = file

    /// <summary>Pairs, points or images.</summary>
    member _.Dataset: Dataset = dataset

    /// <summary>The trajectories, in delay coordinates if asked for.</summary>
    member _.Paths: Trajectories option = paths

    interface IDisposable with
        /// <summary>Frees the data.</summary>
        member _.Dispose() =
            (dataset :> IDisposable).Dispose()
            paths |> Option.iter (fun paths -> (paths :> IDisposable).Dispose())

/// <summary>Inputs and outputs shared by commands.</summary>
[<RequireQualifiedAccess>]
module Inputs =

    /// <summary>Checks before the work starts that these files can be written.</summary>
    let checkWritable (paths: string option list) : Outcome<unit> =
        List.choose id paths |> Outcome.collect Files.checkWritable |> Result.map ignore

    /// <summary>The provenance of the numbers, as JSON.</summary>
    let environment () : Json =
        Run.environment ()
        |> Seq.map (fun (name, value) -> name, Json.text value)
        |> Json.members

    /// <summary>The provenance line of a report.</summary>
    let provenance (command: string) (seed: int option) : Provenance =
        {
            Command = command
            Seed = seed |> Option.map int64
            Environment = Run.environment ()
            Date = DateTimeOffset.Now
        }

    /// <summary>The number k of <c>pca:k</c>.</summary>
    let parseLatent (text: string) : Outcome<int> =
        match text.Split ':' with
        | [| "pca"; digits |] when fst (Int32.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture)) ->
            Ok(int digits)
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"'{text}' is not a latent space"
                "Give pca:K, for example pca:16"

    /// <summary>The temperature of a data set: as given, as stored, or as estimated from the increments, with a remark.</summary>
    let temperature (asked: float option) (dataset: Dataset) : float =
        match asked, dataset with
        | Some t, _ -> t
        | None, Pairs pairs ->
            match SnapshotPairs.temperature pairs with
            | Some t -> t
            | None ->
                let t = SnapshotPairs.estimateTemperature pairs

                Ui.note
                    $"No temperature is stored: using T = {Ui.number t}, estimated from the increments (too low at long lags; --temperature sets it)."

                t
        | None, _ -> 1.0

    let private ofPaths (file: string) (delays: int) (trajectories: Trajectories) : Outcome<Loaded> =
        result {
            let! paths =
                if delays = 1 then
                    Ok trajectories
                else
                    use _ = trajectories
                    Trajectories.delays delays trajectories

            match Trajectories.pairs 1 paths with
            | Ok pairs -> return new Loaded(file, Pairs pairs, Some paths)
            | Error error ->
                (paths :> IDisposable).Dispose()
                return! Error error
        }

    let private withoutPaths (file: string) (delays: int) (dataset: Dataset) : Outcome<Loaded> =
        if delays = 1 then
            Ok(new Loaded(file, dataset, None))
        else
            (dataset :> IDisposable).Dispose()

            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{file} holds no trajectories, which delays need"
                "Leave out --delays, or give --lag TIME if the rows are consecutive states"

    /// <summary>
    /// Reads a data set; trajectories give pairs of consecutive states. With a lag, rows of points are consecutive states of one trajectory; with
    /// several delays, a state consists of that many consecutive states, the newest first.
    /// </summary>
    let load (path: string) (lag: float option) (delays: int) : Outcome<Loaded> =
        let file = FileInfo(path).Name

        Dataset.read path
        |> Result.bind (fun dataset ->
            match lag, dataset with
            | None, Paths trajectories -> ofPaths file delays trajectories
            | None, _ -> withoutPaths file delays dataset
            | Some _, (Pairs _ | Paths _) ->
                (dataset :> IDisposable).Dispose()

                KoopmanError.fail ErrorKind.InvalidSetting $"{file} stores its own lag" "Leave out --lag"
            | Some lag, _ ->
                use points = Dataset.samples dataset
                Trajectories.create lag [ points.Points ] |> Result.bind (ofPaths file delays))
