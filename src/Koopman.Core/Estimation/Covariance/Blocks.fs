namespace Koopman

open System
open TorchSharp

/// <summary>Contiguous pieces of data for folds and batch means, and the weights of rows.</summary>
[<RequireQualifiedAccess>]
module internal Blocks =

    /// Contiguous blocks of nearly equal length over n rows, at most `wanted`, each of at least two rows.
    let even (wanted: int) (n: int) : struct (int * int)[] =
        let count = max 2 (min wanted (n / 2))

        [|
            for b in 0 .. count - 1 ->
                let start = int (int64 n * int64 b / int64 count)
                struct (start, int (int64 n * int64 (b + 1) / int64 count) - start)
        |]

    /// Even blocks whose edges move to the nearest first row of a run, if one lies within a quarter of a block: many short
    /// trajectories give groups of whole trajectories, and a long one is cut.
    let ofPairs (wanted: int) (pairs: SnapshotPairs) : struct (int * int)[] =
        let starts = pairs.Starts
        let plain = even wanted pairs.Count
        let reach = pairs.Count / (4 * plain.Length)

        let snap (edge: int) =
            let found = Array.BinarySearch(starts, edge)
            let next = if found >= 0 then found else ~~~found

            [ next - 1; next ]
            |> List.filter (fun i -> i > 0 && i < starts.Length)
            |> List.map (fun i -> starts[i])
            |> List.filter (fun start -> abs (start - edge) <= reach)
            |> function
                | [] -> edge
                | near -> near |> List.minBy (fun start -> abs (start - edge))

        let edges =
            [|
                yield 0
                yield! Array.tail plain |> Array.map (fun (struct (start, _)) -> snap start)
                yield pairs.Count
            |]

        edges
        |> Array.pairwise
        |> Array.map (fun (start, next) -> struct (start, next - start))

    /// A fold without the pairs that overlap in time with the data around it.
    let apart (pairs: SnapshotPairs) (struct (start: int, length: int)) : struct (int * int) =
        let cut (edge: int) =
            if edge = 0 || edge = pairs.Count || Array.BinarySearch(pairs.Starts, edge) >= 0 then
                0
            else
                pairs.Stride - 1

        let before, after = cut start, cut (start + length)

        if length - before - after < 2 then
            struct (start, length)
        else
            struct (start + before, length - before - after)

    /// The weights of rows so that an average sample counts 1, as a column (length, 1).
    let weights (samples: Samples) (start: int) (length: int) : Tensor =
        Tensors.keep (fun () -> (float samples.Count * Tensors.rows start length samples.Weights).unsqueeze 1L)

    /// The number of equally weighted, non-overlapping pairs that would have the same noise.
    let effective (pairs: SnapshotPairs) : float =
        let squares =
            Tensors.within (fun () -> pairs.From.Weights.dot(pairs.From.Weights).ToDouble())

        1.0 / (squares * float pairs.Stride)
