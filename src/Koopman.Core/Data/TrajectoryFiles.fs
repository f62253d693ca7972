namespace Koopman

open System
open System.Text.RegularExpressions
open TorchSharp

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

    /// Rows of one matrix split at the starts, with the data of each row.
    let private cut
        (step: float)
        (lengths: int[])
        (states: Tensor)
        (times: float[] option)
        (inputs: Tensor option)
        (weights: float[] option)
        : Outcome<Trajectories> =
        use _ = Tensors.scope ()
        let starts = Array.scan (+) 0 lengths

        let each (tensor: Tensor) =
            lengths |> Array.mapi (fun k length -> Tensors.rows starts[k] length tensor)

        let times =
            times
            |> Option.map (fun all -> lengths |> Array.mapi (fun k length -> Array.sub all starts[k] length))

        Trajectories.create step (each states)
        |> Result.bind (refine Trajectories.withTimes (times |> Option.map Seq.ofArray))
        |> Result.bind (refine Trajectories.withInputs (inputs |> Option.map (each >> Seq.ofArray)))
        |> Result.bind (refine Trajectories.withWeights weights)

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

    let private matrix (file: string) (name: string) (rows: int) (array: NumericArray) : Outcome<Tensor> =
        if rows > 0 && array.Values.Length > 0 && array.Values.Length % rows = 0 then
            Ok(Tensors.ofRows rows array.Values)
        else
            mismatch
                file
                $"'{name}' has shape {NumericArray.describe array.Shape}, but there are {rows} states"
                $"Store one row of {name} for every state"

    /// True if an archive holds trajectories: states without successors, but with information on their order in time.
    let isArchive (arrays: Map<string, NumericArray>) : bool =
        arrays.ContainsKey "x"
        && not (arrays.ContainsKey "y")
        && [ "lag"; "times"; "starts"; "u" ] |> List.exists arrays.ContainsKey

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

    /// x (n, d) with starts, or x (k, n, d); times or lag; optionally the inputs u and the weights w of the trajectories.
    let ofArchive (file: string) (arrays: Map<string, NumericArray>) : Outcome<Trajectories> =
        result {
            use _ = Tensors.scope ()
            let x = arrays["x"]
            let array (name: string) = Map.tryFind name arrays

            let equal =
                if x.Shape.Length = 3 && not (arrays.ContainsKey "starts") then
                    Some(Array.create x.Shape[0] x.Shape[1])
                else
                    None

            let rows =
                match equal, x.Shape with
                | Some lengths, _ -> Array.sum lengths
                | None, [||] -> 0
                | None, shape -> shape[0]

            let! states = matrix file "x" rows x

            let! lengths =
                match equal, array "starts" with
                | Some lengths, _ -> Ok lengths
                | None, None -> Ok [| rows |]
                | None, Some starts -> lengthsOf file rows starts

            let! inputs = array "u" |> whenGiven (matrix file "u" rows)
            let! times = array "times" |> whenGiven (timesOf file rows lengths)
            let! lag = array "lag" |> whenGiven (number file "lag")
            let weights = array "w" |> Option.map _.Values

            match lag, times with
            | Some _, Some _ ->
                return! mismatch file "'lag' and 'times' both give the times of the states" "Store one of them"
            | None, None ->
                return!
                    KoopmanError.fail
                        ErrorKind.UnreadableFile
                        $"{file} holds trajectories, but not the time between their states"
                        "Add the scalar 'lag', or 'times' with one time for every state"
            | _ -> return! cut (defaultArg lag 1.0) lengths states times inputs weights
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

    let private isInput (column: string) : bool =
        Regex.IsMatch(column, "^u[0-9]*$", RegexOptions.CultureInvariant)

    /// True if a table holds trajectories: it has a column named trajectory or time.
    let isTable (table: CsvTable) : bool =
        table.Columns
        |> Array.exists (fun column -> column = "trajectory" || column = "time")

    /// Rows with a trajectory column, a time column, or both; columns u, u1, u2, ... are inputs, and the others the state.
    let ofTable (file: string) (table: CsvTable) : Outcome<Trajectories> =
        use _ = Tensors.scope ()
        let all = Tensors.ofRows table.Values.Shape[0] table.Values.Values
        let columns = Array.indexed table.Columns

        let column (name: string) =
            columns
            |> Array.tryFind (fun (_, c) -> c = name)
            |> Option.map (fun (i, _) -> Tensors.toArray (all.select (1L, int64 i)))

        let pick (belongs: string -> bool) =
            match columns |> Array.filter (snd >> belongs) |> Array.map (fst >> int64) with
            | [||] -> None
            | chosen -> Some(all.index_select (1L, Tensors.ofIndices chosen))

        let isState name =
            not (isInput name) && name <> "trajectory" && name <> "time"

        let names =
            column "trajectory" |> Option.defaultValue (Array.create (int all.shape[0]) 0.0)
        // The rows of a trajectory may be scattered: their order within it is that of the file.
        let groups = names |> Array.indexed |> Array.groupBy snd

        let order =
            Tensors.ofIndices (groups |> Array.collect (snd >> Array.map (fst >> int64)))

        let sorted (values: Tensor) = values.index_select (0L, order)

        match pick isState with
        | None -> mismatch file "there is no column for the state" "Add a column for every coordinate, with any name"
        | Some states ->
            cut
                1.0
                (groups |> Array.map (fun (_, rows) -> rows.Length))
                (sorted states)
                (column "time" |> Option.map (Tensors.ofVector >> sorted >> Tensors.toArray))
                (pick isInput |> Option.map sorted)
                None

    /// The result of ofTable.
    let toTable (trajectories: Trajectories) : CsvTable =
        use _ = Tensors.scope ()
        let lengths = trajectories.Lengths

        let names =
            lengths
            |> Array.mapi (fun k length -> Array.create length (float k))
            |> Array.concat

        let numbered (letter: string) (tensor: Tensor) =
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

        {
            Columns =
                [|
                    "trajectory"
                    "time"
                    yield! numbered "x" trajectories.States.Points
                    yield! inputs |> Array.collect (numbered "u")
                |]
            Values =
                {
                    Shape = values.shape |> Array.map int
                    Values = Tensors.toArray values
                }
        }
