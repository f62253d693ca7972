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
        /// The unit of the times, or nothing.
        TimeUnit: string
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
            "Repair these rows, leave them out with ReadOptions.Missing = Cut, or, in time order, fill them with ReadOptions.Missing = Fill"

/// Checks rows as a file holds them, makes trajectories of them, and says so.
[<RequireQualifiedAccess>]
module internal RawTrajectories =

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

    /// The median of the steps of the times within trajectories; none without a step.
    let private usualStep (raw: RawTrajectories) (times: float[]) : float option =
        let steps =
            Array.zip (startsOf raw.Lengths) raw.Lengths
            |> Array.collect (fun (first, length) ->
                Array.sub times first length
                |> Array.filter Double.IsFinite
                |> Array.pairwise
                |> Array.map (fun (a, b) -> b - a))
            |> Array.sort

        if steps.Length = 0 then
            None
        else
            Some steps[steps.Length / 2]

    /// The stretches (trajectory, first row, length) between the rows that are left out, and between gaps in the times.
    let private stretches (isOut: bool[]) (raw: RawTrajectories) : struct (int * int * int)[] =
        let found = ResizeArray<struct (int * int * int)>()

        let isGap: int -> bool =
            match raw.Times with
            | None -> fun _ -> false
            | Some times ->
                match usualStep raw times with
                | None -> fun _ -> false
                | Some usual -> fun row -> times[row] - times[row - 1] > 1.5 * usual

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

    /// With a row of missing values for each that equally spaced times leave out, where no more are missing in a row than are filled.
    let private withRows (raw: RawTrajectories) : RawTrajectories =
        match raw.Times with
        | None -> raw
        | Some times ->
            let usual = usualStep raw times |> Option.defaultValue 0.0

            /// How many rows are missing before a row.
            let missingBefore (row: int) =
                let ratio = (times[row] - times[row - 1]) / usual
                let whole = Math.Round ratio

                if
                    ratio > 1.5
                    && abs (ratio - whole) < 0.1
                    && whole - 1.0 <= float GapFilling.reach
                then
                    int whole - 1
                else
                    0

            let inserted =
                Array.zip (startsOf raw.Lengths) raw.Lengths
                |> Array.map (fun (first, length) ->
                    [|
                        for row in first .. first + length - 1 do
                            if row > first then
                                for i in 1 .. missingBefore row do
                                    -1,
                                    times[row - 1]
                                    + float i * (times[row] - times[row - 1]) / float (missingBefore row + 1)

                            row, times[row]
                    |])

            let rows = Array.concat inserted

            let spread (width: int) (values: float[]) =
                rows
                |> Array.collect (fun (row, _) ->
                    if row < 0 then
                        Array.create width nan
                    else
                        Array.sub values (row * width) width)

            if rows.Length = times.Length then
                raw
            else
                { raw with
                    States = spread raw.Names.Length raw.States
                    Inputs = spread raw.InputNames.Length raw.Inputs
                    Times = Some(rows |> Array.map snd)
                    Lengths = inserted |> Array.map _.Length
                    Place =
                        fun row ->
                            match rows[row] with
                            | -1, time -> $"the row that is missing at {Understood.number time}"
                            | row, _ -> raw.Place row
                }

    /// With short gaps filled, and the number of values that were.
    let private filled (raw: RawTrajectories) : struct (RawTrajectories * int) =
        let raw = withRows raw

        let fillAll (width: int) (values: float[]) =
            let result = Array.copy values
            let mutable count = 0

            for column in 0 .. width - 1 do
                let starts = startsOf raw.Lengths

                let columns =
                    Array.map2
                        (fun first length -> Array.init length (fun t -> values[(first + t) * width + column]))
                        starts
                        raw.Lengths

                let struct (columns, filled) = GapFilling.fill columns
                count <- count + filled

                Array.iter2
                    (fun first (column': float[]) ->
                        column' |> Array.iteri (fun t x -> result[(first + t) * width + column] <- x))
                    starts
                    columns

            struct (result, count)

        let struct (states, one) = fillAll raw.Names.Length raw.States
        let struct (inputs, two) = fillAll raw.InputNames.Length raw.Inputs

        struct ({ raw with
                    States = states
                    Inputs = inputs
                },
                one + two)

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
            TimeUnit = raw.TimeUnit
            Remarks = Array.ofList remarks
        }

    /// The error for a lag beside one in the file.
    let storedLag (file: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.InvalidSetting $"{file} stores its own lag" "Leave out ReadOptions.Lag"

    /// Checks rows, leaves out what is missing if so asked, and makes trajectories of the rest.
    let make
        (options: ReadOptions)
        (remarks: string list)
        (raw: RawTrajectories)
        : Outcome<struct (Trajectories * Interpretation)> =
        let struct (raw, filled) =
            if options.Missing = MissingValues.Fill then
                filled raw
            else
                struct (raw, 0)

        let out = missing raw

        match options.Missing, Array.tryHead out with
        | (MissingValues.Cut | MissingValues.Fill), _ ->
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
                                    if filled > 0 then
                                        $"""{Understood.counted filled "missing value" "missing values"} filled from the rows around them"""
                                    if out.Length > 0 then
                                        $"""{Understood.counted out.Length "row" "rows"} with missing values left out"""
                                    if cuts > 0 then
                                        $"""{Understood.counted cuts "cut" "cuts"} at missing rows"""
                                    if trajectories.Dropped > 0 then
                                        $"""{Understood.counted trajectories.Dropped "trajectory" "trajectories"} of one row left out"""
                                ]
                                trajectories)
            })
