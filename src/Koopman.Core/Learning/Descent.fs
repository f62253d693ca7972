namespace Koopman.Learning

open System
open System.Threading
open TorchSharp
open Koopman

/// <summary>
/// Settings of a training: Adam with a linear warm-up and a half-cosine decay of the learning rate to 0, and gradient clipping by norm.
/// </summary>
type DescentOptions =
    {
        /// <summary>The total number of steps.</summary>
        Steps: int
        /// <summary>The peak learning rate of Adam.</summary>
        LearningRate: float
        /// <summary>Warm-up steps. Default 100.</summary>
        WarmUp: int
        /// <summary>The maximum norm of the gradient. Default 1.</summary>
        GradientClip: float
        /// <summary>The decay of the mean squared gradient, below 1.</summary>
        Beta2: float
        /// <summary>The decay of the moving average of the parameters, which is the result; below 1, and 0 for the last parameters.</summary>
        EmaDecay: float
    }

/// <summary>Progress of a training.</summary>
[<Struct>]
type DescentProgress =
    {
        /// <summary>Steps done.</summary>
        Step: int
        /// <summary>The total number of steps.</summary>
        Total: int
        /// <summary>The mean loss of the steps since the last report.</summary>
        Loss: float
        /// <summary>The norm of the last gradient before clipping.</summary>
        GradientLength: float
    }

/// The descent of parameters, all of the same dtype and device, by Adam with a scheduled learning rate. Moments and averages are flat vectors, so
/// that a step is a few operations for any number of parameters.
[<Sealed>]
type internal Descent
    (
        options: DescentOptions,
        rate: int -> float,
        kind: string,
        facts: (string * string) list Lazy,
        parameters: (string * Tensor) list
    ) =

    let tensors = parameters |> List.map snd |> Array.ofList
    let sizes = tensors |> Array.map (fun p -> p.numel ())
    let starts = sizes |> Array.scan (+) 0L

    let flatten (pieces: seq<Tensor>) : Tensor =
        torch.cat (ResizeArray(pieces |> Seq.map _.flatten()), 0L)

    let flat = Tensors.own (fun () -> flatten (tensors |> Seq.map _.detach()))

    let moment = (torch.zeros_like flat).DetachFromDisposeScope()
    let square = (torch.zeros_like flat).DetachFromDisposeScope()
    let average = flat.clone().DetachFromDisposeScope()

    let stores =
        [ "parameters", flat; "moment", moment; "square", square; "average", average ]

    let piece (i: int) (whole: Tensor) : Tensor =
        whole.narrow(0L, starts[i], sizes[i]).view tensors[i].shape

    let restoreParameters () : unit =
        use _ = Tensors.scope ()
        use _ = torch.no_grad ()

        for i in 0 .. tensors.Length - 1 do
            tensors[i].copy_(piece i flat) |> ignore

    /// What the training was started with.
    let started =
        lazy
            ([
                "Steps", string options.Steps
                "LearningRate", Fact.number options.LearningRate
                "WarmUp", string options.WarmUp
                "GradientClip", Fact.number options.GradientClip
                "Beta2", Fact.number options.Beta2
                "EmaDecay", Fact.number options.EmaDecay
             ]
             @ facts.Value
             |> RunState.withLibrary)

    /// A training of some kind, with what it was started with besides these options; the learning rate is that of the options: linear warm-up, then
    /// half-cosine decay.
    new(options: DescentOptions, kind: string, facts: (string * string) list Lazy, parameters: (string * Tensor) list) =
        let rate (step: int) =
            options.LearningRate
            * min 1.0 (float (step + 1) / float (max 1 options.WarmUp))
            * 0.5
            * (1.0 + cos (Math.PI * float step / float options.Steps))

        new Descent(options, rate, kind, facts, parameters)

    member _.Options: DescentOptions = options

    /// The trained tensors, by name.
    member _.Parameters: (string * Tensor) list = parameters

    /// Steps done.
    member val Step: int = 0 with get, set

    /// The file that receives the state while the training goes on.
    member val Saving: Autosave option = None with get, set

    /// One step on a loss with its gradient by each parameter; returns its value and the norm of the gradient before clipping. Nothing changes if
    /// they are not finite.
    member this.Descend(loss: Tensor, gradients: Tensor[]) : struct (float * float) =
        use _ = torch.no_grad ()
        let gradient = flatten gradients
        let length = gradient.square().sum().sqrt().ToDouble()
        let value = loss.ToDouble()

        if Double.IsFinite length && Double.IsFinite value then
            let step = this.Step

            let cut =
                if length > options.GradientClip then
                    options.GradientClip / length
                else
                    1.0

            let first, second = 0.9, options.Beta2

            moment.mul_(Tensors.num first).add_(gradient, Tensors.num ((1.0 - first) * cut))
            |> ignore

            square.mul_(Tensors.num second).addcmul_(gradient, gradient, Tensors.num ((1.0 - second) * cut * cut))
            |> ignore

            let correction power = 1.0 - power ** float (step + 1)

            let scale =
                square.sqrt().mul_(Tensors.num (1.0 / sqrt (correction second))).add_(Tensors.num 1e-8)

            flat.addcdiv_ (moment, scale, Tensors.num (-(rate step) / correction first))
            |> ignore

            restoreParameters ()

            if options.EmaDecay > 0.0 then
                average.mul_(Tensors.num options.EmaDecay).add_(flat, Tensors.num (1.0 - options.EmaDecay))
                |> ignore

            this.Step <- step + 1

        struct (value, length)

    /// The resulting parameters: the averages, or the last ones. Views.
    member _.Result: Tensor list =
        let from = if options.EmaDecay > 0.0 then average else flat
        tensors |> Array.mapi (fun i _ -> piece i from) |> List.ofArray

    /// Copies of everything, by names of stores and parameters.
    member this.State() : RunState =
        use _ = Tensors.scope ()

        {
            Kind = kind
            StartedWith = started.Value
            Tensors =
                [
                    for store, whole in stores do
                        for i, (name, _) in List.indexed parameters do
                            $"{store}/{name}", (piece i whole).clone().DetachFromDisposeScope()
                ]
            Numbers = [ "step", float this.Step ]
        }

    /// Restores a state after checking all its names, shapes and types.
    member this.Restore(state: RunState) : Outcome<unit> =
        this.Expects state |> Result.bind (fun () -> this.Take state)

    /// Fails unless the state is of a training that was started with the same.
    member _.Expects(state: RunState) : Outcome<unit> =
        RunState.expect kind started.Value state

    member private this.Take(state: RunState) : Outcome<unit> =
        use _ = Tensors.scope ()
        let tensors, numbers = Map.ofList state.Tensors, Map.ofList state.Numbers

        let refuse (reason: string) : Outcome<'T> =
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"The state is not that of this training: {reason}"
                "Give the file as it was stored, or start anew"

        result {
            let! stored =
                [
                    for store, whole in stores do
                        for i, (name, _) in List.indexed parameters do
                            $"{store}/{name}", piece i whole
                ]
                |> Outcome.collect (fun (name, place) ->
                    match tensors.TryFind name with
                    | Some tensor ->
                        Checkpoint.fitAs place.dtype name (List.ofArray place.shape) tensor
                        |> Result.map (fun tensor -> place, tensor)
                    | None -> refuse $"there is no '{name}'")

            match numbers.TryFind "step" with
            | Some step when step >= 0.0 && step <= float Int32.MaxValue && step = floor step ->
                stored |> List.iter (fun (place, tensor) -> place.copy_ tensor |> ignore)
                this.Step <- int step
                restoreParameters ()
            | Some step -> return! refuse $"it made {step} steps"
            | None -> return! refuse "it does not tell how many steps were made"
        }

    interface IDisposable with
        member _.Dispose() : unit =
            for _, tensor in stores do
                tensor.Dispose()

/// The checks and the loop of all trainings.
[<RequireQualifiedAccess>]
module internal Descent =

    /// Progress is reported after this many steps, and after the last one.
    let private reportEvery = 50

    let check (options: DescentOptions) : Outcome<unit> =
        Require.all {
            Require.atLeast 1 "Steps" options.Steps
            Require.positive "LearningRate" options.LearningRate
            Require.atLeast 0 "WarmUp" options.WarmUp
            Require.limit "GradientClip" options.GradientClip
            Require.inside 0.0 1.0 "Beta2" options.Beta2
            Require.share "EmaDecay" options.EmaDecay
        }

    /// The rows of each step: every row once per pass, in random order.
    let rows (batch: int) (count: int) (seed: Seed) : int -> int64[] =
        let batch = min batch count
        let perPass = count / batch
        let mutable order = [||]
        let mutable known = -1

        fun step ->
            let pass = step / perPass

            if pass <> known then
                order <- Seed.permutation count (Seed.derive $"pass {pass}" seed) |> Array.map int64
                known <- pass

            Array.sub order ((step % perPass) * batch) batch

    /// Takes the remaining steps. Loss and gradients of each step are computed in a separate dispose scope; the check of value and gradient norm may
    /// end the training with an error, as it must if they are not finite.
    let loop
        (cancellation: CancellationToken)
        (descent: Descent)
        (state: unit -> RunState)
        (isOver: unit -> bool)
        (loss: int -> struct (Tensor * Tensor[]))
        (tell: float -> float -> Outcome<unit>)
        : Outcome<unit> =
        let step () : Outcome<unit> =
            use _ = Tensors.scope ()
            use _ = torch.enable_grad ()
            let struct (value, gradients) = loss descent.Step
            let struct (value, length) = descent.Descend(value, gradients)
            tell value length

        Autosave.During descent.Saving state (fun between ->
            let mutable outcome = Ok()

            while outcome.IsOk && not (isOver ()) do
                cancellation.ThrowIfCancellationRequested()
                outcome <- step ()
                between ()

            outcome)

    /// Descends until all steps are done, with regular reports.
    let run
        (control: Control<DescentProgress>)
        (descent: Descent)
        (loss: int -> struct (Tensor * Tensor[]))
        : Outcome<unit> =
        let total = descent.Options.Steps
        let mutable sum = 0.0
        let mutable count = 0

        loop control.Cancellation descent descent.State (fun () -> descent.Step >= total) loss (fun value length ->
            if Double.IsFinite value && Double.IsFinite length then
                sum <- sum + value
                count <- count + 1

                if descent.Step % reportEvery = 0 || descent.Step = total then
                    control.Report
                        {
                            Step = descent.Step
                            Total = total
                            Loss = sum / float count
                            GradientLength = length
                        }

                    sum <- 0.0
                    count <- 0

                Ok()
            else
                KoopmanError.fail
                    ErrorKind.Diverged
                    $"At step {descent.Step + 1} of {total} the loss is {value:G4} and the norm of its gradient is {length:G4}"
                    "Lower LearningRate, scale the data to unit variance, or look for infinite values in the data")
