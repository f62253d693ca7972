namespace Koopman.Latents

open System
open TorchSharp
open Koopman
open Koopman.Learning

/// <summary>Settings of a classifier and its training.</summary>
type ClassifierOptions =
    {
        /// <summary>The widths of the layers between data and classes; the last of them are the features. Default 256 and 64.</summary>
        Widths: int list
        /// <summary>The activation function. Default SiLU.</summary>
        Activation: Activation
        /// <summary>Noise on the data while training, in units of their standard deviation, against overfitting. Default .3.</summary>
        Noise: float
        /// <summary>Rows in one step. Default 128.</summary>
        Batch: int
        /// <summary>The device of the training: "cpu" (the default) or a CUDA device such as "cuda". The result lives on the CPU.</summary>
        Device: string
        /// <summary>The training. Default 1,500 steps of at most 3e-3.</summary>
        Descent: DescentOptions
    }

/// <summary>
/// A classifier network, for evaluating generated samples by their predicted class, its probability, and the features. It owns its tensors.
/// </summary>
[<Sealed>]
type Classifier internal (layers: Layers, shift: Tensor, scale: float) =

    let place (points: Tensor) : Tensor = (points - shift) / scale

    /// <summary>The dimension d of the data.</summary>
    member _.Dimension: int = int shift.shape[0]

    /// <summary>The number of classes.</summary>
    member _.Classes: int = layers.Outputs

    /// <summary>The values (n, h), float64, of the layer before the classes at points (n, d): a feature map for the Fréchet distance. The caller owns them.</summary>
    member _.Features(points: Tensor) : Tensor =
        Tensors.keep (fun () -> layers.Hidden(Dual.constant (place points), None).Value)

    /// <summary>The probabilities (n, classes), float64, at points (n, d). The caller owns them.</summary>
    member _.Probabilities(points: Tensor) : Tensor =
        Tensors.keep (fun () -> (layers.Values(place points)).softmax 1L)

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            shift.Dispose()
            (layers :> IDisposable).Dispose()

/// <summary>
/// The training of a classifier: it can be stopped at any step and taken up again with the same result. Mutable; one thread at a time.
/// </summary>
[<Sealed>]
type ClassifierTraining internal (options: ClassifierOptions, layers: Layers, rows: FramedRows, labels: Tensor) =

    let started =
        lazy
            (rows.Facts
             @ [
                 "the labels", Fact.tensor labels
                 "Widths", String.Join(" ", options.Widths)
                 "Activation", string options.Activation
                 "Noise", Fact.number options.Noise
             ])

    let descent =
        new Descent(options.Descent, "classifier training", started, layers.Named(fun i part -> $"layer{i}{part}"))

    /// <summary>Steps made.</summary>
    member _.Step: int = descent.Step

    /// <summary>True if all steps are made.</summary>
    member _.IsFinished: bool = descent.Step >= options.Descent.Steps

    member internal _.Options: ClassifierOptions = options
    member internal _.Layers: Layers = layers
    member internal _.Rows: FramedRows = rows
    member internal _.Labels: Tensor = labels
    member internal _.Descent: Descent = descent

    /// <summary>Frees the tensors. Classifiers that were made live on.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors. Classifiers that were made live on.</summary>
        member _.Dispose() : unit =
            (descent :> IDisposable).Dispose()
            (layers :> IDisposable).Dispose()
            (rows :> IDisposable).Dispose()
            labels.Dispose()

/// <summary>Trains classifiers, and evaluates samples with them.</summary>
[<RequireQualifiedAccess>]
module Classifier =

    /// <summary>Layers of 256 and 64 with SiLU; noise .3, batches of 128, 1,500 steps of at most 3e-3, on the CPU.</summary>
    let defaults: ClassifierOptions =
        {
            Widths = [ 256; 64 ]
            Activation = Activation.SiLU
            Noise = 0.3
            Batch = 128
            Device = "cpu"
            Descent =
                {
                    Steps = 1500
                    LearningRate = 3e-3
                    WarmUp = 100
                    GradientClip = 1.0
                    Beta2 = 0.999
                    EmaDecay = 0.0
                }
        }

    let private checkOptions (options: ClassifierOptions) : Outcome<unit> =
        Require.settings "Classifier.defaults" {
            Require.notEmpty "Widths" options.Widths
            Require.each (Require.atLeast 1) "Widths" options.Widths
            Require.atLeast 1 "Batch" options.Batch
            Require.notNegative "Noise" options.Noise
        }
        |> Result.bind (fun () -> Tensors.checkDevice options.Device)
        |> Result.bind (fun () -> Descent.check options.Descent)

    /// The number of classes of labels, each of which must occur.
    let private countClasses (labels: int[]) (samples: Samples) : Outcome<int> =
        Require.sameCount ("labels", labels.Length) ("samples", samples.Count)
        |> Result.bind (fun () ->
            let known = Array.distinct labels |> Array.sort

            if known.Length >= 2 && known = [| 0 .. known.Length - 1 |] then
                Ok known.Length
            else
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "The labels must number at least two classes from 0, without gaps"
                    "Number the classes 0, 1, 2, ..., and give samples of each")

    /// <summary>A training at its start. The caller disposes of it.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters, the batches and the noise.</param>
    /// <param name="labels">The class of each sample, counted from 0.</param>
    /// <param name="samples">The data, which are copied. Weights count.</param>
    /// <returns>An error if settings or labels cannot be, or the data are one point.</returns>
    let start
        (options: ClassifierOptions)
        (seed: Seed)
        (labels: int[])
        (samples: Samples)
        : Outcome<ClassifierTraining> =
        result {
            do! checkOptions options
            let! classes = countClasses labels samples
            use _ = Tensors.scope ()
            let! frame = Frame.ofSamples samples

            let layers =
                samples.Dimension :: options.Widths @ [ classes ]
                |> Layers.uniform options.Activation torch.float32 options.Device (fun name ->
                    Seed.derive $"classifier {name}" seed)

            return
                new ClassifierTraining(
                    options,
                    layers,
                    FramedRows.create options.Device options.Batch seed frame samples,
                    (Tensors.ofIndices(Array.map int64 labels).``to`` options.Device).DetachFromDisposeScope()
                )
        }

    /// <summary>
    /// Continues a training to its last step. After a cancellation at any step it can be called again: the result is that of a training that was not
    /// interrupted.
    /// </summary>
    /// <param name="control">Reports every 50 steps; can be cancelled at each step.</param>
    /// <param name="training">The training.</param>
    /// <returns>A <c>Diverged</c> error at the first step whose loss or gradient is not finite; the parameters are those before it.</returns>
    let resume (control: Control<DescentProgress>) (training: ClassifierTraining) : Outcome<unit> =
        Descent.run control training.Descent (fun step ->
            let struct (index, x, w) = training.Rows.Draw step
            let noise = training.Rows.Noise(step, x.shape)

            let logits =
                training.Layers.Values(x.add (noise, Tensors.num training.Options.Noise))

            let labels = training.Labels.index_select (0L, index)
            let chosen = logits.gather(1L, labels.unsqueeze 1L).squeeze 1L
            let loss = (logits.logsumexp (1L) - chosen).dot(w) / w.sum ()
            struct (loss, Net.Gradient(loss, training.Descent.Parameters)))

    /// <summary>The classifier learned so far, in float64 on the CPU. It is a copy, which the caller disposes of.</summary>
    let trained (training: ClassifierTraining) : Classifier =
        use _ = Tensors.scope ()

        let learned =
            training.Descent.Result |> List.map Frame.exact |> training.Layers.With

        new Classifier(learned, Tensors.copy training.Rows.Shift, training.Rows.Scale)

    /// <summary>The complete state of the training, to be stored. The caller disposes of it.</summary>
    let state (training: ClassifierTraining) : RunState = training.Descent.State()

    /// <summary>Restores the stored state of a training with the same settings, seed and data.</summary>
    /// <returns>A <c>CheckpointMismatch</c> error, which names the difference, if it was started with others or stored by another version of the library; then nothing is changed.</returns>
    let restore (state: RunState) (training: ClassifierTraining) : Outcome<unit> = training.Descent.Restore state

    /// <summary>
    /// From now on <c>resume</c> writes the state to a file: at its start, after every interval, and at its end or cancellation, so that a run that is
    /// killed loses no more than one interval. The file is replaced atomically between two steps.
    /// </summary>
    /// <param name="interval">The time between two writes; 30 seconds are usual.</param>
    /// <param name="path">The file. If it cannot be written at the start, <c>resume</c> fails; if it cannot later, the next interval tries again.</param>
    /// <param name="training">The training.</param>
    /// <returns>An <c>InvalidSetting</c> error if the interval is negative.</returns>
    let saveEvery (interval: TimeSpan) (path: string) (training: ClassifierTraining) : Outcome<unit> =
        Autosave.Every(interval, path)
        |> Result.map (fun saving -> training.Descent.Saving <- Some saving)

    /// <summary>
    /// Trains a classifier by cross entropy. Equal seeds give equal bits on a CPU with the same number of threads. It is trained in float32 and
    /// computes in float64.
    /// </summary>
    /// <param name="control">Reports every 50 steps; can be cancelled at each step.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters, the batches and the noise.</param>
    /// <param name="labels">The class of each sample, counted from 0.</param>
    /// <param name="samples">The data. Weights count.</param>
    /// <returns>The classifier, which the caller disposes; or an error: invalid settings or labels, data that are one point, or a loss that is not
    /// finite.</returns>
    let train
        (control: Control<DescentProgress>)
        (options: ClassifierOptions)
        (seed: Seed)
        (labels: int[])
        (samples: Samples)
        : Outcome<Classifier> =
        result {
            use! training = start options seed labels samples
            do! resume control training
            return trained training
        }

    let private check (classifier: Classifier) (samples: Samples) : Outcome<unit> =
        Require.dimension classifier.Dimension "the samples" samples.Dimension
        |> Require.advise "Give samples of the space in which the classifier was trained"

    /// <summary>The most probable class of every sample (n).</summary>
    let predict (classifier: Classifier) (samples: Samples) : Outcome<int[]> =
        check classifier samples
        |> Result.map (fun () ->
            Tensors.within (fun () ->
                Guarded.read<int64>((classifier.Probabilities samples.Points).argmax 1L)
                |> Array.map int))

    /// <summary>The probability of the most probable class, for every sample (n).</summary>
    let confidence (classifier: Classifier) (samples: Samples) : Outcome<float[]> =
        check classifier samples
        |> Result.map (fun () ->
            Tensors.within (fun () ->
                let probabilities = classifier.Probabilities samples.Points
                let best = probabilities.argmax (1L, true)
                Tensors.toArray (probabilities.gather (1L, best))))

    /// <summary>The weighted fraction of samples whose most probable class is their label.</summary>
    let accuracy (classifier: Classifier) (labels: int[]) (samples: Samples) : Outcome<float> =
        Require.sameCount ("labels", labels.Length) ("samples", samples.Count)
        |> Result.bind (fun () ->
            predict classifier samples
            |> Result.map (fun found ->
                Array.map3
                    (fun (label: int) seen weight -> if label = seen then weight else 0.0)
                    labels
                    found
                    (Tensors.toArray samples.Weights)
                |> Array.sum))

    /// <summary>The features of samples (n, h) with their weights, to compare by <c>Frechet.distance</c>.</summary>
    let features (classifier: Classifier) (samples: Samples) : Outcome<Samples> =
        check classifier samples
        |> Result.bind (fun () ->
            use values = Tensors.own (fun () -> classifier.Features samples.Points)
            Samples.withPoints values samples)
