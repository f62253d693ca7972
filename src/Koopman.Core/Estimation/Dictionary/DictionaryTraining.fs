namespace Koopman

open System
open Koopman.Learning

/// <summary>The network behind a learned dictionary [1, x, network(x)].</summary>
type NetworkOptions =
    {
        /// <summary>The number of functions to learn. Default 8.</summary>
        Outputs: int
        /// <summary>The widths of the hidden layers. Default two of 32.</summary>
        Widths: int list
        /// <summary>The activation function. Default tanh.</summary>
        Activation: Activation
        /// <summary>The device of the training: "cpu" (the default) or a CUDA device such as "cuda" or "cuda:1". The learned dictionary is returned on the CPU.</summary>
        Device: string
    }

/// <summary>Settings for training a dictionary.</summary>
type DictionaryOptions =
    {
        /// <summary>The network.</summary>
        Network: NetworkOptions
        /// <summary>The loss. Default the reversible VAMP score.</summary>
        Loss: DictionaryLoss
        /// <summary>The learning rate of Adam. Default .005.</summary>
        LearningRate: float
        /// <summary>The batch size in rows, drawn without replacement; at most the number of rows. Default 1000.</summary>
        Batch: int
        /// <summary>The maximum number of passes over the data. Default 60.</summary>
        Epochs: int
        /// <summary>The number of passes without improvement of the held-out loss after which training ends. Default 10.</summary>
        Patience: int
        /// <summary>The fraction of the rows, the last ones, held out for early stopping. Above 0 and at most .5; default .2.</summary>
        HeldOut: float
    }

/// <summary>Training progress, reported after each pass over the data.</summary>
[<Struct>]
type TrainingProgress =
    {
        /// <summary>The number of completed passes.</summary>
        Epoch: int
        /// <summary>The mean loss over the steps of the pass.</summary>
        TrainingLoss: float
        /// <summary>The loss on the held-out rows, of the operator fitted to the others.</summary>
        HeldOutLoss: float
    }

/// <summary>
/// The state of a training run: it can be stopped at any step and resumed with the same result. Mutable; one thread at a time.
/// </summary>
[<Sealed>]
type DictionaryTraining internal (options: DictionaryOptions, seed: Seed, network: ScaledLayers, best: Layers) =

    let descent =
        new Descent(
            {
                Steps = Int32.MaxValue
                LearningRate = options.LearningRate
                WarmUp = 0
                GradientClip = Double.PositiveInfinity
                Beta2 = 0.999
                EmaDecay = 0.0
            },
            (fun _ -> options.LearningRate),
            // All weights before all biases, as in state files.
            network.Layers.Named(fun i part -> $"{part} {i}")
            |> List.partition (fun (name, _) -> name.StartsWith "weight")
            ||> (@)
        )

    /// <summary>The settings of the training.</summary>
    member _.Options: DictionaryOptions = options

    /// <summary>The progress reports so far.</summary>
    member val History: TrainingProgress list = [] with get, internal set

    /// <summary>The pass whose parameters were best on the held-out rows; 0 is the start.</summary>
    member val BestEpoch: int = 0 with get, internal set

    member val internal BestLoss: float = Double.PositiveInfinity with get, set
    /// The sum of the losses of the current pass.
    member val internal LossSum: float = 0.0 with get, set
    member internal _.Seed: Seed = seed
    member internal _.Network: ScaledLayers = network
    member internal _.Descent: Descent = descent
    /// Copies of the layers of the best pass.
    member internal _.Best: Layers = best

    /// <summary>True if all passes are completed, or the last ones brought no improvement.</summary>
    member this.IsFinished: bool =
        this.History.Length >= options.Epochs
        || this.History.Length - this.BestEpoch >= options.Patience

    interface IDisposable with
        /// <summary>Frees the tensors. Dictionaries already created stay valid.</summary>
        member _.Dispose() =
            (descent :> IDisposable).Dispose()
            (network :> IDisposable).Dispose()
            (best :> IDisposable).Dispose()
