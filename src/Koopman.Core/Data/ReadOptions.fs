namespace Koopman

open System
open System.Globalization

/// <summary>The meaning of the axes of an array.</summary>
type ArrayLayout =
    /// <summary>(n, ...): the first axis is time, and each state is all the rest.</summary>
    | Frames = 0
    /// <summary>(k, n, ...): k trajectories of n states.</summary>
    | Trajectories = 1
    /// <summary>(d, n): a state is a column.</summary>
    | Transposed = 2

/// <summary>The treatment of missing values: NaN, infinite, NA, null, or an empty field.</summary>
type MissingValues =
    /// <summary>An error that says where the first is.</summary>
    | Refuse = 0
    /// <summary>The rows are left out, and trajectories are cut there, and where the times leave a gap.</summary>
    | Cut = 1
    /// <summary>
    /// Stretches of up to 48 rows, also those that the times leave out, are filled column by column with the best linear estimate from up to 48 rows before and
    /// after them; trajectories are cut at longer ones. The rows must be in time order.
    /// </summary>
    | Fill = 2

/// <summary>How a data file is to be understood, where that differs from what the reader finds by itself.</summary>
[<NoComparison>]
type ReadOptions =
    {
        /// <summary>
        /// The columns of the state, by name; those of a table without header and of an array are x1, x2, ... Default: all that are nothing else.
        /// In an archive also the name of the array of states.
        /// </summary>
        Columns: string list
        /// <summary>
        /// The column of the times. Default: one named t, time or timestamp, in any case, also with a unit, or one of ISO dates.
        /// </summary>
        Time: string option
        /// <summary>The columns of the inputs. Default: those whose names begin with <c>input:</c>.</summary>
        Inputs: string list
        /// <summary>The column that names the trajectory of each row. Default: one named trajectory, run or id, in any case.</summary>
        Trajectory: string option
        /// <summary>The meaning of the axes of an array. Default: of three, trajectories if there are times, and frames if not.</summary>
        Layout: ArrayLayout option
        /// <summary>The treatment of missing values. Default <c>Refuse</c>.</summary>
        Missing: MissingValues
        /// <summary>
        /// Units of columns by name, which are added to their names as in "a [m]"; <c>time</c> is that of the times, whatever their column is called.
        /// Default none but those in the file.
        /// </summary>
        Units: (string * string) list
        /// <summary>The time between consecutive rows of a file that does not say it; rows are then the states of a trajectory. Default none.</summary>
        Lag: float option
        /// <summary>Further file formats to read, those of the package Koopman.Formats: <c>FileFormats.all</c>. Default none.</summary>
        Formats: FileFormat[]
    }

/// <summary>What a reader understood of a file.</summary>
[<NoComparison>]
type Interpretation =
    {
        /// <summary>One sentence: how many rows of which columns, at which times.</summary>
        Sentence: string
        /// <summary>The names of the coordinates.</summary>
        States: string[]
        /// <summary>The names of the inputs; empty if there are none.</summary>
        Inputs: string[]
        /// <summary>The unit of the times, from the file or the options; empty if it is not known.</summary>
        TimeUnit: string
        /// <summary>Decisions that may be wrong, and what was left out.</summary>
        Remarks: string[]
    }

    /// <summary>The sentence, and the remarks.</summary>
    override this.ToString() : string =
        String.Join("; ", Array.append [| this.Sentence |] this.Remarks)

/// The units of options.
[<RequireQualifiedAccess>]
module internal ReadOptions =

    /// The unit of times without a column.
    let timeUnit (options: ReadOptions) : string =
        options.Units
        |> List.tryFind (fun (name, _) -> name = "time")
        |> Option.map snd
        |> Option.defaultValue ""

    /// An error for units of columns in a file that has no names of columns.
    let checkUnits (file: string) (options: ReadOptions) : Outcome<unit> =
        match options.Units |> List.tryFind (fun (name, _) -> name <> "time") with
        | None -> Ok()
        | Some(name, _) ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{file} is no table with names of columns, of which one could be '{name}'"
                "Give the unit of time alone, as in time=s, or a table"

/// Words for what was understood.
module internal Understood =

    let private invariant = CultureInfo.InvariantCulture

    let whole (count: int) : string = count.ToString("N0", invariant)

    let counted (count: int) (one: string) (many: string) : string =
        if count = 1 then $"1 {one}" else $"{whole count} {many}"

    let number (value: float) : string = value.ToString("G6", invariant)

    /// The first names, and the last.
    let names (names: string[]) : string =
        if names.Length <= 8 then
            String.Join(", ", names)
        else
            String.Join(", ", Array.take 3 names) + ", ..., " + Array.last names

    let states (all: string[]) : string =
        $"""{counted all.Length "state" "states"} ({names all})"""

    let inputs (all: string[]) : string =
        if all.Length = 0 then
            ""
        else
            $""", {counted all.Length "input" "inputs"} ({names all})"""

    /// The names of columns without names.
    let numbered (count: int) : string[] = Array.init count (fun i -> $"x{i + 1}")

    let file (path: string) : string =
        match IO.Path.GetFileName(path.TrimEnd '/') with
        | null
        | "" -> path
        | name -> name

    /// An option with a name of the user's as its value.
    let advice (option: string) (value: string) : string = $"ReadOptions.{option} = \"{value}\""
