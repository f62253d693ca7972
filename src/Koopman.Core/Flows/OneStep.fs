namespace Koopman.Flows

open System
open TorchSharp
open Koopman

/// <summary>
/// Samples in one step: the points after any time are one evaluation of the features and one product with the x columns of e^{τL}, which are
/// computed once per horizon in float64 and cached. No gradients are recorded. One thread at a time.
/// </summary>
[<Sealed>]
type OneStep internal (lift: LinearFlow, rows: int, held: IDisposable option) =

    let readOuts = Collections.Generic.Dictionary<float, Tensor>()
    let like = snd lift.Parameters.Head

    let readOut (tau: float) : Tensor =
        match readOuts.TryGetValue tau with
        | true, found -> found
        | _ ->
            use exact = LinearFlow.readOut tau lift

            let kept =
                Tensors.own (fun () -> exact.to_type(like.dtype).``to``(like.device).clone())

            readOuts[tau] <- kept
            kept

    /// The points (horizons, n, d) from columns for several horizons, from one time.
    let read (time: float) (columns: Tensor[]) (point: Tensor) (classes: Tensor option) : Tensor =
        let times =
            torch.full ([| point.shape[0]; 1L |], Tensors.num time, dtype = like.dtype, device = like.device)

        if lift.Decoder.IsSome || lift.Generator.Sites > 1 then
            lift.Generator.Read(lift.Encode(times, point, classes), columns)
            |> LinearFlow.readPoints lift
        else
            // [1, t, x, F] C in parts: 1 and t are the same in all rows, and F C is computed without F.
            let d, m = int64 lift.Dimension, int64 lift.Features
            let all = torch.cat (columns, 1L)
            let moved = lift.Net.Project(times, point, classes, all.narrow (0L, 2L + d, m))

            moved
                .add_(point.times (all.narrow (0L, 2L, d)))
                .add_(all.select(0L, 0L).add(all.select (0L, 1L), Tensors.num time))
                .reshape(point.shape[0], int64 columns.Length, d)
                .transpose(0L, 1L)
                .contiguous()

    /// Processes pieces of at most this many rows, in the lift's dtype and on its device.
    let inPieces
        (start: Tensor)
        (axis: int64)
        (classes: Tensor option)
        (work: Tensor -> Tensor option -> Tensor)
        : Tensor =
        Tensors.own (fun () ->
            use _ = torch.no_grad ()
            let start = start.to_type(like.dtype).``to`` like.device

            let parts =
                [
                    for struct (first, count) in Tensors.pieces rows (int start.shape[0]) do
                        Tensors.keep (fun () ->
                            let some (t: Tensor) = Tensors.rows first count t
                            work (some start) (Option.map some classes))
                ]

            match parts with
            | [ one ] -> one
            | many -> torch.cat (ResizeArray many, axis))

    /// <summary>The lift.</summary>
    member _.Lift: LinearFlow = lift

    member internal _.Between(from: float, until: float, start: Tensor, classes: Tensor option) : Tensor =
        let columns = [| readOut (until - from) |]
        inPieces start 0L classes (fun x c -> (read from columns x c).squeeze 0L)

    member internal _.Along(from: float, times: float[], start: Tensor, classes: Tensor option) : Tensor =
        let columns = times |> Array.map (fun t -> readOut (t - from))
        inPieces start 1L classes (read from columns)

    /// <summary>Frees the read-outs, and releases the lift.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the read-outs, and releases the lift.</summary>
        member _.Dispose() : unit =
            held |> Option.iter _.Dispose()

            for tensor in readOuts.Values do
                tensor.Dispose()

/// <summary>One-step samples of lifts.</summary>
[<RequireQualifiedAccess>]
module OneStep =

    /// <summary>A sampler that processes as many rows at once as fit in the processor's caches.</summary>
    let create (lift: LinearFlow) : OneStep =
        new OneStep(lift, lift.Net.PieceRows, Some(lift.Hold()))

    /// <summary>
    /// The sampler that a lift caches, and frees with itself. Not for a lift that is still being trained: read-outs are computed once.
    /// </summary>
    let ofLift (lift: LinearFlow) : OneStep =
        match lift.Attached with
        | :? OneStep as kept -> kept
        | _ ->
            let made = new OneStep(lift, lift.Net.PieceRows, None)
            lift.Attached <- made
            made

    /// <summary>A sampler that processes at most this many rows at once, for devices with little memory.</summary>
    let createInPieces (rows: int) (lift: LinearFlow) : Outcome<OneStep> =
        Require.atLeast 1 "the number of rows" rows
        |> Result.map (fun () -> new OneStep(lift, rows, Some(lift.Hold())))

    let private check (sampler: OneStep) (times: float seq) (start: Tensor) : Outcome<unit> =
        Require.all {
            Require.columns sampler.Lift.Dimension "the points" start.shape

            Require.each (Require.between 0.0 1.0) "times" times
            |> Require.advise "The lift is trained from noise (0) to data (1) only: use times from 0 to 1"
        }

    /// <summary>Points (n, d) moved from one time to another in one step; a later start than end goes backwards. The caller disposes them.</summary>
    /// <param name="from">The time of the start, from 0 to 1.</param>
    /// <param name="until">The time of the end, from 0 to 1.</param>
    /// <param name="sampler">The sampler.</param>
    /// <param name="start">Points (n, d).</param>
    let move (from: float) (until: float) (sampler: OneStep) (start: Tensor) : Outcome<Tensor> =
        check sampler [ from; until ] start
        |> Result.map (fun () -> sampler.Between(from, until, start, None))

    /// <summary>Data generated from noise (n, d) in one step. The caller disposes them.</summary>
    let sample (sampler: OneStep) (noise: Tensor) : Outcome<Tensor> = move 0.0 1.0 sampler noise

    /// <summary>Data of these classes (n), int64, generated from noise (n, d) in one step.</summary>
    let sampleClasses (classes: Tensor) (sampler: OneStep) (noise: Tensor) : Outcome<Tensor> =
        check sampler [] noise
        |> Result.bind (fun () ->
            let numbers = Guarded.read<int64> classes

            Require.all {
                Require.sameCount ("classes", numbers.Length) ("points", int noise.shape[0])

                Require.indices "class" sampler.Lift.Net.Classes numbers
                |> Require.advise "Give classes that the lift was trained on, counted from 0"
            })
        |> Result.map (fun () -> sampler.Between(0.0, 1.0, noise, Some classes))

    /// <summary>The points at several times, all at once: (times, n, d). The caller disposes them.</summary>
    /// <param name="from">The time of the start, from 0 to 1.</param>
    /// <param name="times">Times from 0 to 1, in any order.</param>
    /// <param name="sampler">The sampler.</param>
    /// <param name="start">Points (n, d).</param>
    let path (from: float) (times: float[]) (sampler: OneStep) (start: Tensor) : Outcome<Tensor> =
        Require.notEmpty "times" times
        |> Result.bind (fun () ->
            check sampler (Seq.append [ from ] times) start
            |> Result.map (fun () -> sampler.Along(from, times, start, None)))

    /// <summary>
    /// Data generated from noise (n, d) in several equal steps, with the features re-evaluated after each. It shows that a lift trained for one step
    /// does not improve with more.
    /// </summary>
    /// <param name="steps">At least 1.</param>
    /// <param name="sampler">The sampler.</param>
    /// <param name="noise">(n, d).</param>
    let sampleInSteps (steps: int) (sampler: OneStep) (noise: Tensor) : Outcome<Tensor> =
        Require.atLeast 1 "the number of steps" steps
        |> Result.bind (fun () ->
            check sampler [] noise
            |> Result.map (fun () ->
                use _ = Tensors.scope ()

                let last =
                    (noise, [ 0 .. steps - 1 ])
                    ||> List.fold (fun x k ->
                        sampler.Between(float k / float steps, float (k + 1) / float steps, x, None))

                last.clone().DetachFromDisposeScope()))
