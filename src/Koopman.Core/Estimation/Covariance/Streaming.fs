namespace Koopman

open System

/// <summary>Progress of a pass over a stream.</summary>
[<Struct>]
type StreamProgress =
    {
        /// <summary>Batches so far.</summary>
        Batches: int
        /// <summary>Pairs so far.</summary>
        Pairs: int64
    }

/// <summary>One pass over data that do not fit into memory, in constant memory.</summary>
[<RequireQualifiedAccess>]
module Streaming =

    /// Error bars are computed from blocks; a few hundred megabytes of them are enough.
    let private mostBlocks (observables: Observables) : int =
        let bytes = 3.0 * 8.0 * float observables.Count * float observables.Count
        2 * (int (Math.Clamp(2e8 / bytes, 10.0, 40.0)) / 2)

    let private mergeAndFree (parts: Moments[]) : Moments =
        let merged = Moments.merge parts

        for part in parts do
            (part :> IDisposable).Dispose()

        merged

    /// <summary>
    /// The moments of a stream of pairs, in 10 to 40 contiguous blocks of which the last may be shorter: enough to fit
    /// (<c>Moments.merge</c>) and to put error bars on the fit by leaving blocks out. The weight of a batch is its number of pairs.
    /// </summary>
    /// <param name="control">Reports and can be cancelled after every batch.</param>
    /// <param name="observables">The dictionary.</param>
    /// <param name="stream">The pairs; every batch is freed after use.</param>
    let moments
        (control: Control<StreamProgress>)
        (observables: Observables)
        (stream: PairStream)
        : Outcome<Moments[]> =
        let most = mostBlocks observables
        let full = ResizeArray<Moments>()
        let mutable inHand: Moments option = None
        let mutable held, perBlock = 0, 1
        let mutable batches, pairs = 0, 0L
        let mutable lag = nan

        let free () =
            for part in Seq.append full (Option.toList inHand) do
                (part :> IDisposable).Dispose()

        /// Closes the current block, and halves the number of blocks when there are too many.
        let close () =
            full.AddRange(Option.toList inHand)
            inHand <- None
            held <- 0

            if full.Count = most then
                let halves = full.ToArray() |> Array.chunkBySize 2 |> Array.map mergeAndFree
                full.Clear()
                full.AddRange halves
                perBlock <- 2 * perBlock

        let take (batch: SnapshotPairs) : Outcome<unit> =
            use _ = batch

            if batch.Dimension <> observables.Dimension then
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"The observables take points of {observables.Dimension} dimensions, but batch {batches} has {batch.Dimension}"
                    "Make the observables for the dimension of the data"
            elif batches > 0 && batch.Lag <> lag then
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"Batch {batches} has lag {batch.Lag}, but those before have {lag}"
                    "Stream pairs of one lag at a time"
            else
                lag <- batch.Lag
                let part = Moments.ofPairs observables (0, batch.Count) batch

                inHand <-
                    match inHand with
                    | None -> Some part
                    | Some before -> Some(mergeAndFree [| before; part |])

                held <- held + 1
                batches <- batches + 1
                pairs <- pairs + int64 batch.Count

                if held = perBlock then
                    close ()

                control.Report { Batches = batches; Pairs = pairs }
                Ok()

        try
            use walker = stream.Batches.GetEnumerator()
            let mutable so = Ok()

            while so.IsOk && walker.MoveNext() do
                control.Cancellation.ThrowIfCancellationRequested()
                so <- walker.Current |> Result.bind take

            if so.IsOk && held > 0 then
                close ()

            match so with
            | Ok() when full.Count = 0 ->
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    "The stream holds no pairs"
                    "Give at least one batch of two pairs"
            | Ok() -> Ok(full.ToArray())
            | Error error ->
                free ()
                Error error
        with _ ->
            free ()
            reraise ()
