namespace Koopman

open System
open TorchSharp
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

    let dataFact = "the data"

    let started =
        lazy
            [
                "the seed", string seed
                "the scale of the samples", Fact.tensors [ network.Shift; network.Scale ]
                "Outputs", string options.Network.Outputs
                "Widths", String.Join(" ", options.Network.Widths)
                "Activation", string options.Network.Activation
                "Loss", Fact.value options.Loss
                "Batch", string options.Batch
                "Epochs", string options.Epochs
                "Patience", string options.Patience
                "HeldOut", Fact.number options.HeldOut
            ]

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
            "dictionary training",
            started,
            // All weights before all biases, as in state files.
            network.Layers.Named(fun i part -> $"{part} {i}")
            |> List.partition (fun (name, _) -> name.StartsWith "weight")
            ||> (@)
        )

    member internal _.Options: DictionaryOptions = options

    /// The progress reports so far.
    member val internal Passes: TrainingProgress list = [] with get, set

    /// <summary>The progress reports so far, the first pass first.</summary>
    member this.History: TrainingProgress[] = Array.ofList this.Passes

    /// <summary>The pass whose parameters were best on the held-out rows; 0 is the start.</summary>
    member val BestEpoch: int = 0 with get, internal set

    /// The fingerprint of the data that it was trained on so far.
    member val internal Data: string option = None with get, set

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
        this.Passes.Length >= options.Epochs
        || this.Passes.Length - this.BestEpoch >= options.Patience

    /// Names and tensors of the best layers.
    member private _.Kept: (string * Tensor) list =
        List.zip descent.Parameters (best.Weights @ best.Biases)
        |> List.map (fun ((name, _), tensor) -> $"best/{name}", tensor)

    /// Copies of everything that changes.
    member internal this.State() : RunState =
        let state = descent.State()

        { state with
            StartedWith =
                state.StartedWith
                @ (this.Data |> Option.map (fun data -> dataFact, data) |> Option.toList)
            Tensors =
                state.Tensors
                @ [
                    for name, tensor in this.Kept do
                        name, tensor.clone().DetachFromDisposeScope()
                    "history", Tensors.own (fun () -> this.PassesMatrix())
                ]
            Numbers =
                state.Numbers
                @ [
                    "best pass", float this.BestEpoch
                    "best loss", this.BestLoss
                    "sum of losses", this.LossSum
                ]
        }

    member private this.PassesMatrix() : Tensor =
        let losses =
            [|
                for pass in this.Passes do
                    pass.TrainingLoss
                    pass.HeldOutLoss
            |]

        (Tensors.ofVector losses).reshape(int64 this.Passes.Length, 2L)

    /// Restores a state after checking all of it.
    member internal this.Restore(state: RunState) : Outcome<unit> =
        use _ = Tensors.scope ()
        let tensors, numbers = Map.ofList state.Tensors, Map.ofList state.Numbers

        let refuse (reason: string) : Outcome<'T> =
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"The state is not that of this training: {reason}"
                "Give the file as it was stored, or start anew"

        let number (name: string) : Outcome<float> =
            match numbers.TryFind name with
            | Some value -> Ok value
            | None -> refuse $"there is no '{name}'"

        let tensor (name: string) : Outcome<Tensor> =
            match tensors.TryFind name with
            | Some value -> Ok value
            | None -> refuse $"there is no '{name}'"

        result {
            do! descent.Expects state

            let! kept =
                this.Kept
                |> Outcome.collect (fun (name, place) ->
                    tensor name
                    |> Result.bind (Checkpoint.fitAs torch.float64 name (List.ofArray place.shape))
                    |> Result.map (fun found -> place, found))

            let! history = tensor "history"

            let! history =
                Checkpoint.fitAs torch.float64 "history" [ history.shape[0]; 2L ] history

            let! bestPass = number "best pass"
            let! bestLoss = number "best loss"
            let! sum = number "sum of losses"

            if not (bestPass >= 0.0 && bestPass <= float history.shape[0]) then
                do! refuse $"its best pass is {bestPass}"

            do! descent.Restore state
            kept |> List.iter (fun (place, found) -> place.copy_ found |> ignore)

            this.Passes <-
                Tensors.toArray history
                |> Array.chunkBySize 2
                |> Array.mapi (fun i losses ->
                    {
                        Epoch = i + 1
                        TrainingLoss = losses[0]
                        HeldOutLoss = losses[1]
                    })
                |> List.ofArray

            this.BestEpoch <- int bestPass
            this.BestLoss <- bestLoss
            this.LossSum <- sum
            this.Data <- state.StartedWith |> List.tryFind (fst >> (=) dataFact) |> Option.map snd
        }

    /// <summary>Frees the tensors. Dictionaries already created stay valid.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors. Dictionaries already created stay valid.</summary>
        member _.Dispose() =
            (descent :> IDisposable).Dispose()
            (network :> IDisposable).Dispose()
            (best :> IDisposable).Dispose()
