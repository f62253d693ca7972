namespace Koopman

open System
open TorchSharp

/// The layout of trajectories in archives and tables.
module internal TrajectoryFiles =

    let private mismatch (file: string) (cause: string) (remedy: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.ShapeMismatch $"{file}: {cause}" remedy

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
                    TimeUnit = ReadOptions.timeUnit options
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
            | Some _, None when options.Lag.IsSome -> return! RawTrajectories.storedLag file
            | None, None when options.Lag.IsNone ->
                return!
                    KoopmanError.fail
                        ErrorKind.UnreadableFile
                        $"{file} holds trajectories, but not the time between their states"
                        "Add the scalar 'lag', or 'times' with one time for every state, or give ReadOptions.Lag"
            | _ -> return! RawTrajectories.make options (remarks @ said) raw
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
            RawTrajectories.make
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
                    TimeUnit = roles.TimeUnit
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
