namespace Koopman

open System
open System.IO

/// <summary>What a data file holds.</summary>
[<NoComparison; NoEquality>]
type Dataset =
    /// <summary>States and their successors.</summary>
    | Pairs of SnapshotPairs
    /// <summary>Points without time.</summary>
    | Points of Samples
    /// <summary>Grey images, one row an image, values in [0,1].</summary>
    | Images of Samples * height: int * width: int

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member this.Dispose() =
            match this with
            | Pairs pairs -> (pairs :> IDisposable).Dispose()
            | Points samples
            | Images(samples, _, _) -> (samples :> IDisposable).Dispose()

/// <summary>Reads and writes data sets by the ending of their file name.</summary>
[<RequireQualifiedAccess>]
module Dataset =

    let private ending (path: string) : string =
        FileInfo(path).Extension.ToLowerInvariant()

    let private number (file: string) (name: string) (array: NumericArray) : Result<float, KoopmanError> =
        if array.Values.Length = 1 then
            Ok array.Values[0]
        else
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"{file}: '{name}' must be one number, but holds {array.Values.Length}"
                $"Store {name} as a scalar"

    let private ofArchive (file: string) (arrays: Map<string, NumericArray>) : Result<Dataset, KoopmanError> =
        let optional name =
            match Map.tryFind name arrays with
            | None -> Ok None
            | Some array -> number file name array |> Result.map Some

        match Map.tryFind "x" arrays, Map.tryFind "y" arrays with
        | None, _ ->
            let found = String.Join(", ", Map.keys arrays)

            KoopmanError.fail
                ErrorKind.UnreadableFile
                $"{file} holds no array 'x' (it holds: {found})"
                "Name the states x, their successors y, and the time between them lag"
        | Some x, None -> Samples.ofNumericArray x |> Result.map Points
        | Some x, Some y ->
            result {
                let! lag = optional "lag"
                let! temperature = optional "temperature"

                match lag with
                | None ->
                    return!
                        KoopmanError.fail
                            ErrorKind.UnreadableFile
                            $"{file} holds x and y, but not the time between them"
                            "Add the scalar 'lag'"
                | Some lag ->
                    use! from = Samples.ofNumericArray x
                    use! successors = Samples.ofNumericArray y
                    let! pairs = SnapshotPairs.create lag from.Points successors.Points

                    return
                        match temperature with
                        | None -> Pairs pairs
                        | Some t -> Pairs(SnapshotPairs.withTemperature t pairs)
            }

    let private ofImages (folder: string) : Result<Dataset, KoopmanError> =
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
    /// Reads <c>.npz</c> (arrays x, and with successors y and lag, optionally temperature), <c>.npy</c> (n, d), <c>.csv</c>
    /// (one row a sample), or a folder with MNIST's idx files.
    /// </summary>
    let read (path: string) : Result<Dataset, KoopmanError> =
        if Directory.Exists path then
            ofImages path
        else
            match ending path with
            | ".npz" -> Npy.readArchive path |> Result.bind (ofArchive path)
            | ".npy" -> Npy.read path |> Result.bind Samples.ofNumericArray |> Result.map Points
            | ".csv"
            | ".txt"
            | ".tsv" ->
                Csv.read path
                |> Result.bind (fun table -> Samples.ofNumericArray table.Values)
                |> Result.map Points
            | ending ->
                KoopmanError.fail
                    ErrorKind.UnreadableFile
                    $"{path}: files that end in '{ending}' are not known"
                    "Give .npz, .npy, .csv, or a folder with MNIST idx files"

    /// <summary>The points of a data set: for pairs, the states x.</summary>
    let samples (dataset: Dataset) : Samples =
        match dataset with
        | Pairs pairs -> pairs.From
        | Points samples
        | Images(samples, _, _) -> samples

    /// <summary>The samples as an array (n, d) for a file.</summary>
    let toNumericArray (samples: Samples) : NumericArray =
        {
            Shape = [| samples.Count; samples.Dimension |]
            Values = Samples.values samples
        }

    /// <summary>Writes pairs to an <c>.npz</c> with x, y, lag and, if known, temperature.</summary>
    let writePairs (path: string) (pairs: SnapshotPairs) : Result<unit, KoopmanError> =
        [
            "x", toNumericArray pairs.From
            "y", toNumericArray pairs.To
            "lag", NumericArray.scalar pairs.Lag
            match pairs.Temperature with
            | Some t -> "temperature", NumericArray.scalar t
            | None -> ()
        ]
        |> Map.ofList
        |> Npy.writeArchive path

    /// <summary>Whether points could be written to this file: to be asked before long work.</summary>
    let checkPoints (path: string) : Result<unit, KoopmanError> =
        match ending path with
        | ".npy"
        | ".csv" -> Files.checkWritable path
        | ending ->
            KoopmanError.fail
                ErrorKind.UnwritableFile
                $"{path}: points cannot be written to files that end in '{ending}'"
                "Choose .npy or .csv"

    /// <summary>Writes points to <c>.npy</c> or <c>.csv</c>.</summary>
    let writePoints (path: string) (samples: Samples) : Result<unit, KoopmanError> =
        checkPoints path
        |> Result.bind (fun () ->
            if ending path = ".npy" then
                Npy.write path (toNumericArray samples)
            else
                Csv.write
                    path
                    {
                        Columns = [| for i in 1 .. samples.Dimension -> $"x{i}" |]
                        Values = toNumericArray samples
                    })
