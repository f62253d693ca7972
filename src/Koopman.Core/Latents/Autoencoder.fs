namespace Koopman.Latents

open System
open TorchSharp
open Koopman
open Koopman.Learning

/// <summary>The networks of an autoencoder.</summary>
type AutoencoderNetwork =
    {
        /// <summary>The number k of latents. Default 16.</summary>
        Latents: int
        /// <summary>The widths of the layers between data and latents, reversed in the decoder. Default two of 256.</summary>
        Widths: int list
        /// <summary>The activation function. Default SiLU.</summary>
        Activation: Activation
        /// <summary>The output layer of the decoder. Default <c>Linear</c>.</summary>
        Output: AutoencoderOutput
        /// <summary>The device of the training: "cpu" (the default) or a CUDA device such as "cuda". The result is on the CPU.</summary>
        Device: string
    }

/// <summary>Settings of the training of an autoencoder.</summary>
type AutoencoderOptions =
    {
        /// <summary>The networks.</summary>
        Network: AutoencoderNetwork
        /// <summary>Noise on the latents while training, in units of their standard deviation in the batch, so that nearby latents decode to nearby
        /// points. Default .05.</summary>
        Noise: float
        /// <summary>Rows in one step, drawn without replacement in each pass, at most the number of samples. Default 128.</summary>
        Batch: int
        /// <summary>The training. Default 2,500 steps of at most 3e-3.</summary>
        Descent: DescentOptions
    }

/// <summary>
/// The training of an autoencoder: it can be stopped at any step and taken up again with the same result. Mutable; one thread at a time.
/// </summary>
[<Sealed>]
type AutoencoderTraining internal (options: AutoencoderOptions, layers: AutoencoderLayers, rows: FramedRows) =

    let started =
        lazy
            (rows.Facts
             @ [
                 "Latents", string options.Network.Latents
                 "Widths", String.Join(" ", options.Network.Widths)
                 "Activation", string options.Network.Activation
                 "Output", string options.Network.Output
                 "Noise", Fact.number options.Noise
             ])

    let descent =
        new Descent(options.Descent, "autoencoder training", started, layers.Named)

    /// <summary>Steps made.</summary>
    member _.Step: int = descent.Step

    /// <summary>True if all steps are made.</summary>
    member _.IsFinished: bool = descent.Step >= options.Descent.Steps

    member internal _.Options: AutoencoderOptions = options
    member internal _.Layers: AutoencoderLayers = layers
    member internal _.Rows: FramedRows = rows
    member internal _.Descent: Descent = descent

    /// <summary>Frees the tensors. Maps that were made live on.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors. Maps that were made live on.</summary>
        member _.Dispose() : unit =
            (descent :> IDisposable).Dispose()
            (layers :> IDisposable).Dispose()
            (rows :> IDisposable).Dispose()

/// <summary>Latent maps learned by two networks, an encoder and a decoder.</summary>
[<RequireQualifiedAccess>]
module Autoencoder =

    /// <summary>Sixteen latents, two layers of 256 with SiLU on either side, unrestricted outputs, on the CPU.</summary>
    let network: AutoencoderNetwork =
        {
            Latents = 16
            Widths = [ 256; 256 ]
            Activation = Activation.SiLU
            Output = AutoencoderOutput.Linear
            Device = "cpu"
        }

    /// <summary>The default network; noise .05, batches of 128, 2,500 steps of at most 3e-3 with 100 to warm up.</summary>
    let defaults: AutoencoderOptions =
        {
            Network = network
            Noise = 0.05
            Batch = 128
            Descent =
                {
                    Steps = 2500
                    LearningRate = 3e-3
                    WarmUp = 100
                    GradientClip = 1.0
                    Beta2 = 0.999
                    EmaDecay = 0.0
                }
        }

    let private checkOptions (options: AutoencoderOptions) : Outcome<unit> =
        Require.settings "Autoencoder.defaults" {
            Require.atLeast 1 "Latents" options.Network.Latents
            Require.each (Require.atLeast 1) "Widths" options.Network.Widths
            Require.atLeast 1 "Batch" options.Batch
            Require.notNegative "Noise" options.Noise
        }
        |> Result.bind (fun () -> Tensors.checkDevice options.Network.Device)
        |> Result.bind (fun () -> Descent.check options.Descent)

    /// Shift (d) and scale of the data, or an error for data out of the range of the output.
    let private frame (output: AutoencoderOutput) (samples: Samples) : Outcome<struct (Tensor * float)> =
        result {
            let! struct (mean, spread) = Frame.ofSamples samples

            if output <> AutoencoderOutput.Probability then
                return struct (mean, spread)
            else
                let low, high = samples.Points.min().ToDouble(), samples.Points.max().ToDouble()

                if low < 0.0 || high > 1.0 then
                    return!
                        KoopmanError.fail
                            ErrorKind.InvalidSetting
                            $"The data run from {low:G4} to {high:G4}, but the output is a probability"
                            "Scale the data to 0 to 1 (pixels by 1/255), or use AutoencoderOutput.Linear"
                else
                    return struct (torch.zeros_like mean, 1.0)
        }

    let private fresh (network: AutoencoderNetwork) (seed: Seed) (dimension: int) : AutoencoderLayers =
        let sizes = dimension :: network.Widths @ [ network.Latents ]

        let layers (part: string) =
            Layers.uniform network.Activation torch.float32 network.Device (fun name ->
                Seed.derive $"{part} {name}" seed)

        {
            Encoder = layers "encoder" sizes
            Decoder = layers "decoder" (List.rev sizes)
            Output = network.Output
        }

    /// The loss of each row (n) of targets (n, d), in the network's units.
    let private losses (output: AutoencoderOutput) (target: Tensor) (decoded: Tensor) : Tensor =
        match output with
        | AutoencoderOutput.Probability ->
            // -x log σ(z) - (1-x) log(1-σ(z)), written without overflow.
            let tail = (-decoded.abs()).exp().log1p()
            (decoded.clamp_min (Tensors.num 0.0) - decoded * target + tail).mean([| 1L |])
        | _ -> (decoded - target).square().mean([| 1L |])

    /// <summary>A training at its start. The caller disposes of it.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters, the batches and the noise.</param>
    /// <param name="samples">The data, which are copied. Weights count.</param>
    /// <returns>An error if settings are out of range, or the data are one point or outside [0,1] for a probability.</returns>
    let start (options: AutoencoderOptions) (seed: Seed) (samples: Samples) : Outcome<AutoencoderTraining> =
        result {
            do! checkOptions options
            use _ = Tensors.scope ()
            let! frame = frame options.Network.Output samples

            return
                new AutoencoderTraining(
                    options,
                    fresh options.Network seed samples.Dimension,
                    FramedRows.create options.Network.Device options.Batch seed frame samples
                )
        }

    /// <summary>
    /// Continues a training to its last step. After a cancellation at any step it can be called again: the result is that of a training that was not
    /// interrupted.
    /// </summary>
    /// <param name="control">Reports every 50 steps; can be cancelled at each step.</param>
    /// <param name="training">The training.</param>
    /// <returns>A <c>Diverged</c> error at the first step whose loss or gradient is not finite; the parameters are those before it.</returns>
    let resume (control: Control<DescentProgress>) (training: AutoencoderTraining) : Outcome<unit> =
        let options, layers = training.Options, training.Layers

        Descent.run control training.Descent (fun step ->
            let struct (_, x, w) = training.Rows.Draw step
            let latents = layers.Encoder.Values x
            let noise = training.Rows.Noise(step, latents.shape)
            let spread = options.Noise * latents.detach().std(0L, false, true)
            let decoded = layers.Decoder.Values(latents + noise * spread)
            let loss = (losses options.Network.Output x decoded).dot(w) / w.sum ()
            struct (loss, Net.Gradient(loss, training.Descent.Parameters)))

    /// <summary>The map learned so far, in float64 on the CPU. It is a copy, which the caller disposes of.</summary>
    let map (training: AutoencoderTraining) : LatentMap =
        use _ = Tensors.scope ()
        let layers = training.Layers

        let encoder, decoder =
            training.Descent.Result
            |> List.map Frame.exact
            |> List.splitAt (2 * layers.Encoder.Weights.Length)

        let learned =
            { layers with
                Encoder = layers.Encoder.With encoder
                Decoder = layers.Decoder.With decoder
            }

        new AutoencoderMap(learned, Tensors.copy training.Rows.Shift, training.Rows.Scale)

    /// <summary>The complete state of the training, to be stored. The caller disposes of it.</summary>
    let state (training: AutoencoderTraining) : RunState = training.Descent.State()

    /// <summary>Restores the stored state of a training with the same settings, seed and data.</summary>
    /// <returns>A <c>CheckpointMismatch</c> error, which names the difference, if it was started with others or stored by another version of the library; then nothing is changed.</returns>
    let restore (state: RunState) (training: AutoencoderTraining) : Outcome<unit> = training.Descent.Restore state

    /// <summary>
    /// From now on <c>resume</c> writes the state to a file: at its start, after every interval, and at its end or cancellation, so that a run that is
    /// killed loses no more than one interval. The file is replaced atomically between two steps.
    /// </summary>
    /// <param name="interval">The time between two writes; 30 seconds are usual.</param>
    /// <param name="path">The file. If it cannot be written at the start, <c>resume</c> fails; if it cannot later, the next interval tries again.</param>
    /// <param name="training">The training.</param>
    /// <returns>An <c>InvalidSetting</c> error if the interval is negative.</returns>
    let saveEvery (interval: TimeSpan) (path: string) (training: AutoencoderTraining) : Outcome<unit> =
        Autosave.Every(interval, path)
        |> Result.map (fun saving -> training.Descent.Saving <- Some saving)

    /// <summary>
    /// Learns an autoencoder: networks from R^d to R^k and back whose composition changes the samples as little as possible. Equal seeds give equal
    /// bits on a CPU with the same number of threads. It is trained in float32; the map computes in float64.
    /// </summary>
    /// <param name="control">Reports every 50 steps; can be cancelled at each step.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters, the batches and the noise.</param>
    /// <param name="samples">The data. Weights are taken into account.</param>
    /// <returns>
    /// The map, which the caller disposes; or an error: settings out of range, data that are one point or outside [0,1] for a
    /// probability, or a loss that is not finite.
    /// </returns>
    let train
        (control: Control<DescentProgress>)
        (options: AutoencoderOptions)
        (seed: Seed)
        (samples: Samples)
        : Outcome<LatentMap> =
        result {
            use! training = start options seed samples
            do! resume control training
            return map training
        }
