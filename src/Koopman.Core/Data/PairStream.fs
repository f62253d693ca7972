namespace Koopman

open TorchSharp

/// <summary>
/// Snapshot pairs batch by batch, for data that do not fit into memory. A stream can be walked more than once; whoever walks it
/// disposes of each batch.
/// </summary>
type PairStream = seq<Outcome<SnapshotPairs>>

/// <summary>Makes streams of pairs.</summary>
[<RequireQualifiedAccess>]
module PairStream =

    /// <summary>Rows in a batch that keep reading efficient and memory small.</summary>
    let batch: int = 65_536

    /// <summary>The pairs of consecutive rows of one trajectory, sampled every <paramref name="lag"/>; no pair is lost between batches.</summary>
    /// <param name="lag">The time between two rows.</param>
    /// <param name="size">Pairs in a batch; at least 2.</param>
    /// <param name="rows">The file, which must stay open while the stream is walked.</param>
    let ofTrajectory (lag: float) (size: int) (rows: NpyRows) : PairStream =
        let size = max 2 size

        seq {
            let last = rows.Count - 1L
            let mutable start = 0L

            while last - start >= 2L do
                // A single pair must not be left over: the batch before takes it in.
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
    /// <param name="from">The file of x, which must stay open while the stream is walked.</param>
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
                seq {
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

    /// The stream over files that are opened for each walk.
    let private opening (path: string) (stream: NpyRows -> PairStream) : PairStream =
        seq {
            match NpyRows.Open path with
            | Error error -> Error error
            | Ok rows ->
                use rows = rows
                yield! stream rows
        }

    /// <summary>As <c>ofTrajectory</c>, from a <c>.npy</c> file (n, d) that is open only while the stream is walked.</summary>
    /// <param name="lag">The time between two rows.</param>
    /// <param name="size">Pairs in a batch; at least 2.</param>
    /// <param name="path">The file.</param>
    let ofTrajectoryFile (lag: float) (size: int) (path: string) : PairStream = opening path (ofTrajectory lag size)

    /// <summary>As <c>ofFiles</c>, from <c>.npy</c> files (n, d) that are open only while the stream is walked.</summary>
    /// <param name="lag">The time from x to y.</param>
    /// <param name="size">Pairs in a batch; at least 2.</param>
    /// <param name="from">The file of x.</param>
    /// <param name="successors">The file of y.</param>
    let ofPairFiles (lag: float) (size: int) (from: string) (successors: string) : PairStream =
        opening from (fun x ->
            opening successors (fun y ->
                match ofFiles lag size x y with
                | Ok stream -> stream
                | Error error -> Seq.singleton (Error error)))

    /// <summary>The batches of pairs in memory, as a stream. They are handed out as they are: the walker disposes of them.</summary>
    let ofBatches (batches: seq<SnapshotPairs>) : PairStream = batches |> Seq.map Ok
