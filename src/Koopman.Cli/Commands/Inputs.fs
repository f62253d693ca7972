namespace Koopman.Cli

open System
open System.Globalization
open System.IO
open Koopman
open Koopman.Cli.Reporting

/// <summary>What several commands read and write.</summary>
[<RequireQualifiedAccess>]
module Inputs =

    /// <summary>Fails now rather than after the work if one of these files cannot be written.</summary>
    let checkWritable (paths: string option list) : Result<unit, KoopmanError> =
        List.choose id paths |> Results.collect Files.checkWritable |> Result.map ignore

    /// <summary>What computed the numbers, as JSON.</summary>
    let environment () : Json =
        Run.environment ()
        |> Seq.map (fun (name, value) -> name, Json.text value)
        |> Json.members

    /// <summary>How a report says that it was made.</summary>
    let provenance (command: string) (seed: int option) : Provenance =
        {
            Command = command
            Seed = seed |> Option.map int64
            Environment = Run.environment ()
            Date = DateTimeOffset.Now
        }

    /// <summary>The number k of <c>pca:k</c>.</summary>
    let parseLatent (text: string) : Result<int, KoopmanError> =
        match text.Split ':' with
        | [| "pca"; digits |] when fst (Int32.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture)) ->
            Ok(int digits)
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"'{text}' names no latent space"
                "Give pca:K, for example pca:16"

    /// <summary>The temperature of a data set: as asked for, as stored, or as the increments show it, with a remark.</summary>
    let temperature (asked: float option) (dataset: Dataset) : float =
        match asked, dataset with
        | Some t, _ -> t
        | None, Pairs pairs ->
            match pairs.Temperature with
            | Some t -> t
            | None ->
                let t = SnapshotPairs.estimateTemperature pairs

                Ui.note
                    $"No temperature is stored: taking T = {Ui.number t} from the increments (too low at long lags; --temperature sets it)."

                t
        | None, _ -> 1.0

    /// <summary>
    /// Reads a data set; of trajectories the pairs of consecutive states. With a lag, rows of points are taken as consecutive states
    /// of one trajectory.
    /// </summary>
    let read (path: string) (lag: float option) : Result<Dataset, KoopmanError> =
        Dataset.read path
        |> Result.bind (fun dataset ->
            match lag, dataset with
            | None, Paths trajectories ->
                use _ = trajectories
                Trajectories.pairs 1 trajectories |> Result.map Pairs
            | None, _ -> Ok dataset
            | Some _, (Pairs _ | Paths _) ->
                (dataset :> IDisposable).Dispose()

                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"{Path.GetFileName path} stores its own lag"
                    "Leave out --lag"
            | Some lag, _ ->
                use points = Dataset.samples dataset
                SnapshotPairs.ofTrajectory lag points |> Result.map Pairs)
