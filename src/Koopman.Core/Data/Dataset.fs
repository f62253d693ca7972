namespace Koopman

open System
open System.IO

/// <summary>The content of a data file.</summary>
[<NoComparison; NoEquality>]
type Dataset =
    /// <summary>States and their successors.</summary>
    | Pairs of SnapshotPairs
    /// <summary>Whole trajectories.</summary>
    | Paths of Trajectories
    /// <summary>Points without time.</summary>
    | Points of Samples
    /// <summary>Greyscale images, one row per image, values in [0,1].</summary>
    | Images of Samples * height: int * width: int

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member this.Dispose() =
            match this with
            | Pairs pairs -> (pairs :> IDisposable).Dispose()
            | Paths trajectories -> (trajectories :> IDisposable).Dispose()
            | Points samples
            | Images(samples, _, _) -> (samples :> IDisposable).Dispose()

/// <summary>Reads and writes data sets by the ending of their file name.</summary>
[<RequireQualifiedAccess>]
module Dataset =

    let private number (file: string) (name: string) (array: NumericArray) : Outcome<float> =
        if array.Values.Length = 1 then
            Ok array.Values[0]
        else
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"{file}: '{name}' must be one number, but holds {array.Values.Length}"
                $"Store {name} as a scalar"

    /// The optional data of pairs, one step per property; the previous result of each step is freed.
    let private withDetails
        (file: string)
        (arrays: Map<string, NumericArray>)
        (plain: SnapshotPairs)
        : Outcome<SnapshotPairs> =
        let refine
            (name: string)
            (change: NumericArray -> SnapshotPairs -> Outcome<SnapshotPairs>)
            (so: Outcome<SnapshotPairs>)
            =
            match Map.tryFind name arrays with
            | None -> so
            | Some array ->
                so
                |> Result.bind (fun pairs ->
                    use _ = pairs
                    change array pairs)

        let rows
            (change: Tensor -> SnapshotPairs -> Outcome<SnapshotPairs>)
            (array: NumericArray)
            (pairs: SnapshotPairs)
            =
            use table =
                match array.Shape with
                | [| n |] -> Tensors.ofRows n array.Values
                | [| n; _ |] when n > 0 -> Tensors.ofRows n array.Values
                | _ -> Tensors.ofVector array.Values

            change table pairs

        let stride (array: NumericArray) (pairs: SnapshotPairs) =
            let starts =
                Map.tryFind "starts" arrays
                |> Option.map (_.Values >> Array.map int)
                |> Option.defaultValue pairs.Starts

            number file "stride" array
            |> Result.bind (fun stride -> SnapshotPairs.withRuns starts (int stride) pairs)

        Ok plain
        |> refine "temperature" (fun array pairs ->
            number file "temperature" array
            |> Result.map (fun t -> SnapshotPairs.withTemperature t pairs))
        |> refine "w" (fun array -> SnapshotPairs.withWeights array.Values)
        |> refine "u" (rows SnapshotPairs.withInputs)
        |> refine "y2" (rows SnapshotPairs.withSecond)
        |> refine "stride" stride

    /// Names that others give to these arrays.
    let private aliases =
        [
            "x", [ "X"; "arr_0" ]
            "y", [ "Y"; "arr_1" ]
            "lag", [ "dt" ]
            "times", [ "t"; "time" ]
        ]

    /// Arrays that are no states.
    let private details =
        [
            "lag"
            "dt"
            "times"
            "t"
            "time"
            "starts"
            "stride"
            "temperature"
            "u"
            "w"
        ]

    /// The arrays under the names of this library, with what was renamed.
    let private renamed
        (options: ReadOptions)
        (arrays: Map<string, NumericArray>)
        : Map<string, NumericArray> * string list * ReadOptions =
        let states, options =
            match options.Columns with
            | [ name ] when arrays.ContainsKey name && name <> "x" -> [ "x", name ], { options with Columns = [] }
            | _ -> [], options

        let times =
            match options.Time with
            | Some name when arrays.ContainsKey name && name <> "times" -> [ "times", name ]
            | _ -> []

        let found =
            aliases
            |> List.choose (fun (name, others) ->
                if arrays.ContainsKey name then
                    None
                else
                    others
                    |> List.tryFind arrays.ContainsKey
                    |> Option.map (fun other -> name, other))
            |> List.filter (fun (name, other) ->
                match name with
                // Of two arrays without names the second holds successors only if it has the shape of the first.
                | "y" -> other <> "arr_1" || arrays["arr_1"].Shape = arrays["arr_0"].Shape
                | "times" -> not (arrays.ContainsKey "lag")
                | "lag" -> not (List.exists arrays.ContainsKey [ "times"; "t"; "time" ])
                | _ -> true)

        let chosen = states @ times @ found |> List.distinctBy fst

        (arrays, chosen)
        ||> List.fold (fun all (name, other) -> all |> Map.remove other |> Map.add name arrays[other]),
        chosen |> List.map (fun (name, other) -> $"{name} from `{other}`"),
        options

    /// Samples of rows that are complete, or of all.
    let private pointsOf
        (options: ReadOptions)
        (file: string)
        (place: int -> string)
        (remarks: string list)
        (names: string[])
        (values: float[])
        : Outcome<struct (Dataset * Interpretation)> =
        let width = names.Length
        let rows = if width = 0 then 0 else values.Length / width

        let missing =
            [|
                for row in 0 .. rows - 1 do
                    let column = MissingRows.firstIn values width row

                    if column >= 0 then
                        row, column
            |]

        result {
            match options.Missing, Array.tryHead missing with
            | MissingValues.Cut, _
            | _, None -> ()
            | MissingValues.Fill, _ ->
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"{file} holds points without times, whose order means nothing, so that nothing can be filled from the rows around"
                        "If the rows are consecutive states, say so with ReadOptions.Lag; else leave out what is missing with ReadOptions.Missing = Cut"
            | _, Some(row, column) ->
                return!
                    MissingRows.refuse file names[column] values[row * width + column] (place row) missing.Length rows

            let complete =
                if missing.Length = 0 then
                    values
                else
                    let isOut = missing |> Array.map fst |> Set.ofArray

                    [| 0 .. rows - 1 |]
                    |> Array.filter (fun row -> not (isOut.Contains row))
                    |> Array.collect (fun row -> Array.sub values (row * width) width)

            let! transposed = RawTrajectories.checkTransposed file rows width
            let! samples = Samples.ofValues width complete

            let coordinates =
                $"""{Understood.counted width "coordinate" "coordinates"} ({Understood.names names})"""

            return
                struct (Points samples,
                        {
                            Sentence =
                                $"""{Understood.file file}: {Understood.counted samples.Count "point" "points"}, {coordinates}, no times"""
                            States = names
                            Inputs = [||]
                            TimeUnit = ""
                            Remarks =
                                [|
                                    yield! remarks
                                    yield! transposed
                                    if missing.Length > 0 then
                                        $"""{Understood.counted missing.Length "row" "rows"} with missing values left out"""
                                |]
                        })
        }

    let private rowPlace (row: int) : string =
        $"row {Understood.whole row}, counted from 0"

    let private paths
        (made: Outcome<struct (Trajectories * Interpretation)>)
        : Outcome<struct (Dataset * Interpretation)> =
        made
        |> Result.map (fun (struct (trajectories, understood)) -> struct (Paths trajectories, understood))

    let private ofPairs
        (options: ReadOptions)
        (file: string)
        (remarks: string list)
        (pairs: SnapshotPairs)
        : struct (Dataset * Interpretation) =
        let names = Understood.numbered pairs.From.Dimension

        let inputs =
            match pairs.Inputs with
            | None -> [||]
            | Some inputs -> Array.init (int inputs.shape[1]) (fun i -> $"u{i + 1}")

        struct (Pairs pairs,
                {
                    Sentence =
                        $"""{Understood.file file}: {Understood.counted pairs.From.Count "pair" "pairs"}, {Understood.states names}{Understood.inputs inputs}, lag {Understood.number pairs.Lag}"""
                    States = names
                    Inputs = inputs
                    TimeUnit = ReadOptions.timeUnit options
                    Remarks = Array.ofList remarks
                })

    let private ofNamed
        (options: ReadOptions)
        (file: string)
        (left: string list)
        (stored: Map<string, NumericArray>)
        : Outcome<struct (Dataset * Interpretation)> =
        let arrays, remarks, options = renamed options stored
        let remarks = left @ remarks

        match Map.tryFind "x" arrays, Map.tryFind "y" arrays with
        | None, _ ->
            let found = String.Join(", ", Map.keys stored)

            KoopmanError.fail
                ErrorKind.UnreadableFile
                $"{file} holds no array 'x' (it holds: {found})"
                "Name the states x, their successors y, and the time between them lag; or say which array holds the states with ReadOptions.Columns"
        | Some _, None when TrajectoryFiles.isArchive options arrays ->
            TrajectoryFiles.ofArchive options file remarks arrays |> paths
        | Some x, None ->
            result {
                let! struct (_, names, values, said) = TrajectoryFiles.arrayOf options false file x
                return! pointsOf options file rowPlace (remarks @ said) names values
            }
        | Some x, Some y ->
            result {
                match Map.tryFind "lag" arrays, options.Lag with
                | None, None ->
                    return!
                        KoopmanError.fail
                            ErrorKind.UnreadableFile
                            $"{file} holds x and y, but not the time between them"
                            "Add the scalar 'lag', or give ReadOptions.Lag"
                | Some _, Some _ ->
                    return!
                        KoopmanError.fail
                            ErrorKind.InvalidSetting
                            $"{file} stores its own lag"
                            "Leave out ReadOptions.Lag"
                | lag, given ->
                    let! lag =
                        match lag with
                        | Some lag -> number file "lag" lag
                        | None -> Ok given.Value

                    use! from = Samples.ofNumericArray x
                    use! successors = Samples.ofNumericArray y
                    let! plain = SnapshotPairs.create lag from.Points successors.Points
                    let! pairs = withDetails file arrays plain
                    return ofPairs options file remarks pairs
            }

    let private ofArchive
        (options: ReadOptions)
        (file: string)
        (left: string list)
        (stored: Map<string, NumericArray>)
        : Outcome<struct (Dataset * Interpretation)> =
        ReadOptions.checkUnits file options
        |> Result.bind (fun () -> ofNamed options file left stored)

    let private ofTable
        (options: ReadOptions)
        (file: string)
        (table: CsvTable)
        : Outcome<struct (Dataset * Interpretation)> =
        result {
            let! table =
                match options.Layout with
                | Some ArrayLayout.Transposed when table.Words.IsEmpty ->
                    let rows, columns = table.Values.Shape[0], table.Values.Shape[1]
                    let values = table.Values.Values

                    NumericArray.create
                        [| columns; rows |]
                        (Array.init values.Length (fun i -> values[(i % rows) * columns + i / rows]))
                    |> Result.map (Csv.table [||])
                | _ -> Ok table

            let! roles = ColumnRoles.ofTable options file table

            if roles.Time.IsSome || roles.Trajectory.IsSome || options.Lag.IsSome then
                return! TrajectoryFiles.ofTable options file table roles |> paths
            else
                let width = table.Values.Shape[1]

                let values =
                    Array.init (table.Values.Shape[0] * roles.States.Length) (fun i ->
                        table.Values.Values[i / roles.States.Length * width + roles.States[i % roles.States.Length]])

                let place (row: int) =
                    if row < table.Lines.Length then
                        $"line {Understood.whole table.Lines[row]} (row {Understood.whole row}, counted from 0)"
                    else
                        rowPlace row

                return!
                    pointsOf
                        options
                        file
                        place
                        [
                            yield! table.Remarks
                            yield! roles.Remarks
                            if roles.Inputs.Length > 0 then
                                let inputs = roles.Inputs |> Array.map (fun column -> roles.Names[column])
                                $"inputs act in time, and points have none: not used: {Understood.names inputs}"
                        ]
                        (roles.States |> Array.map (fun column -> roles.Names[column]))
                        values
        }

    /// Arrays without names of this library: if all are vectors of one length, they are columns; if only one can hold states, it does.
    let private ofArrays
        (options: ReadOptions)
        (file: string)
        (left: string list)
        (stored: Map<string, NumericArray>)
        : Outcome<struct (Dataset * Interpretation)> =
        let isNamed = [ "x"; "X"; "arr_0" ] |> List.exists stored.ContainsKey

        let series = stored |> Map.filter (fun _ array -> array.Values.Length > 1)

        let lengths = series |> Map.values |> Seq.map _.Shape |> Seq.distinct |> List.ofSeq

        let others =
            series
            |> Map.keys
            |> Seq.filter (fun name -> not (List.contains name details))
            |> List.ofSeq

        match lengths, others with
        | [ [| rows |] ], _ when series.Count > 1 && not (isNamed && stored.ContainsKey "lag") ->
            let names = series |> Map.keys |> Array.ofSeq
            let columns = series |> Map.values |> Array.ofSeq

            NumericArray.create
                [| rows; columns.Length |]
                (Array.init (rows * columns.Length) (fun i -> columns[i % columns.Length].Values[i / columns.Length]))
            |> Result.bind (fun values ->
                ofTable
                    options
                    file
                    { Csv.table names values with
                        Remarks = left @ [ "its arrays are columns" ]
                    })
        | _, [ only ] when not isNamed && options.Columns.IsEmpty ->
            let renamed = stored |> Map.remove only |> Map.add "x" stored[only]
            ofArchive options file (left @ [ $"x from `{only}`" ]) renamed
        | _ -> ofArchive options file left stored

    let private ofArray
        (options: ReadOptions)
        (file: string)
        (array: NumericArray)
        : Outcome<struct (Dataset * Interpretation)> =
        result {
            do! ReadOptions.checkUnits file options

            if options.Lag.IsSome || options.Layout = Some ArrayLayout.Trajectories then
                return! TrajectoryFiles.ofArchive options file [] (Map [ "x", array ]) |> paths
            else
                let! struct (_, names, values, said) =
                    TrajectoryFiles.arrayOf options false file array

                return! pointsOf options file rowPlace said names values
        }

    let private ofImages (folder: string) : Outcome<Dataset> =
        result {
            let! file = Idx.findImages folder
            let! array = Idx.read file

            match array.Shape with
            | [| _; height; width |] ->
                let scaled = array.Values |> Array.map (fun v -> v / 255.0)
                let! samples = Samples.ofValues (height * width) scaled
                return Images(samples, height, width)
            | shape ->
                return!
                    KoopmanError.fail
                        ErrorKind.ShapeMismatch
                        $"{file} holds an array of {shape.Length} dimensions, not images"
                        "Give an idx3 file (count, height, width)"
        }

    let private understoodImages (folder: string) (images: Dataset) : struct (Dataset * Interpretation) =
        let sentence =
            match images with
            | Images(samples, height, width) ->
                $"""{Understood.file folder}: {Understood.counted samples.Count "image" "images"} of {height} x {width}, values from 0 to 1"""
            | _ -> Understood.file folder

        struct (images,
                {
                    Sentence = sentence
                    States = [||]
                    Inputs = [||]
                    TimeUnit = ""
                    Remarks = [||]
                })

    /// <summary>The reader decides everything, missing values are refused, and there is no lag.</summary>
    let defaults: ReadOptions =
        {
            Columns = []
            Time = None
            Inputs = []
            Trajectory = None
            Layout = None
            Missing = MissingValues.Refuse
            Units = []
            Lag = None
            Formats = [||]
        }

    /// <summary>As <c>read</c>, with what the options say, and with what was understood in words.</summary>
    let readWith (options: ReadOptions) (path: string) : Outcome<struct (Dataset * Interpretation)> =
        if Directory.Exists path then
            ofImages path |> Result.map (understoodImages path)
        else
            FileFormat.find options.Formats path
            |> Result.bind (fun format ->
                match format, Files.ending path with
                | Some format, _ ->
                    format.Read path
                    |> Result.bind (function
                        | Arrays(arrays, remarks) -> ofArrays options path remarks arrays
                        | Columns table -> ofTable options path table)
                | None, ".npz" -> Npy.readArchive path |> Result.bind (ofArchive options path [])
                | None, ".npy" -> Npy.read path |> Result.bind (ofArray options path)
                | None, (".csv" | ".txt" | ".tsv") -> Csv.read path |> Result.bind (ofTable options path)
                | None, ending ->
                    Files.read path (fun _ -> Ok())
                    |> Result.bind (fun () ->
                        KoopmanError.fail
                            ErrorKind.UnreadableFile
                            $"{path}: files that end in '{ending}' are not known"
                            "Give .npz, .npy, .csv, or a folder with MNIST idx files"))

    /// <summary>
    /// Reads <c>.npz</c>, <c>.npy</c> (n, d), <c>.csv</c> (one row per sample), or a folder with MNIST's idx files. An archive with x, y
    /// and lag holds pairs, optionally with temperature, weights w, inputs u and second successors y2; one with x (n, d) and lag or
    /// times holds trajectories, optionally cut by starts, with inputs u and weights w; x (k, n, d) are k of equal length. A table with
    /// a column named trajectory, run or id, or t, time or timestamp, holds trajectories; columns named <c>input:...</c> are inputs; without
    /// times a row is a unit of time. <c>readWith</c> reads other layouts.
    /// </summary>
    let read (path: string) : Outcome<Dataset> =
        readWith defaults path |> Result.map (fun (struct (dataset, _)) -> dataset)

    /// <summary>The points of a data set: for pairs the states x, for trajectories all states.</summary>
    let samples (dataset: Dataset) : Samples =
        match dataset with
        | Pairs pairs -> pairs.From
        | Paths trajectories -> trajectories.States
        | Points samples
        | Images(samples, _, _) -> samples

    /// <summary>As <c>readSamples</c>, with options, and what was understood.</summary>
    let readSamplesWith (options: ReadOptions) (path: string) : Outcome<struct (Samples * Interpretation)> =
        readWith options path
        |> Result.map (fun (struct (dataset, understood)) ->
            use dataset = dataset
            struct (TrajectoryParts.share (samples dataset), understood))

    /// <summary>Reads the points of a data set: of pairs the states x, of trajectories all states.</summary>
    let readSamples (path: string) : Outcome<Samples> =
        readSamplesWith defaults path
        |> Result.map (fun (struct (samples, _)) -> samples)

    /// <summary>Reads pairs.</summary>
    /// <returns>The pairs, or an error if the file holds anything else.</returns>
    let readPairs (path: string) : Outcome<SnapshotPairs> =
        let refuse (held: string) (remedy: string) =
            KoopmanError.fail ErrorKind.UnreadableFile $"{path} holds {held}" remedy

        read path
        |> Result.bind (fun dataset ->
            match dataset with
            | Pairs pairs -> Ok pairs
            | Paths trajectories ->
                trajectories.Dispose()

                refuse
                    "whole trajectories"
                    "Read it with Trajectories.Read (Dataset.readTrajectories in F#), and take its pairs"
            | Points points
            | Images(points, _, _) ->
                points.Dispose()

                refuse
                    "points without successors"
                    "Read it with Samples.Read, and make pairs with SnapshotPairs.FromTrajectory if its rows are consecutive states (Dataset.readSamples and SnapshotPairs.ofTrajectory in F#)")

    /// <summary>As <c>readTrajectories</c>, with options, and what was understood.</summary>
    let readTrajectoriesWith (options: ReadOptions) (path: string) : Outcome<struct (Trajectories * Interpretation)> =
        readWith options path
        |> Result.bind (fun (struct (dataset, understood)) ->
            match dataset with
            | Paths trajectories -> Ok(struct (trajectories, understood))
            | other ->
                other.Dispose()

                KoopmanError.fail
                    ErrorKind.UnreadableFile
                    $"{path} holds no trajectories ({understood.Sentence})"
                    "Give ReadOptions.Lag if its rows are consecutive states, or add 'lag' or 'times' to an archive with x, or a column named time to a table; pairs are read with SnapshotPairs.Read (Dataset.readPairs in F#)")

    /// One file of several: rows without times are a trajectory too.
    let private readOneOf (options: ReadOptions) (path: string) : Outcome<struct (Trajectories * Interpretation)> =
        readWith options path
        |> Result.bind (fun (struct (dataset, understood)) ->
            match dataset with
            | Paths trajectories -> Ok(struct (trajectories, understood))
            | Points points when options.Lag.IsNone ->
                (points :> IDisposable).Dispose()

                readTrajectoriesWith { options with Lag = Some 1.0 } path
                |> Result.map (fun (struct (trajectories, understood)) ->
                    struct (trajectories,
                            { understood with
                                Remarks =
                                    Array.append
                                        understood.Remarks
                                        [|
                                            "no times, so that a row is a unit of time (ReadOptions.Lag says another)"
                                        |]
                            }))
            | other ->
                (other :> IDisposable).Dispose()

                KoopmanError.fail
                    ErrorKind.UnreadableFile
                    $"{path} holds no trajectories ({understood.Sentence})"
                    "Give this file alone; of several files each must hold trajectories or consecutive states")

    /// Fails unless a file has the columns of the first.
    let private checkAgreement
        (first: string, columns: Interpretation)
        (file: string, others: Interpretation)
        : Outcome<unit> =
        let compare (what: string) (expected: string[]) (found: string[]) =
            if expected = found then
                Ok()
            else
                let named (names: string[]) =
                    if names.Length = 0 then "none" else Understood.names names

                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"{file} has the {what} {named found}, but {first} has {named expected}"
                    "Give files with the same columns in the same order, or name those of the state with ReadOptions.Columns"

        compare "states" columns.States others.States
        |> Result.bind (fun () -> compare "inputs" columns.Inputs others.Inputs)

    /// <summary>Reads several files as one collection of trajectories, in the order of the files: each file holds one or more, or rows that are consecutive states.</summary>
    /// <returns>The trajectories, and what was understood; or an error that names the file: one that cannot be read, or whose columns are not those of the first.</returns>
    let readFiles (options: ReadOptions) (paths: string seq) : Outcome<struct (Trajectories * Interpretation)> =
        let paths = List.ofSeq paths
        let opened = ResizeArray<Trajectories>()

        let read (path: string) =
            readOneOf options path
            |> Result.map (fun (struct (trajectories, understood)) ->
                opened.Add trajectories
                path, understood)

        let together (found: (string * Interpretation) list) (made: Trajectories) : Interpretation =
            let files =
                found |> List.map (fst >> Understood.file) |> Array.ofList |> Understood.names

            let spacing =
                match made.Step with
                | Some step -> $"step {Understood.number step}"
                | None -> "at irregular steps"

            let states, inputs = (snd found.Head).States, (snd found.Head).Inputs

            {
                Sentence =
                    $"""{found.Length} files ({files}): {Understood.counted made.Count "trajectory" "trajectories"}, {Understood.counted made.States.Count "row" "rows"}, {Understood.states states}{Understood.inputs inputs}, {spacing}"""
                States = states
                Inputs = inputs
                TimeUnit = (snd found.Head).TimeUnit
                Remarks =
                    [|
                        for remark, files in
                            found
                            |> List.collect (fun (path, understood) ->
                                [ for remark in understood.Remarks -> remark, Understood.file path ])
                            |> List.groupBy fst do
                            if files.Length = found.Length then
                                remark
                            else
                                let names = files |> List.map snd |> Array.ofList
                                $"{remark} in {Understood.names names}"
                    |]
            }

        try
            match paths with
            | [] -> KoopmanError.fail ErrorKind.InvalidSetting "No file was given" "Give at least one"
            | [ path ] -> readOneOf options path
            | _ ->
                result {
                    let! found = paths |> Outcome.collect read
                    let! _ = found.Tail |> Outcome.collect (checkAgreement found.Head)
                    let! made = Trajectories.concat opened
                    return struct (made, together found made)
                }
        finally
            for trajectories in opened do
                trajectories.Dispose()

    /// <summary>Reads trajectories.</summary>
    /// <returns>The trajectories, or an error if the file holds anything else.</returns>
    let readTrajectories (path: string) : Outcome<Trajectories> =
        readTrajectoriesWith defaults path
        |> Result.map (fun (struct (trajectories, _)) -> trajectories)

    /// <summary>
    /// Writes pairs to an <c>.npz</c> with x, y, lag and their optional data: temperature, weights w, inputs u, second successors y2,
    /// and, if they overlap, their stride and the starts of their runs.
    /// </summary>
    let writePairs (path: string) (pairs: SnapshotPairs) : Outcome<unit> =
        let weights = Tensors.toArray pairs.From.Weights

        let vector (values: float[]) : NumericArray =
            {
                Shape = [| values.Length |]
                Values = values
            }

        [
            "x", Samples.toNumericArray pairs.From
            "y", Samples.toNumericArray pairs.To
            "lag", NumericArray.scalar pairs.Lag
            match pairs.Temperature with
            | Some t -> "temperature", NumericArray.scalar t
            | None -> ()
            if weights |> Array.exists (fun w -> w <> weights[0]) then
                "w", vector weights
            match pairs.Inputs with
            | Some inputs ->
                "u",
                {
                    Shape = inputs.shape |> Array.map int
                    Values = Tensors.toArray inputs
                }
            | None -> ()
            match pairs.Second with
            | Some second -> "y2", Samples.toNumericArray second
            | None -> ()
            if pairs.Stride > 1 then
                "starts", vector (Array.map float pairs.Starts)
                "stride", NumericArray.scalar (float pairs.Stride)
        ]
        |> Map.ofList
        |> Npy.writeArchive path

    /// <summary>Writes trajectories, with their inputs, to <c>.npz</c>, or to <c>.csv</c>, which does not keep weights.</summary>
    let writeTrajectories (path: string) (trajectories: Trajectories) : Outcome<unit> =
        match Files.ending path with
        | ".npz" -> Npy.writeArchive path (TrajectoryFiles.toArchive trajectories)
        | ".csv" -> Csv.write path (TrajectoryFiles.toTable trajectories)
        | ending ->
            KoopmanError.fail
                ErrorKind.UnwritableFile
                $"{path}: trajectories cannot be written to files that end in '{ending}'"
                "Choose .npz or .csv"
