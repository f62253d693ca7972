namespace Koopman.Cli

open System
open System.Globalization
open Koopman

/// A series to forecast: its rows, the names of its columns, and how the time of a row is written.
[<NoComparison; NoEquality>]
type internal Series =
    {
        File: string
        Data: Trajectories
        Names: string[]
        InputNames: string[]
        /// The distance of rows, in words; empty if it was said.
        Spacing: string
        /// The time of rows of the last trajectory and of those that follow it, counted from its first.
        Label: int -> string
    }

    interface IDisposable with
        member this.Dispose() = this.Data.Dispose()

/// Series to forecast, and further rows of them, from files.
[<RequireQualifiedAccess>]
module internal ForecastSeries =

    let private numbered (count: int) : string[] =
        if count = 1 then
            [| "x" |]
        else
            Array.init count (fun c -> $"x{c + 1}")

    /// A date, with the time of the day unless steps are days.
    let private dateText (step: float) (date: DateTime) : string =
        date.ToString(
            (if step % 86400.0 = 0.0 then
                 "yyyy-MM-dd"
             else
                 "yyyy-MM-dd HH:mm:ss"),
            CultureInfo.InvariantCulture
        )

    /// The places of the columns of a table with these names.
    let private places (file: string) (advice: string) (names: string seq) (table: CsvTable) : Outcome<int[]> =
        match names |> Seq.tryFind (fun name -> not (Array.contains name table.Columns)) with
        | Some name ->
            let found = String.Join(", ", table.Columns)

            KoopmanError.fail ErrorKind.InvalidSetting $"{file} has no column '{name}'; its columns are {found}" advice
        | None ->
            names
            |> Seq.map (fun name -> Array.IndexOf(table.Columns, name))
            |> Array.ofSeq
            |> Ok

    let private pick (columns: int[]) (table: CsvTable) : float[,] =
        let width = table.Values.Shape[1]
        let values = table.Values.Values
        Array2D.init table.Values.Shape[0] columns.Length (fun t i -> values[t * width + columns[i]])

    let private ofDated
        (file: string)
        (byRow: bool)
        (options: ReadOptions)
        (stamps: string[])
        (table: CsvTable)
        : Outcome<Series> =
        result {
            let! struct (spacing, label) =
                if byRow then
                    Ok(struct ("a row is a unit of time", string))
                else
                    ForecastDates.stepOf file stamps
                    |> Result.map (fun (struct (step, dates)) ->
                        struct (ForecastDates.describe step, ForecastDates.label step stamps dates))

            let! driving =
                places file "Give --inputs the names of columns of the file, separated by commas" options.Inputs table

            let! chosen =
                places file "Give --columns the names of columns of the file, separated by commas" options.Columns table

            let states =
                match chosen with
                | [||] -> Array.except driving [| 0 .. table.Values.Shape[1] - 1 |]
                | chosen -> chosen

            let! plain = Trajectories.ofArrays 1.0 [ pick states table ]

            let! data =
                if driving.Length = 0 then
                    Ok plain
                else
                    use plain = plain
                    let rows = pick driving table

                    use inputs =
                        Tensors.ofRows (Array2D.length1 rows) (rows |> Seq.cast<float> |> Array.ofSeq)

                    Trajectories.withInputs [ inputs ] plain

            return
                {
                    File = file
                    Data = data
                    Names =
                        (if table.Columns.Length > 0 then
                             states |> Array.map (fun c -> table.Columns[c])
                         else
                             numbered data.Dimension)
                    InputNames = Array.ofList options.Inputs
                    Spacing = spacing
                    Label = label
                }
        }

    /// The rows of trajectories as equally spaced, whatever their times.
    let private byRows (data: Trajectories) : Outcome<Trajectories> =
        use _ = data
        use _ = Tensors.scope ()

        let each (tensor: TorchSharp.torch.Tensor) =
            Array.map2 (fun first length -> Tensors.rows first length tensor) data.Starts data.Lengths

        Trajectories.create 1.0 (each data.States.Points)
        |> Result.bind (fun plain ->
            match data.Inputs with
            | None -> Ok plain
            | Some inputs ->
                use plain = plain
                Trajectories.withInputs (each inputs) plain)

    /// Rows of a file without times are consecutive: a forecast has no other use for them.
    let private consecutive
        (options: ReadOptions)
        (paths: string list)
        : Outcome<struct (Trajectories * Interpretation)> =
        Inputs.read { options with Lag = Some 1.0 } paths
        |> Result.bind (fun (struct (dataset, understood)) ->
            match dataset with
            | Paths data ->
                Ok(
                    struct (data,
                            Inputs.restate
                                (fun text ->
                                    text.Replace(
                                        ", times by the lag that was given, step 1",
                                        ", no times, rows in time order"
                                    ))
                                understood)
                )
            | other ->
                other.Dispose()

                KoopmanError.fail
                    ErrorKind.UnreadableFile
                    $"{Inputs.title paths} holds no time series"
                    "Give rows in time order (.csv, .npy), or trajectories (.npz)")

    let private ofDataset (options: ReadOptions) (byRow: bool) (file: string) (paths: string list) : Outcome<Series> =
        result {
            let! struct (data, understood) =
                match Inputs.read options paths with
                | Ok(struct (Paths data, understood)) -> Ok(struct (data, understood))
                | Ok(struct (Points points, _)) ->
                    points.Dispose()
                    consecutive options paths
                | Ok(struct (other, _)) ->
                    other.Dispose()
                    consecutive options paths
                // Points in no order cannot be filled, but rows can.
                | Error error when options.Missing = MissingValues.Fill ->
                    consecutive options paths |> Result.mapError (fun _ -> error)
                | Error error -> Error error

            let isDated = understood.Sentence.Contains "from the dates"
            let! data = if byRow then byRows data else Ok data
            let names = understood.States
            let times = data.Times
            let first = times.Length - Array.last data.Lengths
            let step = Trajectories.step data |> Option.defaultValue 1.0

            // Times count seconds from the first date.
            let stamps =
                match paths with
                | [ path ] when isDated && not byRow ->
                    match Csv.readDated path with
                    | Ok(struct (stamps, _)) -> Array.tryHead stamps
                    | Error _ -> None
                | _ -> None

            return
                {
                    File = file
                    Data = data
                    Names =
                        (if names = Understood.numbered data.Dimension then
                             numbered data.Dimension
                         else
                             names)
                    InputNames = understood.Inputs
                    Spacing = (if byRow then "a row is a unit of time" else "")
                    Label =
                        match stamps with
                        | Some(stamp: string) ->
                            let start = DateTime.Parse(stamp, CultureInfo.InvariantCulture)
                            fun row -> dateText step (start.AddSeconds(times[first] + float row * step))
                        | None ->
                            fun row -> (times[first] + float row * step).ToString("G7", CultureInfo.InvariantCulture)
                }
        }

    /// The series of some files; by row, the rows of each are equally spaced whatever their times say.
    let load (options: ReadOptions) (byRow: bool) (paths: string list) : Outcome<Series> =
        let file = Inputs.title paths

        match paths, Files.ending paths.Head with
        | [ path ], (".csv" | ".txt" | ".tsv") when
            { options with
                Formats = [||]
                Inputs = []
                Columns = []
            }
                =
                Dataset.defaults
            && IO.File.Exists path
            ->
            Csv.readDated path
            |> Result.bind (fun (struct (stamps, table)) ->
                // The general reader says where something is missing, and fills it if asked.
                if stamps.Length > 1 && Array.forall Double.IsFinite table.Values.Values then
                    ofDated file byRow options stamps table
                else
                    ofDataset options byRow file paths)
        | _ -> ofDataset options byRow file paths

    /// The rows of a table, without a date in its first column, and the columns with these names if it has names.
    let rowsOf (path: string) (names: string[]) : Outcome<float[,]> =
        Csv.readDated path
        |> Result.bind (fun (struct (_, table)) ->
            let width = table.Values.Shape[table.Values.Shape.Length - 1]

            if table.Columns.Length = 0 && width = names.Length then
                Ok(pick [| 0 .. width - 1 |] table)
            else
                places
                    (nonNull (IO.Path.GetFileName path))
                    "Give a table with the same names as the file that was learned from"
                    names
                    table
                |> Result.map (fun columns -> pick columns table))
