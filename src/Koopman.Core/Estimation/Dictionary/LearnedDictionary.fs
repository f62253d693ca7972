namespace Koopman

open System
open TorchSharp
open Koopman.Learning

/// <summary>
/// Dictionaries [1, x, network(x)], learned by gradient descent on the loss of an operator fitted to them. The final spectrum comes
/// from any estimator on the learned functions, with its own error bars.
/// </summary>
[<RequireQualifiedAccess>]
module LearnedDictionary =

    /// <summary>Eight outputs, two layers of 32 with tanh, on the CPU.</summary>
    let network: NetworkOptions =
        {
            Outputs = 8
            Widths = [ 32; 32 ]
            Activation = Activation.Tanh
            Device = "cpu"
        }

    /// <summary>The default network and the reversible VAMP score; steps of .005, batches of 1000, at most 60 passes, patience 10, a fifth held out.</summary>
    let defaults: DictionaryOptions =
        {
            Network = network
            Loss = DictionaryLoss.ReversibleVamp
            LearningRate = 0.005
            Batch = 1000
            Epochs = 60
            Patience = 10
            HeldOut = 0.2
        }

    let private checkOptions (options: DictionaryOptions) : Outcome<unit> =
        Require.settings "LearnedDictionary.defaults" {
            Require.atLeast 1 "Outputs" options.Network.Outputs
            Require.each (Require.atLeast 1) "Widths" options.Network.Widths
            Require.positive "LearningRate" options.LearningRate
            Require.atLeast 1 "Batch" options.Batch
            Require.atLeast 1 "Epochs" options.Epochs
            Require.atLeast 1 "Patience" options.Patience
            Require.positive "HeldOut" options.HeldOut
            Require.between 0.0 0.5 "HeldOut" options.HeldOut
        }
        |> Result.bind (fun () -> Tensors.checkDevice options.Network.Device)

    /// <summary>
    /// A training at its start: random layers of the scale that keeps values of order 1, coordinates scaled to those of the samples.
    /// The caller disposes it.
    /// </summary>
    let start (options: DictionaryOptions) (seed: Seed) (samples: Samples) : Outcome<DictionaryTraining> =
        result {
            do! checkOptions options
            use _ = Tensors.scope ()
            let mean, spread = samples.Points.mean [| 0L |], samples.Points.std (0L, false)
            let narrow = Tensors.toArray spread |> Array.tryFindIndex (fun s -> not (s > 0.0))

            match narrow with
            | Some axis ->
                return!
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        $"Coordinate {axis} is constant over all samples"
                        "Leave constant coordinates out"
            | None ->
                let place (t: Tensor) =
                    t.``to``(options.Network.Device).clone().DetachFromDisposeScope()

                let sizes =
                    samples.Dimension :: options.Network.Widths @ [ options.Network.Outputs ]

                let parameter = Leaves.place torch.float64 options.Network.Device

                let layers =
                    Layers.create
                        options.Network.Activation
                        sizes
                        (fun i shape ->
                            Seed.normal shape (Seed.derive $"layer {i}" seed) / sqrt (float sizes[i])
                            |> parameter)
                        (fun _ shape -> torch.zeros (shape, dtype = torch.float64) |> parameter)

                let best = layers.Map(fun p -> p.detach().clone().DetachFromDisposeScope())
                return new DictionaryTraining(options, seed, new ScaledLayers(place mean, place spread, layers), best)
        }

    /// <summary>The dictionary with the parameters that were best so far on the held-out rows. The caller disposes it.</summary>
    let observables (training: DictionaryTraining) : Observables =
        use _ = Tensors.scope ()

        let copy (t: Tensor) =
            t.cpu().clone().DetachFromDisposeScope()

        new NetworkObservables(
            new ScaledLayers(copy training.Network.Shift, copy training.Network.Scale, training.Best.Map copy)
        )

    let private indexOf (device: string) (rows: int[]) : Tensor =
        Tensors.ofIndices(Array.map int64 rows).``to`` device

    let private diverged (epoch: int) (step: int) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.Diverged
            $"The loss was not finite in pass {epoch + 1}, step {step + 1}"
            "Lower the learning rate, enlarge the batch, or scale the data"

    /// A singular matrix of features throws in libtorch: a property of data and parameters, not a defect.
    let private guarded (otherwise: unit -> 'T) (compute: unit -> 'T) : 'T =
        try
            compute ()
        with :? System.Runtime.InteropServices.ExternalException ->
            otherwise ()

    /// The loss on some rows, with its gradient with respect to each parameter.
    let private lossOn (source: DictionarySource) (training: DictionaryTraining) (rows: int[]) =
        let parameters = training.Descent.Parameters

        guarded (fun () -> struct (torch.tensor nan, [| for _, p in parameters -> torch.zeros_like p |])) (fun () ->
            let sums =
                source.Sums training.Network (indexOf training.Options.Network.Device rows)

            let loss = DictionaryLoss.evaluate training.Options.Loss sums sums
            struct (loss, Net.Gradient(loss, parameters)))

    /// The loss on the held-out rows of the operator fitted to the others.
    let private heldOut (source: DictionarySource) (training: DictionaryTraining) : float =
        use _ = Tensors.scope ()
        use _ = torch.no_grad ()

        guarded (fun () -> nan) (fun () ->
            let sums rows =
                source.Sums training.Network (indexOf training.Options.Network.Device rows)

            (DictionaryLoss.evaluate training.Options.Loss (sums source.Train) (sums source.Test)).ToDouble())

    let private finishPass
        (source: DictionarySource)
        (training: DictionaryTraining)
        (steps: int)
        : Outcome<TrainingProgress> =
        let epoch = training.Passes.Length
        let loss = heldOut source training

        if not (Double.IsFinite loss) then
            diverged epoch (steps - 1)
        else
            let progress =
                {
                    Epoch = epoch + 1
                    TrainingLoss = training.LossSum / float steps
                    HeldOutLoss = loss
                }

            training.Passes <- training.Passes @ [ progress ]
            training.LossSum <- 0.0

            if loss < training.BestLoss then
                use _ = Tensors.scope ()
                training.BestLoss <- loss
                training.BestEpoch <- progress.Epoch

                let all (layers: Layers) = layers.Weights @ layers.Biases

                (all training.Best, all training.Network.Layers)
                ||> List.iter2 (fun best p -> best.copy_ (p.detach ()) |> ignore)

            Ok progress

    let private run
        (control: Control<TrainingProgress>)
        (training: DictionaryTraining)
        (source: DictionarySource)
        : Outcome<unit> =
        let count = source.Train.Length
        let steps = count / min training.Options.Batch count
        let rows = Descent.rows training.Options.Batch count training.Seed

        let loss (step: int) =
            rows step |> Array.map (fun i -> source.Train[int i]) |> lossOn source training

        let told (value: float) (length: float) : Outcome<unit> =
            if not (Double.IsFinite value && Double.IsFinite length) then
                diverged training.Passes.Length (training.Descent.Step % steps)
            else
                training.LossSum <- training.LossSum + value

                if training.Descent.Step % steps > 0 then
                    Ok()
                else
                    finishPass source training steps |> Result.map control.Report

        match training.Data with
        | Some known when known <> source.Print ->
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"The training went on so far on other data: {known} there, {source.Print} here"
                "Give the data that it was begun with, or start a training anew"
        | _ ->
            training.Data <- Some source.Print

            Descent.loop control.Cancellation training.Descent training.State (fun () -> training.IsFinished) loss told

    /// <summary>
    /// Continues a training until it is finished. After a cancellation at any step it can be called again: the
    /// result is the same as that of an uninterrupted training.
    /// </summary>
    /// <param name="control">Reports after each pass over the data; can be cancelled at each step.</param>
    /// <param name="pairs">The data of the start, in time order if from a trajectory. Weights count.</param>
    /// <param name="training">The training.</param>
    let resume
        (control: Control<TrainingProgress>)
        (pairs: SnapshotPairs)
        (training: DictionaryTraining)
        : Outcome<unit> =
        use _ = Tensors.scope ()
        DictionarySource.ofPairs training pairs |> Result.bind (run control training)

    /// <summary>The complete state of the training, to be stored. The caller disposes it.</summary>
    let state (training: DictionaryTraining) : RunState = training.State()

    /// <summary>Restores the stored state of a training with the same settings, seed and samples.</summary>
    /// <returns>A <c>CheckpointMismatch</c> error, which names the difference, if it was started with others or stored by another version of the library; then nothing is changed. Other pairs are refused by <c>resume</c>.</returns>
    let restore (state: RunState) (training: DictionaryTraining) : Outcome<unit> = training.Restore state

    /// <summary>
    /// From now on <c>resume</c> writes the state to a file: at its start, after every interval, and at its end or cancellation, so that a run that is
    /// killed loses no more than one interval. The file is replaced atomically between two steps.
    /// </summary>
    /// <param name="interval">The time between two writes; 30 seconds are usual.</param>
    /// <param name="path">The file. If it cannot be written at the start, <c>resume</c> fails; if it cannot later, the next interval tries again.</param>
    /// <param name="training">The training.</param>
    /// <returns>An <c>InvalidSetting</c> error if the interval is negative.</returns>
    let saveEvery (interval: TimeSpan) (path: string) (training: DictionaryTraining) : Outcome<unit> =
        Autosave.Every(interval, path)
        |> Result.map (fun saving -> training.Descent.Saving <- Some saving)

    /// <summary>As <c>resume</c>, for the loss <c>Generator</c>.</summary>
    /// <param name="control">Reports after each pass over the data; can be cancelled at each step.</param>
    /// <param name="samples">The points at which the motion is given.</param>
    /// <param name="motion">Drift and diffusion at the samples, row by row.</param>
    /// <param name="training">The training.</param>
    let resumeOnMotion
        (control: Control<TrainingProgress>)
        (samples: Samples)
        (motion: DriftDiffusion)
        (training: DictionaryTraining)
        : Outcome<unit> =
        use _ = Tensors.scope ()

        DictionarySource.ofMotion training samples motion
        |> Result.bind (run control training)

    let private whole (start: Outcome<DictionaryTraining>) (go: DictionaryTraining -> Outcome<unit>) =
        result {
            use! training = start
            do! go training
            return observables training
        }

    /// <summary>Learns a dictionary from pairs. Equal seeds give equal bits on a CPU with the same number of threads.</summary>
    /// <param name="control">Reports after each pass over the data; can be cancelled at each step.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">The seed of the initial parameters and the batches.</param>
    /// <param name="pairs">The data, in time order if from a trajectory: the last ones are held out. Weights count.</param>
    /// <returns>The dictionary, which the caller disposes, or an error: too few rows, or a loss that is not finite.</returns>
    let train
        (control: Control<TrainingProgress>)
        (options: DictionaryOptions)
        (seed: Seed)
        (pairs: SnapshotPairs)
        : Outcome<Observables> =
        whole (start options seed pairs.From) (resume control pairs)

    /// <summary>Learns a dictionary from an equation of motion, with the loss <c>Generator</c>.</summary>
    /// <param name="control">Reports after each pass over the data; can be cancelled at each step.</param>
    /// <param name="options">Settings; the loss is always <c>Generator</c>.</param>
    /// <param name="seed">The seed of the initial parameters and the batches.</param>
    /// <param name="samples">The points at which the motion is given; the last ones are held out. Weights count.</param>
    /// <param name="motion">Drift and diffusion at the samples, row by row.</param>
    let trainOnMotion
        (control: Control<TrainingProgress>)
        (options: DictionaryOptions)
        (seed: Seed)
        (samples: Samples)
        (motion: DriftDiffusion)
        : Outcome<Observables> =
        let options =
            { options with
                Loss = DictionaryLoss.Generator
            }

        whole (start options seed samples) (resumeOnMotion control samples motion)
