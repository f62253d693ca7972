namespace Koopman

open System
open TorchSharp

/// Rows of trajectories as a file holds them, unchecked.
[<NoComparison; NoEquality>]
type internal RawTrajectories =
    {
        File: string
        Names: string[]
        /// Row after row, one value a name.
        States: float[]
        InputNames: string[]
        /// As the states; empty if there are no inputs.
        Inputs: float[]
        Times: float[] option
        /// Where the times come from, in words.
        Clock: string
        /// The step where there are no times.
        Step: float
        Lengths: int[]
        /// One a trajectory.
        Weights: float[] option
        /// The place of a row in the file, in words.
        Place: int -> string
    }

    /// The number of rows.
    member this.Rows: int = Array.sum this.Lengths

/// Rows with missing values, found or left out.
module internal MissingRows =

    let describe (value: float) : string =
        if Double.IsNaN value then "missing (NaN)"
        elif value > 0.0 then "infinity"
        else "minus infinity"

    /// The first value that is not finite in a row of so many; -1 if there is none.
    let firstIn (values: float[]) (width: int) (row: int) : int =
        let mutable column = 0

        while column < width && Double.IsFinite values[row * width + column] do
            column <- column + 1

        if column < width then column else -1

    let refuse (file: string) (name: string) (value: float) (place: string) (count: int) (rows: int) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.NotFinite
            $"""{file}: {name} is {describe value} in {place}; {Understood.counted count "row has" "rows have"} such values, of {Understood.whole rows}"""
            "Repair these rows, or leave them out with ReadOptions.Missing = Cut"

/// The layout of trajectories in archives and tables.
module internal TrajectoryFiles =

    let private mismatch (file: string) (cause: string) (remedy: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.ShapeMismatch $"{file}: {cause}" remedy

    /// A further property; the trajectories without it are freed.
    let private refine
        (change: ('P -> Trajectories -> Outcome<Trajectories>))
        (property: 'P option)
        (plain: Trajectories)
        : Outcome<Trajectories> =
        match property with
        | None -> Ok plain
        | Some property ->
            use _ = plain
            change property plain

    /// The first row of each trajectory.
    let private startsOf (lengths: int[]) : int[] =
        Array.scan (+) 0 lengths |> Array.take lengths.Length

    /// The rows in which something is missing, with the name and the value of the first thing. The last input of a trajectory is not needed.
    let private missing (raw: RawTrajectories) : (int * string * float)[] =
        let d, m = raw.Names.Length, raw.InputNames.Length

        let isLast = Array.create raw.Rows false

        for first, length in Array.zip (startsOf raw.Lengths) raw.Lengths do
            isLast[first + length - 1] <- true

        [|
            for row in 0 .. raw.Rows - 1 do
                let state = MissingRows.firstIn raw.States d row

                let input =
                    if m = 0 || isLast[row] then
                        -1
                    else
                        MissingRows.firstIn raw.Inputs m row

                match raw.Times with
                | Some times when not (Double.IsFinite times[row]) -> row, "the time", times[row]
                | _ when state >= 0 -> row, raw.Names[state], raw.States[row * d + state]
                | _ when input >= 0 -> row, raw.InputNames[input], raw.Inputs[row * m + input]
                | _ -> ()
        |]

    /// The stretches (trajectory, first row, length) between the rows that are left out, and between gaps in the times.
    let private stretches (isOut: bool[]) (raw: RawTrajectories) : struct (int * int * int)[] =
        let found = ResizeArray<struct (int * int * int)>()

        let isGap: int -> bool =
            match raw.Times with
            | None -> fun _ -> false
            | Some times ->
                let steps =
                    Array.zip (startsOf raw.Lengths) raw.Lengths
                    |> Array.collect (fun (first, length) ->
                        Array.sub times first length
                        |> Array.filter Double.IsFinite
                        |> Array.pairwise
                        |> Array.map (fun (a, b) -> b - a))
                    |> Array.sort

                if steps.Length = 0 then
                    fun _ -> false
                else
                    let usual = steps[steps.Length / 2]
                    fun row -> times[row] - times[row - 1] > 1.5 * usual

        for k, (first, length) in Array.indexed (Array.zip (startsOf raw.Lengths) raw.Lengths) do
            let mutable start = first

            for row in first .. first + length - 1 do
                if isOut[row] then
                    if row > start then
                        found.Add(struct (k, start, row - start))

                    start <- row + 1
                elif row > start && isGap row then
                    found.Add(struct (k, start, row - start))
                    start <- row

            if first + length > start then
                found.Add(struct (k, start, first + length - start))

        found.ToArray()

    let private assemble (raw: RawTrajectories) (parts: struct (int * int * int)[]) : Outcome<Trajectories> =
        use _ = Tensors.scope ()

        let each (values: float[]) =
            let all = Tensors.ofRows raw.Rows values

            parts
            |> Array.map (fun (struct (_, first, length)) -> Tensors.rows first length all)
            |> Seq.ofArray

        let named (names: string[]) = Some(names, raw.InputNames)

        Trajectories.create raw.Step (each raw.States)
        |> Result.mapError (fun error ->
            { error with
                Cause = $"{raw.File}: {error.Cause}"
            })
        |> Result.bind (
            refine
                Trajectories.withTimes
                (raw.Times
                 |> Option.map (fun times ->
                     parts
                     |> Seq.map (fun (struct (_, first, length)) -> Array.sub times first length)))
        )
        |> Result.bind (
            refine
                Trajectories.withInputs
                (if raw.InputNames.Length = 0 then
                     None
                 else
                     Some(each raw.Inputs))
        )
        |> Result.bind (
            refine
                Trajectories.withWeights
                (raw.Weights
                 |> Option.map (fun weights -> parts |> Array.map (fun (struct (k, _, _)) -> weights[k])))
        )
        |> Result.bind (refine (fun (states, inputs) -> Trajectories.withNames states inputs) (named raw.Names))

    /// A few long states are more likely to be many short ones, stored by columns.
    let checkTransposed (file: string) (rows: int) (columns: int) : Outcome<string list> =
        if rows > 10 || columns < 20 * rows then
            Ok []
        else
            let what =
                $"{Understood.whole rows} states of {Understood.whole columns} coordinates: transposed?"

            if rows <= 2 then
                mismatch
                    file
                    $"{what} Two states are too few"
                    "If each state is a column, say so with ReadOptions.Layout = Transposed"
            else
                Ok [ $"{what} (each state a column: ReadOptions.Layout = Transposed)" ]

    /// What was understood, in words.
    let private interpret (raw: RawTrajectories) (remarks: string list) (trajectories: Trajectories) : Interpretation =
        let spacing =
            if raw.Times.IsNone then
                $"step {Understood.number raw.Step}"
            else
                let times =
                    Array.zip trajectories.Starts trajectories.Lengths
                    |> Array.map (fun (first, length) -> Array.sub trajectories.Times first length)

                match Spacing.ofTimes times with
                | Regular step -> $"step {Understood.number step}"
                | Rounded(step, within) ->
                    $"step {Understood.number step} (accepted: no stamp is off by more than {Understood.number within}, its resolution)"
                | Irregular ->
                    let steps =
                        times |> Array.collect (Array.pairwise >> Array.map (fun (a, b) -> b - a))

                    $"at irregular steps from {Understood.number (Array.min steps)} to {Understood.number (Array.max steps)}"

        let count = Understood.counted trajectories.Count "trajectory" "trajectories"
        let rows = Understood.counted trajectories.States.Count "row" "rows"

        {
            Sentence =
                $"{Understood.file raw.File}: {count}, {rows}, {Understood.states raw.Names}{Understood.inputs raw.InputNames}, {raw.Clock}, {spacing}"
            States = raw.Names
            Inputs = raw.InputNames
            Remarks = Array.ofList remarks
        }

    let private storedLag (file: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.InvalidSetting $"{file} stores its own lag" "Leave out ReadOptions.Lag"

    /// Checks rows, leaves out what is missing if so asked, and makes trajectories of the rest.
    let make
        (options: ReadOptions)
        (remarks: string list)
        (raw: RawTrajectories)
        : Outcome<struct (Trajectories * Interpretation)> =
        let out = missing raw

        match options.Missing, Array.tryHead out with
        | MissingValues.Cut, _ ->
            let isOut = Array.create raw.Rows false

            for row, _, _ in out do
                isOut[row] <- true

            match stretches isOut raw with
            | [||] ->
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"{raw.File}: no row is complete"
                    "Leave out columns that are never measured, with ReadOptions.Columns"
            | parts -> Ok(parts, parts.Length - raw.Lengths.Length)
        | _, Some(row, name, value) -> MissingRows.refuse raw.File name value (raw.Place row) out.Length raw.Rows
        | _, None ->
            Ok(
                Array.zip (startsOf raw.Lengths) raw.Lengths
                |> Array.mapi (fun k (first, length) -> struct (k, first, length)),
                0
            )
        |> Result.bind (fun (parts, cuts) ->
            result {
                let! transposed = checkTransposed raw.File raw.Rows raw.Names.Length
                let! trajectories = assemble raw parts

                // Of irregular times a lag picks the pairs.
                if raw.Times.IsSome && options.Lag.IsSome && trajectories.Step.IsSome then
                    trajectories.Dispose()
                    return! storedLag raw.File

                return
                    struct (trajectories,
                            interpret
                                raw
                                [
                                    yield! remarks
                                    yield! transposed
                                    if out.Length > 0 then
                                        $"""{Understood.counted out.Length "row" "rows"} with missing values left out"""
                                    if cuts > 0 then
                                        $"""{Understood.counted cuts "cut" "cuts"} at missing rows"""
                                    if trajectories.Dropped > 0 then
                                        $"""{Understood.counted trajectories.Dropped "trajectory" "trajectories"} of one row left out"""
                                ]
                                trajectories)
            })

    let private number (file: string) (name: string) (array: NumericArray) : Outcome<float> =
        if array.Values.Length = 1 then
            Ok array.Values[0]
        else
            mismatch file $"'{name}' must be one number, but holds {array.Values.Length}" $"Store {name} as a scalar"

    /// The lengths of the trajectories from their first rows.
    let private lengthsOf (file: string) (rows: int) (starts: NumericArray) : Outcome<int[]> =
        let ends = Array.append starts.Values [| float rows |]

        if
            ends[0] = 0.0
            && ends |> Array.forall (fun s -> s = Math.Round s)
            && ends |> Array.pairwise |> Array.forall (fun (a, b) -> b > a)
        then
            Ok(ends |> Array.pairwise |> Array.map (fun (a, b) -> int (b - a)))
        else
            mismatch
                file
                $"'starts' does not cut {rows} rows into trajectories"
                "Store the first row of each trajectory, counted from 0, in increasing order; the first is 0"

    /// The last input of each trajectory may be left out.
    let private inputsOf (file: string) (lengths: int[]) (array: NumericArray) : Outcome<float[]> =
        let rows = Array.sum lengths
        let given = array.Values.Length
        let width = if array.Shape.Length < 2 then 1 else Array.last array.Shape

        if rows > 0 && given > 0 && width > 0 && given % rows = 0 && given / rows >= width then
            Ok array.Values
        elif width > 0 && given > 0 && given = (rows - lengths.Length) * width then
            let mutable next = 0

            Ok(
                lengths
                |> Array.collect (fun length ->
                    let acting = Array.sub array.Values next ((length - 1) * width)
                    next <- next + acting.Length
                    Array.append acting (Array.zeroCreate width))
            )
        else
            mismatch
                file
                $"'u' has shape {NumericArray.describe array.Shape}, but there are {rows} states"
                "Store one row of u for every state; the last of each trajectory may be left out"

    /// True if an archive holds trajectories: states without successors, but with something that says how they follow each other.
    let isArchive (options: ReadOptions) (arrays: Map<string, NumericArray>) : bool =
        arrays.ContainsKey "x"
        && not (arrays.ContainsKey "y")
        && (options.Lag.IsSome
            || options.Layout = Some ArrayLayout.Trajectories
            || [ "lag"; "times"; "starts"; "u" ] |> List.exists arrays.ContainsKey)

    /// Times of all states; those of trajectories of equal length may be given once.
    let private timesOf (file: string) (rows: int) (lengths: int[]) (times: NumericArray) : Outcome<float[]> =
        let given = times.Values

        if given.Length = rows then
            Ok given
        elif lengths |> Array.forall (fun length -> length = given.Length) then
            Ok(Array.replicate lengths.Length given |> Array.concat)
        else
            mismatch file $"'times' holds {given.Length} times for {rows} states" "Store one time for every state"

    let private whenGiven (read: 'A -> Outcome<'B>) (array: 'A option) : Outcome<'B option> =
        match array with
        | None -> Ok None
        | Some array -> read array |> Result.map Some

    /// An array of states as the options say: rows, one a state, with the lengths of trajectories if the array has them.
    let arrayOf
        (options: ReadOptions)
        (hasTimes: bool)
        (file: string)
        (array: NumericArray)
        : Outcome<struct (int[] option * string[] * float[] * string list)> =
        let shape = array.Shape

        let rest (axes: int) =
            shape |> Array.skip axes |> Array.fold (*) 1

        let layout =
            match options.Layout with
            | Some layout -> layout
            | None when shape.Length = 3 && hasTimes -> ArrayLayout.Trajectories
            | None -> ArrayLayout.Frames

        let said =
            match shape, layout with
            | [| k; n; d |], ArrayLayout.Trajectories ->
                [
                    $"the array {k} x {n} x {d} is {k} trajectories of {n} states (as {k} states of {n} x {d}: ReadOptions.Layout = Frames)"
                ]
            | [| k; n; d |], ArrayLayout.Frames ->
                [
                    $"the array {k} x {n} x {d} is {k} states of {n} x {d} (as {k} trajectories: ReadOptions.Layout = Trajectories)"
                ]
            | _ -> []

        result {
            // Axes beside an empty one may be of any length.
            if array.Values.Length = 0 then
                return! mismatch file $"an array {NumericArray.describe shape} holds no states" "Give one row a state"

            let! struct (lengths, width, values) =
                match layout with
                | ArrayLayout.Trajectories when shape.Length >= 3 ->
                    Ok(struct (Some(Array.create shape[0] shape[1]), rest 2, array.Values))
                | ArrayLayout.Trajectories when shape.Length = 2 ->
                    Ok(struct (Some(Array.create shape[0] shape[1]), 1, array.Values))
                | ArrayLayout.Transposed when shape.Length = 2 ->
                    let values =
                        Array.init array.Values.Length (fun i -> array.Values[(i % shape[0]) * shape[1] + i / shape[0]])

                    Ok(struct (None, shape[0], values))
                | ArrayLayout.Frames when shape.Length >= 1 -> Ok(struct (None, rest 1, array.Values))
                | _ ->
                    mismatch
                        file
                        $"an array {NumericArray.describe shape} is not {string layout |> _.ToLowerInvariant()}"
                        "Give ReadOptions.Layout = Frames for (n, ...), = Trajectories for (k, n, ...) or = Transposed for (d, n)"

            let names = Understood.numbered width

            match options.Columns with
            | [] -> return struct (lengths, names, values, said)
            | wanted ->
                match wanted |> List.tryFind (fun name -> not (Array.contains name names)) with
                | Some name ->
                    return!
                        KoopmanError.fail
                            ErrorKind.InvalidSetting
                            $"{file}: there is no column `{name}`"
                            $"The columns are {Understood.names names}; give one of these"
                | None ->
                    let columns =
                        wanted
                        |> List.map (fun name -> Array.findIndex ((=) name) names)
                        |> Array.ofList

                    let picked =
                        Array.init (values.Length / max 1 width * columns.Length) (fun i ->
                            values[i / columns.Length * width + columns[i % columns.Length]])

                    return struct (lengths, Array.ofList wanted, picked, said)
        }

    let private rowPlace (row: int) : string =
        $"row {Understood.whole row}, counted from 0"

    /// x (n, d) with starts, or x (k, n, d); times or lag; optionally the inputs u and the weights w of the trajectories.
    let ofArchive
        (options: ReadOptions)
        (file: string)
        (remarks: string list)
        (arrays: Map<string, NumericArray>)
        : Outcome<struct (Trajectories * Interpretation)> =
        result {
            let x = arrays["x"]
            let array (name: string) = Map.tryFind name arrays

            let hasTimes =
                options.Lag.IsSome || arrays.ContainsKey "lag" || arrays.ContainsKey "times"

            let! struct (equal, names, values, said) =
                arrayOf options (hasTimes && not (arrays.ContainsKey "starts")) file x

            let rows =
                match equal, values.Length with
                | Some lengths, _ -> Array.sum lengths
                | None, 0 -> 0
                | None, count -> count / max 1 names.Length

            if rows = 0 || names.Length = 0 then
                return!
                    mismatch
                        file
                        $"'x' has shape {NumericArray.describe x.Shape}, but there are {rows} states"
                        "Store one row of x for every state"

            let! lengths =
                match equal, array "starts" with
                | Some lengths, _ -> Ok lengths
                | None, None -> Ok [| rows |]
                | None, Some starts -> lengthsOf file rows starts

            let! inputs = array "u" |> whenGiven (inputsOf file lengths)
            let! times = array "times" |> whenGiven (timesOf file rows lengths)
            let! lag = array "lag" |> whenGiven (number file "lag")

            let inputNames =
                match inputs with
                | None -> [||]
                | Some values when values.Length = rows -> [| "u" |]
                | Some values -> Array.init (values.Length / rows) (fun i -> $"u{i + 1}")

            let raw =
                {
                    File = file
                    Names = names
                    States = values
                    InputNames = inputNames
                    Inputs = defaultArg inputs [||]
                    Times = times
                    Clock =
                        match times, lag with
                        | Some _, _ -> "times from `times`"
                        | None, Some _ -> "times from `lag`"
                        | None, None -> "times by the lag that was given"
                    Step = lag |> Option.orElse options.Lag |> Option.defaultValue 1.0
                    Lengths = lengths
                    Weights = array "w" |> Option.map _.Values
                    Place = rowPlace
                }

            match lag, times with
            | Some _, Some _ ->
                return! mismatch file "'lag' and 'times' both say when the states were" "Store one of them"
            | Some _, None when options.Lag.IsSome -> return! storedLag file
            | None, None when options.Lag.IsNone ->
                return!
                    KoopmanError.fail
                        ErrorKind.UnreadableFile
                        $"{file} holds trajectories, but not the time between their states"
                        "Add the scalar 'lag', or 'times' with one time for every state, or give ReadOptions.Lag"
            | _ -> return! make options (remarks @ said) raw
        }

    /// The result of ofArchive.
    let toArchive (trajectories: Trajectories) : Map<string, NumericArray> =
        let table (tensor: Tensor) : NumericArray =
            {
                Shape = tensor.shape |> Array.map int
                Values = Tensors.toArray tensor
            }

        let vector (values: float[]) : NumericArray =
            {
                Shape = [| values.Length |]
                Values = values
            }

        let weights = Tensors.toArray trajectories.States.Weights
        let starts, times = trajectories.Starts, trajectories.Times

        // Times that are the multiples of the step need not be stored.
        let multiples =
            match trajectories.Step with
            | None -> None
            | Some step ->
                if times = TrajectoryParts.clock step trajectories.Lengths then
                    Some step
                else
                    None

        [
            "x", table trajectories.States.Points
            if starts.Length > 1 then
                "starts", vector (Array.map float starts)
            match multiples with
            | Some step -> "lag", NumericArray.scalar step
            | None -> "times", vector times
            match trajectories.Inputs with
            | Some inputs -> "u", table inputs
            | None -> ()
            if weights |> Array.exists (fun w -> w <> weights[0]) then
                "w", vector (starts |> Array.map (fun first -> weights[first]))
        ]
        |> Map.ofList

    /// Rows with a column of names of trajectories, of times, or both.
    let ofTable
        (options: ReadOptions)
        (file: string)
        (table: CsvTable)
        (roles: ColumnRoles)
        : Outcome<struct (Trajectories * Interpretation)> =
        let width = table.Values.Shape[1]
        let groups = ColumnRoles.groups table roles.Trajectory
        // The rows of a trajectory may be scattered: their order within it is that of the file.
        let order = Array.concat groups

        let pick (columns: int[]) =
            Array.init (order.Length * columns.Length) (fun i ->
                table.Values.Values[order[i / columns.Length] * width + columns[i % columns.Length]])

        let names (columns: int[]) =
            columns |> Array.map (fun column -> roles.Names[column])

        if
            roles.Trajectory.IsSome
            && groups.Length > 1
            && groups |> Array.forall (fun rows -> rows.Length = 1)
        then
            let name = roles.Names[roles.Trajectory.Value]

            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{file}: `{name}` names the trajectories, and each has one row"
                $"""If it is a row number, list the states with {Understood.advice "Columns" (String.Join(",", names roles.States))} and the time, if any, with ReadOptions.Time"""
        else
            make
                options
                [
                    yield! table.Remarks
                    yield! roles.Remarks
                    match roles.Trajectory with
                    | Some column -> $"trajectories by `{roles.Names[column]}`"
                    | None -> ()
                ]
                {
                    File = file
                    Names = names roles.States
                    States = pick roles.States
                    InputNames = names roles.Inputs
                    Inputs = pick roles.Inputs
                    Times = roles.Time |> Option.map (fun column -> pick [| column |])
                    Clock =
                        match roles.Time with
                        | Some column when table.Dates.ContainsKey column ->
                            $"times from the dates in `{roles.Names[column]}` [s]"
                        | Some column -> $"times from column `{roles.Names[column]}`"
                        | None when options.Lag.IsSome -> "times by the lag that was given"
                        | None -> "no times, so that a row is a unit of time (ReadOptions.Lag says another)"
                    Step = defaultArg options.Lag 1.0
                    Lengths = groups |> Array.map Array.length
                    Weights = None
                    Place =
                        fun row ->
                            let row = order[row]

                            if row < table.Lines.Length then
                                $"line {Understood.whole table.Lines[row]} (row {Understood.whole row}, counted from 0)"
                            else
                                rowPlace row
                }

    /// The result of ofTable.
    let toTable (trajectories: Trajectories) : CsvTable =
        use _ = Tensors.scope ()
        let lengths = trajectories.Lengths

        let names =
            lengths
            |> Array.mapi (fun k length -> Array.create length (float k))
            |> Array.concat

        let named (names: string[]) (letter: string) (tensor: Tensor) =
            if names.Length > 0 then
                names
            else
                [| for i in 1 .. int tensor.shape[1] -> $"{letter}{i}" |]

        let inputs = Option.toArray trajectories.Inputs

        let values =
            torch.cat (
                [|
                    (Tensors.ofVector names).unsqueeze 1L
                    (Tensors.ofVector trajectories.Times).unsqueeze 1L
                    trajectories.States.Points
                    yield! inputs
                |],
                1L
            )

        Csv.table
            [|
                "trajectory"
                "time"
                yield! named trajectories.Names "x" trajectories.States.Points
                for inputs in inputs do
                    for name in named trajectories.InputNames "u" inputs do
                        ColumnRoles.inputMark + name
            |]
            {
                Shape = values.shape |> Array.map int
                Values = Tensors.toArray values
            }
