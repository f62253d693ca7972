namespace Koopman

/// <summary>Counts of transitions between states, and the sets of states that they connect.</summary>
[<RequireQualifiedAccess>]
module TransitionCounts =

    /// <summary>
    /// Counts of i → j, <paramref name="stride"/> rows apart, over trajectories of states 0, 1, 2, ... Every window counts, so that windows
    /// overlap. A negative entry means no state; windows that begin or end there do not count.
    /// </summary>
    let ofTrajectories (stride: int) (trajectories: int[] seq) : Outcome<float[,]> =
        let trajectories = Seq.toArray trajectories
        let states = 1 + (trajectories |> Seq.collect id |> Seq.fold max -1)

        Require.atLeast 1 "the stride" stride
        |> Result.bind (fun () ->
            if states < 2 then
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

    /// The states that can be reached from one.
    let private reach (follow: int -> int -> bool) (states: int) (from: int) : Set<int> =
        let rec grow (seen: Set<int>) (edge: int list) =
            match edge with
            | [] -> seen
            | i :: rest ->
                let next =
                    [ 0 .. states - 1 ]
                    |> List.filter (fun j -> follow i j && not (seen.Contains j))

                grow (Set.union seen (Set.ofList next)) (next @ rest)

        grow (Set.singleton from) [ from ]

    /// <summary>The largest set of states that can all be reached from each other, ascending; a chain can be estimated on it.</summary>
    let connectedStates (counts: float[,]) : int[] =
        let states = Array2D.length1 counts

        let rec components (left: Set<int>) (found: Set<int> list) =
            if left.IsEmpty then
                found
            else
                let from = left.MinimumElement
                let ahead = reach (fun i j -> counts[i, j] > 0.0) states from
                let behind = reach (fun i j -> counts[j, i] > 0.0) states from
                let here = Set.intersect ahead behind
                components (Set.difference left here) (here :: found)

        // A state that is never left and never re-entered is a set of one without counts.
        components (Set.ofList [ 0 .. states - 1 ]) []
        |> List.rev
        |> List.maxBy Set.count
        |> Set.toArray
