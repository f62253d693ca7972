namespace Koopman

open TorchSharp

/// <summary>
/// Snapshot pairs batch by batch, for data that do not fit into memory. A stream can be enumerated more than once; the caller
/// disposes each batch.
/// </summary>
[<Sealed>]
type PairStream internal (lag: float, batches: seq<Outcome<SnapshotPairs>>) =

    /// <summary>The time from x to y in every pair.</summary>
    member _.Lag: float = lag

    member internal _.Batches: seq<Outcome<SnapshotPairs>> = batches

/// <summary>Functions that create streams of pairs.</summary>
[<RequireQualifiedAccess>]
module PairStream =

    /// <summary>The number of rows in a batch that keeps reading efficient and memory use small.</summary>
    let batch: int = 65_536

    /// <summary>The batches in order; the caller disposes each.</summary>
    let batches (stream: PairStream) : seq<Outcome<SnapshotPairs>> = stream.Batches

    /// <summary>A stream of batches that may fail, all of the given lag. Each enumeration of the stream enumerates the sequence.</summary>
    let ofSeq (lag: float) (batches: seq<Outcome<SnapshotPairs>>) : PairStream = new PairStream(lag, batches)

    /// <summary>The pairs of consecutive rows of one trajectory, sampled every <paramref name="lag"/>; no pair is lost between batches.</summary>
    /// <param name="lag">The time between two rows.</param>
    /// <param name="size">Pairs in a batch; at least 2.</param>
    /// <param name="rows">The file, which must stay open while the stream is enumerated.</param>
    let ofTrajectory (lag: float) (size: int) (rows: NpyRows) : PairStream =
        let size = max 2 size

        ofSeq lag
        <| seq {
            let last = rows.Count - 1L
            let mutable start = 0L

            while last - start >= 2L do
                // A single pair must not be left over: it joins the batch before.
                let count =
                    if last - start <= int64 size + 1L then
                        int (last - start)
                    else
                        size

                use states = rows.Read(start, count + 1)
                use from = Tensors.rows 0 count states
                use successors = Tensors.rows 1 count states
                start <- start + int64 count
                SnapshotPairs.create lag from successors
        }

    /// <summary>The pairs of two files of equal shape: states x and their successors y.</summary>
    /// <param name="lag">The time from x to y.</param>
    /// <param name="size">Pairs in a batch; at least 2.</param>
    /// <param name="from">The file of x, which must stay open while the stream is enumerated.</param>
    /// <param name="successors">The file of y, likewise.</param>
    let ofFiles (lag: float) (size: int) (from: NpyRows) (successors: NpyRows) : Outcome<PairStream> =
        if from.Count <> successors.Count || from.Columns <> successors.Columns then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"{from.Path} has {from.Count} rows of {from.Columns}, but {successors.Path} has {successors.Count} of {successors.Columns}"
                "Give one successor for every state"
        else
            let size = max 2 size

            Ok(
                ofSeq lag
                <| seq {
                    let mutable start = 0L

                    while from.Count - start >= 2L do
                        let left = from.Count - start
                        let count = if left <= int64 size + 1L then int left else size
                        use x = from.Read(start, count)
                        use y = successors.Read(start, count)
                        start <- start + int64 count
                        SnapshotPairs.create lag x y
                }
            )

    /// The stream over files that are opened for each enumeration.
    let private opening (lag: float) (path: string) (stream: NpyRows -> PairStream) : PairStream =
        ofSeq lag
        <| seq {
            match NpyRows.Open path with
            | Error error -> Error error
            | Ok rows ->
                use rows = rows
                yield! (stream rows).Batches
        }

    /// <summary>As <c>ofTrajectory</c>, from a <c>.npy</c> file (n, d) that is open only while the stream is enumerated.</summary>
    /// <param name="lag">The time between two rows.</param>
    /// <param name="size">Pairs in a batch; at least 2.</param>
    /// <param name="path">The file.</param>
    let ofTrajectoryFile (lag: float) (size: int) (path: string) : PairStream =
        opening lag path (ofTrajectory lag size)

    /// <summary>As <c>ofFiles</c>, from <c>.npy</c> files (n, d) that are open only while the stream is enumerated.</summary>
    /// <param name="lag">The time from x to y.</param>
    /// <param name="size">Pairs in a batch; at least 2.</param>
    /// <param name="from">The file of x.</param>
    /// <param name="successors">The file of y.</param>
    let ofPairFiles (lag: float) (size: int) (from: string) (successors: string) : PairStream =
        opening lag from (fun x ->
            opening lag successors (fun y ->
                match ofFiles lag size x y with
                | Ok stream -> stream
                | Error error -> ofSeq lag (Seq.singleton (Error error))))

    /// <summary>
    /// A stream of existing batches of pairs. They are passed on without copying: the caller disposes them. A batch of another lag is
    /// an error.
    /// </summary>
    let ofBatches (lag: float) (batches: seq<SnapshotPairs>) : PairStream =
        let check (batch: SnapshotPairs) =
            if batch.Lag = lag then
                Ok batch
            else
                use batch = batch

                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"A batch has lag {batch.Lag}, but the stream was declared with {lag}"
                    "Stream pairs of one lag at a time"

        ofSeq lag (Seq.map check batches)
