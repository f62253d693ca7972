namespace Koopman

open System
open TorchSharp
open Koopman.Learning

/// <summary>
/// Dictionaries learned by gradient descent on what an operator fitted to them leaves: [1, x, network(x)]. The final spectrum comes
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
    /// The caller disposes of it.
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
                        $"Coordinate {axis} is the same number in all samples"
                        "Leave constant coordinates out"
            | None ->
                let place (t: Tensor) =
                    t.``to``(options.Network.Device).clone().DetachFromDisposeScope()

                let sizes =
                    [| samples.Dimension; yield! options.Network.Widths; options.Network.Outputs |]

                let weight (layer: int) =
                    let inputs, outputs = sizes[layer], sizes[layer + 1]

                    Seed.normal [| int64 outputs; int64 inputs |] (Seed.derive $"layer {layer}" seed)
                    / sqrt (float inputs)

                let layers = [| 0 .. sizes.Length - 2 |]

                let weights =
                    layers |> Array.map (fun layer -> place(weight layer).requires_grad_ true)

                let biases =
                    layers
                    |> Array.map (fun layer ->
                        place(torch.zeros (int64 sizes[layer + 1], dtype = torch.float64)).requires_grad_ true)

                return
                    new DictionaryTraining(
                        options,
                        seed,
                        place mean,
                        place spread,
                        weights,
                        biases,
                        Array.append weights biases
                        |> Array.map (fun p -> p.detach().clone().DetachFromDisposeScope())
                    )
        }

    let private networkOf (training: DictionaryTraining) : Network =
        new Network(
            training.Shift,
            training.Scale,
            training.Weights,
            training.Biases,
            training.Options.Network.Activation
        )

    /// <summary>The dictionary with the parameters that were best so far on the held-out rows. The caller disposes of it.</summary>
    let observables (training: DictionaryTraining) : Observables =
        use _ = Tensors.scope ()

        let copy (t: Tensor) =
            t.cpu().clone().DetachFromDisposeScope()

        let layers = training.Weights.Length
        let best = training.Best |> Array.map copy

        new NetworkObservables(
            new Network(
                copy training.Shift,
                copy training.Scale,
                Array.take layers best,
                Array.skip layers best,
                training.Options.Network.Activation
            )
        )

    let private indexOf (device: string) (rows: int[]) : Tensor =
        Tensors.ofIndices(Array.map int64 rows).``to`` device

    let private diverged (epoch: int) (step: int) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.Diverged
            $"The loss was no finite number in pass {epoch + 1}, step {step + 1}"
            "Lower the learning rate, enlarge the batch, or scale the data"

    /// A singular matrix of features throws in libtorch: a property of data and parameters, not a defect.
    let private guarded (compute: unit -> float) : float =
        try
            compute ()
        with :? System.Runtime.InteropServices.ExternalException ->
            nan

    /// One step of Adam on some rows; the loss before it.
    let private descend (source: DictionarySource) (training: DictionaryTraining) (rows: int[]) : float =
        use _ = Tensors.scope ()
        use _ = torch.enable_grad ()

        guarded (fun () ->
            let sums =
                source.Sums (networkOf training) (indexOf training.Options.Network.Device rows)

            let loss = DictionaryLoss.evaluate training.Options.Loss sums sums

            let gradients =
                Guarded.gradients loss (training.Descent.Parameters |> List.map snd |> Array.ofList)

            let struct (value, length) = training.Descent.Descend(loss, gradients)
            if Double.IsFinite length then value else nan)

    /// The loss on the held-out rows of the operator fitted to the others.
    let private heldOut (source: DictionarySource) (training: DictionaryTraining) : float =
        use _ = Tensors.scope ()
        use _ = torch.no_grad ()

        guarded (fun () ->
            let device = training.Options.Network.Device
            let network = networkOf training

            let sums rows =
                source.Sums network (indexOf device rows)

            (DictionaryLoss.evaluate training.Options.Loss (sums source.Train) (sums source.Test)).ToDouble())

    let private finishPass
        (source: DictionarySource)
        (training: DictionaryTraining)
        (steps: int)
        : Outcome<TrainingProgress> =
        let epoch = training.History.Length
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

            training.History <- training.History @ [ progress ]
            training.Step <- 0
            training.LossSum <- 0.0

            if loss < training.BestLoss then
                use _ = Tensors.scope ()
                training.BestLoss <- loss
                training.BestEpoch <- progress.Epoch

                Array.append training.Weights training.Biases
                |> Array.iteri (fun i p -> training.Best[i].copy_(p.detach ()) |> ignore)

            Ok progress

    let private run
        (control: Control<TrainingProgress>)
        (training: DictionaryTraining)
        (source: DictionarySource)
        : Outcome<unit> =
        let batch = min training.Options.Batch source.Train.Length
        let steps = source.Train.Length / batch

        let rec pass () =
            if training.IsFinished then
                Ok()
            else
                let epoch = training.History.Length

                let order =
                    Seed.permutation source.Train.Length (Seed.derive $"pass {epoch}" training.Seed)

                let rec step () =
                    control.Cancellation.ThrowIfCancellationRequested()

                    if training.Step = steps then
                        Ok()
                    else
                        let rows =
                            Array.sub order (training.Step * batch) batch
                            |> Array.map (fun i -> source.Train[i])

                        let loss = descend source training rows

                        if Double.IsFinite loss then
                            training.LossSum <- training.LossSum + loss
                            training.Step <- training.Step + 1
                            step ()
                        else
                            diverged epoch training.Step

                match step () |> Result.bind (fun () -> finishPass source training steps) with
                | Error error -> Error error
                | Ok progress ->
                    control.Report progress
                    pass ()

        pass ()

    /// <summary>
    /// Goes on with a training until it is finished, by its settings. After a cancellation at any step it can be called again: the
    /// result is that of a training that was not interrupted.
    /// </summary>
    /// <param name="control">Reports after each pass over the data; can be cancelled at each step.</param>
    /// <param name="pairs">The data it was started with, in time order if from a trajectory. Weights count.</param>
    /// <param name="training">The training.</param>
    let resume
        (control: Control<TrainingProgress>)
        (pairs: SnapshotPairs)
        (training: DictionaryTraining)
        : Outcome<unit> =
        use _ = Tensors.scope ()
        DictionarySource.ofPairs training pairs |> Result.bind (run control training)

    /// <summary>As <c>resume</c>, for the loss <c>Generator</c>.</summary>
    /// <param name="control">Reports after each pass over the data; can be cancelled at each step.</param>
    /// <param name="samples">Where the motion is known.</param>
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

    /// <summary>Learns a dictionary from pairs. Equal seeds give equal bits on a CPU with as many threads.</summary>
    /// <param name="control">Reports after each pass over the data; can be cancelled at each step.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters and of the batches.</param>
    /// <param name="pairs">The data, in time order if from a trajectory: the last ones are held out. Weights count.</param>
    /// <returns>The dictionary, which the caller disposes of, or an error: too few rows, or a loss that is no finite number.</returns>
    let train
        (control: Control<TrainingProgress>)
        (options: DictionaryOptions)
        (seed: Seed)
        (pairs: SnapshotPairs)
        : Outcome<Observables> =
        whole (start options seed pairs.From) (resume control pairs)

    /// <summary>Learns a dictionary from an equation of motion, with the loss <c>Generator</c>.</summary>
    /// <param name="control">Reports after each pass over the data; can be cancelled at each step.</param>
    /// <param name="options">Settings; their loss is taken as <c>Generator</c>.</param>
    /// <param name="seed">Of the first parameters and of the batches.</param>
    /// <param name="samples">Where the motion is known; the last ones are held out. Weights count.</param>
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
