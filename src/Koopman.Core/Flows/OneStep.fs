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
        Tensors.keep (fun () ->
            use _ = torch.no_grad ()
            let start = start.to_type(like.dtype).``to`` like.device

            let classes =
                classes
                |> Option.map (fun c -> c.``to`` like.device)
                |> Option.orElseWith (fun () -> lift.Told.Of start)

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

/// <summary>Kinds of predictions that a lift was not trained for.</summary>
type FlowWarningKind =
    /// <summary>A later time to an earlier one; train with a <c>DataShare</c> above 0.</summary>
    | Backwards = 0
    /// <summary>From a time between noise and data; train with a <c>NoiseShare</c> below 1, or with consistency in the loss.</summary>
    | FromBetween = 1
    /// <summary>To a time between noise and data; train with Lag, Path or consistency in the loss.</summary>
    | UntilBetween = 2

/// <summary>A prediction outside of what the lift was trained for, with an estimate of its error.</summary>
[<NoComparison>]
type FlowWarning =
    {
        /// <summary>The kind, to branch on.</summary>
        Kind: FlowWarningKind
        /// <summary>
        /// The extrapolated error, a root mean square over the points, without the teacher: backwards the distance from the starts after the way forth
        /// again, otherwise the distance from two steps of half the length.
        /// </summary>
        Error: float
        /// <summary>The reason, as one sentence without its full stop, with the error.</summary>
        Message: string
    }

    override this.ToString() : string = this.Message

/// <summary>Points moved by a lift, with warnings where it extrapolates.</summary>
[<NoComparison; NoEquality>]
type Moved =
    {
        /// <summary>The points (n, d), or (times, n, d). The caller disposes of them.</summary>
        Points: Tensor
        /// <summary>The reasons not to take them at face value; empty if the lift was trained for this prediction, or if nothing is known of its training.</summary>
        Warnings: FlowWarning[]
    }

    /// <summary>Frees the points.</summary>
    member this.Dispose() : unit = this.Points.Dispose()

    interface IDisposable with
        /// <summary>Frees the points.</summary>
        member this.Dispose() : unit = this.Points.Dispose()

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

    let private checkPoints (sampler: OneStep) (times: float seq) (start: Tensor) : Outcome<unit> =
        Require.all {
            Require.columns sampler.Lift.Dimension "the points" start.shape

            Require.each (Require.between 0.0 1.0) "times" times
            |> Require.advise "The lift is trained from noise (0) to data (1) only: use times from 0 to 1"
        }

    let private check (sampler: OneStep) (times: float seq) (start: Tensor) : Outcome<unit> =
        checkPoints sampler times start
        |> Result.bind (fun () -> sampler.Lift.CheckTold(Some(int start.shape[0])))

    /// The number of steps from noise to data that the lift is trained for.
    let private parts (lift: LinearFlow) : int =
        match lift.Trained with
        | null -> 1
        | reach -> reach.Parts

    /// The times at which features are evaluated again, and the end: one for a lift trained for one step.
    let private stops (lift: LinearFlow) (from: float) (until: float) : float list =
        let count = parts lift
        let inner = [ for k in 1 .. count - 1 -> float k / float count ]

        (if until >= from then
             inner |> List.filter (fun t -> t > from && t < until)
         else
             inner |> List.rev |> List.filter (fun t -> t < from && t > until))
        @ [ until ]

    /// Points after these stops, in the enclosing scope.
    let private through (sampler: OneStep) (from: float) (stops: float list) (start: Tensor) (classes: Tensor option) =
        ((start, from), stops)
        ||> List.fold (fun (x, time) stop -> sampler.Between(time, stop, x, classes), stop)
        |> fst

    let private along (sampler: OneStep) (from: float) (stops: float list) (start: Tensor) (classes: Tensor option) =
        Tensors.own (fun () -> through sampler from stops start classes)

    let private passing (sampler: OneStep) (from: float) (until: float) (start: Tensor) : Tensor =
        through sampler from (stops sampler.Lift from until) start None

    let private moved (sampler: OneStep) (from: float) (until: float) (start: Tensor) : Tensor =
        Tensors.own (fun () -> passing sampler from until start)

    let private distance (a: Tensor) (b: Tensor) : float =
        Tensors.within (fun () -> (a.to_type b.dtype - b).square().sum(-1L).mean().sqrt().ToDouble())

    /// What the lift was not trained for in a prediction, with its extrapolated error.
    let private warn
        (sampler: OneStep)
        (from: float)
        (until: float)
        (start: Tensor)
        (found: Tensor)
        : FlowWarning list =
        match sampler.Lift.Trained with
        | null -> []
        | _ when from = until || start.shape[0] = 0L -> []
        | reach ->
            let between (t: float) = t > 0.0 && t < 1.0

            let make (kind: FlowWarningKind) (what: string) (remedy: string) (error: unit -> float) =
                let error = error ()

                {
                    Kind = kind
                    Error = error
                    Message = $"The lift was not trained {what}: the error is about {error:G2}; {remedy}"
                }

            let halved () =
                let half = 0.5 * (from + until)
                use middle = moved sampler from half start
                use again = moved sampler half until middle
                distance found again

            if until < from && not reach.Backwards then
                [
                    make FlowWarningKind.Backwards "backwards" "train with a DataShare above 0" (fun () ->
                        use again = moved sampler until from found
                        distance start again)
                ]
            else
                [
                    if between from && not reach.FromBetween then
                        make
                            FlowWarningKind.FromBetween
                            "from times between noise and data"
                            "train with a NoiseShare below 1"
                            halved
                    if between until && not reach.UntilBetween then
                        make
                            FlowWarningKind.UntilBetween
                            "to times between noise and data"
                            "train with Lag, Path or consistency in the loss"
                            halved
                ]

    /// <summary>
    /// Points (n, d) moved from one time to another in one step; a later start than end goes backwards. A lift trained for several steps makes
    /// as many as its training had on the way. Where it was not trained for this, a warning says so, with the extrapolated error.
    /// </summary>
    /// <param name="from">The time of the start, from 0 to 1.</param>
    /// <param name="until">The time of the end, from 0 to 1.</param>
    /// <param name="sampler">The sampler; of a lift with classes, told one by <c>LinearFlow.ofClass</c>, unless it is trained without classes too.</param>
    /// <param name="start">Points (n, d).</param>
    /// <returns>The points and warnings, which the caller disposes; or an <c>InvalidSetting</c> error if times are outside [0, 1], or the class is missing.</returns>
    let move (from: float) (until: float) (sampler: OneStep) (start: Tensor) : Outcome<Moved> =
        check sampler [ from; until ] start
        |> Result.map (fun () ->
            let found = moved sampler from until start

            {
                Points = found
                Warnings = warn sampler from until start found |> Array.ofList
            })

    /// <summary>Data generated from noise (n, d) in one step, or in as many as the lift is trained for. The caller disposes them.</summary>
    let sample (sampler: OneStep) (noise: Tensor) : Outcome<Tensor> =
        check sampler [] noise |> Result.map (fun () -> moved sampler 0.0 1.0 noise)

    /// <summary>Data of these classes (n), int64, generated from noise (n, d) in one step.</summary>
    let sampleClasses (classes: Tensor) (sampler: OneStep) (noise: Tensor) : Outcome<Tensor> =
        checkPoints sampler [] noise
        |> Result.bind (fun () ->
            let numbers = Guarded.read<int64> classes

            Require.all {
                Require.sameCount ("classes", numbers.Length) ("points", int noise.shape[0])

                Require.indices "class" sampler.Lift.Net.Classes numbers
                |> Require.advise "Give classes that the lift was trained on, counted from 0"
            })
        |> Result.map (fun () -> along sampler 0.0 (stops sampler.Lift 0.0 1.0) noise (Some classes))

    /// <summary>Points at several times from one start, all with one evaluation of the features: (times, n, d). Warnings are those of
    /// <c>move</c>, one of each kind, with the largest error.</summary>
    /// <param name="from">The time of the start, from 0 to 1.</param>
    /// <param name="times">At least one time from 0 to 1, in any order.</param>
    /// <param name="sampler">The sampler.</param>
    /// <param name="start">Points (n, d).</param>
    let path (from: float) (times: float[]) (sampler: OneStep) (start: Tensor) : Outcome<Moved> =
        Require.notEmpty "times" times
        |> Result.bind (fun () ->
            check sampler (Seq.append [ from ] times) start
            |> Result.map (fun () ->
                let found =
                    if parts sampler.Lift = 1 then
                        Tensors.own (fun () -> sampler.Along(from, times, start, None))
                    else
                        Tensors.own (fun () ->
                            torch.stack (ResizeArray [ for time in times -> passing sampler from time start ], 0L))

                let warnings =
                    times
                    |> Array.mapi (fun i time ->
                        use there = found.select (0L, int64 i)
                        warn sampler from time start there)
                    |> List.concat
                    |> List.groupBy _.Kind
                    |> List.map (fun (_, of1) -> of1 |> List.maxBy _.Error)

                {
                    Points = found
                    Warnings = Array.ofList warnings
                }))

    /// <summary>
    /// Data generated from noise (n, d) in several equal steps, with the features re-evaluated after each. A lift trained for one step does not
    /// improve with more; train it with as many <c>Parts</c>.
    /// </summary>
    /// <param name="steps">At least 1.</param>
    /// <param name="sampler">The sampler.</param>
    /// <param name="noise">(n, d).</param>
    let sampleInSteps (steps: int) (sampler: OneStep) (noise: Tensor) : Outcome<Tensor> =
        Require.atLeast 1 "the number of steps" steps
        |> Result.bind (fun () ->
            check sampler [] noise
            |> Result.map (fun () -> along sampler 0.0 [ for k in 1..steps -> float k / float steps ] noise None))
