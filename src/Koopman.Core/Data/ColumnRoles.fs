namespace Koopman

open System
open System.Text.RegularExpressions

/// What the columns of a table are, by their indices.
[<NoComparison; NoEquality>]
type internal ColumnRoles =
    {
        /// The names of all columns.
        Names: string[]
        Time: int option
        /// The unit of the times, or nothing.
        TimeUnit: string
        Trajectory: int option
        Inputs: int[]
        States: int[]
        Remarks: string list
    }

/// Finds out what the columns of a table are.
[<RequireQualifiedAccess>]
module internal ColumnRoles =

    let private units =
        "s|sec|secs|seconds?|ms|us|µs|ns|ps|fs|min|mins|minutes?|h|hr|hrs|hours?|d|days?|weeks?|months?|yr|years?"

    let private clock =
        Regex(
            $@"^(t|times?|timestamps?|datetime)\s*([\[\(].*[\]\)]|[/_, ]\s*({units}))?$",
            RegexOptions.CultureInvariant ||| RegexOptions.IgnoreCase
        )

    let private label =
        Regex("^(trajectory|run|id)$", RegexOptions.CultureInvariant ||| RegexOptions.IgnoreCase)

    /// The mark of inputs in the header.
    let inputMark: string = "input:"

    let private quoted (names: string seq) : string =
        names |> Seq.map (fun name -> $"`{name}`") |> String.concat " and "

    let private fail (file: string) (cause: string) (remedy: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.InvalidSetting $"{file}: {cause}" remedy

    let private withoutUnit (name: string) : string =
        Regex.Replace(name, @"\s*[\[\(].*[\]\)]$", "")

    /// The name for the times in the list of units.
    let timeKey: string = "time"

    /// The unit in a name such as "t [s]" or "time/ms"; empty if there is none.
    let private unitOf (name: string) : string =
        let bracket = Regex.Match(name, @"[\[\(]([^\]\)]+)[\]\)]$")

        if bracket.Success then
            bracket.Groups[1].Value.Trim()
        else
            Regex.Match(name, $@"[/_, ]\s*({units})$", RegexOptions.IgnoreCase).Groups[1].Value

    let private same (a: string) (b: string) =
        String.Equals(a, b, StringComparison.OrdinalIgnoreCase)

    /// The column of this name; its case and its unit may be left out.
    let private find (file: string) (names: string[]) (name: string) : Outcome<int> =
        let matches (test: string -> bool) =
            match names |> Array.indexed |> Array.filter (snd >> test) with
            | [| (column, _) |] -> Some column
            | _ -> None

        [ (=) name; same name; withoutUnit >> same name ]
        |> List.tryPick matches
        |> function
            | Some column -> Ok column
            | None ->
                fail file $"there is no column `{name}`" $"The columns are {Understood.names names}; give one of these"

    let private values (table: CsvTable) (column: int) : float[] =
        let width = table.Values.Shape[1]
        Array.init table.Values.Shape[0] (fun row -> table.Values.Values[row * width + column])

    /// The rows of each trajectory; those of one need not be consecutive.
    let groups (table: CsvTable) (trajectory: int option) : int[][] =
        match trajectory with
        | None -> [| Array.init table.Values.Shape[0] id |]
        | Some column ->
            values table column
            |> Array.indexed
            |> Array.groupBy (fun (_, name) -> if Double.IsNaN name then ValueNone else ValueSome name)
            |> Array.map (snd >> Array.map fst)

    let private parts (table: CsvTable) (rows: int[][]) (column: int) : float[][] =
        let all = values table column
        rows |> Array.map (Array.map (fun row -> all[row]))

    let private rises (times: float[][]) : bool =
        times |> Array.forall (Array.pairwise >> Array.forall (fun (a, b) -> b > a))

    /// True for a column that counts rows or time: it rises in equal steps.
    let private counts (table: CsvTable) (rows: int[][]) (column: int) : bool =
        let times =
            parts table rows column |> Array.filter (fun stamps -> stamps.Length > 1)

        times.Length > 0 && rises times && (Spacing.ofTimes times).Step.IsSome

    let private onlyOne (file: string) (what: string) (option: string) (names: string[]) (found: int list) =
        match found with
        | [] -> Ok None
        | [ column ] -> Ok(Some column)
        | several ->
            fail
                file
                $"{quoted (several |> List.map (fun column -> names[column]))} could each be {what}"
                $"Say which with ReadOptions.{option}, or list the states with ReadOptions.Columns"

    /// A table must have this many rows before a column in equal steps is conspicuous.
    let private conspicuous = 8

    /// The roles as the options say them, and by their names and contents where they say nothing.
    let ofTable (options: ReadOptions) (file: string) (table: CsvTable) : Outcome<ColumnRoles> =
        let hasHeader = table.Columns.Length > 0
        let width = table.Values.Shape[1]

        let names =
            if hasHeader then
                table.Columns
                |> Array.mapi (fun i name -> if name = "" then $"column {i + 1}" else name)
            else
                Understood.numbered width

        let plain = names
        let all = [ 0 .. width - 1 ]

        let isLabel (column: int) =
            label.IsMatch names[column]
            && (table.Words.ContainsKey column
                || values table column
                   |> Array.forall (fun v -> Double.IsNaN v || v = Math.Round v))

        result {
            let! units =
                options.Units
                |> List.filter (fun (name, _) ->
                    name <> timeKey || Array.exists (same timeKey) (Array.map withoutUnit plain))
                |> Outcome.collect (fun (name, unit) -> find file plain name |> Result.map (fun column -> column, unit))

            let names =
                (plain, units)
                ||> List.fold (fun names (column, unit) ->
                    Array.updateAt column $"{withoutUnit names[column]} [{unit}]" names)

            let named (list: string list) =
                list |> Outcome.collect (find file names)

            let! states = named options.Columns
            let! inputs = named options.Inputs
            let! time = named (Option.toList options.Time)
            let! trajectory = named (Option.toList options.Trajectory)
            let taken = states @ inputs @ time @ trajectory
            let free = all |> List.filter (fun column -> not (List.contains column taken))

            let! trajectory =
                match trajectory with
                | [] when hasHeader ->
                    free
                    |> List.filter isLabel
                    |> onlyOne file "the name of the trajectory" "Trajectory" names
                | given -> Ok(List.tryHead given)

            let rows = groups table trajectory

            // A temperature is named T as well.
            let isOther (column: int) =
                names[column] = "T" && not (rises (parts table rows column))

            let clocks =
                free
                |> List.filter (fun column ->
                    Some column <> trajectory
                    && (table.Dates.ContainsKey column || (hasHeader && clock.IsMatch names[column]))
                    && not (table.Words.ContainsKey column))

            let! time =
                match time with
                | [] -> clocks |> List.filter (isOther >> not) |> onlyOne file "the time" "Time" names
                | given -> Ok(List.tryHead given)

            let isFree (column: int) =
                List.contains column free && Some column <> trajectory && Some column <> time

            let inputs =
                match inputs with
                | [] ->
                    all
                    |> List.filter (fun column ->
                        isFree column && names[column].StartsWith(inputMark, StringComparison.Ordinal))
                | given -> given

            let chosen =
                match states with
                | [] ->
                    all
                    |> List.filter (fun column -> isFree column && not (List.contains column inputs))
                | given -> given

            match chosen @ inputs @ Option.toList time |> List.tryFind table.Words.ContainsKey with
            | Some column ->
                let word = Array.tryHead table.Words[column] |> Option.defaultValue ""

                let others =
                    all
                    |> List.filter (fun other -> not (table.Words.ContainsKey other))
                    |> List.map (fun other -> names[other])

                return!
                    fail
                        file
                        $"column `{names[column]}` holds text ('{word}')"
                        $"""If it names the trajectories, say so with {Understood.advice "Trajectory" names[column]}; else list the states with ReadOptions.Columns, of {Understood.names (Array.ofList others)}"""
            | None -> ()

            let counting =
                if states.IsEmpty && chosen.Length > 1 && table.Values.Shape[0] >= conspicuous then
                    chosen |> List.filter (counts table rows)
                else
                    []

            let isAsked = not counting.IsEmpty && counting.Length < chosen.Length

            if isAsked && hasHeader then
                let others =
                    chosen
                    |> List.filter (fun column -> not (List.contains column counting))
                    |> List.map (fun column -> names[column])

                return!
                    fail
                        file
                        $"column `{names[counting.Head]}` rises in equal steps and looks like a clock or a row number"
                        $"""If it is the time, say so with {Understood.advice "Time" names[counting.Head]}; else list the states with {Understood.advice "Columns" (String.Join(",", others))}"""
            elif chosen.IsEmpty then
                return!
                    fail file "there is no column for the state" "Add a column for every coordinate, named as you like"
            else
                let left =
                    all
                    |> List.filter (fun column -> isFree column && not (List.contains column (chosen @ inputs)))

                return
                    {
                        Names =
                            names
                            |> Array.map (fun name ->
                                if name.StartsWith(inputMark, StringComparison.Ordinal) then
                                    name.Substring(inputMark.Length).Trim()
                                else
                                    name)
                        Time = time
                        TimeUnit =
                            match time, List.tryFind (fst >> (=) timeKey) options.Units with
                            | _, Some(_, unit) -> unit
                            | Some column, None when table.Dates.ContainsKey column -> "s"
                            | Some column, None -> unitOf names[column]
                            | None, None -> ""
                        Trajectory = trajectory
                        Inputs = Array.ofList inputs
                        States = Array.ofList chosen
                        Remarks =
                            [
                                if not left.IsEmpty then
                                    $"not used: {quoted (left |> List.map (fun column -> names[column]))}"
                                for column in chosen do
                                    if hasHeader && states.IsEmpty && Regex.IsMatch(names[column], "^u[0-9]*$") then
                                        $"""`{names[column]}` is a state (for an input: {Understood.advice "Inputs" names[column]})"""

                                    if clock.IsMatch names[column] && hasHeader && states.IsEmpty then
                                        $"`{names[column]}` does not rise and is a state, not the time"
                                if isAsked then
                                    $"""`{names[counting.Head]}` rises in equal steps (if it is the time: {Understood.advice "Time" names[counting.Head]})"""
                            ]
                    }
        }
