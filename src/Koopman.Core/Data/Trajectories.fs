namespace Koopman

open System
open TorchSharp

/// What trajectories remember of the data they were made from.
[<NoComparison; NoEquality>]
type internal TrajectoryNotes =
    {
        /// The names of the coordinates; empty if they have none.
        Names: string[]
        /// The names of the inputs; empty if they have none.
        InputNames: string[]
        /// How many were too short and left out, in all.
        Dropped: int
        /// How many were given last, and which of these are kept.
        Given: int
        Kept: int[]
    }

/// <summary>
/// One or many trajectories of R^d, each with a length and times of its own, one after the other. Checked once, when made: at
/// least two states each, all finite, times that rise. Those that are too short are left out and counted. They may carry inputs, names,
/// and a weight each.
/// </summary>
[<Sealed>]
type Trajectories
    internal
    (states: Samples, starts: int[], times: float[], step: float option, inputs: Tensor option, notes: TrajectoryNotes)
    =

    let held = states.Take()

    /// <summary>All states (n, d), trajectory after trajectory, with their weights. Owned by this object.</summary>
    member _.States: Samples = states

    /// <summary>The number of trajectories k.</summary>
    member _.Count: int = starts.Length

    /// <summary>The dimension d of the space.</summary>
    member _.Dimension: int = states.Dimension

    /// <summary>The first row of each trajectory in <c>States</c> (k).</summary>
    member _.Starts: int[] = Array.copy starts

    /// <summary>The number of states of each trajectory (k), each at least 2.</summary>
    member _.Lengths: int[] =
        Array.init starts.Length (fun k ->
            (if k + 1 < starts.Length then
                 starts[k + 1]
             else
                 states.Count)
            - starts[k])

    /// <summary>The time of every state (n), increasing within each trajectory, in the data's unit.</summary>
    member _.Times: float[] = Array.copy times

    member internal _.Step: float option = step

    member internal _.Inputs: Tensor option = inputs

    member internal _.Notes: TrajectoryNotes = notes

    /// <summary>The names of the coordinates (d), such as those of the columns of a file; empty if they have none.</summary>
    member _.Names: string[] = Array.copy notes.Names

    /// <summary>The names of the inputs (m); empty if they have none.</summary>
    member _.InputNames: string[] = Array.copy notes.InputNames

    /// <summary>The number of trajectories that were too short, and left out.</summary>
    member _.Dropped: int = notes.Dropped

    /// <summary>The number of inputs m that act on the states; 0 if there are none.</summary>
    member _.InputCount: int =
        match inputs with
        | Some inputs -> int inputs.shape[1]
        | None -> 0

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            held.Dispose()
            inputs |> Option.iter _.Dispose()

    override this.ToString() : string =
        let spacing =
            match step with
            | Some step -> $"every {step:G6}"
            | None -> "at irregular times"

        let what =
            if this.Count = 1 then
                "1 trajectory"
            else
                $"{this.Count} trajectories"

        let dropped =
            if notes.Dropped = 0 then
                ""
            else
                $"; {notes.Dropped} left out as too short"

        $"{what}, {states.Count} states in {states.Dimension} dimensions, {spacing}{dropped}"

/// Construction and checks of trajectories.
module internal TrajectoryParts =

    let again (tensor: Tensor) : Tensor = tensor.alias().DetachFromDisposeScope()

    /// The same values with separate handles: values are immutable, so that both can share them.
    let share (samples: Samples) : Samples =
        new Samples(again samples.Points, again samples.Weights, samples.Sampling)

    /// All of these, without names.
    let plainNotes (count: int) : TrajectoryNotes =
        {
            Names = [||]
            InputNames = [||]
            Dropped = 0
            Given = count
            Kept = Array.init count id
        }

    /// The notes when of the trajectories that there are only these are kept, the others being too short.
    let keep (kept: int[]) (trajectories: Trajectories) : TrajectoryNotes =
        { trajectories.Notes with
            Dropped = trajectories.Dropped + trajectories.Count - kept.Length
            Given = trajectories.Count
            Kept = kept
        }

    /// The notes of as many trajectories cut from these, none of them left out.
    let own (count: int) (trajectories: Trajectories) : TrajectoryNotes =
        { plainNotes count with
            Names = trajectories.Names
            InputNames = trajectories.InputNames
        }

    /// One item for each trajectory, where those that were left out may have one too.
    let forEach (trajectories: Trajectories) (items: 'T seq) : 'T[] =
        let items = Seq.toArray items

        if items.Length <> trajectories.Count && items.Length = trajectories.Notes.Given then
            trajectories.Notes.Kept |> Array.map (fun k -> items[k])
        else
            items

    /// Names the trajectory whose check failed.
    let inTrajectory (k: int) (result: Outcome<'T>) : Outcome<'T> =
        result
        |> Result.mapError (fun error ->
            { error with
                Cause = $"Trajectory {k} (counted from 0): {error.Cause}"
            })

    let free (parts: Samples seq) : unit =
        for part in parts do
            (part :> IDisposable).Dispose()

    /// Each checked on its own, so that a message can name it.
    let checkEach (trajectories: (int * Tensor)[]) : Outcome<Samples[]> =
        let checks = ResizeArray<Samples>()

        let check (k: int) (tensor: Tensor) =
            Samples.ofTensor tensor
            |> Result.bind (fun samples ->
                checks.Add samples

                if samples.Dimension = checks[0].Dimension then
                    Ok()
                else
                    KoopmanError.fail
                        ErrorKind.ShapeMismatch
                        $"it has {samples.Dimension} dimensions, but the first has {checks[0].Dimension}"
                        "Give trajectories of one system: all states of the same dimension")
            |> inTrajectory k

        let failure =
            trajectories
            |> Seq.map (fun (k, tensor) -> check k tensor)
            |> Seq.tryPick (function
                | Ok() -> None
                | Error error -> Some error)

        match failure with
        | None -> Ok(checks.ToArray())
        | Some error ->
            free checks
            Error error

    let clock (step: float) (lengths: int[]) : float[] =
        lengths |> Array.collect (fun n -> Array.init n (fun t -> float t * step))

    let checkTimes (times: float[]) (length: int) : Outcome<unit> =
        if times.Length <> length then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"there are {times.Length} times for {length} states"
                "Give one time per state"
        else
            let badly =
                Seq.init length id
                |> Seq.tryFind (fun t -> not (Double.IsFinite times[t]) || (t > 0 && times[t] <= times[t - 1]))

            match badly with
            | None -> Ok()
            | Some t ->
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"the time of state {t} is {times[t]}, after {times[max 0 (t - 1)]}"
                    "Sort the states by time, and give states of different trajectories as different trajectories"

    let allOk (results: Outcome<unit> seq) : Outcome<unit> =
        results |> Seq.tryFind Result.isError |> Option.defaultValue (Ok())

    /// The inputs as float64 on the CPU, in the caller's scope. The last row acts on nothing: it may be missing, and is 0 then.
    let checkInputs (columns: int64) (inputs: Tensor) (length: int) : Outcome<Tensor> =
        if
            inputs.dim () <> 2L
            || (inputs.shape[0] <> int64 length && inputs.shape[0] <> int64 (length - 1))
            || inputs.shape[1] <> columns
            || columns < 1L
        then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"the inputs have shape {Tensors.shape inputs}, but there are {length} states"
                "Give one row of inputs a state, all with the same number of inputs; a single input has shape (n, 1)"
        elif inputs.is_complex () then
            Samples.checkReal "the inputs" inputs |> Result.map (fun () -> inputs)
        else
            let acting =
                (inputs.narrow (0L, 0L, int64 (length - 1))).detach().cpu().to_type torch.float64

            if not (Tensors.isFinite acting) then
                KoopmanError.fail ErrorKind.NotFinite "the inputs hold NaN or infinity" "Remove or repair these rows"
            else
                let last =
                    if inputs.shape[0] = int64 length then
                        inputs[length - 1].detach().cpu().to_type(torch.float64).nan_to_num(0.0, 0.0, 0.0)
                    else
                        torch.zeros (columns, dtype = torch.float64)

                Ok(torch.cat ([| acting; last.unsqueeze 0L |], 0L))

/// Pairs and sections of trajectories.
module internal TrajectoryCuts =

    /// The given stretches of rows (first, length) as trajectories of their own.
    let pieces (notes: TrajectoryNotes) (stretches: struct (int * int)[]) (trajectories: Trajectories) : Trajectories =
        use _ = Tensors.scope ()

        let cut (tensor: Tensor) =
            Tensors.own (fun () ->
                torch.cat (
                    stretches
                    |> Array.map (fun (struct (first, length)) -> Tensors.rows first length tensor),
                    0L
                ))

        let lengths = stretches |> Array.map (fun (struct (_, length)) -> length)
        let weights = cut trajectories.States.Weights
        weights.div_ (weights.sum ()) |> ignore
        let times = trajectories.Times

        new Trajectories(
            new Samples(cut trajectories.States.Points, weights, trajectories.States.Sampling),
            Array.scan (+) 0 lengths |> Array.take lengths.Length,
            stretches
            |> Array.collect (fun (struct (first, length)) -> Array.sub times first length),
            trajectories.Step,
            Option.map cut trajectories.Inputs,
            notes
        )

    let index (rows: int[]) : Tensor =
        Tensors.ofIndices (Array.map int64 rows)

    /// Pairs of the rows from and until; starts are the first pairs of the runs.
    let pairsOf
        (lag: float)
        (starts: int[])
        (stride: int)
        (from: int[])
        (until: int[])
        (trajectories: Trajectories)
        : SnapshotPairs =
        let dropped = trajectories.Count - starts.Length

        use _ = Tensors.scope ()
        let states = trajectories.States
        let first, second = index from, index until

        let at (rows: Tensor) (tensor: Tensor) =
            tensor.index_select(0L, rows).DetachFromDisposeScope()

        let weights = at first states.Weights
        weights.div_ (weights.sum ()) |> ignore

        let uniform =
            torch.full_like(weights, Tensors.num (1.0 / float from.Length)).DetachFromDisposeScope()

        new SnapshotPairs(
            new Samples(at first states.Points, weights, states.Sampling),
            new Samples(at second states.Points, uniform, states.Sampling),
            lag,
            {
                Temperature = None
                Inputs = trajectories.Inputs |> Option.map (at first)
                Second = None
                Parity = None
                Starts = starts
                Stride = stride
                Dropped = dropped
            }
        )

    /// The first pairs of the trajectories that give any, from the number of pairs of each.
    let runs (counts: int[]) : int[] =
        Array.scan (+) 0 counts
        |> Array.take counts.Length
        |> Array.zip counts
        |> Array.choose (fun (count, first) -> if count > 0 then Some first else None)

    /// For each state of rows first to first+length-1 the row whose time is nearest to a lag later, if it is within the tolerance.
    let successors (lag: float) (tolerance: float) (times: float[]) (first: int, length: int) : (int * int)[] =
        let last = first + length - 1
        let mutable until = first

        [|
            for row in first .. last - 1 do
                let target = times[row] + lag

                while until < last && abs (times[until + 1] - target) <= abs (times[until] - target) do
                    until <- until + 1

                if until > row && abs (times[until] - target) <= tolerance then
                    row, until
        |]

    /// The maximum number of pairs of one run that begin within one lag, and so overlap.
    let overlap (lag: float) (times: float[]) (found: (int * int)[]) : int =
        let mutable most, back = 1, 0

        for i in 0 .. found.Length - 1 do
            while times[fst found[back]] <= times[fst found[i]] - lag * (1.0 - 1e-9) do
                back <- back + 1

            most <- max most (i - back + 1)

        most

open TrajectoryParts
open TrajectoryCuts

/// <summary>Creates trajectories, splits them, and turns them into snapshot pairs and delay coordinates.</summary>
[<RequireQualifiedAccess>]
module Trajectories =

    /// <summary>The time between consecutive states; none if they are not equally spaced.</summary>
    let step (trajectories: Trajectories) : float option = trajectories.Step

    /// <summary>
    /// The inputs u (n, m), if there are any: row t acts from state t to state t+1, the last row of a trajectory on nothing. They belong to
    /// the trajectories.
    /// </summary>
    let inputs (trajectories: Trajectories) : Tensor option = trajectories.Inputs

    /// <summary>
    /// Trajectories sampled every <paramref name="step"/>, each of its own length, from tensors (n_k, d), which are copied. Those of
    /// fewer than two states are left out and counted (<c>Dropped</c>); it is an error if none is left.
    /// </summary>
    let create (step: float) (trajectories: Tensor seq) : Outcome<Trajectories> =
        let given = trajectories |> Seq.indexed |> Seq.toArray

        let long =
            given
            |> Array.filter (fun (_, states) -> states.dim () <> 2L || states.shape[0] >= 2L)

        if given.Length = 0 then
            KoopmanError.fail ErrorKind.TooFewSamples "No trajectory was given" "Give at least one, with two states"
        elif long.Length = 0 then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                (if given.Length = 1 then
                     $"The trajectory has {(snd given[0]).shape[0]} state(s)"
                 else
                     $"None of the {given.Length} trajectories has two states")
                "Give at least one with two states"
        else
            Require.positive "the step" step
            |> Require.advise "Give the time between consecutive states in the data's own unit, for example 0.1"
            |> Result.bind (fun () -> checkEach long)
            |> Result.map (fun parts ->
                let lengths = parts |> Array.map _.Count
                let total = Array.sum lengths

                let points = Tensors.own (fun () -> torch.cat (parts |> Array.map _.Points, 0L))

                let weights =
                    torch
                        .full([| int64 total |], Tensors.num (1.0 / float total), dtype = torch.float64)
                        .DetachFromDisposeScope()

                free parts

                new Trajectories(
                    new Samples(points, weights, Drawn),
                    Array.scan (+) 0 lengths |> Array.take lengths.Length,
                    clock step lengths,
                    Some step,
                    None,
                    { plainNotes given.Length with
                        Dropped = given.Length - long.Length
                        Kept = Array.map fst long
                    }
                ))

    /// <summary>As <c>create</c>, from matrices, one row per state.</summary>
    let ofArrays (step: float) (trajectories: float[,] seq) : Outcome<Trajectories> =
        use _ = Tensors.scope ()

        trajectories
        |> Seq.map (fun states -> Tensors.ofMatrix states)
        |> Seq.toArray
        |> create step

    /// <summary>
    /// The same trajectories at these times, one array for each trajectory. Times that are equally spaced to a part in a million, or to
    /// half of their last decimal place or floating-point digit, count as regular sampling. The two share their values.
    /// </summary>
    let withTimes (times: float[] seq) (trajectories: Trajectories) : Outcome<Trajectories> =
        let times = forEach trajectories times

        Require.sameCount ("arrays of times", times.Length) ("trajectories", trajectories.Count)
        |> Result.bind (fun () ->
            Array.map2 checkTimes times trajectories.Lengths
            |> Seq.mapi inTrajectory
            |> allOk
            |> Result.map (fun () ->
                new Trajectories(
                    share trajectories.States,
                    trajectories.Starts,
                    Array.concat times,
                    (Spacing.ofTimes times).Step,
                    Option.map again trajectories.Inputs,
                    trajectories.Notes
                )))

    /// <summary>
    /// The same trajectories with inputs, one tensor (n_k, m) for each: row t acts from state t to state t+1, so that the last row
    /// acts on nothing, and may be missing. The two share their values.
    /// </summary>
    let withInputs (inputs: Tensor seq) (trajectories: Trajectories) : Outcome<Trajectories> =
        use _ = Tensors.scope ()
        let inputs = forEach trajectories inputs

        Require.sameCount ("tensors of inputs", inputs.Length) ("trajectories", trajectories.Count)
        |> Result.bind (fun () ->
            let columns = if inputs[0].dim() = 2L then inputs[0].shape[1] else 0L

            Array.zip inputs trajectories.Lengths
            |> Array.toList
            |> List.indexed
            |> Outcome.collect (fun (k, (input, length)) -> checkInputs columns input length |> inTrajectory k)
            |> Result.map (fun checkedInputs ->
                new Trajectories(
                    share trajectories.States,
                    trajectories.Starts,
                    trajectories.Times,
                    trajectories.Step,
                    Some(Tensors.own (fun () -> torch.cat (Array.ofList checkedInputs, 0L))),
                    trajectories.Notes
                )))

    /// <summary>The same trajectories without their inputs. The two share their values.</summary>
    let withoutInputs (trajectories: Trajectories) : Trajectories =
        new Trajectories(
            share trajectories.States,
            trajectories.Starts,
            trajectories.Times,
            trajectories.Step,
            None,
            { trajectories.Notes with
                InputNames = [||]
            }
        )

    /// <summary>The same trajectories with names for their coordinates and inputs, as many as there are, or none. The two share their values.</summary>
    let withNames (names: string[]) (inputNames: string[]) (trajectories: Trajectories) : Outcome<Trajectories> =
        let fits (what: string) (names: string[]) (count: int) =
            if names.Length = 0 then
                Ok()
            else
                Require.sameCount ("names", names.Length) (what, count)

        fits "coordinates" names trajectories.Dimension
        |> Result.bind (fun () -> fits "inputs" inputNames trajectories.InputCount)
        |> Result.map (fun () ->
            new Trajectories(
                share trajectories.States,
                trajectories.Starts,
                trajectories.Times,
                trajectories.Step,
                Option.map again trajectories.Inputs,
                { trajectories.Notes with
                    Names = Array.copy names
                    InputNames = Array.copy inputNames
                }
            ))

    /// <summary>
    /// The same trajectories with weights, one each, which need not be normalised: a state counts in proportion to the weight of
    /// its trajectory. Pairs inherit them. The two share their values.
    /// </summary>
    let withWeights (weights: float[]) (trajectories: Trajectories) : Outcome<Trajectories> =
        let weights = forEach trajectories weights

        Require.sameCount ("weights", weights.Length) ("trajectories", trajectories.Count)
        |> Result.bind (fun () ->
            Array.map2 (fun length weight -> Array.create length weight) trajectories.Lengths weights
            |> Array.concat
            |> fun each -> Samples.withWeights each trajectories.States
            |> Result.map (fun states ->
                new Trajectories(
                    states,
                    trajectories.Starts,
                    trajectories.Times,
                    trajectories.Step,
                    Option.map again trajectories.Inputs,
                    trajectories.Notes
                )))

    /// <summary>
    /// The trajectories of all of these, in their order, as one collection: the states are copied, and count as much as they did among as many.
    /// </summary>
    /// <returns>A <c>ShapeMismatch</c> error if coordinates or inputs differ in number or name, or some have inputs and others none.</returns>
    let concat (collections: Trajectories seq) : Outcome<Trajectories> =
        let all = Array.ofSeq collections

        let describe (names: string[]) (count: int) =
            if names.Length = 0 then
                string count
            else
                String.Join(", ", names)

        let agree (what: string) (of': Trajectories -> string[] * int) : Outcome<unit> =
            let first = of' all[0]

            match all |> Array.tryFindIndex (fun other -> of' other <> first) with
            | None -> Ok()
            | Some k ->
                let describe (names, count) = describe names count

                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"Collection {k} (counted from 0) has the {what} {describe (of' all[k])}, but the first has {describe first}"
                    "Give trajectories of one system, with the same coordinates and inputs in the same order"

        if all.Length = 0 then
            KoopmanError.fail ErrorKind.TooFewSamples "No trajectories were given" "Give at least one collection"
        else
            agree "coordinates" (fun one -> one.Names, one.Dimension)
            |> Result.bind (fun () -> agree "inputs" (fun one -> one.InputNames, one.InputCount))
            |> Result.bind (fun () ->
                use _ = Tensors.scope ()

                let split (tensor: Trajectories -> Tensor) =
                    all
                    |> Array.collect (fun one ->
                        Array.map2 (fun first length -> Tensors.rows first length (tensor one)) one.Starts one.Lengths)

                let refine (change: Trajectories -> Outcome<Trajectories>) (made: Outcome<Trajectories>) =
                    made
                    |> Result.bind (fun plain ->
                        use _ = plain
                        change plain)

                let times =
                    all
                    |> Array.collect (fun one ->
                        Array.map2 (fun first length -> Array.sub one.Times first length) one.Starts one.Lengths)

                let weights =
                    all
                    |> Array.collect (fun one ->
                        let each = Tensors.toArray one.States.Weights
                        one.Starts |> Array.map (fun first -> each[first] * float each.Length))

                let isEven =
                    weights
                    |> Array.forall (fun weight -> abs (weight - weights[0]) < 1e-12 * weights[0])

                let dropped = all |> Array.sumBy _.Dropped

                create (defaultArg all[0].Step 1.0) (split _.States.Points)
                |> refine (withTimes times)
                |> refine (fun plain ->
                    if all[0].Inputs.IsSome then
                        withInputs (split _.Inputs.Value) plain
                    else
                        Ok(
                            new Trajectories(
                                share plain.States,
                                plain.Starts,
                                plain.Times,
                                plain.Step,
                                None,
                                plain.Notes
                            )
                        ))
                |> refine (fun plain ->
                    withWeights (if isEven then Array.create weights.Length 1.0 else weights) plain)
                |> refine (withNames all[0].Names all[0].InputNames)
                |> Result.map (fun made ->
                    use _ = made

                    new Trajectories(
                        share made.States,
                        made.Starts,
                        made.Times,
                        made.Step,
                        Option.map again made.Inputs,
                        { made.Notes with Dropped = dropped }
                    )))

    /// <summary>The states of one trajectory, counted from 0, as (n_k, d). The caller owns the tensor.</summary>
    let statesOf (index: int) (trajectories: Trajectories) : Tensor =
        trajectories.States.Points.narrow (0L, int64 trajectories.Starts[index], int64 trajectories.Lengths[index])

    let private severalInputs (what: string) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.InvalidSetting
            $"These trajectories have inputs, and {what}, so that several inputs act within a pair"
            "Take pairs of consecutive states (Trajectories.pairs 1), or drop the inputs with Trajectories.withoutInputs"

    let private needTwo (found: int) (what: string) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.TooFewSamples
            $"The trajectories give {found} pair(s) {what}, but at least 2 are needed"
            "Give longer trajectories, or use a shorter lag"

    /// <summary>
    /// The pairs (x_t, x_{t+stride}) of regularly sampled trajectories, never across two of them, at lag stride·step. Trajectories
    /// that are too short give none and are counted (<c>Dropped</c>). Inputs go with pairs of stride 1.
    /// </summary>
    let pairs (stride: int) (trajectories: Trajectories) : Outcome<SnapshotPairs> =
        match trajectories.Step with
        | _ when stride < 1 ->
            KoopmanError.fail ErrorKind.InvalidSetting $"A stride of {stride} is not positive" "Give 1 or more"
        | None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The times of these trajectories are not equally spaced, so a lag is not a number of rows"
                "Take pairs by their times (Trajectories.pairsNear), or use an estimator that accepts times (OptimizedDmd)"
        | Some _ when stride > 1 && trajectories.Inputs.IsSome -> severalInputs $"a pair spans {stride} steps"
        | Some step ->
            let counts = trajectories.Lengths |> Array.map (fun n -> max 0 (n - stride))

            let from =
                Array.map2 (fun start count -> Array.init count (fun t -> start + t)) trajectories.Starts counts
                |> Array.concat

            if from.Length < 2 then
                needTwo from.Length $"of stride {stride}"
            else
                let until = from |> Array.map (fun row -> row + stride)
                Ok(pairsOf (float stride * step) (runs counts) stride from until trajectories)

    /// <summary>
    /// The pairs of states whose times differ by <paramref name="lag"/>, up to a tolerance: for each state the one nearest to a lag
    /// later. For irregular sampling; estimators do not account for the remaining error of the lag.
    /// </summary>
    /// <param name="lag">The time between x and y.</param>
    /// <param name="tolerance">The maximum difference between a pair's time and the lag; below the lag.</param>
    /// <param name="trajectories">The data.</param>
    let pairsNear (lag: float) (tolerance: float) (trajectories: Trajectories) : Outcome<SnapshotPairs> =
        Require.all {
            Require.positive "the lag" lag
            Require.that (tolerance >= 0.0 && tolerance < lag) "at least 0 and below the lag" "the tolerance" tolerance
        }
        |> Require.advise "Give a positive lag and a tolerance from 0 to below it, for example a tenth of the lag"
        |> Result.bind (fun () ->
            let times = trajectories.Times

            let found =
                Array.zip trajectories.Starts trajectories.Lengths
                |> Array.map (successors lag tolerance times)

            let all = Array.concat found

            if all.Length < 2 then
                needTwo all.Length $"whose times differ by {lag} up to {tolerance}"
            elif
                trajectories.Inputs.IsSome
                && all |> Array.exists (fun (row, until) -> until > row + 1)
            then
                severalInputs $"at lag {lag} some pairs span more than one step"
            else
                let stride = found |> Array.map (overlap lag times) |> Array.max
                let starts = found |> Array.map Array.length |> runs
                Ok(pairsOf lag starts stride (Array.map fst all) (Array.map snd all) trajectories))

    /// <summary>
    /// Delay coordinates: each state becomes the last <paramref name="count"/> states, the newest first, [x_t, x_{t-1}, ...] of
    /// dimension count·d (a Hankel matrix, row by row). Each trajectory loses its first count-1 states; those that keep fewer than two
    /// are left out and counted (<c>Dropped</c>).
    /// </summary>
    let delays (count: int) (trajectories: Trajectories) : Outcome<Trajectories> =
        let longest = Array.max trajectories.Lengths

        if count < 1 then
            KoopmanError.fail ErrorKind.InvalidSetting $"{count} delays are not possible" "Give 1 (no delay), or more"
        elif trajectories.Step.IsNone then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The times of these trajectories are not equally spaced, so delays have no fixed length"
                "Interpolate the states to equally spaced times first"
        elif longest < count + 1 then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"A trajectory of {longest} states has no two states with {count} delays"
                $"Use at most {longest - 1} delays"
        else
            let long =
                trajectories.Lengths
                |> Seq.indexed
                |> Seq.filter (fun (_, length) -> length > count)
                |> Seq.map fst
                |> Array.ofSeq

            let starts, lengths = trajectories.Starts, trajectories.Lengths

            let kept =
                long
                |> Array.map (fun k -> struct (starts[k] + count - 1, lengths[k] - count + 1))

            use plain = pieces (keep long trajectories) kept trajectories

            let newest =
                kept
                |> Array.collect (fun (struct (first, length)) -> Array.init length (fun t -> first + t))

            let block (delay: int) =
                trajectories.States.Points.index_select (0L, index (newest |> Array.map (fun row -> row - delay)))

            let points = Tensors.own (fun () -> torch.cat (Array.init count block, 1L))

            let states = new Samples(points, again plain.States.Weights, plain.States.Sampling)

            let names =
                [|
                    for delay in 0 .. count - 1 do
                        for name in trajectories.Names do
                            if delay = 0 then name else $"{name}(t-{delay})"
                |]

            Ok(
                new Trajectories(
                    states,
                    plain.Starts,
                    plain.Times,
                    plain.Step,
                    Option.map again plain.Inputs,
                    { plain.Notes with Names = names }
                )
            )

    /// <summary>The trajectories with these indices, counted from 0, in this order.</summary>
    let select (indices: int[]) (trajectories: Trajectories) : Outcome<Trajectories> =
        if indices.Length = 0 then
            KoopmanError.fail ErrorKind.TooFewSamples "No trajectory was selected" "Select at least one"
        else
            Require.indices "trajectory" trajectories.Count (Seq.map int64 indices)
            |> Result.map (fun () ->
                let starts, lengths = trajectories.Starts, trajectories.Lengths

                pieces
                    (own indices.Length trajectories)
                    (indices |> Array.map (fun k -> struct (starts[k], lengths[k])))
                    trajectories)

    let private checkShare (heldOut: float) : Outcome<unit> =
        Require.inside 0.0 1.0 "the share held out" heldOut
        |> Require.advise "Give a share between 0 and 1, for example 0.2"

    /// <summary>
    /// Training trajectories and held-out test trajectories: whole ones, chosen at random. Appropriate if the trajectories
    /// are independent of each other.
    /// </summary>
    let splitTrajectories
        (heldOut: float)
        (seed: Seed)
        (trajectories: Trajectories)
        : Outcome<struct (Trajectories * Trajectories)> =
        result {
            do! checkShare heldOut
            let count = trajectories.Count

            if count < 2 then
                return!
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        "A single trajectory cannot be split into whole ones"
                        "Split it in time with Trajectories.splitInTime"
            else
                let held = Math.Clamp(int (Math.Round(heldOut * float count)), 1, count - 1)
                let order = Seed.permutation count seed
                let! learn = select (Array.sort order[held..]) trajectories
                let! test = select (Array.sort order[.. held - 1]) trajectories
                return struct (learn, test)
        }

    /// <summary>
    /// The early part of every trajectory to learn from, and its late part held out for a test. The two touch: states close to the
    /// cut are correlated. Those of fewer than four states are left out and counted.
    /// </summary>
    let splitInTime (heldOut: float) (trajectories: Trajectories) : Outcome<struct (Trajectories * Trajectories)> =
        result {
            do! checkShare heldOut
            let starts, lengths = trajectories.Starts, trajectories.Lengths
            let long = [| 0 .. lengths.Length - 1 |] |> Array.filter (fun k -> lengths[k] >= 4)

            if long.Length = 0 then
                return!
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"A trajectory of {Array.max lengths} states cannot be split into two of at least 2"
                        "Split whole trajectories with Trajectories.splitTrajectories"
            else
                let held =
                    long
                    |> Array.map (fun k ->
                        let n = lengths[k]
                        struct (k, n, Math.Clamp(int (Math.Round(heldOut * float n)), 2, n - 2)))

                let early =
                    held |> Array.map (fun (struct (k, n, late)) -> struct (starts[k], n - late))

                let late =
                    held
                    |> Array.map (fun (struct (k, n, late)) -> struct (starts[k] + n - late, late))

                let notes = keep long trajectories
                return struct (pieces notes early trajectories, pieces notes late trajectories)
        }
