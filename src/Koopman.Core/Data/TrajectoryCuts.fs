namespace Koopman

open System
open TorchSharp
open Koopman.TrajectoryParts

/// What takes pairs and stretches out of trajectories.
module internal TrajectoryCuts =

    /// The given stretches of rows (first, length) as trajectories of their own.
    let pieces (stretches: struct (int * int)[]) (trajectories: Trajectories) : Trajectories =
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
            new Samples(cut trajectories.States.Points, weights, trajectories.States.Origin),
            Array.scan (+) 0 lengths |> Array.take lengths.Length,
            stretches
            |> Array.collect (fun (struct (first, length)) -> Array.sub times first length),
            trajectories.Step,
            Option.map cut trajectories.Inputs
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
            new Samples(at first states.Points, weights, states.Origin),
            new Samples(at second states.Points, uniform, states.Origin),
            lag,
            {
                Temperature = None
                Inputs = trajectories.Inputs |> Option.map (at first)
                Second = None
                Starts = starts
                Stride = stride
            }
        )

    /// The first pairs of the trajectories that give any, from the number of pairs of each.
    let runs (counts: int[]) : int[] =
        Array.scan (+) 0 counts
        |> Array.take counts.Length
        |> Array.zip counts
        |> Array.choose (fun (count, first) -> if count > 0 then Some first else None)

    /// For each state of rows first to first+length-1 the row whose time is nearest to a lag later, if it is near enough.
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

    /// The most pairs of one run that begin within one lag: how many overlap.
    let overlap (lag: float) (times: float[]) (found: (int * int)[]) : int =
        let mutable most, back = 1, 0

        for i in 0 .. found.Length - 1 do
            while times[fst found[back]] <= times[fst found[i]] - lag * (1.0 - 1e-9) do
                back <- back + 1

            most <- max most (i - back + 1)

        most
