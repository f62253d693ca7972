namespace Koopman

open System.Collections.Generic

/// <summary>Discrete trajectories on the largest set of states that can all be reached from each other.</summary>
type ConnectedTrajectories =
    {
        /// <summary>The trajectories in the states of the set, numbered 0, 1, 2, ...; -1 where they are in no state of it.</summary>
        Trajectories: int[][]
        /// <summary>The former number of each state of the set, ascending.</summary>
        States: int[]
    }

/// <summary>Counts of transitions between states, and the sets of states that they connect.</summary>
[<RequireQualifiedAccess>]
module TransitionCounts =

    /// A chain of more states has matrices of more than a gigabyte.
    let private mostStates: int = 10_000

    let private checkStride (stride: int) (trajectories: int[][]) : Outcome<unit> =
        let longest = trajectories |> Seq.map _.Length |> Seq.fold max 0

        Require.atLeast 1 "the stride" stride
        |> Result.bind (fun () ->
            if longest <= stride then
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"No trajectory is longer than the lag: the longest has {longest} rows, and the lag is {stride}"
                    "Take a shorter lag, or give longer trajectories"
            else
                Ok())

    /// The transitions that occur, by the state they begin in.
    let private successors (stride: int) (trajectories: int[][]) : Dictionary<int, HashSet<int>> =
        let found = Dictionary<int, HashSet<int>>()

        let into (state: int) : HashSet<int> =
            match found.TryGetValue state with
            | true, known -> known
            | _ ->
                let made = HashSet<int>()
                found.Add(state, made)
                made

        for path in trajectories do
            for t in 0 .. path.Length - 1 - stride do
                let i, j = path[t], path[t + stride]

                if i >= 0 && j >= 0 then
                    (into i).Add j |> ignore
                    into j |> ignore

        found

    /// The largest set of states that can all be reached from each other (Tarjan 1972, without recursion), ascending; of several the one with the
    /// least state.
    let private largestComponent (states: int seq) (follow: int -> int seq) : int[] =
        let index, low = Dictionary<int, int>(), Dictionary<int, int>()
        let pending = Stack<int>()
        let isPending = HashSet<int>()
        let mutable largest = [||]

        for root in Seq.sort states do
            if not (index.ContainsKey root) then
                let calls = Stack<struct (int * IEnumerator<int>)>()

                let enter (state: int) =
                    index[state] <- index.Count
                    low[state] <- index[state]
                    pending.Push state
                    isPending.Add state |> ignore
                    calls.Push(struct (state, (follow state).GetEnumerator()))

                enter root

                while calls.Count > 0 do
                    let struct (state, ahead) = calls.Peek()

                    if ahead.MoveNext() then
                        let next = ahead.Current

                        if not (index.ContainsKey next) then
                            enter next
                        elif isPending.Contains next then
                            low[state] <- min low[state] index[next]
                    else
                        ahead.Dispose()
                        calls.Pop() |> ignore

                        if calls.Count > 0 then
                            let struct (outer, _) = calls.Peek()
                            low[outer] <- min low[outer] low[state]

                        if low[state] = index[state] then
                            let members = ResizeArray<int>()
                            let mutable last = pending.Pop()
                            isPending.Remove last |> ignore
                            members.Add last

                            while last <> state do
                                last <- pending.Pop()
                                isPending.Remove last |> ignore
                                members.Add last

                            if
                                members.Count > largest.Length
                                || (members.Count = largest.Length && Seq.min members < Array.min largest)
                            then
                                largest <- members.ToArray()

        Array.sort largest

    /// <summary>
    /// The same trajectories on the largest set of states that can all be reached from each other at this lag, on which a chain can be estimated. States may
    /// have any numbers, which need not follow each other.
    /// </summary>
    /// <param name="stride">The lag in rows.</param>
    /// <param name="trajectories">States 0, 1, 2, ...; a negative entry means no state.</param>
    /// <returns>The trajectories with the states numbered anew, or an error: no trajectory longer than the lag, or fewer than two connected states.</returns>
    let restrictToConnected (stride: int) (trajectories: int[] seq) : Outcome<ConnectedTrajectories> =
        let trajectories = Seq.toArray trajectories

        checkStride stride trajectories
        |> Result.bind (fun () ->
            let ahead = successors stride trajectories
            let states = largestComponent ahead.Keys (fun state -> ahead[state])

            if states.Length < 2 then
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"No two of the {ahead.Count} states can be reached from each other at this lag"
                    "Take a shorter lag, merge states, or give trajectories that return"
            else
                let number = Dictionary<int, int>()
                states |> Array.iteri (fun k state -> number.Add(state, k))

                Ok
                    {
                        Trajectories =
                            trajectories
                            |> Array.map (
                                Array.map (fun state ->
                                    match number.TryGetValue state with
                                    | true, k -> k
                                    | _ -> -1)
                            )
                        States = states
                    })

    /// <summary>
    /// Counts of i → j, <paramref name="stride"/> rows apart, over trajectories of states 0, 1, 2, ... Every window counts, so that windows
    /// overlap. A negative entry means no state; windows that begin or end there do not count.
    /// </summary>
    let ofTrajectories (stride: int) (trajectories: int[] seq) : Outcome<float[,]> =
        let trajectories = Seq.toArray trajectories
        let states = 1 + (trajectories |> Seq.collect id |> Seq.fold max -1)

        checkStride stride trajectories
        |> Result.bind (fun () ->
            if states > mostStates || states < 0 then
                let occurring =
                    trajectories
                    |> Seq.collect id
                    |> Seq.filter (fun i -> i >= 0)
                    |> Seq.distinct
                    |> Seq.length

                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"The states are numbered up to {states - 1}, but {occurring} of them occur; a chain may have at most {mostStates}"
                    "Number those that occur and are connected 0, 1, 2, ... with TransitionCounts.restrictToConnected, or merge states"
            elif states < 2 then
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"The trajectories visit {states} state(s), but a chain needs at least 2"
                    "Give states 0, 1, 2, ... of which at least two occur"
            else
                Ok())
        |> Result.bind (fun () ->
            let found = Array2D.zeroCreate states states

            for path in trajectories do
                for t in 0 .. path.Length - 1 - stride do
                    let i, j = path[t], path[t + stride]

                    if i >= 0 && j >= 0 then
                        found[i, j] <- found[i, j] + 1.0

            Ok found)

    /// <summary>The largest set of states that can all be reached from each other, ascending; a chain can be estimated on it.</summary>
    let connectedStates (counts: float[,]) : int[] =
        let states = Array2D.length1 counts

        largestComponent (seq { 0 .. states - 1 }) (fun i ->
            seq {
                for j in 0 .. states - 1 do
                    if counts[i, j] > 0.0 then
                        j
            })
