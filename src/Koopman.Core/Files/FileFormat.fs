namespace Koopman

open System

/// What a file of a further format holds, with what was left out, in words.
[<NoComparison; NoEquality>]
type internal FileContent =
    /// Arrays by name, as in an archive.
    | Arrays of arrays: Map<string, NumericArray> * remarks: string list
    /// Columns of equal length.
    | Columns of CsvTable

/// <summary>
/// A file format that is read with the help of another package: those of <c>Koopman.Formats</c>. Readers that are given such formats take a file for
/// what its first bytes say that it is.
/// </summary>
[<Sealed>]
type FileFormat
    internal (name: string, endings: string list, isOpening: byte[] -> bool, read: string -> Outcome<FileContent>) =

    /// <summary>The name of the format, such as "HDF5".</summary>
    member _.Name: string = name

    /// <summary>The usual endings of its files, with the dot.</summary>
    member _.Endings: string[] = Array.ofList endings

    /// True if a file that begins with these bytes is of this format.
    member internal _.IsOpening(bytes: byte[]) : bool = isOpening bytes

    member internal _.Read(path: string) : Outcome<FileContent> = read path

    /// <summary>The name.</summary>
    override _.ToString() : string = name

/// Finds the format of a file.
[<RequireQualifiedAccess>]
module internal FileFormat =

    /// As many bytes as say which format a file has: MATLAB puts 512 before those of HDF5.
    let openingLength: int = 1024

    /// Endings that a further package reads.
    let private known: string list =
        [
            ".h5"
            ".hdf5"
            ".hdf"
            ".he5"
            ".nc"
            ".nc4"
            ".cdf"
            ".mat"
            ".parquet"
            ".pq"
            ".feather"
            ".arrow"
            ".arrows"
        ]

    let private unreadable (path: string) (cause: string) (remedy: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.UnreadableFile $"Cannot read '{path}': {cause}" remedy

    /// The format among these that a file has: by its first bytes, whatever its name is. An error if its ending promises one that it is not.
    let find (formats: FileFormat[]) (path: string) : Outcome<FileFormat option> =
        let ending = Files.ending path

        let promised =
            formats |> Array.filter (fun format -> Array.contains ending format.Endings)

        if promised.Length = 0 && List.contains ending known then
            Files.read path (fun _ -> Ok())
            |> Result.bind (fun () ->
                unreadable
                    path
                    $"files that end in '{ending}' are read with the package Koopman.Formats"
                    "Add the package, and give ReadOptions.Formats = FileFormats.all (C#: ReadSettings.Formats = FileFormats.All)")
        elif formats.Length = 0 then
            Ok None
        else
            Files.opening openingLength path
            |> Result.bind (fun bytes ->
                match formats |> Array.tryFind (fun format -> format.IsOpening bytes) with
                | Some format -> Ok(Some format)
                | None when promised.Length > 0 ->
                    let names = String.Join(" or ", promised |> Array.map _.Name)

                    unreadable
                        path
                        $"it ends in '{ending}', but does not begin like a file of {names}"
                        "Give it the ending of what it is, or write or copy it again"
                | None -> Ok None)
