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

    let private ofArchive (file: string) (arrays: Map<string, NumericArray>) : Outcome<Dataset> =
        match Map.tryFind "x" arrays, Map.tryFind "y" arrays with
        | None, _ ->
            let found = String.Join(", ", Map.keys arrays)

            KoopmanError.fail
                ErrorKind.UnreadableFile
                $"{file} holds no array 'x' (it holds: {found})"
                "Name the states x, their successors y, and the time between them lag"
        | Some _, None when TrajectoryFiles.isArchive arrays ->
            TrajectoryFiles.ofArchive file arrays |> Result.map Paths
        | Some x, None -> Samples.ofNumericArray x |> Result.map Points
        | Some x, Some y ->
            result {
                match Map.tryFind "lag" arrays with
                | None ->
                    return!
                        KoopmanError.fail
                            ErrorKind.UnreadableFile
                            $"{file} holds x and y, but not the time between them"
                            "Add the scalar 'lag'"
                | Some lag ->
                    let! lag = number file "lag" lag
                    use! from = Samples.ofNumericArray x
                    use! successors = Samples.ofNumericArray y
                    let! plain = SnapshotPairs.create lag from.Points successors.Points
                    let! pairs = withDetails file arrays plain
                    return Pairs pairs
            }

    let private ofTable (file: string) (table: CsvTable) : Outcome<Dataset> =
        if TrajectoryFiles.isTable table then
            TrajectoryFiles.ofTable file table |> Result.map Paths
        else
            Samples.ofNumericArray table.Values |> Result.map Points

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

    /// <summary>
    /// Reads <c>.npz</c>, <c>.npy</c> (n, d), <c>.csv</c> (one row per sample), or a folder with MNIST's idx files. An archive with x, y
    /// and lag holds pairs, optionally with temperature, weights w, inputs u and second successors y2; one with x (n, d) and lag or
    /// times holds trajectories, optionally cut by starts, with inputs u and weights w; x (k, n, d) are k of equal length. A table with
    /// a column named trajectory or time holds trajectories, its columns u, u1, ... are inputs; without times, one row is one unit of time.
    /// </summary>
    let read (path: string) : Outcome<Dataset> =
        if Directory.Exists path then
            ofImages path
        else
            match Files.ending path with
            | ".npz" -> Npy.readArchive path |> Result.bind (ofArchive path)
            | ".npy" -> Npy.read path |> Result.bind Samples.ofNumericArray |> Result.map Points
            | ".csv"
            | ".txt"
            | ".tsv" -> Csv.read path |> Result.bind (ofTable path)
            | ending ->
                KoopmanError.fail
                    ErrorKind.UnreadableFile
                    $"{path}: files that end in '{ending}' are not supported"
                    "Give .npz, .npy, .csv, or a folder with MNIST idx files"

    /// <summary>The points of a data set: for pairs the states x, for trajectories all states.</summary>
    let samples (dataset: Dataset) : Samples =
        match dataset with
        | Pairs pairs -> pairs.From
        | Paths trajectories -> trajectories.States
        | Points samples
        | Images(samples, _, _) -> samples

    /// <summary>Reads the points of a data set: of pairs the states x, of trajectories all states.</summary>
    let readSamples (path: string) : Outcome<Samples> =
        read path
        |> Result.map (fun dataset ->
            use dataset = dataset
            TrajectoryParts.share (samples dataset))

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

    /// <summary>Reads trajectories.</summary>
    /// <returns>The trajectories, or an error if the file holds anything else.</returns>
    let readTrajectories (path: string) : Outcome<Trajectories> =
        read path
        |> Result.bind (fun dataset ->
            match dataset with
            | Paths trajectories -> Ok trajectories
            | other ->
                other.Dispose()

                KoopmanError.fail
                    ErrorKind.UnreadableFile
                    $"{path} holds no trajectories"
                    "Add 'lag' or 'times' to an archive with x, or a column named time to a table; pairs are read with SnapshotPairs.Read (Dataset.readPairs in F#)")

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
