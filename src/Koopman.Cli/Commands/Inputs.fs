namespace Koopman.Cli

open System
open System.Globalization
open System.IO
open Koopman
open Koopman.Cli.Reporting
open Koopman.Flows

/// <summary>A data set that was read, with the trajectories its pairs come from, if any.</summary>
[<Sealed>]
type Loaded
    (
        file: string,
        dataset: Dataset,
        paths: Trajectories option,
        names: string[],
        inputs: string[],
        timeUnit: string,
        understood: string
    ) =
    /// <summary>The name of the file, for messages.</summary>
    member _.File: string = file

    /// <summary>The names of the coordinates: those of the columns, with the delay in rows where there are several.</summary>
    member _.Names: string[] = names

    /// <summary>The names of the inputs; empty if there are none.</summary>
    member _.InputNames: string[] = inputs

    /// <summary>The unit of the times; empty if it is not known.</summary>
    member _.TimeUnit: string = timeUnit

    /// <summary>What was understood of the file, in one line.</summary>
    member _.Understood: string = understood

    /// <summary>Pairs, points or images; whole trajectories only at irregular times.</summary>
    member _.Dataset: Dataset = dataset

    /// <summary>The regularly sampled trajectories that the pairs come from, in delay coordinates if asked for.</summary>
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

    /// <summary>Checks that these options are 1 or more.</summary>
    let checkCounts (counts: (string * int) list) : Outcome<unit> =
        match counts |> List.tryFind (fun (_, value) -> value < 1) with
        | None -> Ok()
        | Some(option, value) -> KoopmanError.fail ErrorKind.InvalidSetting $"{option} is {value}" "Give 1 or more"

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
        | None, _ ->
            Ui.note "No temperature is given: using T = 1 (--temperature sets it)."
            1.0

    /// Pairs of irregularly sampled trajectories differ from the lag by at most this share of it.
    let private nearness = 0.1

    /// Says what was understood, on one line.
    let private head (understood: Interpretation) (more: string list) : string =
        let line = ToolWords.translate (String.Join("; ", string understood :: more))

        Ui.head line
        line

    let private ofPaths
        (file: string)
        (lag: float option)
        (delays: int)
        (rows: int)
        (understood: Interpretation)
        (trajectories: Trajectories)
        : Outcome<Loaded> =
        result {
            let! paths =
                if delays = 1 then
                    Ok trajectories
                else
                    use _ = trajectories
                    Trajectories.delays delays trajectories

            let short =
                paths.Dropped - (if delays = 1 then paths.Dropped else trajectories.Dropped)

            let remarks =
                [
                    if short > 0 then
                        $"{short} too short for {delays} delays left out"
                ]

            let names =
                [|
                    for delay in 0 .. delays - 1 do
                        for name in understood.States -> if delay = 0 then name else $"{name}[-{delay}]"
                |]

            let made (dataset: Dataset) (kept: Trajectories option) (said: string list) : Loaded =
                new Loaded(
                    file,
                    dataset,
                    kept,
                    names,
                    understood.Inputs,
                    understood.TimeUnit,
                    head understood (remarks @ said)
                )

            let freed (error: KoopmanError) : Outcome<Loaded> =
                paths.Dispose()
                Error error

            match Trajectories.step paths, lag with
            | Some _, _ ->
                match Trajectories.pairs rows paths with
                | Ok pairs ->
                    let said =
                        [
                            if rows > 1 then
                                $"pairs {rows} rows apart"
                        ]

                    return made (Pairs pairs) (Some paths) said
                | Error error -> return! freed error
            | None, _ when rows > 1 ->
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "The times are not equally spaced, so that a lag is not a number of rows"
                        "Leave out --lag-rows, and give --lag TIME for pairs at about this lag"
                    |> Result.mapError (fun error ->
                        paths.Dispose()
                        error)
            | None, Some lag ->
                match Trajectories.pairsNear lag (nearness * lag) paths with
                | Ok pairs ->
                    paths.Dispose()

                    let said =
                        $"{pairs.From.Count} pairs of states {Ui.number lag} apart, up to {Ui.number (nearness * lag)}"

                    return made (Pairs pairs) None [ said ]
                | Error error -> return! freed error
            | None, None ->
                let said =
                    "no pairs at one lag (--lag TIME takes those at about this lag; --missing cut cuts at gaps)"

                return made (Paths paths) None [ said ]
        }

    let private withoutPaths
        (file: string)
        (delays: int)
        (rows: int)
        (understood: Interpretation)
        (dataset: Dataset)
        : Outcome<Loaded> =
        if delays = 1 && rows = 1 then
            Ok(
                new Loaded(
                    file,
                    dataset,
                    None,
                    understood.States,
                    understood.Inputs,
                    understood.TimeUnit,
                    head understood []
                )
            )
        else
            (dataset :> IDisposable).Dispose()

            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{file} holds no trajectories, which delays and lags in rows need"
                "Leave out --delays and --lag-rows, or give --lag TIME if the rows are consecutive states"

    /// The files that a pattern such as run-*.csv names, in the order of their names; shells of Windows leave patterns to the program.
    let private expand (path: string) : Outcome<string list> =
        if path.IndexOfAny [| '*'; '?' |] < 0 || File.Exists path || Directory.Exists path then
            Ok [ path ]
        else
            let folder =
                match Path.GetDirectoryName path with
                | null
                | "" -> "."
                | folder -> folder

            let found =
                if Directory.Exists folder then
                    Directory.GetFiles(folder, Path.GetFileName path |> nonNull)
                else
                    [||]

            if found.Length = 0 then
                KoopmanError.fail
                    ErrorKind.MissingFile
                    $"No file is named like '{path}'"
                    "Check the folder and the pattern"
            else
                Array.sortInPlaceWith (fun (a: string) b -> String.CompareOrdinal(a, b)) found
                Ok(List.ofArray found)

    /// One file, or several, which are several trajectories.
    let private dataset (options: ReadOptions) (paths: string list) : Outcome<struct (Dataset * Interpretation)> =
        paths
        |> Outcome.collect expand
        |> Result.map List.concat
        |> Result.bind (function
            | [ path ] -> Dataset.readWith options path
            | several ->
                Dataset.readFiles options several
                |> Result.map (fun (struct (trajectories, understood)) -> struct (Paths trajectories, understood)))

    /// <summary>What files are called in messages and titles.</summary>
    let title (paths: string list) : string =
        match paths with
        | [ path ] -> Understood.file path
        | several -> several |> List.map Understood.file |> Array.ofList |> Understood.names

    /// <summary>
    /// Reads a data set, of several files their trajectories, and says what was understood; trajectories give pairs of consecutive states. With a lag, rows of points are consecutive
    /// states of one trajectory, and of irregularly sampled ones the pairs at about this lag are taken; with several delays, a state consists of
    /// that many consecutive states, the newest first, and a pair of two states so many rows apart.
    /// </summary>
    let loadLagged (options: ReadOptions) (paths: string list) (delays: int) (rows: int) : Outcome<Loaded> =
        let file = title paths

        dataset options paths
        |> Result.bind (fun (struct (dataset, understood)) ->
            match dataset with
            | Paths trajectories -> ofPaths file options.Lag delays rows understood trajectories
            | _ -> withoutPaths file delays rows understood dataset)

    /// <summary>As <c>loadLagged</c>, with pairs of consecutive states and no delays.</summary>
    let load (options: ReadOptions) (paths: string list) : Outcome<Loaded> = loadLagged options paths 1 1

    /// <summary>Says what was understood in other words.</summary>
    let restate (change: string -> string) (understood: Interpretation) : Interpretation =
        let changed =
            { understood with
                Sentence = change understood.Sentence
            }

        head changed [] |> ignore
        changed

    /// <summary>Reads a data set, of several files their trajectories, and says what was understood.</summary>
    let read (options: ReadOptions) (paths: string list) : Outcome<struct (Dataset * Interpretation)> =
        dataset options paths
        |> Result.map (fun (struct (dataset, understood)) ->
            head understood [] |> ignore
            struct (dataset, understood))

    /// <summary>The states of a data set in the order of the file; trajectories give their states and no pairs.</summary>
    let loadStill (options: ReadOptions) (paths: string list) : Outcome<Loaded> =
        dataset options paths
        |> Result.map (fun (struct (dataset, understood)) ->
            new Loaded(
                title paths,
                dataset,
                None,
                understood.States,
                understood.Inputs,
                understood.TimeUnit,
                head understood []
            ))

    /// <summary>The points of a data set without one of its columns, and this column.</summary>
    let split (column: string) (loaded: Loaded) : Outcome<Loaded * float[]> =
        // A name may have its unit behind it.
        let isNamed (name: string) =
            name = column || name.StartsWith(column + " [", StringComparison.Ordinal)

        match loaded.Dataset, Array.tryFindIndex isNamed loaded.Names with
        | _, None ->
            let names = String.Join(", ", loaded.Names)

            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{loaded.File} has no column '{column}'"
                $"Its columns are {names}"
        | Points samples, Some index when samples.Dimension > 1 ->
            let others =
                [|
                    for k in 0 .. samples.Dimension - 1 do
                        if k <> index then
                            int64 k
                |]

            let values =
                Tensors.within (fun () -> Tensors.toArray (samples.Points.select (1L, int64 index)))

            use rest = samples.Points.index_select (1L, Tensors.ofIndices others)

            Samples.ofTensor rest
            |> Result.map (fun points ->
                new Loaded(
                    loaded.File,
                    Points points,
                    None,
                    others |> Array.map (fun k -> loaded.Names[int k]),
                    [||],
                    loaded.TimeUnit,
                    loaded.Understood
                ),
                values)
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{loaded.File} does not hold points and '{column}' at each of them"
                "Give a table with the coordinates of points and this column, without times"
